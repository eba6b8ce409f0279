import Testing
import WebServer

@testable import Gateway

@Suite struct AccessTests {
    @Test(arguments: [
        ("127.0.0.1:8420", "127.0.0.1", 8420), ("[::1]:0", "::1", 0),
        ("localhost:65535", "127.0.0.1", 65535), ("127.9.8.7:1", "127.9.8.7", 1),
    ])
    func `loopback addresses are listened on`(text: String, host: String, port: Int) throws {
        let address = try ListenAddress.parse(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        "0.0.0.0:8420", "[::]:8420", "192.168.1.2:80", "example.com:80", "127.0.0.1.evil.com:80",
        "[::ffff:127.0.0.1]:80", "128.0.0.1:80",
    ])
    func `other addresses are refused until there is authentication`(text: String) throws {
        let refusal = try #require(throws: ListenAddress.Refusal.self) {
            try ListenAddress.parse(text)
        }
        #expect(refusal.description.contains(text))
        #expect(refusal.description.contains("authentication"))
        #expect(refusal.description.contains("loopback"))
    }

    @Test(arguments: [
        "", "127.0.0.1", "8420", ":8420", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "[::1]", "[::1:80", "::1:80",
    ])
    func `what is not an address is refused with an example`(text: String) throws {
        let refusal = try #require(throws: ListenAddress.Refusal.self) {
            try ListenAddress.parse(text)
        }
        #expect(refusal.description.contains("\"\(text)\""))
        #expect(refusal.description.contains("127.0.0.1:8420"))
    }

    @Test(arguments: [
        "localhost", "localhost:8420", "LOCALHOST:1", "127.0.0.1:8420", "127.1.2.3", "[::1]:8420",
        "[::1]",
    ])
    func `loopback hosts are served`(host: String) throws {
        let request = try Samples.request("/", [HeaderField("Host", host)])
        #expect(RequestGuard().refusal(of: request) == nil)
    }

    @Test(arguments: [
        "evil.example", "evil.example:8420", "localhost.evil.example", "127.0.0.1.nip.io",
        "192.168.0.1", "[fe80::1]", "127.0.0.256", "127.0.0", "[::1", "localhost@evil",
    ])
    func `a rebound name is refused`(host: String) throws {
        let request = try Samples.request("/", [HeaderField("Host", host)])
        #expect(RequestGuard().refusal(of: request)?.code == 403)
    }

    @Test(arguments: [
        ("http://localhost:8420", true), ("HTTP://LOCALHOST:8420", true),
        ("https://localhost:8420", true), ("http://localhost", false),
        ("http://localhost:8421", false), ("http://127.0.0.1:8420", false),
        ("http://evil.example", false), ("null", false), ("", false),
        ("file://localhost:8420", false),
    ])
    func `only the page of the same host and port may open a WebSocket`(
        origin: String, isServed: Bool
    ) throws {
        let request = try Samples.request(
            "/v1/events", [HeaderField("Host", "localhost:8420"), HeaderField("Origin", origin)])
        #expect((RequestGuard().refusal(ofUpgrade: request) == nil) == isServed)
    }

    @Test func `a program without an origin may open a WebSocket`() throws {
        let request = try Samples.request("/", [HeaderField("Host", "127.0.0.1:1")])
        #expect(RequestGuard().refusal(ofUpgrade: request) == nil)
    }
}
