import LogModel

/// What a reader of a log asks for: the parameters of the Kubernetes log API, and our own.
///
/// | parameter | values | meaning |
/// | --- | --- | --- |
/// | `follow` | flag | go on until the stream ends; for WebSocket and SSE that is the default |
/// | `timestamps` | flag | each line starts with its time, RFC 3339 with nine digits, and a space |
/// | `tailLines` | 0 … | only the last lines |
/// | `sinceTime` | RFC 3339 | only lines stamped then or later |
/// | `sinceSeconds` | 1 … | only lines of that many last seconds; not with `sinceTime` |
/// | `limitBytes` | 1 … | at most so many bytes, which may cut the last line |
/// | `previous` | flag | the instance before the latest |
/// | `attempt` | 0 … or `all` | that instance, or all in order; not with `previous` |
/// | `from` | 0 … | from that line number on |
/// | `to` | 0 … | up to that line number, without it |
/// | `lines` | 0 … | at most that many lines, gap records and parts of long lines counted |
/// | `uid` | text | the Pod with that UID, where several had the name |
/// | `wait` | 0 … 3600 | seconds to wait for a Pod that nobody has seen, when following |
///
/// `tailLines` goes first, then the time, then `lines`, then `limitBytes`.
struct LogParameters: Sendable, Equatable {
    /// The instant that `sinceTime` or `sinceSeconds` names.
    enum Since: Sendable, Equatable {
        case time(LogTime)
        case seconds(Int64)
    }

    /// Which instances of the container.
    enum Attempt: Sendable, Equatable {
        case latest
        case previous
        case number(Int)
        case all
    }

    /// Seconds that a follower waits for a Pod that nobody has seen: as long as a scheduler and an
    /// image pull usually take before someone gives up looking.
    static let waitSeconds: Int64 = 60
    /// The most seconds that a client may ask to wait.
    static let waitLimitSeconds: Int64 = 3600

    var follow: Bool?
    var timestamps = false
    var tailLines: Int?
    var since: Since?
    var limitBytes: Int?
    var attempt = Attempt.latest
    var from: Int64?
    var to: Int64?
    var lines: Int64?
    var uid: String?
    var wait = Duration.seconds(waitSeconds)

    /// Nothing asked for but the log.
    init() {}

    /// Reads a query, with Kubernetes' checks and, for its own parameters, Kubernetes' words.
    init(_ query: QueryParameters, pod: String) throws(StatusResponse) {
        follow = query.flag("follow")
        timestamps = query.flag("timestamps") ?? false
        uid = query.filter("uid")
        from = try query.integer("from", in: 0...Int64.max)
        to = try query.integer("to", in: 0...Int64.max)
        lines = try query.integer("lines", in: 0...Int64.max)
        let seconds = try query.integer("wait", in: 0...Self.waitLimitSeconds)
        wait = .seconds(seconds ?? Self.waitSeconds)
        var causes: [StatusResponse.Cause] = []
        tailLines = try query.integer("tailLines", allowed: "0 or more").flatMap { number in
            if number < 0 { causes.append(.tooSmall("tailLines", number, "or equal to 0")) }
            return Int(number)
        }
        limitBytes = try query.integer("limitBytes", allowed: "1 or more").flatMap { number in
            if number < 1 { causes.append(.tooSmall("limitBytes", number, "0")) }
            return Int(number)
        }
        let secondsAgo = try query.integer("sinceSeconds", allowed: "1 or more")
        since = try query.time("sinceTime").map(Since.time)
        if let secondsAgo {
            if since != nil {
                causes.append(.excluding("sinceTime", "sinceSeconds"))
            } else if secondsAgo < 1 {
                causes.append(.tooSmall("sinceSeconds", secondsAgo, "0"))
            }
            since = .seconds(secondsAgo)
        }
        attempt = try Self.attempt(query)
        if query.flag("previous") == true {
            if attempt != .latest { causes.append(.excluding("previous", "attempt")) }
            attempt = .previous
        }
        if attempt == .all, from != nil { causes.append(.excluding("from", "attempt=all")) }
        if attempt == .all, to != nil { causes.append(.excluding("to", "attempt=all")) }
        guard causes.isEmpty else {
            throw .invalid(kind: "PodLogOptions", name: pod, causes: causes)
        }
    }

    private static func attempt(_ query: QueryParameters) throws(StatusResponse) -> Attempt {
        guard let text = query.filter("attempt") else { return .latest }
        if text == "all" { return .all }
        guard let number = Int(text), number >= 0 else {
            throw .badRequest(
                "attempt: \"\(text)\" is not an attempt: a restart count (0 or more) or all "
                    + "is allowed")
        }
        return .number(number)
    }

    /// The time that ``since`` names, seen from `now`.
    func sinceTime(now: LogTime) -> LogTime? {
        switch since {
        case nil: return nil
        case .time(let time): return time
        case .seconds(let seconds):
            let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (start, isBeforeAll) = now.nanoseconds.subtractingReportingOverflow(nanoseconds)
            return LogTime(nanoseconds: overflow || isBeforeAll ? .min : start)
        }
    }
}

extension StatusResponse.Cause {
    /// Kubernetes' words for a number below its bound.
    static func tooSmall(
        _ field: String, _ number: Int64, _ bound: String
    ) -> StatusResponse.Cause {
        StatusResponse.Cause(
            reason: "FieldValueInvalid",
            message: "Invalid value: \(number): must be greater than \(bound)", field: field)
    }

    /// Kubernetes' words for two parameters that exclude each other.
    fileprivate static func excluding(_ one: String, _ other: String) -> StatusResponse.Cause {
        StatusResponse.Cause(
            reason: "FieldValueForbidden",
            message: "Forbidden: at most one of `\(one)` or `\(other)` may be specified",
            field: one)
    }
}
