package import Logging

/// Who may do what: the one place that turns credentials into a ``Caller``.
///
/// With no backend everybody may do everything; the settings allow that on loopback alone. Any task
/// may call it.
package final class AccessControl: Sendable {
    /// Namespaces that are asked about for one list, 500: each is a question to the API server
    /// when nothing is known yet. Beyond it the list is refused, and one namespace must be named.
    static let namespaceLimit = 500
    /// Questions at a time for one list.
    private static let questions = 16

    /// Those who stay, and are looked at again.
    package let followers: AccessFollowers
    /// How long a decision counts, and how often those who stay are looked at again: a right that
    /// is withdrawn ends within twice this time.
    package let recheck: Duration

    private let backend: (any AccessBackend)?
    private let tickets: TicketDesk
    private let knownNamespaces: @Sendable () async throws -> [String]

    /// Control by `backend`.
    ///
    /// - Parameters:
    ///   - backend: who decides; `nil`: everybody may do everything.
    ///   - recheck: see ``recheck``.
    ///   - logger: told of followers that have to go.
    ///   - namespaces: the namespaces that lists are made of.
    ///   - now: the clock of tickets and followers.
    package init(
        _ backend: (any AccessBackend)?, recheck: Duration = .seconds(10), logger: Logger,
        namespaces: @escaping @Sendable () async throws -> [String],
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.backend = backend
        self.recheck = recheck
        knownNamespaces = namespaces
        tickets = TicketDesk(now: now)
        followers = AccessFollowers(interval: recheck, logger: logger, now: now)
    }

    /// Everybody may do everything.
    package static func open(logger: Logger) -> AccessControl {
        AccessControl(nil, logger: logger, namespaces: { [] })
    }

    /// Whether credentials are asked for.
    package var isClosed: Bool { backend != nil }

    /// Who makes a request with `token`.
    package func caller(token: BearerToken?) async throws(AccessError) -> Caller {
        guard let backend else {
            return Caller(identity: .anonymous, authentication: .none, token: nil, access: self)
        }
        guard let token else { throw .noCredentials }
        guard let identity = try await backend.identity(of: token) else { throw .unknownToken }
        return Caller(
            identity: identity, authentication: backend.authentication, token: token, access: self)
    }

    /// Who makes a request for `path` with a ticket: who had it issued, if their token still counts.
    package func caller(
        ticket: String, path: [String]
    ) async throws(AccessError) -> Caller {
        guard isClosed else { return try await caller(token: nil) }
        guard let holder = tickets.redeem(ticket, path: path) else { throw .unknownTicket }
        return try await caller(token: holder)
    }

    /// A ticket for one request of `path` by `caller`.
    ///
    /// - Throws: ``AccessError/unavailable(_:)`` when too many are out.
    package func issueTicket(for path: [String], to caller: Caller) throws(AccessError) -> String {
        try tickets.issue(for: path, to: caller.token)
    }

    /// How long a ticket is good for.
    package var ticketLifetime: Duration { TicketDesk.lifetime }

    func allows(_ caller: Caller, _ right: Right) async throws(AccessError) -> Bool {
        guard let backend else { return true }
        return try await backend.allows(caller.identity, right)
    }

    func namespaces(
        for caller: Caller, _ permission: Permission
    ) async throws(AccessError) -> [String] {
        let known: [String]
        do {
            known = try await knownNamespaces()
        } catch {
            throw .unavailable("the namespaces could not be read from the store: \(error)")
        }
        guard known.count <= Self.namespaceLimit else {
            throw .tooManyNamespaces(limit: Self.namespaceLimit)
        }
        return try await allowed(among: known, caller, permission)
    }

    /// Those of `namespaces` in which `caller` may do this, some questions at a time.
    private func allowed(
        among namespaces: [String], _ caller: Caller, _ permission: Permission
    ) async throws(AccessError) -> [String] {
        let answers = await withTaskGroup(of: (String, Result<Bool, AccessError>).self) { group in
            var rest = namespaces[...]
            func ask() {
                guard let namespace = rest.popFirst() else { return }
                group.addTask {
                    do throws(AccessError) {
                        let isAllowed = try await caller.may(permission, in: namespace)
                        return (namespace, .success(isAllowed))
                    } catch {
                        return (namespace, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.questions { ask() }
            var answers: [(String, Result<Bool, AccessError>)] = []
            for await answer in group {
                answers.append(answer)
                ask()
            }
            return answers
        }
        var visible: [String] = []
        for (namespace, answer) in answers where try answer.get() { visible.append(namespace) }
        return visible.sorted()
    }

    /// Why `caller` has to go: their token or one of `rights` does not count any more.
    func refusal(of caller: Caller, _ rights: [Right]) async -> AccessError? {
        do throws(AccessError) {
            let caller = try await self.caller(token: caller.token)
            for right in rights { try await caller.require(right.permission, in: right.namespace) }
            return nil
        } catch {
            return error
        }
    }
}
