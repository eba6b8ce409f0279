package import Access

extension StatusResponse {
    /// What a client is told of why it is not served, in the words of Kubernetes where it has some.
    package init(_ error: AccessError, pod: String? = nil) {
        switch error {
        case .noCredentials:
            self = .unauthorized("send a token as Authorization: Bearer TOKEN", error: nil)
        case .unknownToken:
            self = .unauthorized(
                "the token is wrong, expired or withdrawn", error: "invalid_token")
        case .unknownTicket:
            self = .unauthorized(
                "the ticket was used, has expired, or is for another path",
                error: "invalid_token")
        case .forbidden(let identity, let right):
            self = .forbidden(identity, right, pod: pod)
        case .tooManyNamespaces(let limit):
            self = .forbidden(
                "there are more than \(limit) namespaces, too many to look at one by one: name one "
                    + "with ?namespace=")
        case .unavailable(let reason):
            self = StatusResponse(
                code: 503, reason: "ServiceUnavailable",
                message: "access cannot be reviewed now: \(reason)")
        }
    }

    /// 401, with what to do about it.
    private static func unauthorized(_ message: String, error: String?) -> StatusResponse {
        var refusal = StatusResponse(
            code: 401, reason: "Unauthorized", message: "Unauthorized: \(message)")
        refusal.challenge =
            "Bearer realm=\"podwire\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return refusal
    }

    /// 403, as the API server says it.
    private static func forbidden(
        _ identity: Identity, _ right: Right, pod: String?
    ) -> StatusResponse {
        let permission = right.permission
        let subject = pod.map { "pods \"\($0)\"" } ?? "pods"
        let place = right.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        return StatusResponse(
            code: 403, reason: "Forbidden",
            message: "\(subject) is forbidden: User \"\(identity.name)\" cannot "
                + "\(permission.verb) resource \"\(permission.resource)\" in API group \"\" "
                + place,
            details: Details(name: pod, kind: "pods"))
    }
}
