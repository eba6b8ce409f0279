import ByteBlocks
import Foundation
import RandomNumbers

@testable import Search

/// A log in the simplest form, and what a search of it must show, worked out line by line.
struct SearchReference {
    struct Line {
        var bytes: [UInt8]
        var number: Int64
        var isGap = false
    }

    var lines: [Line] = []
    /// The number behind the last line.
    var next: Int64 = 0
    /// The same as texts of a few lines each, as they come from the store.
    var texts: [SearchText] = []

    static func random(texts count: Int, using random: inout SeededGenerator) -> SearchReference {
        var reference = SearchReference()
        for _ in 0..<count { reference.addText(using: &random) }
        return reference
    }

    private mutating func addText(using random: inout SeededGenerator) {
        let first = next
        if Int.random(in: 0..<6, using: &random) == 0 {
            lines.append(Line(bytes: Array("--- gap ---".utf8), number: next, isGap: true))
            next += 1
            texts.append(
                SearchText(
                    first: first, next: next, block: ByteBlock("--- gap ---\n".utf8), isGap: true))
            return
        }
        let letters = Array("aaabbbc01 .é\u{1F600}".utf8) + [0xff, 0xc3]
        var text: [UInt8] = []
        var joins: [Int] = []
        let count = Int.random(in: 1...12, using: &random)
        for index in 0..<count {
            let number = next
            let start = text.count
            // Some lines are stored in parts, also empty ones.
            for part in 0..<(Int.random(in: 0..<5, using: &random) == 0 ? 3 : 1) {
                if part > 0 { joins.append(text.count) }
                let size = Int.random(in: 0...9, using: &random)
                text += (0..<size).map { _ in
                    letters[Int.random(in: 0..<letters.count, using: &random)]
                }
                next += 1
            }
            let isOpen = index == count - 1 && Int.random(in: 0..<4, using: &random) == 0
            if !isOpen || text.count > start {
                lines.append(Line(bytes: Array(text[start...]), number: number))
            }
            if !isOpen { text.append(0x0a) }
        }
        texts.append(
            SearchText(first: first, next: next, block: ByteBlock(text), joins: joins))
    }

    /// The lines of `grep -n` with context, groups and gap records.
    func expected(_ isMatch: ([UInt8]) -> Bool, _ scope: SearchScope) -> [[UInt8]] {
        var shown: [Int: Bool] = [:]
        var matches = 0
        var last = lines.count
        for (index, line) in lines.enumerated() where !line.isGap && isMatch(line.bytes) {
            if matches == scope.limit {
                last = index
                break
            }
            matches += 1
            shown[index] = true
            markBefore(index, scope.before, &shown)
        }
        markAfter(scope.after, upTo: last, &shown)
        if matches == scope.limit {
            // What is behind the last match and its context was not looked at.
            let end = shown.keys.filter { shown[$0] == true }.max() ?? 0
            var context = scope.after
            last = end + 1
            while last < lines.count, context > 0, !isHit(last, isMatch) {
                if !lines[last].isGap { context -= 1 }
                last += 1
            }
        }
        return render(shown, upTo: last, hasGroups: scope.before + scope.after > 0)
    }

    private func isHit(_ index: Int, _ isMatch: ([UInt8]) -> Bool) -> Bool {
        !lines[index].isGap && isMatch(lines[index].bytes)
    }

    private func markBefore(_ index: Int, _ count: Int, _ shown: inout [Int: Bool]) {
        var left = count
        var at = index - 1
        while left > 0, at >= 0, !lines[at].isGap, shown[at] == nil {
            shown[at] = false
            left -= 1
            at -= 1
        }
    }

    private func markAfter(_ count: Int, upTo end: Int, _ shown: inout [Int: Bool]) {
        for (index, isMatch) in shown where isMatch {
            var left = count
            var at = index + 1
            while left > 0, at < end, shown[at] != true {
                if !lines[at].isGap {
                    if shown[at] == nil { shown[at] = false }
                    left -= 1
                }
                at += 1
            }
        }
    }

    private func render(_ shown: [Int: Bool], upTo end: Int, hasGroups: Bool) -> [[UInt8]] {
        var output: [[UInt8]] = []
        var previous: Int?
        for (index, line) in lines.enumerated() where index < end {
            guard line.isGap || shown[index] != nil else { continue }
            if hasGroups, let previous, previous != index - 1 { output.append(Array("--".utf8)) }
            previous = index
            let mark = shown[index] == true ? ":" : "-"
            output.append(Array("\(line.number)\(mark)".utf8) + line.bytes)
        }
        return output
    }
}
