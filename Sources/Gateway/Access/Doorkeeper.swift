import Access
import WebServer

/// Lets requests through, or throws why not: 400, 401, 403 or 503.
struct Doorkeeper: Sendable {
    /// Who may do what.
    let access: AccessControl

    /// Who makes `request` of `route`, once they may; `nil` where nobody needs to be known.
    func admit(_ request: ServerRequest, to route: Route) async throws(StatusResponse)
        -> Admission?
    {
        let credentials = try Credentials(request)
        let door = route.door(request.method, QueryParameters(request.query))
        guard door != .open else { return nil }
        let caller = try await caller(credentials, request)
        let admission = Admission(caller, rights: [])
        guard case .right(let right, let pod) = door else { return admission }
        return try await admission.requiring(right, pod: pod)
    }

    private func caller(
        _ credentials: Credentials, _ request: ServerRequest
    ) async throws(StatusResponse) -> Caller {
        do throws(AccessError) {
            guard access.isClosed else { return try await access.caller(token: nil) }
            switch credentials {
            case .none: throw .noCredentials
            case .unusable: throw .unknownToken
            case .token(let token): return try await access.caller(token: token)
            case .ticket(let ticket):
                return try await access.caller(ticket: ticket, path: request.segments)
            }
        } catch {
            throw StatusResponse(error)
        }
    }
}
