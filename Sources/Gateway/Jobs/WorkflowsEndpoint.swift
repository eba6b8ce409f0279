import LogModel
import Store
import WebServer

/// `/v1/workflows` and what is below it.
struct WorkflowsEndpoint: Sendable {
    /// Where workflows are read.
    let store: Store

    /// A page of workflows, newest first.
    func list(_ request: ServerRequest) async throws -> ServerResponse {
        let parameters = try ListParameters(QueryParameters(request.query))
        return JSONAnswer.ok(
            try await store.read { snapshot in
                let rows = try snapshot.workflows(
                    namespace: parameters.namespace, status: parameters.status,
                    limit: parameters.limit + 1, before: parameters.before)
                let page = rows.prefix(parameters.limit)
                let rest = rows.count > page.count ? page.last : nil
                return ListDocument(
                    items: try page.map { try WorkflowDocument($0, in: snapshot) },
                    continue: rest.map { String($0.id) },
                    sequence: try snapshot.lastSequence)
            })
    }

    /// The latest run of one workflow.
    func workflow(namespace: String, name: String) async throws -> ServerResponse {
        JSONAnswer.ok(
            try await store.read { snapshot in
                guard let row = try snapshot.workflow(namespace: namespace, name: name) else {
                    throw StatusResponse.notFound(kind: "workflows", name: name)
                }
                return try WorkflowDocument(row, in: snapshot)
            })
    }
}
