import LogModel
import Store
import Testing

@testable import Retention

@Suite struct RetentionPlanTests {
    private func events(_ sequences: ClosedRange<Int64>, bytes: Int = 100) -> [StoredEvent] {
        sequences.map { StoredEvent(sequence: $0, time: LogTime(seconds: $0), bytes: bytes) }
    }

    private func plan(
        keepEventsFor: Duration = .seconds(1_000), maxEvents: Int64 = 1_000_000,
        maxBytes: Int64? = nil
    ) -> RetentionPlan {
        var settings = RetentionSettings()
        settings.keepEventsFor = keepEventsFor
        settings.maxEvents = maxEvents
        settings.maxBytes = maxBytes
        return RetentionPlan(settings: settings)
    }

    @Test(arguments: [(1_000, nil), (1_011, nil), (1_012, 12), (1_015, 15), (9_999, 31)])
    func eventsGoOnceTheyAreOld(now: Int64, expected: Int64?) {
        let first = plan().firstKeptEvent(events(11...30), last: 30, at: LogTime(seconds: now))
        #expect(first == expected)
    }

    @Test(arguments: [(100, nil), (20, nil), (19, 12), (1, 30)])
    func eventsGoOnceThereAreTooMany(maxEvents: Int64, expected: Int64?) {
        let first = plan(maxEvents: maxEvents)
            .firstKeptEvent(events(11...30), last: 30, at: LogTime(seconds: 30))
        #expect(first == expected)
    }

    @Test func aStepIsBoundedInBytesButForOneEvent() {
        let late = LogTime(seconds: 99_999)
        let half = RetentionPlan.eventBytesAStep / 2
        #expect(plan().firstKeptEvent(events(1...9, bytes: half), last: 9, at: late) == 3)
        #expect(plan().firstKeptEvent(events(1...9, bytes: half * 5), last: 9, at: late) == 2)
    }

    @Test func withoutEventsNothingGoes() {
        #expect(plan().firstKeptEvent([], last: 0, at: LogTime(seconds: 99_999)) == nil)
    }

    @Test func aStoreIsOverfullOnlyBeyondItsLimit() {
        #expect(plan().surplus(usedBytes: .max) == 0)
        #expect(plan(maxBytes: 5).surplus(usedBytes: 5) == 0)
        #expect(plan(maxBytes: 5).surplus(usedBytes: 7) == 2)
    }
}
