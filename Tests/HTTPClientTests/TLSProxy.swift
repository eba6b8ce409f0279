import Glibc

/// HTTP/2 over TLS in front of a ``TestServer``: the `nghttpx` command (Debian package
/// nghttp2-proxy). What the server does with its HTTP/1.1 connection, the client sees on its
/// HTTP/2 stream.
struct TLSProxy: Sendable {
    let port: UInt16
    private let process: ChildProcess

    var url: String { "https://127.0.0.1:\(port)" }

    /// Starts the proxy and returns when it listens.
    ///
    /// One that `canRetire` is two processes, and only ``retire()`` ends both.
    init(
        before server: TestServer, _ fixture: TLSFixture, verifyingClients: Bool = false,
        canRetire: Bool = false
    ) throws {
        // Another process may take a free port before the proxy does: then the next is tried.
        for _ in 0..<5 {
            let free = try TestServer { _ in }
            free.stop()
            let process = try ChildProcess(
                [
                    "nghttpx", "--conf=/dev/null", canRetire ? "--workers=1" : "--single-process",
                    "--no-ocsp", "--log-level=NOTICE", "--errorlog-file=/dev/stderr",
                    "--frontend=127.0.0.1,\(free.port)", "--backend=127.0.0.1,\(server.port)",
                ]
                    + (verifyingClients
                        ? ["--verify-client", "--verify-client-cacert=\(fixture.path("ca.pem"))"]
                        : [])
                    + [fixture.path("server.key"), fixture.path("server.pem")])
            if process.waits(for: "Listening on") {
                port = free.port
                self.process = process
                return
            }
            process.stop()
        }
        throw TestFailure("nghttpx does not start (Debian package nghttp2-proxy)")
    }

    /// Tells the proxy to end gracefully: it sends GOAWAY, takes no new streams, and carries those
    /// that it has to their end.
    func retire() {
        process.signal(SIGQUIT)
    }

    /// Returns when the proxy has begun to end.
    func waitUntilRetiring() -> Bool {
        process.waits(for: "Graceful shutdown commencing")
    }

    /// Ends the proxy and waits for it.
    func stop() {
        process.stop()
    }
}
