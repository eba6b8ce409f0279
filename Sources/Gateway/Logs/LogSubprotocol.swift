/// What a WebSocket reader of a log is sent.
///
/// | subprotocol | frames |
/// | --- | --- |
/// | none | text, whole lines |
/// | `podwire.v1` | first one text frame `{"stream":…,"from":N,"state":…}`, then text as above |
/// | `binary.k8s.io` | binary, the exact bytes |
enum LogSubprotocol: String, Sendable, CaseIterable {
    /// Line numbers can be counted.
    case podwire = "podwire.v1"
    /// Kubernetes' own.
    case binary = "binary.k8s.io"

    /// Its name, where a client offers it: what is not counted in lines has this one alone, so that
    /// browsers, which send a token as a subprotocol, are answered with one that is none.
    func offered(in subprotocols: [String]) -> String? {
        subprotocols.contains(rawValue) ? rawValue : nil
    }

    /// The first of those that the client offers, in the client's order, that is known.
    static func choose(from offered: [String]) -> LogSubprotocol? {
        offered.lazy.compactMap(LogSubprotocol.init).first
    }
}
