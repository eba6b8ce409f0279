/// A number that `/metrics` shows.
///
/// Names are Prometheus's: base units (bytes, seconds), and `_total` for what only grows from the
/// daemon's start on.
package struct Metric: Sendable {
    /// What may become of the number.
    package enum Kind: String, Sendable {
        /// It only grows, until the daemon starts anew.
        case counter
        /// It goes up and down.
        case gauge
    }

    /// A value, of the metric itself or of one part of it.
    struct Sample: Sendable {
        /// Which part, as the value of the metric's label.
        let part: String?
        let value: Double
    }

    let name: String
    let kind: Kind
    /// What it counts, in a line.
    let help: String
    /// What tells the parts from each other; `nil`: there are none.
    let label: String?
    let samples: [Sample]

    /// A number of its own.
    package init(_ kind: Kind, _ name: String, _ value: some BinaryInteger, _ help: String) {
        self.init(kind, name, Double(value), help)
    }

    /// A number of its own that is not whole.
    package init(_ kind: Kind, _ name: String, _ value: Double, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        label = nil
        samples = [Sample(part: nil, value: value)]
    }

    /// A number for each part that `label` names.
    package init(
        _ kind: Kind, _ name: String, by label: String, _ parts: [(name: String, value: Int64)],
        _ help: String
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.label = label
        samples = parts.map { Sample(part: $0.name, value: Double($0.value)) }
    }
}

/// Where metrics come from, asked each time that they are shown.
package struct MetricsSource: Sendable {
    /// The numbers now.
    package let metrics: @Sendable () async throws -> [Metric]

    /// Names a source.
    package init(_ metrics: @escaping @Sendable () async throws -> [Metric]) {
        self.metrics = metrics
    }
}
