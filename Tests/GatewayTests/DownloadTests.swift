import ByteBlocks
import Foundation
import LogModel
import RandomNumbers
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct DownloadTests {
    /// A gateway with an ended log of Pod `p-u1`, a gap record inside a line among its lines.
    private func withEndedLog(
        _ body: (TestGateway, _ text: [UInt8]) async throws -> Void
    ) async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write((0..<3_000).map { "line \($0) of some text" })
            try await writer.write(["cut"], start: 3_000, closed: false)
            try await writer.append(
                GapRecord(
                    certainty: .certain, from: nil, to: LogTime(seconds: 3_001), reason: "test"))
            try await writer.write(["on", "and on"], start: 3_002)
            try await writer.write(["no newline"], start: 3_004, closed: false)
            try await writer.end(exitCode: 0, reason: "Completed")
            let gap =
                "--- podwire: lines missing between the start and 1970-01-01T00:50:01.000000000Z"
                + ": test ---"
            let text =
                (0..<3_000).map { "line \($0) of some text\n" }.joined()
                + "cut\n\(gap)\non\nand on\nno newline"
            try await body(gateway, Array(text.utf8))
        }
    }

    private let path = "/logs/default/p-u1"

    @Test func `an ended log has its length, a strong tag and ranges; HEAD says the same`()
        async throws
    {
        try await withEndedLog { gateway, text in
            let answer = try await gateway.get(path)
            #expect(answer.status == 200 && answer.body == text)
            #expect(answer.fields["content-length"] == String(text.count))
            #expect(answer.fields["accept-ranges"] == "bytes")
            #expect(answer.fields["vary"] == "Accept-Encoding")
            let tag = try #require(answer.fields["etag"])
            #expect(tag.hasPrefix("\"u1/main/0;") && tag.hasSuffix("\""))
            for query in ["", "?follow", "?timestamps", "?tailLines=4", "?sinceSeconds=9"] {
                var get = try await gateway.get(path + query)
                var head = try await gateway.get(path + query, method: "HEAD")
                for name in ["date", "etag"] where query == "?sinceSeconds=9" || name == "date" {
                    get.fields[name] = nil
                    head.fields[name] = nil
                }
                #expect(head.status == 200 && head.fields == get.fields, "\(query)")
            }
        }
    }

    @Test func `every form has a tag of its own`() async throws {
        try await withEndedLog { gateway, _ in
            var tags: Set<String> = []
            let queries = [
                "", "timestamps", "from=1", "to=9", "lines=9", "limitBytes=5", "tailLines=4",
                "sinceTime=1970-01-01T00:00:09Z", "sinceTime=1970-01-01T00:00:10Z",
            ]
            for query in queries {
                let answer = try await gateway.get("\(path)?\(query)")
                tags.insert(try #require(answer.fields["etag"]))
                let length = answer.fields["content-length"]
                #expect((length == nil) == query.hasPrefix("sinceTime"), "\(query)")
                #expect(length == nil || length == String(answer.body.count))
            }
            // The first eight differ; `lines=9` gives the same bytes of the same lines as `to=9`.
            #expect(tags.count == queries.count - 1)
        }
    }

    @Test func `what the client has is not sent again`() async throws {
        try await withEndedLog { gateway, _ in
            let tag = try #require(try await gateway.get(path).fields["etag"])
            for fields in [
                ["If-None-Match: \(tag)"], ["If-None-Match: \"x\", \(tag)"],
                ["If-None-Match: \(tag)", "Range: bytes=0-4"],
                ["If-None-Match: \(tag)", "Range: bytes=99999999-"],
            ] {
                let answer = try await gateway.get(path, fields: fields)
                #expect(answer.status == 304 && answer.body.isEmpty)
                #expect(answer.fields["etag"] == tag)
            }
            let refusal = try await gateway.refusal(path, fields: ["If-Match: \"x\""])
            #expect(refusal.code == 412 && refusal.message.contains(tag))
        }
    }

    @Test(arguments: [
        ("bytes=0-9", 0, 10), ("bytes=60000-60099", 60_000, 100), ("bytes=-10", -10, 10),
        ("bytes=-90", -90, 90), ("bytes=5-", 5, nil),
    ])
    func `a part is those bytes of the whole`(range: String, from: Int, count: Int?) async throws {
        try await withEndedLog { gateway, text in
            let start = from < 0 ? text.count + from : from
            let end = count.map { start + $0 } ?? text.count
            let tag = try #require(try await gateway.get(path).fields["etag"])
            for condition in [[], ["If-Range: \(tag)"], ["Accept-Encoding: gzip, zstd"]] {
                let answer = try await gateway.get(path, fields: ["Range: \(range)"] + condition)
                #expect(answer.status == 206)
                #expect(answer.body == Array(text[start..<end]))
                #expect(
                    answer.fields["content-range"] == "bytes \(start)-\(end - 1)/\(text.count)")
                #expect(answer.fields["etag"] == tag)
                #expect(answer.fields["content-encoding"] == nil)
            }
        }
    }

    @Test func `a part is refused or the whole is sent, as RFC 9110 says`() async throws {
        try await withEndedLog { gateway, text in
            let beyond = try await gateway.get(path, fields: ["Range: bytes=\(text.count)-"])
            #expect(beyond.status == 416)
            #expect(beyond.fields["content-range"] == "bytes */\(text.count)")
            #expect(beyond.text.contains("RequestedRangeNotSatisfiable"))
            for fields in [
                ["Range: bytes=0-4,9-12"], ["Range: lines=0-4"],
                ["Range: bytes=0-4", "If-Range: \"other\""],
                ["Range: bytes=0-4", "If-Range: Tue, 24 Nov 2026 18:00:00 GMT"],
            ] {
                let answer = try await gateway.get(path, fields: fields)
                #expect(answer.status == 200 && answer.body == text, "\(fields)")
            }
            let head = try await gateway.get(
                path, method: "HEAD", fields: ["Range: bytes=0-4"])
            #expect(head.status == 200 && head.fields["content-length"] == String(text.count))
        }
    }

    @Test func `a live log has neither tag nor ranges, and a length only without follow`()
        async throws
    {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["one", "two"])
            let answer = try await gateway.get(path, fields: ["Range: bytes=0-1"])
            #expect(answer.status == 200 && answer.text == "one\ntwo\n")
            #expect(answer.fields["content-length"] == "8")
            #expect(answer.fields["etag"] == nil && answer.fields["accept-ranges"] == nil)
            let head = try await gateway.get("\(path)?follow", method: "HEAD")
            #expect(head.status == 200 && head.fields["content-length"] == nil)
            // A window of lines that are still to come ends with the last of them.
            let client = try gateway.client()
            try client.request("\(path)?follow&from=1&lines=3")
            let opened = try await client.readHead()
            try await writer.write(["three", "four", "five"])
            let body = try await client.readBody(of: opened)
            #expect(body == Array("two\nthree\nfour\n".utf8))
        }
    }

    @Test func `windows of lines are exactly those lines, gap records counted`() async throws {
        try await withEndedLog { gateway, _ in
            let windows = [
                ("from=2999&lines=1", "line 2999 of some text\n"), ("from=2999&lines=0", ""),
                ("from=3000&lines=1", "cut"), ("from=3002&to=3003", "on\n"),
                ("from=3004&lines=9", "no newline"), ("from=9&to=3", ""),
                ("tailLines=2&lines=1", "and on\n"), ("from=99999&lines=2", ""),
                ("to=1", "line 0 of some text\n"),
            ]
            for (query, text) in windows {
                #expect(try await gateway.get("\(path)?\(query)").text == text, "\(query)")
            }
            let gap = try await gateway.get("\(path)?from=3001&lines=1&timestamps").text
            #expect(gap.hasPrefix("1970-01-01T00:50:01.000000000Z --- podwire: lines missing"))
            for query in ["lines=-1", "to=x"] {
                #expect(try await gateway.refusal("\(path)?\(query)").code == 400)
            }
            #expect(try await gateway.refusal("\(path)?attempt=all&to=3").code == 422)
        }
    }

    @Test(arguments: [1, 2, 3, 4])
    func `parts of any log in any form join to the whole`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestGateway.with { gateway in
            for attempt in 0...2 {
                let writer = try await gateway.open("u1", "main", attempt)
                try await writer.writeRandomLog(batches: 25, using: &random)
                try await writer.end(exitCode: 0, reason: nil)
            }
            for query in [
                "", "timestamps", "attempt=all", "attempt=all&timestamps", "from=17",
                "from=17&timestamps", "attempt=all&tailLines=60", "lines=55", "limitBytes=999",
            ] {
                let target = "\(path)?\(query)"
                let whole = try await gateway.get(target)
                #expect(whole.fields["content-length"] == String(whole.body.count), "\(query)")
                let head = try await gateway.get(target, method: "HEAD")
                #expect(head.fields["content-length"] == String(whole.body.count))
                var joined: [UInt8] = []
                while joined.count < whole.body.count {
                    let size = Int.random(in: 1...max(2, whole.body.count / 6), using: &random)
                    let end = joined.count + size - 1
                    let part = try await gateway.get(
                        target, fields: ["Range: bytes=\(joined.count)-\(end)"])
                    #expect(part.status == 206)
                    joined += part.body
                }
                let isEqual = joined == whole.body
                #expect(isEqual, "\(query)")
            }
        }
    }

    @Test(arguments: [5, 6])
    func `any log in any form comes back from its packing`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestGateway.with { gateway in
            for attempt in 0...1 {
                let writer = try await gateway.open("u1", "main", attempt)
                try await writer.writeRandomLog(batches: 40, using: &random)
                try await writer.end(exitCode: 0, reason: nil)
            }
            for query in [
                "", "timestamps", "attempt=all", "from=17", "from=17&lines=55", "limitBytes=999",
                "sinceTime=1970-01-01T00:01:00Z", "follow", "tailLines=0",
            ] {
                let target = "\(path)?\(query)"
                let whole = try await gateway.get(target)
                for coding in ["gzip", "zstd"] {
                    let field = "Accept-Encoding: \(coding)"
                    let packed = try await gateway.get(target, fields: [field])
                    #expect(packed.fields["content-encoding"] == coding)
                    #expect(packed.fields["transfer-encoding"] == "chunked")
                    let tag = try #require(packed.fields["etag"])
                    #expect(tag.hasPrefix("W/\"") && tag.hasSuffix(";\(coding)\""))
                    let text =
                        coding == "gzip"
                        ? try Unpacking.gzip(packed.body)
                        : try Unpacking.zstd(packed.body, count: whole.body.count)
                    let isEqual = text == whole.body
                    #expect(isEqual, "\(coding) \(query)")
                    let known = try await gateway.get(
                        target, fields: [field, "If-None-Match: \(tag)"])
                    #expect(known.status == 304)
                    let head = try await gateway.get(target, method: "HEAD", fields: [field])
                    #expect(head.fields["content-encoding"] == coding)
                    #expect(head.fields["etag"] == tag)
                }
            }
        }
    }

    @Test func `stored frames are sent as they are`() async throws {
        try await withEndedLog { gateway, text in
            let packed = try await gateway.get(path, fields: ["Accept-Encoding: zstd, gzip"])
            let found = try await gateway.store.frames(
                stream: 1, lines: 0..<3_005, bytes: 1)
            let frames = try #require(found)
            let isPrefix = withExtendedLifetime(frames.block) {
                packed.body.starts(with: frames.block.bytes)
            }
            #expect(isPrefix && packed.fields["content-encoding"] == "zstd")
            #expect(packed.body.count < text.count / 3)
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func `a packed log that is followed shows each line at once`(coding: String) async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let client = try gateway.client()
            try client.request("\(path)?follow", fields: ["Accept-Encoding: \(coding)"])
            let head = try await client.readHead()
            #expect(head.fields["content-encoding"] == coding)
            var chunks: [UInt8] = []
            for number in 0..<5 {
                try await writer.write(["line \(number)"], start: Int64(number))
                // Nothing more is written before the line has come.
                chunks += try #require(try await client.readChunk())
            }
            try await writer.end(exitCode: 0, reason: nil)
            chunks += try await client.readBody(of: head)
            let text = (0..<5).map { "line \($0)\n" }.joined()
            let unpacked =
                coding == "gzip"
                ? try Unpacking.gzip(chunks)
                : try Unpacking.zstd(chunks, count: text.utf8.count)
            #expect(String(decoding: unpacked, as: UTF8.self) == text)
        }
    }
}
