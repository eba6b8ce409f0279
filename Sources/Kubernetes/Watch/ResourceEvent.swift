/// What a ``ResourceWatcher`` has learnt.
package enum ResourceEvent<Object: WatchedObject>: Sendable, Equatable {
    /// All objects of a scope, after a list: `namespace`, or every namespace when it is `nil`.
    /// Objects of that scope that are not among them are gone.
    case replaced([Object], namespace: String?)
    /// An object is new or changed. The same state may come more than once.
    case updated(Object)
    /// An object is gone; its last known state.
    case deleted(Object)
}
