import WebServer

/// Answers what is asked about Jobs, below `/apis/batch/v1`.
struct JobsEndpoint {
    let cluster: Cluster

    private static let kind = JobRecord.kind
    private static let patches = [
        "application/merge-patch+json", "application/strategic-merge-patch+json",
    ]
    /// What a change may not touch, as with the real API server.
    private static let fixed = ["completions", "completionMode", "selector", "template"]

    /// Answers a request for `/apis/batch/v1/…`, whose segments behind that are given.
    func answer(
        _ segments: ArraySlice<String>, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        let path = Array(segments)
        guard path.last != "status", path.contains("jobs") else { throw .unknownResource }
        let isNamespaced = path.count >= 3 && path[0] == "namespaces" && path[2] == "jobs"
        guard path == ["jobs"] || (isNamespaced && path.count <= 4) else {
            throw .unknownResource
        }
        let namespace = isNamespaced ? path[1] : nil
        let name = path.count == 4 ? path[3] : nil
        guard let verb = Self.verb(request, isCollection: name == nil) else {
            throw .methodNotAllowed()
        }
        if cluster.settings.jobs == .forbidden {
            throw .forbidden(Self.kind, verb: verb, namespace: namespace)
        }
        guard let namespace else {
            guard verb != "create" else { throw .methodNotAllowed() }
            return try collection(nil, request)
        }
        guard let name else {
            guard verb == "create" else { return try collection(namespace, request) }
            return answer(
                try cluster.createJob(try body(request), namespace: namespace), status: 201)
        }
        let key = ObjectKey(namespace, name)
        guard let job = cluster.job(key) else { throw .notFound(Self.kind, name) }
        switch verb {
        case "get": return answer(job)
        case "delete": return answer(try cluster.deleteJob(key, try deletion(request)))
        default: return answer(try change(job, request, isPatch: verb == "patch"))
        }
    }

    /// What RBAC calls the request; nil where there is no such request.
    private static func verb(_ request: ServerRequest, isCollection: Bool) -> String? {
        switch (request.method, isCollection) {
        case ("GET", true): request.query("watch") == nil ? "list" : "watch"
        case ("GET", false): "get"
        case ("POST", true): "create"
        case ("DELETE", false): "delete"
        case ("PATCH", false): "patch"
        case ("PUT", false): "update"
        default: nil
        }
    }

    private func collection(
        _ namespace: String?, _ request: ServerRequest
    ) throws(StatusError) -> ServerResponse {
        try ObjectCollection<JobRecord>(cluster: cluster).answer(namespace, request)
    }

    private func change(
        _ job: JobRecord, _ request: ServerRequest, isPatch: Bool
    ) throws(StatusError) -> JobRecord {
        var object = try body(request)
        if isPatch {
            let type = request.header("Content-Type") ?? ""
            guard Self.patches.contains(where: type.hasPrefix) else { throw .unsupportedPatch }
            object = job.object.merged(with: object)
        }
        let version = object["metadata"]?["resourceVersion"]?.string.flatMap { Int($0) }
        let manifest = try JobManifest(object, namespace: job.key.namespace, uid: job.uid) { "" }
        guard manifest.name == job.key.name else {
            throw .badRequest("the name of the object does not match the name on the URL")
        }
        let before = job.object["spec"] ?? [:]
        let causes = Self.fixed.filter { before[$0] != manifest.spec[$0] }
            .map { StatusError.Cause.invalid("spec.\($0)", "…", "field is immutable") }
        guard causes.isEmpty else {
            throw .invalid(kind: "Job.batch", name: manifest.name, causes: causes)
        }
        // A merge patch starts from the present version, whatever that has become.
        return try cluster.changeJob(job.uid, to: manifest, from: isPatch ? nil : version)
    }

    /// `propagationPolicy` of the query or the body. Jobs of `batch/v1` are orphaned by default.
    private func deletion(_ request: ServerRequest) throws(StatusError) -> JobDeletion {
        let options = request.body.isEmpty ? [:] : try body(request)
        let text =
            request.query.first { $0.name == "propagationPolicy" }?.value
            ?? options["propagationPolicy"]?.string
        guard let text, !text.isEmpty else {
            return options["orphanDependents"] == false ? .background : .orphan
        }
        guard let deletion = JobDeletion(rawValue: text) else {
            throw .invalid(
                kind: "DeleteOptions", name: "",
                causes: [
                    .invalid(
                        "propagationPolicy", "\"\(text)\"",
                        "supported values: \"Background\", \"Foreground\", \"Orphan\"")
                ])
        }
        return deletion
    }

    private func body(_ request: ServerRequest) throws(StatusError) -> JSONValue {
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error)")
        }
    }

    private func answer(_ job: JobRecord, status: Int = 200) -> ServerResponse {
        .full(ResponseHead(status: status, fields: [.json]), body: job.json)
    }
}
