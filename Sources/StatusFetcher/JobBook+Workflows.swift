package import LogModel
package import StatusModel

extension JobBook {
    /// Takes an engine's declaration of a workflow.
    ///
    /// - Returns: what is to be written, and whether the run is new.
    package mutating func declare(
        _ plan: WorkflowPlan, namespace: String, name: String, at time: LogTime
    ) throws(WorkflowRefusal) -> (changes: [Change], isNew: Bool) {
        let before = workflows.run(namespace: namespace, name: name)?.state.declaration?.plan
        let (uid, isNew, isChanged) = try workflows.declare(
            plan, namespace: namespace, name: name, at: time)
        guard isChanged else { return ([], false) }
        var changes: [Change] = []
        var declared: [Job] = []
        for (stage, job) in plan.jobs {
            guard let ends = workflows.runs[uid]?.endsBeforeDeclaration(job.name) else { continue }
            let key = JobKey(namespace: namespace, workflow: name, job: job.name)
            // One that was taken out of the plan has had its end.
            let again = ends == 0 ? "" : "/\(ends + 1)"
            var new = Job(
                uid: "\(uid)/\(job.name)\(again)", key: key, workflow: uid,
                stage: plan.stages[stage].name)
            new.createdAt = time
            new.attempt += ends
            jobs[new.uid] = new
            runOfKey[key] = new.uid
            declared.append(new)
        }
        for job in declared { workflows.put(job) }
        // The workflow comes first, so that nobody hears of a job whose workflow is not known.
        var ends: [Change] = []
        for change in follow(workflows.roll(uid, isNew: isNew)) {
            if case .workflow = change { changes.append(change) } else { ends.append(change) }
        }
        changes += declared.map { .job($0, moved: Move(from: nil, to: .pending)) }
        if !isNew { changes += drop(plan, before, uid) }
        return (changes + ends, isNew)
    }

    /// Takes an engine's command.
    package mutating func command(
        _ command: WorkflowCommand, namespace: String, name: String
    ) throws(WorkflowRefusal) -> [Change] {
        let uid = try workflows.command(command, namespace: namespace, name: name)
        return follow(workflows.roll(uid, isNew: false, isResumed: command == .resume))
    }

    /// What follows from what was put back.
    package mutating func catchUp() -> [Change] {
        workflows.catchUp().flatMap { follow($0) }
    }

    /// Ends the declared jobs that a changed plan does not have any more.
    private mutating func drop(
        _ plan: WorkflowPlan, _ before: WorkflowPlan?, _ uid: String
    ) -> [Change] {
        let names = Set(plan.jobs.map(\.job.name))
        let dropped = before?.jobs.map(\.job.name).filter { !names.contains($0) } ?? []
        var result = WorkflowBook.Result()
        result.notBegun = dropped.compactMap { name in
            workflows.runs[uid]?.named[name].map {
                (
                    uid: $0.latest, reason: WorkflowBook.dropReason,
                    message: "the job was taken out of the workflow's plan"
                )
            }
        }
        return follow(result)
    }
}
