/// What one may be allowed to do in a namespace, in the words of Kubernetes' rules.
///
/// | permission | rule | for | in Kubernetes' role |
/// | --- | --- | --- | --- |
/// | ``readLogs`` | `get pods/log` | logs, search in them | `view` |
/// | ``readPods`` | `get pods` | jobs, workflows, outputs, events, consumers, a Pod | `view` |
/// | ``listPods``, ``watchPods`` | `list pods`, `watch pods` | the Kubernetes API's lists | `view` |
/// | ``control`` | `update pods` | what changes something | `edit` |
///
/// Who declares or cancels a workflow decides what becomes of Pods, so it takes a right that changes
/// Pods: those who have it can do more harm without Podwire.
package enum Permission: String, Sendable, Hashable, CaseIterable {
    /// To read logs.
    case readLogs = "get pods/log"
    /// To see Pods, jobs, workflows and their events.
    case readPods = "get pods"
    /// To list Pods as the Kubernetes API does.
    case listPods = "list pods"
    /// To watch Pods as the Kubernetes API does.
    case watchPods = "watch pods"
    /// To declare, pause, resume and cancel workflows, and to own durable consumers.
    case control = "update pods"

    /// Those that Podwire itself gives, in a file of tokens: there is no Pod that one could get but
    /// not list.
    package static let given: [Permission] = [.readPods, .readLogs, .control]

    /// The one of ``given`` that includes this one.
    package var included: Permission {
        switch self {
        case .listPods, .watchPods: .readPods
        case .readPods, .readLogs, .control: self
        }
    }

    /// The verb of the rule.
    package var verb: String { String(rawValue.prefix { $0 != " " }) }
    /// The subresource of Pods that the rule is about.
    package var subresource: String? { self == .readLogs ? "log" : nil }
    /// The resource as Kubernetes' messages name it.
    package var resource: String { self == .readLogs ? "pods/log" : "pods" }
}

/// A permission in one namespace, or in all of them.
package struct Right: Sendable, Hashable {
    /// What may be done.
    package let permission: Permission
    /// Where; `nil`: in every namespace, those to come included.
    package let namespace: String?

    /// Names a right.
    package init(_ permission: Permission, in namespace: String?) {
        self.permission = permission
        self.namespace = namespace
    }
}
