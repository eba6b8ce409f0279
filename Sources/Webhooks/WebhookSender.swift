import ByteBlocks
import HTTPClient
import Store

/// Posts one event to one target: a CloudEvent in structured mode, signed.
struct WebhookSender: Sendable {
    /// The bytes of an answer's body that are read, 64 KiB, so that its connection can be used
    /// again. Beyond it the connection is closed.
    private static let answerLimit = 64 << 10

    private let settings: WebhookSettings
    private let http: HTTPClient
    private let secret: SecretFile
    private let userAgent: String
    private let transport: HTTPTransport

    init(_ settings: WebhookSettings, http: HTTPClient, secret: SecretFile, userAgent: String) {
        self.settings = settings
        self.http = http
        self.secret = secret
        self.userAgent = userAgent
        transport = HTTPTransport(caCertificates: settings.caCertificates)
    }

    /// Posts `event`. Returns when the target has answered 2xx.
    ///
    /// - Parameters:
    ///   - event: what to post.
    ///   - now: seconds since 1970.
    /// - Throws: ``DeliveryFailure``, or `CancellationError` when the task is cancelled.
    func post(_ event: EventRecord, at now: Int64) async throws {
        do {
            let response = try await http.send(try request(event, at: now))
            guard (200..<300).contains(response.status) else {
                let isBusy = response.status == 429 || response.status == 503
                let retryAfter = isBusy ? response.field("retry-after") : nil
                let failure = DeliveryFailure.status(
                    response.status, location: response.field("location"),
                    retryAfter: retryAfter.flatMap { RetryAfter.delay($0, now: now) })
                await drain(response)
                throw failure
            }
            await drain(response)
        } catch let error as HTTPClientError {
            try Task.checkCancellation()
            throw DeliveryFailure(.transport(error.code.description), error.description)
        } catch let error as WebhookError {
            throw DeliveryFailure(.local, error.description)
        }
    }

    private func request(_ event: EventRecord, at now: Int64) throws(WebhookError) -> HTTPRequest {
        let body = unsafe Array(event.json.bytes)
        let signature = try WebhookSignature.fields(
            id: String(event.sequence), timestamp: now, body: body, secret: try secret.secret())
        return HTTPRequest(
            method: .post, url: settings.url,
            fields: [
                HTTPField(
                    name: "Content-Type", value: "application/cloudevents+json; charset=utf-8"),
                HTTPField(name: "User-Agent", value: userAgent),
            ] + signature,
            body: body, transport: transport,
            timeouts: HTTPTimeouts(
                connect: settings.timeout, responseHead: nil, total: settings.timeout),
            bodyLimit: Self.answerLimit)
    }

    /// Reads what follows the head. The status has decided; a body that fails, is long or is slow
    /// costs the connection and changes nothing.
    private func drain(_ response: HTTPResponse) async {
        _ = try? await response.body.collect(upTo: Self.answerLimit)
    }
}
