import ByteBlocks
import Synchronization

/// Whether anyone still waits for a search: looked at between calls of the pattern.
package final class SearchStop: Sendable {
    private let flag = Atomic(false)

    /// A search that goes on.
    package init() {}

    /// Whether it should end.
    package var isStopped: Bool { flag.load(ordering: .relaxed) }

    /// Ends it within one call of the pattern.
    package func stop() {
        flag.store(true, ordering: .relaxed)
    }
}

/// A text with the lines of it that match.
package struct SearchedText: Sendable {
    /// What was searched; `nil` where only the number of matches is wanted.
    package let text: SearchText?
    /// The offsets at which lines that match begin.
    let starts: [UInt32]
    /// How many lines match.
    package let count: Int
    /// The number behind the last line searched.
    package let next: Int64
    /// Why the text was not searched to its end; what was found before counts.
    package var failure: SearchError?

    /// The same with another form of its text.
    package func with(_ text: SearchText) -> SearchedText {
        SearchedText(text: text, starts: starts, count: count, next: next, failure: failure)
    }
}

/// Searches one text for the lines that match a pattern.
///
/// Where ``PatternSyntax`` allows it the whole text is searched at once, and only the line around
/// what is found is looked at; else line by line. Both give the same lines. A pattern that runs into
/// a limit on many lines at once is tried line by line, so that only a line decides.
package struct LineSearch: Sendable {
    /// Seconds of the processor that one text may take, 2: some hundred times what an ordinary
    /// pattern takes for a MiB. Beyond it the search ends, so that others get the threads.
    package static let secondsLimit = 2

    /// What to look for.
    package let pattern: SearchPattern
    /// Only lines stamped then or later, in nanoseconds since 1970; needs their times.
    package var since: Int64?
    /// Whether only the number of lines is wanted.
    package var isCount = false

    /// Searches for `pattern`.
    package init(_ pattern: SearchPattern, since: Int64? = nil, isCount: Bool = false) {
        self.pattern = pattern
        self.since = since
        self.isCount = isCount
    }

    /// Searches a text, for as long as `stop` allows. A pattern that is too expensive is an error
    /// behind what it has found.
    package func search(
        _ text: SearchText, stop: SearchStop
    ) throws(SearchError) -> SearchedText {
        var run = Run(text: text, since: since, stop: stop)
        var failure: SearchError?
        if !text.isGap {
            let matcher = try PatternMatcher(pattern, for: text.block)
            do {
                if pattern.isBlockwise {
                    try run.searchBlock(matcher)
                } else {
                    try run.searchLines(matcher)
                }
            } catch {
                guard case .tooExpensive = error else { throw error }
                failure = error
            }
        }
        return SearchedText(
            text: isCount ? nil : text, starts: isCount ? [] : run.starts, count: run.starts.count,
            next: text.next, failure: failure)
    }

    private struct Run {
        /// Each call takes 10 ms at most, and looking at the clock some 200 ns.
        static let callsBetweenChecks = 16

        let text: SearchText
        let since: Int64?
        let stop: SearchStop
        let start = ThreadTime.seconds
        var cursor: LineCursor
        var starts: [UInt32] = []

        init(text: SearchText, since: Int64?, stop: SearchStop) {
            self.text = text
            self.since = since
            self.stop = stop
            cursor = LineCursor(text)
        }

        mutating func searchBlock(_ matcher: borrowing PatternMatcher) throws(SearchError) {
            var count = 0
            while cursor.at < text.block.count {
                if count.isMultiple(of: Self.callsBetweenChecks) { try check() }
                count += 1
                switch try matcher.find(in: text, from: cursor.at) {
                case .none: return
                case .limit: return try searchLines(matcher)
                case .match(let range):
                    cursor.advance(toLineOf: range.lowerBound)
                    guard let line = cursor.next() else { return }
                    // What is found may reach over several lines, so the line is tried alone.
                    let isMatch = matcher.pattern.isExact ? true : try isMatch(line, matcher)
                    if isMatch { add(line) }
                }
            }
        }

        mutating func searchLines(_ matcher: borrowing PatternMatcher) throws(SearchError) {
            var count = 0
            while let line = cursor.next() {
                if count.isMultiple(of: Self.callsBetweenChecks) { try check() }
                count += 1
                if try isMatch(line, matcher) { add(line) }
            }
        }

        private func isMatch(
            _ line: SearchLine, _ matcher: borrowing PatternMatcher
        ) throws(SearchError) -> Bool {
            switch try matcher.find(in: text, line, from: 0) {
            case .none: return false
            case .match: return true
            case .limit(let message): throw .tooExpensive(message, line: line.number)
            }
        }

        private mutating func add(_ line: SearchLine) {
            if let since, let time = text.time(of: line.number), time < since { return }
            starts.append(UInt32(line.start))
        }

        private func check() throws(SearchError) {
            if stop.isStopped { throw .stopped }
            guard ThreadTime.seconds - start < Double(LineSearch.secondsLimit) else {
                throw .tooExpensive(
                    "more than \(LineSearch.secondsLimit) s for \(text.block.count) bytes",
                    line: text.first)
            }
        }
    }
}

extension PatternMatcher {
    /// The first match in all of `text` at or behind `start`.
    borrowing func find(
        in text: SearchText, from start: Int
    ) throws(SearchError) -> Outcome {
        defer { withExtendedLifetime(text) {} }
        return unsafe try find(in: text.block.bytes, from: start)
    }

    /// The first match in one line at or behind its byte `start`; with `takesBytes` the first that
    /// is not empty.
    borrowing func find(
        in text: SearchText, _ line: SearchLine, from start: Int, takesBytes: Bool = false
    ) throws(SearchError) -> Outcome {
        defer { withExtendedLifetime(text) {} }
        let bytes = unsafe UnsafeRawBufferPointer(
            rebasing: text.block.bytes[line.start..<line.end])
        return unsafe try find(in: bytes, from: start, takesBytes: takesBytes)
    }
}
