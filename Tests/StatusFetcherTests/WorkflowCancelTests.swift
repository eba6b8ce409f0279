import Kubernetes
import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

@Suite("Workflows that are cancelled")
struct WorkflowCancelTests {
    /// The moves of the workflow among changes, with their reasons.
    private func moves(_ changes: [JobBook.Change]) -> [String] {
        changes.compactMap { change -> String? in
            guard case .workflow(let state, let move?) = change else { return nil }
            let reason = state.reason.map { " \($0)" } ?? ""
            return "\(move.from?.rawValue ?? "-")>\(move.to.rawValue)\(reason)"
        }
    }

    /// The moves of jobs among changes that do not move.
    private func idleMoves(_ changes: [JobBook.Change]) -> Int {
        changes.count { change in
            guard case .job(_, let move?) = change else { return false }
            return move.from == move.to
        }
    }

    @Test("a cancel is told at once, once, by its reason alone while jobs still run")
    func cancel() throws {
        var book = JobBook(mapping: JobMapping())
        let stage = WorkflowPlan.Stage(name: "s", jobs: [WorkflowPlan.Job(name: "j")])
        _ = try book.declare(
            WorkflowPlan(stages: [stage]), namespace: "default", name: "w",
            at: LogTime(seconds: 900))
        let labels = ["podwire.dev/workflow": "w", "podwire.dev/job": "j"]
        var pod = PodFixture.running()
        pod.metadata.labels = labels
        #expect(moves(book.observe(pod)) == ["pending>running"])
        let canceled = try book.command(.cancel, namespace: "default", name: "w")
        #expect(moves(canceled) == ["running>running Canceling"])
        #expect(idleMoves(canceled) == 0)
        pod = PodFixture.ended(exitCode: 143)
        pod.metadata.labels = labels
        #expect(moves(book.observe(pod)) == [])
        let uid = try #require(book.pendingEnds.first?.job.uid)
        #expect(moves(book.ended(uid)) == ["running>end canceled"])
    }
}
