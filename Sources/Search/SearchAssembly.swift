package import ByteBlocks

/// Puts searched texts together, in their order, to what the client sees: lines that match with
/// their context, gap records, groups. A pure value, driven text by text.
///
/// ```
/// begin(text) → render() … until it says that the text is done → begin(next text) …
/// ```
package struct SearchAssembly: Sendable {
    /// Bytes of a block at which rendering pauses, 64 KiB; one more line may be behind it.
    static let blockBytes = 64 << 10
    /// Bytes of earlier texts kept for the context before a match, 4 MiB or one text. Lines before
    /// them are left out.
    static let historyBytes = 4 << 20

    private struct Current {
        let searched: SearchedText
        let text: SearchText
        var cursor: LineCursor
        var match = 0
        /// Lines before the cursor that may be context: not yet shown, the latest last.
        var passed: [SearchLine] = []
        /// Whether no line of the text was shown, so that context goes on in earlier texts.
        var isUntouched = true
        /// Seconds of the processor that looking for the places of matches took.
        var seconds = 0.0
    }

    private let pattern: SearchPattern
    private let since: Int64?
    private let scope: SearchScope
    private let isCount: Bool
    /// Seconds of the processor that the places of one text's matches may take, as searching it may:
    /// a line is found by one call of the pattern, and may have a hundred places.
    var secondsLimit = LineSearch.secondsLimit
    private var writer: SearchWriter
    private var current: Current?
    private var history: [SearchText] = []
    private var afterLeft = 0
    private var failure: SearchError?
    /// The number behind the last line that was shown.
    private var shown: Int64?

    /// Lines that matched so far.
    package private(set) var matches = 0
    /// The number behind the last line that was searched, or shown where the limit was reached.
    package private(set) var searchedTo: Int64
    /// Whether the limit is reached and everything was shown.
    package private(set) var isFull = false

    /// Puts together what `search` finds, from line `first` on.
    package init(_ search: LineSearch, _ scope: SearchScope, _ form: SearchForm, first: Int64) {
        pattern = search.pattern
        since = search.since
        isCount = search.isCount
        self.scope = scope
        writer = SearchWriter(form)
        searchedTo = first
        isFull = scope.limit == 0
    }

    /// Takes the next text; the one before is done.
    package mutating func begin(_ searched: SearchedText) {
        guard !isFull else { return }
        guard let text = searched.text else {
            matches = min(scope.limit, matches + searched.count)
            isFull = matches == scope.limit
            searchedTo = searched.next
            return
        }
        if text.isGap {
            if scope.before + scope.after > 0, let shown, shown != text.first {
                writer.addSeparator()
            }
            writer.addGap(text)
            shown = text.next
            searchedTo = text.next
            return
        }
        // A part without any bytes has a number, and is nothing to be seen.
        if text.block.count == 0, shown == text.first { shown = text.next }
        current = Current(searched: searched, text: text, cursor: LineCursor(text))
    }

    /// The next block of the text, if there is one, and whether the text is done.
    package mutating func render() throws(SearchError) -> (block: ByteBlock?, isDone: Bool) {
        guard let current else { return (writer.take(), true) }
        if let failure { throw failure }
        let matcher = try PatternMatcher(pattern, for: current.text.block)
        do {
            while writer.bytes.count < Self.blockBytes {
                if try !step(matcher) { return (writer.take(), true) }
            }
        } catch {
            // What was found before is told first.
            guard let block = writer.take() else { throw error }
            failure = error
            return (block, false)
        }
        return (writer.take(), false)
    }

    /// The last block: in JSON how the search ended, else the number if that is what is wanted.
    package func end() -> ByteBlock? {
        guard writer.form == .json else {
            return isCount ? ByteBlock("\(matches)\n".utf8) : nil
        }
        let end =
            "{\"end\":{\"matches\":\(matches),\"searchedTo\":\(searchedTo),"
            + "\"complete\":\(!isFull)}}\n"
        return ByteBlock(end.utf8)
    }

    /// Shows the next line that matches, or what is behind the last; `false` when all is shown.
    private mutating func step(
        _ matcher: borrowing PatternMatcher
    ) throws(SearchError) -> Bool {
        guard var now = current else { return false }
        let starts = now.searched.starts
        let isLast = now.match == starts.count
        let target = isLast ? now.text.block.count : Int(starts[now.match])
        // At the limit lines are shown up to the next one that matches.
        let isEnding = matches == scope.limit
        while now.cursor.at < target, afterLeft > 0 || (scope.before > 0 && !isEnding),
            let line = now.cursor.next()
        {
            pass(line, &now)
            guard writer.bytes.count < Self.blockBytes else {
                current = now
                return true
            }
        }
        if isEnding, !isLast || afterLeft == 0 {
            isFull = true
            searchedTo = shown ?? searchedTo
            current = nil
            return false
        }
        now.cursor.advance(toLineOf: target)
        guard !isLast, let line = now.cursor.next() else {
            finish(now)
            return false
        }
        showContext(&now, before: line)
        try show(line, &now, matcher)
        now.match += 1
        now.passed = []
        now.isUntouched = false
        afterLeft = scope.after
        matches += 1
        current = now
        return true
    }

    /// A line that does not match: context behind a match, perhaps before the next one, or nothing.
    private mutating func pass(_ line: SearchLine, _ now: inout Current) {
        if let since, let time = now.text.time(of: line.number), time < since { return }
        if afterLeft > 0 {
            afterLeft -= 1
            writer.add(line, of: now.text, ranges: nil)
            shown = line.next
            now.isUntouched = false
            return
        }
        now.passed.append(line)
        // Cut now and then, so that each line is moved once.
        if now.passed.count > 2 * scope.before + 16 {
            now.passed.removeFirst(now.passed.count - scope.before)
        }
    }

    private mutating func showContext(_ now: inout Current, before line: SearchLine) {
        var lines = now.passed.suffix(scope.before).map { (now.text, $0) }
        if lines.count < scope.before, now.isUntouched {
            lines = earlier(scope.before - lines.count) + lines
        }
        let first = lines.first?.1.number ?? line.number
        if scope.before + scope.after > 0, let shown, shown != first { writer.addSeparator() }
        for (text, line) in lines { writer.add(line, of: text, ranges: nil) }
    }

    /// The last lines of earlier texts that were not shown, at most `count`.
    private func earlier(_ count: Int) -> [(SearchText, SearchLine)] {
        var found: [(SearchText, SearchLine)] = []
        for text in history.reversed() where found.count < count {
            if text.next <= shown ?? 0 { break }
            var cursor = LineCursor(text)
            var lines: [(SearchText, SearchLine)] = []
            while let line = cursor.next() {
                if line.number < shown ?? 0 { continue }
                if let since, let time = text.time(of: line.number), time < since { continue }
                lines.append((text, line))
            }
            found = lines.suffix(count - found.count) + found
        }
        return found
    }

    private mutating func show(
        _ line: SearchLine, _ now: inout Current, _ matcher: borrowing PatternMatcher
    ) throws(SearchError) {
        // Only in JSON it matters where in a line the matches are.
        let ranges = writer.form == .json ? try ranges(line, &now, matcher) : []
        writer.add(line, of: now.text, ranges: ranges)
        shown = line.next
    }

    /// Where in a line the pattern matches more than nothing: PCRE2 looks for the next such place by
    /// itself, because each call reads the rest of the line.
    private func ranges(
        _ line: SearchLine, _ now: inout Current, _ matcher: borrowing PatternMatcher
    ) throws(SearchError) -> [Range<Int>] {
        let before = ThreadTime.seconds - now.seconds
        defer { now.seconds = ThreadTime.seconds - before }
        var ranges: [Range<Int>] = []
        var start = 0
        while ranges.count < SearchWriter.rangeLimit, start < line.end - line.start,
            case .match(let range) = try matcher.find(
                in: now.text, line, from: start, takesBytes: true)
        {
            guard ThreadTime.seconds - before <= Double(secondsLimit) else {
                throw .tooExpensive(
                    "more than \(secondsLimit) s to find the places of matches", line: line.number)
            }
            ranges.append(range)
            start = range.upperBound
        }
        return ranges
    }

    private mutating func finish(_ now: Current) {
        searchedTo = now.text.next
        current = nil
        guard scope.before > 0 else { return }
        history.append(now.text)
        while history.count > 1,
            history.reduce(0, { $0 + $1.block.count }) > Self.historyBytes
        {
            history.removeFirst()
        }
    }
}
