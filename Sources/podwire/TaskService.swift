import ServiceLifecycle

/// Work that goes on until it is cancelled, as a service: a graceful shutdown cancels it.
struct TaskService: Service {
    private let work: @Sendable () async throws -> Void

    init(_ work: @escaping @Sendable () async throws -> Void) {
        self.work = work
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await work()
            } catch is CancellationError {
                return  // The shutdown that it was asked for.
            }
        }
    }
}
