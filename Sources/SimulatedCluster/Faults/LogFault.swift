/// What goes wrong with one request for a log.
///
/// | entry | what happens |
/// | --- | --- |
/// | `ok` | nothing |
/// | `status=204` `status=400` `status=404` `status=500` | that answer, in the API server's words |
/// | `status=429:SECONDS` | 429 with `Retry-After` |
/// | `slow:DURATION` | the answer, its head too, comes that much later |
/// | `cut@N` | N lines, half of the next where there is one, and the connection is cut |
/// | `cut-rotate@N` | the same, and the log file is rotated if its instance is 2 s old, and was read 1 s ago |
/// | `end@N` | a clean end after N lines |
/// | `end-rotate@N` | the same, and the log file is rotated |
/// | `stall@N:DURATION` | after N lines nothing for that long, then it goes on |
/// | `text@N` | after N lines an error of the kubelet's as text, and a clean end |
/// | `removed@N` | a clean end after N lines; the runtime has removed the log for good |
/// | `node-gone@N` | a cut after N lines; the Node object is gone for good |
///
/// N counts the lines that the body has sent. Where the body ends before, nothing happens.
package enum LogFault: Sendable, Equatable {
    /// An answer instead of the log.
    package enum Refusal: Sendable, Equatable {
        case noContent
        case waiting
        case unknownToKubelet
        case unreachable
        case tooMany(retryAfterSeconds: Int)
    }

    /// What happens to a body that has sent enough lines.
    package enum Break: Sendable, Equatable {
        case cut(rotates: Bool)
        case end(rotates: Bool)
        case stall(Duration)
        case text
        case removed
        case nodeGone
    }

    case ok
    case refused(Refusal)
    case slow(Duration)
    case broken(Break, after: Int)

    /// The kind of fault that is counted; nil for none.
    package var kind: FaultKind? {
        switch self {
        case .ok: nil
        case .refused(.noContent): .status204
        case .refused(.waiting): .status400
        case .refused(.unknownToKubelet): .status404
        case .refused(.unreachable): .status500
        case .refused(.tooMany): .status429
        case .slow: .slow
        case .broken(let what, _): what.kind
        }
    }
}

extension LogFault.Break {
    /// The kind of fault that is counted, and is the name in an entry.
    var kind: FaultKind {
        switch self {
        case .cut(let rotates): rotates ? .cutRotate : .cut
        case .end(let rotates): rotates ? .endRotate : .end
        case .stall: .stall
        case .text: .text
        case .removed: .removed
        case .nodeGone: .nodeGone
        }
    }
}

extension LogFault: CustomStringConvertible {
    /// The fault as an entry.
    package var description: String {
        switch self {
        case .ok: "ok"
        case .refused(.noContent): "status=204"
        case .refused(.waiting): "status=400"
        case .refused(.unknownToKubelet): "status=404"
        case .refused(.unreachable): "status=500"
        case .refused(.tooMany(let seconds)): "status=429:\(seconds)"
        case .slow(let pause): "slow:\(pause.text)"
        case .broken(.stall(let pause), let lines): "stall@\(lines):\(pause.text)"
        case .broken(let what, let lines): "\(what.kind.rawValue)@\(lines)"
        }
    }
}
