import Access
import LogModel
import Logging
import Store
import WebServer

/// `/api/v1/namespaces`, `/api/v1[/namespaces/{ns}]/pods`, `/api/v1/namespaces/{ns}/pods/{pod}`: the
/// Pods that exist, and those that are gone while a log of them is kept.
struct PodsEndpoint: Sendable {
    /// Where Pods are looked up.
    let store: Store
    /// The time of day, for ages.
    let now: @Sendable () -> LogTime
    /// Told of what goes wrong behind a response's head.
    let logger: Logger

    /// Lists or watches Pods of a namespace, or of all.
    func pods(namespace: String?, _ request: ServerRequest) async throws -> ServerResponse {
        let query = QueryParameters(request.query)
        let selection = try PodSelection(namespace: namespace, query)
        let form = try PodForm(request, now: now)
        if query.flag("watch") == true {
            return PodWatch(
                store: store, selection: selection, form: form,
                request: try PodWatchRequest(query), logger: logger
            ).response
        }
        return try await PodList(store: store, selection: selection, form: form, logger: logger)
            .answer(query)
    }

    /// One Pod: the latest of its name.
    func pod(
        namespace: String, name: String, _ request: ServerRequest
    ) async throws -> ServerResponse {
        let form = try PodForm(request, now: now)
        let row = try await store.read { try $0.podObject(namespace: namespace, name: name) }
        guard let row else { throw StatusResponse.notFound(kind: "pods", name: name) }
        let body = try form.document(try ShownPod(row, store))
        return .full(ResponseHead(status: 200, fields: JSONAnswer.fields), body: body)
    }

    // MARK: - Namespaces

    private struct Namespace: Encodable {
        struct Metadata: Encodable { let name: String }
        struct Status: Encodable { let phase = "Active" }
        var kind: String? = "Namespace"
        var apiVersion: String? = "v1"
        let metadata: Metadata
        let status = Status()
    }

    private struct NamespaceList: Encodable {
        struct Metadata: Encodable { let resourceVersion: String }
        let kind = "NamespaceList"
        let apiVersion = "v1"
        let metadata: Metadata
        let items: [Namespace]
    }

    /// The namespaces of Pods that are shown, as far as the caller may see Pods there.
    func namespaces(
        _ request: ServerRequest, _ caller: Caller
    ) async throws -> ServerResponse {
        let visible: VisibleNamespaces
        do throws(AccessError) {
            visible = try await caller.visibleNamespaces()
        } catch {
            throw StatusResponse(error)
        }
        _ = try AcceptedForm(request.header("Accept"), hasTables: false)
        let (names, version) = try await store.read { snapshot in
            (try snapshot.podNamespaces(), try snapshot.podObjectVersion())
        }
        return JSONAnswer.ok(
            NamespaceList(
                metadata: NamespaceList.Metadata(resourceVersion: String(version)),
                items: names.filter(visible.contains).map {
                    Namespace(
                        kind: nil, apiVersion: nil, metadata: Namespace.Metadata(name: $0))
                }))
    }

    /// One of them.
    func namespace(_ name: String, _ request: ServerRequest) async throws -> ServerResponse {
        _ = try AcceptedForm(request.header("Accept"), hasTables: false)
        let names = try await store.read { try $0.podNamespaces() }
        guard names.contains(name) else {
            throw StatusResponse.notFound(kind: "namespaces", name: name)
        }
        return JSONAnswer.ok(Namespace(metadata: Namespace.Metadata(name: name)))
    }
}
