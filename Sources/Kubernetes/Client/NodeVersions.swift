package import Logging
import Synchronization

/// The kubelet versions of the nodes, asked for once in a while.
///
/// A permission to `get nodes` is not among those that Podwire needs: where it is missing, or there
/// is no such node, the version is unknown, and that is remembered as well; not so where the API
/// server is out of reach. Any task may ask; those who ask for the same node at the same time share
/// one request.
package final class NodeVersions: Sendable {
    /// How long an answer is good: 10 min. A node's kubelet is renewed with its Pods drained.
    static let keptFor: Duration = .seconds(600)

    private struct Entry {
        var question: Task<KubeletVersion?, Never>
        var askedAt: ContinuousClock.Instant
    }

    private let client: KubernetesClient
    private let logger: Logger
    private let entries = Mutex<[String: Entry]>([:])

    /// The versions as `client`'s cluster tells them.
    package init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The version of the kubelet of `node`; `nil` when it is not known.
    package func kubeletVersion(of node: String?) async -> KubeletVersion? {
        guard let node, !node.isEmpty else { return nil }
        let now = ContinuousClock.now
        let question = entries.withLock { entries in
            if let known = entries[node], now - known.askedAt < Self.keptFor {
                return known.question
            }
            // The bridge between those who ask and the one request for all of them. It ends by its
            // own timeouts, whoever of them is cancelled.
            let question = Task { await ask(node) }
            entries = entries.filter { now - $0.value.askedAt < Self.keptFor }
            entries[node] = Entry(question: question, askedAt: now)
            return question
        }
        return await question.value
    }

    private func ask(_ node: String) async -> KubeletVersion? {
        do {
            return try await client.node(name: node)?.kubeletVersion
        } catch {
            logger.info(
                "the kubelet's version is not known",
                metadata: ["node": "\(node)", "error": "\(error)"])
            // What passes says nothing of the node: whoever comes next asks again.
            if let failure = error as? KubernetesError, failure.isRetriable {
                entries.withLock { $0[node] = nil }
            }
            return nil
        }
    }
}
