package import WebServer

/// The simulated cluster's API: the part of Kubernetes that Podwire and kubectl use.
///
/// | path | methods |
/// | --- | --- |
/// | `/version` `/readyz` `/livez` `/healthz` `/api` `/apis` `/api/v1` | GET |
/// | `/api/v1/namespaces` `/api/v1/namespaces/{ns}` | GET |
/// | `/api/v1/nodes` `/api/v1/nodes/{node}` | GET |
/// | `/api/v1/pods` | GET: list, watch |
/// | `/api/v1/namespaces/{ns}/pods` | GET: list, watch; POST: create |
/// | `/api/v1/namespaces/{ns}/pods/{pod}` | GET, DELETE |
/// | `/api/v1/namespaces/{ns}/pods/{pod}/log` | GET |
/// | `/apis/batch/v1` and Jobs below it | ``JobsEndpoint`` |
///
/// Reviews of tokens and access are ``AccessReviewer``'s. Beside it stands `/simulation/…`, which is
/// none of Kubernetes': ``TruthEndpoint``. Everything else is `404` or `405`. All errors are `Status`
/// objects. There is no authentication.
package struct KubernetesAPI: RequestHandler {
    private let cluster: Cluster
    private let reviewer: AccessReviewer

    /// The API of `cluster`, whose reviews `reviewer` answers.
    package init(cluster: Cluster, reviewer: AccessReviewer = AccessReviewer()) {
        self.cluster = cluster
        self.reviewer = reviewer
    }

    package func respond(to request: ServerRequest) async -> ServerResponse {
        do throws(StatusError) {
            return try await route(request)
        } catch {
            return error.response
        }
    }

    package func upgrade(_ request: ServerRequest) -> UpgradeDecision {
        let error = StatusError.badRequest("the simulated cluster serves no WebSockets")
        return .refuse(
            ResponseHead(status: error.code, fields: [.json]), body: error.object.encoded)
    }

    /// The body of an error that the server answers by itself: a `Status` object, too.
    package static func errorBody(
        status: Int, message: String
    ) -> (contentType: String, body: [UInt8]) {
        let reasons = [400: "BadRequest", 408: "Timeout", 413: "RequestEntityTooLarge"]
        let error = StatusError(
            code: status, reason: reasons[status] ?? "InternalError", message: message)
        return ("application/json", error.object.encoded)
    }

    private func route(_ request: ServerRequest) async throws(StatusError) -> ServerResponse {
        let segments = request.segments
        if let answer = try reviewer.answer(request) { return answer }
        if segments.first == TruthEndpoint.root {
            guard request.method == "GET" else { throw .methodNotAllowed() }
            return try TruthEndpoint(cluster: cluster).answer(segments.dropFirst(), request.query)
        }
        if let fixed = fixedAnswer(segments) {
            guard ["GET", "HEAD"].contains(request.method) else { throw .methodNotAllowed() }
            return fixed
        }
        if segments.count > 3, segments.starts(with: ["apis", "batch", "v1"]), hasJobs {
            return try JobsEndpoint(cluster: cluster).answer(segments.dropFirst(3), request)
        }
        if segments.first == "apis" { return Self.noSuchGroup }
        guard segments.count >= 3, segments[0] == "api", segments[1] == "v1" else {
            throw .unknownResource
        }
        if segments == ["api", "v1", "pods"] {
            guard request.method == "GET" else { throw .methodNotAllowed() }
            return try collection(nil, request)
        }
        if segments[2] == "nodes", segments.count <= 4 {
            guard request.method == "GET" else { throw .methodNotAllowed() }
            return try nodes(segments.dropFirst(3).first)
        }
        guard segments[2] == "namespaces" else { throw .unknownResource }
        if segments.count < 5 {
            guard request.method == "GET" else { throw .methodNotAllowed() }
            return try namespaces(segments.dropFirst(3).first)
        }
        guard segments[4] == "pods" else { throw .unknownResource }
        let namespace = segments[3]
        switch (segments.count, request.method) {
        case (5, "GET"): return try collection(namespace, request)
        case (5, "POST"): return try create(namespace, request)
        case (6, "GET"): return try get(PodKey(namespace, segments[5]), request)
        case (6, "DELETE"): return try delete(PodKey(namespace, segments[5]), request)
        case (7, "GET") where segments[6] == "log":
            return try await LogEndpoint(cluster: cluster)
                .answer(PodKey(namespace, segments[5]), request.query)
        case (5, _), (6, _): throw .methodNotAllowed()
        case (7, _) where segments[6] == "log": throw .methodNotAllowed()
        default: throw .unknownResource
        }
    }

    private var hasJobs: Bool { cluster.settings.jobs != .absent }

    /// For a group that is not there the API server has no Status object.
    private static let noSuchGroup = ServerResponse.full(
        ResponseHead(status: 404, fields: [HeaderField("Content-Type", "text/plain")]),
        body: Array("404 page not found\n".utf8))

    private func fixedAnswer(_ segments: [String]) -> ServerResponse? {
        switch segments {
        case ["version"]: .json(Discovery.version)
        case ["api"]: .json(Discovery.versions)
        case ["apis"]: .json(Discovery.groups(hasJobs: hasJobs))
        case ["apis", "batch", "v1"] where hasJobs: .json(Discovery.jobs)
        case ["api", "v1"]: .json(Discovery.resources)
        case ["readyz"], ["livez"], ["healthz"]:
            .full(
                ResponseHead(status: 200, fields: [HeaderField("Content-Type", "text/plain")]),
                body: Array("ok".utf8))
        default: nil
        }
    }

    private func namespaces(_ name: String?) throws(StatusError) -> ServerResponse {
        let version = JSONValue.string(String(cluster.version))
        func object(_ name: String) -> JSONValue {
            [
                "kind": "Namespace", "apiVersion": "v1",
                "metadata": ["name": .string(name), "resourceVersion": version],
                "status": ["phase": "Active"],
            ]
        }
        guard let name else {
            return .json([
                "kind": "NamespaceList", "apiVersion": "v1",
                "metadata": ["resourceVersion": version],
                "items": .array(cluster.namespaces.map(object)),
            ])
        }
        guard cluster.namespaces.contains(name) else { throw .namespaceNotFound(name) }
        return .json(object(name))
    }

    private func nodes(_ name: String?) throws(StatusError) -> ServerResponse {
        guard let name else {
            return .json([
                "kind": "NodeList", "apiVersion": "v1",
                "metadata": ["resourceVersion": .string(String(cluster.version))],
                "items": .array(cluster.nodes.map(\.object)),
            ])
        }
        guard let node = cluster.nodes.first(where: { $0.name == name }) else {
            throw .nodeNotFound(name)
        }
        return .json(node.object)
    }

    private func collection(
        _ namespace: String?, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        try ObjectCollection<PodRecord>(cluster: cluster).answer(namespace, request)
    }

    private func get(_ key: PodKey, _ request: ServerRequest) throws(StatusError) -> ServerResponse
    {
        guard let pod = cluster.pod(key) else { throw .podNotFound(key.name) }
        return answer(pod, request, status: 200)
    }

    private func create(
        _ namespace: String, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        let manifest: JSONValue
        do {
            manifest = try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error)")
        }
        let blueprint = try PodManifest.read(
            manifest, namespace: namespace, seed: cluster.settings.seed,
            suffix: cluster.nameSuffix)
        return answer(try cluster.create(blueprint), request, status: 201)
    }

    private func delete(
        _ key: PodKey, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        var grace = 30
        if !request.body.isEmpty {
            do {
                grace = try JSONValue(parsing: request.body)["gracePeriodSeconds"]?.int ?? grace
            } catch {
                throw .badRequest("couldn't get version/kind; json parse error: \(error)")
            }
        }
        if let text = request.query.first(where: { $0.name == "gracePeriodSeconds" })?.value {
            guard let seconds = Int(text) else {
                throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
            }
            grace = seconds
        }
        return answer(try cluster.delete(key, graceSeconds: max(0, grace)), request, status: 200)
    }

    private func answer(_ pod: PodRecord, _ request: ServerRequest, status: Int) -> ServerResponse {
        var bytes = pod.json
        if PodTable.isWanted(request.header("Accept")) {
            bytes = PodTable.encode(
                [pod], resourceVersion: pod.resourceVersion, continueToken: nil,
                now: cluster.clock.now)
        }
        return .full(ResponseHead(status: status, fields: [.json]), body: bytes)
    }
}
