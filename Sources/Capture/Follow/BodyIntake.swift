import LogModel
import Store

/// Takes one log body in: splits it, leaves out what is stored already, appends what is new.
///
/// One body, one value. Appending waits while the store's queue is full, and with it the transfer.
struct BodyIntake {
    /// How many lines before the replay's time are compared too: 256. A long line that began before
    /// it may have its tail in the replay; it is stored where it was complete, so among the last of
    /// them.
    private static let lookBackLines: Int64 = 256

    private var splitter: LineSplitter
    /// Until the place is found where the replay ends; `nil` when nothing was stored.
    private var matcher: OverlapMatcher?
    private var cursor: OverlapCursor?
    private let isResume: Bool
    private var end = BodyEnd(kind: .clean)
    /// Whether the body was not continuous with what is stored.
    private(set) var foundGap = false
    /// New lines so far.
    var fresh: Int { end.fresh }
    /// The last line, which has no newline: kept until the end of the log is confirmed.
    private(set) var heldBack: [LineBatch] = []

    /// Prepares for the body of a request with `since`, which continues `writer`'s stream.
    init(since: LogTime?, stamps: FragmentStamps, writer: StreamWriter) async throws {
        splitter = LineSplitter(stamps: stamps)
        isResume = writer.lastLine != nil
        guard isResume else { return }
        try await writer.committed()
        cursor = try await writer.overlap(
            since: since ?? LogTime(nanoseconds: .min), lookBack: Self.lookBackLines)
        matcher = OverlapMatcher(since: since)
        end.isProven = false
    }

    /// Takes the next chunk.
    mutating func take(_ chunk: [UInt8], into writer: inout MultiWriter) async throws {
        for item in splitter.split(chunk) {
            switch item {
            case .lines(let batch): try await take(batch, into: &writer)
            case .untimed(let text): judge(text)
            }
        }
    }

    /// Ends the body.
    mutating func finish(
        _ kind: BodyEnd.Kind, into writer: inout MultiWriter
    ) async throws -> BodyEnd {
        end.kind = kind
        let remainder = splitter.finish()
        if let text = remainder.untimed { judge(text) }
        heldBack = remainder.heldBack
        if matcher != nil {
            // The line that was held back may be stored: the daemon stopped just before the end.
            for batch in heldBack { matcher?.add(replay: batch) }
            matcher?.endReplay()
            try await match(into: &writer)
        }
        end.heldBack = fingerprint()
        return end
    }

    private mutating func take(_ batch: LineBatch, into writer: inout MultiWriter) async throws {
        guard matcher != nil else {
            try await writer.append(batch)
            end.fresh += batch.count
            return
        }
        matcher?.add(replay: batch)
        try await match(into: &writer)
    }

    /// Compares as far as both sides have come.
    private mutating func match(into writer: inout MultiWriter) async throws {
        while let step = matcher?.step() {
            switch step {
            case .needsReplay: return
            case .needsExpected:
                if let stored = try await cursor?.next() {
                    matcher?.add(expected: stored.batch)
                } else {
                    matcher?.endExpected()
                }
            case .settled(let result):
                matcher = nil
                cursor = nil
                try await settle(result, into: &writer)
            }
        }
    }

    private mutating func settle(
        _ result: OverlapResult, into writer: inout MultiWriter
    ) async throws {
        var fresh = result.fresh
        let kept = heldBack.filter { held in fresh.contains { $0 === held } }
        fresh.removeAll { batch in heldBack.contains { $0 === batch } }
        if !heldBack.isEmpty { heldBack = kept }
        switch result {
        case .continues: end.isProven = true
        case .broken:
            guard let first = fresh.first ?? kept.first else { break }
            let isCut = writer.store.lastLine?.endsWithNewline == false
            foundGap = try await writer.append(
                gap: isCut ? .certain : .possible, until: LogTime(nanoseconds: first.times[0]),
                reason: "the log was rotated past the last line that was read")
            end.isProven = true
        case .unfinished, .silent: break
        }
        for batch in fresh {
            try await writer.append(batch)
            end.fresh += batch.count
        }
    }

    /// Decides what text without a timestamp is.
    private mutating func judge(_ text: UntimedText) {
        let meaning = KubeletText(text.text)
        let isTail = isResume && text.isFirst && meaning != .logRemoved
        // The rest of a long line whose beginning was filtered away: it is stored already.
        if isTail, text.isTerminated || !text.text.hasPrefix("failed to ") { return }
        end.text = meaning
    }

    private func fingerprint() -> Int {
        guard !heldBack.isEmpty else { return 0 }
        var hasher = Hasher()
        for batch in heldBack {
            hasher.combine(batch.times[0])
            hasher.combine(bytes: batch.line(0))
        }
        let value = hasher.finalize()
        return value == 0 ? 1 : value
    }
}
