import Foundation
import Synchronization
import SystemTools
import Testing
import WebServer

extension ServerTests {
    @Suite("Certificates", .timeLimit(.minutes(5)))
    struct CertificateTests {
        /// The organization in the certificate that a client is shown.
        private static func organization(_ port: Int) throws -> String? {
            let tool = try Tool.run(
                "/usr/bin/openssl", ["s_client", "-connect", "localhost:\(port)", "-brief"])
            let text = tool.complaint
            guard let start = text.range(of: "O = ")?.upperBound else { return nil }
            return String(text[start...].prefix { $0 != "," && !$0.isNewline })
        }

        /// Whether this organization's certificate is shown within a minute.
        private static func shows(_ name: String, _ port: Int) throws -> Bool {
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                if try organization(port) == name { return true }
            }
            return false
        }

        @Test("A changed certificate is shown to new connections, and no request is lost")
        func changes() async throws {
            let identity = try TestIdentity("first")
            let handler = TestHandler()
            try await withServer(handler, { $0.tls = identity.settings }) { port in
                #expect(try Self.organization(port) == "first")
                let finished = Event()
                let results = Box(Mutex<[Int32]>([]))
                let ended = Event()
                // New connections and old ones, again and again, all the while.
                for version in ["--http1.1", "--http2"] {
                    startThread {
                        while finished.count == 0 {
                            let url = "https://localhost:\(port)/"
                            let tool = try? Tool.curl(
                                version, "--insecure", "--fail", "-o", "/dev/null", url, "-o",
                                "/dev/null", url, "-o", "/dev/null", url)
                            results.value.withLock { $0.append(tool?.status ?? -1) }
                        }
                        ended.signal()
                    }
                }
                for name in ["second", "third"] {
                    try identity.replace(name)
                    #expect(try Self.shows(name, port))
                }
                finished.signal()
                #expect(ended.wait() && ended.wait())
                let statuses = results.value.withLock { $0 }
                #expect(statuses.count >= 2)
                #expect(statuses.allSatisfy { $0 == 0 })
            }
        }

        @Test("A broken certificate is logged, and the old one stays until a good one comes")
        func broken() async throws {
            let identity = try TestIdentity("good")
            let log = RecordedLog()
            var settings = WebServerSettings()
            settings.tls = identity.settings
            let server = try await WebServer.start(
                settings, handler: TestHandler(), logger: log.logger)
            try await blocking {
                let key = try String(contentsOfFile: identity.key, encoding: .utf8)
                let other = try TestIdentity("other")
                let foreign = try String(contentsOfFile: other.certificate, encoding: .utf8)
                for (certificate, expected) in [
                    ("nothing", "has no PEM certificate"),
                    (foreign, "is not that of the certificate"),
                ] {
                    try identity.replace(certificate: certificate, key: key)
                    #expect(log.waits(for: expected))
                    #expect(try Self.organization(server.port) == "good")
                }
                try FileManager.default.removeItem(atPath: identity.key)
                #expect(log.waits(for: "cannot be read"))
                #expect(try Self.organization(server.port) == "good")
                try FileManager.default.createSymbolicLink(
                    atPath: identity.key, withDestinationPath: "..data/tls.key")
                try identity.replace("better")
                #expect(try Self.shows("better", server.port))
            }
            await server.stop(closing: 1001, reason: "")
        }

        @Test(
            "A server does not start with a certificate that it cannot show",
            arguments: [
                ("missing", "cannot be read: No such file or directory"),
                ("folder", "cannot be read: Is a directory"),
                ("no certificate", "has no PEM certificate"),
                ("no key", "has no PEM private key"),
                ("another key", "is not that of the certificate"),
                ("a passphrase", "has a passphrase: give a key without one"),
                ("a damaged chain", "is damaged"),
            ])
        func refusals(_ what: String, _ reason: String) async throws {
            let identity = try TestIdentity()
            let certificate = try String(contentsOfFile: identity.certificate, encoding: .utf8)
            let key = try String(contentsOfFile: identity.key, encoding: .utf8)
            let other = try TestIdentity()
            defer { withExtendedLifetime(other) {} }
            var settings = identity.settings
            switch what {
            case "missing": settings.certificateFile = "/nonexistent/tls.crt"
            case "folder": settings.keyFile = "/tmp"
            case "no certificate": try identity.replace(certificate: key, key: key)
            case "no key": try identity.replace(certificate: certificate, key: certificate)
            case "another key": settings.keyFile = other.key
            case "a passphrase":
                let encrypted = try Tool.run(
                    "/usr/bin/openssl",
                    ["pkcs8", "-topk8", "-in", identity.key, "-passout", "pass:secret"])
                try identity.replace(certificate: certificate, key: encrypted.text)
            default:
                let damaged = certificate + certificate.replacing("MII", with: "!II")
                try identity.replace(certificate: damaged, key: key)
            }
            #expect {
                _ = try settings.check()
            } throws: { error in
                "\(error)".contains(reason)
            }
            await #expect {
                _ = try await startServer(TestHandler()) { $0.tls = settings }
            } throws: { error in
                "\(error)".contains(reason)
            }
        }

        @Test("An expired certificate is served, with a warning")
        func expired() async throws {
            let identity = try TestIdentity()
            try identity.expire()
            let log = RecordedLog()
            var settings = WebServerSettings()
            settings.tls = identity.settings
            let server = try await WebServer.start(
                settings, handler: TestHandler(), logger: log.logger)
            #expect(log.has("the certificate has expired"))
            await server.stop(closing: 1001, reason: "")
        }
    }
}
