import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct LogOverHTTPTests {
    @Test func `an ended log is served with its stream, first line and state`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob()
            let writer = try await gateway.open()
            try await writer.write(["one", "two"])
            try await writer.end(exitCode: 0, reason: "Completed")
            for target in ["/logs/default/p-u1", "/logs/default/p-u1/main?follow"] {
                let response = try await gateway.get(target)
                #expect(response.status == 200)
                #expect(response.text == "one\ntwo\n")
                #expect(response.fields["content-type"] == "text/plain; charset=utf-8")
                #expect(response.fields["content-length"] == "8")
                #expect(response.fields["podwire-stream"] == "u1/main/0")
                #expect(response.fields["podwire-from"] == "0")
                #expect(response.fields["podwire-state"] == "ended")
            }
            #expect(try await gateway.get("/logs/default/p-u1", method: "HEAD").status == 200)
        }
    }

    @Test(arguments: [
        ("tailLines=2", "c\nd\n"), ("tailLines=0", ""), ("tailLines=9", "a\nb\nc\nd\n"),
        ("from=3", "d\n"), ("from=9", ""), ("from=1&tailLines=1", "d\n"),
        ("sinceTime=1970-01-01T00:00:02Z", "c\nd\n"),
        ("sinceTime=1970-01-01T00:00:01.000000001Z", "c\nd\n"),
        ("tailLines=3&sinceTime=1970-01-01T00:00:03Z", "d\n"),
        ("sinceSeconds=1000000", ""), ("limitBytes=3", "a\nb"), ("limitBytes=99", "a\nb\nc\nd\n"),
        ("tailLines=2&limitBytes=1", "c"),
        ("timestamps&tailLines=1", "1970-01-01T00:00:03.000000000Z d\n"),
    ])
    func `parameters select what the kubelet would`(query: String, text: String) async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["a", "b", "c", "d"])
            #expect(try await gateway.get("/logs/default/p-u1?\(query)").text == text)
        }
    }

    @Test func `a follower gets the head at once, each line live, and the end`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let client = try gateway.client()
            try client.request("/logs/default/p-u1?follow&timestamps")
            let head = try await client.readHead()
            #expect(head.fields["podwire-state"] == "live")
            try await writer.write(["one"])
            let first = try await client.readChunk()
            #expect(first == Array("1970-01-01T00:00:00.000000000Z one\n".utf8))
            try await writer.write(["no newline"], start: 5, closed: false)
            try await writer.end(exitCode: 1, reason: "Error")
            let rest = try await client.readBody(of: head)
            #expect(
                String(decoding: rest, as: UTF8.self)
                    == "1970-01-01T00:00:05.000000000Z no newline")
        }
    }

    @Test func `a follower starts at its position also where that is still to come`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["0", "1"])
            let client = try gateway.client()
            try client.request("/logs/default/p-u1?follow&from=3")
            let head = try await client.readHead()
            #expect(head.fields["podwire-from"] == "3")
            try await writer.write(["2", "3", "4"])
            try await writer.end(exitCode: 0, reason: nil)
            #expect(try await client.readBody(of: head) == Array("3\n4\n".utf8))
        }
    }

    @Test func `a follower waits for a Pod that nobody has seen, then for its start`() async throws
    {
        try await TestGateway.with { gateway in
            let client = try gateway.client()
            try client.request("/logs/default/p-u1?follow")
            try await gateway.addJob(phase: "Pending")
            let writer = try await gateway.open()
            let head = try await client.readHead()
            #expect(head.status == 200)
            #expect(head.fields["podwire-stream"] == "u1/main/0")
            try await writer.write(["first"])
            try await writer.end(exitCode: 0, reason: nil)
            #expect(try await client.readBody(of: head) == Array("first\n".utf8))
        }
    }

    @Test func `who does not wait is told that there is no such Pod`() async throws {
        try await TestGateway.with { gateway in
            for target in ["/logs/default/nope", "/logs/default/nope?follow&wait=0"] {
                let refusal = try await gateway.refusal(target)
                #expect(refusal.code == 404)
                #expect(refusal.message == "pods \"nope\" not found")
            }
            try await gateway.addJob(phase: "Pending")
            let refusal = try await gateway.refusal("/logs/default/p-u1")
            #expect(refusal.code == 404)
            #expect(refusal.message.contains("container \"main\" in pod \"p-u1\" has no log yet"))
        }
    }

    @Test func `attempts are read one by one or all in order`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob()
            for attempt in 0...2 {
                let writer = try await gateway.open("u1", "main", attempt)
                try await writer.write(["a\(attempt)", "b\(attempt)"])
                if attempt < 2 { try await writer.end(exitCode: 1, reason: "Error") }
            }
            #expect(try await gateway.get("/logs/default/p-u1?attempt=0").text == "a0\nb0\n")
            #expect(try await gateway.get("/logs/default/p-u1?previous").text == "a1\nb1\n")
            #expect(try await gateway.get("/logs/default/p-u1").text == "a2\nb2\n")
            let all = try await gateway.get("/logs/default/p-u1?attempt=all")
            #expect(all.text == "a0\nb0\na1\nb1\na2\nb2\n")
            let tail = try await gateway.get("/logs/default/p-u1?attempt=all&tailLines=3")
            #expect(tail.text == "b1\na2\nb2\n")
        }
    }

    @Test func `a container that was started again a thousand times hides no log`() async throws {
        try await TestGateway.with { gateway in
            let other = ContainerRow(name: "again", kind: .main)
            try await gateway.addJob(containers: [Samples.main, other])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for attempt in 0...1_000 {
                    group.addTask { _ = try await gateway.open("u1", "again", attempt) }
                }
                try await group.waitForAll()
            }
            try await gateway.open("u1", "again", 0).write(["first"])
            try await gateway.open().write(["main"])
            #expect(try await gateway.get("/logs/default/p-u1/main").text == "main\n")
            let first = try await gateway.get("/logs/default/p-u1/again?attempt=0")
            #expect(first.text == "first\n")
            let all = try await gateway.get("/logs/default/p-u1/again?attempt=all")
            #expect(all.text == "first\n")
        }
    }

    @Test func `the last lines of all attempts count a long line once`() async throws {
        try await TestGateway.with { gateway in
            let first = try await gateway.open("u1", "main", 0)
            try await first.write(["a0", "b0"])
            try await first.end(exitCode: 1, reason: "Error")
            let second = try await gateway.open("u1", "main", 1)
            try await second.write(["a"], closed: false)
            try await second.write(["1", "b1"])
            let tail = try await gateway.get("/logs/default/p-u1?attempt=all&tailLines=3")
            #expect(tail.text == "b0\na1\nb1\n")
        }
    }

    @Test func `a follower of all attempts gets the last lines of an earlier one`() async throws {
        try await TestGateway.with { gateway in
            let first = try await gateway.open("u1", "main", 0)
            try await first.write(["a0"])
            let second = try await gateway.open("u1", "main", 1)
            try await second.write(["a1"])
            let client = try gateway.client()
            try client.request("/logs/default/p-u1?attempt=all&follow")
            let head = try await client.readHead()
            #expect(try await client.readChunk() == Array("a0\n".utf8))
            try await first.write(["b0"])
            try await first.end(exitCode: 1, reason: "Error")
            try await second.end(exitCode: 0, reason: nil)
            let rest = try await client.readBody(of: head)
            #expect(String(decoding: rest, as: UTF8.self) == "b0\na1\n")
        }
    }

    @Test func `the last lines are those before what comes meanwhile`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["a", "b", "c"])
            let found = try await gateway.store.streams(StreamQuery())
            try await writer.write(["d", "e"])
            var parameters = LogParameters()
            parameters.tailLines = 2
            let planner = LogPlanner(store: gateway.store, now: { .now })
            let once = try await planner.plan(found, parameters, follow: false)
            #expect(once.opening.first == 1 && once.opening.end == 3)
            let followed = try await planner.plan(found, parameters, follow: true)
            #expect(followed.opening.first == 1 && followed.opening.end == nil)
        }
    }

    @Test func `a log that is deleted while it is looked up is gone and not empty`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["a"])
            try await writer.end(exitCode: 0, reason: nil)
            let planner = LogPlanner(store: gateway.store, now: { .now })
            let plan = try await planner.plan(
                try await gateway.store.streams(StreamQuery()), LogParameters(), follow: false)
            try await gateway.store.deleteLines(ofStreams: [writer.row])
            let refusal = await #expect(throws: StatusResponse.self) {
                _ = try await LogEntity(plan, LogParameters(), gateway.store)
            }
            #expect(refusal?.code == 410)
        }
    }

    @Test func `a gap is a line of text also behind an unclosed line`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["cut"], closed: false)
            try await writer.append(
                GapRecord(
                    certainty: .certain, from: nil, to: LogTime(seconds: 9), reason: "rotated"))
            try await writer.write(["on"], start: 10)
            let gap =
                "--- podwire: lines missing between the start and 1970-01-01T00:00:09.000000000Z"
                + ": rotated ---"
            let text = try await gateway.get("/logs/default/p-u1").text
            #expect(text == "cut\n\(gap)\non\n")
        }
    }

    @Test func `positions are good across a restart of the daemon`() async throws {
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(
                at: directory.appending(path: "web"), withIntermediateDirectories: true)
            let lines = (0..<5_000).map { "line \($0)" }
            let first = try await TestGateway.start(in: directory)
            let writer = try await first.open()
            try await writer.write(lines)
            let client = try first.client()
            try client.request("/logs/default/p-u1?follow&from=10")
            let head = try await client.readHead()
            var seen = ""
            while !seen.hasSuffix("line 4999\n"), let chunk = try await client.readChunk() {
                seen += String(decoding: chunk, as: UTF8.self)
            }
            await first.stop()
            await #expect(throws: RawClient.Failure.self) { try await client.readBody(of: head) }
            let second = try await TestGateway.start(in: directory)
            let next = 10 + seen.split(separator: "\n").count
            let again = try await second.open()
            try await again.write(["line 5000"])
            try await again.end(exitCode: 0, reason: nil)
            let rest = try await second.get("/logs/default/p-u1?follow&from=\(next)")
            #expect(
                seen + rest.text == (lines + ["line 5000"]).dropFirst(10).joined(separator: "\n")
                    + "\n")
            await second.stop()
        }
    }

    @Test func `a reader that takes nothing holds up nobody and loses nothing`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let slow = try gateway.client()
            try slow.request("/logs/default/p-u1?follow")
            let head = try await slow.readHead()
            let line = String(repeating: "x", count: 1_000)
            var expected = 0
            for block in 0..<16 {
                let lines = (0..<500).map { "\(block * 500 + $0) \(line)" }
                expected += lines.reduce(0) { $0 + $1.utf8.count + 1 }
                try await writer.write(lines, start: Int64(block))
            }
            try await writer.end(exitCode: 0, reason: nil)
            let fast = try await gateway.get("/logs/default/p-u1?follow")
            #expect(fast.body.count == expected)
            #expect(try await slow.readBody(of: head) == fast.body)
        }
    }

    @Test func `refusals are Status objects that say what to change`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.addJob()
            _ = try await gateway.open()
            let cases = [
                ("/logs/default/p-u1?tailLines=x", 400, "BadRequest", "tailLines"),
                ("/logs/default/p-u1?limitBytes=0", 422, "Invalid", "limitBytes"),
                (
                    "/logs/default/p-u1/x", 400, "BadRequest",
                    "container x is not valid for pod p-u1"
                ),
                ("/logs/default/p-u1?previous", 400, "BadRequest", "previous terminated container"),
                ("/logs/default", 404, "NotFound", "/logs/default"),
                ("/v1/nothing", 404, "NotFound", "/v1/nothing"),
                ("/v1/jobs/default/nope", 404, "NotFound", "jobs \"nope\" not found"),
                ("/v1/workflows/default/nope", 404, "NotFound", "workflows \"nope\" not found"),
                ("/v1/events?after=99", 400, "BadRequest", "beyond the last event"),
                ("/nope.html", 404, "NotFound", "/nope.html"),
                ("/%zz", 400, "BadRequest", "two hexadecimal digits"),
            ]
            for (target, code, reason, words) in cases {
                let refusal = try await gateway.refusal(target)
                #expect(refusal.code == code, "\(target)")
                #expect(refusal.reason == reason)
                #expect(refusal.message.contains(words), "\(refusal.message)")
            }
            let post = try await gateway.get("/v1/jobs", method: "POST")
            #expect(post.status == 405)
            #expect(post.fields["allow"] == "GET, HEAD")
            let rebound = try await gateway.refusal("/", fields: ["Host: evil.example"])
            #expect(rebound.code == 403)
        }
    }
}
