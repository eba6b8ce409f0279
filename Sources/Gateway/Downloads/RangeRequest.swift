import WebServer

/// What the header field `Range` asks of a body whose length is known: RFC 9110 section 14.
///
/// | field | answer |
/// | --- | --- |
/// | `bytes=A-B`, `bytes=A-`, `bytes=-N` | that part, as far as it is there |
/// | a part that begins behind the end, or the last 0 bytes | ``unsatisfiable`` (416) |
/// | several ranges, another unit, what cannot be read | ``whole``: the field is ignored |
enum RangeRequest: Equatable {
    /// The whole body.
    case whole
    /// Bytes of it, at least one.
    case part(Range<Int64>)
    /// None of its bytes.
    case unsatisfiable

    /// Reads `field`, for a body of `length` bytes.
    init(_ field: String?, length: Int64) {
        guard let field, let equals = field.firstIndex(of: "="),
            field[..<equals].lowercased() == "bytes"
        else {
            self = .whole
            return
        }
        let ends = field[field.index(after: equals)...]
            .split(separator: "-", omittingEmptySubsequences: false).map { $0.trimmingBlanks() }
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1])
        else {
            self = .whole
            return
        }
        self = Self.decide(first, last, length)
    }

    private static func decide(_ first: Number, _ last: Number, _ length: Int64) -> RangeRequest {
        switch (first, last) {
        case (.absent, .absent): return .whole
        case (.absent, .value(let count)):
            guard count > 0, length > 0 else { return .unsatisfiable }
            return .part(max(0, length - count)..<length)
        case (.value(let from), .absent):
            return from < length ? .part(from..<length) : .unsatisfiable
        case (.value(let from), .value(let through)):
            guard from <= through else { return .whole }
            return from < length
                ? .part(from..<(through < length ? through + 1 : length)) : .unsatisfiable
        }
    }

    private enum Number {
        case absent
        case value(Int64)
    }

    /// A position; one that is larger than any length is the largest.
    private static func number(_ text: Substring) -> Number? {
        if text.isEmpty { return .absent }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return .value(Int64(text) ?? .max)
    }
}
