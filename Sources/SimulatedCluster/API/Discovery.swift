/// What clients ask for to learn what a cluster has: just enough for Pods, their logs, Jobs and
/// nodes.
enum Discovery {
    /// `/version`.
    static let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.2+podwire-sim", "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "",
        "compiler": "", "platform": "linux/amd64",
    ]

    /// `/api`.
    static let versions: JSONValue = [
        "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [],
    ]

    /// `/apis`: `batch`, where there are Jobs.
    static func groups(hasJobs: Bool) -> JSONValue {
        let version: JSONValue = ["groupVersion": "batch/v1", "version": "v1"]
        let batch: JSONValue = [
            "name": "batch", "versions": [version], "preferredVersion": version,
        ]
        return [
            "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(hasJobs ? [batch] : []),
        ]
    }

    /// `/apis/batch/v1`.
    static let jobs: JSONValue = [
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "batch/v1",
        "resources": [
            [
                "name": "jobs", "singularName": "job", "namespaced": true, "kind": "Job",
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
                "categories": ["all"],
            ]
        ],
    ]

    /// `/api/v1`.
    static let resources: JSONValue = [
        "kind": "APIResourceList", "groupVersion": "v1",
        "resources": [
            [
                "name": "namespaces", "singularName": "namespace", "namespaced": false,
                "kind": "Namespace", "verbs": ["get", "list"], "shortNames": ["ns"],
            ],
            [
                "name": "nodes", "singularName": "node", "namespaced": false, "kind": "Node",
                "verbs": ["get", "list"], "shortNames": ["no"],
            ],
            [
                "name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod",
                "verbs": ["create", "delete", "get", "list", "watch"], "shortNames": ["po"],
                "categories": ["all"],
            ],
            [
                "name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod",
                "verbs": ["get"],
            ],
        ],
    ]
}
