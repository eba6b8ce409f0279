extension LogFault {
    /// What an entry must look like.
    static let requirement =
        "must be ok, status=204, status=400, status=404, status=500, status=429:SECONDS, cut@N, "
        + "cut-rotate@N, end@N, end-rotate@N, stall@N:DURATION, slow:DURATION, text@N, removed@N "
        + "or node-gone@N"

    /// Reads one entry; nil for any other text.
    package init?(_ entry: some StringProtocol) {
        if entry == "ok" {
            self = .ok
        } else if let value = Self.value(of: entry, behind: "status=") {
            guard let refusal = Refusal(value) else { return nil }
            self = .refused(refusal)
        } else if let value = Self.value(of: entry, behind: "slow:") {
            guard let pause = Duration(text: value) else { return nil }
            self = .slow(pause)
        } else {
            guard let sign = entry.firstIndex(of: "@") else { return nil }
            let figures = entry[entry.index(after: sign)...]
                .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let duration = figures.dropFirst().first.map { String($0) }
            guard let lines = Self.number(figures[0]),
                let what = Break(String(entry[..<sign]), duration)
            else { return nil }
            self = .broken(what, after: lines)
        }
    }

    /// Reads entries that are separated by semicolons.
    ///
    /// - Returns: the faults, and the entries that are none.
    package static func list(_ text: String) -> (faults: [LogFault], unreadable: [String]) {
        guard !text.isEmpty else { return ([], []) }
        var faults: [LogFault] = []
        var unreadable: [String] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let entry = part.trimmingPrefix(while: \.isWhitespace)
            if let fault = LogFault(entry) {
                faults.append(fault)
            } else {
                unreadable.append(String(entry))
            }
        }
        return (faults, unreadable)
    }

    private static func value(of entry: some StringProtocol, behind prefix: String) -> String? {
        entry.hasPrefix(prefix) ? String(entry.dropFirst(prefix.count)) : nil
    }

    /// Digits alone: no sign.
    fileprivate static func number(_ text: some StringProtocol) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }
}

extension LogFault.Refusal {
    fileprivate init?(_ text: String) {
        switch text {
        case "204": self = .noContent
        case "400": self = .waiting
        case "404": self = .unknownToKubelet
        case "500": self = .unreachable
        default:
            guard text.hasPrefix("429:"), let seconds = LogFault.number(text.dropFirst(4)) else {
                return nil
            }
            self = .tooMany(retryAfterSeconds: seconds)
        }
    }
}

extension LogFault.Break {
    fileprivate init?(_ name: String, _ duration: String?) {
        if name == "stall" {
            guard let pause = duration.flatMap({ Duration(text: $0) }) else { return nil }
            self = .stall(pause)
            return
        }
        guard duration == nil else { return nil }
        switch name {
        case "cut": self = .cut(rotates: false)
        case "cut-rotate": self = .cut(rotates: true)
        case "end": self = .end(rotates: false)
        case "end-rotate": self = .end(rotates: true)
        case "text": self = .text
        case "removed": self = .removed
        case "node-gone": self = .nodeGone
        default: return nil
        }
    }
}
