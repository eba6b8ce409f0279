import LogModel
import Store

/// Takes one log body in: splits it, leaves out what is stored already, appends what is new.
///
/// One body, one value. Appending waits while the store's queue is full, and with it the transfer.
/// A body that does not contain the last stored line is ``isBroken``: nothing of it is appended, and
/// nothing more of it may be taken, before ``acceptBreak(into:)``.
struct BodyIntake {
    /// How many lines before the replay's time are compared too: 256. A long line that began before
    /// it may have its tail in the replay; it is stored where it was complete, so among the last of
    /// them.
    private static let lookBackLines: Int64 = 256

    private let since: LogTime?
    private let lateJoin: LateJoin
    private var splitter: LineSplitter
    /// Until the place is found where the replay ends; `nil` when nothing was stored.
    private var matcher: OverlapMatcher?
    private var cursor: OverlapCursor?
    private let isResume: Bool
    /// What a broken replay has brought so far.
    private var broken: [LineBatch]?
    /// How the body ended and what it brought.
    private(set) var end = BodyEnd(kind: .clean)
    /// Whether the body has ended.
    private(set) var isFinished = false
    /// The reasons of the gap records that were appended.
    private(set) var gaps: [String] = []
    /// The last line, which has no newline: kept until the end of the log is confirmed.
    private(set) var heldBack: [LineBatch] = []

    /// Prepares for the body of a request with `since`, which continues `writer`'s stream.
    ///
    /// For a stream without lines `lateJoin` judges the first one.
    init(
        since: LogTime?, stamps: FragmentStamps, lateJoin: LateJoin, writer: StreamWriter
    ) async throws {
        self.since = since
        self.lateJoin = lateJoin
        splitter = LineSplitter(stamps: stamps)
        isResume = writer.lastLine != nil
        guard isResume else { return }
        try await writer.committed()
        cursor = try await writer.overlap(
            since: since ?? LogTime(nanoseconds: .min), lookBack: Self.lookBackLines)
        matcher = OverlapMatcher(since: since)
        end.isProven = false
    }

    /// Whether the body does not contain the last stored line.
    var isBroken: Bool { broken != nil }

    /// New lines so far.
    var fresh: Int { end.fresh }

    /// Takes the next chunk.
    mutating func take(_ chunk: [UInt8], into writer: inout MultiWriter) async throws {
        precondition(!isBroken && !isFinished, "the body is broken or over")
        for item in splitter.split(chunk) {
            switch item {
            case .lines(let batch): try await take(batch, into: &writer)
            case .untimed(let text): judge(text)
            }
        }
    }

    /// Ends the body.
    mutating func finish(_ kind: BodyEnd.Kind, into writer: inout MultiWriter) async throws {
        isFinished = true
        end.kind = kind
        let remainder = splitter.finish()
        if let text = remainder.untimed { judge(text) }
        heldBack = remainder.heldBack
        if matcher != nil {
            // The line that was held back may be stored: the daemon stopped just before the end. Or
            // it is the beginning of a stored one: the body was cut.
            for batch in heldBack {
                matcher?.add(replay: batch, isOpen: batch === heldBack.last)
            }
            matcher?.endReplay()
            try await match(into: &writer)
        }
        end.heldBack = fingerprint()
    }

    /// Appends a gap record and what the broken body has brought: it is our instance's.
    mutating func acceptBreak(into writer: inout MultiWriter) async throws {
        guard let lines = broken else { return }
        var resumed = lines
        if since == nil, let rest = try await restOfWholeLog(lines, writer) {
            resumed = rest
            try await appendGap(
                .certain, before: rest,
                "the node's clock was set back; what was missed follows, out of its place", &writer)
        } else {
            let isCut = writer.store.lastLine?.endsWithNewline == false
            try await appendGap(
                isCut ? .certain : .possible, before: lines,
                "the log was rotated past the last line that was read", &writer)
        }
        broken = nil
        end.isProven = true
        try await appendAll(resumed, into: &writer)
        end.heldBack = fingerprint()
    }

    // MARK: - Lines

    private mutating func take(_ batch: LineBatch, into writer: inout MultiWriter) async throws {
        if broken != nil {
            broken?.append(batch)
        } else if matcher != nil {
            matcher?.add(replay: batch)
            try await match(into: &writer)
        } else {
            try await append(batch, into: &writer)
        }
    }

    private mutating func append(_ batch: LineBatch, into writer: inout MultiWriter) async throws {
        if !isResume, end.fresh == 0, let reason = lateJoin.reason(firstLine: batch.times[0]) {
            try await appendGap(.possible, before: [batch], reason, &writer)
        }
        // The first lines are committed at once: a stream without any has nothing to resume from.
        try await writer.append(batch, urgent: writer.store.lastLine == nil)
        end.fresh += batch.count
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
        switch result {
        case .continues(let fresh, _):
            end.isProven = true
            try await appendAll(fresh, into: &writer)
        case .broken(let fresh): broken = fresh
        case .silent:
            end.isSilent = true
            heldBack = []
        case .unfinished: heldBack = []
        }
    }

    /// Appends what is new, but for a last line that is held back.
    private mutating func appendAll(
        _ fresh: [LineBatch], into writer: inout MultiWriter
    ) async throws {
        let held = heldBack
        heldBack = held.filter { batch in fresh.contains { $0 === batch } }
        for batch in fresh where !held.contains(where: { $0 === batch }) {
            try await append(batch, into: &writer)
        }
    }

    private mutating func appendGap(
        _ certainty: GapRecord.Certainty, before lines: [LineBatch], _ reason: String,
        _ writer: inout MultiWriter
    ) async throws {
        guard let first = lines.first else { return }
        let isNew = try await writer.append(
            gap: certainty, until: LogTime(nanoseconds: first.times[0]), reason: reason)
        if isNew { gaps.append(reason) }
    }

    /// What a replay of the whole log has beyond the stored lines, when these are all in it: then
    /// nothing is lost, and what is new can be told from what is stored.
    ///
    /// It happens when the node's clock was set back while nobody followed: lines that are stamped
    /// before the time that a request asks for are not served.
    private func restOfWholeLog(
        _ replay: [LineBatch], _ writer: MultiWriter
    ) async throws -> [LineBatch]? {
        var stored = try await LineTally(
            try await writer.store.overlap(since: LogTime(nanoseconds: .min)))
        var rest: [LineBatch] = []
        for batch in replay {
            var start = 0
            for index in 0..<batch.count where stored.take(LineMark(batch, index)) {
                if start < index { rest.append(batch.slice(start..<index)) }
                start = index + 1
            }
            if start < batch.count { rest.append(batch.dropFirst(start)) }
        }
        return stored.isEmpty ? rest : nil
    }

    // MARK: - Text that is no line

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
