package import Kubernetes
package import Logging

/// Asks the cluster about what the watches of Pods and Jobs leave in doubt.
///
/// The two watches are not in step: a Job may be told to be complete before its last Pod is, and a Pod
/// before the Job that owns it. Mostly the other one comes a moment later. What is still in doubt when
/// it is looked at again is asked for, so that no end is told too early, and none never.
package struct DoubtService: Sendable {
    /// Between two looks: 5 s. A doubt is asked for at its second look.
    private static let interval = Duration.seconds(5)

    private let client: KubernetesClient
    private let statusFetcher: StatusFetcher
    private let selector: String?
    private let clock: WatchClock
    private let logger: Logger

    /// A service that does nothing until it runs.
    ///
    /// - Parameters:
    ///   - client: asks the cluster.
    ///   - statusFetcher: has the doubts.
    ///   - selector: the label selector of the watch of Pods; others are never seen, and no end waits
    ///     for them.
    ///   - logger: takes what the cluster refuses.
    ///   - clock: waits between two looks.
    package init(
        client: KubernetesClient, statusFetcher: StatusFetcher, selector: String?, logger: Logger,
        clock: WatchClock = .system
    ) {
        self.client = client
        self.statusFetcher = statusFetcher
        self.selector = selector
        self.logger = logger
        self.clock = clock
    }

    /// Works until the task is cancelled, then throws `CancellationError`.
    package func run() async throws {
        var before: Set<JobBook.Doubt> = []
        while true {
            try await clock.sleep(Self.interval)
            let now = Set(await statusFetcher.doubts)
            for doubt in now where before.contains(doubt) { try await ask(doubt) }
            before = now
        }
    }

    private func ask(_ doubt: JobBook.Doubt) async throws {
        do {
            switch doubt {
            case .pods(_, let namespace, let owner, let selector):
                let pods = try await pods(namespace: namespace, owner: owner, selector)
                await statusFetcher.settle(doubt, pods: pods)
            case .job(_, let namespace, let name, let owner):
                let job = try await client.job(namespace: namespace, name: name)
                if job?.metadata.uid != owner { await statusFetcher.settle(doubt, pods: []) }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.info(
                "the cluster could not be asked about a job's end; trying again",
                metadata: ["doubt": "\(doubt)", "error": "\(error)"])
        }
    }

    /// The UIDs of the watched Pods that a Job owns; `ofJob` is the Job's own selector.
    private func pods(
        namespace: String, owner: String, _ ofJob: String?
    ) async throws -> Set<String> {
        let selectors = [selector, ofJob].compactMap { $0 }
        var uids: Set<String> = []
        var token: String?
        repeat {
            let page = try await client.list(
                Pod.self, namespace: namespace,
                selector: selectors.isEmpty ? nil : selectors.joined(separator: ","),
                continueToken: token, limit: 500)
            for pod in page.items
            where pod.metadata.ownerReferences.contains(where: { $0.uid == owner }) {
                uids.insert(pod.metadata.uid)
            }
            token = page.continueToken
        } while token != nil
        return uids
    }
}
