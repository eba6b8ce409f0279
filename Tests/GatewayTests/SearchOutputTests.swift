import ByteBlocks
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct SearchOutputTests {
    private struct Refusal: Error {}
    private let full = ByteBlock([UInt8](repeating: 0x78, count: SearchOutput.byteLimit + 1))

    /// The bytes that come up to the end.
    private func takeAll(_ output: SearchOutput) async -> Int {
        var count = 0
        let (wakes, waker) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        waker.yield()
        for await _ in wakes {
            takes: while true {
                switch output.take(wake: { waker.yield() }) {
                case .block(let block): count += block.count
                case .wait: break takes
                case .end: return count
                }
            }
        }
        return count
    }

    @Test func `a search waits for its client, and both come to the end`() async throws {
        let output = SearchOutput()
        let pushing = Task {
            for _ in 0..<20 { try await output.push(full) }
            output.finish(.complete)
        }
        #expect(await takeAll(output) == 20 * full.count)
        try await pushing.value
    }

    @Test func `a client that takes nothing ends its search`() async {
        let output = SearchOutput(patience: .milliseconds(1))
        await #expect(throws: SearchOutput.ClientStalled.self) { try await output.push(full) }
    }

    @Test func `a client that goes away ends its search`() async {
        let output = SearchOutput()
        let pushing = Task { try await output.push(full) }
        do { try await output.opened() } catch { Issue.record("\(error)") }
        output.close()
        await #expect(throws: CancellationError.self) { try await pushing.value }
        await #expect(throws: CancellationError.self) { try await output.push(full) }
        await #expect(throws: CancellationError.self) { try await output.opened() }
    }

    @Test func `an error before the first result is a refusal, and none behind it`() async throws {
        let refused = SearchOutput()
        let opening = Task { try await refused.opened() }
        #expect(refused.refuse(Refusal()))
        await #expect(throws: Refusal.self) { try await opening.value }
        let begun = SearchOutput()
        try await begun.push(ByteBlock("hit\n".utf8))
        try await begun.opened()
        #expect(!begun.refuse(Refusal()))
        let empty = SearchOutput()
        empty.finish(.complete)
        try await empty.opened()
        #expect(!empty.refuse(Refusal()))
    }
}
