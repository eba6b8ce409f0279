/// A host and a port, as in `Host: localhost:8420` or behind `http://` in an origin.
struct Authority: Equatable, Sendable {
    /// The host in lower case, an IPv6 address without its brackets.
    let host: String
    /// The port's text, if there is one.
    let port: String?

    /// Reads `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`; `nil` for any other form.
    init?(_ text: String) {
        let text = text.lowercased()
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<close])
            rest = text[text.index(after: close)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = String(text[..<colon])
            rest = text[colon...]
        }
        guard !host.isEmpty, rest.isEmpty || rest.hasPrefix(":") else { return nil }
        port = rest.isEmpty ? nil : String(rest.dropFirst())
    }

    /// Whether the host can only be this machine.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || (isIPv4 && host.hasPrefix("127."))
    }

    /// Whether the host is an address, not a name.
    var isAddress: Bool { isIPv4 || host.contains(":") }

    private var isIPv4: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil
            }
    }
}
