import LogModel

/// Pods as a `Table`, which is what kubectl asks for to print them.
enum PodTable {
    private static let columns: JSONValue = [
        column("Name", "string"), column("Ready", "string"), column("Status", "string"),
        column("Restarts", "string"), column("Age", "string"),
    ]

    /// Whether a client's `Accept` field asks for tables.
    static func isWanted(_ accept: String?) -> Bool {
        accept?.contains("as=Table") ?? false
    }

    /// Writes a table of `pods`.
    static func encode(
        _ pods: [PodRecord], resourceVersion: Int, continueToken: String?, now: LogTime
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var metadata: JSONValue = ["resourceVersion": .string(String(resourceVersion))]
        metadata["continue"] = continueToken.map { .string($0) }
        bytes += #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":"#.utf8
        metadata.encode(to: &bytes)
        bytes += #","columnDefinitions":"#.utf8
        columns.encode(to: &bytes)
        bytes += #","rows":["#.utf8
        for (index, pod) in pods.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            let cells: JSONValue = [
                .string(pod.key.name), .string(pod.row.ready), .string(pod.row.status),
                .string(String(pod.row.restarts)), .string(age(now - pod.created)),
            ]
            bytes += #"{"cells":"#.utf8
            cells.encode(to: &bytes)
            bytes += #","object":{"kind":"PartialObjectMetadata","#.utf8
            bytes += #""apiVersion":"meta.k8s.io/v1","metadata":"#.utf8
            bytes += pod.metadata
            bytes += "}}".utf8
        }
        bytes += "]}".utf8
        return bytes
    }

    private static func column(_ name: JSONValue, _ type: JSONValue) -> JSONValue {
        ["name": name, "type": type, "format": "", "description": "", "priority": 0]
    }

    private static func age(_ age: Duration) -> String {
        let seconds = max(0, age.components.seconds)
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7_200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3_600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}
