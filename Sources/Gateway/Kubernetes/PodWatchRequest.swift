/// What a watch of Pods asks for.
struct PodWatchRequest: Sendable, Equatable {
    /// The longest watch, 30 to 60 min as the API server has it; without a `timeoutSeconds` a time in
    /// between, so that those that began together do not end together.
    static let seconds: ClosedRange<Int64> = 1_800...3_600

    /// The version to start behind; `nil` starts with what is there.
    let version: Int64?
    /// Whether versions are told when nothing happens, and at the end.
    let wantsBookmarks: Bool
    /// Whether the end of what is there is marked.
    let marksInitialEnd: Bool
    /// How long it lasts.
    let duration: Duration

    /// Reads a query.
    ///
    /// - Throws: 400 for a version or a number that is none, 422 for parameters that do not go
    ///   together, in Kubernetes' words.
    init(_ query: QueryParameters) throws(StatusResponse) {
        let version = try query.version("resourceVersion")
        wantsBookmarks = query.flag("allowWatchBookmarks") ?? false
        marksInitialEnd = query.flag("sendInitialEvents") ?? false
        let match = query.filter("resourceVersionMatch")
        if marksInitialEnd, match != "NotOlderThan" {
            throw Self.forbidden(
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        }
        if !marksInitialEnd, match != nil {
            throw Self.forbidden(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        }
        self.version = marksInitialEnd ? nil : version
        let asked = try query.number("timeoutSeconds") ?? 0
        duration = .seconds(
            asked > 0 ? min(asked, Self.seconds.upperBound) : .random(in: Self.seconds))
    }

    private static func forbidden(_ message: String) -> StatusResponse {
        .invalid(
            kind: "ListOptions", name: "",
            causes: [
                StatusResponse.Cause(
                    reason: "FieldValueForbidden", message: "Forbidden: \(message)",
                    field: "resourceVersionMatch")
            ])
    }
}
