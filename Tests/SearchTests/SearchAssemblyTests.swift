import ByteBlocks
import RandomNumbers
import Testing

@testable import Search

@Suite struct SearchAssemblyTests {
    private static let patterns: [SearchPattern.Specification] = [
        .init("ab", isFixed: true), .init("AB", isFixed: true, ignoresCase: true), .init("a"),
        .init("^a"), .init("a$"), .init("^$"), .init("a.*b"), .init("a\\s*b"), .init("[^a]+$"),
        .init("(a|b){2,}c"), .init("\\bc"), .init("a++b"), .init("(?<!b)a"), .init("(?=.*0)b"),
        .init("(a)\\1"), .init("\\Aa"), .init("b\\z"), .init("é"), .init("É", ignoresCase: true),
        .init("(?i)A[^c]"), .init("\\W"), .init("."), .init("\u{1F600}.?$"), .init("a|^b|c$"),
        .init("\\s"), .init("[[:digit:]]"), .init("x*"), .init("\\S\\s\\S"),
    ]

    /// The answer as lines.
    private func answer(
        _ texts: [SearchText], _ search: LineSearch, _ scope: SearchScope, _ form: SearchForm
    ) throws -> (lines: [[UInt8]], assembly: SearchAssembly) {
        var assembly = SearchAssembly(search, scope, form, first: 0)
        var bytes: [UInt8] = []
        func add(_ block: ByteBlock?) {
            guard let block else { return }
            bytes += block.copy
        }
        for text in texts where !assembly.isFull {
            assembly.begin(try search.search(text, stop: SearchStop()))
            var isDone = false
            while !isDone {
                let (block, done) = try assembly.render()
                add(block)
                isDone = done
            }
        }
        add(assembly.end())
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
        if lines.last == [] { lines.removeLast() }
        return (lines, assembly)
    }

