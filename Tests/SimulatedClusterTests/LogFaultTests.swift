import SimulatedCluster
import Testing

struct LogFaultTests {
    @Test(arguments: [
        ("ok", LogFault.ok),
        ("status=204", .refused(.noContent)),
        ("status=400", .refused(.waiting)),
        ("status=404", .refused(.unknownToKubelet)),
        ("status=500", .refused(.unreachable)),
        ("status=429:7", .refused(.tooMany(retryAfterSeconds: 7))),
        ("slow:1.5s", .slow(.milliseconds(1_500))),
        ("cut@0", .broken(.cut(rotates: false), after: 0)),
        ("cut-rotate@12", .broken(.cut(rotates: true), after: 12)),
        ("end@3", .broken(.end(rotates: false), after: 3)),
        ("end-rotate@3", .broken(.end(rotates: true), after: 3)),
        ("stall@3:250ms", .broken(.stall(.milliseconds(250)), after: 3)),
        ("text@9", .broken(.text, after: 9)),
        ("removed@9", .broken(.removed, after: 9)),
        ("node-gone@9", .broken(.nodeGone, after: 9)),
    ])
    func `an entry is read, and written again as it would be read`(
        entry: String, fault: LogFault
    ) {
        #expect(LogFault(entry) == fault)
        #expect(LogFault(fault.description) == fault)
    }

    @Test(arguments: [
        "", "cut", "cut@", "cut@-1", "cut@+1", "cut@1:2s", "cut@x", "cutt@1", "stall@1",
        "stall@1:2", "slow", "slow:", "slow:1", "status=200", "status=429", "status=429:x", "OK",
    ])
    func `any other text is no entry`(entry: String) {
        #expect(LogFault(entry) == nil)
    }

    @Test func `a list names every entry that is none`() {
        let (faults, unreadable) = LogFault.list("ok; cut@1;nothing;;status=429")
        #expect(faults == [.ok, .broken(.cut(rotates: false), after: 1)])
        #expect(unreadable == ["nothing", "", "status=429"])
        #expect(LogFault.list("").faults.isEmpty && LogFault.list("").unreadable.isEmpty)
    }
}
