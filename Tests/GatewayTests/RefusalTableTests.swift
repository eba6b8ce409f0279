import Access
import Foundation
import Testing

@testable import Gateway

/// Every way of coming without the right to, at every door, in every protocol.
@Suite(.timeLimit(.minutes(5))) struct RefusalTableTests {
    /// What is wrong with a request.
    enum Case: String, CaseIterable, Sendable {
        case noToken, wrongToken, malformedToken, otherScheme, expiredToken, otherNamespace
        case tokenInURL, tokenInURLBesideGoodOne, usedTicket, expiredTicket, foreignTicket
        case wrongHost, foreignOrigin
    }

    /// How a URL is asked for.
    enum Way: String, CaseIterable, Sendable {
        case plain, eventStream, webSocket
    }

    /// A door: a method, a path of the namespace `default`, a body, and what somebody of another
    /// namespace gets there.
    struct Door: Sendable, CustomStringConvertible {
        var method = "GET"
        let path: String
        var body = ""
        var elsewhere = 403
        var ways: [Way] = [.plain]

        var description: String { "\(method) \(path)" }
        var isChange: Bool { method != "GET" }
    }

    private static let all: [Way] = [.plain, .eventStream, .webSocket]

    private static let doors: [Door] = [
        Door(path: "/logs/default/p", ways: all),
        Door(path: "/logs/default/p/main?follow", ways: all),
        Door(path: "/logs/default/nobody", ways: all),
        Door(path: "/v1/events?namespace=default", ways: all),
        Door(path: "/v1/events", elsewhere: 200, ways: all),
        Door(path: "/v1/jobs", elsewhere: 200), Door(path: "/v1/workflows", elsewhere: 200),
        Door(path: "/v1/jobs?namespace=default"), Door(path: "/v1/workflows?namespace=default"),
        Door(path: "/v1/jobs/default/build"), Door(path: "/v1/jobs/default/build/outputs"),
        Door(path: "/v1/jobs/default/nightly/build"),
        Door(path: "/v1/jobs/default/nightly/build/outputs"),
        Door(path: "/v1/workflows/default/nightly"),
        Door(method: "PUT", path: "/v1/workflows/default/w", body: "{}"),
        Door(method: "POST", path: "/v1/workflows/default/nightly/pause"),
        Door(method: "POST", path: "/v1/workflows/default/nightly/cancel"),
        Door(path: "/v1/consumers", elsewhere: 200),
        Door(path: "/v1/consumers/c", elsewhere: 404),
        Door(path: "/v1/consumers/c/events", elsewhere: 404, ways: all),
        Door(method: "POST", path: "/v1/consumers/c/ack", body: #"{"sequence":0}"#, elsewhere: 404),
        Door(method: "PUT", path: "/v1/consumers/c", body: #"{"namespace":"default"}"#),
        Door(method: "DELETE", path: "/v1/consumers/c", elsewhere: 404),
        Door(method: "POST", path: "/v1/tickets", body: #"{"path":"/logs/default/p"}"#),
        Door(path: "/v1/whoami", elsewhere: 200), Door(path: "/v1/nothing", elsewhere: 404),
        Door(path: "/logs/default", elsewhere: 404),
        Door(path: "/api/v1/namespaces/default/pods"), Door(path: "/api/v1/pods"),
        Door(path: "/api/v1/namespaces/default/pods?watch=true", ways: [.plain, .webSocket]),
        Door(path: "/api/v1/namespaces/default/pods/p"),
        Door(path: "/api/v1/namespaces/default/pods/p/log", ways: [.plain, .webSocket]),
        Door(path: "/apis/batch/v1/namespaces/default/jobs/j"),
        Door(path: "/api/v1", elsewhere: 200),
        Door(path: "/v1/ws", elsewhere: 200, ways: [.webSocket]),
    ]

    /// The status that `wrong` gets at `door`, asked for in `way`; `nil` where it is not wrong.
    private func expected(_ wrong: Case, _ door: Door, _ way: Way) -> Int? {
        switch wrong {
        case .noToken, .wrongToken, .malformedToken, .otherScheme, .expiredToken, .usedTicket,
            .expiredTicket, .foreignTicket:
            return 401
        case .tokenInURL, .tokenInURLBesideGoodOne: return 400
        case .wrongHost: return 403
        case .foreignOrigin: return door.isChange || way == .webSocket ? 403 : nil
        case .otherNamespace:
            // What is opened and then shows nothing is none of this table's.
            if door.elsewhere == 200 { return nil }
            // A WebSocket tells what is not there in its close frame.
            return way == .webSocket && door.elsewhere == 404 ? 101 : door.elsewhere
        }
    }

    private func request(
        _ wrong: Case, _ door: Door, _ guarded: GuardedGateway
    ) async throws -> (target: String, fields: [String]) {
        let good = GuardedGateway.bearer("alice-token")
        func with(_ parameter: String) -> String {
            door.path + (door.path.contains("?") ? "&" : "?") + parameter
        }
        let path = String(door.path.prefix { $0 != "?" })
        switch wrong {
        case .noToken: return (door.path, [])
        case .wrongToken: return (door.path, [GuardedGateway.bearer("no-such-token")])
        case .malformedToken: return (door.path, ["Authorization: Bearer a b"])
        case .otherScheme: return (door.path, ["Authorization: Basic YWxpY2U6dG9rZW4="])
        case .expiredToken: return (door.path, [GuardedGateway.bearer("expired-token")])
        case .otherNamespace: return (door.path, [GuardedGateway.bearer("bob-token")])
        case .tokenInURL: return (with("token=alice-token"), [])
        case .tokenInURLBesideGoodOne: return (with("access_token=alice-token"), [good])
        case .usedTicket:
            let ticket = try await self.ticket(path, guarded)
            _ = try await guarded.gateway.get("\(path)?ticket=\(ticket)&limit=x", method: "GET")
            return (with("ticket=\(ticket)"), [])
        case .expiredTicket:
            let ticket = try await self.ticket(path, guarded)
            guarded.clock.pass(.seconds(31))
            return (with("ticket=\(ticket)"), [])
        case .foreignTicket:
            let ticket = try await guarded.ticket("/v1/jobs/default/other", token: "alice-token")
            return (with("ticket=\(ticket)"), [])
        case .wrongHost: return (door.path, [good, "Host: evil.example"])
        case .foreignOrigin: return (door.path, [good, "Origin: https://evil.example"])
        }
    }

    /// A ticket for `path`, or for what can have one.
    private func ticket(_ path: String, _ guarded: GuardedGateway) async throws -> String {
        let isReadable = path.hasPrefix("/logs/default/p") || path.hasPrefix("/v1/jobs/default")
        return try await guarded.ticket(
            isReadable ? path : "/logs/default/p", token: "alice-token")
    }

    @Test(arguments: Case.allCases)
    func `who may not come in is told so at every door`(wrong: Case) async throws {
        try await GuardedGateway.with { guarded in
            try await guarded.addJobs()
            let made = try await guarded.gateway.send(
                "PUT", "/v1/consumers/c", #"{"namespace":"default","after":0}"#,
                fields: [GuardedGateway.bearer("alice-token")])
            #expect(made.status == 201)
            for door in Self.doors {
                for way in door.ways {
                    guard let status = expected(wrong, door, way) else { continue }
                    let (target, fields) = try await request(wrong, door, guarded)
                    let answer = try await ask(door, target, fields, way, guarded)
                    #expect(answer.status == status, "\(wrong) \(door) \(way): \(answer.text)")
                    #expect(!answer.text.contains("-token"), "a token is repeated")
                    if status == 401 {
                        #expect(
                            answer.fields["www-authenticate"]?.hasPrefix("Bearer") == true,
                            "\(wrong) \(door) \(way)")
                        #expect(answer.text.contains(#""reason":"Unauthorized""#))
                    }
                    if status != 101 { #expect(answer.fields["cache-control"] == "no-store") }
                }
            }
        }
    }

    private func ask(
        _ door: Door, _ target: String, _ fields: [String], _ way: Way, _ guarded: GuardedGateway
    ) async throws -> RawResponse {
        switch way {
        case .plain:
            return try await guarded.gateway.send(door.method, target, door.body, fields: fields)
        case .eventStream:
            return try await guarded.gateway.get(
                target, fields: fields + ["Accept: text/event-stream"])
        case .webSocket:
            let client = try guarded.gateway.client()
            let answer = try await client.upgrade(target, fields: fields)
            if answer.status == 101 {
                guard case .close(let code, _) = try await client.readFrame() else {
                    throw RawClient.Failure.malformed("a frame for somebody else")
                }
                #expect(code == 4404)
            }
            return answer
        }
    }

    @Test func `who may come in is let in at every door, by header, subprotocol and ticket`()
        async throws
    {
        try await GuardedGateway.with { guarded in
            try await guarded.addJobs()
            let fields = [GuardedGateway.bearer("alice-token")]
            for path in ["/logs/default/p", "/v1/jobs/default/build", "/v1/events", "/v1/jobs"] {
                let answer = try await guarded.gateway.get(path, fields: fields)
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            let ticket = try await guarded.ticket("/logs/default/p", token: "alice-token")
            let byTicket = try await guarded.gateway.get("/logs/default/p?ticket=\(ticket)&limit=1")
            #expect(byTicket.text == "a line of default\n")
            let client = try guarded.gateway.client()
            let token = Data("alice-token".utf8).base64EncodedString()
                .filter { $0 != "=" }
            let socket = try await client.upgrade(
                "/logs/default/p",
                subprotocol: "base64url.bearer.authorization.k8s.io.\(token), binary.k8s.io")
            #expect(socket.status == 101)
            #expect(socket.fields["sec-websocket-protocol"] == "binary.k8s.io")
            let frame = try await client.readFrame()
            #expect(frame == .binary(Array("a line of default\n".utf8)))
        }
    }

    @Test func `a token alone among the subprotocols is refused`() async throws {
        try await GuardedGateway.with { guarded in
            let answer = try await guarded.gateway.client().upgrade(
                "/v1/events", subprotocol: "base64url.bearer.authorization.k8s.io.YWxpY2UtdG9rZW4")
            #expect(answer.status == 400)
            #expect(answer.text.contains("podwire.v1"))
        }
    }

    @Test(arguments: ["/", "/app.js", "/healthz", "/readyz"])
    func `the page and the probes need no token`(path: String) async throws {
        try await GuardedGateway.with { guarded in
            let answer = try await guarded.gateway.get(path)
            #expect(answer.status == 200)
        }
    }
}
