import Glibc

/// The bytes of a certificate file and of its key file, read together.
struct TLSFiles: Sendable, Equatable {
    /// Bytes of one file. 1 MiB: a chain has some 10 KiB. Beyond it the file is refused.
    private static let maxBytes = 1 << 20

    /// Names in error messages.
    let settings: TLSSettings
    let certificate: [UInt8]
    let key: [UInt8]

    /// Reads both files; it blocks.
    init(_ settings: TLSSettings) throws(WebServerError) {
        self.settings = settings
        certificate = try Self.read(settings.certificateFile, "certificate")
        key = try Self.read(settings.keyFile, "key")
    }

    private static func read(_ path: String, _ what: String) throws(WebServerError) -> [UInt8] {
        // Not blocking, so that a named pipe is an empty file.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, what, errno) }
        defer { _ = close(descriptor) }  // Nothing was written.
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= maxBytes {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, what, errno) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        throw WebServerError(
            .certificate, "the \(what) file \(path) has more than \(maxBytes) bytes")
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> WebServerError {
        let reason = unsafe String(cString: strerror(code))
        return WebServerError(
            .certificate, "the \(what) file \(path) cannot be read: \(reason)", code: code)
    }
}

/// Which contents two paths have, as far as it shows from outside: another file behind a symbolic
/// link, as Kubernetes swaps Secrets, or the same file written again.
struct FileStamps: Equatable, Sendable {
    private struct Stamp: Equatable {
        var device: dev_t = 0
        var inode: ino_t = 0
        var bytes: Int = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }

    private let certificate: Stamp
    private let key: Stamp

    /// Looks at both files; it blocks.
    init(_ settings: TLSSettings) {
        certificate = Self.stamp(settings.certificateFile)
        key = Self.stamp(settings.keyFile)
    }

    /// All zero where there is no such file, which is a change as well.
    private static func stamp(_ path: String) -> Stamp {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { return Stamp() }
        return Stamp(
            device: info.st_dev, inode: info.st_ino, bytes: info.st_size,
            seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
    }
}
