/// In which form a client takes objects, by its `Accept` header.
///
/// Only JSON is spoken. A client that would take another form as well gets JSON; one that takes
/// nothing else is told so.
enum AcceptedForm: Equatable, Sendable {
    /// Objects as they are.
    case objects
    /// A `Table`, which is what kubectl prints.
    case table(version: String)
    /// Objects with nothing but their metadata.
    case metadata(version: String)

    /// The first form that can be given of those that `accept` names; JSON where it names none.
    ///
    /// - Parameters:
    ///   - accept: the header's value.
    ///   - types: the media types that can be given besides `application/json`.
    ///   - hasTables: whether there are tables.
    /// - Throws: 406 when there is none.
    init(
        _ accept: String?, types: [String] = [], hasTables: Bool = true
    ) throws(StatusResponse) {
        guard let accept, accept.contains(where: { !$0.isWhitespace }) else {
            self = .objects
            return
        }
        let served = ["application/json"] + types
        for range in Self.ranges(accept) where served.contains(where: range.includes) {
            switch (range.parameters["as"], range.parameters["g"], range.parameters["v"]) {
            case (nil, nil, _):
                self = .objects
                return
            case ("Table", "meta.k8s.io", let version?) where hasTables:
                self = .table(version: version)
                return
            case ("PartialObjectMetadata", "meta.k8s.io", let version?) where hasTables,
                ("PartialObjectMetadataList", "meta.k8s.io", let version?) where hasTables:
                self = .metadata(version: version)
                return
            default: continue
            }
        }
        throw StatusResponse(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: "
                + served.joined(separator: ", "))
    }

    /// One of the media ranges of a header.
    private struct Range {
        let type: Substring
        let subtype: Substring
        var quality = 1.0
        var parameters: [String: String] = [:]

        /// Whether the range takes a media type.
        func includes(_ served: String) -> Bool {
            let parts = served.split(separator: "/")
            return (type == "*" || type == parts[0]) && (subtype == "*" || subtype == parts[1])
        }
    }

    /// The ranges, the most wanted first.
    private static func ranges(_ accept: String) -> [Range] {
        let parsed = accept.split(separator: ",").compactMap(range).filter { $0.quality > 0 }
        // Equal ones stay in the client's order.
        return parsed.enumerated().sorted {
            ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset)
        }.map(\.element)
    }

    private static func range(_ text: Substring) -> Range? {
        let parts = text.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        guard let type = parts.first?.lowercased().split(separator: "/"), type.count == 2 else {
            return nil
        }
        var range = Range(type: type[0], subtype: type[1])
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            if pair[0] == "q" { range.quality = Double(pair[1]) ?? 0 }
            range.parameters[String(pair[0])] = String(pair[1])
        }
        return range
    }
}
