package import LogModel

/// What the bodies of one instance's log have sent: a pure value.
///
/// At most ``capacity`` bodies are kept; then the oldest ones are forgotten.
package struct BodyLedger: Sendable {
    /// 20,000 bodies, some 2 MB: a follow that is cut every second, for five hours.
    package static let capacity = 20_000
    private static let forgottenAtOnce = 1_000

    /// How a body came to its end.
    package enum Close: String, Sendable {
        /// It ended cleanly.
        case end
        /// Its connection was cut by a fault.
        case cut
        /// Its client went away.
        case client
        /// It has not ended.
        case open
    }

    /// One body.
    package struct Body: Sendable, Equatable {
        /// When it was begun.
        package let opened: LogTime
        /// Whether it follows.
        package let follow: Bool
        /// The runs of consecutive whole lines that were handed to the socket; the last may be empty.
        package fileprivate(set) var runs: [Range<Int>]
        /// How it ended.
        package fileprivate(set) var close = Close.open
        /// When it ended.
        package fileprivate(set) var closed: LogTime?
        /// The fault that it suffered, as an entry.
        package fileprivate(set) var fault: String?
    }

    /// The bodies, in the order of their requests.
    package private(set) var bodies: [Body] = []
    private var forgotten = 0

    /// Starts with no bodies.
    package init() {}

    /// Begins a body at a line and returns its number.
    package mutating func open(at time: LogTime, line: Int, follow: Bool) -> Int {
        if bodies.count == Self.capacity {
            bodies.removeFirst(Self.forgottenAtOnce)
            forgotten += Self.forgottenAtOnce
        }
        bodies.append(Body(opened: time, follow: follow, runs: [line..<line]))
        return forgotten + bodies.count - 1
    }

    /// Notes that a body has sent these lines.
    package mutating func sent(_ lines: Range<Int>, by number: Int) {
        guard !lines.isEmpty else { return }
        change(number) { body in
            let last = body.runs.count - 1
            if body.runs[last].isEmpty {
                body.runs[last] = lines
            } else if body.runs[last].upperBound == lines.lowerBound {
                body.runs[last] = body.runs[last].lowerBound..<lines.upperBound
            } else {
                body.runs.append(lines)
            }
        }
    }

    /// Notes the fault that a body has suffered.
    package mutating func hit(_ number: Int, by fault: LogFault) {
        change(number) { $0.fault = fault.description }
    }

    /// Notes the end of a body; only the first counts.
    package mutating func close(_ number: Int, _ close: Close, at time: LogTime) {
        change(number) { body in
            guard body.close == .open else { return }
            body.close = close
            body.closed = time
        }
    }

    private mutating func change(_ number: Int, _ change: (inout Body) -> Void) {
        let index = number - forgotten
        if bodies.indices.contains(index) { change(&bodies[index]) }
    }
}
