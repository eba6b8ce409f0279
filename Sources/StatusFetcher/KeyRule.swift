import Kubernetes

/// One row of the key table: how the Pods of one system name their workflow, stage and job.
///
/// Each column is a list of templates, of which the first that applies gives the name. A rule
/// matches a Pod when its workflow applies, or, for a rule without a workflow column, its job.
package struct KeyRule: Sendable, Hashable {
    /// The rule's name, for messages.
    package var name: String
    /// Gives the workflow; empty: the job is a workflow of its own.
    package var workflow: [KeyTemplate]
    /// Gives the stage within the workflow.
    package var stage: [KeyTemplate]
    /// Gives the job; where none applies, the owning Job's name or the Pod's name is taken.
    package var job: [KeyTemplate]
    /// The containers that do the job's work; empty: the rule does not say. See
    /// ``JobMapping/Membership/counting``.
    package var containers: [ContainerPattern]

    /// Makes a row of the table.
    package init(
        name: String, workflow: [KeyTemplate] = [], stage: [KeyTemplate] = [],
        job: [KeyTemplate] = [], containers: [ContainerPattern] = []
    ) {
        self.name = name
        self.workflow = workflow
        self.stage = stage
        self.job = job
        self.containers = containers
    }

    /// What the rule says of a Pod.
    struct Match: Equatable {
        var workflow: String?
        var stage: String?
        var job: String?
    }

    /// The names that the rule gives to a Pod; `nil` when it does not match.
    func match(_ metadata: Pod.Metadata) -> Match? {
        let names = names(of: metadata)
        let decisive = workflow.isEmpty ? names.job : names.workflow
        return decisive == nil ? nil : names
    }

    /// The names that the rule gives to a Pod, whether it matches or not.
    func names(of metadata: Pod.Metadata) -> Match {
        func first(_ templates: [KeyTemplate]) -> String? {
            for template in templates {
                if let name = template.name(of: metadata) { return name }
            }
            return nil
        }
        return Match(workflow: first(workflow), stage: first(stage), job: first(job))
    }
}
