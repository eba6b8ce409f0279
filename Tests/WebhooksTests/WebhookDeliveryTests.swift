import ByteBlocks
import HTTPClient
import LogModel
import ScriptedHTTP
import Store
import Testing

@testable import Webhooks

/// Deliveries over real sockets and a real store, with time that passes only when it is asked.
@Suite(.timeLimit(.minutes(5)))
struct WebhookDeliveryTests {
    @Test func `each event is posted as the feed gives it, signed, in order`() async throws {
        try await WebhookRun.with { run in
            let target = try ScriptedTarget()
            defer { target.server.stop() }
            let service = try await run.open(run.target(target.server.url + "/hook?a=b"))
            try await run.emit(3)
            try await run.deliver(with: service) {
                let requests = await target.next(3)
                let events = try await run.store.events(after: 0, limit: 10)
                #expect(requests.map(\.body) == events.map { $0.json.copy })
                #expect(requests.map(\.target) == Array(repeating: "/hook?a=b", count: 3))
                #expect(Set(requests.map(\.connection)) == [0], "one connection for all")
                for (request, event) in zip(requests, events) {
                    #expect(
                        request.fields["content-type"]
                            == ["application/cloudevents+json; charset=utf-8"])
                    #expect(request.fields["user-agent"] == ["podwire/9"])
                    let signature = try WebhookSignature.fields(
                        id: "\(event.sequence)", timestamp: JumpingClock.unixStart,
                        body: request.body,
                        secret: WebhookSecret(Array(WebhookRun.secretText.utf8)))
                    for field in signature {
                        #expect(request.fields[field.name] == [field.value])
                    }
                }
            }
            #expect(run.log.entries.isEmpty)
        }
    }

    @Test func `a refused event is tried again until it is taken, and the next waits`() async throws
    {
        let elsewhere = try ScriptedTarget()
        defer { elsewhere.server.stop() }
        try await WebhookRun.with { run in
            let url = elsewhere.server.url
            let target = try ScriptedTarget { request in
                switch request.index {
                case 0: .body("overloaded", status: 500)
                case 1: .body("", status: 429, fields: ["Retry-After: 70"])
                case 2: .body("", status: 307, fields: ["Location: \(url)/"])
                case 3, 4: .body("", status: 410)
                case 5: .init(ending: .silent)
                default: .init(status: 202)
                }
            }
            defer { target.server.stop() }
            // One answer never comes; all others come in time on a busy machine, too.
            let service = try await run.open(
                run.target(target.server.url, timeout: .seconds(5)))
            try await run.emit(2)
            try await run.deliver(with: service) {
                #expect(await target.ids(8) == ["1", "1", "1", "1", "1", "1", "1", "2"])
            }
            let delays = run.clock.delays
            #expect(delays.count == 6)
            #expect(delays[0] >= .milliseconds(500) && delays[0] <= .seconds(1))
            #expect(delays[1] == .seconds(70))
            #expect(delays[5] >= .seconds(16) && delays[5] <= .seconds(32))
            #expect(elsewhere.server.requests.isEmpty, "redirects are not followed")
            let log = run.log.entries
            #expect(log.count == 6, "one entry a kind of failure, one for the end: \(log)")
            for words in ["500", "429", "redirects are not followed", "410", "timeoutTotal"] {
                #expect(log.contains { $0.contains(words) })
            }
            #expect(log.last?.contains("failures=6") == true)
        }
    }

    @Test func `deliveries go on from the stored position, a few again after a crash`() async throws
    {
        try await WebhookRun.with { run in
            let first = try ScriptedTarget { .init(ending: $0.index == 260 ? .silent : .clean) }
            let service = try await run.open(run.target(first.server.url))
            #expect(try await run.position() == 0)
            try await run.emit(270)
            try await run.deliver(with: service) {
                #expect(await first.ids(261).last == "261")
                let stored = try await run.position()
                #expect(stored == 256, "what a crash now would have to go on from")
            }
            first.server.stop()
            #expect(try await run.position() == 260, "a stop in order repeats nothing")
            let second = try ScriptedTarget()
            defer { second.server.stop() }
            let again = try await run.open(run.target(second.server.url))
            try await run.deliver(with: again) {
                #expect(await second.ids(10) == (261...270).map { "\($0)" })
                try await run.emit(1)
                #expect(await second.ids(1) == ["271"])
            }
        }
    }

    @Test func `a new target begins with the next event`() async throws {
        try await WebhookRun.with { run in
            let target = try ScriptedTarget()
            defer { target.server.stop() }
            try await run.emit(5)
            let service = try await run.open(run.target(target.server.url))
            #expect(try await run.position() == 5)
            try await run.deliver(with: service) {
                try await run.emit(1)
                #expect(await target.ids(1) == ["6"])
            }
        }
    }

    @Test func `a target that hangs delays no other`() async throws {
        try await WebhookRun.with { run in
            let hanging = try ScriptedTarget { _ in .init(ending: .silent) }
            let healthy = try ScriptedTarget()
            defer {
                hanging.server.stop()
                healthy.server.stop()
            }
            let service = try await run.open(
                run.target(hanging.server.url, name: "hanging", timeout: .seconds(300)),
                run.target(healthy.server.url, name: "healthy", timeout: .seconds(300)))
            try await run.deliver(with: service) {
                try await run.emit(1)
                #expect(await hanging.ids(1) == ["1"])
                try await run.emit(100)
                #expect(await healthy.ids(101) == (1...101).map { "\($0)" })
            }
            #expect(hanging.server.requests.count == 1)
            #expect(try await run.position("hanging") == 0)
        }
    }

    @Test func `a target gets what its filter lets through, from memory and database`() async throws
    {
        try await WebhookRun.with({ $0.recentEventBytes = 4_000 }) { run in
            let target = try ScriptedTarget()
            defer { target.server.stop() }
            let filter = EventFilter(types: [.jobEnd], job: "wanted")
            let service = try await run.open(run.target(target.server.url, filter: filter))
            for _ in 0..<20 {
                try await run.emit(2, job: "wanted")
                try await run.emit(1, .jobEnd, job: "other")
                try await run.emit(1, .jobEnd, job: "wanted")
            }
            try await run.deliver(with: service) {
                #expect(await target.ids(20) == (1...20).map { "\($0 * 4)" })
                try await run.emit(1)
                try await run.emit(1, .jobEnd, job: "wanted")
                #expect(await target.ids(1) == ["82"])
            }
        }
    }

    @Test func `events that are no longer kept are told, and the oldest comes next`() async throws {
        try await WebhookRun.with({ $0.recentEventBytes = 0 }) { run in
            let target = try ScriptedTarget()
            defer { target.server.stop() }
            let service = try await run.open(run.target(target.server.url))
            try await run.emit(9)
            try await run.store.deleteEvents(before: 8)
            try await run.deliver(with: service) {
                #expect(await target.ids(2) == ["8", "9"])
            }
            let log = run.log.entries
            #expect(log.count == 1 && log[0].contains("missed=7") && log[0].contains("oldest=8"))
        }
    }

    @Test func `a new secret is used at once, the last one while there is none`() async throws {
        try await WebhookRun.with { run in
            let target = try ScriptedTarget()
            defer { target.server.stop() }
            let service = try await run.open(run.target(target.server.url))
            try await run.deliver(with: service) {
                var signatures: [[String]] = []
                for secret in [WebhookRun.secretText, "x" + WebhookRun.secretText, "", ""] {
                    try run.write(secret, to: "secret")
                    try await run.emit(1)
                    signatures += await target.next(1).map { request in
                        let text = secret.isEmpty ? "x" + WebhookRun.secretText : secret
                        let fields = try? WebhookSignature.fields(
                            id: "\(request.index + 1)", timestamp: JumpingClock.unixStart,
                            body: request.body, secret: WebhookSecret(Array(text.utf8)))
                        #expect(
                            request.fields["webhook-signature"] == fields.map { [$0[2].value] })
                        return request.fields["webhook-signature"] ?? []
                    }
                }
                #expect(signatures.count == 4)
            }
            #expect(run.log.entries.count == 1)
            #expect(!run.log.entries.joined().contains(WebhookRun.secretText.prefix(8)))
        }
    }

    @Test func `a target that is away is tried again at ever longer times`() async throws {
        try await WebhookRun.with { run in
            let gone = try ScriptedServer { _ in .init() }
            gone.stop()
            let service = try await run.open(run.target(gone.url))
            try await run.emit(1)
            try await run.deliver(with: service) {
                for await _ in run.clock.pauses.prefix(12) {}
            }
            #expect(run.clock.delays[11] >= .seconds(150) && run.clock.delays[11] <= .seconds(300))
            #expect(run.log.entries.count == 1)
            #expect(try await run.position() == 0)
        }
    }
}
