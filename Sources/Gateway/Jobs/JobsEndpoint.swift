import Access
import LogModel
import Store
import WebServer

/// `/v1/jobs` and what is below it.
struct JobsEndpoint: Sendable {
    /// Where jobs are read.
    let store: Store

    /// A page of the jobs that the caller may see, newest first.
    func list(_ request: ServerRequest, _ caller: Caller) async throws -> ServerResponse {
        let parameters = try ListParameters(QueryParameters(request.query))
        let namespaces = try await parameters.visibleNamespaces(to: caller)
        return JSONAnswer.ok(
            try await store.read { snapshot in
                let rows = try snapshot.jobs(
                    JobQuery(
                        namespace: parameters.namespace, namespaces: namespaces,
                        workflow: parameters.workflow, status: parameters.status,
                        limit: parameters.limit + 1,
                        before: parameters.before))
                let page = rows.prefix(parameters.limit)
                let rest = rows.count > page.count ? page.last : nil
                return ListDocument(
                    items: try page.map { try JobDocument($0, in: snapshot, inList: true) },
                    continue: rest.map { String($0.id) },
                    sequence: try snapshot.lastSequence)
            })
    }

    /// One job.
    func job(_ reference: JobReference, _ request: ServerRequest) async throws -> ServerResponse {
        let uid = QueryParameters(request.query).filter("uid")
        return JSONAnswer.ok(
            try await store.read { snapshot in
                let row = try Self.find(reference, uid: uid, in: snapshot)
                return try JobDocument(row, in: snapshot)
            })
    }

    /// The outputs of one job; where there is no such job, the job `outputs` of the workflow of its
    /// name, which has the same path.
    func outputs(
        _ reference: JobReference, _ request: ServerRequest
    ) async throws -> ServerResponse {
        let uid = QueryParameters(request.query).filter("uid")
        do {
            return JSONAnswer.ok(
                try await store.read { snapshot in
                    let row = try Self.find(reference, uid: uid, in: snapshot)
                    return OutputsDocument(row, try snapshot.outputs(ofJob: row.id))
                })
        } catch let refusal as StatusResponse where refusal.code == 404 {
            guard reference.workflow == nil else { throw refusal }
            let namesake = JobReference(
                namespace: reference.namespace, workflow: reference.job, job: "outputs")
            do {
                return try await job(namesake, request)
            } catch is StatusResponse {
                throw refusal
            }
        }
    }

    /// The latest run of the job that `reference` names, or the run `uid`.
    private static func find(
        _ reference: JobReference, uid: String?, in snapshot: StoreSnapshot
    ) throws -> JobRow {
        let unknown = StatusResponse.notFound(kind: "jobs", name: reference.job)
        if let uid {
            guard let row = try snapshot.job(uid: uid), reference.matches(row.key) else {
                throw unknown
            }
            return row
        }
        if let key = reference.key {
            guard let row = try snapshot.job(key: key) else { throw unknown }
            return row
        }
        let rows = try snapshot.candidates(namespace: reference.namespace, job: reference.job)
        guard let only = rows.first else { throw unknown }
        guard rows.count == 1 else {
            throw StatusResponse.ambiguous(
                reference, workflows: rows.map(\.key.workflow).sorted())
        }
        return only
    }
}

extension StatusResponse {
    /// 409: the name alone does not say which job is meant.
    static func ambiguous(_ reference: JobReference, workflows: [String]) -> StatusResponse {
        let paths = workflows.map { "/v1/jobs/\(reference.namespace)/\($0)/\(reference.job)" }
        let causes = zip(workflows, paths).map { workflow, path in
            Cause(reason: "Candidate", message: path, field: workflow)
        }
        return StatusResponse(
            code: 409, reason: "Conflict",
            message: "several workflows of namespace \"\(reference.namespace)\" have a job "
                + "\"\(reference.job)\": ask for one of \(paths.joined(separator: ", "))",
            details: Details(name: reference.job, kind: "jobs", causes: causes))
    }
}
