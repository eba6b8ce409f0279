import Access
import Foundation
import LogModel
import Testing

@testable import Gateway
@testable import Store

/// What callers see of lists, feeds and consumers, and may change.
@Suite(.timeLimit(.minutes(5))) struct VisibilityTests {
    private func get(
        _ guarded: GuardedGateway, _ path: String, as user: String
    ) async throws -> RawResponse {
        try await guarded.gateway.get(path, fields: [GuardedGateway.bearer("\(user)-token")])
    }

    private func send(
        _ guarded: GuardedGateway, _ method: String, _ path: String, _ body: String = "",
        as user: String
    ) async throws -> RawResponse {
        try await guarded.gateway.send(
            method, path, body, fields: [GuardedGateway.bearer("\(user)-token")])
    }

    /// The namespaces of a list's items.
    private func namespaces(_ answer: RawResponse) throws -> [String] {
        struct List: Decodable {
            struct Item: Decodable {
                let namespace: String
            }
            let items: [Item]
        }
        let list = try JSONDecoder().decode(List.self, from: Data(answer.body))
        return list.items.map(\.namespace).sorted()
    }

    @Test(arguments: [
        ("alice", ["default"]), ("viewer", ["default"]), ("bob", ["other"]),
        ("admin", ["default", "other"]),
    ])
    func `lists and feeds show what one may see`(user: String, visible: [String]) async throws {
        try await GuardedGateway.with { guarded in
            try await guarded.addJobs()
            for list in ["/v1/jobs", "/v1/jobs?workflow=nightly"] {
                #expect(try namespaces(try await get(guarded, list, as: user)) == visible)
            }
            for namespace in ["default", "other", "default"] {
                try await guarded.emit(namespace)
            }
            let events = try await get(guarded, "/v1/events?after=0", as: user).text
            let expected = ["default", "other", "default"].filter(visible.contains)
            #expect(
                events.split(separator: "\n").map { line in
                    line.contains(#""subject":"default/"#) ? "default" : "other"
                } == expected)
        }
    }

    @Test func `workflows of other namespaces are not listed`() async throws {
        try await GuardedGateway.with { guarded in
            for (user, namespace) in [("alice", "default"), ("bob", "other")] {
                let made = try await send(
                    guarded, "PUT", "/v1/workflows/\(namespace)/w",
                    #"{"stages":[{"name":"s","jobs":[{"name":"j"}]}]}"#, as: user)
                #expect(made.status == 201, "\(made.text)")
            }
            #expect(try namespaces(try await get(guarded, "/v1/workflows", as: "bob")) == ["other"])
            let all = try await get(guarded, "/v1/workflows", as: "admin")
            #expect(try namespaces(all) == ["default", "other"])
        }
    }

    @Test(arguments: [["Accept: text/event-stream"], ["Accept: application/json"]])
    func `a follower of the feed is sent what it may see, and no more`(
        accept: [String]
    ) async throws {
        try await GuardedGateway.with { guarded in
            try await guarded.emit("other")
            let client = try guarded.gateway.client()
            try client.request(
                "/v1/events?after=0&follow",
                fields: accept + [GuardedGateway.bearer("bob-token")])
            #expect(try await client.readHead().status == 200)
            let first = String(decoding: try await client.readChunk() ?? [], as: UTF8.self)
            #expect(first.contains("other/"))
            try await guarded.emit("default")
            try await guarded.emit("other")
            let next = String(decoding: try await client.readChunk() ?? [], as: UTF8.self)
            #expect(next.contains(#""id":"3""#) && !next.contains("default/"))
        }
    }

    @Test func `a WebSocket of the feed is sent what it may see, and no more`() async throws {
        try await GuardedGateway.with { guarded in
            let client = try guarded.gateway.client()
            let answer = try await client.upgrade(
                "/v1/events?after=0", subprotocol: "podwire.v1",
                fields: [GuardedGateway.bearer("bob-token")])
            #expect(answer.fields["sec-websocket-protocol"] == "podwire.v1")
            try await guarded.emit("default")
            try await guarded.emit("other")
            guard case .text(let event) = try await client.readFrame() else {
                Issue.record("no event")
                return
            }
            #expect(event.contains(#""id":"2""#) && event.contains("other/"))
        }
    }

    @Test func `who may only look changes nothing`() async throws {
        try await GuardedGateway.with { guarded in
            try await guarded.addJobs()
            for (method, path, body) in [
                ("PUT", "/v1/workflows/default/w", "{}"),
                ("POST", "/v1/workflows/default/nightly/cancel", ""),
                ("PUT", "/v1/consumers/c", #"{"namespace":"default"}"#),
            ] {
                let answer = try await send(guarded, method, path, body, as: "viewer")
                #expect(answer.status == 403)
                #expect(
                    answer.text.contains(
                        #"User \"viewer\" cannot update resource \"pods\" in API group \"\""#
                            + #" in the namespace \"default\""#), "\(answer.text)")
            }
        }
    }

    @Test func `a refusal has the words of Kubernetes`() async throws {
        try await GuardedGateway.with { guarded in
            let log = try await get(guarded, "/logs/default/p", as: "bob")
            #expect(
                log.text.contains(
                    #"pods \"p\" is forbidden: User \"bob\" cannot get resource \"pods/log\" in "#
                        + #"API group \"\" in the namespace \"default\""#), "\(log.text)")
        }
    }

    @Test func `consumers of other namespaces are as if they were not there`() async throws {
        try await GuardedGateway.with { guarded in
            let mine = #"{"namespace":"default","after":0}"#
            #expect(
                try await send(guarded, "PUT", "/v1/consumers/c", mine, as: "alice").status == 201)
            let theirs = #"{"namespace":"other"}"#
            let taken = try await send(guarded, "PUT", "/v1/consumers/c", theirs, as: "bob")
            #expect(taken.status == 409 && !taken.text.contains("default"))
            for user in ["alice", "bob"] {
                let wide = try await send(guarded, "PUT", "/v1/consumers/all", "{}", as: user)
                #expect(wide.status == 403 && wide.text.contains("at the cluster scope"))
            }
            #expect(
                try await send(guarded, "PUT", "/v1/consumers/all", "{}", as: "admin").status == 201
            )
            #expect(try await get(guarded, "/v1/consumers/all", as: "alice").status == 404)
            let lists = [
                ("alice", ["c"]), ("viewer", ["c"]), ("bob", []), ("admin", ["all", "c"]),
            ]
            for (user, names) in lists {
                let list = try await get(guarded, "/v1/consumers", as: user).text
                #expect(["all", "c"].filter { list.contains("\"name\":\"\($0)\"") } == names)
            }
            #expect(try await get(guarded, "/v1/consumers/c/events", as: "viewer").status == 403)
            #expect(
                try await send(guarded, "DELETE", "/v1/consumers/c", as: "viewer").status == 403)
            #expect(try await send(guarded, "DELETE", "/v1/consumers/c", as: "bob").status == 404)
            // Changing a consumer takes it from those who saw it: its owner must own both.
            let moved = try await send(guarded, "PUT", "/v1/consumers/c", theirs, as: "alice")
            #expect(moved.status == 403)
            #expect(try await send(guarded, "DELETE", "/v1/consumers/c", as: "alice").status == 200)
        }
    }

    @Test func `whoami says who one is`() async throws {
        try await GuardedGateway.with { guarded in
            let known = try await get(guarded, "/v1/whoami", as: "alice").text
            #expect(
                known == #"{"authentication":"token","groups":["people"],"user":"alice"}"# + "\n")
        }
        try await TestGateway.with { gateway in
            let open = try await gateway.get("/v1/whoami").text
            #expect(open.contains(#""authentication":"none""#))
        }
    }

    @Test func `a ticket is refused for what one may not see, and for what needs none`()
        async throws
    {
        try await GuardedGateway.with { guarded in
            for (path, status) in [
                ("/logs/other/p", 403), ("/", 400), ("/healthz", 400), ("/v1/nothing", 400),
                ("/logs/default/p?follow", 400), ("logs/default/p", 400), ("/v1/tickets", 400),
                ("/logs/default/..%2f", 400), ("/v1/jobs", 201),
            ] {
                let answer = try await send(
                    guarded, "POST", "/v1/tickets", "{\"path\":\"\(path)\"}", as: "alice")
                #expect(answer.status == status, "\(path): \(answer.text)")
            }
            let noBody = try await send(guarded, "POST", "/v1/tickets", "", as: "alice")
            #expect(noBody.status == 400)
        }
    }
}

extension GuardedGateway {
    private struct Change: Encodable, Sendable {
        let to: String
    }

    /// Appends an event of a namespace to the feed.
    func emit(_ namespace: String) async throws {
        try await gateway.store.write { transaction in
            try transaction.append(
                event: .jobStatus,
                key: JobKey(namespace: namespace, workflow: "w", job: "j"),
                data: Change(to: "running"))
        }
    }
}
