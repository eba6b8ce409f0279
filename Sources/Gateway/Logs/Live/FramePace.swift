/// When the next frame of a stream is due: a pure value, to which time comes in as an argument.
///
/// A frame costs each of its readers a write to a socket, whatever is in it, so the more readers a
/// stream has and the longer a round to all of them takes, the more lines a frame has to hold. The
/// first line behind a quiet time is due at once.
///
/// | readers | frames at most each | lines a frame at 1,000 lines/s |
/// | --- | --- | --- |
/// | 1 | commit | 10 |
/// | 1,000 | 32 ms | 32 |
/// | 2,000 and more | 50 ms, or 1.25 times the round before | 50 |
struct FramePace: Sendable {
    /// What a reader adds to the time between two frames, 32 µs: twice to three times what a write
    /// to it takes, so that rounds leave half of the server's thread to others.
    static let perReader = Duration.microseconds(32)
    /// What the number of readers alone can make of it, 50 ms: half of what a reader that watches
    /// may wait at the 99th percentile.
    static let longestByReaders = Duration.milliseconds(50)
    /// What slow rounds can make of it, 250 ms: beyond it readers fall behind, frame by frame, and
    /// read on from the store.
    static let longest = Duration.milliseconds(250)

    private var cutAt: ContinuousClock.Instant?
    private var takenAt: ContinuousClock.Instant?
    private var readers = 0

    /// A frame was cut for `readers` readers.
    mutating func cut(readers: Int, at now: ContinuousClock.Instant) {
        cutAt = now
        takenAt = nil
        self.readers = readers
    }

    /// A reader took the last frame.
    mutating func took(at now: ContinuousClock.Instant) {
        takenAt = now
    }

    /// When the next frame is due; `nil` when there was none before.
    var due: ContinuousClock.Instant? {
        guard let cutAt else { return nil }
        var interval = min(Self.perReader * readers, Self.longestByReaders)
        // One reader's round is one write; it does not tell how busy the server is.
        if let takenAt, readers > 1 {
            interval = max(interval, min((takenAt - cutAt) * 5 / 4, Self.longest))
        }
        return cutAt + interval
    }
}
