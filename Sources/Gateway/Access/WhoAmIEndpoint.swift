import Access
import WebServer

/// `GET /v1/whoami`: who the daemon takes the caller for.
///
/// The answer where nobody is asked has `"authentication":"none"`. It says nothing of what one may
/// do: that is answered where one does it.
enum WhoAmIEndpoint {
    private struct Document: Encodable {
        let user: String
        let groups: [String]
        let authentication: String
    }

    static func respond(_ caller: Caller) -> ServerResponse {
        JSONAnswer.ok(
            Document(
                user: caller.identity.name, groups: caller.identity.groups,
                authentication: caller.authentication.rawValue))
    }
}
