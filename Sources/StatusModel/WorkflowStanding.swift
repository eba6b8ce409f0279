package import LogModel

/// Where a declared job stands, as its workflow counts it.
package enum JobStanding: Sendable, Equatable {
    /// Nothing of it was seen yet.
    case notBegun
    /// It has begun; or it has failed and may be tried again.
    case open
    /// It is over for good.
    case over(JobOutcome)

    /// Where a job stands whose latest run has this status and outcome.
    ///
    /// - Parameters:
    ///   - status: the status of its latest run.
    ///   - outcome: the outcome of its latest run, at its end.
    ///   - failures: how often it has failed or run into its time limit.
    ///   - retries: how often it may be tried again then.
    package init(status: JobStatus, outcome: JobOutcome?, failures: Int, retries: Int) {
        switch (status, outcome) {
        case (.pending, _): self = .notBegun
        case (.end, let outcome?)
        where outcome == .success || outcome == .canceled || failures > retries:
            self = .over(outcome)
        default: self = .open
        }
    }
}

/// Where a stage stands.
package struct StageStanding: Sendable, Equatable {
    /// Its status; `paused` for a break that waits to be resumed.
    package var status: JobStatus
    /// How it ended; set exactly when ``status`` is `end`.
    package var outcome: JobOutcome?
}

/// Where a declared workflow stands, rolled up from its jobs: a pure value.
package struct WorkflowStanding: Sendable {
    /// Each stage of the plan.
    package private(set) var stages: [StageStanding]
    /// The names of the breaks that have been reached and not been passed.
    package private(set) var openBreaks: [String] = []
    /// The names of the jobs that have not begun and never can: something that they need has not
    /// succeeded, or never can.
    package private(set) var unreachable: [String] = []
    /// Whether every job is over for good or unreachable, and no break can open any more.
    package private(set) var isOver = true
    /// The worst outcome of the jobs that are over.
    package private(set) var outcome: JobOutcome?

    /// Rolls up.
    ///
    /// - Parameters:
    ///   - graph: the plan.
    ///   - passed: the names of the breaks that have been resumed.
    ///   - standing: where each job stands, by its name.
    package init(
        _ graph: WorkflowGraph, passed: Set<String>, standing: (String) -> JobStanding
    ) {
        let count = graph.plan.stages.count
        stages = Array(repeating: StageStanding(status: .pending), count: count)
        // Of each: whether it has succeeded, and whether it never will.
        var starts = Array(repeating: Fate.open, count: count)
        var ends = Array(repeating: Fate.open, count: count)
        var jobs = Array(repeating: Fate.open, count: graph.jobs.count)
        for node in graph.order {
            switch node {
            case .stageStart(let index):
                starts[index] = Fate(graph.stageNeeds[index].lazy.map { ends[$0] })
            case .job(let index):
                let (stage, job, needs) = graph.jobs[index]
                switch standing(job.name) {
                case .over(let result):
                    outcome = JobOutcome.worst(outcome, result)
                    jobs[index] = result == .success ? .succeeded : .failed
                    stages[stage].outcome = JobOutcome.worst(stages[stage].outcome, result)
                    if stages[stage].status == .pending { stages[stage].status = .running }
                case .open:
                    isOver = false
                    stages[stage].status = .running
                case .notBegun:
                    if starts[stage] == .failed || needs.contains(where: { jobs[$0] == .failed }) {
                        unreachable.append(job.name)
                        jobs[index] = .failed
                        stages[stage].outcome = JobOutcome.worst(stages[stage].outcome, .canceled)
                    } else {
                        isOver = false
                    }
                }
            case .stageEnd(let index):
                ends[index] = end(of: index, graph, passed, starts[index], jobs)
            }
        }
    }

    private enum Fate {
        case open, succeeded, failed

        /// The fate of what needs all of `fates`.
        init(_ fates: some Sequence<Fate>) {
            self = .succeeded
            for fate in fates {
                if fate == .failed {
                    self = .failed
                    return
                }
                if fate == .open { self = .open }
            }
        }
    }

    /// Rolls up a stage of which all jobs have been looked at.
    private mutating func end(
        of index: Int, _ graph: WorkflowGraph, _ passed: Set<String>, _ start: Fate, _ jobs: [Fate]
    ) -> Fate {
        let stage = graph.plan.stages[index]
        let members = graph.jobsOfStage[index].map { jobs[$0] }
        let fate = Fate([start] + members)
        let isBreak = stage.type == .break && !passed.contains(stage.name)
        if fate == .succeeded && isBreak {
            openBreaks.append(stage.name)
            isOver = false
            stages[index] = StageStanding(status: .paused)
            return .open
        }
        if start != .open && !members.contains(.open) {
            let outcome = stages[index].outcome ?? (fate == .failed ? .canceled : .success)
            stages[index] = StageStanding(status: .end, outcome: outcome)
        } else {
            stages[index].outcome = nil
        }
        return fate
    }
}
