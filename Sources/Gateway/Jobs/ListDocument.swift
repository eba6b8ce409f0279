import Access
import LogModel
import Store

/// One page of a list, newest first.
struct ListDocument<Item: Encodable & Sendable>: Encodable, Sendable {
    let items: [Item]
    /// What to send as `continue` for the next page, opaque to clients; absent on the last.
    let `continue`: String?
    /// The sequence number of the last event that the list reflects: following the events after it
    /// misses nothing and repeats nothing.
    let sequence: Int64
}

/// Which page of a list is asked for, and of what.
///
/// | parameter | values | default |
/// | --- | --- | --- |
/// | `namespace`, `workflow` | a name | all |
/// | `status` | a ``JobStatus`` | all |
/// | `limit` | 1 … 500 | 100 |
/// | `continue` | from the page before | the first page |
struct ListParameters: Equatable, Sendable {
    /// Items on a page where `limit` is absent.
    static let limit = 100
    /// The most items on a page: bounds what one answer takes of the store and of memory.
    static let limitBound: Int64 = 500

    let namespace: String?
    let workflow: String?
    let status: JobStatus?
    let limit: Int
    /// The row behind which the page begins.
    let before: Int64?

    /// Reads a query.
    init(_ query: QueryParameters) throws(StatusResponse) {
        namespace = query.filter("namespace")
        workflow = query.filter("workflow")
        status = try query.choice("status", of: JobStatus.self)
        limit = Int(try query.integer("limit", in: 1...Self.limitBound) ?? Int64(Self.limit))
        guard let token = query.filter("continue") else {
            before = nil
            return
        }
        guard let row = Int64(token), row > 0 else {
            throw .badRequest(
                "continue: \"\(token)\" is not what a page of this list gave: leave it out to "
                    + "start anew")
        }
        before = row
    }

    /// The namespaces that the list is limited to because its caller may see no others; `nil`: none
    /// is left out. Where one is named, the caller was found to see it.
    func visibleNamespaces(to caller: Caller) async throws(StatusResponse) -> [String]? {
        guard namespace == nil else { return nil }
        do throws(AccessError) {
            guard case .these(let names) = try await caller.visibleNamespaces() else { return nil }
            return names
        } catch {
            throw StatusResponse(error)
        }
    }
}
