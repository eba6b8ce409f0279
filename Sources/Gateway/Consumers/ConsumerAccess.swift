import Access
import Store

/// Whose a durable consumer is: it belongs to its namespace, that of its filter, and without one to
/// all namespaces at once.
///
/// Who may `get pods` there sees it; for all others it is not there (404). Who may `update pods`
/// there as well owns it: may make it, change it, read its events (which takes over from another
/// connection), acknowledge and delete it. So a consumer never shows its reader an event that they
/// could not see in the feed. Names are shared: one that is taken stays so for those, too, who do
/// not see by whom (409).
enum ConsumerAccess {
    /// The right that owning a consumer of these events takes.
    static func owning(_ filter: EventFilter) -> Right {
        Right(.control, in: filter.namespace)
    }

    /// Whether `caller` may see a consumer.
    static func isVisible(_ row: ConsumerRow, to caller: Caller) async throws -> Bool {
        let filter = try row.eventFilter()
        return try await answer { () async throws(AccessError) in
            try await caller.may(.readPods, in: filter.namespace)
        }
    }

    /// Whether `caller` may see and change a consumer.
    static func isOwned(_ row: ConsumerRow, by caller: Caller) async throws -> Bool {
        guard try await isVisible(row, to: caller) else { return false }
        let right = owning(try row.eventFilter())
        return try await answer { () async throws(AccessError) in
            try await caller.may(right.permission, in: right.namespace)
        }
    }

    /// - Throws: 403 unless `caller` may see and change a consumer of these events.
    static func requireOwning(_ filter: EventFilter, _ caller: Caller) async throws {
        let right = owning(filter)
        try await answer { () async throws(AccessError) in
            try await caller.require(.readPods, in: filter.namespace)
            try await caller.require(right.permission, in: right.namespace)
        }
    }

    /// 409: the name belongs to a consumer that the caller may not change, or may not even see.
    static func taken(_ name: ConsumerName) -> StatusResponse {
        .conflict("the consumer name \"\(name.text)\" is taken: choose another")
    }

    /// What `ask` finds, with its errors as clients are told of them.
    private static func answer<Answer>(
        _ ask: () async throws(AccessError) -> Answer
    ) async throws(StatusResponse) -> Answer {
        do throws(AccessError) {
            return try await ask()
        } catch {
            throw StatusResponse(error)
        }
    }
}
