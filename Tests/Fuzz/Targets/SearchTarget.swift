import ByteBlocks
import Foundation

@testable import Search

// A pattern from a client, over lines that a container wrote.
extension FuzzTarget {
    /// A search: a byte of choices, the pattern up to a newline, and the log.
    static let search = FuzzTarget(
        name: "search",
        promise: "what is found is what each line alone gives; no pattern takes more than seconds"
    ) { bytes in
        guard let choices = bytes.first else { return }
        let rest = bytes.dropFirst()
        let pattern = String(decoding: rest.prefix { $0 != 0x0A }, as: UTF8.self)
        let log = SearchedLog(Array(rest.drop { $0 != 0x0A }.dropFirst()))
        let start = ThreadTime.seconds
        do throws(SearchError) {
            try check(pattern, isFixed: choices & 1 != 0, ignoresCase: choices & 2 != 0, log)
        } catch {
            claim(!error.description.isEmpty, "a refusal without words")
            if case .badPattern(_, let offset) = error {
                claim((0...pattern.utf8.count).contains(offset), "byte \(offset) of a pattern")
            }
        }
        // Each of a hundred lines takes 10 ms at most, and the places of matches 2 s.
        let seconds = ThreadTime.seconds - start
        claim(seconds < 5, "\(seconds) s for \(log.lines.count) lines")
    }
}

/// A log, as lines and as texts of a few lines each.
private struct SearchedLog {
    /// Lines at most: each may take 10 ms, and libFuzzer ends an input after 10 s of a busy machine.
    private static let limit = 100
    /// Seconds of the processor that looking at each line alone may take.
    private static let secondsLimit = 0.02

    let lines: [[UInt8]]
    let texts: [SearchText]

    init(_ bytes: [UInt8]) {
        let all = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        var lines = Array(all.prefix(Self.limit))
        let endsWithNewline = lines.count < all.count || lines.last?.isEmpty ?? true
        if lines.count == all.count, endsWithNewline { lines.removeLast() }
        var dice = Dice(bytes)
        var texts: [SearchText] = []
        var first = 0
        while first < lines.count {
            let end = min(lines.count, first + 1 + dice.roll([1, 3, lines.count][dice.roll(3)]))
            let isOpen = end == lines.count && !endsWithNewline
            var text = lines[first..<end].reduce(into: []) { $0 += $1 + [0x0A] }
            if isOpen { text.removeLast() }
            texts.append(SearchText(first: Int64(first), next: Int64(end), block: ByteBlock(text)))
            first = end
        }
        self.lines = lines
        self.texts = texts
    }

    /// What the client sees of a search.
    func answer(
        _ pattern: SearchPattern, _ scope: SearchScope = SearchScope(),
        _ form: SearchForm = .text(timestamps: false), isCount: Bool = false
    ) throws(SearchError) -> [UInt8] {
        let search = LineSearch(pattern, isCount: isCount)
        var assembly = SearchAssembly(search, scope, form, first: 0)
        var answer: [UInt8] = []
        for text in texts where !assembly.isFull {
            let searched = try search.search(text, stop: SearchStop())
            assembly.begin(searched)
            var isDone = false
            while !isDone {
                let (block, done) = try assembly.render()
                answer += block?.copy ?? []
                isDone = done
            }
            if let failure = searched.failure, !assembly.isFull { throw failure }
        }
        return answer + (assembly.end()?.copy ?? [])
    }

    /// Which lines match, each looked at alone; `nil` where that is too expensive.
    func hits(_ pattern: SearchPattern) throws(SearchError) -> [Int]? {
        let start = ThreadTime.seconds
        var hits: [Int] = []
        for (index, line) in lines.enumerated() {
            // A block of its own, so that reading beside it is found.
            let block = ByteBlock(line)
            defer { withExtendedLifetime(block) {} }
            let matcher = try PatternMatcher(pattern, for: block)
            switch try matcher.find(in: block.bytes, from: 0) {
            case .match(let range):
                claim((0...line.count).contains(range.upperBound), "a match behind the line")
                hits.append(index)
            case .none: break
            case .limit: return nil
            }
            guard ThreadTime.seconds - start < Self.secondsLimit else { return nil }
        }
        return hits
    }

    /// As `grep -n -B before -A after` shows these lines.
    func shown(_ hits: [Int], before: Int = 0, after: Int = 0) -> [UInt8] {
        var context: Set<Int> = []
        for hit in hits {
            context.formUnion(max(0, hit - before)...min(lines.count - 1, hit + after))
        }
        let matches = Set(hits)
        var shown: [UInt8] = []
        var last: Int?
        for line in context.sorted() {
            if before + after > 0, let last, last + 1 != line { shown += Array("--\n".utf8) }
            last = line
            shown += Array("\(line)\(matches.contains(line) ? ":" : "-")".utf8)
            shown += lines[line] + [0x0A]
        }
        return shown
    }
}

