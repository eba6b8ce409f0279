import LogModel
import SimulatedCluster
import Testing

struct ObjectHistoryTests {
    @Test func `a bounded history knows what it has forgotten`() throws {
        let world = TestWorld()
        let record = try world.create("p")
        var history = ObjectHistory<PodRecord>(capacity: 3, start: 10)
        for version in 11...15 {
            history.append(
                ObjectChange(resourceVersion: version, before: nil, after: record, isRemoval: false)
            )
        }
        #expect(history.floor == 12)
        #expect(history.changes(after: 11, limit: 9) == nil)
        #expect(history.changes(after: 12, limit: 9)?.map(\.resourceVersion) == [13, 14, 15])
        #expect(history.changes(after: 13, limit: 1)?.map(\.resourceVersion) == [14])
        #expect(history.changes(after: 15, limit: 9)?.isEmpty == true)
    }

    @Test func `a compaction makes everything before it too old`() throws {
        let world = TestWorld()
        let record = try world.create("p")
        var history = ObjectHistory<PodRecord>(capacity: 3, start: 0)
        history.append(
            ObjectChange(resourceVersion: 1, before: nil, after: record, isRemoval: false))
        history.compact()
        #expect(history.changes(after: 0, limit: 9) == nil)
        #expect(history.changes(after: 1, limit: 9)?.isEmpty == true)
    }
}
