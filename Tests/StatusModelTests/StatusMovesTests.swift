import LogModel
import StatusModel
import Testing

@Suite("Moves between statuses")
struct StatusMovesTests {
    @Test(
        "the table of allowed moves",
        arguments: [
            (JobStatus.pending, [JobStatus.scheduling, .running, .paused, .end]),
            (.scheduling, [.running, .paused, .end]), (.running, [.paused, .end]),
            (.paused, [.pending, .scheduling, .running, .end]), (.end, []),
        ])
    func table(from: JobStatus, to: [JobStatus]) {
        #expect(StatusMoves.next(after: from) == to)
    }

    @Test("the worst outcome of several wins")
    func worst() {
        let all: [JobOutcome?] = [.success, nil, .canceled, .timeout, .failure]
        #expect(all.reduce(nil) { JobOutcome.worst($0, $1) } == .timeout)
        #expect(JobOutcome.worst(.canceled, .failure) == .failure)
        #expect(JobOutcome.worst(.success, .canceled) == .canceled)
        #expect(JobOutcome.worst(nil, .success) == .success)
    }
}
