import FoundationEssentials
import LogModel
import Store

/// A job as `/v1/jobs` shows it; what is not known is absent.
struct JobDocument: Encodable, Sendable {
    let namespace: String
    let workflow: String
    let stage: String?
    let job: String
    let uid: String
    let status: JobStatus
    let outcome: JobOutcome?
    let reason: String?
    let message: String?
    let exitCode: Int?
    /// How often it has begun; 1 before it has.
    let attempt: Int
    /// Times are RFC 3339.
    let createdAt: String
    let startedAt: String?
    let endedAt: String?
    /// Sums over the job's streams.
    let lines: Int64
    let bytes: Int64
    let gaps: Int
    let rejected: Int
    let pods: [PodDocument]
    let outputs: [String: String]
    let outputsBase64: [String: String]?
    /// The keys whose values are too large for a list; absent where there are none.
    let outputsOmitted: [String]?
    /// Only where a single job is asked for.
    let rejectedOutputs: [RejectedDocument]?

    /// Bytes of keys and values of one job in a list, 16 KiB: a page of 500 jobs has at most 8 MiB.
    /// Beyond it the largest values are left out and their keys are named.
    static let listedOutputBytes = 16 << 10

    /// Reads all that belongs to `job`; less of it `inList`.
    init(_ job: JobRow, in snapshot: StoreSnapshot, inList: Bool = false) throws {
        namespace = job.key.namespace
        workflow = job.key.workflow
        stage = job.stage
        self.job = job.key.job
        uid = job.uid
        status = job.status
        outcome = job.outcome
        reason = job.reason
        message = job.message
        exitCode = job.exitCode
        attempt = job.attempt
        createdAt = job.createdAt.description
        startedAt = job.startedAt?.description
        endedAt = job.endedAt?.description
        let totals = try snapshot.totals(ofJob: job.id)
        lines = totals.lines
        bytes = totals.bytes
        gaps = totals.gaps
        rejected = totals.rejected
        let streams = try snapshot.streams(ofJob: job.id)
        pods = try snapshot.pods(ofJob: job.id).map { PodDocument($0, streams) }
        let bounded = try snapshot.outputs(
            ofJob: job.id, upTo: inList ? Self.listedOutputBytes : OutputLimits.bytes)
        let values = OutputValues(bounded.outputs)
        outputs = values.text
        outputsBase64 = values.base64.isEmpty ? nil : values.base64
        outputsOmitted = bounded.omitted.isEmpty ? nil : bounded.omitted
        guard !inList else {
            rejectedOutputs = nil
            return
        }
        let names = Dictionary(streams.map { ($0.row, $0.id) }, uniquingKeysWith: { a, _ in a })
        rejectedOutputs = try snapshot.rejected(ofJob: job.id).map { row in
            RejectedDocument(
                stream: names[row.stream]?.description, line: row.line, reason: row.reason)
        }
    }
}

/// A `JOB_OUT` line that was refused.
struct RejectedDocument: Encodable, Sendable {
    /// `UID/CONTAINER/ATTEMPT`.
    let stream: String?
    let line: Int64
    let reason: String
}

/// The outputs of a job: `/v1/jobs/…/outputs`.
struct OutputsDocument: Encodable, Sendable {
    /// Whether no output can follow: the job has ended with success.
    let final: Bool
    let outputs: [String: String]
    let outputsBase64: [String: String]?

    /// Describes the outputs of `job`.
    init(_ job: JobRow, _ rows: [OutputRow]) {
        let values = OutputValues(rows)
        final = job.status == .end && job.outcome == .success
        outputs = values.text
        outputsBase64 = values.base64.isEmpty ? nil : values.base64
    }
}

/// Output values by key: those that are text, and the others in base64.
struct OutputValues {
    private(set) var text: [String: String] = [:]
    private(set) var base64: [String: String] = [:]

    /// Sorts the values of `rows`.
    init(_ rows: [OutputRow]) {
        for row in rows {
            if let value = String(validating: row.value, as: UTF8.self) {
                text[row.key] = value
            } else {
                base64[row.key] = Data(row.value).base64EncodedString()
            }
        }
    }
}
