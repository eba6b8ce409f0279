import Glibc

/// Reads small files whole.
enum FileBytes {
    /// Bytes of the largest file: 16 MiB. A certificate bundle has some hundred KiB.
    static let limit = 16 << 20

    /// Why a file cannot be read.
    struct Failure: Error, Equatable, CustomStringConvertible {
        /// The system's error number; `nil` for a file that is too large.
        var code: Int32?
        var description: String

        /// Whether there is no such file.
        var isMissing: Bool { code == ENOENT || code == ENOTDIR }

        static func system(_ code: Int32) -> Failure {
            Failure(code: code, description: String(cString: strerror(code)))
        }
    }

    /// The bytes of the file at `path`. Blocks for as long as the disk takes.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(errno) }
        // Closing a file that was only read from has no result that matters.
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            bytes += chunk[..<count]
            if bytes.count > limit {
                throw Failure(code: nil, description: "is larger than \(limit) bytes")
            }
        }
    }
}
