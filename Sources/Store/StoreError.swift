import GRDB

/// What went wrong in the store: the operation, a code, where, what SQLite or the system said, and
/// what a person can do about it.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// The data directory's path is something else.
        case notADirectory
        /// The directory or a file in it cannot be created or written.
        case unwritable
        /// Another process has the directory open.
        case locked
        /// The database file is damaged, or no database.
        case corrupt
        /// The database was written by a newer Podwire.
        case newerSchema
        /// The database belongs to another program.
        case foreign
        /// No space is left, on the disk or in the queue in front of it, for longer than
        /// ``StoreSettings/failureTimeout``.
        case full
        /// The database cannot be written for another reason for that long.
        case unavailable
        /// The store was closed.
        case closed
        /// The stream has ended, so nothing can be appended to it.
        case ended
        /// There is no such row.
        case notFound
        /// The database refused a single write.
        case rejected
    }

    /// What was being done, as in "open the store".
    package let operation: String
    /// The kind of failure.
    package let code: Code
    /// The file or directory; empty when it is none.
    package let path: String
    /// What SQLite or the system said.
    package let message: String
    /// What to do about it; empty when there is nothing to say.
    package let advice: String

    init(_ operation: String, _ code: Code, path: String, _ message: String, advice: String = "") {
        self.operation = operation
        self.code = code
        self.path = path
        self.message = message
        self.advice = advice
    }

    /// Whether the same call may succeed later without anyone changing the program or its data.
    package var isRetriable: Bool { code == .full || code == .unavailable || code == .locked }

    package var description: String {
        let place = path.isEmpty ? "" : " (\(path))"
        let hint = advice.isEmpty ? "" : "; \(advice)"
        return "cannot \(operation)\(place): \(message)\(hint)"
    }
}

extension StoreError {
    /// Names an error of SQLite, GRDB or the system.
    static func from(_ error: any Error, operation: String, path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else {
            return StoreError(operation, .unavailable, path: path, String(describing: error))
        }
        let message =
            "\(error.message ?? "no message") (SQLite \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL:
            return StoreError(
                operation, .full, path: path, message, advice: "free space on its disk")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError(operation, .corrupt, path: path, message, advice: corruptAdvice)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return StoreError(
                operation, .unwritable, path: path, message,
                advice: "give the daemon's user write permission")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
            return StoreError(operation, .rejected, path: path, message)
        default:
            return StoreError(operation, .unavailable, path: path, message)
        }
    }

    static let corruptAdvice =
        "the file is left as it is: move podwire.db, podwire.db-wal and podwire.db-shm away "
        + "together to start empty, or restore a backup; `sqlite3 podwire.db .recover` saves "
        + "what can be read"

    /// Whether `error` says that the whole database cannot be written, as against one bad write.
    static func isStorageFailure(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_CORRUPT, .SQLITE_NOTADB,
            .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL,
            .SQLITE_INTERRUPT, .SQLITE_PERM:
            return true
        default:
            return false
        }
    }
}
