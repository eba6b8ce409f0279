/// What a path of the Kubernetes API names, as far as it is served.
///
/// | path | route |
/// | --- | --- |
/// | `/version` | ``version`` |
/// | `/api` `/api/v1` | ``coreVersions``, ``coreResources`` |
/// | `/apis` `/apis/batch` `/apis/batch/v1` | ``groups``, ``batchGroup``, ``batchResources`` |
/// | `/api/v1/namespaces[/{ns}]` | ``namespaces``, ``namespace(_:)`` |
/// | `/api/v1[/namespaces/{ns}]/pods` | ``pods(namespace:)`` |
/// | `/api/v1/namespaces/{ns}/pods/{pod}[/log]` | ``pod(namespace:name:)``, ``log(namespace:pod:)`` |
/// | `/apis/batch/v1/namespaces/{ns}/jobs/{job}` | ``job(namespace:name:)`` |
/// | all else below `/api`, `/apis` and `/openapi` | ``unknown`` |
enum KubernetesRoute: Equatable, Sendable {
    case version
    case coreVersions
    case coreResources
    case groups
    case batchGroup
    case batchResources
    case namespaces
    case namespace(String)
    case pods(namespace: String?)
    case pod(namespace: String, name: String)
    case log(namespace: String, pod: String)
    case job(namespace: String, name: String)
    case unknown

    /// Finds the route of a path, given as its decoded segments; `nil` where the path is none of
    /// Kubernetes'.
    init?(_ segments: [String]) {
        guard let first = segments.first else { return nil }
        switch first {
        case "version" where segments.count == 1: self = .version
        case "api": self = Self.core(Array(segments.dropFirst()))
        case "apis": self = Self.groups(Array(segments.dropFirst()))
        case "openapi": self = .unknown
        default: return nil
        }
    }

    private static func core(_ names: [String]) -> KubernetesRoute {
        guard let version = names.first else { return .coreVersions }
        guard version == "v1" else { return .unknown }
        switch (names.dropFirst().first, names.count) {
        case (nil, _): return .coreResources
        case ("pods", 2): return .pods(namespace: nil)
        case ("namespaces", 2): return .namespaces
        case ("namespaces", 3): return .namespace(names[2])
        case ("namespaces", 4) where names[3] == "pods": return .pods(namespace: names[2])
        case ("namespaces", 5) where names[3] == "pods":
            return .pod(namespace: names[2], name: names[4])
        case ("namespaces", 6) where names[3] == "pods" && names[5] == "log":
            return .log(namespace: names[2], pod: names[4])
        default: return .unknown
        }
    }

    private static func groups(_ names: [String]) -> KubernetesRoute {
        switch names.count {
        case 0: return .groups
        case 1 where names == ["batch"]: return .batchGroup
        case 2 where names == ["batch", "v1"]: return .batchResources
        case 6 where names.starts(with: ["batch", "v1", "namespaces"]) && names[4] == "jobs":
            return .job(namespace: names[3], name: names[5])
        default: return .unknown
        }
    }
}
