import Testing

@testable import Capture

@Suite("Capture's counters")
struct CaptureStatisticsTests {
    private let statistics = CaptureStatistics()

    @Test("add up what several tasks count, while others read them")
    func manyTasks() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1_000 {
                        let before = statistics.counters.lines
                        statistics.add(lines: 2)
                        statistics.count(\.requests)
                        #expect(statistics.counters.lines >= before + 2)
                    }
                }
            }
        }
        #expect(statistics.counters.lines == 8_000)
        #expect(statistics.counters.requests == 4_000)
        #expect(statistics.counters.gaps == 0)
    }

    @Test("say how many are followed and how many wait at the same moment")
    func oneMoment() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for step in 0..<1_000 {
                        let number = task * 1_000 + step
                        statistics.set(following: number, queued: number)
                        let counters = statistics.counters
                        #expect(counters.following == counters.queued)
                    }
                }
            }
        }
    }
}
