import Foundation
import HTTPClient

/// Reviews of who somebody is and what they may do.
extension KubernetesClient {
    private struct TokenSpec: Encodable, Sendable {
        let token: String
    }

    /// Who a bearer token belongs to. Errors hold no part of it.
    package func review(token: String) async throws -> TokenReviewStatus {
        try await review(
            "/apis/authentication.k8s.io/v1/tokenreviews",
            ReviewRequest(
                apiVersion: "authentication.k8s.io/v1", kind: "TokenReview",
                spec: TokenSpec(token: token)), "review a token")
    }

    /// Whether somebody may do something.
    package func review(_ access: SubjectAccess) async throws -> SubjectAccessStatus {
        try await review(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            ReviewRequest(
                apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: access),
            "review access")
    }

    private func review<Status: Decodable & Sendable>(
        _ path: String, _ object: some Encodable, _ operation: String
    ) async throws -> Status {
        var request = request(path, [], timeouts: settings.reviewTimeouts)
        request.method = .post
        request.fields.append(HTTPField(name: "Content-Type", value: "application/json"))
        request.body = Array(try JSONEncoder().encode(object))
        let response = try await send(request, operation)
        guard response.status == 200 || response.status == 201 else {
            throw await failure(response, operation)
        }
        return try await decode(ReviewAnswer<Status>.self, of: response, operation).status
    }
}
