import Foundation
import LogModel
import Testing

@testable import Kubernetes

struct JobDecodingTests {
    static let started = RFC3339.parse("2026-11-24T10:00:01Z")
    static let over = RFC3339.parse("2026-11-24T10:05:00Z")
    static let overText = "2026-11-24T10:05:00Z"

    func decode(_ text: String) throws -> BatchJob {
        try JSONDecoder().decode(BatchJob.self, from: Data(text.utf8))
    }

    /// The status of a Job that has `counts` and `conditions`.
    func status(_ counts: String, _ conditions: String...) throws -> BatchJob.Status {
        let text = """
            {\(counts),"startTime":"2026-11-24T10:00:01Z","ready":0,"uncountedTerminatedPods":{},\
            "conditions":[\(conditions.joined(separator: ","))]}
            """
        return try decode(JobTexts.job(status: text)).status
    }

    @Test func `reads all that is used and skips the rest`() throws {
        let job = try decode(
            JobTexts.job(
                spec: "\"activeDeadlineSeconds\":600,\"suspend\":false,",
                status: "{\"active\":1,\"ready\":1,\"startTime\":\"2026-11-24T10:00:01Z\"}"))
        #expect(job.metadata.name == "etl")
        #expect(job.metadata.namespace == "ns")
        #expect(job.metadata.uid == "uid-etl")
        #expect(job.metadata.labels == ["team": "data"])
        #expect(job.metadata.creationTimestamp == RFC3339.parse("2026-11-24T10:00:00Z"))
        let labels = ["job-name": "etl", "batch.kubernetes.io/job-name": "etl"]
        #expect(
            job.spec
                == BatchJob.Spec(
                    parallelism: 1, completions: 1, backoffLimit: 6, activeDeadlineSeconds: 600,
                    completionMode: "NonIndexed",
                    selector: ["batch.kubernetes.io/controller-uid": "uid-etl"],
                    template: BatchJob.Template(labels: labels, annotations: ["note": "n"])))
        #expect(job.status == BatchJob.Status(active: 1, startTime: Self.started))
    }

    @Test func `a Job may have little but a name`() throws {
        let job = try decode("{\"metadata\":{\"name\":\"j\"},\"spec\":{\"template\":{}}}")
        #expect(job == BatchJob(metadata: ObjectMetadata(name: "j", namespace: "", uid: "")))
    }

    @Test func `a Job that has ended well says when`() throws {
        let status = try status(
            "\"succeeded\":1,\"completionTime\":\"\(Self.overText)\"",
            JobTexts.condition(
                "SuccessCriteriaMet", reason: "CompletionsReached",
                message: "Reached expected number of succeeded pods", at: Self.overText),
            JobTexts.condition(
                "Complete", reason: "CompletionsReached",
                message: "Reached expected number of succeeded pods", at: Self.overText))
        #expect(status.succeeded == 1 && status.active == 0 && status.failed == 0)
        #expect(status.completionTime == Self.over)
        #expect(status.conditions.map(\.type) == ["SuccessCriteriaMet", "Complete"])
        #expect(status.conditions.map(\.isTrue) == [true, true])
        #expect(status.conditions[1].lastTransitionTime == Self.over)
    }

    @Test func `an older server gives the condition Complete no reason`() throws {
        let status = try status(
            "\"succeeded\":1", JobTexts.condition("Complete", at: Self.overText))
        #expect(
            status.conditions == [
                Condition(type: "Complete", status: "True", lastTransitionTime: Self.over)
            ])
    }

    @Test func `a success policy that is met ends the Job when its last Pods have ended`() throws {
        let status = try status(
            "\"succeeded\":1,\"active\":1",
            JobTexts.condition(
                "SuccessCriteriaMet", reason: "SuccessPolicy",
                message: "Matched rules at index 0", at: Self.overText))
        #expect(status.active == 1 && status.completionTime == nil)
        #expect(status.conditions.map(\.type) == ["SuccessCriteriaMet"])
        #expect(status.conditions.map(\.reason) == ["SuccessPolicy"])
    }

    @Test(arguments: [
        ("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
        ("DeadlineExceeded", "Job was active longer than specified deadline"),
    ])
    func `a Job that has failed says why, and only its condition says when`(
        reason: String, message: String
    ) throws {
        let status = try status(
            "\"failed\":2",
            JobTexts.condition(
                "FailureTarget", reason: reason, message: message, at: Self.overText),
            JobTexts.condition("Failed", reason: reason, message: message, at: Self.overText))
        #expect(status.failed == 2 && status.completionTime == nil)
        let condition = Condition(
            type: "Failed", status: "True", reason: reason, message: message,
            lastTransitionTime: Self.over)
        #expect(status.conditions.last == condition)
        #expect(status.conditions.first?.type == "FailureTarget")
    }

    @Test func `a suspended Job has no start`() throws {
        let condition = JobTexts.condition(
            "Suspended", reason: "JobSuspended", message: "Job suspended", at: Self.overText)
        let job = try decode(
            JobTexts.job(spec: "\"suspend\":true,", status: "{\"conditions\":[\(condition)]}"))
        #expect(job.spec.suspend)
        #expect(job.status.startTime == nil)
        #expect(job.status.conditions.map(\.reason) == ["JobSuspended"])
    }

    @Test(arguments: [
        "{}", "{\"metadata\":{\"name\":\"j\"},\"spec\":{\"parallelism\":\"two\"}}",
        "{\"metadata\":{\"name\":\"j\"},\"status\":{\"startTime\":\"yesterday\"}}",
        "{\"metadata\":{\"name\":\"j\"},\"status\":{\"conditions\":[{\"type\":\"Failed\"}]}}",
    ])
    func `a wrong type is an error`(text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }
}
