/// Takes what engines say of workflows; what it has taken is stored when it returns.
package protocol WorkflowControl: Sendable {
    /// Declares a run of a workflow, or changes its plan. `plan` has no problems.
    ///
    /// - Returns: whether a run has begun by it.
    /// - Throws: ``WorkflowRefusal``.
    func declare(_ plan: WorkflowPlan, namespace: String, name: String) async throws -> Bool

    /// Carries out a command.
    ///
    /// - Throws: ``WorkflowRefusal``.
    func carryOut(_ command: WorkflowCommand, namespace: String, name: String) async throws
}
