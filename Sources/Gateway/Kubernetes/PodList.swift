import LogModel
import Logging
import Store
import WebServer

/// Lists Pods: in pages where the client asks for them, else as a body that is read as it is sent,
/// so that memory does not grow with the number of Pods.
///
/// Pages behind the first show Pods as they are by then, with the first page's version: a watch from
/// there brings whatever has changed since, so nothing is missed.
struct PodList: Sendable {
    /// Pods of one page, and that are read at once, at most: 500, as kubectl asks for.
    static let pageLimit: Int64 = 500

    let store: Store
    let selection: PodSelection
    let form: PodForm
    let logger: Logger

    /// Answers with the Pods that `query` asks for.
    func answer(_ query: QueryParameters) async throws -> ServerResponse {
        let limit = try query.number("limit") ?? 0
        let token = try query.filter("continue").map { text throws(StatusResponse) in
            try ContinueToken(text)
        }
        let now = try await store.read { try $0.podObjectVersion() }
        if let version = try query.version("resourceVersion"), version > now {
            throw StatusResponse.expiredVersion(
                "too large resource version: \(version), current: \(now)")
        }
        guard limit > 0 else {
            return .stream(ResponseHead(status: 200, fields: JSONAnswer.fields), source: all(token))
        }
        let page = try await page(behind: token?.key, limit: Int(min(limit, Self.pageLimit)))
        let version = token?.rv ?? page.version
        let next = page.next.map { ContinueToken(version: version, behind: $0).text }
        var bytes = form.listHead(version: version, next: next)
        try append(page.pods, isFirst: true, to: &bytes)
        bytes += form.listTail
        return .full(ResponseHead(status: 200, fields: JSONAnswer.fields), body: bytes)
    }

    /// Some Pods that are selected.
    struct Page {
        let pods: [ShownPod]
        let version: Int64
        /// The last Pod that was looked at, where there are more behind it.
        let next: PodKey?
    }

    /// The first Pods behind `key`: exactly `limit` of them where there are more.
    func page(behind key: PodKey?, limit: Int) async throws -> Page {
        var pods: [ShownPod] = []
        var key = key
        var version: Int64?
        while true {
            let start = key
            let room = limit - pods.count
            let query = selection.query
            let page = try await store.read { snapshot in
                try snapshot.podObjects(query, after: start, limit: room)
            }
            version = version ?? page.version
            // Fields that may change are in the object alone.
            pods += try page.rows.map { try ShownPod($0, store) }.filter(selection.matches)
            key = page.rows.last.map { PodKey(namespace: $0.namespace, name: $0.name) }
            if pods.count == limit || !page.hasMore {
                return Page(
                    pods: pods, version: version ?? page.version, next: page.hasMore ? key : nil)
            }
        }
    }

    private func all(_ token: ContinueToken?) -> WrittenBody {
        WrittenBody(logger: logger) { send in
            var key = token?.key
            var isFirst = true
            repeat {
                let page = try await page(behind: key, limit: Int(Self.pageLimit))
                var bytes =
                    isFirst ? form.listHead(version: token?.rv ?? page.version, next: nil) : []
                try append(page.pods, isFirst: isFirst, to: &bytes)
                isFirst = isFirst && page.pods.isEmpty
                key = page.next
                if key == nil { bytes += form.listTail }
                try await send(bytes)
            } while key != nil
        }
    }

    private func append(_ pods: [ShownPod], isFirst: Bool, to bytes: inout [UInt8]) throws {
        for (index, pod) in pods.enumerated() {
            if index > 0 || !isFirst { bytes.append(UInt8(ascii: ",")) }
            try form.appendListed(pod, to: &bytes)
        }
    }
}
