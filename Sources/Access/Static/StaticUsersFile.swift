import Foundation
import Logging
import Synchronization

/// The file of static tokens, read again when it changes.
///
/// A new file that cannot be used is logged once, and the last good one goes on: a mistake in an
/// editor locks nobody out, and lets nobody in. Looking at it blocks the caller for as long as a
/// `stat` takes, at most once a second.
final class StaticUsersFile: Sendable {
    /// Bytes of the largest file, 4 MiB. Beyond it the file is refused.
    static let byteLimit = 4 << 20
    /// How old what is known of the file may be, 1 s.
    private static let glance: Duration = .seconds(1)

    /// What tells a changed file from the one that was read.
    private struct Stamp: Equatable {
        let inode: UInt64
        let bytes: UInt64
        let modified: Date
        let permissions: Int
    }

    private struct State {
        var users: StaticUsers
        var stamp: Stamp?
        var lookedAt: ContinuousClock.Instant
        /// What was wrong at the last look, and was logged.
        var failure: StaticUsersError?
    }

    private let path: String
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// Reads the file at `path`.
    ///
    /// - Throws: ``StaticUsersError`` when it cannot be used.
    init(
        _ path: String, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws(StaticUsersError) {
        self.path = path
        self.logger = logger
        self.now = now
        let stamp = try Self.stamp(path)
        state = Mutex(State(users: try Self.read(path, stamp), stamp: stamp, lookedAt: now()))
    }

    /// Looks whether the file at `path` can be used.
    static func check(_ path: String) throws(StaticUsersError) {
        _ = try read(path, try stamp(path))  // Only whether it can be read matters.
    }

    /// The users now.
    func users() -> StaticUsers {
        let now = now()
        return state.withLock { state in
            guard state.lookedAt.duration(to: now) >= Self.glance else { return state.users }
            state.lookedAt = now
            refresh(&state)
            return state.users
        }
    }

    private func refresh(_ state: inout State) {
        do throws(StaticUsersError) {
            let stamp = try Self.stamp(path)
            guard stamp != state.stamp else { return }
            // Noted before it is read, so that a file that is no good is read once.
            state.stamp = stamp
            state.users = try Self.read(path, stamp)
            state.failure = nil
            logger.notice("The tokens file was read again", metadata: ["file": "\(path)"])
        } catch {
            if error == state.failure { return }
            state.failure = error
            logger.error(
                "The tokens file cannot be used, the last good one goes on",
                metadata: ["file": "\(path)", "error": "\(error)"])
        }
    }

    /// Follows links: Kubernetes mounts a Secret's files as such, and replaces the link.
    private static func stamp(_ path: String) throws(StaticUsersError) -> Stamp {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: real)
        } catch {
            throw StaticUsersError(path, "the file cannot be read")
        }
        guard let modified = attributes[.modificationDate] as? Date,
            let permissions = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else { throw StaticUsersError(path, "the file cannot be read") }
        return Stamp(
            inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
            bytes: (attributes[.size] as? NSNumber)?.uint64Value ?? 0, modified: modified,
            permissions: permissions)
    }

    private static func read(
        _ path: String, _ stamp: Stamp
    ) throws(StaticUsersError) -> StaticUsers {
        guard stamp.permissions & 0o027 == 0 else {
            let mode = String(stamp.permissions & 0o777, radix: 8)
            throw StaticUsersError(
                path,
                "its mode is 0\(mode): only its owner may write it, and besides only its group may "
                    + "read it (chmod 600 or 640; for a Secret's volume defaultMode: 0440)")
        }
        guard stamp.bytes <= byteLimit else {
            throw StaticUsersError(path, "it has more than \(byteLimit) bytes")
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw StaticUsersError(path, "the file cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw StaticUsersError(path, "it is not UTF-8")
        }
        do throws(StaticUsersError) {
            return try StaticUsersReader.read(text)
        } catch {
            throw StaticUsersError(path, error.description)
        }
    }
}
