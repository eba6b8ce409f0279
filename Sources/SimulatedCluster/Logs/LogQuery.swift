package import LogModel
package import WebServer

/// The parameters of a log request, read and checked as the API server does.
///
/// | parameter | form | what is refused |
/// | --- | --- | --- |
/// | `container` | a name | |
/// | `follow` `previous` `timestamps` `insecureSkipTLSVerifyBackend` | false for `false` and `0`, true for all else | |
/// | `sinceSeconds` | integer | below 1; together with `sinceTime` (422) |
/// | `sinceTime` | RFC 3339, cut to whole seconds | another form (400) |
/// | `tailLines` | integer | below 0 (422) |
/// | `limitBytes` | integer | below 1 (422) |
/// | `stream` | | always: its gate is off (422) |
package struct LogQuery: Sendable, Equatable {
    /// The container's name; nil where none was named.
    package var container: String?
    /// Whether the answer goes on until the container ends.
    package var follow = false
    /// Whether the instance before the present one is asked for.
    package var previous = false
    /// Whether each line starts with its time.
    package var timestamps = false
    /// Only lines of the last so many seconds.
    package var sinceSeconds: Int?
    /// Only lines of that second or later.
    package var sinceTime: LogTime?
    /// Only so many records from the end.
    package var tailLines: Int?
    /// Only so many bytes.
    package var limitBytes: Int?

    /// Asks for everything.
    package init() {}

    /// Reads a request's query.
    package init(_ items: [QueryItem], pod: String) throws(StatusError) {
        var isSplit = false
        for item in items {
            let value = item.value ?? ""
            switch item.name {
            case "container": container = value.isEmpty ? nil : value
            case "follow": follow = Self.flag(value)
            case "previous": previous = Self.flag(value)
            case "timestamps": timestamps = Self.flag(value)
            case "sinceSeconds": sinceSeconds = try Self.number(value)
            case "tailLines": tailLines = try Self.number(value)
            case "limitBytes": limitBytes = try Self.number(value)
            case "stream": isSplit = true
            case "sinceTime":
                guard let time = RFC3339.parse(value) else {
                    throw .badRequest(
                        "parsing time \"\(value)\" as \"2006-01-02T15:04:05Z07:00\": "
                            + "cannot parse \"\(value)\" as \"2006\"")
                }
                sinceTime = LogTime(seconds: time.wholeSeconds)
            default: break
            }
        }
        let causes = causes(isSplit: isSplit)
        if !causes.isEmpty { throw .invalid(kind: "PodLogOptions", name: pod, causes: causes) }
    }

    /// The time before which no record is served.
    package func since(now: LogTime) -> LogTime? {
        sinceTime ?? sinceSeconds.map { now - .seconds($0) }
    }

    private func causes(isSplit: Bool) -> [StatusError.Cause] {
        var causes: [StatusError.Cause] = []
        if let tailLines, tailLines < 0 {
            causes.append(
                .invalid("tailLines", "\(tailLines)", "must be greater than or equal to 0"))
        }
        if let limitBytes, limitBytes < 1 {
            causes.append(.invalid("limitBytes", "\(limitBytes)", "must be greater than 0"))
        }
        if sinceSeconds != nil, sinceTime != nil {
            causes.append(
                .forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let sinceSeconds, sinceSeconds < 1 {
            causes.append(.invalid("sinceSeconds", "\(sinceSeconds)", "must be greater than 0"))
        }
        if isSplit { causes.append(.forbidden("stream", "may not be specified")) }
        return causes
    }

    private static func flag(_ value: String) -> Bool {
        !["false", "0"].contains(value.lowercased())
    }

    private static func number(_ value: String) throws(StatusError) -> Int {
        guard let number = Int(value) else {
            throw .badRequest("strconv.ParseInt: parsing \"\(value)\": invalid syntax")
        }
        return number
    }
}
