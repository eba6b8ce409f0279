import LogModel

/// Where the newest log file of an instance starts: all that the kubelet ever serves.
///
/// As in the kubelet the size is looked at every ``interval``, and only while the container runs,
/// so that a fast job writes far more than the limit into one file. A line counts with its nominal
/// length and what the runtime puts before it.
struct LogRotation: Sendable {
    /// 10 s, the kubelet's default.
    static let interval = Duration.seconds(10)
    /// `2026-11-23T18:12:07.123456789Z stdout F ` before each line.
    private static let recordHead = 40

    private(set) var firstLine = 0
    private var nextLook: LogTime
    private let schedule: LogSchedule
    private let linesAFile: Int

    /// The rotation of files of `fileBytes`; nil where files are never rotated.
    init?(fileBytes: Int?, nominalLength: Int, start: LogTime, schedule: LogSchedule) {
        guard let fileBytes else { return nil }
        linesAFile = fileBytes / (nominalLength + Self.recordHead)
        nextLook = start + Self.interval
        self.schedule = schedule
    }

    /// Takes the looks up to `now`; no more than `limit` lines are ever written.
    mutating func advance(to now: LogTime, limit: Int?) {
        while nextLook <= now {
            let written = min(schedule.count(at: nextLook), limit ?? .max)
            if written - firstLine > linesAFile { firstLine = written }
            nextLook = nextLook + Self.interval
        }
    }
}
