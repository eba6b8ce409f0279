/// Lets log requests through at a bounded rate: urgent ones first, each kind in its order.
///
/// After an API server's restart ten thousand streams come back through this gate, not all at once.
/// Logs of containers that have ended go first: they may vanish.
package actor StartGate {
    private var bucket: TokenBucket
    private var urgent: [CheckedContinuation<Void, Never>] = []
    private var ordinary: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false
    private let wake = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// A gate for `rate` requests a second.
    package init(rate: Int) {
        bucket = TokenBucket(rate: rate)
    }

    /// Returns when it is the caller's turn.
    package func pass(isUrgent: Bool) async {
        if isOpen { return }
        if urgent.isEmpty, isUrgent || ordinary.isEmpty, bucket.take(.now) == nil { return }
        await withCheckedContinuation { continuation in
            if isUrgent { urgent.append(continuation) } else { ordinary.append(continuation) }
            wake.continuation.yield()
        }
    }

    /// Serves those who wait, until cancelled; from then on everyone passes, and finds its own task
    /// cancelled.
    package func run() async {
        for await _ in wake.stream {
            while !urgent.isEmpty || !ordinary.isEmpty {
                if let time = bucket.take(.now) {
                    do {
                        try await ContinuousClock().sleep(until: time)
                    } catch {
                        break
                    }
                } else if !urgent.isEmpty {
                    urgent.removeFirst().resume()
                } else {
                    ordinary.removeFirst().resume()
                }
            }
            if Task.isCancelled { break }
        }
        isOpen = true
        for waiter in urgent + ordinary { waiter.resume() }
        urgent = []
        ordinary = []
    }
}
