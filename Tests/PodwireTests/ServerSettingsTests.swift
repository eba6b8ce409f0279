import Foundation
import Testing
import WebServer

@testable import podwire

@Suite("Settings of the server")
struct ServerSettingsTests {
    private let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func read(_ text: String) throws -> (WebServerSettings, [String]) {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-settings-\(UUID().uuidString).yaml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        var reader = SettingsReader(
            flags: [:], environment: [:], file: try SettingsFile(path: path))
        let server = Settings.server(&reader)
        reader.noteUnknownKeys()
        return (server, reader.problems.map(\.description))
    }

    @Test("The file of defaults names every key with the default of the code")
    func defaults() throws {
        let text = try String(
            contentsOf: repository.appendingPathComponent("config/podwire.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "server:"))
        let section = lines[start...].prefix { $0 == "server:" || $0.hasPrefix(" ") }
        #expect(section.count { !$0.contains("#") } == 18)
        let (written, problems) = try read(section.joined(separator: "\n"))
        #expect(problems.isEmpty)
        let (absent, _) = try read("{}")
        for path in [
            \WebServerSettings.maxConnections, \.maxConnectionsPerAddress, \.requestsPerSecond,
            \.handshakesPerSecond, \.maxStreams, \.maxHeaderBytes, \.maxBodyBytes,
            \.maxMessageBytes, \.maxBodyBytesInAll, \.maxAnswerBytesInAll,
        ] {
            #expect(written[keyPath: path] == absent[keyPath: path])
        }
        for path in [
            \WebServerSettings.handshakeTimeout, \.headTimeout, \.bodyTimeout, \.idleTimeout,
            \.wholeBodyTimeout, \.stallTimeout,
        ] {
            #expect(written[keyPath: path] == absent[keyPath: path])
        }
        #expect(written.limitsLoopback == absent.limitsLoopback)
        #expect(absent.tls == nil)
    }

    @Test("Every key is read")
    func keys() throws {
        let (server, problems) = try read(
            """
            server: {maxConnections: 17, maxConnectionsPerAddress: 0, requestsPerSecond: 5,
              handshakesPerSecond: 6, limitsLoopback: true, maxStreams: 3,
              maxHeaderBytes: 8KiB, maxBodyBytes: 2MiB,
              maxMessageBytes: 3MiB, maxBodyBytesInAll: 4MiB, maxAnswerBytesInAll: 5MiB,
              handshakeTimeout: 1s, headTimeout: 2s, bodyTimeout: 3s,
              wholeBodyTimeout: 6s, idleTimeout: 4s, stallTimeout: 5s}
            """)
        #expect(problems.isEmpty)
        #expect(server.maxConnections == 17)
        #expect(server.maxConnectionsPerAddress == 0)
        #expect(server.requestsPerSecond == 5)
        #expect(server.handshakesPerSecond == 6)
        #expect(server.limitsLoopback)
        #expect(server.maxStreams == 3)
        #expect(server.maxHeaderBytes == 8 << 10)
        #expect(server.maxBodyBytes == 2 << 20)
        #expect(server.maxMessageBytes == 3 << 20)
        #expect(server.maxBodyBytesInAll == 4 << 20)
        #expect(server.maxAnswerBytesInAll == 5 << 20)
        #expect(server.wholeBodyTimeout == .seconds(6))
        #expect(server.handshakeTimeout == .seconds(1))
        #expect(server.headTimeout == .seconds(2))
        #expect(server.bodyTimeout == .seconds(3))
        #expect(server.idleTimeout == .seconds(4))
        #expect(server.stallTimeout == .seconds(5))
    }

    @Test(
        "What cannot be meant is named",
        arguments: [
            ("server: {maxStreams: 0}", "server.maxStreams: “0”: allowed"),
            ("server: {limitsLoopback: maybe}", "server.limitsLoopback: “maybe”: allowed: true"),
            ("server: {stallTimeout: 5}", "server.stallTimeout: “5”: allowed"),
            (
                "server: {maxBodyBytes: 2MiB, maxBodyBytesInAll: 1MiB}",
                "server.maxBodyBytesInAll: “1MiB”: allowed"
            ),
            ("tls: {certFile: /a}", "tls.keyFile: missing"),
            ("tls: {keyFile: /a}", "tls.certFile: missing"),
            (
                "tls: {certFile: /nonexistent/a, keyFile: /b}",
                "tls: the certificate file /nonexistent/a cannot be read: No such file"
            ),
            ("tls: {certFile: /etc/passwd, keyFile: /b}", "tls: the key file /b cannot be read"),
        ])
    func problems(_ text: String, _ expected: String) throws {
        let (_, problems) = try read(text)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(expected) == true, "\(problems)")
    }
}
