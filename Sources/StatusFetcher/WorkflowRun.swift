import LogModel
import StatusModel

/// A run of a workflow with what is known of its jobs, in a ``WorkflowBook``.
///
/// Sums are kept as jobs move, so that a workflow of ten thousand jobs costs no more at each of their
/// moves than one of ten.
struct WorkflowRun: Sendable {
    /// What counts of a job's run.
    struct Job: Sendable {
        var name: String
        var status: JobStatus
        var outcome: JobOutcome?
        /// Whether it was taken out of the plan before it had begun.
        var wasDropped = false
    }

    /// What counts of all runs of a declared job.
    struct Named: Sendable {
        /// The run that was seen last.
        var latest: String
        /// How often it has failed or run into its time limit.
        var failures = 0
        /// How often it has ended.
        var ends = 0
    }

    /// Where it stands.
    var state: WorkflowState
    /// The plan in order; `nil` where nobody has declared one.
    private(set) var graph: WorkflowGraph?
    /// The jobs that are in the book.
    private(set) var jobs: [String: Job] = [:]
    /// All jobs that were ever seen, the declared ones too, by their names; kept only for a plan.
    private(set) var named: [String: Named] = [:]
    /// Jobs by status.
    private var counts: [JobStatus: Int] = [:]
    /// How the jobs that have ended did so, by their names: of several tries the last one counts. With
    /// a plan, those that it does not name.
    private var outcomes: [String: JobOutcome] = [:]
    /// How many of these have an outcome.
    private var outcomeCounts: [JobOutcome: Int] = [:]
    /// When the last of the jobs ended.
    private(set) var lastEnd: LogTime?
    /// The retries of the declared jobs that have some.
    private var retries: [String: Int] = [:]
    private var declaredNames: Set<String> = []
    /// The standing of declared jobs that are over but not in the book any more.
    private var past: [String: Job] = [:]

    init(state: WorkflowState) {
        self.state = state
        if let plan = state.declaration?.plan { set(plan) }
    }

    /// Whether a job of it is in the book.
    var isInUse: Bool { !jobs.isEmpty }

    /// The worst outcome of the jobs that have ended; with a plan, of those that it does not name.
    var worst: JobOutcome? {
        outcomeCounts.filter { $0.value > 0 }.keys.max { $0.badness < $1.badness }
    }

    /// Whether every job that was seen has ended.
    var hasOnlyEnded: Bool { (counts[.end] ?? 0) == jobs.count }

    /// `pending` until a job has left it; a job that goes back behind a pause takes its workflow not
    /// with it.
    var progress: JobStatus { isPending && state.status != .running ? .pending : .running }

    /// Whether no job that was seen has left `pending`.
    private var isPending: Bool { (counts[.pending] ?? 0) == jobs.count && past.isEmpty }

    /// Declares the run, or changes what was declared of it.
    mutating func declare(_ declaration: WorkflowDeclaration) {
        let before = state.declaration
        state.declaration = declaration
        guard before?.plan != declaration.plan else { return }
        set(declaration.plan)
        guard before == nil else { return }
        outcomes = [:]
        outcomeCounts = [:]
        for (uid, job) in jobs {
            note(uid, job, before: nil)
            if job.status == .end { fold(job) }
        }
    }

    private mutating func set(_ plan: WorkflowPlan) {
        graph = WorkflowGraph(plan)
        let jobs = plan.jobs.map(\.job)
        declaredNames = Set(jobs.map(\.name))
        retries = Dictionary(
            jobs.lazy.filter { $0.retries > 0 }.map { ($0.name, $0.retries) },
            uniquingKeysWith: { a, _ in a })
    }

    private mutating func fold(_ job: Job) {
        guard !declaredNames.contains(job.name), !job.wasDropped, let outcome = job.outcome else {
            return
        }
        if let before = outcomes.updateValue(outcome, forKey: job.name) {
            outcomeCounts[before, default: 0] -= 1
        }
        outcomeCounts[outcome, default: 0] += 1
    }

    /// Takes in where a job stands.
    mutating func put(_ job: JobBook.Job) {
        let now = Job(
            name: job.key.job, status: job.state.status, outcome: job.state.outcome,
            wasDropped: job.state.reason == WorkflowBook.dropReason)
        let before = jobs.updateValue(now, forKey: job.uid)
        if let before { counts[before.status, default: 0] -= 1 }
        counts[now.status, default: 0] += 1
        note(job.uid, now, before: before)
        if now.status == .end, before?.status != .end {
            fold(now)
            lastEnd = [lastEnd, job.state.endedAt].compactMap { $0 }.max()
        }
        let created = [state.createdAt, job.createdAt].compactMap { $0 }
        if state.declaration == nil { state.createdAt = created.min() }
        state.startedAt = [state.startedAt, job.state.startedAt].compactMap { $0 }.min()
    }

    /// Drops a job that has left the book.
    mutating func forget(_ uid: String) {
        guard let job = jobs.removeValue(forKey: uid) else { return }
        counts[job.status, default: 0] -= 1
        if graph != nil { past[uid] = job }
    }

    /// Where a declared job stands.
    func standing(_ name: String) -> JobStanding {
        guard let entry = named[name], let job = jobs[entry.latest] ?? past[entry.latest] else {
            return .notBegun
        }
        return JobStanding(
            status: job.status, outcome: job.outcome, failures: entry.failures,
            retries: retries[name] ?? 0)
    }

    /// How often a job has ended that a plan may declare: 0 for one that was never seen, more for one
    /// that was taken out of the plan. `nil`: it has a place already.
    func endsBeforeDeclaration(_ name: String) -> Int? {
        guard let entry = named[name] else { return 0 }
        let latest = jobs[entry.latest] ?? past[entry.latest]
        return latest?.wasDropped == true ? entry.ends : nil
    }

    /// The names of the declared jobs that have not begun.
    var notBegun: [String] {
        graph?.jobs.map(\.job.name).filter { standing($0) == .notBegun } ?? []
    }

    private mutating func note(_ uid: String, _ job: Job, before: Job?) {
        guard graph != nil else { return }
        if named[job.name] == nil { named[job.name] = Named(latest: uid) }
        if before == nil { named[job.name]?.latest = uid }
        guard job.status == .end, before?.status != .end else { return }
        named[job.name]?.ends += 1
        if job.outcome == .failure || job.outcome == .timeout { named[job.name]?.failures += 1 }
    }
}
