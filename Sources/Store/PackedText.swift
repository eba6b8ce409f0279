package import Foundation
import Synchronization

/// Text as it is stored: one zstd frame that knows its size.
package struct PackedText: Sendable, Equatable {
    /// The frame.
    let frame: Data
}

/// Packs small texts, one at a time, with one context for all. Any thread may call it.
final class TextPacker: Sendable {
    private let compressor: Mutex<ZstdCompressor>

    /// Makes the context; throws when there is no memory for it.
    init() throws(StoreError) {
        compressor = Mutex(try ZstdCompressor())
    }

    func pack(_ text: [UInt8]) -> PackedText {
        let frame = compressor.withLock { compressor in
            unsafe text.withUnsafeBytes { unsafe compressor.frame($0) }
        }
        return PackedText(frame: frame)
    }
}

extension Store {
    /// Packs a text: some microseconds a KiB.
    package func pack(_ text: [UInt8]) -> PackedText {
        packer.pack(text)
    }

    /// The text again.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` when the database was damaged.
    package func unpack(_ text: PackedText) throws -> Data {
        try reader.decoder.decodeSized(text.frame)
    }
}
