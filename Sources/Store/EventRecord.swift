package import ByteBlocks
import Foundation
package import LogModel

/// What an event tells of.
package enum EventType: String, Sendable, CaseIterable, Codable {
    /// A workflow's status changed.
    case workflowStatus = "podwire.workflow.status"
    /// A job's status changed.
    case jobStatus = "podwire.job.status"
    /// A job printed an output.
    case jobOutput = "podwire.job.output"
    /// A job is over, and all of its log and outputs are stored.
    case jobEnd = "podwire.job.end"
    /// Lines of a log are or may be missing.
    case logGap = "podwire.log.gap"
}

/// An event that is in the store, with its CloudEvent ready to be sent.
///
/// ```
/// {"specversion":"1.0","id":"12","source":"/podwire","type":"podwire.job.output",
///  "subject":"NAMESPACE/WORKFLOW/JOB","time":"2026-11-23T18:12:07.123456789Z",
///  "datacontenttype":"application/json","data":{…}}
/// ```
package struct EventRecord: Sendable {
    /// Its place in the feed, from 1; never used twice.
    package let sequence: Int64
    /// When it was written.
    package let time: LogTime
    /// What it tells of.
    package let type: EventType
    /// Which job; the job's name is empty for events of a workflow.
    package let key: JobKey
    /// The member `data`: a JSON object.
    package let data: [UInt8]
    /// The CloudEvent as one line of JSON without a newline, made once and shared by all readers.
    package let json: ByteBlock

    init(sequence: Int64, time: LogTime, type: EventType, key: JobKey, data: [UInt8]) {
        self.sequence = sequence
        self.time = time
        self.type = type
        self.key = key
        self.data = data
        let subject = key.job.isEmpty ? "\(key.namespace)/\(key.workflow)" : key.description
        let head = """
            {"specversion":"1.0","id":"\(sequence)","source":"/podwire","type":"\(type.rawValue)",\
            "subject":\(JSONText.quoted(subject)),"time":"\(time)",\
            "datacontenttype":"application/json","data":
            """
        json = ByteBlock(Array(head.utf8) + data + [UInt8(ascii: "}")])
    }

    /// Bytes of memory it takes, about.
    var cost: Int { 256 + data.count + json.count }
}

/// Which events a reader wants; what is `nil` does not matter.
package struct EventFilter: Sendable, Equatable, Codable {
    /// Types.
    package var types: Set<EventType>?
    /// The Kubernetes namespace.
    package var namespace: String?
    /// The workflow's name.
    package var workflow: String?
    /// The job's name.
    package var job: String?

    /// Wants every event, or those that match all that is given.
    package init(
        types: Set<EventType>? = nil, namespace: String? = nil, workflow: String? = nil,
        job: String? = nil
    ) {
        self.types = types
        self.namespace = namespace
        self.workflow = workflow
        self.job = job
    }

    /// Whether `event` is wanted.
    package func matches(_ event: EventRecord) -> Bool {
        if let types, !types.contains(event.type) { return false }
        if let namespace, event.key.namespace != namespace { return false }
        if let workflow, event.key.workflow != workflow { return false }
        if let job, event.key.job != job { return false }
        return true
    }
}
