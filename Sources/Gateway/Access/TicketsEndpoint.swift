import Access
import FoundationEssentials
import WebServer

/// `POST /v1/tickets` `{"path":"/logs/NAMESPACE/POD"}`: a one-time ticket for a link.
///
/// It is good for one GET of that path, whatever its query, for 30 s; the upgrade to a WebSocket is
/// a GET, too. Who shows it is taken for who had it issued, whose rights are looked at again then.
struct TicketsEndpoint: Sendable {
    /// Issues the tickets.
    let access: AccessControl

    private struct Body: Decodable {
        let path: String
    }

    private struct Document: Encodable {
        let ticket: String
        let expiresInSeconds: Int64
    }

    func issue(_ request: ServerRequest, _ caller: Caller) async throws -> ServerResponse {
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(request.body))
        } catch {
            throw StatusResponse.badRequest("{\"path\":\"/logs/NAMESPACE/POD\"} is allowed")
        }
        let target = try Self.target(body.path)
        let route = Route(target.segments)
        switch route.door("GET", QueryParameters([])) {
        case .known where route != .nothing && route.methods.contains("GET"): break
        case .right(let right, let pod):
            do throws(AccessError) {
                try await caller.require(right.permission, in: right.namespace)
            } catch {
                throw StatusResponse(error, pod: pod)
            }
        case .known, .open:
            throw StatusResponse.badRequest(
                "path: nothing that needs a ticket is read at \"\(target.path)\"")
        }
        do throws(AccessError) {
            let ticket = try access.issueTicket(for: target.segments, to: caller)
            let lifetime = access.ticketLifetime.components.seconds
            return JSONAnswer.ok(
                Document(ticket: ticket, expiresInSeconds: lifetime), status: 201)
        } catch {
            throw StatusResponse(error)
        }
    }

    private static func target(_ path: String) throws(StatusResponse) -> ServerRequest {
        guard path.hasPrefix("/"), !path.contains("?"), !path.contains("#") else {
            throw .badRequest("path: a path as /logs/NAMESPACE/POD is allowed, without a query")
        }
        do throws(RequestFailure) {
            return try ServerRequest(target: path)
        } catch {
            throw .badRequest("path: \(error.message)")
        }
    }
}
