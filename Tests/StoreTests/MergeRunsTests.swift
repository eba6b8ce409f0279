import Testing

@testable import Store

@Suite struct MergeRunsTests {
    private var settings: StoreSettings {
        var settings = StoreSettings()
        settings.chunkBytes = 1_000
        settings.mergeRows = 4
        return settings
    }

    private func add(
        _ runs: inout MergeRuns, line: Int64, bytes: Int, isText: Bool = true, isOpen: Bool = false
    ) -> [Range<Int64>] {
        runs.add(
            line: line, next: line + 1, bytes: bytes, isText: isText, isOpen: isOpen,
            settings: settings)
    }

    @Test func fourSmallChunksBecomeOneAndFourOfThoseToo() {
        var runs = MergeRuns()
        var merged: [Range<Int64>] = []
        for line in 0..<16 { merged += add(&runs, line: Int64(line), bytes: 10) }
        #expect(merged == [0..<4, 4..<8, 8..<12, 12..<16, 0..<16])
        #expect(runs == MergeRuns())
    }

    @Test func aFullChunkEndsTheRuns() {
        var runs = MergeRuns()
        #expect(add(&runs, line: 0, bytes: 10).isEmpty)
        #expect(add(&runs, line: 1, bytes: 10).isEmpty)
        #expect(add(&runs, line: 2, bytes: 900) == [0..<2])
        #expect(add(&runs, line: 3, bytes: 900).isEmpty)
    }

    @Test func aGapIsNeverMerged() {
        var runs = MergeRuns()
        #expect(add(&runs, line: 0, bytes: 10).isEmpty)
        #expect(add(&runs, line: 1, bytes: 10, isText: false).isEmpty)
        #expect(add(&runs, line: 2, bytes: 10).isEmpty)
        #expect(add(&runs, line: 3, bytes: 10).isEmpty)
        #expect(runs.end(at: 4) == [2..<4])
    }

    @Test func aLineWithoutANewlineIsTheLastOfItsRun() {
        var runs = MergeRuns()
        #expect(add(&runs, line: 0, bytes: 10).isEmpty)
        #expect(add(&runs, line: 1, bytes: 10, isOpen: true) == [0..<2])
        #expect(runs == MergeRuns())
    }
}
