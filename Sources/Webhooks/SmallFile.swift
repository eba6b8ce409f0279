import Glibc

/// Reads the small files that settings name: secrets and certificates.
package enum SmallFile {
    /// The bytes of the file at `path`. Blocks for as long as the disk takes.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - limit: the most bytes it may have.
    /// - Returns: its bytes.
    /// - Throws: ``WebhookError`` when it cannot be read, or is longer.
    package static func read(_ path: String, limit: Int) throws(WebhookError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        // Closing a file that was only read from has no result that matters.
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= limit {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            bytes += chunk[..<count]
        }
        throw WebhookError("read \(path)", "it is longer than \(limit) bytes")
    }

    private static func failure(_ path: String) -> WebhookError {
        WebhookError("read \(path)", unsafe String(cString: strerror(errno)))
    }
}
