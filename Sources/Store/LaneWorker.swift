import Foundation
import GRDB
import LogModel
import Synchronization

/// What the lane's thread owns: the compression context, buffers, and the bookkeeping of the
/// recent windows. `prepare` compresses, `execute` writes one transaction, `publish` tells all.
struct LaneWorker: ~Copyable {
    let database: StoreDatabase
    private let feed: EventFeed
    private let decoder: ZstdDecoder
    private var cutter: ChunkCutter
    private var recent: RecentBudget

    init(
        database: StoreDatabase, feed: EventFeed, decoder: ZstdDecoder, settings: StoreSettings
    ) throws(StoreError) {
        self.database = database
        self.feed = feed
        self.decoder = decoder
        cutter = try ChunkCutter()
        recent = RecentBudget(limitBytes: settings.recentBytes)
    }

    /// Takes what the group's streams have pending, numbers it and compresses it.
    mutating func prepare(_ group: LaneQueue.Group, settings: StoreSettings) -> CommitWork {
        var work = CommitWork()
        work.writes = group.writes
        for channel in group.urgent { add(channel, urgent: true, to: &work, settings) }
        work.urgentCount = work.streams.count
        for channel in group.quiet { add(channel, urgent: false, to: &work, settings) }
        return work
    }

    private mutating func add(
        _ channel: StreamChannel, urgent: Bool, to work: inout CommitWork,
        _ settings: StoreSettings
    ) {
        let entries = channel.takePending(urgent: urgent)
        guard !entries.isEmpty,
            let start = channel.state.withLock({ $0.capture.map { ($0.position, $0.runs) } })
        else { return }
        // A stream may be in both lists; its later part starts where its earlier one ends.
        let earlier =
            urgent ? nil : work.streams[..<work.urgentCount].firstIndex { $0.channel === channel }
        var stream = CommitWork.StreamWork(
            channel: channel, earlier: earlier,
            position: earlier.map { work.streams[$0].position } ?? start.0, runs: start.1)
        stream.entries = entries.count
        cutter.begin(at: stream.position, chunkBytes: settings.chunkBytes)
        var marks: [CommitWork.Step] = []
        for entry in entries {
            work.cost += QueueCost.of(entry)
            switch entry {
            case .lines(let numbered, let outputs):
                cutter.add(numbered.batch)
                stream.batches.append(numbered)
                for output in outputs {
                    marks.append(.output(output, line: numbered.first + Int64(output.line)))
                }
            case .rejected(let line, let reason):
                let output = FoundOutput(line: 0, result: .rejected(reason: reason))
                marks.append(.output(output, line: line))
            case .gap(let gap):
                stream.batches.append(cutter.addGap(gap))
                stream.gaps.append(gap)
                marks.append(.gap(gap))
            case .end(let exitCode, let reason):
                stream.isEnd = true
                marks.append(.end(exitCode: exitCode, reason: reason))
            }
        }
        let (chunks, next) = cutter.finish()
        stream.steps = chunks.map { .chunk($0) } + marks
        stream.position = next
        work.streams.append(stream)
    }

    /// Writes `work` in one transaction. Without work, which is what is left when all who waited
    /// through a failure were told, it writes a byte to learn whether the database can be written.
    ///
    /// - Parameters:
    ///   - work: what to write; tried again after a failure as it is.
    ///   - settings: the store's.
    ///   - isIsolated: whether each stream gets a savepoint of its own, so that one that cannot be
    ///     written fails alone.
    /// - Returns: what became of each part.
    /// - Throws: when nothing was written.
    mutating func execute(
        _ work: CommitWork, settings: StoreSettings, isIsolated: Bool
    ) throws -> CommitResult {
        var result = CommitResult()
        var writer = CommitWriter(settings: settings, decoder: decoder)
        try database.pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                if work.isEmpty { try db.execute(sql: "PRAGMA user_version = 1") }
                result = try writer.write(
                    work, db: db, cutter: &cutter, isIsolated: isIsolated)
                return .commit
            }
        }
        return result
    }

    /// After the commit: hands lines to readers, then the events that speak of them, and only then
    /// answers the callers, who find both, and room in the queue.
    mutating func publish(_ work: CommitWork, _ result: CommitResult, lane: WriterLane) {
        for (stream, outcome) in zip(work.streams, result.streams) {
            switch outcome {
            case .success:
                let wakes = stream.channel.show(
                    stream.batches, gaps: stream.gaps, next: stream.position.line,
                    isEnded: stream.isEnd)
                recent.add(stream.batches, of: stream.channel)
                for wake in wakes { wake() }
            case .failure(let error):
                let failure = StoreError.from(
                    error, operation: "write the stream \(stream.channel.descriptor.id)",
                    path: database.path)
                lane.fail(stream.channel, with: failure)
            }
        }
        feed.publish(result.events)
        lane.release(work.cost)
        for (stream, outcome) in zip(work.streams, result.streams) {
            guard case .success(let runs) = outcome else { continue }
            let waiters = stream.channel.settle(
                entries: stream.entries, position: stream.position, runs: runs)
            for waiter in waiters { waiter.continuation.resume() }
        }
        for tell in result.tell { tell() }
    }
}

/// Keeps the recent windows of all streams together within a number of bytes, oldest first.
struct RecentBudget {
    let limitBytes: Int
    private var entries: [(channel: StreamChannel, cost: Int)?] = []
    private var head = 0
    private var bytes = 0

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Counts batches that were put into `channel`'s window, and drops the oldest ones of any.
    mutating func add(_ batches: [NumberedBatch], of channel: StreamChannel) {
        for batch in batches {
            let cost = QueueCost.of(batch.batch)
            entries.append((channel, cost))
            bytes += cost
        }
        while bytes > limitBytes, let oldest = entries[head] {
            oldest.channel.state.withLock { $0.live.window.removeFirst() }
            bytes -= oldest.cost
            entries[head] = nil
            head += 1
        }
        if head > 1_024, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }
}
