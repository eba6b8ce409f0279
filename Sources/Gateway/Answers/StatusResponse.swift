import FoundationEssentials
package import WebServer

/// A refusal, in the form that every Kubernetes client understands: a `Status` object.
///
/// It is thrown by whatever finds out that a request cannot be answered, and turned into a response
/// in one place. The message says what to change.
package struct StatusResponse: Error, Sendable, Equatable {
    /// One thing that is wrong, `details.causes` of the object.
    package struct Cause: Sendable, Equatable, Encodable {
        /// A word for programs, as `FieldValueInvalid`.
        package let reason: String
        /// A sentence for people.
        package let message: String
        /// The parameter that it is about, if any.
        package let field: String?
    }

    /// What the refusal is about, `details` of the object.
    package struct Details: Sendable, Equatable, Encodable {
        /// The name of the object asked for.
        package var name: String?
        /// Its kind, as `pods`.
        package var kind: String?
        /// What is wrong, one by one.
        package var causes: [Cause]?
    }

    /// The HTTP status.
    package let code: Int
    /// Kubernetes' word for the code, as `NotFound`.
    package let reason: String
    /// What is wrong and what is allowed.
    package let message: String
    /// What it is about.
    package var details: Details?
    /// The methods that are allowed, for a 405.
    package var allow: String?
    /// What credentials are asked for, for a 401.
    package var challenge: String?
    /// More header fields of the response, as `Retry-After`.
    var fields: [HeaderField] = []

    /// Describes a refusal.
    package init(
        code: Int, reason: String, message: String, details: Details? = nil, allow: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.allow = allow
    }
}

extension StatusResponse {
    /// 400: the request cannot be understood.
    static func badRequest(_ message: String) -> StatusResponse {
        StatusResponse(code: 400, reason: "BadRequest", message: message)
    }

    /// 403: the request comes from where none is accepted.
    static func forbidden(_ message: String) -> StatusResponse {
        StatusResponse(code: 403, reason: "Forbidden", message: message)
    }

    /// 404: there is no object of that name, in Kubernetes' own words.
    static func notFound(kind: String, name: String) -> StatusResponse {
        StatusResponse(
            code: 404, reason: "NotFound", message: "\(kind) \"\(name)\" not found",
            details: Details(name: name, kind: kind))
    }

    /// 404: nothing is served at this path.
    static func noSuchPath(_ path: String) -> StatusResponse {
        StatusResponse(code: 404, reason: "NotFound", message: "nothing is served at \(path)")
    }

    /// 405: the path is served, with other methods.
    static func methodNotAllowed(_ method: String, allow: String) -> StatusResponse {
        StatusResponse(
            code: 405, reason: "MethodNotAllowed",
            message: "the method \(method) is not allowed here; allowed: \(allow)", allow: allow)
    }

    /// 409: not as things stand; the message says what to do first.
    static func conflict(_ message: String) -> StatusResponse {
        StatusResponse(code: 409, reason: "Conflict", message: message)
    }

    /// The most causes of one refusal, 100: nobody reads more, and 1 MiB of mistakes would be
    /// answered with 50 MiB. Beyond it one more cause says how many are left out.
    private static let mostCauses = 100

    /// 422: parameters that can be read but are out of bounds, or exclude each other.
    static func invalid(kind: String, name: String, causes all: [Cause]) -> StatusResponse {
        var causes = all
        if all.count > mostCauses {
            causes =
                all.prefix(mostCauses) + [
                    Cause(
                        reason: "FieldValueInvalid",
                        message: "\(all.count - mostCauses) more are left out", field: nil)
                ]
        }
        let list = causes.map { cause in
            cause.field.map { "\($0): \(cause.message)" } ?? cause.message
        }
        let text = list.count == 1 ? list.joined() : "[\(list.joined(separator: ", "))]"
        return StatusResponse(
            code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(text)",
            details: Details(name: name, kind: kind, causes: causes))
    }

    /// 426: nothing but a WebSocket is served there.
    static let upgradeRequired = StatusResponse(
        code: 426, reason: "UpgradeRequired",
        message: "this is a WebSocket: send Upgrade: websocket and the subprotocol podwire.v1")

    /// 503: not now; the same request may succeed later.
    static func unavailable(_ message: String) -> StatusResponse {
        StatusResponse(code: 503, reason: "ServiceUnavailable", message: message)
    }

    /// Kubernetes' word for a status that the server itself answers.
    static func reason(of code: Int) -> String {
        switch code {
        case 408: "Timeout"
        case 413: "RequestEntityTooLarge"
        case 429: "TooManyRequests"
        case 431: "RequestHeaderFieldsTooLarge"
        case 503: "ServiceUnavailable"
        case 500...: "InternalError"
        default: "BadRequest"
        }
    }

    /// 500: our own fault; the log has the error.
    static let internalError = StatusResponse(
        code: 500, reason: "InternalError",
        message: "the store could not be read; the daemon's log says why")
}

extension StatusResponse {
    /// The object as it is sent.
    private struct Object: Encodable {
        let kind = "Status"
        let apiVersion = "v1"
        let metadata: [String: String] = [:]
        let status = "Failure"
        let message: String
        let reason: String
        let details: Details?
        let code: Int
    }

    /// The response head and body that carry the object.
    package var headAndBody: (head: ResponseHead, body: [UInt8]) {
        var fields = JSONAnswer.fields
        if let allow { fields.append(HeaderField("Allow", allow)) }
        if let challenge { fields.append(HeaderField("WWW-Authenticate", challenge)) }
        fields += self.fields
        let object = Object(message: message, reason: reason, details: details, code: code)
        return (ResponseHead(status: code, fields: fields), JSONAnswer.encode(object))
    }

    /// The body of an error that the server answers by itself, before any route is asked.
    package static let serverError:
        @Sendable (Int, String) -> (contentType: String, body: [UInt8]) = {
            code, message in
            let status = StatusResponse(code: code, reason: reason(of: code), message: message)
            return ("application/json", status.headAndBody.body)
        }

    /// The whole response.
    package var response: ServerResponse {
        let (head, body) = headAndBody
        return .full(head, body: body)
    }
}
