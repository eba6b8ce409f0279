import Access
import Synchronization

/// Whether somebody who stays has to go, and why: shared by ``WatchedBody``, ``WatchedSession`` and
/// ``Subscription``.
///
/// Any thread may call it.
final class AccessEnd: Sendable {
    /// Why somebody has to go.
    struct Reason {
        let code: CloseCode
        let text: String
    }

    private struct State {
        var watch: AccessWatch?
        var wake: (@Sendable () -> Void)?
        var end: Reason?
    }

    private let state = Mutex(State())

    /// Why the caller has to go; `nil` while they may stay.
    var reason: Reason? { state.withLock { $0.end } }

    /// Starts to look; `wake` is used when the caller has to go.
    func start(_ admission: Admission, wake: @escaping @Sendable () -> Void) {
        let watch = admission.caller.watch(admission.rights) { [weak self] error in
            let text = StatusResponse(error).message
            self?.finish(Reason(code: CloseCode(error), text: text))
        }
        state.withLock { state in
            state.wake = wake
            state.watch = watch
        }
    }

    /// Looks no more.
    func stop() {
        let watch = state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
        watch?.cancel()
    }

    private func finish(_ reason: Reason) {
        let wake = state.withLock { state in
            state.end = state.end ?? reason
            return state.wake
        }
        wake?()
    }
}
