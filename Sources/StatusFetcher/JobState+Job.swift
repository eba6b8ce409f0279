import LogModel

// How a `batch/v1` Job decides over its Pods. The Pods' own roll-up comes first; then:
//
// | the Job is | status |
// | --- | --- |
// | not seen yet, and may be | as its Pods, but no end |
// | active | as its Pods, but no end; `pending` without any |
// | active again behind a pause | as the Pods that have not ended, `pending` without any, until a Pod has ended by itself since |
// | suspended | `paused` |
// | complete, and its Pods have ended | end: success |
// | failed for its deadline, and its Pods have ended | end: timeout |
// | failed, and its Pods have ended | end: failure, or timeout where the last failed Pod was past its own deadline, with that Pod's reason |
// | deleted unfinished, and its Pods have ended | end: success where enough Pods succeeded, else canceled |
//
// A Job counts the Pods that have ended. While fewer are known than it has counted, one has not been
// seen yet, whose log and outputs belong before the end.
extension JobState {
    /// What owns a job's Pods.
    package enum Owner: Sendable, Equatable {
        /// No Job, or Jobs cannot be watched here.
        case none
        /// A Job whose object has not been seen.
        case unseen
        /// A Job as it stands.
        case seen(JobObject)
    }

    /// Rolls up the Pods of one job, and the Job that owns them.
    package init(_ pods: JobPods, owner: Owner) {
        self.init(pods)
        switch owner {
        case .none: break
        case .unseen: hold()
        case .seen(let object):
            startedAt = startedAt ?? object.startedAt
            let isOver =
                pods.haveAllEnded && (object.isCounted || pods.ended >= object.endedPods)
            switch object.phase {
            case .active where pods.endedByThemselves == object.endedBeforeResume: resume(pods)
            case .active: hold()
            case .suspended:
                hold()
                status = .paused
                reason = "Suspended"
                message = nil
            case .complete, .failed, .gone:
                if isOver { end(pods, object) } else { hold() }
            }
        }
    }

    /// Takes back an end that the Pods alone would make.
    private mutating func hold() {
        guard status == .end else { return }
        status = .running
        outcome = nil
        exitCode = nil
        endedAt = nil
    }

    /// Begins again behind a pause: the Pods from before it say nothing of where the job stands.
    private mutating func resume(_ pods: JobPods) {
        hold()
        let leading = pods.leading
        status = leading?.status ?? .pending
        reason = leading?.reason
        message = leading?.message
    }

    private mutating func end(_ pods: JobPods, _ object: JobObject) {
        status = .end
        endedAt = pods.endedAt ?? object.endedAt
        exitCode = nil
        reason = object.reason
        message = object.message
        switch object.phase {
        case .complete:
            outcome = .success
            exitCode = 0
            reason = object.reason ?? "Completed"
        case .failed where object.reason == "DeadlineExceeded":
            outcome = .timeout
        case .failed:
            let failed = pods.lastFailed
            outcome = failed?.outcome == .timeout ? .timeout : .failure
            exitCode = failed?.exitCode
            reason = failed?.reason ?? object.reason
            let job = [object.reason, object.message].compactMap { $0 }.joined(separator: ": ")
            message = [job, failed?.message ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
        default:
            outcome = pods.succeeded >= object.completions ? .success : .canceled
            if outcome == .success {
                exitCode = 0
                reason = "Completed"
                message = nil
            }
        }
    }
}
