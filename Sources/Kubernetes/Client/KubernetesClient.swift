import Foundation
package import HTTPClient
package import Logging

/// The requests that Podwire makes of a cluster's API server.
///
/// Every request carries fresh credentials; a 401 is answered with newer ones, once. Errors are
/// ``KubernetesError``, with what the server said. May be called from anywhere.
package final class KubernetesClient: Sendable {
    /// The cluster that it talks to.
    package let access: ClusterAccess
    private let http: HTTPClient
    private let logger: Logger
    private let userAgent: String
    let settings: KubernetesClientSettings

    /// A client of the cluster `access`.
    ///
    /// - Parameters:
    ///   - access: where the cluster is, and as whom to ask.
    ///   - http: carries the requests; it stays the caller's to close.
    ///   - logger: hears of refused credentials.
    ///   - userAgent: how the client names itself, such as `podwire/1.0`.
    ///   - settings: limits and timeouts.
    package init(
        access: ClusterAccess, http: HTTPClient, logger: Logger, userAgent: String = "podwire",
        settings: KubernetesClientSettings = KubernetesClientSettings()
    ) {
        self.access = access
        self.http = http
        self.logger = logger
        self.userAgent = userAgent
        self.settings = settings
    }

    /// One page of the objects of a namespace, or of all (`nil`).
    ///
    /// - Throws: ``KubernetesError``; ``KubernetesError/isExpired`` says that the continue token is
    ///   too old and the list must start again.
    package func list<Object: WatchedObject>(
        _ type: Object.Type, namespace: String?, selector: String?, continueToken: String?,
        limit: Int
    ) async throws -> ResourceList<Object> {
        var query = ["limit=\(limit)"]
        if let continueToken { query.append("continue=\(continueToken.percentEncoded)") }
        if let selector { query.append("labelSelector=\(selector.percentEncoded)") }
        let resource = Object.resource
        let request = request(
            resource.path(namespace: namespace), query, timeouts: settings.listTimeouts)
        let response = try await succeed(request, resource.listing)
        let body = try await body(of: response, resource.listing)
        return try decode(ResourceList<Object>.self, body, resource.listing).attaching(from: body)
    }

    /// What happens to the objects of a namespace, or of all (`nil`), after `resourceVersion`.
    ///
    /// The watch has a connection of its own.
    package func watch<Object: WatchedObject>(
        _ type: Object.Type, namespace: String?, selector: String?, resourceVersion: String
    ) async throws -> ResourceWatch<Object> {
        var query = [
            "watch=1", "allowWatchBookmarks=true",
            "resourceVersion=\(resourceVersion.percentEncoded)",
        ]
        if let selector { query.append("labelSelector=\(selector.percentEncoded)") }
        let resource = Object.resource
        var request = request(
            resource.path(namespace: namespace), query, timeouts: settings.watchTimeouts)
        request.ownConnection = true
        let response = try await succeed(request, resource.watching)
        return ResourceWatch(body: response.body, eventLimit: settings.eventLimit)
    }

    /// A Pod as it stands now; `nil` when there is none of that name.
    package func pod(namespace: String, name: String) async throws -> Pod? {
        try await object(Pod.self, namespace: namespace, name: name)
    }

    /// A Job as it stands now; `nil` when there is none of that name. A cluster without Jobs is an
    /// error.
    package func job(namespace: String, name: String) async throws -> BatchJob? {
        try await object(BatchJob.self, namespace: namespace, name: name)
    }

    private func object<Object: WatchedObject>(
        _ type: Object.Type, namespace: String, name: String
    ) async throws -> Object? {
        let resource = Object.resource
        let operation = "read \(resource.singular) \(namespace)/\(name)"
        let path = "\(resource.path(namespace: namespace))/\(name.percentEncoded)"
        let response = try await send(request(path, [], timeouts: settings.timeouts), operation)
        if response.status == 404 {
            // Only this 404 speaks of the object: others say that there is no such API.
            let error = await failure(response, operation)
            if error.kubernetesStatus?.details?.kind == resource.plural { return nil }
            throw error
        }
        guard response.status == 200 else { throw await failure(response, operation) }
        return try await decode(Object.self, of: response, operation)
    }

    /// A node; `nil` when there is none of that name.
    package func node(name: String) async throws -> NodeObject? {
        let operation = "read node \(name)"
        let path = "/api/v1/nodes/\(name.percentEncoded)"
        let response = try await send(request(path, [], timeouts: settings.timeouts), operation)
        if response.status == 404 {
            response.body.cancel()
            return nil
        }
        guard response.status == 200 else { throw await failure(response, operation) }
        return try await decode(NodeObject.self, of: response, operation)
    }

    /// Asks for a container's log. Every status code is returned, not thrown.
    ///
    /// With `follow` the response may come only when the container writes its first byte: no head
    /// is sent before, so there is no limit on how long it takes.
    package func openLog(_ request: PodLogRequest) async throws -> HTTPResponse {
        let timeouts = request.follow ? settings.followTimeouts : settings.logTimeouts
        let operation = "read the log of \(request.namespace)/\(request.pod)/\(request.container)"
        return try await send(
            self.request(request.path, [request.query], timeouts: timeouts), operation)
    }

    /// Returns when the API server is in reach and takes the credentials.
    package func ready() async throws {
        let operation = "reach the API server \(access.server)"
        let response = try await succeed(
            request("/version", [], timeouts: settings.timeouts), operation)
        _ = try await body(of: response, operation)
    }

    // MARK: - Requests

    func request(
        _ path: String, _ query: [String], timeouts: HTTPTimeouts
    ) -> HTTPRequest {
        let question = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        var request = HTTPRequest(url: access.server + path + question)
        request.fields = [
            HTTPField(name: "Accept", value: "application/json"),
            HTTPField(name: "User-Agent", value: userAgent),
        ]
        request.fields += access.impersonation
        request.transport = access.transport
        request.timeouts = timeouts
        return request
    }

    /// Sends `request` as whoever the credentials say; after a 401 once more, with newer ones.
    func send(_ request: HTTPRequest, _ operation: String) async throws -> HTTPResponse {
        let credential = try await credential(operation)
        let response = try await send(request, as: credential, operation)
        guard response.status == 401 else { return response }
        response.body.cancel()
        logger.info("the API server refused the credentials", metadata: ["for": "\(operation)"])
        await access.credentials.invalidate(credential)
        return try await send(request, as: try await self.credential(operation), operation)
    }

    private func credential(_ operation: String) async throws -> Credential {
        do {
            return try await access.credentials.authorization()
        } catch {
            throw try KubernetesError.wrapping(error, operation)
        }
    }

    private func send(
        _ request: HTTPRequest, as credential: Credential, _ operation: String
    ) async throws -> HTTPResponse {
        var request = request
        if let value = credential.authorization {
            request.fields.append(HTTPField(name: "Authorization", value: value))
        }
        if let certificate = credential.certificate {
            request.transport.clientCertificate = certificate.certificate
            request.transport.clientKey = certificate.key
        }
        do {
            return try await http.send(request)
        } catch {
            throw try KubernetesError.wrapping(error, operation)
        }
    }

    // MARK: - Responses

    /// Sends `request` and throws for any answer but 200.
    private func succeed(_ request: HTTPRequest, _ operation: String) async throws -> HTTPResponse {
        let response = try await send(request, operation)
        guard response.status == 200 else { throw await failure(response, operation) }
        return response
    }

    /// The error that a response stands for.
    func failure(_ response: HTTPResponse, _ operation: String) async -> KubernetesError {
        var error = KubernetesError(operation: operation, status: response.status)
        do {
            let body = try await response.body.collect(upTo: settings.errorLimit)
            error.kubernetesStatus = KubernetesStatus.decode(body)
        } catch {
            // The status code says enough: what it came with is only the reason in words.
            logger.debug("the body of an error is cut", metadata: ["error": "\(error)"])
        }
        error.retryAfter = KubernetesError.wait(
            retryAfter: response.field("Retry-After"), error.kubernetesStatus)
        return error
    }

    func decode<Value: Decodable>(
        _ type: Value.Type, of response: HTTPResponse, _ operation: String
    ) async throws -> Value {
        try decode(type, try await body(of: response, operation), operation)
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ body: [UInt8], _ operation: String
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw try KubernetesError.wrapping(error, operation)
        }
    }

    private func body(of response: HTTPResponse, _ operation: String) async throws -> [UInt8] {
        do {
            return try await response.body.collect(upTo: settings.bodyLimit)
        } catch {
            throw try KubernetesError.wrapping(error, operation)
        }
    }
}
