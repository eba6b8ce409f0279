import LogModel
import RandomNumbers
import Store

extension StreamWriter {
    /// Writes batches of lines of few letters (so that patterns meet), some of them empty, long or
    /// no UTF-8, some batches without a last newline, with gap records between them.
    func writeRandomLog(batches: Int, using random: inout SeededGenerator) async throws {
        let letters = Array("aaabbcde01 .é\u{1F600}x".utf8) + [0xff, 0xc3]
        var second: Int64 = 0
        for _ in 0..<batches {
            second += 10
            if Int.random(in: 0..<4, using: &random) == 0 {
                try await append(
                    GapRecord(
                        certainty: .possible, from: LogTime(seconds: second - 1),
                        to: LogTime(seconds: second), reason: "test"))
            } else {
                let lines = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                    let isLong = Int.random(in: 0..<30, using: &random) == 0
                    let count = Int.random(in: 0...(isLong ? 3_000 : 12), using: &random)
                    return (0..<count).map { _ in
                        letters[Int.random(in: 0..<letters.count, using: &random)]
                    }
                }
                let times = lines.indices.map { _ in
                    Int64.random(in: second - 3...second + 3, using: &random) * 1_000_000_007
                }
                let isClosed = Int.random(in: 0..<4, using: &random) > 0
                try await append(
                    Samples.batch(lines, times: times, closed: isClosed).batch)
            }
            if Bool.random(using: &random) { try await committed() }
        }
        try await committed()
    }
}
