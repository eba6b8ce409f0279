@testable import Kubernetes

/// JSON of Pods, lists and events as an API server writes them, for tests.
enum PodTexts {
    static func pod(_ name: String, namespace: String = "ns", version: Int) -> String {
        """
        {"kind":"Pod","metadata":{"name":"\(name)","namespace":"\(namespace)","uid":"uid-\(name)",\
        "resourceVersion":"\(version)"},"spec":{"containers":[{"name":"main"}]},\
        "status":{"phase":"Running"}}
        """
    }

    static func list(_ pods: [String], version: Int, continueToken: String? = nil) -> String {
        let token = continueToken.map { ",\"continue\":\"\($0)\"" } ?? ""
        return """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"\(version)"\(token)},\
            "items":[\(pods.joined(separator: ","))]}
            """
    }

    static func event(_ type: String, _ object: String) -> String {
        "{\"type\":\"\(type)\",\"object\":\(object)}\n"
    }

    static func bookmark(_ version: Int) -> String {
        event("BOOKMARK", "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"\(version)\"}}")
    }

    static func status(
        _ code: Int, _ reason: String, _ message: String = "words", details: String = "{}"
    ) -> String {
        """
        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"\(message)",\
        "reason":"\(reason)","details":\(details),"code":\(code)}
        """
    }
}

extension Pod {
    /// A Pod with little but a name.
    static func named(_ name: String, version: Int) -> Pod {
        Pod(
            metadata: Metadata(
                name: name, namespace: "ns", uid: "uid-\(name)", resourceVersion: "\(version)"))
    }
}
