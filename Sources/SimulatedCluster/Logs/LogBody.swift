import ByteBlocks
import LogModel
import Synchronization
package import WebServer

/// The body of a log request: a position in an instance's log that is pulled by the server, up to
/// the fault that the request meets.
///
/// A follower costs this object, a line in the log's ledger and one entry in the timer queue, for
/// its next line. It reads the file that it has open to its end and then, where the kubelet follows
/// rotations, goes on with the newest one: if files lie between, they are silently left out.
package final class LogBody: BodySource {
    private static let kubeletError = Array(
        "failed to create fsnotify watcher: too many open files".utf8)

    private struct State {
        var cursor: LogCursor
        var file: Int
        var sent = 0
        /// What is still to happen, and after how many lines.
        var fault: (what: LogFault.Break, after: Int)?
        var pausedUntil: LogTime?
        var ending: (pull: BodyPull, close: BodyLedger.Close)?
        var alarm: LogTime?
        var wake: SocketWake?
    }

    private let log: InstanceLog
    private let fault: LogFault
    private let follow: Bool
    private let written: Int
    private let number: Int
    private let cluster: Cluster
    private let state: Mutex<State>

    /// The body of a request that comes now and meets `fault`.
    init(_ query: LogQuery, log: InstanceLog, fault: LogFault, cluster: Cluster) {
        let now = cluster.clock.now
        let progress = log.progress(at: now)
        let cursor = LogCursor(
            query, text: log.text, stamps: log.stamps, progress: progress, kubelet: log.kubelet,
            now: now)
        self.log = log
        self.fault = fault
        self.cluster = cluster
        follow = query.follow
        written = progress.written
        number = log.note { ledger in
            let number = ledger.open(at: now, line: cursor.line, follow: query.follow)
            if case .slow = fault { ledger.hit(number, by: fault) }
            return number
        }
        var state = State(cursor: cursor, file: progress.newestFile)
        if case .broken(let what, let lines) = fault { state.fault = (what, lines) }
        self.state = Mutex(state)
    }

    package func opened(_ wake: SocketWake) {
        state.withLock { $0.wake = wake }
        log.remember(self, wake)
    }

    package func pull() -> BodyPull {
        let now = cluster.clock.now
        let (answer, line) = state.withLock { state in
            let answer = step(&state, now)
            return (answer, state.cursor.line)
        }
        log.wasRead(upTo: line)
        return answer
    }

    package func closed() {
        log.forget(self)
        let now = cluster.clock.now
        let close = state.withLock { $0.ending?.close ?? .client }
        log.note { $0.close(number, close, at: now) }
    }

    // MARK: - Steps

    private func step(_ state: inout State, _ now: LogTime) -> BodyPull {
        if let ending = state.ending { return ending.pull }
        if let until = state.pausedUntil {
            guard now >= until else { return .wait }
            state.pausedUntil = nil
        }
        while true {
            let progress = log.progress(at: now, file: state.file)
            if progress.loss == .nodeGone { return finish(&state, now, .abort, .cut) }
            let end = follow ? progress.fileEnd ?? progress.written : written
            let left = state.fault.map { $0.after - state.sent } ?? .max
            if let block = state.cursor.next(upTo: end, lines: left) {
                let given = state.cursor.given
                state.sent += given.count
                log.gave(given, by: number, at: now)
                return .bytes(block)
            }
            if state.cursor.isExhausted { return finish(&state, now, .end, .end) }
            if let fault = state.fault, state.sent == fault.after {
                return strike(fault.what, &state, now, end)
            }
            guard follow, progress.fileEnd != nil, log.kubelet.followsRotation else {
                return rest(&state, now, progress)
            }
            state.file = progress.newestFile
            state.cursor.move(to: progress.first)
        }
    }

    /// What is left when every line that can be had was sent: the end, or to wait for more.
    private func rest(
        _ state: inout State, _ now: LogTime, _ progress: InstanceLog.Progress
    ) -> BodyPull {
        if !follow || progress.hasEnded || progress.loss == .logRemoved {
            return finish(&state, now, .end, .end)
        }
        // A follow whose file is no longer written to hears of nothing more but the end.
        guard progress.fileEnd == nil else { return .wait }
        let next = max(state.cursor.line, progress.written)
        if let wake = state.wake, let time = log.time(ofMoreThan: next), time != state.alarm {
            state.alarm = time
            cluster.timers.schedule(at: time) { wake.wake() }
        }
        return .wait
    }

    private func strike(
        _ what: LogFault.Break, _ state: inout State, _ now: LogTime, _ end: Int
    ) -> BodyPull {
        state.fault = nil
        log.note { $0.hit(number, by: fault) }
        cluster.faults.count(what.kind)
        switch what {
        case .cut(let rotates):
            let half = half(of: state.cursor, upTo: end)
            if rotates { log.rotate(at: now) }
            let ending = finish(&state, now, .abort, .cut)
            return half.map { .bytes($0) } ?? ending
        case .end(let rotates):
            if rotates { log.rotate(at: now) }
            return finish(&state, now, .end, .end)
        case .stall(let pause):
            let until = now + pause
            state.pausedUntil = until
            if let wake = state.wake { cluster.timers.schedule(at: until) { wake.wake() } }
            return .wait
        case .text:
            _ = finish(&state, now, .end, .end)
            return .bytes(ByteBlock(Self.kubeletError))
        case .removed:
            log.lose(at: now, .logRemoved)
            return finish(&state, now, .end, .end)
        case .nodeGone:
            log.lose(at: now, .nodeGone)
            return finish(&state, now, .abort, .cut)
        }
    }

    /// The first half of the bytes of the next line; nil where there is none.
    private func half(of cursor: LogCursor, upTo end: Int) -> ByteBlock? {
        var ahead = cursor
        guard let line = ahead.next(upTo: end, lines: 1), line.count > 1 else { return nil }
        return ByteBlock(line.bytes.prefix(line.count / 2))
    }

    private func finish(
        _ state: inout State, _ now: LogTime, _ pull: BodyPull, _ close: BodyLedger.Close
    ) -> BodyPull {
        state.ending = (pull, close)
        log.note { $0.close(number, close, at: now) }
        return pull
    }
}
