/// A plan as a graph of what waits for what, in an order in which everything comes behind what it
/// waits for.
///
/// Each stage has a start and an end, each job stands between those of its stage; what needs
/// something stands behind it.
package struct WorkflowGraph: Sendable {
    /// A node of the graph; the numbers are indices into the plan's stages and ``jobs``.
    enum Node: Sendable {
        case stageStart(Int)
        case job(Int)
        case stageEnd(Int)
    }

    /// What comes of putting a plan in order.
    enum Ordering {
        case order([Node])
        /// The names of those that wait for each other.
        case cycle([String])
    }

    /// The plan.
    package let plan: WorkflowPlan
    /// The jobs with their stage, and the indices of the jobs that each needs.
    package let jobs: [(stage: Int, job: WorkflowPlan.Job, needs: [Int])]
    /// The indices of the stages that each stage needs.
    let stageNeeds: [[Int]]
    /// The indices of the jobs of each stage.
    let jobsOfStage: [[Int]]
    /// Everything, behind what it waits for.
    let order: [Node]

    /// The graph of a plan without problems.
    ///
    /// - Precondition: `plan.problems()` is empty.
    package init(_ plan: WorkflowPlan) {
        let links = Links(plan)
        guard case .order(let order) = Self.order(of: plan) else {
            preconditionFailure("a plan that waits for itself")
        }
        self.plan = plan
        self.order = order
        stageNeeds = links.stageNeeds
        jobs = zip(plan.jobs, links.jobNeeds).map { ($0.stage, $0.job, $1) }
        var members: [[Int]] = Array(repeating: [], count: plan.stages.count)
        for (index, job) in jobs.enumerated() { members[job.stage].append(index) }
        jobsOfStage = members
    }

    /// Who needs whom, by index.
    private struct Links {
        let stageNeeds: [[Int]]
        let jobNeeds: [[Int]]

        init(_ plan: WorkflowPlan) {
            let jobs = plan.jobs
            let stageIndex = Dictionary(
                plan.stages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { a, _ in a })
            let jobIndex = Dictionary(
                jobs.enumerated().map { ($1.job.name, $0) }, uniquingKeysWith: { a, _ in a })
            stageNeeds = plan.stages.indices.map { index in
                plan.needs(ofStage: index).compactMap { stageIndex[$0] }
            }
            jobNeeds = jobs.map { $0.job.needs.compactMap { jobIndex[$0] } }
        }
    }

    /// Puts a plan in order, without recursion: a plan may be a chain of thousands.
    static func order(of plan: WorkflowPlan) -> Ordering {
        let links = Links(plan)
        let jobs = plan.jobs
        let stages = plan.stages.count
        var before: [[Int]] = Array(repeating: [], count: 2 * stages + jobs.count)
        for index in 0..<stages {
            before[2 * index] = links.stageNeeds[index].map { 2 * $0 + 1 }
            before[2 * index + 1] = [2 * index]
        }
        for (index, job) in jobs.enumerated() {
            let node = 2 * stages + index
            before[node] = [2 * job.stage] + links.jobNeeds[index].map { 2 * stages + $0 }
            before[2 * job.stage + 1].append(node)
        }
        let (order, cycle) = search(before)
        guard cycle.isEmpty else {
            return .cycle(
                cycle.compactMap { node in
                    if node >= 2 * stages { return "job \(jobs[node - 2 * stages].job.name)" }
                    return node % 2 == 0 ? "stage \(plan.stages[node / 2].name)" : nil
                })
        }
        return .order(
            order.map { node in
                if node >= 2 * stages { return .job(node - 2 * stages) }
                return node % 2 == 0 ? .stageStart(node / 2) : .stageEnd(node / 2)
            })
    }

    /// Looks at every node behind all that stand before it.
    ///
    /// - Returns: the nodes in order; or those of the first cycle that was met.
    private static func search(_ before: [[Int]]) -> (order: [Int], cycle: [Int]) {
        enum Mark { case new, open, done }
        var marks = Array(repeating: Mark.new, count: before.count)
        var order: [Int] = []
        for root in before.indices where marks[root] == .new {
            var path: [(node: Int, next: Int)] = [(root, 0)]
            marks[root] = .open
            while let (node, next) = path.last {
                guard next < before[node].count else {
                    marks[node] = .done
                    order.append(node)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let other = before[node][next]
                switch marks[other] {
                case .new:
                    marks[other] = .open
                    path.append((other, 0))
                case .open:
                    let first = path.firstIndex { $0.node == other } ?? 0
                    return ([], path[first...].reversed().map(\.node))
                case .done: break
                }
            }
        }
        return (order, [])
    }
}