    @Test(arguments: 1...12)
    func `results are those of looking at each line alone`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for specification in Self.patterns {
            let reference = SearchReference.random(texts: 20, using: &random)
            let pattern = try SearchPattern(specification)
            let matching = Set(
                reference.lines.map(\.bytes).filter { line in
                    let block = ByteBlock(line)
                    defer { withExtendedLifetime(block) {} }
                    let found = try? PatternMatcher(pattern, for: block).find(
                        in: block.bytes, from: 0)
                    return if case .match = found { true } else { false }
                })
            func isMatch(_ line: [UInt8]) -> Bool { matching.contains(line) }
            for _ in 0..<4 {
                var scope = SearchScope()
                scope.before = [0, 0, 1, 2, 50].randomElement(using: &random) ?? 0
                scope.after = [0, 0, 1, 3, 50].randomElement(using: &random) ?? 0
                scope.limit = [Int.max, Int.max, 1, 4].randomElement(using: &random) ?? 1
                let found = try answer(
                    reference.texts, LineSearch(pattern), scope, .text(timestamps: false))
                let expected = reference.expected(isMatch, scope)
                let isEqual = found.lines == expected
                #expect(isEqual, "\(specification) \(scope)")
                let hits = reference.lines.filter { !$0.isGap && isMatch($0.bytes) }.count
                #expect(found.assembly.matches == min(hits, scope.limit))
                let counted = try answer(
                    reference.texts, LineSearch(pattern, isCount: true), scope,
                    .text(timestamps: false))
                #expect(counted.lines == [Array("\(min(hits, scope.limit))".utf8)])
            }
        }
    }

    private func text(_ lines: String, first: Int64 = 0, times: [Int64]? = nil) -> SearchText {
        let count = Int64(lines.utf8.filter { $0 == 0x0a }.count)
        return SearchText(
            first: first, next: first + count, block: ByteBlock(lines.utf8), times: times)
    }

    @Test func `JSON tells line, time, text, ranges, gap records and the end`() throws {
        let second: Int64 = 1_000_000_000
        var bytes = Array("bad \u{1F600} bad\nctx \"\\\t\u{1}\n".utf8)
        bytes += [0xff] + Array("bad\n".utf8)
        let texts = [
            SearchText(
                first: 7, next: 10, block: ByteBlock(bytes), times: [1, 2, 3].map { $0 * second }),
            SearchText(first: 10, next: 11, block: ByteBlock("--- gap ---\n".utf8), isGap: true),
        ]
        var scope = SearchScope()
        scope.before = 1
        let found = try answer(texts, LineSearch(try SearchPattern(.init("bad"))), scope, .json)
        let time = "1970-01-01T00:00:0"
        #expect(
            found.lines.map { String(decoding: $0, as: UTF8.self) } == [
                "{\"line\":7,\"time\":\"\(time)1.000000000Z\",\"text\":\"bad \u{1F600} bad\","
                    + "\"match\":true,\"ranges\":[[0,3],[7,10]]}",
                "{\"line\":8,\"time\":\"\(time)2.000000000Z\",\"text\":\"ctx \\\"\\\\\\t\\u0001\","
                    + "\"match\":false}",
                "{\"line\":9,\"time\":\"\(time)3.000000000Z\",\"text\":\"\u{FFFD}bad\","
                    + "\"match\":true,\"ranges\":[[1,4]]}",
                "{\"line\":10,\"gap\":\"--- gap ---\"}",
                "{\"end\":{\"matches\":2,\"searchedTo\":11,\"complete\":true}}",
            ])
    }

    @Test func `at the limit JSON says from where to go on`() throws {
        var scope = SearchScope()
        scope.limit = 2
        let texts = [text("a\nx\na\nx\na\n"), text("a\n", first: 5)]
        let found = try answer(texts, LineSearch(try SearchPattern(.init("a"))), scope, .json)
        #expect(
            found.lines.last.map { String(decoding: $0, as: UTF8.self) }
                == "{\"end\":{\"matches\":2,\"searchedTo\":3,\"complete\":false}}")
    }

    @Test func `lines before a time are neither found nor shown`() throws {
        var scope = SearchScope()
        (scope.before, scope.after) = (9, 9)
        let search = LineSearch(try SearchPattern(.init("a")), since: 5)
        let found = try answer(
            [text("a1\nx2\na3\nx4\n", times: [4, 9, 5, 3])], search, scope,
            .text(timestamps: true))
        #expect(
            found.lines.map { String(decoding: $0, as: UTF8.self) } == [
                "1-1970-01-01T00:00:00.000000009Z x2", "2:1970-01-01T00:00:00.000000005Z a3",
            ])
    }

    @Test func `a pattern that is too expensive in lines it matches ends behind what was found`()
        throws
    {
        let search = LineSearch(try SearchPattern(.init("(?:a+)+b|x")))
        let line = String(repeating: "aaaaaaaaaaaaaax", count: 50) + "\n"
        var scope = SearchScope()
        scope.before = 1
        var assembly = SearchAssembly(search, scope, .json, first: 0)
        assembly.secondsLimit = 0
        assembly.begin(try search.search(text("before\n" + line), stop: SearchStop()))
        let (block, isDone) = try assembly.render()
        #expect(block?.copy == Array("{\"line\":0,\"text\":\"before\",\"match\":false}\n".utf8))
        #expect(!isDone)
        #expect(
            throws: SearchError.tooExpensive(
                "more than 0 s to find the places of matches", line: 1)
        ) { try assembly.render() }
        // Without places a match costs what finding it did.
        assembly = SearchAssembly(search, SearchScope(), .text(timestamps: false), first: 0)
        assembly.secondsLimit = 0
        assembly.begin(try search.search(text(line), stop: SearchStop()))
        #expect(try assembly.render().block?.copy == Array("0:\(line)".utf8))
    }

    /// Looking at each place alone took PCRE2 the square of the line's length: minutes.
    @Test(arguments: ["x*", "|x+", "(?=b)|xx"])
    func `a pattern that matches nothing everywhere tells where it matches more`(
        pattern: String
    ) throws {
        let gap = String(repeating: "b", count: 1 << 20)
        let search = LineSearch(try SearchPattern(.init(pattern)))
        let found = try answer([text("xx\(gap)xx\n")], search, SearchScope(), .json)
        let first = found.lines.first.map { String(decoding: $0, as: UTF8.self) }
        #expect(first?.hasSuffix("\"ranges\":[[0,2],[1048578,1048580]]}") == true)
    }

    @Test func `long results come in blocks`() throws {
        let line = String(repeating: "a", count: 1_000) + "\n"
        let search = LineSearch(try SearchPattern(.init("a")))
        var assembly = SearchAssembly(search, SearchScope(), .json, first: 0)
        let long = text(String(repeating: line, count: 1_000))
        assembly.begin(try search.search(long, stop: SearchStop()))
        var blocks: [Int] = []
        var isDone = false
        while !isDone {
            let (block, done) = try assembly.render()
            blocks.append(block?.count ?? 0)
            isDone = done
        }
        #expect(blocks.count > 15 && blocks.allSatisfy { $0 < 70_000 })
    }
}
