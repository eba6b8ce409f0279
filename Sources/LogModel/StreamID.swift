/// The log of one container *instance*: (Pod UID, container, restart count).
///
/// A Pod that is created again under the same name has another UID, and a container that is
/// restarted has another attempt, so both are other streams. Its text form,
/// `UID/CONTAINER/ATTEMPT`, is what clients see in the header `Podwire-Stream`.
package struct StreamID: Hashable, Sendable {
    /// The Pod's UID, as the API server gave it.
    package let podUID: String
    /// The container's name within the Pod.
    package let container: String
    /// The container's restart count: 0 for its first instance.
    package let attempt: Int

    /// Names a stream.
    package init(podUID: String, container: String, attempt: Int) {
        self.podUID = podUID
        self.container = container
        self.attempt = attempt
    }
}

extension StreamID: CustomStringConvertible, LosslessStringConvertible {
    package var description: String { "\(podUID)/\(container)/\(attempt)" }

    /// Reads `UID/CONTAINER/ATTEMPT`; `nil` for any other form.
    package init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty,
            let attempt = Int(parts[2]), attempt >= 0
        else { return nil }
        self.init(podUID: String(parts[0]), container: String(parts[1]), attempt: attempt)
    }
}
