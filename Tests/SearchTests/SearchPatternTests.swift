import ByteBlocks
import Testing

@testable import Search

@Suite struct SearchPatternTests {
    private func find(
        _ pattern: SearchPattern.Specification, _ lines: String
    ) throws -> [Int] {
        let search = LineSearch(try SearchPattern(pattern))
        let text = SearchText(
            first: 0, next: Int64(lines.utf8.filter { $0 == 0x0a }.count),
            block: ByteBlock(lines.utf8))
        let searched = try search.search(text, stop: SearchStop())
        if let failure = searched.failure { throw failure }
        return searched.starts.map { start in
            lines.utf8.prefix(Int(start)).filter { $0 == 0x0a }.count
        }
    }

    @Test(arguments: [
        ("err", "an error\nnone\nerr\n", [0, 2]), ("^err", "an error\nnone\nerr\n", [2]),
        ("a.c", "a\nc\nabc\n", [2]), ("a\\sc", "a\nc\na c\n", [2]),
        ("a[^x]c", "a\nc\na-c\n", [2]), ("a\\n", "a\nb\n", []), ("^$", "a\n\nb\n\n", [1, 3]),
        ("(?s)a.b", "a\nb\na b\n", [2]), ("b\\Z", "ab\nba\n", [0]), ("\\Ab", "ab\nba\n", [1]),
        ("(?m)^b$", "ab\nb\n", [1]), ("foo(?!\\s)", "foo\nfoo bar\n", [0]),
        ("foo\\s*+$", "foo\n  bar\n", [0]), ("(?<!\\n)b", "a\nb\n", [1]),
        ("\\d{3}", "12\n3\n456\n", [2]), ("b(?=$)", "ab\nc\n", [0]),
        ("[[:upper:]]", "a\nB\n", [1]), ("\\Q.*\\E", "a.*b\nab\n", [0]),
        ("a(?#comment)b", "ab\n", [0]), ("(*NO_JIT)a$", "ba\nab\n", [0]),
    ])
    func `a pattern matches within a line and never across`(
        pattern: String, lines: String, expected: [Int]
    ) throws {
        #expect(try find(.init(pattern), lines) == expected)
    }

    @Test(
        arguments: ["\\B", "\\b"],
        [[0x4b, 0xfc], [0x6b, 0xc3], [0x20, 0xc3], [0x61, 0xe2, 0x82]])
    func `what is behind a line that ends in the middle of a character does not count`(
        pattern: String, line: [UInt8]
    ) throws {
        let pattern = try SearchPattern(.init(pattern))
        let answers = try [[], [0x0a], [0x6b], [0xa8], [0x82]].map { (behind: [UInt8]) in
            let block = ByteBlock(line + behind)
            let text = SearchText(first: 0, next: 1, block: block)
            let searched = SearchLine(start: 0, end: line.count, number: 0, next: 1)
            return try PatternMatcher(pattern, for: block).find(in: text, searched, from: 0)
        }
        #expect(answers.allSatisfy { $0 == answers[0] }, "\(answers)")
    }

    @Test func `case, and texts that are no patterns`() throws {
        #expect(try find(.init("a.b", isFixed: true), "a.b\naxb\nA.B\n") == [0])
        #expect(
            try find(.init("a.b", isFixed: true, ignoresCase: true), "a.b\naxb\nA.B\n") == [0, 2])
        #expect(try find(.init("É", ignoresCase: true), "é\ne\n") == [0])
        #expect(try find(.init("(", isFixed: true), "f(x)\n") == [0])
    }

    @Test(arguments: [
        ("(", 1, "parenthes"), ("a(b", 3, "parenthes"), ("[a", 2, "]"), ("ab)", 2, "parenthes"),
        ("a**", 2, "quantifier"),
        ("\\", 1, "\\"), ("", 0, "empty"), ("\\C", 2, "\\C"), ("(?<n", 4, "name"),
        ("(*CRLF)(*LIMIT_MATCH=1", 22, "(*VERB)"), ("(*LIMIT_MATCH=", 14, "(*VERB)"),
    ])
    func `what is no pattern is refused with PCRE2's words and the place`(
        pattern: String, offset: Int, words: String
    ) {
        let error = #expect(throws: SearchError.self) { try SearchPattern(.init(pattern)) }
        guard case .badPattern(let message, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == offset && message.contains(words), "\(message) at \(found)")
    }

    @Test func `a long pattern and a text of several lines are refused`() {
        #expect(throws: SearchError.self) {
            try SearchPattern(.init(String(repeating: "a", count: SearchPattern.byteLimit + 1)))
        }
        #expect(throws: SearchError.badPattern("a text with a newline is in no line", offset: 1)) {
            try SearchPattern(.init("a\nb", isFixed: true))
        }
    }

    @Test(arguments: ["(a+)+$", "(*NO_JIT)(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func `a pattern that runs into its limit names the line`(pattern: String) throws {
        let lines = "fine\n" + String(repeating: "a", count: 60) + "!\nfine\n"
        let error = #expect(throws: SearchError.self) { try find(.init(pattern), lines) }
        guard case .tooExpensive(_, let line) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(line == 1)
    }

    @Test func `a pattern that stays below the limit of each line ends at that of the text`() {
        // Thousands of lines, each of which takes nearly as long as one may.
        let line = String(repeating: "a", count: 16) + "!\n"
        let lines = String(repeating: line, count: 20_000)
        let error = #expect(throws: SearchError.self) { try find(.init("(?=a)(a+)+$"), lines) }
        guard case .tooExpensive(let message, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("2 s for 360000 bytes"), "\(message)")
    }

    @Test func `a search that nobody wants ends`() throws {
        let stop = SearchStop()
        stop.stop()
        let search = LineSearch(try SearchPattern(.init("a.")))
        let text = SearchText(first: 0, next: 1, block: ByteBlock("ab\n".utf8))
        #expect(throws: SearchError.stopped) { try search.search(text, stop: stop) }
    }

    @Test(arguments: [
        ("error", true), ("a+b*c?", true), ("(a|b)+", true), ("(?:x)", true), ("(?i)x", true),
        ("^\\d+ \\w+$", true), ("[^\"]*", true), ("\\bword\\b", true), ("a{2,3}", true),
        ("a++", false), ("a*+", false), ("a{2}+", false), ("(?=a)", false), ("(?<!a)b", false),
        ("(?>a)", false), ("(*F)", false), ("\\A", false), ("\\z", false), ("\\1", false),
        ("\\Qa\\E", false), ("[[:alpha:]]", false), ("\\R", false), ("\\K", false), ("\\G", false),
        ("(?s).", false), ("\\x0a", false), ("[\\n]", false),
    ])
    func `only patterns that take and give back are searched in blocks`(
        pattern: String, expected: Bool
    ) {
        #expect(PatternSyntax.isBlockwise(pattern) == expected)
    }

    @Test func `a thousand patterns and matchers leave nothing behind`() throws {
        for number in 0..<1_000 {
            #expect(try find(.init("a\(number)[0-9]*$"), "a\(number)5\n") == [0])
        }
    }
}
