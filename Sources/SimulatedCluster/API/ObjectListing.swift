import WebServer

/// Answers a list: pages, selectors, objects or a table.
struct ObjectListing<Record: ObjectRecord> {
    let cluster: Cluster

    /// The page that `request` asks for.
    ///
    /// Pages behind the first show objects as they are now; with the first page's version, from which
    /// a watch brings whatever changed since, so that nothing is missed.
    func answer(_ selection: ObjectSelection, _ request: ServerRequest) throws(StatusError)
        -> ServerResponse
    {
        func value(_ name: String) -> String {
            request.query.first { $0.name == name }?.value ?? ""
        }
        let limit = Int(value("limit")) ?? 0
        let token = value("continue")
        let start = token.isEmpty ? nil : try ContinueToken(token)
        if let start, start.version < cluster.oldestVersion(of: Record.self) {
            throw .expired(
                "The provided continue parameter is too old to display a consistent list result. "
                    + "You can start a new list without the continue parameter.")
        }
        let page = cluster.list(
            Record.self, selection, after: start?.after, limit: limit > 0 ? limit : .max)
        let version = start?.version ?? page.version
        var next: String?
        if page.remaining > 0, let last = page.records.last {
            next = ContinueToken(version: version, after: last.key).text
        }
        let isTable = PodTable.isWanted(request.header("Accept"))
        let table =
            isTable
            ? Record.table(
                page.records, resourceVersion: version, continueToken: next,
                now: cluster.clock.now) : nil
        if let table { return .full(ResponseHead(status: 200, fields: [.json]), body: table) }
        var metadata: JSONValue = ["resourceVersion": .string(String(version))]
        metadata["continue"] = next.map { .string($0) }
        if next != nil, selection.isUnfiltered {
            metadata["remainingItemCount"] = .int(page.remaining)
        }
        let kind = Record.kind
        var bytes: [UInt8] = []
        bytes.reserveCapacity(page.records.reduce(512) { $0 + $1.json.count + 1 })
        bytes += #"{"kind":"\#(kind.name)List","apiVersion":"\#(kind.apiVersion)","metadata":"#.utf8
        metadata.encode(to: &bytes)
        bytes += #","items":["#.utf8
        for (index, record) in page.records.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += record.json
        }
        bytes += "]}".utf8
        return .full(ResponseHead(status: 200, fields: [.json]), body: bytes)
    }
}
