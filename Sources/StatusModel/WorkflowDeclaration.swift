/// A declared workflow as it is kept: its plan, and what its engine has said since.
package struct WorkflowDeclaration: Sendable, Equatable, Codable {
    /// What was declared.
    package var plan: WorkflowPlan
    /// The names of the breaks that have been resumed.
    package var passedBreaks: Set<String> = []
    /// Whether the engine has paused the workflow.
    package var isPaused = false
    /// Whether the engine has cancelled the workflow.
    package var isCanceled = false

    /// A workflow that has just been declared.
    package init(plan: WorkflowPlan) {
        self.plan = plan
    }
}

/// What an engine may ask of a workflow that it has declared.
package enum WorkflowCommand: String, Sendable, CaseIterable {
    /// Hold it, until it is resumed.
    case pause
    /// Let it go on, behind a pause or a break.
    case resume
    /// End it.
    case cancel
}

/// Why a declaration or command was refused.
package struct WorkflowRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of refusal.
    package enum Kind: Sendable {
        /// Nobody has declared or seen such a workflow.
        case unknown
        /// Not as things stand.
        case conflict
    }

    /// What kind of refusal.
    package let kind: Kind
    /// A sentence for people: what is in the way, and what to do.
    package let description: String

    /// Refuses.
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
