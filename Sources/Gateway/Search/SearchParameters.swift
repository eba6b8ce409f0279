import LogModel
import Search
import WebServer

/// What a search in a log asks for, beside what ``LogParameters`` says of the lines it looks at.
///
/// | parameter | values | meaning |
/// | --- | --- | --- |
/// | `grep` | PCRE2 | lines that match |
/// | `fixed` | text | lines that hold the text; alone or `true` beside `grep`: that is no pattern but a text |
/// | `ignoreCase` | flag | small and capital letters are the same |
/// | `before` `after` | 0 … 1000 | lines of context before and behind each match |
/// | `limit` | 1 … | at most that many matching lines |
/// | `count` | flag | only how many lines match |
struct SearchParameters: Sendable, Equatable {
    /// The most lines of context on one side.
    static let contextLimit: Int64 = 1_000

    let pattern: SearchPattern.Specification
    let scope: SearchScope
    let isCount: Bool

    /// Reads a query; `nil` where it asks for no search.
    init?(_ query: QueryParameters, _ log: LogParameters) throws(StatusResponse) {
        guard let pattern = try Self.pattern(query) else { return nil }
        self.pattern = pattern
        isCount = query.flag("count") ?? false
        var scope = SearchScope()
        scope.before = Int(try query.integer("before", in: 0...Self.contextLimit) ?? 0)
        scope.after = Int(try query.integer("after", in: 0...Self.contextLimit) ?? 0)
        scope.limit = Int(try query.integer("limit", in: 1...Int64.max) ?? .max)
        self.scope = scope
        if log.attempt == .all {
            throw .badRequest(
                "attempt: \"all\" has no line numbers to search by: one attempt at a time is allowed"
            )
        }
        if log.limitBytes != nil {
            throw .badRequest("limitBytes: not allowed with a search; use limit or lines")
        }
        if log.follow == true {
            throw .badRequest(
                "follow: not allowed with a search; search again with from= the searchedTo of the "
                    + "last answer")
        }
    }

    private static func pattern(
        _ query: QueryParameters
    ) throws(StatusResponse) -> SearchPattern.Specification? {
        let ignoresCase = query.flag("ignoreCase") ?? false
        let fixed = query.text("fixed")
        guard let grep = query.text("grep") else {
            return fixed.map {
                SearchPattern.Specification($0, isFixed: true, ignoresCase: ignoresCase)
            }
        }
        // Beside `grep` it is a flag.
        guard fixed == nil || ["", "true", "1", "false", "0"].contains(fixed) else {
            throw .badRequest("fixed: a text of its own is not allowed beside grep")
        }
        return SearchPattern.Specification(
            grep, isFixed: query.flag("fixed") ?? false, ignoresCase: ignoresCase)
    }

    /// How results are written: JSON where the client asks for it.
    static func form(_ request: ServerRequest, _ log: LogParameters) -> SearchForm {
        let accepted = request.fields.list("Accept").contains { range in
            range.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " } }
                == "application/x-ndjson"
        }
        return accepted ? .json : .text(timestamps: log.timestamps)
    }
}
