/// What clients ask for to learn what can be had here: Pods, their logs, and the Jobs of Pods.
enum KubernetesDiscovery {
    /// `/version`: the version of Kubernetes whose log API this is, and Podwire's own.
    struct Version: Encodable {
        let major = "1"
        let minor = "36"
        let gitVersion: String
        let gitCommit = ""
        let gitTreeState = ""
        let buildDate = "1970-01-01T00:00:00Z"
        let goVersion = ""
        let compiler = ""
        let platform = ""

        /// The version of a daemon.
        init(podwire: String) {
            gitVersion = "v1.36.0+podwire-\(podwire)"
        }
    }

    /// `/api`.
    struct CoreVersions: Encodable {
        let kind = "APIVersions"
        let versions = ["v1"]
        let serverAddressByClientCIDRs: [String] = []
    }

    /// A version of a group.
    struct GroupVersion: Encodable {
        let groupVersion = "batch/v1"
        let version = "v1"
    }

    /// `/apis/batch`.
    struct BatchGroup: Encodable {
        var kind: String? = "APIGroup"
        var apiVersion: String? = "v1"
        let name = "batch"
        let versions = [GroupVersion()]
        let preferredVersion = GroupVersion()
    }

    /// `/apis`.
    struct Groups: Encodable {
        let kind = "APIGroupList"
        let apiVersion = "v1"
        let groups = [BatchGroup(kind: nil, apiVersion: nil)]
    }

    /// One kind of object, or a part of one.
    struct Resource: Encodable {
        let name: String
        let singularName: String
        let namespaced: Bool
        let kind: String
        let verbs: [String]
        var shortNames: [String]?
        var categories: [String]?
    }

    /// `/api/v1`, `/apis/batch/v1`.
    struct Resources: Encodable {
        let kind = "APIResourceList"
        let apiVersion = "v1"
        let groupVersion: String
        let resources: [Resource]
    }

    static let core = Resources(
        groupVersion: "v1",
        resources: [
            Resource(
                name: "namespaces", singularName: "namespace", namespaced: false,
                kind: "Namespace", verbs: ["get", "list"], shortNames: ["ns"]),
            Resource(
                name: "pods", singularName: "pod", namespaced: true, kind: "Pod",
                verbs: ["get", "list", "watch"], shortNames: ["po"], categories: ["all"]),
            Resource(
                name: "pods/log", singularName: "", namespaced: true, kind: "Pod", verbs: ["get"]),
        ])

    static let batch = Resources(
        groupVersion: "batch/v1",
        resources: [
            Resource(
                name: "jobs", singularName: "job", namespaced: true, kind: "Job", verbs: ["get"])
        ])
}
