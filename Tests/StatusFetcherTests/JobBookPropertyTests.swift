import Kubernetes
import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

/// Draws the same numbers from the same seed.
struct Draws: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

/// What the store would be told, checked as it comes.
private struct Ledger {
    struct Line {
        var status: JobStatus?
        var attempt = 1
        var ends: [Int: Int] = [:]
    }
    var jobs: [String: Line] = [:]
    var broken: [String] = []
    /// The rows.
    var stored: [String: JobBook.Job] = [:]
    var workflows: [String: WorkflowState] = [:]

    mutating func take(_ changes: [JobBook.Change], _ book: inout JobBook, writesEnds: Bool) {
        var changes = changes
        while !changes.isEmpty {
            var ended: [String] = []
            for change in changes {
                switch change {
                case .job(let job, let move):
                    store(job)
                    if let move { take(job, move) }
                case .pod(let pod, let job, let state, let deletedAt):
                    stored[job]?.pods.put(state, pod.uid)
                    stored[job]?.present.remove(pod.uid)
                    if deletedAt == nil { stored[job]?.present.insert(pod.uid) }
                case .workflow(let workflow, let move):
                    workflows[workflow.uid] = workflow
                    if let from = move?.from, let to = move?.to, from != .end,
                        !StatusMoves.isAllowed(from: from, to: to)
                    {
                        broken.append("workflow \(workflow.uid): \(from) to \(to)")
                    }
                case .end(let job, let state) where writesEnds:
                    guard book.jobs[job.uid]?.pendingEnd == state, !ended.contains(job.uid) else {
                        continue
                    }
                    end(job)
                    store(job)
                    stored[job.uid]?.state = state
                    ended.append(job.uid)
                case .end: continue
                }
            }
            changes = ended.flatMap { book.ended($0) }
        }
    }

    private mutating func store(_ job: JobBook.Job) {
        var row = job
        row.pods = stored[job.uid]?.pods ?? JobPods()
        row.present = stored[job.uid]?.present ?? []
        stored[job.uid] = row
    }

    private mutating func take(_ job: JobBook.Job, _ move: JobBook.Move) {
        var line = jobs[job.uid] ?? Line()
        if move.from != line.status {
            broken.append("\(job.uid): from \(String(describing: move))")
        }
        if let from = line.status {
            let isNextAttempt = from == .end && job.attempt == line.attempt + 1
            if !isNextAttempt && !StatusMoves.isAllowed(from: from, to: move.to) {
                broken.append("\(job.uid): \(from) to \(move.to)")
            }
        }
        if move.to == .end { broken.append("\(job.uid): an end without its log") }
        line.status = move.to
        line.attempt = job.attempt
        jobs[job.uid] = line
    }

    private mutating func end(_ job: JobBook.Job) {
        let count = (jobs[job.uid]?.ends[job.attempt] ?? 0) + 1
        if count > 1 { broken.append("\(job.uid): attempt \(job.attempt) ended twice") }
        if jobs[job.uid]?.status == .end { broken.append("\(job.uid): an end after the end") }
        jobs[job.uid]?.ends[job.attempt] = count
        jobs[job.uid]?.status = .end
    }
}

@Suite("Random lives of Pods and Jobs")
struct JobBookPropertyTests {
    /// A sight of a Pod; once it was deleted, of the next one, for no UID comes twice.
    private func pod(
        _ number: Int, _ generation: Int, owner: Pod.OwnerReference?, _ random: inout Draws
    ) -> Pod {
        let name = "p\(number)"
        let created = Int64(1_000 + number + 10 * generation)
        var pod =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: PodFixture.pod(name, createdAt: created)
            case 1: PodFixture.pod(name, node: "n", createdAt: created)
            case 2: PodFixture.running(name, createdAt: created)
            default:
                PodFixture.ended(
                    name, exitCode: Int.random(in: 0..<2, using: &random), createdAt: created)
            }
        pod.metadata.uid = "\(name)-\(generation)"
        pod.metadata.ownerReferences = owner.map { [$0] } ?? []
        return pod
    }

    private func batchJob(_ uid: String, _ random: inout Draws) -> BatchJob {
        var job = BatchJob(
            metadata: ObjectMetadata(name: "j", namespace: "default", uid: uid))
        job.spec.suspend = Int.random(in: 0..<4, using: &random) == 0
        job.status.failed = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            job.status.conditions = [Condition(type: "Complete", status: "True")]
            job.status.succeeded = 1
        case 1:
            job.status.conditions = [
                Condition(type: "Failed", status: "True", reason: "BackoffLimitExceeded")
            ]
        default: break
        }
        return job
    }

    @Test(
        "no forbidden move, nothing after an end, one end an attempt",
        arguments: 0..<400 as Range<UInt64>)
    func moves(seed: UInt64) {
        var random = Draws(state: seed &* 7_919 &+ 1)
        var book = JobBook(mapping: JobMapping())
        var ledger = Ledger()
        var generations = Array(repeating: 0, count: 6)
        for _ in 0..<60 {
            let number = Int.random(in: 0..<5, using: &random)
            let changes: [JobBook.Change]
            let job = "job-\(generations[5])"
            let owner =
                number < 3
                ? Pod.OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: job) : nil
            let isRecalled = book.isUnknown(job) && ledger.stored[job] != nil
            if isRecalled, let row = ledger.stored[job] {
                book.recall(row, of: ledger.workflows[row.workflow])
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: changes = book.setJobs(areWatched: false, in: nil)
            case 1, 2: changes = book.observe(batchJob(job, &random))
            case 3:
                changes = book.observeDeletion(
                    of: batchJob(job, &random), at: LogTime(seconds: 9_000))
                generations[5] += 1
            case 4:
                changes = book.observeDeletion(
                    of: pod(number, generations[number], owner: owner, &random),
                    at: LogTime(seconds: 9_000))
                generations[number] += 1
            case 5:
                changes = book.doubts.flatMap { doubt -> [JobBook.Change] in
                    switch doubt {
                    case .pods(let job, _, _, _): book.settle(podsOf: job, are: [String]())
                    case .job(let job, _, _, _): book.settle(absenceOfJobOf: job)
                    }
                }
            default:
                changes = book.observe(
                    pod(number, generations[number], owner: owner, &random))
            }
            let writesEnds = Int.random(in: 0..<3, using: &random) > 0
            ledger.take(changes, &book, writesEnds: writesEnds)
            if isRecalled { book.forgetIfGone(job) }
        }
        #expect(ledger.broken == [])
        #expect(!ledger.jobs.isEmpty)
    }
}
