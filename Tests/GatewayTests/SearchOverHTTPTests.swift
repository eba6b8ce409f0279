import Foundation
import LogModel
import RandomNumbers
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct SearchOverHTTPTests {
    private let path = "/logs/default/p-u1"
    private let json = ["Accept: application/x-ndjson"]

    /// A gateway with a log of Pod `p-u1`: errors among many lines, and a gap record.
    private func withLog(_ body: (TestGateway) async throws -> Void) async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.write(["start", "Error one", "fine", "error (two)", "fine", "last"])
            try await writer.append(
                GapRecord(
                    certainty: .certain, from: nil, to: LogTime(seconds: 7), reason: "error"))
            try await writer.write(["error three"], start: 8)
            try await body(gateway)
        }
    }

    private let gap =
        "6---- podwire: lines missing between the start and 1970-01-01T00:00:07.000000000Z: "
        + "error ---\n"

    @Test func `lines come with their numbers, as grep -n writes them`() async throws {
        try await withLog { gateway in
            let cases = [
                ("grep=error", "3:error (two)\n\(gap)7:error three\n"),
                ("grep=^Error&ignoreCase", "1:Error one\n3:error (two)\n\(gap)7:error three\n"),
                ("fixed=(two)", "3:error (two)\n\(gap)"),
                ("grep=(two)&fixed", "3:error (two)\n\(gap)"),
                ("grep=(two)&fixed=true", "3:error (two)\n\(gap)"),
                ("grep=(two)&fixed=false", "3:error (two)\n\(gap)"),
                ("grep=two&before=1&after=1", "2-fine\n3:error (two)\n4-fine\n--\n\(gap)"),
                ("grep=[Ee]rror&before=1&to=4", "0-start\n1:Error one\n2-fine\n3:error (two)\n"),
                ("grep=error&limit=1", "3:error (two)\n"),
                ("grep=error&count", "2\n"), ("grep=error&count&limit=1", "1\n"),
                ("grep=error&from=4", "\(gap)7:error three\n"),
                ("grep=error&from=2&lines=2", "3:error (two)\n"),
                ("grep=error&tailLines=1", "7:error three\n"),
                ("grep=e&sinceTime=1970-01-01T00:00:04Z", "4:fine\n\(gap)7:error three\n"),
                ("grep=two&timestamps&to=5", "3:1970-01-01T00:00:03.000000000Z error (two)\n"),
                ("grep=nothing&to=6", ""), ("grep=nothing&count", "0\n"),
            ]
            for (query, expected) in cases {
                let answer = try await gateway.get("\(path)?\(query)")
                #expect(answer.status == 200 && answer.text == expected, "\(query)")
                #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
                #expect(answer.fields["podwire-stream"] == "u1/main/0")
            }
        }
    }

    @Test func `JSON has what a page needs`() async throws {
        try await withLog { gateway in
            let answer = try await gateway.get("\(path)?grep=error&after=1&limit=1", fields: json)
            #expect(answer.fields["content-type"] == "application/x-ndjson")
            #expect(
                answer.text == """
                    {"line":3,"time":"1970-01-01T00:00:03.000000000Z","text":"error (two)",\
                    "match":true,"ranges":[[0,5]]}
                    {"line":4,"time":"1970-01-01T00:00:04.000000000Z","text":"fine","match":false}
                    {"end":{"matches":1,"searchedTo":5,"complete":false}}

                    """)
            let rest = try await gateway.get("\(path)?grep=error&from=5", fields: json)
            let lines = rest.text.split(separator: "\n")
            #expect(lines.first?.hasPrefix("{\"line\":6,\"gap\":\"--- podwire: lines") == true)
            #expect(lines.last == "{\"end\":{\"matches\":1,\"searchedTo\":8,\"complete\":true}}")
            let count = try await gateway.get("\(path)?grep=error&count", fields: json)
            #expect(count.text == "{\"end\":{\"matches\":2,\"searchedTo\":8,\"complete\":true}}\n")
        }
    }

    @Test func `bad searches say what to change`() async throws {
        try await withLog { gateway in
            let cases = [
                ("grep=(", 400, "the pattern is wrong at byte 1: missing closing parenthesis"),
                ("grep=", 400, "empty"), ("fixed=", 400, "empty"),
                ("grep=a&fixed=b", 400, "fixed"), ("grep=a&before=1001", 400, "at most 1000"),
                ("grep=a&after=-1", 400, "after"), ("grep=a&limit=0", 400, "limit"),
                ("grep=a&follow", 400, "follow"), ("grep=a&limitBytes=3", 400, "limitBytes"),
                ("grep=a&attempt=all", 400, "attempt"), ("fixed=a%0Ab", 400, "newline"),
                ("grep=\(String(repeating: "a", count: 5_000))", 400, "at most 4096"),
            ]
            for (query, code, words) in cases {
                let refusal = try await gateway.refusal("\(path)?\(query)")
                #expect(refusal.code == code && refusal.message.contains(words), "\(query)")
            }
            let missing = try await gateway.refusal("/logs/default/nope?grep=a")
            #expect(missing.code == 404)
            let head = try await gateway.get("\(path)?grep=a", method: "HEAD")
            #expect(head.status == 200 && head.fields["podwire-from"] == "0")
        }
    }

    @Test func `a pattern that is too expensive is refused, or told behind what was found`()
        async throws
    {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let evil = String(repeating: "a", count: 60) + "!"
            try await writer.write(["none", evil])
            let target = "\(path)?grep=(a%2B)%2B%24"
            let refusal = try await gateway.refusal(target)
            #expect(refusal.code == 422)
            #expect(refusal.message.contains("too expensive at line 1"))
            // Many results before the expensive line, so that the head is out.
            let second = try await gateway.open("u2")
            try await second.write((0..<200_000).map { "\($0) aaa" } + [evil])
            let later = "/logs/default/p-u2?grep=(a%2B)%2B%24"
            let answer = try await gateway.get(later, fields: json)
            let lines = answer.text.split(separator: "\n")
            #expect(answer.status == 200 && lines.count == 200_001)
            #expect(lines.last?.hasPrefix("{\"error\":{\"apiVersion\":\"v1\",\"code\":422") == true)
            let client = try gateway.client()
            try client.request(later)
            let head = try await client.readHead()
            #expect(head.status == 200)
            var text: [UInt8] = []
            await #expect(throws: RawClient.Failure.self) {
                while let chunk = try await client.readChunk() { text += chunk }
            }
            let last = String(decoding: text.suffix(400), as: UTF8.self)
            #expect(last.contains("--- podwire: the search ended early: grep: the pattern is too"))
        }
    }

    @Test func `only so many searches of one client go on at a time`() async throws {
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            let line = String(repeating: "x", count: 1_000)
            for block in 0..<20 {
                try await writer.write((0..<1_000).map { "\($0) \(line)" }, start: Int64(block))
            }
            // Clients that take nothing: their searches wait.
            var clients: [RawClient] = []
            for _ in 0..<SearchGate.clientLimit {
                let client = try gateway.client()
                try client.request("\(path)?grep=x")
                #expect(try await client.readHead().status == 200)
                clients.append(client)
            }
            let refused = try await gateway.get("\(path)?grep=x")
            #expect(refused.status == 429 && refused.fields["retry-after"] == "1")
            // Everything else is served meanwhile.
            #expect(try await gateway.get("\(path)?tailLines=1").status == 200)
            clients[0].close()
            // The server sees that the client has gone, and the search ends.
            var status = 429
            while status == 429 { status = try await gateway.get("\(path)?grep=x&limit=1").status }
            #expect(status == 200)
        }
    }

    @Test(arguments: [1, 2, 3])
    func `a search of any log finds what looking at each line finds`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await TestGateway.with { gateway in
            let writer = try await gateway.open()
            try await writer.writeRandomLog(batches: 300, using: &random)
            let whole = try await gateway.get("\(path)?timestamps")
            let gaps = whole.text.split(separator: "\n").filter { $0.contains("--- podwire") }.count
            #expect(gaps > 20)
            // A text as it stands in a line, with the newline put before a gap record.
            let lines = try await gateway.get(path).body.split(
                separator: 0x0a, omittingEmptySubsequences: false)
            for text in ["ab", "a.b", "0", "é", "xx"] {
                let expected = lines.filter { line in
                    !line.starts(with: Array("--- podwire".utf8))
                        && Data(line).range(of: Data(text.utf8)) != nil
                }
                let answer = try await gateway.get(
                    "\(path)?fixed=\(text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())"
                )
                let found = answer.body.split(separator: 0x0a).compactMap { line in
                    line.drop { (48...57).contains($0) }.first == 0x3a
                        ? line.drop { (48...57).contains($0) }.dropFirst() : nil
                }
                let isEqual = found == expected
                #expect(isEqual, "\(text)")
            }
        }
    }
}
