import LogModel
import WebServer

/// What a watch asks for.
struct WatchRequest {
    let selection: ObjectSelection
    /// The version to start after; nil starts from what is there.
    let version: Int?
    let wantsBookmarks: Bool
    let sendsInitialEvents: Bool
    let timeout: Duration?

    /// Reads a request's query.
    ///
    /// - Throws: `400` for a version that is none, `422` for `sendInitialEvents` without
    ///   `resourceVersionMatch=NotOlderThan`, or where the cluster has no streaming lists.
    init(
        _ selection: ObjectSelection, _ query: [QueryItem], hasStreamingLists: Bool = true
    ) throws(StatusError) {
        func value(_ name: String) -> String {
            query.first { $0.name == name }?.value ?? ""
        }
        self.selection = selection
        let text = value("resourceVersion")
        guard text.isEmpty || Int(text) != nil else {
            throw .badRequest("Invalid value: \"\(text)\": strconv.ParseUint: invalid syntax")
        }
        version = Int(text).flatMap { $0 == 0 ? nil : $0 }
        wantsBookmarks = ["true", "1"].contains(value("allowWatchBookmarks"))
        sendsInitialEvents = ["true", "1"].contains(value("sendInitialEvents"))
        timeout = Int(value("timeoutSeconds")).map { .seconds($0) }
        let match = value("resourceVersionMatch")
        if sendsInitialEvents, !hasStreamingLists {
            throw .invalid(
                kind: "ListOptions", name: "",
                causes: [
                    .forbidden(
                        "sendInitialEvents",
                        "sendInitialEvents is forbidden for watch unless the WatchList feature gate "
                            + "is enabled")
                ])
        }
        if sendsInitialEvents, match != "NotOlderThan" {
            throw .invalid(
                kind: "ListOptions", name: "",
                causes: [
                    .forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                ])
        }
        if !sendsInitialEvents, !match.isEmpty {
            throw .invalid(
                kind: "ListOptions", name: "",
                causes: [
                    .forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                            + "provided")
                ])
        }
    }
}
