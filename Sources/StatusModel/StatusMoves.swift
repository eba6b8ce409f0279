package import LogModel

/// Which moves between statuses there are.
///
/// | from | to |
/// | --- | --- |
/// | `pending` | `scheduling`, `running`, `paused`, `end` |
/// | `scheduling` | `running`, `paused`, `end` |
/// | `running` | `paused`, `end` |
/// | `paused` | `pending`, `scheduling`, `running`, `end` |
/// | `end` | nothing: what comes later is another attempt, which may begin anywhere but at `end` |
///
/// Steps may be skipped, because nobody may have looked in between; none is taken back but for what
/// a pause has undone.
package enum StatusMoves {
    private static let table: [JobStatus: Set<JobStatus>] = [
        .pending: [.scheduling, .running, .paused, .end],
        .scheduling: [.running, .paused, .end],
        .running: [.paused, .end],
        .paused: [.pending, .scheduling, .running, .end],
        .end: [],
    ]

    /// Whether `from → to` is a move within one attempt.
    package static func isAllowed(from: JobStatus, to: JobStatus) -> Bool {
        table[from]?.contains(to) == true
    }

    /// The statuses that come next after `status`, in the order of a job's life.
    package static func next(after status: JobStatus) -> [JobStatus] {
        JobStatus.allCases.filter { isAllowed(from: status, to: $0) }
    }
}

extension JobOutcome {
    /// How bad an outcome is, from 0: the worst of a job's Pods, and of a workflow's jobs, wins.
    package var badness: Int {
        switch self {
        case .success: 0
        case .canceled: 1
        case .failure: 2
        case .timeout: 3
        }
    }

    /// The worse of two; of equals the first.
    package static func worst(_ a: JobOutcome?, _ b: JobOutcome?) -> JobOutcome? {
        guard let a, let b else { return a ?? b }
        return b.badness > a.badness ? b : a
    }
}
