package import LogModel
import Synchronization
import WebServer

/// The reviews of access in a simulated cluster, whose own API asks nobody who they are.
///
/// | path | method | |
/// | --- | --- | --- |
/// | `/apis/authentication.k8s.io/v1/tokenreviews` | POST | whose a token is |
/// | `/apis/authorization.k8s.io/v1/subjectaccessreviews` | POST | whether somebody may do something |
/// | `/simulation/access` | PUT | other ``AccessRules``, from now on |
/// | `/simulation/access` | GET | how many reviews there were: `tokenReviews`, `accessReviews` |
package final class AccessReviewer: Sendable {
    private struct State {
        var rules: AccessRules
        var tokenReviews = 0
        var accessReviews = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> LogTime

    /// Reviews by `rules`, with tokens that expire by the clock `now`.
    package init(
        _ rules: AccessRules = AccessRules(), now: @escaping @Sendable () -> LogTime = { .now }
    ) {
        state = Mutex(State(rules: rules))
        self.now = now
    }

    /// Changes the rules.
    package func set(_ rules: AccessRules) {
        state.withLock { $0.rules = rules }
    }

    /// How many reviews there were.
    package var counts: (tokens: Int, accesses: Int) {
        state.withLock { ($0.tokenReviews, $0.accessReviews) }
    }

    /// Answers a request; `nil` when its path is none of the above.
    func answer(_ request: ServerRequest) throws(StatusError) -> ServerResponse? {
        switch request.segments {
        case ["simulation", "access"]: return try describe(request)
        case ["apis", "authentication.k8s.io", "v1", "tokenreviews"]:
            return .json(try reviewToken(object(request)), status: 201)
        case ["apis", "authorization.k8s.io", "v1", "subjectaccessreviews"]:
            return .json(try reviewAccess(object(request)), status: 201)
        default: return nil
        }
    }

    private func describe(_ request: ServerRequest) throws(StatusError) -> ServerResponse {
        if request.method == "PUT" {
            do throws(AccessRules.Problem) {
                set(try AccessRules(request.body))
            } catch {
                throw .badRequest(error.description)
            }
        } else if request.method != "GET" {
            throw .methodNotAllowed()
        }
        let counts = counts
        return .json(["tokenReviews": .int(counts.tokens), "accessReviews": .int(counts.accesses)])
    }

    private func object(_ request: ServerRequest) throws(StatusError) -> JSONValue {
        guard request.method == "POST" else { throw .methodNotAllowed() }
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error)")
        }
    }

    /// The rules, after the review was counted.
    private func rules(
        counting count: (inout State) -> Void
    ) throws(StatusError) -> AccessRules {
        let rules = state.withLock { state in
            count(&state)
            return state.rules
        }
        guard !rules.isUnavailable else {
            throw StatusError(
                code: 503, reason: "ServiceUnavailable", message: "reviews are unavailable")
        }
        return rules
    }

    private func reviewToken(_ object: JSONValue) throws(StatusError) -> JSONValue {
        let rules = try rules { $0.tokenReviews += 1 }
        guard let token = object["spec"]?["token"]?.string,
            let owner = rules.owner(of: token, at: now())
        else {
            return Self.review(
                "TokenReview", "authentication.k8s.io/v1",
                ["user": [:], "error": "[invalid bearer token, token lookup failed]"])
        }
        return Self.review(
            "TokenReview", "authentication.k8s.io/v1",
            [
                "authenticated": true,
                "user": [
                    "username": .string(owner.user), "uid": .string("uid-\(owner.user)"),
                    "groups": .array(owner.groups.map { .string($0) }),
                ],
            ])
    }

    private func reviewAccess(_ object: JSONValue) throws(StatusError) -> JSONValue {
        let rules = try rules { $0.accessReviews += 1 }
        guard let spec = object["spec"], let asked = spec["resourceAttributes"] else {
            throw .badRequest("spec.resourceAttributes is required")
        }
        let subresource = asked["subresource"]?.string ?? ""
        let isAllowed = rules.allows(
            user: spec["user"]?.string ?? "",
            groups: spec["groups"]?.elements.compactMap(\.string) ?? [],
            verb: asked["verb"]?.string ?? "",
            resource: (asked["resource"]?.string ?? "")
                + (subresource.isEmpty ? "" : "/\(subresource)"),
            namespace: asked["namespace"]?.string ?? "")
        return Self.review(
            "SubjectAccessReview", "authorization.k8s.io/v1", ["allowed": .bool(isAllowed)])
    }

    private static func review(
        _ kind: JSONValue, _ version: JSONValue, _ status: JSONValue
    ) -> JSONValue {
        ["kind": kind, "apiVersion": version, "metadata": [:], "status": status]
    }
}
