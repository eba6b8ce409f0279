import UnixSignals

/// Takes SIGTERM and SIGINT, by which the daemon is told to stop.
///
/// It is there before anything is opened: one that comes while the daemon still starts stops it as
/// cleanly as a later one.
struct StopSignal: Sendable {
    private let signals: UnixSignalsSequence

    /// From here on the signals do not end the process.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    /// Returns when the first of them has come, or the task is cancelled.
    func wait() async {
        for await _ in signals { return }
    }
}
