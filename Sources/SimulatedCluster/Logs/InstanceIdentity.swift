package import LogModel

/// Which instance of which container a log belongs to.
package struct InstanceIdentity: Sendable, Hashable {
    /// The Pod's name.
    package let pod: PodKey
    /// The Pod's UID.
    package let uid: String
    /// The container's name.
    package let container: String
    /// Whether it is a main, init or sidecar container.
    package let kind: ContainerKind
    /// 0, then one more with each restart.
    package let attempt: Int

    /// Names an instance.
    package init(
        pod: PodKey, uid: String, container: String, kind: ContainerKind = .main, attempt: Int = 0
    ) {
        self.pod = pod
        self.uid = uid
        self.container = container
        self.kind = kind
        self.attempt = attempt
    }

    /// The instance's id in the container runtime.
    package var containerID: String {
        PodObject.containerID(uid: uid, container: container, attempt: attempt)
    }
}
