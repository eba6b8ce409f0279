package import LogModel

/// The log files of one instance, numbered from 0. Only the newest is ever served anew; a follow
/// still reads the one that it has open.
///
/// As in the kubelet the size is looked at now and then, and only while the container runs, so that
/// a fast job writes far more than the limit into one file. A line counts with its nominal length
/// and what the runtime puts before it.
package struct LogFiles: Sendable {
    /// The begin of a new file.
    package struct Rotation: Sendable, Equatable {
        /// The first line of the new file.
        package let line: Int
        /// When it was begun.
        package let time: LogTime
    }

    /// How old an instance is at least when a fault rotates its log: 2 s. A kubelet rotates a file
    /// that is full, and that takes a while; whose first file was rotated sooner, no reader can know.
    static let youngest = Duration.seconds(2)

    /// `2026-11-23T18:12:07.123456789Z stdout F ` before each line.
    private static let recordHead = 40

    private struct Looks {
        var next: LogTime
        let interval: Duration
        let linesAFile: Int
        let schedule: LogSchedule

        /// Leaves out the looks before `time`.
        mutating func skip(to time: LogTime) {
            let missing = (time - next).nanoseconds
            guard missing > 0 else { return }
            let step = interval.nanoseconds
            next = next + .nanoseconds((missing + step - 1) / step * step)
        }
    }

    /// Every rotation so far: 16 bytes each.
    private(set) var rotations: [Rotation] = []
    private var looks: Looks?
    private let start: LogTime

    /// The files of an instance that starts at `start`.
    init(_ script: LogScript, nominalLength: Int, start: LogTime, schedule: LogSchedule) {
        self.start = start
        guard script.pace == .clock, let fileBytes = script.fileBytes else { return }
        precondition(script.rotateInterval > .zero, "looks have a time between them")
        looks = Looks(
            next: start + script.rotateInterval, interval: script.rotateInterval,
            linesAFile: fileBytes / (nominalLength + Self.recordHead), schedule: schedule)
    }

    /// The number of the newest file.
    var newest: Int { rotations.count }

    /// The first line of the newest file.
    var firstLine: Int { rotations.last?.line ?? 0 }

    /// The line behind the last of a file; nil for the newest.
    func end(of file: Int) -> Int? {
        file < rotations.count ? rotations[file].line : nil
    }

    /// Takes the looks up to `now`; no more than `limit` lines are ever written.
    ///
    /// Looks that find nothing to do are stepped over, so that a log that nobody has asked about
    /// for a day costs as many steps as it has rotations.
    mutating func advance(to now: LogTime, limit: Int?) {
        guard var looks else { return }
        while min(looks.schedule.count(at: now), limit ?? .max) - firstLine > looks.linesAFile {
            let full = looks.schedule.time(of: firstLine + looks.linesAFile)
            looks.skip(to: full)
            guard looks.next <= now else { break }
            let written = min(looks.schedule.count(at: looks.next), limit ?? .max)
            rotate(at: looks.next, line: written)
            looks.next = looks.next + looks.interval
        }
        self.looks = looks
    }

    /// Begins a new file with `line`, whatever the size of the old one; not while that is empty, nor
    /// before the instance is ``youngest``.
    mutating func rotateEarly(at time: LogTime, line: Int) {
        guard line > firstLine, time >= start + Self.youngest else { return }
        rotate(at: time, line: line)
    }

    private mutating func rotate(at time: LogTime, line: Int) {
        rotations.append(Rotation(line: line, time: time))
    }
}
