/// An `http` or `https` URL, cut where the client needs to.
struct RequestURL: Sendable, Equatable {
    let isSecure: Bool
    /// With its `@`, or empty.
    private let userInfo: String
    /// An IPv6 address keeps its brackets.
    let host: String
    /// As written, nil where the scheme's default applies.
    let port: String?
    /// From the path's slash on; the query begins at the first `?`.
    private let rest: String

    /// Cuts a URL; nil when it is not an absolute `http` or `https` URL with a host, or has blanks
    /// or control characters.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            return nil
        }
        switch text[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let start = text.index(colon, offsetBy: 3)
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        rest = String(text[end...].prefix { $0 != "#" })
        var authority = text[start..<end]
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[...at])
            authority = authority[authority.index(after: at)...]
        } else {
            userInfo = ""
        }
        let hostEnd: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        host = String(authority[..<hostEnd])
        let tail = authority[hostEnd...]
        guard tail.isEmpty || tail.first == ":" else { return nil }
        let digits = tail.dropFirst()
        guard digits.isEmpty || UInt16(digits) != nil, !host.isEmpty else { return nil }
        port = digits.isEmpty ? nil : String(digits)
    }

    /// Host and port as they stand in a `Host` field.
    var authority: String {
        port.map { "\(host):\($0)" } ?? host
    }

    /// The URL without credentials and query: what may stand in a log.
    var forLogs: String {
        "\(isSecure ? "https" : "http")://\(authority)\(rest.prefix { $0 != "?" })"
    }

    /// The same URL at another host name.
    func at(host other: String) -> String {
        let place = port.map { "\(other):\($0)" } ?? other
        return "\(isSecure ? "https" : "http")://\(userInfo)\(place)\(rest)"
    }

    /// An entry of `CURLOPT_CONNECT_TO` that leads from another host name to this one's address.
    func connectTo(from other: String) -> String {
        let number = port ?? (isSecure ? "443" : "80")
        return "\(other):\(number):\(host):\(number)"
    }
}
