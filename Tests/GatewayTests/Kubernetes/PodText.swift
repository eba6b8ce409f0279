import Foundation
import Kubernetes
import LogModel
import Store

@testable import Gateway

/// JSON of Pods as API servers write them.
enum PodText {
    static let running = #""state":{"running":{"startedAt":"2026-11-24T12:00:00Z"}}"#
    static let completed = terminated(0)
    static let backOff = #""state":{"waiting":{"reason":"CrashLoopBackOff"}}"#

    static func terminated(_ exitCode: Int, at second: Int = 10, reason: String? = nil) -> String {
        #""state":{"terminated":\#(termination(exitCode, at: second, reason: reason))}"#
    }

    static func last(_ exitCode: Int, at second: Int = 5) -> String {
        #""lastState":{"terminated":\#(termination(exitCode, at: second))}"#
    }

    private static func termination(
        _ exitCode: Int, at second: Int, reason: String? = nil
    ) -> String {
        let word = reason ?? (exitCode == 0 ? "Completed" : "Error")
        return #"{"exitCode":\#(exitCode),"reason":"\#(word)","containerID":"c://x","#
            + #""finishedAt":"2026-11-24T12:00:\#(second < 10 ? "0" : "")\#(second)Z"}"#
    }

    /// The status of a container.
    static func status(_ name: String, restarts: Int = 0, _ parts: String...) -> String {
        let fields = [#""name":"\#(name)","restartCount":\#(restarts)"#] + parts
        return "{\(fields.joined(separator: ","))}"
    }

    /// An object as it is stored.
    static func object(
        _ name: String = "p", uid: String = "u1", metadata: String = "",
        containers: [String] = ["main"], initContainers: [String] = [], spec: String = "",
        node: String? = "n1", phase: String = "Running", statuses: [String] = [],
        initStatuses: [String] = [], status: String = ""
    ) -> String {
        func list(_ names: [String]) -> String {
            "[" + names.map { #"{"name":"\#($0)"}"# }.joined(separator: ",") + "]"
        }
        let node = node.map { #""nodeName":"\#($0)","# } ?? ""
        return #"{"metadata":{"name":"\#(name)","namespace":"default","uid":"\#(uid)","#
            + #""creationTimestamp":"2026-11-24T11:00:00Z"\#(metadata)},"#
            + #""spec":{\#(node)"containers":\#(list(containers)),"#
            + #""initContainers":\#(list(initContainers))\#(spec)},"#
            + #""status":{"phase":"\#(phase)","#
            + #""containerStatuses":[\#(statuses.joined(separator: ","))],"#
            + #""initContainerStatuses":[\#(initStatuses.joined(separator: ","))]\#(status)}}"#
    }

    static func pod(_ text: String) throws -> Pod {
        try JSONDecoder().decode(Pod.self, from: Data(text.utf8))
    }
}

extension TestGateway {
    /// Stores a Pod's object as the StatusFetcher does.
    func show(
        _ name: String = "p", uid: String = "u1", namespace: String = "default",
        created: Int64 = 1_000, gone: LogTime? = nil, labels: [String: String] = [:],
        job: String? = nil, _ text: String? = nil
    ) async throws {
        let text = text ?? PodText.object(name, uid: uid)
        let row = PodObjectRow(
            uid: uid, namespace: namespace, name: name, createdAt: LogTime(seconds: created),
            goneAt: gone, clusterVersion: text, job: job, labels: labels,
            object: store.pack(Array(text.utf8)))
        try await store.write { try $0.store(row) }
    }

    /// Stores the object of the Pod `p`.
    func show(object text: String) async throws {
        try await show("p", text)
    }

    /// Stores the log of an instance of a container of the Pod `p`.
    @discardableResult
    func log(
        _ lines: [String], uid: String = "u1", container: String = "main", attempt: Int = 0,
        closed: Bool = true, ends: Bool = true
    ) async throws -> StreamWriter {
        let writer = try await store.openStream(
            StreamDescriptor(
                id: StreamID(podUID: uid, container: container, attempt: attempt),
                namespace: "default", pod: "p", kind: .main))
        if !lines.isEmpty { try await writer.write(lines, closed: closed) }
        if ends { try await writer.end(exitCode: 0, reason: nil) }
        return writer
    }

    /// The decoded JSON of an answer.
    func json(_ target: String, accept: String? = nil) async throws -> [String: Any] {
        let response = try await get(target, fields: accept.map { ["Accept: \($0)"] } ?? [])
        let object = try JSONSerialization.jsonObject(with: Data(response.body))
        return object as? [String: Any] ?? [:]
    }
}

extension [String: Any] {
    /// The value at a path of names.
    func at(_ names: String...) -> Any? {
        names.reduce(self as Any?) { ($0 as? [String: Any])?[$1] }
    }

    /// The names of the objects in `items`.
    var itemNames: [String] {
        let items = self["items"] as? [[String: Any]] ?? []
        return items.compactMap { $0.at("metadata", "name") as? String }
    }

    /// The first cell of each row.
    var rowNames: [String] {
        let rows = self["rows"] as? [[String: Any]] ?? []
        return rows.compactMap { ($0["cells"] as? [String])?.first }
    }
}
