import LogModel
import Synchronization

extension TimerQueue {
    /// Suspends the task until `time`; a task that is cancelled goes on at once.
    func pause(until time: LogTime) async {
        let pause = Pause()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pause.begin(continuation)
                schedule(at: time) { pause.end() }
            }
        } onCancel: {
            pause.end()
        }
    }
}

/// A continuation that is resumed once, by whoever comes first: the timer or the cancellation.
private final class Pause: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Void, Never>) {
        let isOver = state.withLock { state in
            if !state.isOver { state.continuation = continuation }
            return state.isOver
        }
        if isOver { continuation.resume() }
    }

    func end() {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            state.isOver = true
            return state.continuation
        }
        continuation?.resume()
    }
}
