import LogModel
import SimulatedCluster
import Testing

struct LogTextTests {
    private static func text(
        _ change: (inout LogScript) -> Void = { _ in }, seed: UInt64 = 7, attempt: Int = 0
    ) -> LogText {
        var script = LogScript()
        change(&script)
        return LogText(seed: seed, container: "main", attempt: attempt, script: script)
    }

    private static func string(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    @Test func `the same instance always has the same text`() {
        let a = Self.text()
        let b = Self.text()
        for n in [0, 1, 49] { #expect(a.line(n) == b.line(n)) }
        #expect(Self.string(a.line(42)).hasPrefix("line 0000000042 "))
    }

    @Test func `another seed, attempt or line has another text`() {
        let line = Self.text().line(3)
        #expect(Self.text(seed: 8).line(3) != line)
        #expect(Self.text(attempt: 1).line(3) != line)
        #expect(Self.text().line(4).dropFirst(16) != line.dropFirst(16))
    }

    @Test(arguments: [17, 18, 80, 100, 16_385, 70_000])
    func `a plain line has exactly the bytes that were asked for`(bytes: Int) {
        let text = Self.text { $0.bytes = bytes }
        #expect(text.line(5).count == bytes - 1)
        #expect(text.length(of: 5) == bytes - 1)
    }

    @Test func `outputs follow the lines`() {
        let text = Self.text {
            $0.lines = 2
            $0.outputs = [ScriptedOutput("a", "1=2"), ScriptedOutput("b", "")]
        }
        #expect(text.total == 4)
        #expect(Self.string(text.line(2)) == "JOB_OUT a=1=2")
        #expect(Self.string(text.line(3)) == "JOB_OUT b=")
    }

    @Test func `outputs carry the Pod's token`() {
        let text = Self.text {
            $0.lines = 0
            $0.outputs = [ScriptedOutput("a", "1")]
            $0.outputToken = "T"
        }
        #expect(Self.string(text.line(0)) == "JOB_OUT[T] a=1")
    }

    @Test func `a pipeline's lines say how long they are`() {
        let text = Self.text { $0.style = .pipeline }
        for n in 0..<50 { #expect(text.line(n).count == text.length(of: n)) }
    }
}
