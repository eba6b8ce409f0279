import Kubernetes
import LogModel
import Store

/// Pods as a `Table`, with the columns that users of kubectl know.
struct PodTable {
    /// What stands beside the cells of a row, by the parameter `includeObject`.
    enum Included: String, Sendable, CaseIterable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    /// A column.
    private struct Column: Encodable {
        let name: String
        let type = "string"
        let format: String
        let description: String
        /// Columns above 0 are only shown where all are asked for.
        let priority: Int
    }

    /// Why a Pod that is over is over: kubectl does not show it, other clients may.
    private struct Condition: Encodable {
        let type = "Completed"
        let status = "True"
        let reason: String
        let message: String
    }

    private static let columns = [
        Column(name: "Name", format: "name", description: "The Pod's name.", priority: 0),
        Column(
            name: "Ready", format: "", description: "Containers that are ready, of all.",
            priority: 0),
        Column(
            name: "Status", format: "", description: "How the Pod stands, or stood last.",
            priority: 0),
        Column(
            name: "Restarts", format: "", description: "How often containers were restarted.",
            priority: 0),
        Column(name: "Age", format: "", description: "Since the Pod was created.", priority: 0),
        Column(name: "IP", format: "", description: "The Pod's address.", priority: 1),
        Column(name: "Node", format: "", description: "Where the Pod ran.", priority: 1),
        Column(
            name: "Nominated Node", format: "", description: "Where it may run once there is room.",
            priority: 1),
        Column(
            name: "Readiness Gates", format: "", description: "Gates that are open, of all.",
            priority: 1),
    ]
    private static let columnText = JSONAnswer.encode(columns).dropLast()

    /// The version of `meta.k8s.io` that the client has asked for.
    let version: String
    /// What stands beside the cells.
    let included: Included
    /// The time of day, for ages.
    let now: LogTime

    /// Everything before the rows; watches name the columns once.
    func head(metadata: String, hasColumns: Bool = true) -> [UInt8] {
        var bytes = Array(#"{"kind":"Table","apiVersion":"meta.k8s.io/\#(version)","#.utf8)
        bytes += #""metadata":\#(metadata),"columnDefinitions":"#.utf8
        bytes += hasColumns ? Array(Self.columnText) : Array("null".utf8)
        bytes += #","rows":["#.utf8
        return bytes
    }

    /// Everything behind the rows.
    static let tail = Array("]}".utf8)

    /// Appends the row of a Pod.
    func append(_ pod: ShownPod, to bytes: inout [UInt8]) throws {
        let decoded = try pod.decoded()
        bytes += #"{"cells":"#.utf8
        bytes += JSONAnswer.encode(cells(decoded, isGone: pod.row.goneAt != nil)).dropLast()
        if let condition = Self.condition(decoded) {
            bytes += #","conditions":"#.utf8
            bytes += JSONAnswer.encode([condition]).dropLast()
        }
        bytes += #","object":"#.utf8
        switch included {
        case .none: bytes += "null".utf8
        case .metadata: pod.appendMetadata(to: &bytes, version: version)
        case .object: pod.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The cells of a Pod, one a column.
    func cells(_ pod: Pod, isGone: Bool) -> [String] {
        let summary = PodSummary(pod, isGone: isGone)
        var restarts = String(summary.restarts)
        if summary.restarts > 0, let last = summary.lastRestart {
            restarts += " (\(age(of: last)) ago)"
        }
        let gates = pod.spec.readinessGates
        let open = gates.count { gate in PodSummary.isTrue(gate.conditionType, pod) }
        func orNone(_ text: String?) -> String {
            text.flatMap { $0.isEmpty ? nil : $0 } ?? "<none>"
        }
        return [
            pod.metadata.name, "\(summary.ready)/\(summary.total)", summary.status, restarts,
            pod.metadata.creationTimestamp.map(age) ?? "<unknown>", orNone(pod.status.podIP),
            orNone(pod.spec.nodeName), orNone(pod.status.nominatedNodeName),
            gates.isEmpty ? "<none>" : "\(open)/\(gates.count)",
        ]
    }

    private func age(of time: LogTime) -> String {
        HumanAge.text(seconds: (now - time).components.seconds)
    }

    private static func condition(_ pod: Pod) -> Condition? {
        switch pod.status.phase {
        case "Succeeded":
            Condition(reason: "Succeeded", message: "The pod has completed successfully.")
        case "Failed": Condition(reason: "Failed", message: "The pod failed.")
        default: nil
        }
    }
}
