import GRDB
import LogModel

/// A `WHERE` clause that is made of the parts that are given.
struct SQLConditions {
    private var parts: [String] = []
    private var arguments: [(any DatabaseValueConvertible)?] = []

    /// Adds a condition, unless its value is `nil`.
    mutating func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        parts.append(condition)
        arguments.append(value)
    }

    /// Adds the condition that `column` is one of `values`, unless they are `nil`.
    mutating func add(_ column: String, in values: [String]?) {
        guard let values else { return }
        let places = values.map { _ in "?" }.joined(separator: ", ")
        parts.append("\(column) IN (\(places))")
        arguments += values.map { $0 as (any DatabaseValueConvertible)? }
    }

    /// The clause; empty when there is no condition.
    var text: String { parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND ") }

    /// The values of the conditions.
    var values: StatementArguments { StatementArguments(arguments) }

    /// The values of the conditions, and one more.
    func values(_ last: some DatabaseValueConvertible) -> StatementArguments {
        StatementArguments(arguments + [last])
    }
}

extension Row {
    /// A column of nanoseconds as a time.
    func time(_ index: Int) -> LogTime? {
        (self[index] as Int64?).map(LogTime.init(nanoseconds:))
    }
}
