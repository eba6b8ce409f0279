import Glibc

/// Certificates for the tests, made once by the `openssl` command: an authority, a server named
/// "localhost", "127.0.0.1" and "podwire.test", and a client.
struct TLSFixture: Sendable {
    let directory: String

    static let shared = Result { try TLSFixture() }

    /// Removes what the fixture has made; at the end of the process.
    private func remove() {
        for name in ["ca", "stranger", "server", "client"] {
            for kind in ["key", "pem", "csr", "srl"] { unlink(path("\(name).\(kind)")) }
        }
        rmdir(directory)
    }

    private init() throws {
        var template = Array("/tmp/podwire-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no directory: errno \(errno)") }
        directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        atexit { try? TLSFixture.shared.get().remove() }
        try makeAuthority(named: "ca")
        try makeAuthority(named: "stranger")
        try issue("server", names: "DNS:localhost,DNS:podwire.test,IP:127.0.0.1")
        try issue("client", names: "DNS:client")
    }

    /// A file's path, such as "server.pem" or "server.key".
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// A file's bytes.
    func bytes(_ name: String) throws -> [UInt8] {
        guard let file = fopen(path(name), "r") else { throw TestFailure("no file \(name)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    private func makeAuthority(named name: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-days", "2",
            "-subj", "/CN=podwire test \(name)")
    }

    private func issue(_ name: String, names: String) throws {
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            path("\(name).key"), "-out", path("\(name).csr"), "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=\(names)")
        try openssl(
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey",
            path("ca.key"), "-CAcreateserial", "-copy_extensions", "copy", "-days", "2", "-out",
            path("\(name).pem"))
    }

    private func openssl(_ arguments: String...) throws {
        guard try ChildProcess(["openssl"] + arguments).finish() else {
            throw TestFailure("openssl \(arguments[0]) failed (Debian package openssl)")
        }
    }
}
