package import ByteBlocks

/// Packs a body block by block.
package protocol BlockEncoder: ~Copyable, SendableMetatype {
    /// Packs the next block. With `flush` the client can unpack all of it at once; without, some of
    /// it may stay behind until the next call, and the result may be empty.
    mutating func encode(_ block: ByteBlock, flush: Bool) throws(CompressionError) -> ByteBlock

    /// The end of the body; nothing may follow.
    mutating func finish() throws(CompressionError) -> ByteBlock
}

/// A failure of a compression library.
package struct CompressionError: Error, CustomStringConvertible {
    /// What it said.
    package let message: String
    /// A sentence.
    package var description: String { "a body could not be packed: \(message)" }
}
