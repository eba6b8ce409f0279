package import WebServer

/// A failure as the API server tells it: a Kubernetes `Status` object with its HTTP code.
package struct StatusError: Error, Sendable, Equatable {
    /// One part of an invalid object or request.
    package struct Cause: Sendable, Equatable {
        let reason: String
        let message: String
        let field: String

        /// The text of this cause within the whole message.
        var text: String { "\(field): \(message)" }

        static func invalid(_ field: String, _ value: String, _ message: String) -> Cause {
            Cause(
                reason: "FieldValueInvalid", message: "Invalid value: \(value): \(message)",
                field: field)
        }

        static func required(_ field: String) -> Cause {
            Cause(reason: "FieldValueRequired", message: "Required value", field: field)
        }

        static func forbidden(_ field: String, _ message: String) -> Cause {
            Cause(reason: "FieldValueForbidden", message: "Forbidden: \(message)", field: field)
        }
    }

    /// The HTTP status.
    package let code: Int
    /// Kubernetes' word for it; empty where there is none.
    package let reason: String
    /// The message for a person.
    package let message: String
    /// What it is about, and why.
    package var details: JSONValue?

    /// The Status object.
    package var object: JSONValue {
        var object: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message),
        ]
        if !reason.isEmpty { object["reason"] = .string(reason) }
        object["details"] = details
        object["code"] = .int(code)
        return object
    }

    /// The HTTP response.
    package var response: ServerResponse {
        var fields = [HeaderField.json]
        if let seconds = details?["retryAfterSeconds"]?.int {
            fields.append(HeaderField("Retry-After", String(seconds)))
        }
        return .full(ResponseHead(status: code, fields: fields), body: object.encoded)
    }
}

extension StatusError {
    static func podNotFound(_ name: String) -> StatusError { notFound(PodRecord.kind, name) }

    static func notFound(_ kind: ObjectKind, _ name: String) -> StatusError {
        StatusError(
            code: 404, reason: "NotFound", message: "\(kind.qualifiedName) \"\(name)\" not found",
            details: details(kind, name))
    }

    /// What an error about one object says of it.
    private static func details(_ kind: ObjectKind, _ name: String) -> JSONValue {
        var details: JSONValue = ["name": .string(name)]
        if let slash = kind.apiVersion.firstIndex(of: "/") {
            details["group"] = .string(String(kind.apiVersion[..<slash]))
        }
        details["kind"] = .string(kind.plural)
        return details
    }

    static func namespaceNotFound(_ name: String) -> StatusError {
        StatusError(
            code: 404, reason: "NotFound", message: "namespaces \"\(name)\" not found",
            details: ["name": .string(name), "kind": "namespaces"])
    }

    static let unknownResource = StatusError(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource",
        details: [:])

    /// What the API server makes of the kubelet's 404.
    static func logNotFound(_ pod: String) -> StatusError {
        StatusError(
            code: 404, reason: "NotFound",
            message: "the server could not find the requested resource ( pods/log \(pod))",
            details: ["name": .string(pod), "kind": "pods/log"])
    }

    static func nodeNotFound(_ name: String) -> StatusError {
        StatusError(
            code: 404, reason: "NotFound", message: "nodes \"\(name)\" not found",
            details: ["name": .string(name), "kind": "nodes"])
    }

    /// What the API server says when it cannot reach a kubelet: without a reason.
    static func unreachable(_ address: String, url: String) -> StatusError {
        StatusError(
            code: 500, reason: "",
            message: "Get \"https://\(address)\(url)\": dial tcp \(address): i/o timeout")
    }

    static func tooManyRequests(retryAfterSeconds: Int) -> StatusError {
        StatusError(
            code: 429, reason: "TooManyRequests",
            message: "Too many requests, please try again later.",
            details: ["retryAfterSeconds": .int(retryAfterSeconds)])
    }

    static func badRequest(_ message: String) -> StatusError {
        StatusError(code: 400, reason: "BadRequest", message: message)
    }

    static func methodNotAllowed() -> StatusError {
        StatusError(
            code: 405, reason: "MethodNotAllowed",
            message: "the server does not allow this method on the requested resource",
            details: [:])
    }

    static func alreadyExists(_ kind: ObjectKind, _ name: String) -> StatusError {
        StatusError(
            code: 409, reason: "AlreadyExists",
            message: "\(kind.qualifiedName) \"\(name)\" already exists",
            details: details(kind, name))
    }

    static func conflict(_ kind: ObjectKind, _ name: String) -> StatusError {
        StatusError(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind.qualifiedName) \"\(name)\": the "
                + "object has been modified; please apply your changes to the latest version and "
                + "try again",
            details: details(kind, name))
    }

    /// What an API server with RBAC says to someone who may not.
    static func forbidden(_ kind: ObjectKind, verb: String, namespace: String?) -> StatusError {
        let place = namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        return StatusError(
            code: 403, reason: "Forbidden",
            message: "\(kind.qualifiedName) is forbidden: User \"system:anonymous\" cannot \(verb) "
                + "resource \"\(kind.plural)\" in API group \"batch\" \(place)",
            details: ["group": "batch", "kind": .string(kind.plural)])
    }

    static let unsupportedPatch = StatusError(
        code: 415, reason: "UnsupportedMediaType",
        message: "the body of the request was in an unknown format - accepted media types include: "
            + "application/merge-patch+json, application/strategic-merge-patch+json")

    static func expired(_ message: String) -> StatusError {
        StatusError(code: 410, reason: "Expired", message: message)
    }

    /// The causes of an invalid object, as causes of a larger one that has it at `path`.
    func causes(at path: String) -> [Cause] {
        (details?["causes"]?.elements ?? []).map { cause in
            Cause(
                reason: cause["reason"]?.string ?? "", message: cause["message"]?.string ?? "",
                field: "\(path).\(cause["field"]?.string ?? "")")
        }
    }

    static func invalid(kind: String, name: String, causes: [Cause]) -> StatusError {
        let texts = causes.map(\.text)
        let text = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        return StatusError(
            code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(text)",
            details: [
                "name": .string(name), "kind": .string(kind),
                "causes": .array(
                    causes.map { cause in
                        [
                            "reason": .string(cause.reason), "message": .string(cause.message),
                            "field": .string(cause.field),
                        ]
                    }),
            ])
    }
}

extension ServerResponse {
    /// A JSON body, as every answer of the API but a log.
    static func json(_ value: JSONValue, status: Int = 200) -> ServerResponse {
        .full(ResponseHead(status: status, fields: [.json]), body: value.encoded)
    }
}

extension HeaderField {
    static let json = HeaderField("Content-Type", "application/json")
}
