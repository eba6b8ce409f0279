import Kubernetes
import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

@Suite("The book of jobs")
struct JobBookTests {
    /// The job moves among changes, as `from>to` texts.
    private func moves(_ changes: [JobBook.Change]) -> [String] {
        changes.compactMap { change in
            guard case .job(_, let move?) = change else { return nil }
            return "\(move.from?.rawValue ?? "-")>\(move.to.rawValue)"
        }
    }

    private func ends(_ changes: [JobBook.Change]) -> [JobOutcome?] {
        changes.compactMap { change in
            guard case .end(_, let state) = change else { return nil }
            return state.outcome
        }
    }

    private func workflows(_ changes: [JobBook.Change]) -> [JobStatus] {
        changes.compactMap { change in
            guard case .workflow(let state, _) = change else { return nil }
            return state.status
        }
    }

    @Test("a job moves with its Pod, and asks for its end once its Pod is over")
    func oneLife() {
        var book = JobBook(mapping: JobMapping())
        #expect(moves(book.observe(PodFixture.pod())) == ["->pending"])
        let scheduling = PodFixture.pod(node: "n")
        #expect(moves(book.observe(scheduling)) == ["pending>scheduling"])
        #expect(moves(book.observe(scheduling)) == [])
        #expect(moves(book.observe(PodFixture.running())) == ["scheduling>running"])
        let over = book.observe(PodFixture.ended())
        #expect(moves(over) == [])
        #expect(ends(over) == [.success])
        #expect(workflows(book.ended("uid-p")) == [.end])
    }

