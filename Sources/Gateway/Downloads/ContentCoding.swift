import WebServer

/// How a body is packed on its way, chosen by `Accept-Encoding`: RFC 9110 section 12.5.3.
enum ContentCoding: String {
    /// As it is.
    case identity
    /// A stream of the deflate algorithm: what every client knows.
    case gzip
    /// Frames of zstd, as the store has them.
    case zstd

    /// What is sent when the client likes several equally well: the cheapest to make comes first.
    private static let preference: [ContentCoding] = [.zstd, .gzip, .identity]

    /// The best of what the client accepts; ``identity`` where it names none of ours.
    init(acceptedBy request: ServerRequest) {
        var weights: [String: Double] = [:]
        for element in request.fields.list("Accept-Encoding") {
            let parts = element.split(separator: ";").map { part in
                part.trimmingBlanks().lowercased()
            }
            guard let name = parts.first, weights[name] == nil else { continue }
            weights[name] = Self.weight(parts.dropFirst())
        }
        var best = (coding: ContentCoding.identity, weight: 0.0)
        for coding in Self.preference {
            let weight = Self.weight(of: coding, weights)
            if weight > best.weight { best = (coding, weight) }
        }
        self = best.coding
    }

    private static func weight(of coding: ContentCoding, _ weights: [String: Double]) -> Double {
        // `x-gzip` is an old name of `gzip`.
        let alias = coding == .gzip ? weights["x-gzip"] : nil
        if let weight = weights[coding.rawValue] ?? alias ?? weights["*"] { return weight }
        // What is sent without a coding needs no mention, and comes last.
        return coding == .identity ? .leastNormalMagnitude : 0
    }

    /// The weight among a coding's parameters; one that cannot be read counts as none given.
    private static func weight(_ parameters: some Sequence<String>) -> Double {
        for parameter in parameters {
            // Blanks around the sign are not allowed, and what they would exclude is excluded.
            let parts = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks() }
            guard parts.count == 2, parts[0] == "q" else { continue }
            guard let weight = Double(parts[1]), (0...1).contains(weight) else { return 1 }
            return weight
        }
        return 1
    }
}
