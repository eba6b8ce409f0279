import Access
import FoundationEssentials
import WebServer

/// What a request shows to prove who makes it.
///
/// | where | what |
/// | --- | --- |
/// | `Authorization: Bearer TOKEN` | a token |
/// | a WebSocket's subprotocol `base64url.bearer.authorization.k8s.io.TOKEN` | a token, in base64url without padding, as Kubernetes takes it from browsers; beside it stands the subprotocol that is meant |
/// | `?ticket=TICKET` | a one-time ticket |
///
/// The first of these counts. A token in the URL is refused, whatever it is worth: URLs end up in
/// logs, histories and `Referer`.
enum Credentials {
    /// None at all.
    case none
    /// Some that cannot be right.
    case unusable
    /// A bearer token.
    case token(BearerToken)
    /// A one-time ticket.
    case ticket(String)

    /// The subprotocol that carries a token begins so.
    static let subprotocolPrefix = "base64url.bearer.authorization.k8s.io."
    /// Names of parameters in which clients of other servers send tokens.
    static let refusedParameters: Set<String> = [
        "token", "access_token", "id_token", "bearer", "authorization",
    ]

    /// Finds the credentials of `request`.
    ///
    /// - Throws: 400 for a token in the URL, and for a token alone among the subprotocols.
    init(_ request: ServerRequest) throws(StatusResponse) {
        if let item = request.query.first(where: {
            Self.refusedParameters.contains($0.name.lowercased())
        }) {
            throw .badRequest(
                "\(item.name.lowercased()): a token does not belong into a URL, where logs and "
                    + "histories keep it: send it as Authorization: Bearer TOKEN, and use a ticket "
                    + "(POST /v1/tickets) for a link")
        }
        let fields = request.fields.filter { $0.name.lowercased() == "authorization" }
        if let field = fields.first {
            let parts = field.value.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count == 1, parts.count == 2, parts[0].lowercased() == "bearer",
                let token = BearerToken(String(parts[1]))
            else {
                self = .unusable
                return
            }
            self = .token(token)
            return
        }
        if let offer = request.subprotocols.first(where: {
            $0.hasPrefix(Self.subprotocolPrefix)
        }) {
            guard Self.meantSubprotocol(of: request) != nil else {
                throw .badRequest(
                    "the subprotocol with the token needs another beside it, which is answered: "
                        + "podwire.v1 or binary.k8s.io")
            }
            self = Self.decode(offer.dropFirst(Self.subprotocolPrefix.count))
            return
        }
        if let ticket = QueryParameters(request.query).filter("ticket") {
            self = request.method == "GET" ? .ticket(ticket) : .unusable
            return
        }
        self = .none
    }

    /// The first subprotocol that carries no token.
    static func meantSubprotocol(of request: ServerRequest) -> String? {
        request.subprotocols.first { !$0.hasPrefix(subprotocolPrefix) }
    }

    private static func decode(_ text: Substring) -> Credentials {
        var base64 = text.map { character -> Character in
            switch character {
            case "-": "+"
            case "_": "/"
            default: character
            }
        }
        while base64.count % 4 != 0 { base64.append("=") }
        guard !text.contains("="), let data = Data(base64Encoded: String(base64)),
            let decoded = String(validating: data, as: UTF8.self),
            let token = BearerToken(decoded)
        else { return .unusable }
        return .token(token)
    }
}
