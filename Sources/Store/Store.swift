import GRDB
import LogModel
package import Logging
import Synchronization
import Workers

/// Podwire's single truth: log text, status, outputs and events in one SQLite database.
///
/// - **Publish after commit.** Readers see nothing that is not in the database.
/// - **Crash safe.** After `kill -9` at any moment the database holds a prefix of each stream, with
///   the outputs and events of those lines; streams that were live are live.
/// - **One writer.** Everything is written by a thread of its own, in group commits; readers use
///   their own connections and never wait for it.
/// - **Bounded in bytes.** ``StoreSettings`` names each bound and what happens beyond it.
///
/// Any thread and any task may call it. ``close()`` must be called before it goes away.
package final class Store: Sendable {
    /// The live end of the event feed.
    package let events: EventFeed
    /// Tells who waits for a Pod.
    package let podNews = PodNews()
    /// The bounds and delays it was opened with.
    package let settings: StoreSettings

    let database: StoreDatabase
    let reader: LogReader
    let lane: WriterLane
    let packer: TextPacker
    let readingThreads: WorkerThreads
    private let registry = ChannelRegistry()
    private let running: Mutex<Running?>

    /// What exists until the store is closed.
    private struct Running: ~Copyable {
        let thread: NamedThread
        let lock: DirectoryLock
    }

    /// Opens the store in `directory`, which is created if its parent exists.
    ///
    /// The schema is brought up to date. No time is spent on the log: a start takes as long with
    /// 100,000 streams as with none.
    ///
    /// - Throws: what is wrong and what to do about it: the path is no directory or cannot be
    ///   written, another process has it open, the file is no database, is damaged, belongs to
    ///   another program or to a newer Podwire. Nothing is ever overwritten.
    package static func open(
        directory: String, settings: StoreSettings = StoreSettings(), logger: Logger
    ) throws(StoreError) -> Store {
        let place = StoreDirectory(path: directory)
        try place.prepare()
        let lock = try DirectoryLock(path: place.lock, directory: directory)
        try place.checkHeader()
        let database = try StoreDatabase.open(path: place.database, settings: settings)
        return try Store(database: database, lock: lock, settings: settings, logger: logger)
    }

    private init(
        database: StoreDatabase, lock: consuming DirectoryLock, settings: StoreSettings,
        logger: Logger
    ) throws(StoreError) {
        let bounds: (oldest: Int64, last: Int64)
        do {
            bounds = try database.pool.read { db in
                try StoreSnapshot(connection: StoreConnection(db: db)).eventBounds()
            }
        } catch {
            throw StoreError.from(error, operation: "open the store", path: database.path)
        }
        self.database = database
        self.settings = settings
        let decoder = ZstdDecoder(contexts: settings.readers + settings.readingThreads + 1)
        packer = try TextPacker()
        reader = LogReader(database: database, decoder: decoder)
        events = EventFeed(
            last: bounds.last, oldest: bounds.oldest, limitBytes: settings.recentEventBytes)
        let worker = try LaneWorker(
            database: database, feed: events, decoder: decoder, settings: settings)
        let lane = WriterLane(settings: settings, worker: worker, logger: logger)
        self.lane = lane
        readingThreads = try Self.startReading(settings)
        do throws(StoreError) {
            let thread = try NamedThread(name: "podwire-store") { lane.run() }
            running = Mutex(Running(thread: thread, lock: lock))
        } catch {
            readingThreads.close()
            throw error
        }
    }

    private static func startReading(
        _ settings: StoreSettings
    ) throws(StoreError) -> WorkerThreads {
        do throws(WorkerThreadsError) {
            return try WorkerThreads(name: "podwire-read", count: settings.readingThreads)
        } catch {
            throw StoreError("open the store", .unavailable, path: "", error.message)
        }
    }

    /// Commits what is queued, ends the writer lane, wakes all readers for the last time, and gives
    /// the directory back. Closing twice does nothing.
    package func close() async {
        guard let running = running.withLock({ $0.take() }) else { return }
        await lane.stop()
        running.thread.join()
        readingThreads.close()
        events.close()
        for channel in registry.all {
            for wake in channel.close() { wake() }
        }
        running.lock.release()
    }

    /// Whether commits succeed.
    package var health: StoreHealth {
        let error = lane.lastError
        return StoreHealth(
            isWritable: error == nil, lastError: error, queuedBytes: lane.queuedBytes)
    }

    /// Runs `body` in the next group commit, in a savepoint of its own, and returns behind the
    /// commit. When it throws, what it wrote is undone and nothing else.
    ///
    /// It sees all that was committed, and all earlier calls of `write`. Lines that were appended
    /// but are not committed may come later: wait for `StreamWriter.committed()` where that matters.
    @discardableResult
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) async throws -> T {
        let (value, pods) = try await lane.write { transaction in
            let value = try body(transaction)
            defer { transaction.events.pods = [] }
            return (value, transaction.events.pods)
        }
        podNews.tell(pods)
        return value
    }

    /// Runs `body` on the database as it is at one moment.
    package func read<T: Sendable>(
        _ body: @escaping @Sendable (StoreSnapshot) throws -> T
    ) async throws -> T {
        try await database.read { db in
            try body(StoreSnapshot(connection: StoreConnection(db: db)))
        }
    }

    /// Creates or finds a stream, for its follower to write to.
    package func openStream(_ descriptor: StreamDescriptor) async throws -> StreamWriter {
        let opened = try await write { [settings] transaction in
            try transaction.open(descriptor, settings: settings)
        }
        var descriptor = descriptor
        descriptor.job = opened.job
        let channel = registry.channel(row: opened.row, descriptor: descriptor)
        channel.adopt(next: opened.capture.next, isEnded: opened.isEnded, gaps: opened.gaps)
        channel.adoptCapture(opened.capture)
        return StreamWriter(channel: channel, lane: lane, reader: reader)
    }

    /// A live view of a stream, for one reader.
    ///
    /// - Throws: ``StoreError/Code/notFound`` when there is no such row.
    package func tail(of stream: Int64) async throws -> StreamTail {
        func find() async throws -> (info: StreamInfo, gaps: [NumberedGap]) {
            let found = try await read { snapshot in
                try snapshot.stream(row: stream).map {
                    ($0, try snapshot.gaps(ofStream: stream))
                }
            }
            guard let found else {
                throw StoreError("read a stream", .notFound, path: "", "no stream \(stream)")
            }
            return found
        }
        let info = try await find().info
        let channel = registry.channel(
            row: stream,
            descriptor: StreamDescriptor(
                id: info.id, namespace: info.namespace, pod: info.pod, kind: info.kind,
                job: info.job, startedAt: info.startedAt))
        // Read again, now that every later commit is told to the channel: none can be missed.
        let now = try await find()
        channel.adopt(next: now.info.lines, isEnded: now.info.state == .ended, gaps: now.gaps)
        return StreamTail(channel: channel, lane: lane)
    }
}
