import ByteBlocks
import Foundation
import LogModel
import Logging
import Testing

@testable import Store

/// A store in a directory of its own, and what tests need to fill and read it.
struct StoreFixture {
    let directory: String

    init() {
        directory =
            FileManager.default.temporaryDirectory.path + "/podwire-store-\(UUID().uuidString)"
    }

    func open(_ change: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
        var settings = StoreSettings()
        change(&settings)
        return try Store.open(
            directory: directory, settings: settings, logger: Logger(label: "test"))
    }

    func remove() throws {
        try FileManager.default.removeItem(atPath: directory)
    }

    /// Runs `body` with an open store; closes it and removes its directory.
    static func with(
        _ change: (inout StoreSettings) -> Void = { _ in },
        _ body: (Store, StoreFixture) async throws -> Void
    ) async throws {
        let fixture = StoreFixture()
        let store = try fixture.open(change)
        do {
            try await body(store, fixture)
        } catch {
            await store.close()
            try fixture.remove()
            throw error
        }
        await store.close()
        try fixture.remove()
    }

    /// What a crash now would leave: a copy of the database and its log file, not closed.
    func crashImage() throws -> StoreFixture {
        let image = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: image.directory, withIntermediateDirectories: false)
        for name in ["podwire.db", "podwire.db-wal"] {
            try FileManager.default.copyItem(
                atPath: directory + "/" + name, toPath: image.directory + "/" + name)
        }
        return image
    }
}

extension StreamDescriptor {
    static func named(_ pod: String, job: Int64? = nil, attempt: Int = 0) -> StreamDescriptor {
        StreamDescriptor(
            id: StreamID(podUID: "uid-\(pod)", container: "main", attempt: attempt),
            namespace: "default", pod: pod, kind: .main, job: job)
    }
}

/// A batch of lines, one second apart from `time` seconds on.
func batch(_ lines: [String], time: Int64 = 1, newline: Bool = true) throws -> LineBatch {
    try batch(
        bytes: lines.map { Array($0.utf8) },
        times: lines.indices.map { (time + Int64($0)) * 1_000_000_000 }, newline: newline)
}

/// A batch of lines of any bytes; `newline` says whether the last one has one.
func batch(bytes lines: [[UInt8]], times: [Int64], newline: Bool = true) throws -> LineBatch {
    var builder = LineBatchBuilder()
    for (index, line) in lines.enumerated() {
        line.withUnsafeBytes {
            builder.add($0, time: times[index], newline: newline || index < lines.count - 1)
        }
    }
    let made = builder.take()
    return try #require(made)
}

/// Every stored byte and time of a stream, read chunk by chunk.
func contents(
    of stream: Int64, in store: Store, from line: Int64 = 0
) async throws -> (text: [UInt8], times: [Int64], next: Int64) {
    var text: [UInt8] = []
    var times: [Int64] = []
    var line = line
    while let found = try await store.batch(stream: stream, at: line) {
        #expect(found.first == line)
        text += found.batch.text.copy
        times += found.batch.times
        line = found.next
    }
    return (text, times, line)
}

/// A gap record that ends at `to` seconds.
func gap(to: Int64, reason: String = "rotated") -> GapRecord {
    GapRecord(
        certainty: .possible, from: LogTime(seconds: to - 1), to: LogTime(seconds: to),
        reason: reason)
}
