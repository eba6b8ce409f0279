import Access
import Foundation
import SimulatedCluster
import Testing

@testable import Gateway

/// What becomes of those who stay when their token or their right is withdrawn, and of everybody
/// when nobody can be asked.
@Suite(.timeLimit(.minutes(5))) struct StayingTests {
    private static let alice = GuardedGateway.bearer("alice-token")

    /// Lets the kept decisions expire, and has all who stay looked at again.
    private func look(_ guarded: GuardedGateway) async {
        guarded.clock.pass(.seconds(11))
        await guarded.access.followers.review()
    }

    /// A WebSocket of Alice's on `path`.
    private func socket(_ guarded: GuardedGateway, _ path: String) async throws -> RawClient {
        let client = try guarded.gateway.client()
        #expect(try await client.upgrade(path, fields: [Self.alice]).status == 101)
        return client
    }

    private func waitForConnection(_ guarded: GuardedGateway) async throws {
        var state = ""
        while !state.contains(#""state":"connected""#) {
            state = try await guarded.gateway.get("/v1/consumers/c", fields: [Self.alice]).text
        }
    }

    private static let paths = [
        "/logs/default/p", "/v1/events", "/v1/events?namespace=default", "/v1/consumers/c/events",
    ]

    private func prepare(_ guarded: GuardedGateway) async throws {
        try await guarded.addJobs()
        let made = try await guarded.gateway.send(
            "PUT", "/v1/consumers/c", #"{"namespace":"default"}"#, fields: [Self.alice])
        #expect(made.status == 201)
    }

    @Test(arguments: paths)
    func `a WebSocket whose token does not count any more is closed with 4401`(
        path: String
    ) async throws {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            let client = try await socket(guarded, path)
            await look(guarded)
            #expect(guarded.access.followers.count == 1)
            guarded.reviewer.set(try GuardedGateway.rules(without: "alice-token"))
            await look(guarded)
            let close = try await client.readFrames().last
            guard case .close(let code, let reason) = close else { return }
            #expect(code == 4401 && reason.contains("Unauthorized"))
            #expect(guarded.access.followers.count == 0)
        }
    }

    @Test(arguments: [paths[0], paths[2], paths[3]])
    func `a WebSocket whose right is withdrawn is closed with 4403`(path: String) async throws {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            let client = try await socket(guarded, path)
            // A consumer that connects late would be told that there is none.
            if path.contains("consumers") { try await waitForConnection(guarded) }
            guarded.reviewer.set(
                try GuardedGateway.rules(
                    rules: #"{"user":"alice","namespaces":["x"],"verbs":["*"],"resources":["*"]}"#))
            await look(guarded)
            guard case .close(let code, let reason) = try await client.readFrames().last else {
                return
            }
            #expect(code == 4403 && reason.contains("is forbidden"))
        }
    }

    @Test func `an event stream says why it ends, and a plain body is cut`() async throws {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            let stream = try guarded.gateway.client()
            try stream.request(
                "/logs/default/p", fields: [Self.alice, "Accept: text/event-stream"])
            #expect(try await stream.readHead().status == 200)
            _ = try await stream.readChunk()
            let plain = try guarded.gateway.client()
            try plain.request("/logs/default/p?follow", fields: [Self.alice])
            #expect(try await plain.readHead().status == 200)
            _ = try await plain.readChunk()
            guarded.reviewer.set(try GuardedGateway.rules(without: "alice-token"))
            await look(guarded)
            let close = String(decoding: try await stream.readChunk() ?? [], as: UTF8.self)
            #expect(close.hasPrefix("event: close\n"))
            #expect(close.contains(#""code":4401"#) && close.contains(#""reconnect":false"#))
            #expect(try await stream.readChunk() == nil)
            await #expect(throws: RawClient.Failure.self) { try await plain.readChunk() }
        }
    }

    @Test func `while nobody can be asked, what is known counts, and then all get 503`()
        async throws
    {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            let client = try await socket(guarded, "/logs/default/p")
            #expect(try await client.readFrame() == .text("a line of default\n"))
            await guarded.loseReviews()
            let known = try await guarded.gateway.get("/logs/default/p", fields: [Self.alice])
            #expect(known.status == 200)
            guarded.clock.pass(.seconds(11))
            let lost = try await guarded.gateway.get("/logs/default/p", fields: [Self.alice])
            #expect(lost.status == 503 && lost.text.contains("cannot be reached"))
            // Who stays may stay for a while, and is cut when nobody knows any more.
            await look(guarded)
            #expect(guarded.access.followers.count == 1)
            guarded.clock.pass(AccessFollowers.patience)
            await look(guarded)
            guard case .close(let code, _) = try await client.readFrame() else {
                Issue.record("not closed")
                return
            }
            #expect(code == 4502)
        }
    }

    @Test func `a client that goes away is not looked at any more`() async throws {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            let client = try await socket(guarded, "/logs/default/p")
            #expect(guarded.access.followers.count == 1)
            try client.send([0x88, 0x80, 0, 0, 0, 0])
            _ = try await client.readFrames()
            // The close frame is answered before the session is told: the next answer comes behind.
            while guarded.access.followers.count > 0 { await Task.yield() }
        }
    }

    /// Waits until Alice's first request was let in, changes the rules, and waits until they hold.
    private func change(_ guarded: GuardedGateway, to rules: AccessRules) async throws {
        while guarded.reviewer.counts.accesses == 0 { await Task.yield() }
        guarded.reviewer.set(rules)
        var status = 404
        while status == 404 {
            guarded.clock.pass(.seconds(11))
            let answer = try await guarded.gateway.get(
                "/logs/default/none", fields: [Self.alice])
            status = answer.status
        }
    }

    @Test(arguments: [401, 403])
    func `who has waited for a log is not shown it when they may not see it any more`(
        status: Int
    ) async throws {
        try await GuardedGateway.with { guarded in
            let client = try guarded.gateway.client()
            try client.request("/logs/default/p?follow&wait=3600", fields: [Self.alice])
            try await change(
                guarded,
                to: status == 401
                    ? GuardedGateway.rules(without: "alice-token")
                    : GuardedGateway.rules(rules: ""))
            try await guarded.addJobs()
            #expect(try await client.readHead().status == status)
        }
    }

    @Test func `who has waited for a log on a socket of many is told that the right is gone`()
        async throws
    {
        try await GuardedGateway.with { guarded in
            let client = try guarded.gateway.client()
            let head = try await client.upgrade(
                "/v1/ws", subprotocol: "podwire.v1", fields: [Self.alice])
            #expect(head.status == 101)
            try client.sendFrame(
                #"{"subscribe":{"id":1,"log":{"namespace":"default","pod":"p","wait":3600}}}"#)
            try await change(guarded, to: GuardedGateway.rules(rules: ""))
            try await guarded.addJobs()
            guard case .text(let text) = try await client.readFrame() else {
                Issue.record("no text")
                return
            }
            #expect(text.hasPrefix(#"{"closed":{"code":4403,"id":1,"#))
        }
    }

    @Test func `many who ask at once make one review`() async throws {
        try await GuardedGateway.with { guarded in
            try await prepare(guarded)
            guarded.clock.pass(.seconds(11))
            let before = guarded.reviewer.counts
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await guarded.gateway.get("/logs/default/p", fields: [Self.alice])
                            .status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(guarded.reviewer.counts.tokens == before.tokens + 1)
            #expect(guarded.reviewer.counts.accesses == before.accesses + 1)
        }
    }
}
