extension WorkflowPlan {
    /// Something that a plan cannot mean.
    package struct Problem: Sendable, Equatable {
        /// Where it is, such as `stages[1].jobs[0].needs[0]`.
        package let field: String
        /// What is wrong and what is allowed.
        package let message: String
    }

    /// The most stages and jobs of one plan: 20,000. Beyond it the plan is refused.
    package static let mostJobs = 20_000
    private static let longestName = 253
    private static let longestRun = 63
    private static let mostRetries = 1_000

    /// Everything that is wrong with the plan; nothing for a good one. Cycles are looked for when all
    /// else is well.
    package func problems() -> [Problem] {
        var problems: [Problem] = []
        if run.utf8.count > Self.longestRun || run.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F })
        {
            problems.append(
                Problem(
                    field: "run",
                    message: "give up to \(Self.longestRun) characters without spaces"))
        }
        if stages.isEmpty {
            problems.append(Problem(field: "stages", message: "give one stage or more"))
        }
        if stages.count + jobs.count > Self.mostJobs {
            let message = "there are more than \(Self.mostJobs) stages and jobs"
            return problems + [Problem(field: "stages", message: message)]
        }
        let stageNames = Set(stages.map(\.name))
        let jobNames = Set(jobs.map(\.job.name))
        var seenStages: Set<String> = []
        var seenJobs: Set<String> = []
        for (number, stage) in stages.enumerated() {
            let field = "stages[\(number)]"
            problems += Self.check(stage.name, "\(field).name", "stage", &seenStages)
            problems += Self.check(stage.needs ?? [], in: stageNames, "\(field).needs", "stage")
            if stage.type == .jobs && stage.jobs.isEmpty {
                problems.append(
                    Problem(
                        field: "\(field).jobs",
                        message: "give one job or more; only a stage of type break may have none"))
            }
            for (position, job) in stage.jobs.enumerated() {
                let field = "\(field).jobs[\(position)]"
                problems += Self.check(job.name, "\(field).name", "job", &seenJobs)
                problems += Self.check(job.needs, in: jobNames, "\(field).needs", "job")
                if !(0...Self.mostRetries).contains(job.retries) {
                    problems.append(
                        Problem(
                            field: "\(field).retries",
                            message: "give a number from 0 to \(Self.mostRetries)"))
                }
            }
        }
        return problems.isEmpty ? cycle().map { [$0] } ?? [] : problems
    }

    private static func check(
        _ name: String, _ field: String, _ kind: String, _ seen: inout Set<String>
    ) -> [Problem] {
        guard isName(name) else {
            return [
                Problem(
                    field: field,
                    message: "\"\(name.prefix(80))\" is no name: give 1 to \(longestName) letters, "
                        + "digits, or any of . _ ( ) - behind the first")
            ]
        }
        guard seen.insert(name).inserted else {
            return [
                Problem(field: field, message: "there are two \(kind)s of the name \"\(name)\"")
            ]
        }
        return []
    }

    private static func check(
        _ needs: [String], in names: Set<String>, _ field: String, _ kind: String
    ) -> [Problem] {
        needs.enumerated().filter { !names.contains($0.element) }.map { position, need in
            Problem(
                field: "\(field)[\(position)]",
                message: "there is no \(kind) of the name \"\(need.prefix(80))\"")
        }
    }

    /// Whether a text can name a workflow, a stage or a job.
    package static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= longestName else { return false }
        return isAlphanumeric(first)
            && name.utf8.allSatisfy { isAlphanumeric($0) || "._()-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// The first cycle, if the plan waits for itself anywhere.
    private func cycle() -> Problem? {
        guard case .cycle(let way) = WorkflowGraph.order(of: self) else { return nil }
        let names = way.prefix(20).joined(separator: ", ")
        return Problem(
            field: "stages", message: "these wait for each other, so that none can start: \(names)")
    }
}
