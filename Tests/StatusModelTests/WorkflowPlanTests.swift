import Foundation
import LogModel
import StatusModel
import Testing

@Suite("Declared plans")
struct WorkflowPlanTests {
    typealias Stage = WorkflowPlan.Stage
    typealias Job = WorkflowPlan.Job

    static let good = WorkflowPlan(
        run: "7",
        stages: [
            Stage(name: "build", jobs: [Job(name: "a"), Job(name: "b", needs: ["a"])]),
            Stage(name: "approve", type: .break),
            Stage(name: "deploy", needs: ["approve"], jobs: [Job(name: "c", retries: 1)]),
        ])

    @Test("a plan is read with its defaults, and written so that it can be read again")
    func coding() throws {
        let text = """
            {"run":"7","stages":[{"name":"build","jobs":[{"name":"a"},{"name":"b","needs":["a"]}]},\
            {"name":"approve","type":"break"},\
            {"name":"deploy","needs":["approve"],"jobs":[{"name":"c","retries":1}]}]}
            """
        let plan = try JSONDecoder().decode(WorkflowPlan.self, from: Data(text.utf8))
        #expect(plan == Self.good)
        let again = try JSONDecoder().decode(
            WorkflowPlan.self, from: JSONEncoder().encode(plan))
        #expect(again == plan)
        #expect(plan.problems().isEmpty)
        #expect(plan.needs(ofStage: 1) == ["build"])
    }

    @Test(
        "an unknown member is refused",
        arguments: [
            #"{"stage":[]}"#, #"{"stages":[{"name":"a","need":[]}]}"#,
            #"{"stages":[{"name":"a","jobs":[{"name":"j","need":["x"]}]}]}"#,
        ])
    func unknownMembers(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(WorkflowPlan.self, from: Data(text.utf8))
        }
    }

    @Test(
        "what cannot be meant is named with its place",
        arguments: [
            (WorkflowPlan(stages: []), "stages", "one stage"),
            (
                WorkflowPlan(stages: [Stage(name: "a", jobs: [Job(name: "j", needs: ["x"])])]),
                "stages[0].jobs[0].needs[0]", "no job of the name \"x\""
            ),
            (
                WorkflowPlan(stages: [Stage(name: "a", needs: ["x"], jobs: [Job(name: "j")])]),
                "stages[0].needs[0]", "no stage of the name \"x\""
            ),
            (
                WorkflowPlan(stages: [
                    Stage(name: "a", jobs: [Job(name: "j")]),
                    Stage(name: "b", jobs: [Job(name: "j")]),
                ]), "stages[1].jobs[0].name", "two jobs"
            ),
            (WorkflowPlan(stages: [Stage(name: "a")]), "stages[0].jobs", "one job or more"),
            (
                WorkflowPlan(stages: [Stage(name: "a b", jobs: [Job(name: "j")])]),
                "stages[0].name", "is no name"
            ),
            (
                WorkflowPlan(stages: [Stage(name: "a", jobs: [Job(name: "j", retries: -1)])]),
                "stages[0].jobs[0].retries", "from 0"
            ),
            (
                WorkflowPlan(stages: [
                    Stage(
                        name: "a",
                        jobs: [Job(name: "j", needs: ["k"]), Job(name: "k", needs: ["j"])])
                ]), "stages", "job j"
            ),
            (
                WorkflowPlan(stages: [
                    Stage(name: "a", jobs: [Job(name: "j", needs: ["k"])]),
                    Stage(name: "b", jobs: [Job(name: "k")]),
                ]), "stages", "stage b"
            ),
            (
                WorkflowPlan(stages: [Stage(name: "a", needs: ["a"], jobs: [Job(name: "j")])]),
                "stages", "stage a"
            ),
        ])
    func problems(plan: WorkflowPlan, field: String, message: String) {
        let problems = plan.problems()
        #expect(problems.count == 1)
        #expect(problems.first?.field == field)
        #expect(problems.first?.message.contains(message) == true)
    }

    @Test("a chain of ten thousand jobs is put in order")
    func chain() {
        let jobs = (0..<10_000).map { Job(name: "j\($0)", needs: $0 > 0 ? ["j\($0 - 1)"] : []) }
        let plan = WorkflowPlan(stages: [Stage(name: "a", jobs: jobs.reversed())])
        #expect(plan.problems().isEmpty)
    }

    /// The standing of the plan with jobs `a b c`.
    private func standing(
        _ jobs: [String: JobStanding], passed: Set<String> = []
    ) -> WorkflowStanding {
        WorkflowStanding(WorkflowGraph(Self.good), passed: passed) { jobs[$0] ?? .notBegun }
    }

    @Test("a break opens when what is before it has succeeded, and is closed by passing it")
    func breaks() {
        #expect(standing([:]).openBreaks == [])
        #expect(standing(["a": .over(.success), "b": .open]).openBreaks == [])
        let reached = standing(["a": .over(.success), "b": .over(.success)])
        #expect(reached.openBreaks == ["approve"])
        #expect(reached.stages.map(\.status) == [.end, .paused, .pending])
        #expect(!reached.isOver)
        let passed = standing(
            ["a": .over(.success), "b": .over(.success), "c": .over(.success)],
            passed: ["approve"])
        #expect(passed.isOver)
        #expect(passed.outcome == .success)
        #expect(passed.stages.map(\.outcome) == [.success, .success, .success])
    }

    @Test("what needs something that failed can never run")
    func unreachable() {
        let failed = standing(["a": .over(.failure)])
        #expect(failed.unreachable == ["b", "c"])
        #expect(failed.isOver)
        #expect(failed.outcome == .failure)
        #expect(failed.openBreaks == [])
        let open = standing(["a": .open])
        #expect(open.unreachable == [])
        #expect(!open.isOver)
    }
}
