/// The negotiation of permessage-deflate, RFC 7692 section 7: a pure function of what is offered.
///
/// No side keeps its window from message to message. So one compression of a message serves every
/// client that asked for it, and a quiet client holds no memory for it.
enum DeflateOffer {
    /// What is answered to the first offer that can be met.
    static let answer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    /// The sizes of a window as they are written, without signs and leading zeros.
    private static let windows = Set((8...15).map(String.init))

    /// Whether one of the extensions that a client offers can be met. What it cannot be told from its
    /// names and values (unknown or repeated parameters, a window smaller than ours) is declined.
    static func isAcceptable(_ extensions: [String]) -> Bool {
        extensions.contains(where: isAcceptable)
    }

    private static func isAcceptable(_ offer: String) -> Bool {
        let parts = offer.split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.trimmingBlanks() }
        guard parts.first == "permessage-deflate" else { return false }
        var seen: Set<Substring> = []
        return parts.dropFirst().allSatisfy { part in
            let sides = part.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false
            ).map { $0.trimmingBlanks() }
            guard let name = sides.first, seen.insert(name).inserted else { return false }
            let value = sides.dropFirst().first.map(unquoted)
            return switch name {
            case "server_no_context_takeover", "client_no_context_takeover": value == nil
            // Ours is always the largest.
            case "server_max_window_bits": value == "15"
            // Whatever the client uses, we can read.
            case "client_max_window_bits":
                value.map { windows.contains(String($0)) } ?? true
            default: false
            }
        }
    }

    private static func unquoted(_ value: Substring) -> Substring {
        guard value.count >= 2, value.first == "\"", value.last == "\"" else { return value }
        return value.dropFirst().dropLast()
    }
}
