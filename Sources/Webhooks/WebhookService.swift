package import HTTPClient
package import Logging
package import Store

/// Delivers events to the targets of the settings: to each in order and at least once, from a
/// position that is stored.
///
/// Each target has a task of its own, so that none waits for another.
package struct WebhookService: Sendable {
    private let targets: [(driver: WebhookDriver, position: Int64)]

    /// Looks up where each target was. A target that is new begins with the next event: it gets
    /// what happens from now on, however soon the daemon dies.
    ///
    /// - Throws: ``StoreError`` when the positions cannot be read or stored.
    package static func open(
        _ targets: [WebhookSettings], store: Store, http: HTTPClient, userAgent: String,
        clock: WebhookClock = .system, logger: Logger
    ) async throws -> WebhookService {
        var started: [(driver: WebhookDriver, position: Int64)] = []
        for target in targets {
            let driver = WebhookDriver(
                target, store: store, http: http, userAgent: userAgent, clock: clock,
                logger: logger)
            started.append((driver, try await position(of: target.name, in: store)))
        }
        return WebhookService(targets: started)
    }

    /// Where a target was. A known one is only read, so that a full disk keeps no daemon from
    /// starting.
    private static func position(of name: String, in store: Store) async throws -> Int64 {
        if let known = try await store.read({ try $0.webhookPosition(name) }) { return known }
        return try await store.write { transaction in
            let last = try transaction.lastSequence
            try transaction.setWebhookPosition(name, last)
            return last
        }
    }

    /// Delivers until the task is cancelled; without targets it returns at once.
    package func run() async {
        await withTaskGroup { group in
            for target in targets {
                group.addTask { await target.driver.run(from: target.position) }
            }
        }
    }
}
