/// A node of a simulated cluster: only a name and the version of its kubelet.
struct Node: Sendable, Equatable {
    let name: String
    let kubelet: KubeletVersion

    /// The node as the API shows it.
    var object: JSONValue {
        [
            "kind": "Node", "apiVersion": "v1",
            "metadata": [
                "name": .string(name), "uid": .string("node-\(name)"), "resourceVersion": "1",
                "labels": ["kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux"],
            ],
            "spec": [:],
            "status": [
                "addresses": [
                    ["type": "InternalIP", "address": "127.0.0.1"],
                    ["type": "Hostname", "address": .string(name)],
                ],
                "conditions": [["type": "Ready", "status": "True", "reason": "KubeletReady"]],
                "nodeInfo": [
                    "architecture": "amd64", "containerRuntimeVersion": "containerd://2.1.0",
                    "kubeletVersion": .string(kubelet.text), "operatingSystem": "linux",
                    "osImage": "podwire-sim",
                ],
            ],
        ]
    }
}
