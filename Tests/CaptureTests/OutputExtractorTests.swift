import LogModel
import Store
import Testing

@testable import Capture

@Suite struct OutputExtractorTests {
    /// What was found, in comparable form: `line key=value` or `line !reason`.
    static func scan(_ batches: [[LineSample]], token: String? = nil, lastIsFinal: Bool = false)
        -> [String]
    {
        var extractor = OutputExtractor(token: token)
        return batches.enumerated().flatMap { number, samples in
            guard let batch = LineBatch.of(samples) else { return [String]() }
            let isLast = lastIsFinal && number == batches.count - 1
            return extractor.scan(batch, isLast: isLast).map { found in
                switch found.result {
                case .accepted(let key, let value):
                    "\(found.line) \(key)="
                        + (value.count > 99
                            ? "\(value.count)" : String(decoding: value, as: UTF8.self))
                case .rejected(let reason): "\(found.line) !\(reason)"
                }
            }
        }
    }

    @Test(
        "a line is an output to the letter, rejected, or nothing",
        arguments: [
            ("JOB_OUT a=b", "0 a=b"), ("JOB_OUT a=", "0 a="), ("JOB_OUT a=b=c d", "0 a=b=c d"),
            ("JOB_OUT _A.b-9=x", "0 _A.b-9=x"), ("JOB_OUT a=b\r", "0 a=b"),
            ("JOB_OUT a=b\r\r", "0 a=b\r"), ("JOB_OUT a", "0 !there is no '='"),
            ("JOB_OUT =b", "0 !the key is empty"), ("JOB_OUT ", "0 !there is no '='"),
            ("JOB_OUT 9a=b", "0 !the key is not [A-Za-z_][A-Za-z0-9_.-]*"),
            ("JOB_OUT a b=c", "0 !the key is not [A-Za-z_][A-Za-z0-9_.-]*"),
            ("JOB_OUT  a=b", "0 !the key is not [A-Za-z_][A-Za-z0-9_.-]*"),
            (" JOB_OUT a=b", nil), ("JOB_OUTPUT a=b", nil), ("job_out a=b", nil),
            ("JOB_OUT[t] a=b", nil), ("J", nil), ("", nil), ("JOB_OUT", nil),
        ])
    func letters(line: String, found: String?) {
        #expect(Self.scan([[LineSample(1, line)]]) == (found.map { [$0] } ?? []))
    }

    @Test("with a token only lines that carry it count")
    func token() {
        let lines = ["JOB_OUT a=1", "JOB_OUT[t] a=2", "JOB_OUT[x] a=3", "JOB_OUT[t]a=4"]
        #expect(Self.scan([lines.map { LineSample(1, $0) }], token: "t") == ["1 a=2"])
    }

    @Test("a key has at most 128 characters", arguments: [(128, true), (129, false)])
    func keyLength(length: Int, isAccepted: Bool) {
        let key = String(repeating: "k", count: length)
        let found = Self.scan([[LineSample(1, "JOB_OUT \(key)=v")]])
        #expect(found == [isAccepted ? "0 \(key)=v" : "0 !the key is longer than 128 characters"])
    }

    @Test(
        "a value of 1 MiB comes out whole, one more byte is rejected", arguments: [0, 1, 5 << 20])
    func longValue(over: Int) {
        let line = Array("JOB_OUT key=".utf8) + [UInt8](repeating: 0x76, count: (1 << 20) + over)
        var batches: [[LineSample]] = []
        for start in stride(from: 0, to: line.count, by: 1 << 20) {
            let end = min(start + (1 << 20), line.count)
            batches.append([
                LineSample(1, Array(line[start..<end]), isTerminated: end == line.count)
            ])
        }
        batches.append([LineSample(2, "JOB_OUT next=1")])
        let first = over == 0 ? "0 key=1048576" : "0 !the value is longer than 1 MiB"
        #expect(Self.scan(batches) == [first, "0 next=1"])
    }

    @Test("last line is JOB_OUT, without a newline")
    func lastLine() {
        let line = LineSample(1, "JOB_OUT a=b", isTerminated: false)
        #expect(Self.scan([[line]], lastIsFinal: true) == ["0 a=b"])
    }

    @Test("inside a long line that nobody knows the beginning of no part is an output")
    func resumedInsideLongLine() throws {
        var extractor = OutputExtractor(token: nil)
        extractor.skipRestOfLine()
        let part = try #require(LineBatch.of([LineSample(1, "JOB_OUT a=1")]))
        #expect(extractor.scan(part).isEmpty)
        let next = try #require(LineBatch.of([LineSample(2, "JOB_OUT b=2")]))
        #expect(extractor.scan(next).count == 1)
    }

    @Test("text inside a long line is no output")
    func insideLongLine() {
        let part = LineSample(1, [UInt8](repeating: 0x61, count: 1 << 20), isTerminated: false)
        #expect(
            Self.scan([[part], [LineSample(1, "JOB_OUT a=b")], [LineSample(2, "JOB_OUT c=d")]]) == [
                "0 c=d"
            ])
    }
}
