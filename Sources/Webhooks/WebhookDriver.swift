import HTTPClient
import Logging
import Store

/// Delivers the events that one target wants, from its stored position on, until it is cancelled.
struct WebhookDriver: Sendable {
    private let settings: WebhookSettings
    private let store: Store
    private let sender: WebhookSender
    private let clock: WebhookClock
    private let logger: Logger

    init(
        _ settings: WebhookSettings, store: Store, http: HTTPClient, userAgent: String,
        clock: WebhookClock, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "webhook"] = "\(settings.name)"
        self.settings = settings
        self.store = store
        self.clock = clock
        self.logger = logger
        sender = WebhookSender(
            settings, http: http, secret: SecretFile(settings.secretFile, logger: logger),
            userAgent: userAgent)
    }

    /// Delivers until the task is cancelled or the store closed; then stores the position.
    func run(from position: Int64) async {
        var machine = DeliveryMachine(position: position, at: clock.now())
        let cursor = EventCursor(store, settings.filter)
        defer { cursor.close() }
        do {
            while true {
                try Task.checkCancellation()
                try await carryOut(machine.next(at: clock.now()), for: &machine, cursor)
            }
        } catch {
            // Nothing but the end is thrown: every failure is the machine's to deal with.
            if machine.isUnsaved { await save(machine.position, of: &machine) }
        }
    }

    private func carryOut(
        _ step: DeliveryMachine.Step, for machine: inout DeliveryMachine, _ cursor: EventCursor
    ) async throws {
        switch step {
        case .save(let position): await save(position, of: &machine)
        case .pause(let instant): try await clock.sleep(instant)
        case .deliver(let event):
            do {
                try await sender.post(event, at: clock.unixSeconds())
                tell(machine.taken(at: clock.now()), of: event.sequence)
            } catch let failure as DeliveryFailure {
                fail(failure, of: event.sequence, &machine)
            }
        case .read(let position):
            do {
                let batch = try await cursor.read(after: position)
                tell(machine.read(batch), of: batch.oldest)
            } catch let error as CancellationError {
                throw error
            } catch {
                try Task.checkCancellation()
                fail(DeliveryFailure(.local, "\(error)"), of: position, &machine)
            }
        }
    }

    private func fail(
        _ failure: DeliveryFailure, of sequence: Int64, _ machine: inout DeliveryMachine
    ) {
        tell(machine.failed(failure, at: clock.now()), of: sequence)
    }

    private func save(_ position: Int64, of machine: inout DeliveryMachine) async {
        do {
            try await store.write { [name = settings.name] transaction in
                try transaction.setWebhookPosition(name, position)
            }
            machine.saved(position, at: clock.now())
        } catch {
            // `/readyz` and the store's own log say why; here it costs repeated deliveries at most.
            logger.debug(
                "A webhook's position cannot be stored", metadata: ["error": "\(error)"])
            machine.saveFailed(at: clock.now())
        }
    }

    private func tell(_ report: DeliveryMachine.Report?, of sequence: Int64) {
        switch report {
        case nil: break
        case .failing(let reason):
            logger.warning(
                "Events cannot be delivered to a webhook, it is tried again",
                metadata: ["event": "\(sequence)", "reason": "\(reason)"])
        case .recovered(let failures, let time):
            logger.notice(
                "Events are delivered to a webhook again",
                metadata: [
                    "event": "\(sequence)", "failures": "\(failures)",
                    "seconds": "\(time.components.seconds)",
                ])
        case .missed(let count):
            logger.warning(
                "A webhook has missed events that are no longer kept, it goes on at the oldest",
                metadata: ["missed": "\(count)", "oldest": "\(sequence)"])
        }
    }
}
