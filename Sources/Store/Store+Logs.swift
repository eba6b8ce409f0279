package import LogModel
import Workers

extension Store {
    /// Streams: the newest Pod first, within a Pod by container, the newest attempt first.
    package func streams(_ query: StreamQuery) async throws -> [StreamInfo] {
        try await read { try $0.streams(query) }
    }

    /// Stored events behind `after`, in order, that pass `filter`.
    package func events(
        after: Int64, limit: Int, filter: EventFilter = EventFilter()
    ) async throws -> [EventRecord] {
        try await read { try $0.events(after: after, limit: limit, filter: filter) }
    }

    /// The stored lines from `line` on, to the end of its chunk; `nil` beyond the end.
    package func batch(stream: Int64, at line: Int64) async throws -> NumberedBatch? {
        try await reader.chunk(stream: stream, at: line)?.batch
    }

    /// The first line whose running maximum time is `time` or later; the number behind the last
    /// line when there is none. All lines of that time or later are there or behind it; between
    /// them there may be earlier ones, which must be filtered one by one.
    package func line(stream: Int64, atOrAfter time: LogTime) async throws -> Int64 {
        try await reader.line(stream: stream, atOrAfter: time)
    }

    /// Where the last `count` lines before the line `end` begin, as `tail -n` counts them.
    package func tailStart(
        stream: Int64, count: Int, before end: Int64 = .max
    ) async throws -> TailStart {
        try await reader.tailStart(stream: stream, count: count, before: end)
    }
}

extension Store {
    /// Bytes that the lines `lines` have as readers see them; `timeBytes` are put before each line.
    /// `nil` when nothing of the stream is there: it is deleted.
    package func renderedBytes(
        stream: Int64, lines: Range<Int64>, timeBytes: Int = 0
    ) async throws -> Int64? {
        try await reader.renderedBytes(stream: stream, lines: lines, timeBytes: timeBytes)
    }

    /// Where to begin to read so that byte `offset` of the lines from `first` on, as readers see
    /// them, comes among the first: at most one chunk before it; `nil` beyond the end.
    package func place(
        stream: Int64, from first: Int64, ofByte offset: Int64, timeBytes: Int = 0
    ) async throws -> LogPlace? {
        try await reader.place(
            stream: stream, from: first, ofByte: offset, timeBytes: timeBytes)
    }

    /// The lines `lines` as zstd frames, from the first on: at least one, and up to about `bytes`
    /// of unpacked text; `nil` when there are none. `isInsideLine` says whether what was sent
    /// before ends without a newline.
    package func frames(
        stream: Int64, lines: Range<Int64>, isInsideLine: Bool = false, bytes: Int = 1 << 20
    ) async throws -> StoredFrames? {
        try await reader.frames(
            stream: stream, lines: lines, isInsideLine: isInsideLine, bytes: bytes)
    }
}

extension Store {
    /// The lines from the first of `lines` on, not unpacked: about `bytes` of text; `nil` when there
    /// are none. They do not end within a long line, unless that has more than `joinBytes`; a gap
    /// record comes alone.
    package func packed(
        stream: Int64, lines: Range<Int64>, bytes: Int, joinBytes: Int
    ) async throws -> PackedLines? {
        try await reader.packed(stream: stream, lines: lines, bytes: bytes, joinBytes: joinBytes)
    }

    /// The same on the calling thread, which waits for the disk: for ``submitRead(_:)``.
    package func packedBlocking(
        stream: Int64, lines: Range<Int64>, bytes: Int
    ) throws -> PackedLines? {
        try reader.packedBlocking(stream: stream, lines: lines, bytes: bytes)
    }

    /// Hands a job over to the threads that read and unpack log text, so that a download has more
    /// than one processor and few changes of thread; `false` once the store is closed.
    ///
    /// Jobs run in order and are short, a few hundred µs, so that all readers have their turn.
    package func submitRead(_ job: @escaping @Sendable () -> Void) -> Bool {
        readingThreads.submit(job)
    }
}
