package import LogModel
import Synchronization
import WebServer

/// The log of one instance of a container: a script, a start, perhaps an end, the followers that
/// wait for the end, and the truth about what was sent. No text is kept. Any thread may use it.
package final class InstanceLog: Sendable {
    /// Which instance this is.
    package let identity: InstanceIdentity
    /// Every byte of the log.
    package let text: LogText
    /// The time of every record.
    package let stamps: LogStamps
    /// What the node's kubelet does with it.
    package let kubelet: KubeletVersion

    private let pace: LogScript.Pace
    private let plan: FaultPlan
    private let onReadToEnd: @Sendable () -> Void
    private let state: Mutex<State>

    private struct State {
        var lines: Int?
        var readUpTo = 0
        var wasReadToEnd = false
        /// When the first line was handed to a reader.
        var firstRead: LogTime?
        var files: LogFiles
        var requests = 0
        var ledger = BodyLedger()
        var lost: Loss?
        var counted = (lines: 0, bytes: 0)
        var wakes: [ObjectIdentifier: SocketWake] = [:]
    }

    /// How long first lines take at most to their reader's store: 1 s.
    static let settling = Duration.seconds(1)

    /// How far a log has come.
    package struct Progress: Sendable, Equatable {
        /// The first line that is still served: the start of the newest file.
        package let first: Int
        /// The number of the newest file.
        package let newestFile: Int
        /// The line behind the last of the file that was asked about; nil for the newest.
        package let fileEnd: Int?
        /// The number of lines that were written.
        package let written: Int
        /// Whether there will never be more.
        package let hasEnded: Bool
        /// Why nothing can be read any more.
        package let loss: Loss.Reason?
    }

    /// Since when and why nothing of a log can be read any more.
    package struct Loss: Sendable, Equatable {
        /// What is gone.
        package enum Reason: String, Sendable {
            case podRemoved = "pod removed"
            case logRemoved = "log removed"
            case nodeGone = "node gone"
        }

        /// Since when.
        package let time: LogTime
        /// Why.
        package let reason: Reason
    }

    /// The log of an instance that starts at `start`; `onReadToEnd` is told once when the last line
    /// of a log that is paced by its reader was read.
    package init(
        _ identity: InstanceIdentity, text: LogText, script: LogScript, start: LogTime,
        kubelet: KubeletVersion = .standard, plan: FaultPlan = .none,
        onReadToEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.identity = identity
        self.text = text
        self.kubelet = kubelet
        self.plan = plan
        self.onReadToEnd = onReadToEnd
        pace = script.pace
        let schedule = LogSchedule(start: start, script: script)
        stamps = LogStamps(schedule, disorder: script.disorder, seed: text.seed)
        let files = LogFiles(
            script, nominalLength: text.nominalLength, start: start, schedule: schedule)
        state = Mutex(State(files: files))
    }

    // MARK: - Progress

    /// How far the log is at `now`, for a reader that has the file of this number open.
    package func progress(at now: LogTime, file: Int = .max) -> Progress {
        state.withLock { state in
            let written = advance(&state, to: now)
            return Progress(
                first: state.files.firstLine, newestFile: state.files.newest,
                fileEnd: state.files.end(of: file), written: written,
                hasEnded: state.lines != nil, loss: state.lost?.reason)
        }
    }

    /// When there will be more than `count` lines, if the instance lives to see it.
    package func time(ofMoreThan count: Int) -> LogTime? {
        if pace == .reader { return nil }
        if let total = text.total, count >= total { return nil }
        return stamps.schedule.time(of: count)
    }

    /// Ends the log: what is written by then is all there will be, and every follower is woken.
    package func end(at time: LogTime) {
        wakeAll { state in
            guard state.lines == nil else { return false }
            let written = advance(&state, to: time)
            state.lines = written == .max ? state.readUpTo : written
            return true
        }
    }

    /// Begins a new file, as far as ``LogFiles/rotateEarly(at:line:)`` allows it, so that nothing that
    /// is written by now is served anew. A log that is paced by its reader has one file only.
    ///
    /// As in the kubelet only while the container runs. And not before the first lines have been with a reader for ``settling``: what is rotated while the
    /// very first answer is on its way, and lost with it, no reader can miss.
    func rotate(at time: LogTime) {
        guard pace == .clock else { return }
        state.withLock { state in
            guard state.lines == nil, let read = state.firstRead, time >= read + Self.settling
            else { return }
            let written = advance(&state, to: time)
            state.files.rotateEarly(at: time, line: written)
        }
    }

    /// Notes that nothing can be read any more, and wakes every follower; only the first reason
    /// counts.
    func lose(at time: LogTime, _ reason: Loss.Reason) {
        wakeAll { state in
            guard state.lost == nil else { return false }
            state.lost = Loss(time: time, reason: reason)
            return true
        }
    }

    /// Notes that someone was given every line up to `line`.
    package func wasRead(upTo line: Int) {
        guard pace == .reader else { return }
        let isFirst = state.withLock { state in
            state.readUpTo = max(state.readUpTo, line)
            guard line == text.total, !state.wasReadToEnd else { return false }
            state.wasReadToEnd = true
            return true
        }
        if isFirst { onReadToEnd() }
    }

    // MARK: - Readers

    /// Notes that a body has handed these lines to its socket.
    func gave(_ lines: Range<Int>, by number: Int, at time: LogTime) {
        state.withLock { state in
            state.ledger.sent(lines, by: number)
            if !lines.isEmpty { state.firstRead = state.firstRead ?? time }
        }
    }

    /// What the next request meets.
    func nextFault() -> LogFault {
        state.withLock { state in
            defer { state.requests += 1 }
            return plan.fault(ofRequest: state.requests)
        }
    }

    /// Has `wake` used when the log ends, until ``forget(_:)``.
    func remember(_ reader: AnyObject, _ wake: SocketWake) {
        state.withLock { $0.wakes[ObjectIdentifier(reader)] = wake }
    }

    /// Forgets a reader.
    func forget(_ reader: AnyObject) {
        state.withLock { _ = $0.wakes.removeValue(forKey: ObjectIdentifier(reader)) }
    }

    /// Notes something about the bodies.
    func note<Result: Sendable>(_ note: (inout BodyLedger) -> Result) -> Result {
        state.withLock { note(&$0.ledger) }
    }

    // MARK: - Truth

    /// Everything that is known about the log at `now`, but its bytes.
    package func truth(at now: LogTime) -> InstanceTruth {
        state.withLock { state in
            let written = advance(&state, to: now)
            return InstanceTruth(
                identity: identity, lines: written == .max ? state.readUpTo : written,
                hasEnded: state.lines != nil, rotations: state.files.rotations,
                bodies: state.ledger.bodies, loss: state.lost)
        }
    }

    /// Goes on counting the bytes of the first `lines` lines; nil while it is not done.
    ///
    /// A call looks at a bounded number of lines.
    func countBytes(ofLines lines: Int) -> Int? {
        state.withLock { state in
            let end = min(lines, state.counted.lines + LogText.countedAtOnce)
            if end > state.counted.lines {
                state.counted.bytes += text.bytes(of: state.counted.lines..<end)
                state.counted.lines = end
            }
            guard state.counted.lines >= lines else { return nil }
            return state.counted.bytes - text.bytes(of: lines..<state.counted.lines)
        }
    }

    /// Brings the files up to date, and says how many lines are written.
    private func advance(_ state: inout State, to now: LogTime) -> Int {
        if let lines = state.lines { return lines }
        state.files.advance(to: now, limit: text.total)
        switch pace {
        case .clock: return min(stamps.schedule.count(at: now), text.total ?? .max)
        case .reader: return text.total ?? .max
        }
    }

    private func wakeAll(_ change: (inout State) -> Bool) {
        let wakes = state.withLock { change(&$0) ? Array($0.wakes.values) : [] }
        for wake in wakes { wake.wake() }
    }
}
