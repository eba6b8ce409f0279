import LogModel

/// The parameters of Kubernetes' log API, with its checks and in its words.
///
/// | parameter | values | meaning |
/// | --- | --- | --- |
/// | `container` | text | whose log; may be left out where there is one container alone |
/// | `follow` `timestamps` `previous` | flag | as for `/logs/…` |
/// | `tailLines` | 0 … | only the last lines |
/// | `sinceSeconds` | 1 … | only lines of that many last seconds |
/// | `sinceTime` | RFC 3339 | only lines stamped in that second or later: its fraction is dropped |
/// | `limitBytes` | 1 … | at most so many bytes, which may cut the last line |
/// | `stream` | `All` | nothing else: what is stored does not tell stdout from stderr |
/// | `insecureSkipTLSVerifyBackend` | – | ignored: nothing is asked of the kubelet |
struct PodLogParameters: Sendable, Equatable {
    /// The container that is named.
    let container: String?
    /// Whether the instance before the latest is meant.
    let previous: Bool
    /// What is read, in the terms of `/logs/…`.
    let log: LogParameters
    /// Whether the answer goes on until the log ends.
    let follow: Bool

    /// Reads a query.
    init(_ query: QueryParameters, pod: String) throws(StatusResponse) {
        container = query.filter("container")
        previous = query.flag("previous") ?? false
        follow = query.flag("follow") ?? false
        var log = LogParameters()
        log.timestamps = query.flag("timestamps") ?? false
        let tailLines = try query.number("tailLines")
        let limitBytes = try query.number("limitBytes")
        let sinceSeconds = try query.number("sinceSeconds")
        let sinceTime = try query.wholeSecond("sinceTime")
        var causes: [StatusResponse.Cause] = []
        if let tailLines, tailLines < 0 {
            causes.append(.tooSmall("tailLines", tailLines, "or equal to 0"))
        }
        if let limitBytes, limitBytes < 1 {
            causes.append(.tooSmall("limitBytes", limitBytes, "0"))
        }
        switch (sinceSeconds, sinceTime) {
        case (.some, .some):
            causes.append(
                StatusResponse.Cause(
                    reason: "FieldValueForbidden",
                    message: "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be "
                        + "specified", field: "[]"))
        case (let seconds?, nil) where seconds < 1:
            causes.append(.tooSmall("sinceSeconds", seconds, "0"))
        default: break
        }
        if let stream = query.filter("stream"), stream != "All" {
            causes.append(
                StatusResponse.Cause(
                    reason: "FieldValueForbidden",
                    message: "Forbidden: may not be specified: stdout and stderr are stored as one",
                    field: "stream"))
        }
        guard causes.isEmpty else {
            throw .invalid(kind: "PodLogOptions", name: pod, causes: causes)
        }
        log.tailLines = tailLines.map { Int(clamping: $0) }
        log.limitBytes = limitBytes.map { Int(clamping: $0) }
        log.since = sinceSeconds.map { .seconds($0) } ?? sinceTime.map { .time($0) }
        self.log = log
    }
}

extension QueryParameters {
    /// An RFC 3339 time, of which Kubernetes keeps the whole second.
    fileprivate func wholeSecond(_ name: String) throws(StatusResponse) -> LogTime? {
        guard let text = text(name) else { return nil }
        guard let time = RFC3339.parse(text) else {
            throw .badRequest(
                "parsing time \"\(text)\" as \"2006-01-02T15:04:05Z07:00\": "
                    + TimeProblem.text(text))
        }
        return LogTime(seconds: time.wholeSeconds)
    }
}
