/// Prometheus's text format, version 0.0.4:
///
/// ```
/// # HELP name help, with \\ and \n escaped
/// # TYPE name counter
/// name 12
/// name{label="part, with \\, \" and \n escaped"} 12
/// ```
enum MetricsText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ metrics: [Metric]) -> String {
        var text = ""
        for metric in metrics {
            let help = escaped(metric.help, quotes: false)
            text += "# HELP \(metric.name) \(help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples {
                text += metric.name
                if let label = metric.label, let part = sample.part {
                    text += "{\(label)=\"\(escaped(part, quotes: true))\"}"
                }
                text += " \(number(sample.value))\n"
            }
        }
        return text
    }

    /// Whole numbers without a point, which is what people look for in the text.
    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        // By scalars: to Swift, a carriage return and a newline are one character.
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
