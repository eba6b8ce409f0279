import StatusModel

/// Something that an engine wants done to a workflow, and who waits for the answer.
struct EngineOrder: Sendable {
    /// What is to be done.
    struct Request: Sendable {
        /// A declaration or a command.
        enum Action: Sendable {
            /// Declare the workflow, or change its plan.
            case declare(WorkflowPlan)
            /// Pause, resume or cancel it.
            case command(WorkflowCommand)
        }

        /// The namespace.
        let namespace: String
        /// The workflow's name.
        let name: String
        /// What is to be done.
        let action: Action

        /// Asks for something.
        init(namespace: String, name: String, action: Action) {
            self.namespace = namespace
            self.name = name
            self.action = action
        }

        /// The plan, in a declaration.
        var plan: WorkflowPlan? {
            if case .declare(let plan) = action { plan } else { nil }
        }
    }

    let request: Request
    let answer: CheckedContinuation<Bool, any Error>
}
