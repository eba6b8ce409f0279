/// What an engine declares of a workflow: its stages, its jobs, and their order.
///
/// ```
/// {"run": "7", "stages": [
///    {"name": "build", "jobs": [{"name": "compile"}, {"name": "lint", "needs": ["compile"]}]},
///    {"name": "approve", "type": "break"},
///    {"name": "deploy", "needs": ["approve"], "jobs": [{"name": "eu", "retries": 2}]}]}
/// ```
///
/// A plan that was decoded is not yet a good one: ask ``problems()``.
package struct WorkflowPlan: Sendable, Equatable, Codable {
    /// What a stage is for.
    package enum StageType: String, Sendable, Codable, CaseIterable {
        /// Jobs that run.
        case jobs
        /// When all before it, and its own jobs, have succeeded, the workflow is paused until it is
        /// resumed.
        case `break`
    }

    /// A job of a stage.
    package struct Job: Sendable, Equatable, Codable {
        /// The job's name, unique in the workflow.
        package var name: String
        /// Names of jobs, of any stage, that must have succeeded before this one starts.
        package var needs: [String]
        /// How often a job that failed or ran into its time limit may be tried again.
        package var retries: Int

        /// Declares a job.
        package init(name: String, needs: [String] = [], retries: Int = 0) {
            self.name = name
            self.needs = needs
            self.retries = retries
        }
    }

    /// A stage.
    package struct Stage: Sendable, Equatable, Codable {
        /// The stage's name, unique in the workflow.
        package var name: String
        /// What it is for.
        package var type: StageType
        /// Names of stages that must have succeeded before this one starts; `nil`: the one before.
        package var needs: [String]?
        /// Its jobs.
        package var jobs: [Job]

        /// Declares a stage.
        package init(
            name: String, type: StageType = .jobs, needs: [String]? = nil, jobs: [Job] = []
        ) {
            self.name = name
            self.type = type
            self.needs = needs
            self.jobs = jobs
        }
    }

    /// Tells runs of one name apart; empty when the engine gives none.
    package var run: String
    /// The stages, in the order in which they are shown.
    package var stages: [Stage]

    /// Declares a workflow.
    package init(run: String = "", stages: [Stage]) {
        self.run = run
        self.stages = stages
    }

    /// The names of the stages that `stages[index]` waits for.
    package func needs(ofStage index: Int) -> [String] {
        stages[index].needs ?? (index > 0 ? [stages[index - 1].name] : [])
    }

    /// All jobs with their stage, in order.
    package var jobs: [(stage: Int, job: Job)] {
        stages.enumerated().flatMap { index, stage in stage.jobs.map { (index, $0) } }
    }

    /// The stage that a job belongs to.
    package func stage(ofJob name: String) -> String? {
        stages.first { $0.jobs.contains { $0.name == name } }?.name
    }
}

// What may be left out has its default; what is not known is refused, so that a misspelt `need` is
// not silently no order at all.
extension WorkflowPlan {
    private enum CodingKeys: String, CodingKey, CaseIterable { case run, stages }

    package init(from decoder: any Decoder) throws {
        let fields = try KnownMembers.check(decoder, CodingKeys.self)
        run = try fields.decodeIfPresent(String.self, forKey: .run) ?? ""
        stages = try fields.decode([Stage].self, forKey: .stages)
    }
}

extension WorkflowPlan {
    /// A value that is none of those that a member may have.
    package struct UnsupportedValue: Error {
        /// Where it is.
        package let path: [any CodingKey]
        /// What it is and what is allowed.
        package let message: String
    }
}

extension WorkflowPlan.Stage {
    private enum CodingKeys: String, CodingKey, CaseIterable { case name, type, needs, jobs }

    package init(from decoder: any Decoder) throws {
        let fields = try KnownMembers.check(decoder, CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        let kind = try fields.decodeIfPresent(String.self, forKey: .type)
        guard let type = kind.map(WorkflowPlan.StageType.init) ?? .jobs else {
            throw WorkflowPlan.UnsupportedValue(
                path: decoder.codingPath + [CodingKeys.type],
                message: "Unsupported value: \"\(kind ?? "")\": jobs or break is allowed")
        }
        self.type = type
        needs = try fields.decodeIfPresent([String].self, forKey: .needs)
        jobs = try fields.decodeIfPresent([WorkflowPlan.Job].self, forKey: .jobs) ?? []
    }
}

extension WorkflowPlan.Job {
    private enum CodingKeys: String, CodingKey, CaseIterable { case name, needs, retries }

    package init(from decoder: any Decoder) throws {
        let fields = try KnownMembers.check(decoder, CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        needs = try fields.decodeIfPresent([String].self, forKey: .needs) ?? []
        retries = try fields.decodeIfPresent(Int.self, forKey: .retries) ?? 0
    }
}

/// Refuses members that a type does not have.
private enum KnownMembers {
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func check<Key: CodingKey & CaseIterable>(
        _ decoder: any Decoder, _ type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        let known = Key.allCases.map(\.stringValue)
        let all = try decoder.container(keyedBy: AnyKey.self)
        if let unknown = all.allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw DecodingError.dataCorruptedError(
                forKey: unknown, in: all,
                debugDescription: "unknown member; known are \(known.joined(separator: ", "))")
        }
        return try decoder.container(keyedBy: type)
    }
}
