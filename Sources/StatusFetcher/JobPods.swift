import LogModel
import StatusModel

/// The Pods of one job with what is asked of all of them.
///
/// Sums are kept as Pods change, so that a job of ten thousand Pods costs no more at each change than
/// one of ten. Of several Pods that work on the same completion (retries) the one created last counts;
/// Pods without a completion index all work on the same.
package struct JobPods: Sendable, Equatable {
    /// The Pods' states by their UID.
    package private(set) var states: [String: PodState] = [:]
    /// How many have ended, and how many of these with success; those that do not count too.
    private(set) var ended = 0
    private(set) var succeeded = 0
    /// How many have been called off.
    private var canceled = 0
    /// When the first of them started.
    private(set) var startedAt: LogTime?
    /// When the last of them ended.
    private(set) var endedAt: LogTime?
    /// The Pod that counts for each completion.
    private var latest: [Int?: String] = [:]
    /// How many of those that count have a status.
    private var counts: [JobStatus: Int] = [:]
    /// One of those, which speaks for them.
    private var speakers: [JobStatus: String] = [:]

    /// No Pods.
    package init() {}

    /// The same Pods in the same states; the rest follows from these.
    package static func == (a: JobPods, b: JobPods) -> Bool { a.states == b.states }

    /// The state of a Pod; a Pod does not leave the job.
    package subscript(uid: String) -> PodState? { states[uid] }

    package var isEmpty: Bool { states.isEmpty }
    package var count: Int { states.count }
    /// Whether every Pod has ended, whether it counts or not.
    package var haveAllEnded: Bool { ended == states.count }
    /// How many have ended that nobody has called off, whether they count or not.
    var endedByThemselves: Int { ended - canceled }
    /// Whether every Pod that counts has ended.
    var haveCountingEnded: Bool { count(of: .end) == latest.count }
    /// Whether a Pod that counts has ended.
    var hasCountingEnded: Bool { count(of: .end) > 0 }

    /// Of the Pods that count and have not ended one that is farthest on its way.
    var leading: PodState? {
        for status in [JobStatus.running, .paused, .scheduling, .pending]
        where count(of: status) > 0 {
            return speakers[status].flatMap { states[$0] }
        }
        return nil
    }

    /// Of the Pods that count the one that ended worst. Looks at all of them.
    var worst: PodState? {
        latest.values.lazy.compactMap { states[$0] }
            .max { ($0.outcome?.badness ?? 0) < ($1.outcome?.badness ?? 0) }
    }

    /// The Pod created last of those that failed. Looks at all of them.
    var lastFailed: PodState? {
        states.values.filter { $0.outcome == .failure || $0.outcome == .timeout }
            .max { ($0.createdAt?.nanoseconds ?? 0) < ($1.createdAt?.nanoseconds ?? 0) }
    }

    /// Takes in a Pod's state.
    package mutating func put(_ state: PodState, _ uid: String) {
        let before = states.updateValue(state, forKey: uid)
        if before?.hasEnded == true {
            ended -= 1
            if before?.outcome == .success { succeeded -= 1 }
            if before?.outcome == .canceled { canceled -= 1 }
        }
        if state.hasEnded {
            ended += 1
            if state.outcome == .success { succeeded += 1 }
            if state.outcome == .canceled { canceled += 1 }
        }
        startedAt = [startedAt, state.startedAt].compactMap { $0 }.min()
        endedAt = [endedAt, state.endedAt].compactMap { $0 }.max()
        if let before,
            before.completionIndex != state.completionIndex
                || before.createdAt != state.createdAt
        {
            countAnew()
        } else {
            count(state, uid, before: before)
        }
    }

    private mutating func count(_ state: PodState, _ uid: String, before: PodState?) {
        if let holder = latest[state.completionIndex], holder != uid {
            guard let other = states[holder], !Self.isOlder((state, uid), (other, holder)) else {
                return
            }
            latest[state.completionIndex] = uid
            leave(other.status, holder)
        } else {
            latest[state.completionIndex] = uid
            if let before {
                guard before.status != state.status else { return }
                leave(before.status, uid)
            }
        }
        counts[state.status, default: 0] += 1
        speakers[state.status] = uid
    }

    /// Takes a Pod out of those of a status; another one speaks for them now.
    private mutating func leave(_ status: JobStatus, _ uid: String) {
        counts[status, default: 0] -= 1
        guard speakers[status] == uid else { return }
        speakers[status] =
            count(of: status) == 0
            ? nil : latest.values.first { $0 != uid && states[$0]?.status == status }
    }

    private mutating func countAnew() {
        latest = [:]
        counts = [:]
        speakers = [:]
        for (uid, state) in states { count(state, uid, before: nil) }
    }

    private func count(of status: JobStatus) -> Int { counts[status] ?? 0 }

    private static func isOlder(_ a: (PodState, String), _ b: (PodState, String)) -> Bool {
        let (first, second) = (a.0.createdAt?.nanoseconds ?? 0, b.0.createdAt?.nanoseconds ?? 0)
        return first == second ? a.1 < b.1 : first < second
    }
}
