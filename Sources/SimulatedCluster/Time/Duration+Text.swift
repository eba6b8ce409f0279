import LogModel

extension Duration {
    /// Reads `500ms`, `2s`, `1.5m` or `1h`, up to a year; nil for any other text.
    package init?(text: String) {
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Double(text.dropLast(unit.suffix.count)), number >= 0,
            number * unit.seconds <= 31_622_400
        else { return nil }
        self = .nanoseconds(Int64((number * unit.seconds * 1e9).rounded()))
    }

    /// The duration as ``init(text:)`` reads it: whole seconds as `2s`, all else in milliseconds.
    var text: String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest == 0 { return "\(seconds)s" }
        let (milliseconds, finer) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return finer == 0 ? "\(milliseconds)ms" : "\(Double(nanoseconds) / 1e6)ms"
    }
}
