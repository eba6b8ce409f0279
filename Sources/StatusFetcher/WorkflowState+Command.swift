import LogModel
import StatusModel

extension WorkflowState {
    /// What an engine has declared, to be changed by its command.
    ///
    /// - Throws: ``WorkflowRefusal`` where the workflow takes no command: it is over, or nobody has
    ///   declared it.
    func declared(for command: WorkflowCommand) throws(WorkflowRefusal) -> WorkflowDeclaration {
        guard status != .end else {
            let ended = outcome.map { " with the outcome \($0.rawValue)" } ?? ""
            let undeclared = declaration == nil ? ", and nobody had declared it" : ""
            throw WorkflowRefusal(
                .conflict,
                "the workflow has ended\(ended)\(undeclared): it cannot be told to "
                    + command.rawValue)
        }
        guard let known = declaration else {
            throw WorkflowRefusal(
                .conflict,
                "nobody has declared this workflow, so it cannot be told to \(command.rawValue): "
                    + "PUT its stages and jobs first")
        }
        return known
    }
}
