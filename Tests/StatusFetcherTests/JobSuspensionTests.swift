import Foundation
import Kubernetes
import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

@Suite("Jobs that are suspended and resumed")
struct JobSuspensionTests {
    private func batchJob(suspend: Bool) -> BatchJob {
        BatchJob(
            metadata: ObjectMetadata(name: "j", namespace: "default", uid: "job"),
            spec: BatchJob.Spec(suspend: suspend))
    }

    private func owned(_ pod: Pod, index: Int? = nil) -> Pod {
        var pod = pod
        pod.metadata.ownerReferences = [
            Pod.OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job")
        ]
        if let index {
            pod.metadata.annotations["batch.kubernetes.io/job-completion-index"] = "\(index)"
        }
        return pod
    }

    /// The moves among changes, as `from>to` texts; those of workflows in brackets.
    private func moves(_ changes: [JobBook.Change]) -> [String] {
        changes.compactMap { change -> String? in
            switch change {
            case .job(_, let move?): "\(move.from?.rawValue ?? "-")>\(move.to.rawValue)"
            case .workflow(_, let move?): "(\(move.from?.rawValue ?? "-")>\(move.to.rawValue))"
            default: nil
            }
        }
    }

    private func reason(_ book: JobBook) -> String? { book.jobs["job"]?.state.reason }

    /// A book with a Job whose Pod `a` runs, was taken away by a pause, and whose pause is over.
    private func resumed(_ index: Int? = nil, _ before: [Pod] = []) -> JobBook {
        var book = JobBook(mapping: JobMapping())
        _ = book.observe(batchJob(suspend: false))
        for pod in before { _ = book.observe(pod) }
        let pod = owned(PodFixture.running("a"), index: index)
        _ = book.observe(pod)
        #expect(moves(book.observe(batchJob(suspend: true))) == ["running>paused"])
        #expect(moves(book.observeDeletion(of: pod, at: LogTime(seconds: 1100))) == [])
        #expect(moves(book.observe(batchJob(suspend: false))) == ["paused>pending"])
        #expect(reason(book) == nil)
        return book
    }

    @Test("a Job that was resumed is pending until a Pod of it is not, and its workflow runs on")
    func newPod() {
        var book = resumed()
        #expect(moves(book.observe(owned(PodFixture.pod("b", createdAt: 1200)))) == [])
        let bound = owned(PodFixture.pod("b", node: "n", createdAt: 1200))
        #expect(moves(book.observe(bound)) == ["pending>scheduling"])
        let runs = owned(PodFixture.running("b", createdAt: 1200))
        #expect(moves(book.observe(runs)) == ["scheduling>running"])
    }

    @Test("completions from before the pause do not make it running")
    func earlierCompletion() {
        let done = owned(PodFixture.ended("done"), index: 0)
        var book = resumed(1, [done])
        let pod = owned(PodFixture.pod("b", node: "n", createdAt: 1200), index: 1)
        #expect(moves(book.observe(pod)) == ["pending>scheduling"])
    }

    @Test("a Pod that has ended before anyone saw it run does make it running")
    func shortPod() {
        var book = resumed()
        let failed = owned(PodFixture.ended("b", exitCode: 1, createdAt: 1200))
        #expect(moves(book.observe(failed)) == ["pending>running"])
    }

    @Test("what was resumed before a restart is pending behind it")
    func restart() throws {
        let done = owned(PodFixture.ended("done"), index: 0)
        var job = try #require(resumed(1, [done]).jobs["job"])
        job.owner = try JSONDecoder().decode(JobOwner.self, from: JSONEncoder().encode(job.owner))
        var book = JobBook(mapping: JobMapping())
        book.restore(job)
        #expect(moves(book.observe(batchJob(suspend: false))) == [])
        let pod = owned(PodFixture.pod("b", node: "n", createdAt: 1200), index: 1)
        #expect(moves(book.observe(pod)) == ["pending>scheduling"])
    }

    @Test("a workflow that runs does not go back with a Job that was created suspended")
    func createdSuspended() {
        var book = JobBook(mapping: JobMapping())
        #expect(moves(book.observe(batchJob(suspend: true))) == ["->paused", "(->running)"])
        #expect(moves(book.observe(batchJob(suspend: false))) == ["paused>pending"])
    }
}
