import ByteBlocks
import Testing

@testable import WebServer

@Suite("Limits")
struct LimitTests {
    private let near = ClientAddress(text: "127.0.0.1", bytes: [127, 0, 0, 1])
    private let far = ClientAddress(text: "10.0.0.1", bytes: [10, 0, 0, 1])

    @Test("Connections are counted by address, and given back")
    func connections() {
        var limits = AddressLimits(
            maxConnections: 2, requestsPerSecond: 0, handshakesPerSecond: 0,
            includesLoopback: false)
        let other = ClientAddress(text: "10.0.0.2", bytes: [10, 0, 0, 2])
        #expect(limits.open(far, now: 0) == true)
        #expect(limits.open(far, now: 0) == true)
        #expect(limits.open(far, now: 0) == false)
        #expect(limits.open(other, now: 0) == true)
        limits.close(far)
        #expect(limits.open(far, now: 0) == true)
        #expect(limits.open(far, now: 0) == false)
    }

    @Test("Requests come in a burst, and then at their rate")
    func requests() {
        var limits = AddressLimits(
            maxConnections: 0, requestsPerSecond: 10, handshakesPerSecond: 0,
            includesLoopback: false)
        let first = (0..<100).count { _ in limits.request(far, now: 5_000) }
        #expect(first == 20)
        let second = (0..<100).count { _ in limits.request(far, now: 5_500) }
        #expect(second == 5)
        let third = (0..<100).count { _ in limits.request(far, now: 5_550) }
        #expect(third == 0)
        let fourth = (0..<100).count { _ in limits.request(far, now: 99_000) }
        #expect(fourth == 20)
    }

    @Test("Handshakes come in a burst, and then at their rate, also where connections are closed")
    func handshakes() {
        var limits = AddressLimits(
            maxConnections: 0, requestsPerSecond: 0, handshakesPerSecond: 10,
            includesLoopback: false)
        func opened(at now: UInt64) -> Int {
            (0..<100).count { _ in
                guard limits.open(far, now: now) else { return false }
                limits.close(far)
                return true
            }
        }
        #expect(opened(at: 5_000) == 40)
        #expect(opened(at: 5_500) == 5)
        #expect(opened(at: 5_550) == 0)
        limits.forget(now: 5_550)
        #expect(opened(at: 5_550) == 0)
        #expect(opened(at: 99_000) == 40)
        limits.forget(now: 199_000)
        #expect(limits.count == 0)
    }

    @Test("This machine is not limited")
    func loopback() {
        var limits = AddressLimits(
            maxConnections: 1, requestsPerSecond: 1, handshakesPerSecond: 1,
            includesLoopback: false)
        let mapped = ClientAddress(
            text: "::ffff:127.0.0.1",
            bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1])
        let six = ClientAddress(text: "::1", bytes: [UInt8](repeating: 0, count: 15) + [1])
        for address in [near, mapped, six] {
            let first = (0..<1_000).allSatisfy { _ in limits.open(address, now: 0) }
            #expect(first)
            let second = (0..<1_000).allSatisfy { _ in limits.request(address, now: 0) }
            #expect(second)
        }
        #expect(limits.count == 0)
    }

    @Test("This machine is limited as all others where that is asked for")
    func limitedLoopback() {
        var limits = AddressLimits(
            maxConnections: 1, requestsPerSecond: 1, handshakesPerSecond: 0,
            includesLoopback: true)
        #expect(limits.open(near, now: 0) == true)
        #expect(limits.open(near, now: 0) == false)
    }

    @Test("An IPv6 network counts as one address, a mapped IPv4 address as itself")
    func networks() {
        func address(_ bytes: [UInt8]) -> ClientAddress { ClientAddress(text: "", bytes: bytes) }
        let prefix: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1]
        let first = address(prefix + [0, 0, 0, 0, 0, 0, 0, 1])
        let second = address(prefix + [9, 9, 9, 9, 9, 9, 9, 9])
        let third = address([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1])
        let mapped = address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1])
        #expect(first.network == second.network)
        #expect(first.network != third.network)
        #expect(mapped.network == far.network)
    }

    @Test("Addresses of which nothing is left to know are forgotten")
    func forgetting() {
        var limits = AddressLimits(
            maxConnections: 10, requestsPerSecond: 10, handshakesPerSecond: 0,
            includesLoopback: false)
        #expect(limits.open(far, now: 0) == true)
        for number in 0..<20_000 {
            let bytes: [UInt8] = [11, 0, UInt8(number >> 8), UInt8(number & 0xFF)]
            _ = limits.request(ClientAddress(text: "", bytes: bytes), now: 0)
        }
        #expect(limits.count == 20_001)
        limits.forget(now: 0)
        #expect(limits.count == 1)
        limits.close(far)
        limits.forget(now: 10_000)
        #expect(limits.count == 0)
    }

    @Test("A client that confirms a byte now and then is slow, not stalled")
    func stalls() {
        var watch = StallWatch()
        #expect(watch.isStalled(acknowledged: 10, now: 0, limit: 100) == false)
        #expect(watch.isStalled(acknowledged: 10, now: 99, limit: 100) == false)
        #expect(watch.isStalled(acknowledged: 11, now: 150, limit: 100) == false)
        #expect(watch.isStalled(acknowledged: 11, now: 249, limit: 100) == false)
        #expect(watch.isStalled(acknowledged: 11, now: 250, limit: 100) == true)
    }

    @Test("Frames that cost nothing may come in a burst, and then at a rate")
    func floods() {
        var guardian = FloodGuard()
        let first = (0..<1_000).count { _ in guardian.admits(.settings, now: 0) }
        #expect(first == 50)
        let second = (0..<1_000).count { _ in guardian.admits(.settings, now: 10_000) }
        #expect(second == 10)
        let third = (0..<1_000).allSatisfy { _ in guardian.admits(.other, now: 0) }
        #expect(third)
        let fourth = (0..<5_000).count { _ in guardian.admits(.reset, now: 0) }
        #expect(fourth == 1_000)
    }
}

