import Access
import LogModel
import Store
import Synchronization

/// The events of those namespaces that a caller may see: what an ``EventReader`` gives, less the rest.
///
/// A namespace is asked about when its first event comes, and again when the decision is old; whether
/// the caller may see all of them is asked first. Meanwhile the events that wait for the answer, at
/// most one step of the reader, are held. The numbers of events that are left out are skipped.
final class VisibleEvents: EventSource {
    /// Namespaces whose decisions are held, 4,096. Beyond it all are asked about anew.
    private static let namespaceLimit = 4_096

    private struct Decision {
        let isVisible: Bool
        let expiry: ContinuousClock.Instant
    }

    private struct State {
        var decisions: [String: Decision] = [:]
        var held: [EventRecord] = []
        /// The namespaces that were asked about for ``held``: their decisions count for it even where
        /// they are old by the time that all are there.
        var answered: Set<String> = []
        var isAsking = false
        var failure: AccessError?
    }

    private let reader: any EventSource
    private let caller: Caller
    private let state = Mutex(State())

    /// What `reader` gives, as far as `caller` may see it.
    init(_ reader: any EventSource, for caller: Caller) {
        self.reader = reader
        self.caller = caller
    }

    func next(wake: @escaping @Sendable () -> Void) -> EventReader.Step {
        state.withLock { state in
            // Each turn takes events that the reader has, so the loop ends with what is there.
            while true {
                if let failure = state.failure {
                    return .closed(CloseCode(failure), reason: StatusResponse(failure).message)
                }
                if state.isAsking { return .wait }
                if state.held.isEmpty {
                    let step = reader.next(wake: wake)
                    guard case .events(let events) = step else { return step }
                    state.held = events
                }
                let unknown = undecided(state)
                guard unknown.isEmpty else {
                    state.isAsking = true
                    ask(unknown, wake)
                    return .wait
                }
                let visible = state.held.filter { event in
                    state.decisions[event.key.namespace]?.isVisible == true
                }
                state.held = []
                state.answered = []
                if !visible.isEmpty { return .events(visible) }
            }
        }
    }

    func close() {
        reader.close()
        state.withLock { $0.held = [] }
    }

    /// The namespaces of held events that nothing is known of, or nothing new enough.
    private func undecided(_ state: State) -> Set<String> {
        let now = ContinuousClock.now
        return Set(state.held.map(\.key.namespace)).filter { namespace in
            !state.answered.contains(namespace)
                && state.decisions[namespace].map { $0.expiry <= now } ?? true
        }
    }

    /// The bridge from the server's thread to who decides; it ends with the answers.
    private func ask(_ namespaces: Set<String>, _ wake: @escaping @Sendable () -> Void) {
        Task {
            var answers: [String: Decision] = [:]
            var failure: AccessError?
            do throws(AccessError) {
                let seesAll = try await caller.may(.readPods, in: nil)
                let expiry = ContinuousClock.now + caller.recheck
                for namespace in namespaces {
                    var isVisible = seesAll
                    if !seesAll { isVisible = try await caller.may(.readPods, in: namespace) }
                    answers[namespace] = Decision(isVisible: isVisible, expiry: expiry)
                }
            } catch {
                failure = error
            }
            state.withLock { state in
                if state.decisions.count + answers.count > Self.namespaceLimit {
                    state.decisions = [:]
                }
                state.decisions.merge(answers) { $1 }
                state.answered.formUnion(answers.keys)
                state.failure = failure
                state.isAsking = false
            }
            wake()
        }
    }
}
