import Foundation
import Testing

@testable import podwire

/// The settings file is fuzzed here and not with the other parsers: libFuzzer's program cannot be
/// linked with another program.
@Suite("Damaged settings files")
struct DamagedSettingsTests {
    private static let words = [
        "[", "]", "{", "}", ": ", "- ", "\n", "  ", "&a ", "*a", "!!binary ", "? ", "| ", "\t", "#",
        "1e300d", "9223372036854775807GiB", "-1", "null", "\"", "'", "\u{0}", "\u{FEFF}", "<<: *a",
    ]

    @Test("are refused with a reason, or read as what is left", arguments: 1...8)
    func damaged(seed: UInt64) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let sample = try String(
            contentsOf: root.appendingPathComponent("config/podwire.yaml"), encoding: .utf8)
        // A setting that is not set by default stands in a comment, without a blank.
        let lines = sample.split(separator: "\n").map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
        }
        let whole = lines.joined(separator: "\n")
        var random = Numbers(state: seed)
        var read = 0
        for _ in 0..<150 {
            var text = whole
            for _ in 0..<random.next(4) {
                let place = text.index(text.startIndex, offsetBy: random.next(text.count))
                if random.next(2) == 0 {
                    text.insert(contentsOf: Self.words[random.next(Self.words.count)], at: place)
                } else {
                    text.remove(at: place)
                }
            }
            do {
                let file = try SettingsFile(path: "podwire.yaml", text: text)
                var reader = SettingsReader(flags: [:], environment: [:], file: file)
                _ = Settings(&reader, environment: [:])
                reader.noteUnknownKeys()
                #expect(reader.problems.allSatisfy { !$0.description.isEmpty })
                read += 1
            } catch {
                #expect(error is SettingsProblem, "\(error)")
            }
        }
        #expect(read > 0, "no damaged file was read at all")
    }
}

/// A linear congruential generator: the same numbers for the same seed.
private struct Numbers {
    var state: UInt64

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, count)))
    }
}
