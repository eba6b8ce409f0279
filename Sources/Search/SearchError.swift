/// Why a search cannot be begun, or cannot go on.
package enum SearchError: Error, Equatable, CustomStringConvertible {
    /// The pattern is wrong at this byte of it.
    case badPattern(String, offset: Int)
    /// The pattern takes too long, or too much memory, on the line with this number.
    case tooExpensive(String, line: Int64)
    /// There is no memory to search with.
    case unavailable(String)
    /// Nobody waits for the results any more.
    case stopped

    /// A sentence.
    package var description: String {
        switch self {
        case .badPattern(let message, let offset):
            "the pattern is wrong at byte \(offset): \(message)"
        case .tooExpensive(let message, let line):
            "the pattern is too expensive at line \(line): \(message)"
        case .unavailable(let message): message
        case .stopped: "the search was stopped"
        }
    }
}
