import Foundation
import Kubernetes

/// Prints `ready http://ADDRESS:PORT` (`https://` with TLS) on standard output, once, when every
/// watched scope has been listed for the first time.
actor ReadyLine: PodObserver {
    private let address: String
    private var missing: Set<String?>

    /// - Parameters:
    ///   - address: where the server listens, with its scheme.
    ///   - scopes: the watched namespaces; `[nil]` for all.
    init(address: String, scopes: [String?]) {
        self.address = address
        missing = Set(scopes)
    }

    func observe(_ event: PodEvent) {
        guard case .replaced(_, let namespace) = event, missing.remove(namespace) != nil,
            missing.isEmpty
        else { return }
        FileHandle.standardOutput.write(Data("ready \(address)\n".utf8))
    }
}
