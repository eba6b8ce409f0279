import Foundation
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct ChildProcessTests {
    func run(
        _ script: String, timeout: Duration = .seconds(30), environment: [String: String] = [:]
    ) async throws -> ChildProcess.Result {
        try await ChildProcess(
            command: "sh", arguments: ["-c", script],
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { first, _ in first },
            timeout: timeout
        ).run()
    }

    @Test func `gives the exit code and both outputs`() async throws {
        let result = try await run("echo out; echo err >&2; exit 3")
        #expect(result.exitCode == 3)
        #expect(result.output == Array("out\n".utf8))
        #expect(result.errors == Array("err\n".utf8))
    }

    @Test func `passes the environment, and nothing else`() async throws {
        let result = try await run("echo $A; cat; env | wc -l", environment: ["A": "1", "_": "x"])
        #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("1\n"))
    }

    @Test func `a signal is an exit code over 128`() async throws {
        #expect(try await run("kill -TERM $$").exitCode == 128 + 15)
    }

    @Test func `output larger than a pipe arrives whole`() async throws {
        let result = try await run("head -c 900000 /dev/zero; head -c 300000 /dev/zero >&2")
        #expect(result.output.count == 900_000)
        #expect(result.errors.count == 300_000)
    }

    @Test func `a program that runs for too long is killed with all it started`() async throws {
        let folder = try TemporaryFolder()
        var pid: Int32?
        // One that was killed before it had started anything shows nothing, and is given longer.
        for timeout in [Duration.milliseconds(300), .seconds(3), .seconds(30)] where pid == nil {
            await #expect(throws: ChildProcess.Failure.timeout) {
                try await run("sleep 600 & echo $! > \(folder.path)/pid; wait", timeout: timeout)
            }
            let text = folder.read("pid") ?? ""
            pid = Int32(text.trimmingCharacters(in: .newlines))
        }
        let grandchild = try #require(pid)
        // Its parent is gone, so what takes it away is not ours to wait for: poll, with a bound.
        var state = "running"
        let end = ContinuousClock.now + .seconds(50)
        while state == "running", ContinuousClock.now < end {
            let stat = FileManager.default.contents(atPath: "/proc/\(grandchild)/stat")
            let words = stat.map { String(decoding: $0, as: UTF8.self) } ?? ""
            if words.isEmpty || words.contains(") Z ") { state = "ended" }
            await Task.yield()
        }
        #expect(state == "ended")
    }

    @Test func `a program that writes too much is killed`() async throws {
        await #expect(throws: ChildProcess.Failure.tooMuchOutput) { try await run("yes") }
    }

    @Test func `a program that leaves its output to a child is over when it ends`() async throws {
        let result = try await run("sleep 5 & echo done")
        #expect(result.output == Array("done\n".utf8))
    }

    @Test func `an unknown program is told apart`() async throws {
        await #expect(throws: ChildProcess.Failure.notFound) {
            try await ChildProcess(
                command: "podwire-no-such-program", arguments: [], environment: [:],
                timeout: .seconds(1)
            ).run()
        }
    }

    @Test func `running many leaves no descriptor open`() async throws {
        let count = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        _ = try await run("true")
        let before = try count()
        for _ in 0..<100 { _ = try await run("true") }
        // Other tests run beside this one: only growth with the number of runs is a leak.
        #expect(try count() < before + 100)
    }
}
