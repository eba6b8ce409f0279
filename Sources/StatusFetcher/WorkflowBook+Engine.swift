import LogModel
import StatusModel

// What engines say of workflows.
extension WorkflowBook {
    /// The run that an engine's declaration or command is about.
    func run(namespace: String, name: String) -> WorkflowRun? {
        current[Name(namespace: namespace, workflow: name)].flatMap { runs[$0] }
    }

    /// Takes a declaration.
    ///
    /// - Returns: the run, and whether it is new; a run whose plan is the same already is returned as
    ///   it stands.
    mutating func declare(
        _ plan: WorkflowPlan, namespace: String, name: String, at time: LogTime
    ) throws(WorkflowRefusal) -> (uid: String, isNew: Bool, isChanged: Bool) {
        if let run = run(namespace: namespace, name: name) {
            let state = run.state
            if let declaration = state.declaration, declaration.plan.run == plan.run {
                if declaration.plan == plan { return (state.uid, false, false) }
                try change(run, declaration, to: plan)
                return (state.uid, false, true)
            }
            if state.status != .end {
                if let declaration = state.declaration {
                    throw WorkflowRefusal(
                        .conflict,
                        "the run \"\(declaration.plan.run)\" of this workflow is not over; cancel it, "
                            + "or wait for its end")
                }
                // Its first jobs came before its declaration.
                runs[state.uid]?.declare(WorkflowDeclaration(plan: plan))
                return (state.uid, false, true)
            }
        }
        let uid = Self.uid(namespace: namespace, name: name, run: plan.run)
        var state = WorkflowState(uid: uid, namespace: namespace, name: name)
        state.createdAt = time
        state.declaration = WorkflowDeclaration(plan: plan)
        runs[uid] = WorkflowRun(state: state)
        current[Name(namespace: namespace, workflow: name)] = uid
        return (uid, true, true)
    }

    /// What identifies a declared run.
    static func uid(namespace: String, name: String, run: String) -> String {
        "\(namespace)/\(name)/\(run)"
    }

    private mutating func change(
        _ run: WorkflowRun, _ declaration: WorkflowDeclaration, to plan: WorkflowPlan
    ) throws(WorkflowRefusal) {
        guard run.state.status != .end, !declaration.isCanceled else {
            throw WorkflowRefusal(
                .conflict,
                "the run \"\(plan.run)\" of this workflow is over; declare another run of it")
        }
        let names = Set(plan.jobs.map(\.job.name))
        let dropped = declaration.plan.jobs.map(\.job.name).first { name in
            !names.contains(name) && run.standing(name) != .notBegun
        }
        if let dropped {
            throw WorkflowRefusal(
                .conflict, "the job \"\(dropped)\" has begun and cannot be taken out of the plan")
        }
        var changed = declaration
        changed.plan = plan
        runs[run.state.uid]?.declare(changed)
    }

    /// Takes a command.
    ///
    /// - Returns: the run.
    mutating func command(
        _ command: WorkflowCommand, namespace: String, name: String
    ) throws(WorkflowRefusal) -> String {
        guard let run = run(namespace: namespace, name: name) else {
            throw WorkflowRefusal(
                .unknown, "there is no workflow \(namespace)/\(name) that is not over")
        }
        var declaration = try run.state.declared(for: command)
        let status = run.state.status
        if declaration.isCanceled {
            throw WorkflowRefusal(
                .conflict, "the workflow is being cancelled: it ends when its jobs have ended")
        }
        switch command {
        case .pause:
            guard status != .paused else {
                throw WorkflowRefusal(.conflict, "the workflow is paused already")
            }
            declaration.isPaused = true
        case .resume:
            guard status == .paused, let graph = run.graph else {
                throw WorkflowRefusal(
                    .conflict,
                    "the workflow is \(status.rawValue); only a paused one can be resumed")
            }
            declaration.isPaused = false
            let standing = WorkflowStanding(graph, passed: declaration.passedBreaks) {
                run.standing($0)
            }
            declaration.passedBreaks.formUnion(standing.openBreaks)
        case .cancel: declaration.isCanceled = true
        }
        runs[run.state.uid]?.declare(declaration)
        return run.state.uid
    }

    /// Rolls up a run after its engine has said something.
    mutating func roll(_ uid: String, isNew: Bool, isResumed: Bool = false) -> Result {
        guard var run = runs[uid] else { return Result() }
        var result = Result()
        if isResumed {
            // A pause ends with a move of its own, even where everything is over behind it.
            run.state.status = run.progress
            run.state.reason = nil
            run.state.message = nil
            result.changes = [
                .workflow(run.state, moved: JobBook.Move(from: .paused, to: run.state.status))
            ]
        }
        let rolled = roll(&run, isNew: isNew, isRowChanged: true)
        runs[uid] = run
        result.changes += rolled.changes
        result.notBegun = rolled.notBegun
        return result
    }
}
