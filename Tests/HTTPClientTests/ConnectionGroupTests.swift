import Testing

@testable import HTTPClient

@Suite struct ConnectionGroupTests {
    private func ids(_ range: Range<UInt64>) -> [TransferID] { range.map(TransferID.init) }

    private func admitted(_ group: inout ConnectionGroup) -> [TransferID] {
        var all: [TransferID] = []
        while let id = group.next() { all.append(id) }
        return all
    }

    @Test func fewConnectionsAreOpenedAtOnce() {
        var group = ConnectionGroup(streams: 10)
        for id in ids(0..<200) { group.arrive(id) }
        #expect(admitted(&group) == ids(0..<4))
    }

    @Test func noMoreConnectionsAreOpenedThanTheWaitingFill() {
        var group = ConnectionGroup(streams: 10)
        for id in ids(0..<11) { group.arrive(id) }
        #expect(admitted(&group) == ids(0..<2))
    }

    @Test func aConnectionThatIsOpenTakesAsManyAsItHasStreams() {
        var group = ConnectionGroup(streams: 10)
        group.arrive(TransferID(number: 0))
        #expect(admitted(&group).count == 1)
        group.place(TransferID(number: 0), port: 7)
        for id in ids(1..<10) { group.arrive(id) }
        #expect(admitted(&group) == ids(1..<10))
        #expect(group.members(port: 7) == [TransferID(number: 0)])
    }

    @Test func whoLeavesMakesRoom() {
        var group = ConnectionGroup(streams: 2)
        for id in ids(0..<2) { group.arrive(id) }
        for id in admitted(&group) { group.place(id, port: 7) }
        _ = admitted(&group).map { group.place($0, port: 7) }
        group.leave(TransferID(number: 0), port: 7)
        group.arrive(TransferID(number: 2))
        group.arrive(TransferID(number: 3))
        #expect(admitted(&group).first == TransferID(number: 2))
    }

    @Test func whoLeavesWhileWaitingIsSkipped() {
        var group = ConnectionGroup(streams: 10)
        for id in ids(0..<3) { group.arrive(id) }
        group.leave(TransferID(number: 0), port: nil)
        #expect(admitted(&group).first == TransferID(number: 1))
        group.leave(TransferID(number: 1), port: nil)
        group.leave(TransferID(number: 2), port: nil)
        #expect(group.isEmpty)
    }

    @Test func aDeadServerIsGivenUpInFewRounds() {
        var group = ConnectionGroup(streams: 10)
        for id in ids(0..<10_000) { group.arrive(id) }
        var rounds = 0
        while !group.isEmpty {
            for id in admitted(&group) { group.leave(id, port: nil) }
            rounds += 1
            #expect(rounds < 5)
        }
    }

    @Test func aServerOfHTTP1MakesNobodyWait() {
        var group = ConnectionGroup(streams: 10)
        for id in ids(0..<200) { group.arrive(id) }
        group.serverDoesNotShare()
        #expect(admitted(&group).count == 200)
    }
}
