import LogModel

/// The `batch/v1` Job that owns a job's Pods, as far as it is known.
package struct JobOwner: Sendable, Equatable, Codable {
    /// The Job's UID.
    package var uid: String
    /// The Job's name.
    package var name: String
    /// What the Job said last; `nil` while it was not seen.
    package var object: JobObject?
    /// Whether the Job's object still exists.
    package var isPresent = false
    /// Whether the cluster has said that there is no such Job.
    package var isAbsent = false

    /// A Job of which only the Pods' references are known.
    package init(uid: String, name: String) {
        self.uid = uid
        self.name = name
    }
}
