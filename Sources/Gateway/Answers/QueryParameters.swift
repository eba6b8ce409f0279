import LogModel
import WebServer

/// A query string, read as Kubernetes reads one: the first of a name counts, unknown names are
/// ignored.
struct QueryParameters: Sendable {
    private let items: [QueryItem]

    /// Reads from decoded items.
    init(_ items: [QueryItem]) {
        self.items = items
    }

    /// The value of `name`, empty when the name stands alone; `nil` when it is absent.
    func text(_ name: String) -> String? {
        items.first { $0.name == name }.map { $0.value ?? "" }
    }

    /// The value of `name` where an empty one means the same as none.
    func filter(_ name: String) -> String? {
        text(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The values of `name`, which may be repeated and may hold several between commas.
    func list(_ name: String) -> [String] {
        items.filter { $0.name == name }
            .flatMap { ($0.value ?? "").split(separator: ",").map(String.init) }
    }

    /// Whether `name` is set: alone or with any value but `false` and `0`, as in Kubernetes.
    func flag(_ name: String) -> Bool? {
        text(name).map { $0.lowercased() != "false" && $0 != "0" }
    }

    /// The whole number `name`; `allowed` says in words what is allowed, for the refusal.
    func integer(_ name: String, allowed: String) throws(StatusResponse) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let number = Int64(text) else {
            throw .badRequest("\(name): \"\(text)\" is not a whole number: \(allowed) is allowed")
        }
        return number
    }

    /// The whole number `name` within `range`.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(StatusResponse) -> Int64? {
        let most = range.upperBound == .max ? "" : " and at most \(range.upperBound)"
        let allowed = "a whole number of at least \(range.lowerBound)\(most)"
        guard let number = try integer(name, allowed: allowed) else { return nil }
        guard range.contains(number) else {
            throw .badRequest("\(name): \(number) is out of bounds: \(allowed) is allowed")
        }
        return number
    }

    /// The RFC 3339 time `name`, to the nanosecond.
    func time(_ name: String) throws(StatusResponse) -> LogTime? {
        guard let text = text(name) else { return nil }
        guard let time = RFC3339.parse(text) else {
            throw .badRequest(
                "\(name): \"\(text)\" is not a time: RFC 3339 is allowed, as "
                    + "2026-11-23T18:12:07Z or 2026-11-23T18:12:07.123456789+01:00 "
                    + "(in a URL, + is written %2B)")
        }
        return time
    }

    /// One of the raw values of an enumeration.
    func choice<Choice: CaseIterable & RawRepresentable>(
        _ name: String, of type: Choice.Type
    ) throws(StatusResponse) -> Choice? where Choice.RawValue == String {
        guard let text = filter(name) else { return nil }
        guard let choice = Choice(rawValue: text) else { throw Self.unknown(name, text, of: type) }
        return choice
    }

    /// The refusal of a value that is none of an enumeration's.
    static func unknown<Choice: CaseIterable & RawRepresentable>(
        _ name: String, _ text: String, of type: Choice.Type
    ) -> StatusResponse where Choice.RawValue == String {
        let allowed = type.allCases.map(\.rawValue).joined(separator: ", ")
        return .badRequest("\(name): \"\(text)\" is not known: one of \(allowed) is allowed")
    }
}
