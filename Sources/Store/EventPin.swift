import LogModel

/// What a filter pins of an event's key: the place where readers that wait are looked up.
struct EventPin: Hashable {
    var namespace: String?
    var workflow: String?
    var job: String?

    /// Which of the three are pinned, as bits 0 to 7.
    var shape: Int {
        (namespace == nil ? 0 : 1) | (workflow == nil ? 0 : 2) | (job == nil ? 0 : 4)
    }

    /// How many shapes there are.
    static let shapes = 8

    init(_ filter: EventFilter) {
        namespace = filter.namespace
        workflow = filter.workflow
        job = filter.job
    }

    /// The pin of that shape which an event of `key` matches.
    init(_ key: JobKey, shape: Int) {
        namespace = shape & 1 == 0 ? nil : key.namespace
        workflow = shape & 2 == 0 ? nil : key.workflow
        job = shape & 4 == 0 ? nil : key.job
    }
}

/// A set of event types in one byte.
struct EventTypeSet: Hashable {
    private let bits: UInt8

    /// The types that `filter` lets through.
    init(_ filter: EventFilter) {
        bits = (filter.types ?? Set(EventType.allCases)).reduce(0) { $0 | Self.bit($1) }
    }

    func contains(_ type: EventType) -> Bool { bits & Self.bit(type) != 0 }

    private static func bit(_ type: EventType) -> UInt8 {
        switch type {
        case .workflowStatus: 1
        case .jobStatus: 2
        case .jobOutput: 4
        case .jobEnd: 8
        case .logGap: 16
        }
    }
}
