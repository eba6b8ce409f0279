import Testing
import WebServer

@testable import Gateway

@Suite struct AccessTests {
    @Test(arguments: [
        ("127.0.0.1:8420", "127.0.0.1", 8420), ("[::1]:0", "::1", 0),
        ("localhost:65535", "127.0.0.1", 65535), ("127.9.8.7:1", "127.9.8.7", 1),
    ])
    func `an address has a host and a port`(text: String, host: String, port: Int) throws {
        let address = try ListenAddress.parse(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        ("127.0.0.1:8420", true), ("127.9.8.7:1", true), ("[::1]:0", true), ("localhost:0", true),
        ("0.0.0.0:8420", false), ("[::]:8420", false), ("192.168.1.2:80", false),
        ("example.com:80", false), ("127.0.0.1.evil.com:80", false),
        ("[::ffff:127.0.0.1]:80", false), ("128.0.0.1:80", false),
    ])
    func `it is known which addresses only this machine reaches`(
        text: String, isLoopback: Bool
    ) throws {
        #expect(try ListenAddress.parse(text).isLoopback == isLoopback)
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

    @Test(arguments: [
        ("podwire.example", true), ("PODWIRE.example:443", true), ("10.1.2.3:8420", true),
        ("[fe80::1]:8420", true), ("localhost", true), ("evil.example", false),
        ("podwire.example.evil.example", false), ("10.1.2.3.evil.example", false),
        ("10.1.2", false),
    ])
    func `beyond loopback the set names and all addresses are served`(
        host: String, isServed: Bool
    ) throws {
        let hosts = ServedHosts(["podwire.example"], takesAddresses: true)
        let request = try Samples.request("/", [HeaderField("Host", host)])
        #expect((RequestGuard(hosts).refusal(of: request) == nil) == isServed)
    }

    @Test(arguments: ["POST", "PUT", "DELETE"])
    func `what changes something is taken from our own page and from programs`(
        method: String
    ) throws {
        for (origin, isServed) in [
            ("https://podwire.example", true), ("https://podwire.example:8443", false),
            ("https://evil.example", false), ("null", false), (nil, true),
        ] as [(String?, Bool)] {
            let fields =
                [HeaderField("Host", "podwire.example")]
                + (origin.map { [HeaderField("Origin", $0)] } ?? [])
            let request = try ServerRequest(method: method, target: "/v1/tickets", fields: fields)
            let refusal = RequestGuard(ServedHosts(["podwire.example"])).refusal(of: request)
            #expect((refusal == nil) == isServed)
        }
    }

    @Test(
        arguments: [
            ("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true),
            (nil, true),
        ] as [(String?, Bool)])
    func `a consumer's events, which are taken over by reading them, are none for other pages`(
        site: String?, isServed: Bool
    ) throws {
        let fields =
            [HeaderField("Host", "localhost:8420")]
            + (site.map { [HeaderField("Sec-Fetch-Site", $0)] } ?? [])
        for (path, isFree) in [("/v1/consumers/c/events", isServed), ("/v1/events", true)] {
            let request = try Samples.request(path, fields)
            #expect((RequestGuard().refusal(of: request) == nil) == isFree)
        }
    }

    @Test(arguments: [
        ("podwire.example.com", true), ("10.0.0.1", true), ("[::1]", true),
        ("https://podwire.example", false), ("podwire.example:443", false), ("", false),
        ("a/b", false), ("*.example", false),
    ])
    func `the setting takes names without scheme and port`(text: String, isName: Bool) {
        #expect(ServedHosts.isName(text) == isName)
    }
}
