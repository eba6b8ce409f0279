import Cryptography
import Foundation
import HTTPClient

/// The header fields by which a target knows who sent an event: the scheme of Standard Webhooks
/// (www.standardwebhooks.com), for which receivers find libraries in most languages.
///
/// | field | value |
/// | --- | --- |
/// | `webhook-id` | the event's `id`; the same at each attempt |
/// | `webhook-timestamp` | the attempt's time, seconds since 1970: receivers refuse old ones |
/// | `webhook-signature` | `v1,` and base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY` |
enum WebhookSignature {
    /// The fields for an event that is sent at `timestamp`.
    static func fields(
        id: String, timestamp: Int64, body: [UInt8], secret: WebhookSecret
    ) throws(WebhookError) -> [HTTPField] {
        let code: [UInt8]
        do throws(CryptographyError) {
            code = try HMACSHA256.code(
                of: Array("\(id).\(timestamp).".utf8) + body, key: secret.key)
        } catch {
            throw WebhookError("sign an event", error.description)
        }
        return [
            HTTPField(name: "webhook-id", value: id),
            HTTPField(name: "webhook-timestamp", value: String(timestamp)),
            HTTPField(name: "webhook-signature", value: "v1,\(Data(code).base64EncodedString())"),
        ]
    }
}
