/// What a ``PodWatchMachine`` wants done: each part that is there, in this order.
struct PodWatchPlan: Sendable, Equatable {
    /// The request whose result is the machine's next input.
    enum Request: Sendable, Equatable {
        /// Ask for the page behind a continue token, or for the first one.
        case list(continueToken: String?)
        /// Drop the watch, if there is one, and open one behind this resource version.
        case watch(resourceVersion: String)
        /// Read the next event of the open watch.
        case read
    }

    /// Tell the log.
    var failure: WatchFailure?
    /// Tell the observer.
    var event: PodEvent?
    /// Wait.
    var delay: Duration = .zero
    /// Then do this.
    var next: Request
}
