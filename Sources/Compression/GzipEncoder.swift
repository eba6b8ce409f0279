package import ByteBlocks
import CZlib

/// Packs blocks, one after another, into one gzip stream.
///
/// One owner at a time; any thread. What it holds is zlib's window, 256 KiB or so, and the output of
/// one call.
@safe package struct GzipEncoder: ~Copyable, BlockEncoder {
    /// Level 1: logs become 10 to 20 % at twice the speed of zlib's default, which gains little.
    private static let level: Int32 = 1
    /// The largest window, 2^15 bytes, with a gzip header and trailer around the stream.
    private static let windowBits: Int32 = 15 + 16
    /// Bytes of output made at a time.
    private static let pieceBytes = 64 << 10

    // Allocated, because zlib keeps a pointer to the stream and checks it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes an encoder; throws when there is no memory for it.
    package init() throws(CompressionError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe podwire_deflate_init(stream, Self.level, Self.windowBits, 8)
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw CompressionError(message: "zlib: deflateInit2 returned \(status)")
        }
    }

    deinit {
        // Returns an error for a stream that is not finished, and frees it all the same.
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    package mutating func encode(_ block: ByteBlock, flush: Bool) throws(CompressionError)
        -> ByteBlock
    {
        unsafe try run(block.bytes, flush ? Z_SYNC_FLUSH : Z_NO_FLUSH)
    }

    package mutating func finish() throws(CompressionError) -> ByteBlock {
        unsafe try run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH)
    }

    private mutating func run(
        _ source: UnsafeRawBufferPointer, _ flush: Int32
    ) throws(CompressionError) -> ByteBlock {
        var output: [UInt8] = []
        // zlib reads from the pointer and does not write, whatever its type says.
        let input = unsafe UnsafeMutableRawBufferPointer(mutating: source)
        unsafe stream.pointee.next_in = unsafe input.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_in = UInt32(source.count)
        var room = 0
        repeat {
            var status = Z_OK
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) {
                target, count in
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                status = unsafe deflate(stream, flush)
                room = Int(unsafe stream.pointee.avail_out)
                count = target.count - room
            }
            // Without room or input there is nothing to do, and zlib says so with this code.
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw CompressionError(message: "zlib: deflate returned \(status)")
            }
            output += piece
            // More is waiting as long as the output is filled to the brim.
        } while room == 0
        return ByteBlock(output)
    }
}
