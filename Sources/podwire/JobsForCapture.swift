import Capture
import Kubernetes
import LogModel
import StatusFetcher

/// The StatusFetcher as Capture knows it: whom to ask for a Pod's job, and whom to tell that a log
/// is complete.
struct JobsForCapture: JobDirectory, StreamObserver {
    private let statusFetcher: StatusFetcher

    init(_ statusFetcher: StatusFetcher) {
        self.statusFetcher = statusFetcher
    }

    func job(of pod: Pod) async throws -> JobOfPod {
        let job = try await statusFetcher.job(of: pod)
        return JobOfPod(row: job.row, outputToken: job.outputToken)
    }

    func streamEnded(_ id: StreamID) async {
        await statusFetcher.streamEnded(id)
    }
}
