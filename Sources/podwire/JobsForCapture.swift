import Capture
import Kubernetes
import LogModel
import StatusFetcher

/// The StatusFetcher as Capture knows it: whom to ask for a Pod's job, and whom to tell that a log
/// is complete.
struct JobsForCapture: JobDirectory, StreamObserver {
    private let statusFetcher: StatusFetcher
    private let mapping: JobMapping

    /// - Parameters:
    ///   - statusFetcher: knows the jobs.
    ///   - mapping: which containers of a Pod do its job's work.
    init(_ statusFetcher: StatusFetcher, mapping: JobMapping) {
        self.statusFetcher = statusFetcher
        self.mapping = mapping
    }

    func job(of pod: Pod) async throws -> JobOfPod {
        let job = try await statusFetcher.job(of: pod)
        return JobOfPod(
            row: job.row, outputToken: job.outputToken,
            outputContainers: mapping.membership(of: pod).counting)
    }

    func streamEnded(_ id: StreamID) async {
        await statusFetcher.streamEnded(id)
    }
}
