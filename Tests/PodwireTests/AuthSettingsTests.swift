import Foundation
import Gateway
import Testing

@testable import podwire

@Suite("Settings of access")
struct AuthSettingsTests {
    private func read(
        _ environment: [String: String], listen: String = "127.0.0.1:0"
    ) throws -> (AuthSettings, [String]) {
        var reader = SettingsReader(flags: [:], environment: environment, file: nil)
        let auth = Settings.auth(&reader, listen: try ListenAddress.parse(listen))
        return (auth, reader.problems.map(\.description))
    }

    @Test("on loopback nobody is asked by default")
    func loopback() throws {
        let (auth, problems) = try read([:])
        #expect(auth.mode == .none && problems.isEmpty)
    }

    @Test("beyond loopback somebody must decide", arguments: ["0.0.0.0:1", "[::]:1", "10.0.0.1:1"])
    func beyond(listen: String) throws {
        let (_, problems) = try read([:], listen: listen)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("beyond loopback") == true)
        #expect(problems.first?.contains("auth.mode") == true)
        let (_, none) = try read(["PODWIRE_AUTH_MODE": "none"], listen: listen)
        #expect(none.count == 1)
        let (auth, decided) = try read(["PODWIRE_AUTH_MODE": "kubernetes"], listen: listen)
        #expect(auth.mode == .kubernetes && decided.isEmpty)
    }

    @Test(
        "what does not fit together is named",
        arguments: [
            (["PODWIRE_AUTH_MODE": "open"], "none, kubernetes, static"),
            (["PODWIRE_AUTH_MODE": "static"], "auth.tokensFile"),
            (["PODWIRE_AUTH_MODE": "static", "PODWIRE_AUTH_TOKENS_FILE": "/no/file"], "/no/file"),
            (["PODWIRE_AUTH_TOKENS_FILE": "/no/file"], "auth.mode static only"),
            (["PODWIRE_AUTH_RECHECK": "2m"], "auth.recheck"),
        ])
    func problems(environment: [String: String], words: String) throws {
        let (_, problems) = try read(environment)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(words) == true, "\(problems)")
    }

    @Test("host names have no scheme and no port")
    func hosts() throws {
        var reader = SettingsReader(
            flags: [:],
            environment: ["PODWIRE_WEB_HOSTS": "podwire.example,https://podwire.example,a:1"],
            file: nil)
        _ = Settings.hosts(&reader)
        #expect(reader.problems.map(\.value) == ["https://podwire.example", "a:1"])
    }
}
