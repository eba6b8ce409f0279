package import ByteBlocks
import CZstd
import Foundation
import Synchronization

/// Compresses independent zstd frames that carry their content's size and a checksum, so that each
/// can be sent to a client as it is and decoded in one call.
///
/// One owner at a time; the context and the output buffer are reused from frame to frame.
@safe package struct ZstdCompressor: ~Copyable {
    /// Level 1: 530 MiB/s and 0.11 bytes a byte on ordinary logs; level 3 gains next to nothing.
    private static let level: Int32 = 1

    private let context: OpaquePointer
    private var output: [UInt8] = []

    /// Makes a context; throws when there is no memory for it.
    package init() throws(StoreError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw StoreError("compress log text", .unavailable, path: "", "out of memory")
        }
        unsafe self.context = unsafe context
        // Both parameters exist in every zstd 1.x, so setting them cannot fail.
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        // Freeing a context that exists returns 0.
        _ = unsafe ZSTD_freeCCtx(context)
    }

    /// Compresses `source` into one frame.
    mutating func frame(_ source: UnsafeRawBufferPointer) -> Data {
        let bound = ZSTD_compressBound(source.count)
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        return unsafe output.withUnsafeMutableBytes { target in
            let written = unsafe ZSTD_compress2(
                context, target.baseAddress, target.count, source.baseAddress, source.count)
            precondition(ZSTD_isError(written) == 0, "a frame fits into its bound")
            return unsafe Data(bytes: UnsafeRawBufferPointer(target), upTo: written)
        }
    }

    /// Compresses `source` into one frame, as a block to send.
    package mutating func frame(_ source: ByteBlock) -> ByteBlock {
        unsafe ByteBlock(frame(source.bytes))
    }
}

extension Data {
    /// A copy of the first `count` bytes of `buffer`.
    fileprivate init(bytes buffer: UnsafeRawBufferPointer, upTo count: Int) {
        unsafe self.init(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}

/// Decodes zstd frames, with one context for whoever asks first and a fresh one for who comes
/// meanwhile. Any thread may call it.
final class ZstdDecoder: Sendable {
    /// `@unchecked Sendable`: zstd ties a context to no thread, and each is used under the lock of
    /// the one slot, or by the one call, that has it.
    @safe private struct Context: ~Copyable, @unchecked Sendable {
        let pointer: OpaquePointer?
        init() { unsafe pointer = ZSTD_createDCtx() }
        deinit {
            // Freeing a context returns 0, for none too.
            _ = unsafe ZSTD_freeDCtx(pointer)
        }
    }

    private final class Slot: Sendable {
        let context = Mutex(Context())
    }

    /// Bytes of a frame's content, 16 MiB: the longest chunk is one line of 1 MiB. What claims to be
    /// longer is damaged, and no memory is taken for it.
    static let longest = 16 << 20

    private let slots: [Slot]

    /// A decoder with `contexts` contexts that are kept.
    init(contexts: Int) {
        slots = (0..<contexts).map { _ in Slot() }
    }

    /// Decodes one frame of exactly `count` bytes of content.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` when it is no such frame.
    func decode(_ frame: Data, count: Int) throws -> ByteBlock {
        guard (0...Self.longest).contains(count) else {
            throw ChunkHead.damaged("\(count) bytes of text")
        }
        return try unsafe ByteBlock(capacity: count) { target in
            try unsafe decode(frame, into: target)
            return count
        }
    }

    /// Decodes one frame whose content's size, at most ``longest``, is read from its header.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` when it is no such frame.
    func decodeSized(_ frame: Data) throws -> Data {
        let size = unsafe frame.withUnsafeBytes { source in
            unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
        }
        // The two error values of zstd are the largest numbers there are.
        guard size <= UInt64(Self.longest) else {
            throw StoreError(
                "read a frame", .corrupt, path: "", "a frame without a plausible size",
                advice: StoreError.corruptAdvice)
        }
        var content = Data(count: Int(size))
        try unsafe content.withUnsafeMutableBytes { try unsafe decode(frame, into: $0) }
        return content
    }

    /// Decodes one frame that fills `target` exactly.
    func decode(_ frame: Data, into target: UnsafeMutableRawBufferPointer) throws {
        let written = unsafe frame.withUnsafeBytes { source -> Int in
            for slot in slots {
                if let written = slot.context.withLockIfAvailable({ context in
                    unsafe Self.run(context.pointer, source, target)
                }) {
                    return written
                }
            }
            let context = Context()
            return unsafe Self.run(context.pointer, source, target)
        }
        guard written == target.count else {
            let reason =
                ZSTD_isError(written) == 0
                ? "\(written) bytes instead of \(target.count)"
                : unsafe String(cString: ZSTD_getErrorName(written))
            throw StoreError(
                "read log text", .corrupt, path: "", "a chunk does not decode: \(reason)",
                advice: StoreError.corruptAdvice)
        }
    }

    private static func run(
        _ context: OpaquePointer?, _ source: UnsafeRawBufferPointer,
        _ target: UnsafeMutableRawBufferPointer
    ) -> Int {
        unsafe ZSTD_decompressDCtx(
            context, target.baseAddress, target.count, source.baseAddress, source.count)
    }
}
