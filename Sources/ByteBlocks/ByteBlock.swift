/// A reference-counted block of bytes that is written once and then shared by everyone.
///
/// Log text is copied into a block when it arrives and never again: the store compresses from it,
/// and the server writes from it to every reader. To make that possible each block keeps
/// ``headroom`` spare bytes before the payload and ``tailroom`` behind it, where the server thread
/// puts the framing (a WebSocket header, an HTTP chunk's size line) without moving the payload.
///
/// Any thread may read the payload. Only the server thread may touch the spare bytes, and whatever
/// it puts there is valid only until its next use of any block's spare bytes.
///
/// `@unchecked Sendable`: the payload is immutable after `init`, and the spare bytes have one
/// owner, the server thread.
@safe package final class ByteBlock: @unchecked Sendable {
    /// Spare bytes before the payload: libwebsockets wants `LWS_PRE` (24 with its defaults), an
    /// HTTP chunk's size line at most 10.
    package static let headroom = 48
    /// Spare bytes behind the payload: the end of an HTTP chunk (2), the last chunk (5).
    package static let tailroom = 16

    /// The number of payload bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer

    /// Makes a block of at most `capacity` bytes.
    ///
    /// - Parameters:
    ///   - capacity: how many payload bytes `write` may fill.
    ///   - write: fills the payload and returns how many bytes it wrote.
    package init(
        capacity: Int, _ write: (UnsafeMutableRawBufferPointer) throws -> Int
    ) rethrows {
        precondition(capacity >= 0, "a block's capacity is not negative")
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: Self.headroom + capacity + Self.tailroom, alignment: 16)
        do {
            let written = unsafe try write(
                UnsafeMutableRawBufferPointer(start: base + Self.headroom, count: capacity))
            precondition(written >= 0 && written <= capacity, "more bytes written than reserved")
            unsafe self.base = base
            self.count = written
        } catch {
            unsafe base.deallocate()
            throw error
        }
    }

    /// Makes a block that holds a copy of `bytes`.
    package convenience init(_ bytes: some Sequence<UInt8>) {
        let copy = Array(bytes)
        unsafe self.init(capacity: copy.count) { target in
            unsafe target.copyBytes(from: copy)
            return copy.count
        }
    }

    deinit {
        unsafe base.deallocate()
    }

    /// The payload. The pointer is valid while the block is referenced.
    package var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base + Self.headroom, count: count)
    }

    /// The payload's first byte, with ``headroom`` writable bytes before it and ``tailroom`` behind
    /// the payload: for the server thread alone.
    package var framingPointer: UnsafeMutableRawPointer {
        unsafe base + Self.headroom
    }

    /// A copy of the payload, which outlives the block: for messages and tests.
    package var copy: [UInt8] {
        withExtendedLifetime(self) { unsafe Array(bytes) }
    }

    /// The payload as text, with bytes that are not UTF-8 replaced: for messages and tests.
    package var text: String {
        unsafe String(decoding: bytes, as: UTF8.self)
    }
}
