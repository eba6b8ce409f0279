import Dispatch
import Foundation
import ScriptedHTTP
import Store
import Synchronization
import Testing

@testable import Capture

/// A store that cannot keep up, and what becomes of the log meanwhile.
@Suite(.timeLimit(.minutes(5))) struct HeldBackTests {
    /// Makes the store's writer hang in a write, like a disk that does not answer.
    private final class Hang: Sendable {
        private let store = Mutex<Store?>(nil)
        private let hanging = DispatchSemaphore(value: 0)
        private let released = DispatchSemaphore(value: 0)

        func use(_ store: Store) { self.store.withLock { $0 = store } }

        /// Returns when the writer hangs.
        func begin() {
            guard let store = store.withLock({ $0 }) else { return }
            Task {
                try await store.write { _ in
                    self.hanging.signal()
                    self.released.wait()
                }
            }
            hanging.wait()
        }

        func end() { released.signal() }
    }

    @Test("two rotations while held back: the follow is cut in time, and the loss is marked")
    func twoRotations() async throws {
        let hang = Hang()
        var first = FakePod.Step.lines(Array(1...60_000), .open)
        first.before = { hang.begin() }
        // The disk answers again only when the follower has let go of the kubelet.
        first.answer.onClosed = { hang.end() }
        let pod = FakePod(
            .running(restarts: 0),
            [
                first, .lines([100_001, 100_002], then: .terminated(restarts: 0)),
                .lines([100_001, 100_002]),
            ])
        var run = CaptureRun()
        run.store.queueBytes = 4_096
        // Also what a busy disk may take for the lines behind the hang.
        run.store.roomTimeout = .seconds(2)
        run.withStore = { hang.use($0) }
        let stored = try #require(try await run.capture(pod).first)
        let lines = stored.text.split(separator: "\n")
        let gap = try #require(lines.firstIndex { $0.hasPrefix("--- podwire: ") })
        #expect(gap > 0 && gap < 60_000)
        #expect(lines[..<gap].elementsEqual((1...gap).map { "line \($0)" }))
        #expect(lines[gap].hasPrefix("--- podwire: lines may be missing between 2026-11-23T"))
        #expect(lines[(gap + 1)...] == ["line 100001", "line 100002"])
        #expect(stored.gaps == 1 && stored.isEnded)
    }
}
