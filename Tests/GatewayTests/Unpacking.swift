import ByteBlocks
import Foundation
import SystemTools
import Testing

@testable import Store

/// Undoes what a body was packed into.
enum Unpacking {
    /// What `gzip` makes of a body.
    static func gzip(_ body: [UInt8]) throws -> [UInt8] {
        try TemporaryDirectory.with { directory in
            let file = directory.appending(path: "body.gz")
            try Data(body).write(to: file)
            let tool = try Tool.run("/bin/gzip", ["-dc", file.path])
            try #require(tool.status == 0, "\(tool.complaint)")
            return tool.output
        }
    }

    /// The `count` bytes in a body's zstd frames.
    static func zstd(_ body: [UInt8], count: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        let block = try ZstdDecoder(contexts: 1).decode(Data(body), count: count)
        return block.copy
    }
}
