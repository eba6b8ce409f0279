import Access

/// What it takes to be let through to a route.
enum Door: Equatable {
    /// Nothing: the page's own files, and whether the daemon is well.
    case open
    /// To be known; the endpoint looks at what it shows.
    case known
    /// A right; the Pod that it is asked for, if any, for the words of a refusal.
    case right(Right, pod: String?)
}

extension Route {
    /// What a request with `method` and `query` takes.
    func door(_ method: String, _ query: QueryParameters) -> Door {
        let isChange = !["GET", "HEAD"].contains(method)
        switch self {
        case .health, .readiness, .file: return .open
        // Sums over everything, and names of consumers: for who may see everything.
        case .metrics: return .right(Right(.listPods, in: nil), pod: nil)
        case .log(let target):
            return .right(Right(.readLogs, in: target.namespace), pod: target.pod)
        case .job(let reference), .outputs(let reference):
            return .right(Right(.readPods, in: reference.namespace), pod: nil)
        case .workflow(let namespace, _):
            return .right(Right(isChange ? .control : .readPods, in: namespace), pod: nil)
        case .workflowCommand(let namespace, _, _):
            return .right(Right(.control, in: namespace), pod: nil)
        case .jobs, .workflows, .events:
            // Without a namespace they show what there is to see.
            return query.filter("namespace").map { .right(Right(.readPods, in: $0), pod: nil) }
                ?? .known
        case .kubernetes(let route): return route.door(query)
        case .consumers, .consumer, .consumerEvents, .acknowledgement, .tickets, .whoAmI, .sockets,
            .nothing:
            return .known
        }
    }
}

extension KubernetesRoute {
    /// What it takes, as in Kubernetes: who asks for all namespaces at once must be allowed to see all.
    func door(_ query: QueryParameters) -> Door {
        switch self {
        case .log(let namespace, let pod):
            .right(Right(.readLogs, in: namespace), pod: pod)
        case .pod(let namespace, let name):
            .right(Right(.readPods, in: namespace), pod: name)
        case .pods(let namespace):
            .right(
                Right(query.flag("watch") == true ? .watchPods : .listPods, in: namespace),
                pod: nil)
        case .namespace(let namespace), .job(let namespace, _):
            .right(Right(.readPods, in: namespace), pod: nil)
        case .version, .coreVersions, .coreResources, .groups, .batchGroup, .batchResources,
            .namespaces, .unknown:
            .known
        }
    }
}