extension ServerTests {
    @Suite("Limits of clients", .timeLimit(.minutes(5)))
    struct ClientLimitTests {
        @Test("A connection over its address' limit is closed at once, and no other")
        func connections() async throws {
            try await withServer(
                TestHandler(),
                {
                    $0.maxConnectionsPerAddress = 2
                    $0.limitsLoopback = true
                }
            ) { port in
                var first: TestClient? = try TestClient(port: port)
                let second = try TestClient(port: port)
                for client in [first, second] {
                    try client?.request("GET", "/")
                    #expect(try client?.readResponse().text == "ok")
                }
                let third = try TestClient(port: port)
                #expect(throws: TestClient.Failure.self) {
                    try third.request("GET", "/")
                    _ = try third.readResponse()
                }
                // Closed in order, so that the place is free when the answer to the end is here.
                try first?.request("GET", "/", "Connection: close\r\n")
                _ = try first?.readResponse()
                #expect(try first?.readToEnd().isEmpty == true)
                first = nil
                try second.request("GET", "/")
                #expect(try second.readResponse().text == "ok")
                let fourth = try TestClient(port: port)
                try fourth.request("GET", "/")
                #expect(try fourth.readResponse().text == "ok")
            }
        }

        @Test("Requests over their address' rate get 429, over HTTP/1.1 and HTTP/2")
        func requests() async throws {
            try await withServer(
                TestHandler(),
                {
                    $0.requestsPerSecond = 1
                    $0.limitsLoopback = true
                }
            ) { port in
                let client = try TestClient(port: port)
                func ask() throws -> TestResponse {
                    try client.request("GET", "/")
                    return try client.readResponse()
                }
                for _ in 0..<2 { #expect(try ask().status == 200) }
                // One more is allowed with each second that a busy machine takes.
                var refusal = try ask()
                for _ in 0..<1_000 where refusal.status == 200 { refusal = try ask() }
                #expect(refusal.status == 429)
                #expect(refusal.fields["retry-after"] == "1")
                #expect(refusal.isOwnError)
                let other = try HTTP2TestClient(port: port)
                var body = ""
                for stream: UInt32 in stride(from: 1, to: 2_001, by: 2)
                where !body.hasPrefix("429 ") {
                    try other.get("/", stream)
                    #expect(try other.nextOfStream().type == 1)
                    body = String(decoding: try other.nextOfStream().payload, as: UTF8.self)
                }
                #expect(body.hasPrefix("429 "))
            }
        }

        @Test("A client that takes nothing for too long is cut, with a reset")
        func stalled() async throws {
            let endless = TestSource(rest: .bytes(ByteBlock([UInt8](repeating: 1, count: 1 << 20))))
            let handler = TestHandler(answer: { _ in
                .stream(ResponseHead(status: 200), source: endless)
            })
            try await withServer(handler, { $0.stallTimeout = .milliseconds(300) }) { port in
                let stuck = try TestClient(port: port, receiveBuffer: 4_096)
                try stuck.request("GET", "/")
                #expect(endless.opening.wait())
                #expect(endless.closing.wait())
                #expect(throws: TestClient.Failure.connectionReset) {
                    _ = try stuck.readToEnd()
                }
            }
        }
    }
}
