package import LogModel
import Synchronization
import WebServer

/// The log of one instance of a container: a script, a start, perhaps an end, and the followers
/// that wait for the end. No text is kept. Any thread may use it.
package final class InstanceLog: Sendable {
    /// Which instance this is: 0, then one more with each restart.
    package let attempt: Int
    /// Every byte of the log.
    package let text: LogText
    /// The time of every line.
    package let schedule: LogSchedule

    private let pace: LogScript.Pace
    private let onReadToEnd: @Sendable () -> Void
    private let state: Mutex<State>

    private struct State {
        var lines: Int?
        var wasReadToEnd = false
        var rotation: LogRotation?
        var wakes: [ObjectIdentifier: SocketWake] = [:]
    }

    /// How far a log has come.
    package struct Progress: Sendable, Equatable {
        /// The first line that is still served: the start of the newest file.
        package let first: Int
        /// The number of lines that were written.
        package let written: Int
        /// Whether there will never be more.
        package let hasEnded: Bool
    }

    /// The log of an instance that starts at `start`; `onReadToEnd` is told once when the last line
    /// of a log that is paced by its reader was read.
    package init(
        attempt: Int, text: LogText, script: LogScript, start: LogTime,
        onReadToEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.attempt = attempt
        self.text = text
        schedule = LogSchedule(start: start, script: script)
        pace = script.pace
        self.onReadToEnd = onReadToEnd
        state = Mutex(
            State(
                rotation: LogRotation(
                    fileBytes: script.fileBytes, nominalLength: text.nominalLength, start: start,
                    schedule: schedule)))
    }

    /// How far the log is at `now`.
    package func progress(at now: LogTime) -> Progress {
        state.withLock { state in
            let written = state.lines ?? written(at: now)
            if state.lines == nil { state.rotation?.advance(to: now, limit: text.total) }
            return Progress(
                first: state.rotation?.firstLine ?? 0, written: written,
                hasEnded: state.lines != nil)
        }
    }

    /// When there will be more than `count` lines, if the instance lives to see it.
    package func time(ofMoreThan count: Int) -> LogTime? {
        if pace == .reader { return nil }
        if let total = text.total, count >= total { return nil }
        return schedule.time(of: count)
    }

    /// Ends the log: what is written by then is all there will be, and every follower is woken.
    package func end(at time: LogTime) {
        let wakes = state.withLock { state -> [SocketWake] in
            guard state.lines == nil else { return [] }
            state.rotation?.advance(to: time, limit: text.total)
            state.lines = written(at: time)
            return Array(state.wakes.values)
        }
        for wake in wakes { wake.wake() }
    }

    /// Has `wake` used when the log ends, until ``forget(_:)``.
    func remember(_ reader: AnyObject, _ wake: SocketWake) {
        state.withLock { $0.wakes[ObjectIdentifier(reader)] = wake }
    }

    /// Forgets a reader.
    func forget(_ reader: AnyObject) {
        state.withLock { _ = $0.wakes.removeValue(forKey: ObjectIdentifier(reader)) }
    }

    /// Notes that someone was given every line up to `line`.
    func wasRead(upTo line: Int) {
        guard pace == .reader, line == text.total else { return }
        let isFirst = state.withLock { state in
            defer { state.wasReadToEnd = true }
            return !state.wasReadToEnd
        }
        if isFirst { onReadToEnd() }
    }

    private func written(at now: LogTime) -> Int {
        switch pace {
        case .clock: min(schedule.count(at: now), text.total ?? .max)
        case .reader: text.total ?? .max
        }
    }
}
