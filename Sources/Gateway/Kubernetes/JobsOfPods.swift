import Kubernetes
import Store
import WebServer

/// `/apis/batch/v1/namespaces/{ns}/jobs/{job}`: a Job as far as its Pods tell of it, which is what
/// `kubectl logs job/NAME` needs to find them.
struct JobsOfPods: Sendable {
    /// Where Pods are looked up.
    let store: Store

    private struct Object: Encodable {
        struct Metadata: Encodable {
            let name: String
            let namespace: String
            let uid: String
            let creationTimestamp: String?
        }

        struct Selector: Encodable { let matchLabels: [String: String] }

        struct Template: Encodable {
            struct Metadata: Encodable { let labels: [String: String] }
            let metadata: Metadata
        }

        struct Spec: Encodable {
            let selector: Selector
            let template: Template
        }

        struct Status: Encodable {}

        let kind = "Job"
        let apiVersion = "batch/v1"
        let metadata: Metadata
        let spec: Spec
        let status = Status()
    }

    /// The labels by which a Job selects its Pods, the newer one first.
    private static let selectors = ["batch.kubernetes.io/controller-uid", "controller-uid"]
    /// The one that the Pods of a Job do not have alike.
    private static let index = "batch.kubernetes.io/job-completion-index"

    /// The Job of the latest Pod that such a Job owns.
    func job(
        namespace: String, name: String, _ request: ServerRequest
    ) async throws -> ServerResponse {
        _ = try AcceptedForm(request.header("Accept"), hasTables: false)
        let query = PodObjectQuery(namespace: namespace, job: name)
        let rows = try await store.read { snapshot in
            try snapshot.podObjects(query, limit: Self.podLimit).rows
        }
        guard let latest = rows.max(by: { $0.createdAt < $1.createdAt }) else {
            throw StatusResponse.notFound(kind: "jobs.batch", name: name)
        }
        let pod = try ShownPod(latest, store).decoded()
        let owner = pod.metadata.ownerReferences.first { $0.controller }
        let selector = Self.selectors.first { latest.labels[$0] != nil }
        // The Pods of a Job with a selector of its own (`manualSelector`) have neither.
        let labels = latest.labels.filter { label, _ in
            selector.map { $0 == label } ?? (label != Self.index)
        }
        return JSONAnswer.ok(
            Object(
                metadata: Object.Metadata(
                    name: name, namespace: namespace, uid: owner?.uid ?? "",
                    creationTimestamp: nil),
                spec: Object.Spec(
                    selector: Object.Selector(matchLabels: labels),
                    template: Object.Template(
                        metadata: Object.Template.Metadata(labels: latest.labels)))))
    }

    /// Pods that are looked through for the latest one of a Job, 10,000.
    private static let podLimit = 10_000
}