private func check(
    _ text: String, isFixed: Bool, ignoresCase: Bool, _ log: SearchedLog
) throws(SearchError) {
    let pattern = try SearchPattern(
        SearchPattern.Specification(text, isFixed: isFixed, ignoresCase: ignoresCase))
    guard let hits = try log.hits(pattern) else {
        _ = try log.answer(pattern)
        return
    }
    if isFixed { checkFixed(text, ignoresCase: ignoresCase, log, hits) }
    claim(try log.answer(pattern) == log.shown(hits), "other lines than \(hits)")
    var scope = SearchScope()
    scope.before = text.utf8.count % 3
    scope.after = log.lines.count % 4
    let expected = log.shown(hits, before: scope.before, after: scope.after)
    claim(try log.answer(pattern, scope) == expected, "another context of \(hits): \(scope)")
    let count = try log.answer(pattern, isCount: true)
    claim(count == Array("\(hits.count)\n".utf8), "another number than \(hits.count)")
    var few = SearchScope()
    few.limit = 2
    let firstOnes = try log.answer(pattern, few)
    claim(firstOnes == log.shown(Array(hits.prefix(2))), "others than the first two of \(hits)")
    let fixed = isFixed && !ignoresCase ? text : nil
    checkJSON(try log.answer(pattern, scope, .json), hits, fixed: fixed, log)
}

/// A text that stands for itself is found as the plainest search finds it, and so is an expression
/// that says the same.
private func checkFixed(_ text: String, ignoresCase: Bool, _ log: SearchedLog, _ hits: [Int]) {
    let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
    for (index, line) in log.lines.enumerated() {
        // Other letters than ASCII's have cases that bytes do not tell.
        guard !ignoresCase || (isPlain && line.allSatisfy { $0 < 0x80 }) else { continue }
        let isThere = contains(line, Array(text.utf8), ignoresCase: ignoresCase)
        claim(hits.contains(index) == isThere, "line \(index): \(isThere), hits \(hits)")
    }
    var expression = ""
    for scalar in text.unicodeScalars {
        let isWord = scalar.value >= 0x80 || scalar.properties.isAlphabetic || scalar.isDigit
        expression += (isWord ? "" : "\\") + String(scalar)
    }
    let specification = SearchPattern.Specification(expression, ignoresCase: ignoresCase)
    // An expression is longer than its text, and may be too long.
    guard let same = try? SearchPattern(specification), let others = try? log.hits(same) else {
        return
    }
    // An expression sees characters only in what is UTF-8.
    let comparable = log.lines.indices.filter { index in
        String(validating: log.lines[index], as: UTF8.self) != nil
    }
    claim(
        others.filter(comparable.contains) == hits.filter(comparable.contains),
        "\(expression) is found in \(others), the text in \(hits)")
}

private func contains(_ line: [UInt8], _ text: [UInt8], ignoresCase: Bool) -> Bool {
    func folded(_ byte: UInt8) -> UInt8 {
        ignoresCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
    guard text.count <= line.count else { return false }
    return (0...(line.count - text.count)).contains { start in
        text.indices.allSatisfy { folded(line[start + $0]) == folded(text[$0]) }
    }
}

/// A record of the answer in JSON.
private struct FoundRecord: Decodable {
    struct End: Decodable {
        let matches: Int
        let searchedTo: Int
        let complete: Bool
    }
    var line: Int?
    var text: String?
    var match: Bool?
    var ranges: [[Int]]?
    var end: End?
}

/// Each record is JSON; the ranges are parts of its text, in order.
private func checkJSON(_ answer: [UInt8], _ hits: [Int], fixed: String?, _ log: SearchedLog) {
    let decoder = JSONDecoder()
    var matches: [Int] = []
    var end: FoundRecord.End?
    for record in answer.split(separator: 0x0A) {
        guard let found = try? decoder.decode(FoundRecord.self, from: Data(record)) else {
            claim(false, "no JSON: \(String(decoding: record, as: UTF8.self))")
            return
        }
        if let last = found.end { end = last }
        guard let line = found.line, let text = found.text else { continue }
        claim(text == String(decoding: log.lines[line], as: UTF8.self), "another text: \(text)")
        guard found.match == true else { continue }
        matches.append(line)
        let units = Array(text.utf16)
        var last = 0
        for range in found.ranges ?? [] {
            claim(
                range.count == 2 && last <= range[0] && range[0] <= range[1]
                    && range[1] <= units.count, "ranges \(found.ranges ?? []) of \(units.count)")
            last = range[1]
            guard let fixed, range[1] > range[0] else { continue }
            claim(Array(fixed.utf16) == Array(units[range[0]..<range[1]]), "another place: \(text)")
        }
    }
    claim(matches == hits, "matches \(matches), hits \(hits)")
    claim(end?.matches == hits.count && end?.complete == true, "another end")
    claim(end?.searchedTo == log.lines.count, "another line at the end")
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { (0x30...0x39).contains(value) }
}
