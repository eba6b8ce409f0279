/// A request's target, taken apart: RFC 9112 section 3.2, origin form or absolute form.
struct RequestTarget: Equatable {
    /// The path as sent, without the query.
    let path: String
    let segments: [String]
    let query: [QueryItem]

    /// Takes `target` apart.
    ///
    /// - Throws: a failure with status 400 where it is no path, where an escape is not two
    ///   hexadecimal digits or not UTF-8, or where a segment would leave its folder.
    init(_ target: String) throws(RequestFailure) {
        let target = try Self.originForm(of: target)
        let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        path = String(target[..<end])
        segments = try Self.segments(of: path)
        query =
            end == target.endIndex ? [] : try Self.items(of: target[target.index(after: end)...])
    }

    private static func originForm(of target: String) throws(RequestFailure) -> String {
        if target.utf8.first == .slash || target == "*" { return target }
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
            return rest[start] == "/" ? String(rest[start...]) : "/" + rest[start...]
        }
        throw RequestFailure(400, "the request target must be an absolute path")
    }

    private static func segments(of path: String) throws(RequestFailure) -> [String] {
        var segments: [String] = []
        for part in path.split(separator: "/") {
            let segment = try decoded(part, plusIsSpace: false)
            if segment == "." || segment == ".." {
                throw RequestFailure(400, "the path must not contain the segment \"\(segment)\"")
            }
            if segment.utf8.contains(.slash) || segment.utf8.contains(0) {
                throw RequestFailure(400, "a path segment must not contain an escaped slash or NUL")
            }
            segments.append(segment)
        }
        return segments
    }

    private static func items(of text: Substring) throws(RequestFailure) -> [QueryItem] {
        var items: [QueryItem] = []
        for part in text.split(separator: "&") {
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                items.append(QueryItem(try decoded(part, plusIsSpace: true), nil))
                continue
            }
            let name = try decoded(part[..<equals], plusIsSpace: true)
            let value = try decoded(part[part.index(after: equals)...], plusIsSpace: true)
            items.append(QueryItem(name, value))
        }
        return items
    }

    private static func decoded(
        _ text: Substring, plusIsSpace: Bool
    ) throws(RequestFailure) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == .percent {
                guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue
                else {
                    throw RequestFailure(400, "\"%\" must be followed by two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == .plus ? .space : byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RequestFailure(400, "the request target is not UTF-8 once it is decoded")
        }
        return decoded
    }
}
