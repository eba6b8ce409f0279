package import LogModel

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

    /// The first of the last `count` lines as `tail -n` counts them: the parts of a long line are
    /// one, and so is a last line without a newline.
    package func line(stream: Int64, tail count: Int) async throws -> Int64 {
        try await reader.line(stream: stream, tail: count)
    }
}

extension Store {
    /// The text of the lines from `line` on: at least one chunk's, and up to about `bytes`; `nil`
    /// beyond the end. Half the work of ``batch(stream:at:)``, and fewer round trips.
    package func text(
        stream: Int64, from line: Int64, bytes: Int = 512 << 10
    ) async throws -> StoredText? {
        try await reader.text(stream: stream, from: line, bytes: bytes)
    }

    /// Stored chunks as zstd frames, from the one that holds line `line` on: at least one, and up
    /// to about `bytes` of unpacked text; none beyond the end.
    package func frames(
        stream: Int64, from line: Int64, bytes: Int = 1 << 20
    ) async throws -> [StoredFrame] {
        try await reader.frames(stream: stream, from: line, bytes: bytes)
    }

    /// The first line of the chunk that holds byte `byte` of the log, and the offset at which that
    /// line begins; `nil` beyond the end.
    package func place(
        stream: Int64, ofByte byte: Int64
    ) async throws -> (line: Int64, byte: Int64)? {
        try await reader.place(stream: stream, ofByte: byte)
    }

    /// The offset in the log at which line `line` begins; the log's size behind the last line.
    package func byte(stream: Int64, ofLine line: Int64) async throws -> Int64 {
        try await reader.byte(stream: stream, ofLine: line)
    }
}
