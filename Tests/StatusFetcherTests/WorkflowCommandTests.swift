import LogModel
import StatusModel
import Testing

@testable import StatusFetcher

@Suite("Commands to workflows")
struct WorkflowCommandTests {
    private func refusal(_ command: WorkflowCommand, of state: WorkflowState) -> String? {
        do throws(WorkflowRefusal) {
            _ = try state.declared(for: command)
            return nil
        } catch {
            return error.kind == .conflict ? error.description : nil
        }
    }

    private func state(
        _ status: JobStatus, _ outcome: JobOutcome? = nil, isDeclared: Bool
    ) -> WorkflowState {
        var state = WorkflowState(uid: "w", namespace: "default", name: "w")
        state.status = status
        state.outcome = outcome
        let stage = WorkflowPlan.Stage(name: "s", jobs: [WorkflowPlan.Job(name: "j")])
        if isDeclared {
            state.declaration = WorkflowDeclaration(plan: WorkflowPlan(stages: [stage]))
        }
        return state
    }

    @Test("a refusal says in words how things are")
    func refusals() {
        #expect(
            refusal(.cancel, of: state(.end, .failure, isDeclared: true))
                == "the workflow has ended with the outcome failure: it cannot be told to cancel")
        #expect(
            refusal(.pause, of: state(.end, .success, isDeclared: false))
                == "the workflow has ended with the outcome success, and nobody had declared it: "
                + "it cannot be told to pause")
        #expect(
            refusal(.resume, of: state(.end, isDeclared: true))
                == "the workflow has ended: it cannot be told to resume")
        #expect(
            refusal(.cancel, of: state(.running, isDeclared: false))
                == "nobody has declared this workflow, so it cannot be told to cancel: "
                + "PUT its stages and jobs first")
        #expect(refusal(.cancel, of: state(.running, isDeclared: true)) == nil)
    }
}
