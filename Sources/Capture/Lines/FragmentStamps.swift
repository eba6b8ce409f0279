package import Kubernetes
import LogModel

/// What is done about timestamps inside long lines.
///
/// The container runtime writes a line that is longer than 16 KiB as several records. Kubelets
/// before 1.26 (but for 1.25.4, 1.24.8 and 1.23.14 and later patches of these) put a timestamp
/// before each record of a line, not only before its first (kubernetes/kubernetes#77603).
///
/// Seen with kubelet 1.20.2 and containerd 1.6.20; `T` is a stamp of 31 bytes:
///
/// | printed | received |
/// | --- | --- |
/// | 16,383 or 16,384 bytes | `T` line |
/// | 16,385 bytes | `T` 16,384 bytes `T` 1 byte |
/// | 32,768 bytes | `T` 16,384 bytes `T` 16,384 bytes |
/// | 40,000 bytes | `T` 16,384 `T` 16,384 `T` 7,232 bytes |
/// | stdout's long line, stderr's `between`, stdout's rest | `T` 16,384 bytes `T` `between` ⏎ `T` rest ⏎ |
/// | stdout closed behind 14 bytes without newline, then stderr | `T` 14 bytes `T` stderr's line |
/// | a line of which 17 bytes were written when its file was rotated | `T` 17 bytes `T` rest ⏎ |
///
/// The last two rows' second stamps stay: they stand at no boundary, and text may look like a stamp.
package enum FragmentStamps: Sendable, Equatable {
    /// The kubelet is known to write none: nothing is removed.
    case none
    /// The kubelet is known to write them: each stamp at a boundary is removed.
    case everywhere
    /// The kubelet's version is not known: a stamp at a boundary is removed when it could be one of
    /// this line's records, which is to say it is not earlier than the line and at most a day later.
    case plausible

    /// The size of a record that is not the last of its line.
    static let recordBytes = 16_384
    private static let dayNanoseconds: Int64 = 86_400 * 1_000_000_000

    /// What a kubelet of `version` does.
    package init(kubelet version: KubeletVersion?) {
        guard let version else {
            self = .plausible
            return
        }
        self = version.stampsEveryRecord ? .everywhere : .none
    }

    /// Whether a stamp of time `stamp`, found at a boundary of a line of time `line`, goes.
    func removes(stamp: Int64, line: Int64) -> Bool {
        switch self {
        case .none: false
        case .everywhere: true
        case .plausible: stamp >= line && stamp <= line + Self.dayNanoseconds
        }
    }
}
