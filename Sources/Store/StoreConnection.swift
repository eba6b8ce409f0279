import GRDB

/// A connection of the database, lent to a closure for as long as it runs.
package struct StoreConnection {
    let db: Database
}

/// What can be read: in a snapshot, and inside a write.
package protocol StoreReading {
    /// The connection that is read.
    var connection: StoreConnection { get }
}

/// The database at one moment. Valid only inside the closure it was given to.
package struct StoreSnapshot: StoreReading {
    package let connection: StoreConnection
}

/// A write in the next group commit. Valid only inside the closure it was given to.
///
/// The closure may run several times, when a commit had to be tried again: it must have no effect
/// but through this value.
package struct StoreTransaction: StoreReading {
    package let connection: StoreConnection
    let events: EventCollector
}

/// What readers are told of the transaction that is under way, once it is committed.
final class EventCollector {
    var records: [EventRecord] = []
    /// Pods whose rows were written.
    var pods: Set<PodNews.Name> = []
}
