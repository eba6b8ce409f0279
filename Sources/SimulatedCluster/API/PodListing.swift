import WebServer

/// Answers a list: pages, selectors, objects or a table.
struct PodListing {
    let cluster: Cluster

    /// The page that `request` asks for.
    ///
    /// Pages behind the first show Pods as they are now; with the first page's version, from which
    /// a watch brings whatever changed since, so that nothing is missed.
    func answer(_ selection: PodSelection, _ request: ServerRequest) throws(StatusError)
        -> ServerResponse
    {
        func value(_ name: String) -> String {
            request.query.first { $0.name == name }?.value ?? ""
        }
        let limit = Int(value("limit")) ?? 0
        let token = value("continue")
        let start = token.isEmpty ? nil : try ContinueToken(token)
        if let start, start.version < cluster.oldestVersion {
            throw .expired(
                "The provided continue parameter is too old to display a consistent list result. "
                    + "You can start a new list without the continue parameter.")
        }
        let page = cluster.list(selection, after: start?.after, limit: limit > 0 ? limit : .max)
        let version = start?.version ?? page.version
        var next: String?
        if page.remaining > 0, let last = page.pods.last {
            next = ContinueToken(version: version, after: last.key).text
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(page.pods.reduce(512) { $0 + $1.json.count + 1 })
        if PodTable.isWanted(request.header("Accept")) {
            PodTable.encode(
                page.pods, resourceVersion: version, continueToken: next, now: cluster.clock.now,
                to: &bytes)
        } else {
            var metadata: JSONValue = ["resourceVersion": .string(String(version))]
            metadata["continue"] = next.map { .string($0) }
            if next != nil, selection.isUnfiltered {
                metadata["remainingItemCount"] = .int(page.remaining)
            }
            bytes += #"{"kind":"PodList","apiVersion":"v1","metadata":"#.utf8
            metadata.encode(to: &bytes)
            bytes += #","items":["#.utf8
            for (index, pod) in page.pods.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += pod.json
            }
            bytes += "]}".utf8
        }
        return .full(ResponseHead(status: 200, fields: [.json]), body: bytes)
    }
}
