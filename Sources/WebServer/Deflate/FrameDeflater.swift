import ByteBlocks
import CZlib

/// Compresses messages for WebSocket clients that asked for it, each block once for all of them.
///
/// For the server thread alone. It holds at most ``cachedBlocks`` blocks and what became of them.
@safe final class FrameDeflater {
    /// Bytes below which a message is sent as it is, 256: it would hardly become smaller.
    static let leastBytes = 256
    /// Blocks of which the compressed form is kept, 64: readers of a stream come for the same one
    /// within a round.
    static let cachedBlocks = 64
    /// Level 1: three times as fast as zlib's default, for a tenth more bytes on ordinary logs.
    private static let level: Int32 = 1
    /// What a compressed message ends with, and is sent without: RFC 7692 section 7.2.1.
    private static let tail = 4

    private struct Entry {
        /// Kept so that no other block can get the same identity.
        let block: ByteBlock
        /// `nil` where it would not become smaller.
        let deflated: ByteBlock?
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool
    private var entries: [ObjectIdentifier: Entry] = [:]
    private var order: [ObjectIdentifier] = []
    private var allowance = DeflateAllowance()

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // Fails only where there is no memory; then nothing is compressed.
        isReady = unsafe podwire_deflate_init(stream, Self.level, -15, 8) == Z_OK
    }

    deinit {
        // Says whether something was left unread in it, which is nothing here.
        if isReady { _ = unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// The compressed form of `block`; `nil` where it is to be sent as it is.
    func deflated(_ block: ByteBlock) -> ByteBlock? {
        guard isReady, block.count >= Self.leastBytes else { return nil }
        let key = ObjectIdentifier(block)
        if let entry = entries[key] { return entry.deflated }
        let start = ContinuousClock.now
        guard allowance.isGranted(at: start) else { return nil }
        let deflated = deflate(block)
        allowance.spend(ContinuousClock.now - start)
        entries[key] = Entry(block: block, deflated: deflated)
        order.append(key)
        if order.count > Self.cachedBlocks { entries[order.removeFirst()] = nil }
        return deflated
    }

    /// Forgets all blocks, so that a quiet server holds none.
    func forget() {
        entries = [:]
        order = []
    }

    private func deflate(_ block: ByteBlock) -> ByteBlock? {
        guard unsafe deflateReset(stream) == Z_OK else { return nil }
        let room = Int(unsafe deflateBound(stream, UInt(block.count))) + 16
        let output = unsafe ByteBlock(capacity: room) { target in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: block.bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(block.count)
            unsafe stream.pointee.next_out =
                target.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe stream.pointee.avail_out = UInt32(room)
            // With so much room all of it goes out in one call.
            let status = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
            let written = room - Int(unsafe stream.pointee.avail_out)
            let isWhole = unsafe status == Z_OK && stream.pointee.avail_in == 0
            return isWhole ? max(0, written - Self.tail) : 0
        }
        guard output.count > 0, output.count < block.count else { return nil }
        // The buffer is as large as the worst case: what is kept is not.
        return unsafe ByteBlock(capacity: output.count) { target in
            unsafe target.copyMemory(from: output.bytes)
            return output.count
        }
    }
}