    @Test("a Pod that is created again under its name is another run, before the first has ended")
    func createdAgain() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.running())
        let over = book.observeDeletion(of: PodFixture.running(), at: LogTime(seconds: 1100))
        #expect(ends(over) == [.canceled])
        // Its end is not written: its log is still read.
        #expect(moves(book.observe(PodFixture.pod(uid: "second"))) == ["->pending"])
        #expect(book.job(ofPod: "second")?.uid == "second")
        #expect(book.job(ofPod: "uid-p")?.pendingEnd?.outcome == .canceled)
        #expect(book.pendingEnds.map(\.job.uid) == ["uid-p"])
        _ = book.ended("uid-p")
        #expect(book.job(ofPod: "second")?.state.status == .pending)
    }

    @Test("Pods of one labelled job share its run until it has ended")
    func labelledRetry() {
        var book = JobBook(mapping: JobMapping())
        let labels = ["podwire.dev/workflow": "w", "podwire.dev/job": "j"]
        _ = book.observe(PodFixture.pod("a", labels: labels))
        _ = book.observe(PodFixture.pod("b", labels: labels))
        #expect(book.job(ofPod: "uid-b")?.uid == "uid-a")
    }

    @Test("the end of a Pod is final, whatever its object says later")
    func endIsFinal() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.ended(exitCode: 3))
        let later = book.observeDeletion(of: PodFixture.running(), at: LogTime(seconds: 5000))
        #expect(ends(later) == [.failure])
    }

    @Test("a job does not go back while a second Pod of it is being scheduled")
    func noWayBack() {
        var book = JobBook(mapping: JobMapping())
        let owner = Pod.OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job")
        var first = PodFixture.running("a")
        first.metadata.ownerReferences = [owner]
        _ = book.observe(first)
        let second = PodFixture.pod("b", owner: owner, createdAt: 1005)
        #expect(moves(book.observe(second)) == [])
        #expect(book.job(ofPod: "uid-b")?.uid == "job")
    }

    @Test("of two tries the later one decides")
    func laterTryDecides() {
        var book = JobBook(mapping: JobMapping())
        // The Job that owns them cannot be asked: its Pods alone decide.
        #expect(book.setJobs(areWatched: false, in: nil) == [])
        let owner = Pod.OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job")
        let first = book.observe(
            PodFixture.ended("a", exitCode: 1, createdAt: 1000, owner: owner))
        #expect(ends(first) == [.failure])
        let second = book.observe(PodFixture.ended("b", createdAt: 1005, owner: owner))
        #expect(ends(second) == [.success])
    }

    @Test("a Pod of an earlier name is another run of the job")
    func anotherRun() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.ended())
        _ = book.ended("uid-p")
        var again = PodFixture.pod()
        again.metadata.uid = "uid-2"
        #expect(moves(book.observe(again)) == ["->pending"])
        #expect(book.job(ofPod: "uid-2")?.uid == "uid-2")
    }

    @Test("Pods that a list no longer has are gone")
    func absence() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.running())
        #expect(book.presentPods(in: "default") == ["uid-p"])
        #expect(book.presentPods(in: "other") == [])
        let changes = book.observeAbsence(of: ["uid-p"], at: LogTime(seconds: 5000))
        #expect(ends(changes) == [.canceled])
        #expect(book.presentPods(in: nil) == [])
    }

    @Test("a job leaves the book when it is over and its Pods are gone")
    func forgets() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.ended())
        _ = book.ended("uid-p")
        #expect(book.jobs.count == 1)
        _ = book.observeDeletion(of: PodFixture.ended(), at: LogTime(seconds: 5000))
        #expect(book.jobs.isEmpty)
    }

    @Test("a workflow runs from its first job to the end of its last")
    func workflow() {
        var book = JobBook(mapping: JobMapping())
        let labels = ["podwire.dev/workflow": "w"]
        var first = PodFixture.pod("a", labels: labels)
        #expect(workflows(book.observe(first)) == [.pending])
        #expect(workflows(book.observe(PodFixture.pod("b", labels: labels))) == [])
        first = PodFixture.ended("a", exitCode: 2)
        first.metadata.labels = labels
        #expect(workflows(book.observe(first)) == [])
        #expect(workflows(book.ended("uid-a")) == [.running])
        var second = PodFixture.ended("b")
        second.metadata.labels = labels
        _ = book.observe(second)
        let end = book.ended("uid-b")
        guard case .workflow(let state, _)? = end.last else {
            Issue.record("no workflow change: \(end)")
            return
        }
        #expect(state.status == .end)
        #expect(state.outcome == .failure)
    }

    @Test("where Pods are selected, a list of Jobs drops none of another namespace")
    func jobsOfTwoNamespaces() {
        var book = JobBook(mapping: JobMapping(), takesJobsAlone: false)
        func job(_ namespace: String, isComplete: Bool) -> BatchJob {
            let complete = Condition(type: "Complete", status: "True")
            return BatchJob(
                metadata: ObjectMetadata(name: "j", namespace: namespace, uid: "uid-\(namespace)"),
                status: BatchJob.Status(succeeded: 1, conditions: isComplete ? [complete] : []))
        }
        let time = LogTime(seconds: 1)
        let seen = job("default", isComplete: true)
        #expect(book.observeAll([seen], namespace: "default", at: time) == [])
        #expect(book.observeAll([job("b", isComplete: false)], namespace: "b", at: time) == [])
        let owner = Pod.OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: "j", uid: "uid-default")
        #expect(ends(book.observe(PodFixture.ended(owner: owner))) == [.success])
    }

    @Test("a Job that is gone and had counted Pods that nobody has seen ends once it was asked for")
    func goneWithUnseenPods() {
        var book = JobBook(mapping: JobMapping())
        let job = BatchJob(
            metadata: ObjectMetadata(name: "j", namespace: "default", uid: "job"),
            status: BatchJob.Status(failed: 2))
        _ = book.observe(job)
        #expect(ends(book.observeDeletion(of: job, at: LogTime(seconds: 2000))) == [])
        #expect(
            book.doubts
                == [.pods(ofJob: "job", namespace: "default", owner: "job", selector: nil)])
        #expect(ends(book.settle(podsOf: "job", are: [String]())) == [.canceled])
        #expect(book.doubts == [])
    }

    @Test("a Job that failed of a Pod past its own deadline ran into its time limit")
    func podDeadline() {
        var book = JobBook(mapping: JobMapping())
        let failed = Condition(type: "Failed", status: "True", reason: "BackoffLimitExceeded")
        _ = book.observe(
            BatchJob(
                metadata: ObjectMetadata(name: "j", namespace: "default", uid: "job"),
                status: BatchJob.Status(failed: 1, conditions: [failed])))
        let owner = Pod.OwnerReference(
            apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job")
        let pod = PodFixture.ended(exitCode: 137, owner: owner, podReason: "DeadlineExceeded")
        #expect(ends(book.observe(pod)) == [.timeout])
    }

    @Test("of several tries of a job the last one counts for its workflow")
    func retriedWorkflow() {
        var book = JobBook(mapping: JobMapping())
        let labels = ["podwire.dev/workflow": "w", "podwire.dev/job": "j"]
        var first = PodFixture.ended("a", exitCode: 1)
        first.metadata.labels = labels
        _ = book.observe(first)
        #expect(workflowOutcome(book.ended("uid-a")) == .failure)
        var second = PodFixture.ended("b", createdAt: 1030)
        second.metadata.labels = labels
        _ = book.observe(second)
        #expect(workflowOutcome(book.ended("uid-b")) == .success)
    }

    @Test("a job that is taken out of a plan does not decide how the workflow ends")
    func droppedJob() throws {
        var book = JobBook(mapping: JobMapping())
        try declare(["a", "b"], &book)
        try declare(["a"], &book)
        #expect(workflowOutcome(end("a", &book)) == .success)
    }

    @Test("a job that is taken out of a plan can be declared again")
    func declaredAgain() throws {
        var book = JobBook(mapping: JobMapping())
        try declare(["a", "b"], &book)
        try declare(["a"], &book)
        try declare(["a", "b"], &book)
        #expect(workflowOutcome(end("a", &book)) == nil, "the other one is waited for")
        #expect(workflowOutcome(end("b", &book)) == .success)
    }

    private func workflowOutcome(_ changes: [JobBook.Change]) -> JobOutcome? {
        for case .workflow(let state, _) in changes.reversed() { return state.outcome }
        return nil
    }

    /// Declares a workflow `w` of one stage, and writes the ends that come of it.
    private func declare(_ jobs: [String], _ book: inout JobBook) throws {
        let stage = WorkflowPlan.Stage(name: "s", jobs: jobs.map { WorkflowPlan.Job(name: $0) })
        let (changes, _) = try book.declare(
            WorkflowPlan(stages: [stage]), namespace: "default", name: "w",
            at: LogTime(seconds: 900))
        for case .end(let job, _) in changes { _ = book.ended(job.uid) }
    }

    /// Has a job of the workflow `w` succeed, and writes its end.
    private func end(_ name: String, _ book: inout JobBook) -> [JobBook.Change] {
        var pod = PodFixture.ended("pod-\(name)")
        pod.metadata.labels = ["podwire.dev/workflow": "w", "podwire.dev/job": name]
        var changes: [JobBook.Change] = []
        for case .end(let job, _) in book.observe(pod) { changes += book.ended(job.uid) }
        return changes
    }

    @Test("what was stored is put back without events, and goes on from there")
    func restore() {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(PodFixture.running())
        guard let job = book.job(ofPod: "uid-p") else {
            Issue.record("the job is not in the book")
            return
        }
        var restored = JobBook(mapping: JobMapping())
        restored.restore(job)
        #expect(moves(restored.observe(PodFixture.running())) == [])
        #expect(ends(restored.observe(PodFixture.ended())) == [.success])
    }
}
