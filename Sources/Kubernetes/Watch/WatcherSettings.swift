/// How a ``ResourceWatcher`` lists, watches and retries.
package struct WatcherSettings: Sendable {
    /// Objects of one page of a list: 500, as client-go asks for.
    package var pageSize = 500
    /// The first delay after a failure: 1 s, halved at most by jitter. It doubles from there.
    package var initialDelay: Duration = .seconds(1)
    /// The longest delay between two attempts: 30 s.
    package var maximumDelay: Duration = .seconds(30)
    /// How long a watch must have lived to count as healthy: 10 s. After a healthy one the delays
    /// start again, and a clean end is answered with the next watch at once.
    package var steadyAfter: Duration = .seconds(10)
    /// Failures in a row after which the objects are listed anew, and the scope counts as out of
    /// sync: 3.
    package var failuresBeforeList = 3
    /// How long until a resource is asked for again that the cluster, or the permission, does not
    /// have: 5 min. Only for those that Podwire can do without.
    package var unavailableDelay: Duration = .seconds(300)

    /// The defaults.
    package init() {}
}
