import Access
import LogModel
import StatusModel
import Store
import WebServer

/// `/v1/workflows` and what is below it.
struct WorkflowsEndpoint: Sendable {
    /// Where workflows are read.
    let store: Store
    /// Takes declarations and commands.
    let control: any WorkflowControl

    /// A page of the workflows that the caller may see, newest first.
    func list(_ request: ServerRequest, _ caller: Caller) async throws -> ServerResponse {
        let parameters = try ListParameters(QueryParameters(request.query))
        let namespaces = try await parameters.visibleNamespaces(to: caller)
        return JSONAnswer.ok(
            try await store.read { snapshot in
                let rows = try snapshot.workflows(
                    namespace: parameters.namespace, namespaces: namespaces,
                    status: parameters.status, limit: parameters.limit + 1,
                    before: parameters.before)
                let page = rows.prefix(parameters.limit)
                let rest = rows.count > page.count ? page.last : nil
                return ListDocument(
                    items: try page.map { try WorkflowDocument($0, in: snapshot) },
                    continue: rest.map { String($0.id) },
                    sequence: try snapshot.lastSequence)
            })
    }

    /// The latest run of one workflow, or the run `uid`; with PUT, a declaration of it.
    func workflow(
        namespace: String, name: String, _ request: ServerRequest
    ) async throws -> ServerResponse {
        guard request.method == "PUT" else {
            return try await show(
                namespace, name, uid: QueryParameters(request.query).filter("uid"))
        }
        let plan = try PlanBody.read(request.body, namespace: namespace, name: name)
        let isNew = try await control.declare(plan, namespace: namespace, name: name)
        return try await show(namespace, name, status: isNew ? 201 : 200)
    }

    /// Pauses, resumes or cancels a workflow.
    func carryOut(
        _ command: WorkflowCommand, namespace: String, name: String
    ) async throws -> ServerResponse {
        try await control.carryOut(command, namespace: namespace, name: name)
        return try await show(namespace, name)
    }

    private func show(
        _ namespace: String, _ name: String, uid: String? = nil, status: Int = 200
    ) async throws -> ServerResponse {
        JSONAnswer.ok(
            try await store.read { snapshot in
                try WorkflowDocument(
                    try Self.find(namespace, name, uid: uid, in: snapshot), in: snapshot)
            }, status: status)
    }

    /// The latest run of the workflow, or the run `uid`.
    private static func find(
        _ namespace: String, _ name: String, uid: String?, in snapshot: StoreSnapshot
    ) throws -> WorkflowRow {
        let found: WorkflowRow?
        if let uid {
            found = try snapshot.workflow(uid: uid)
        } else {
            found = try snapshot.workflow(namespace: namespace, name: name)
        }
        guard let row = found, row.namespace == namespace, row.name == name else {
            throw StatusResponse.notFound(kind: "workflows", name: name)
        }
        return row
    }
}
