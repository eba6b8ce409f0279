/// JSON of Jobs as an API server writes them, for tests.
enum JobTexts {
    /// A Job as `kubectl create job` and the controller leave it, with this `status` and these
    /// further members of `spec` (each ended by a comma).
    static func job(
        _ name: String = "etl", version: Int = 5, spec: String = "", status: String = "{}"
    ) -> String {
        """
        {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\(name)","namespace":"ns",\
        "uid":"uid-\(name)","resourceVersion":"\(version)","generation":1,\
        "creationTimestamp":"2026-11-24T10:00:00Z","labels":{"team":"data"},\
        "managedFields":[{"manager":"kubectl-create","operation":"Update","fieldsV1":{"f:spec":{}}}]},\
        "spec":{"parallelism":1,"completions":1,"backoffLimit":6,\(spec)\
        "selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"uid-\(name)"}},\
        "template":{"metadata":{"creationTimestamp":null,"labels":{"job-name":"\(name)",\
        "batch.kubernetes.io/job-name":"\(name)"},"annotations":{"note":"n"}},\
        "spec":{"containers":[{"name":"main","image":"busybox","resources":{}}],\
        "restartPolicy":"Never"}},"completionMode":"NonIndexed","podReplacementPolicy":\
        "TerminatingOrFailed","manualSelector":false},"status":\(status)}
        """
    }

    static func condition(
        _ type: String, reason: String? = nil, message: String? = nil, at time: String
    ) -> String {
        let words = [("reason", reason), ("message", message)].map { key, value in
            value.map { ",\"\(key)\":\"\($0)\"" } ?? ""
        }
        return """
            {"type":"\(type)","status":"True","lastProbeTime":"\(time)",\
            "lastTransitionTime":"\(time)"\(words.joined())}
            """
    }

    static func list(_ names: [String], version: Int) -> String {
        """
        {"kind":"JobList","apiVersion":"batch/v1","metadata":{"resourceVersion":"\(version)"},\
        "items":[\(names.map { job($0, version: version) }.joined(separator: ","))]}
        """
    }
}
