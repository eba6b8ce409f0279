import ByteBlocks

/// A response's body as DATA frames ask for it: the source's blocks, cut where a frame is full.
///
/// At most one block is held, so that a stream whose window is closed costs that and no more.
final class HTTP2Body {
    /// What a frame was filled with.
    enum Filling: Equatable {
        /// So many bytes, and there are more.
        case bytes(Int)
        /// So many bytes, and they are the last.
        case end(Int)
        /// Nothing yet.
        case waiting
        /// The body cannot be completed; where the source broke its word, how.
        case failed(String?)
    }

    private enum Content {
        case whole([UInt8], AnswerLease?)
        /// With the bytes left, where the length was announced.
        case source(any BodySource, left: Int?)
    }

    /// Empty blocks that are passed over before the others have their turn.
    private static let maxPulls = 256

    private let content: Content
    private var left: Int?
    /// Taken from the source, sent up to `offset`.
    private var block: ByteBlock?
    /// How much of the block, or of the whole body, is sent.
    private var offset = 0
    /// What the source said last, where it gives no more.
    private var last: Filling?
    private var isClosed = false

    /// A body that is all here.
    init(_ bytes: [UInt8], _ lease: AnswerLease? = nil) {
        content = .whole(bytes, lease)
    }

    /// A body that is pulled; `length` is what was announced.
    init(_ source: any BodySource, length: Int?) {
        content = .source(source, left: length)
        left = length
    }

    /// Whether all of it is here: such a body is sent to its end when the server stops.
    var isWhole: Bool {
        if case .whole = content { true } else { false }
    }

    /// Whether the source has nothing, and will wake the stream.
    var isWaiting: Bool { last == .waiting && block == nil }

    /// Lets the source wake the stream.
    func open(_ wake: SocketWake) {
        if case .source(let source, _) = content { source.opened(wake) }
    }

    /// The source has more.
    func woken() {
        if last == .waiting { last = nil }
    }

    /// Tells the source that it is over, once.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        block = nil
        if case .source(let source, _) = content { source.closed() }
    }

    /// Fills a frame.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Filling {
        switch content {
        case .whole(let bytes, _):
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe copy(bytes, to: buffer)
            }
            return offset == bytes.count ? .end(count) : .bytes(count)
        case .source(let source, _):
            return unsafe fill(buffer, from: source)
        }
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from source: any BodySource
    ) -> Filling {
        var filled = 0
        var pulls = 0
        while filled < buffer.count {
            if let block {
                filled += unsafe copy(
                    block.bytes, to: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                if offset == block.count { self.block = nil }
            } else if last == nil, pulls < Self.maxPulls {
                pulls += 1
                take(source.pull())
            } else {
                break
            }
        }
        guard block == nil, let last else { return .bytes(filled) }
        switch last {
        case .end: return .end(filled)
        case .waiting, .failed, .bytes: return filled > 0 ? .bytes(filled) : last
        }
    }

    private func take(_ pull: BodyPull) {
        switch pull {
        case .wait: last = .waiting
        case .abort: last = .failed(nil)
        case .end:
            last = (left ?? 0) == 0 ? .end(0) : .failed("shorter than its announced length")
        case .bytes(let block):
            guard block.count > 0 else { return }
            guard block.count <= left ?? .max else {
                last = .failed("longer than its announced length")
                return
            }
            left = left.map { $0 - block.count }
            self.block = block
            offset = 0
        }
    }

    /// Copies from `offset` on as much as fits.
    private func copy(
        _ bytes: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        let count = min(bytes.count - offset, buffer.count)
        guard count > 0 else { return 0 }
        unsafe buffer.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
        offset += count
        return count
    }
}
