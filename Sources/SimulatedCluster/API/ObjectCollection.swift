import WebServer

/// Answers a list or a watch of one kind of object.
struct ObjectCollection<Record: ObjectRecord> {
    let cluster: Cluster

    /// The answer about a namespace, or about all (nil).
    func answer(
        _ namespace: String?, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        let selection = try ObjectSelection(
            namespace: namespace, of: Record.kind, request.query)
        guard let watch = request.query("watch"), !["false", "0"].contains(watch ?? "") else {
            return try ObjectListing<Record>(cluster: cluster).answer(selection, request)
        }
        let body = WatchBody<Record>(
            try WatchRequest(
                selection, request.query,
                hasStreamingLists: cluster.settings.hasStreamingLists), cluster: cluster,
            asTable: PodTable.isWanted(request.header("Accept")))
        return .stream(ResponseHead(status: 200, fields: [.json]), source: body)
    }
}
