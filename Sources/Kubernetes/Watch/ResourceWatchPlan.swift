/// What a ``ResourceWatchMachine`` wants done: each part that is there, in this order.
struct ResourceWatchPlan<Object: WatchedObject>: Sendable, Equatable {
    /// The request whose result is the machine's next input.
    enum Request: Sendable, Equatable {
        /// Ask for the page behind a continue token, or for the first one.
        case list(continueToken: String?)
        /// Drop the watch, if there is one, and open one behind this resource version.
        case watch(resourceVersion: String)
        /// Read the next event of the open watch.
        case read
    }

    /// Whether the resource can be asked for at all.
    enum Availability: Sendable, Equatable {
        /// There is no such API, or no permission.
        case lost(WatchFailure)
        /// There is again.
        case regained
    }

    /// Tell the log.
    var failure: WatchFailure?
    /// Tell the log, and of a loss the observer.
    var availability: Availability?
    /// Tell the observer.
    var event: ResourceEvent<Object>?
    /// Wait.
    var delay: Duration = .zero
    /// Then do this.
    var next: Request
}
