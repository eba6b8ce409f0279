package import LogModel

/// The status of a Job, as its controller writes it.
package struct JobObjectStatus: Sendable, Equatable {
    /// A condition of a Job.
    package struct Condition: Sendable, Equatable {
        package var type: String
        package var isTrue: Bool
        package var reason: String
        package var message: String
        package var since: LogTime
    }

    package var active = 0
    package var ready = 0
    package var terminating = 0
    package var succeeded = 0
    package var failed = 0
    package var completedIndexes: Set<Int> = []
    package var startTime: LogTime?
    package var completionTime: LogTime?
    package var conditions: [Condition] = []

    /// The status of a Job that nobody has looked at.
    package init() {}

    /// When the Job became `Complete` or `Failed`.
    package var finishedAt: LogTime? {
        conditions.first { $0.isTrue && ["Complete", "Failed"].contains($0.type) }?.since
    }

    /// Whether a condition holds.
    package func holds(_ type: String) -> Bool {
        conditions.contains { $0.type == type && $0.isTrue }
    }

    /// Lets a condition hold, or no longer. One that never held is not mentioned.
    mutating func set(
        _ type: String, _ reason: String, _ message: String, isTrue: Bool = true, at now: LogTime
    ) {
        let condition = Condition(
            type: type, isTrue: isTrue, reason: reason, message: message, since: now)
        if let index = conditions.firstIndex(where: { $0.type == type }) {
            if conditions[index].isTrue != isTrue { conditions[index] = condition }
        } else if isTrue {
            conditions.append(condition)
        }
    }

    /// The object's `status`; counts of nothing are left out.
    var json: JSONValue {
        var value: JSONValue = [:]
        if !conditions.isEmpty { value["conditions"] = .array(conditions.map(Self.json)) }
        value["startTime"] = startTime.map { .time($0) }
        value["completionTime"] = completionTime.map { .time($0) }
        for (name, count) in [("active", active), ("succeeded", succeeded), ("failed", failed)]
        where count > 0 {
            value[name] = .int(count)
        }
        if !completedIndexes.isEmpty {
            value["completedIndexes"] = .string(Self.text(completedIndexes))
        }
        value["ready"] = .int(ready)
        value["terminating"] = .int(terminating)
        value["uncountedTerminatedPods"] = [:]
        return value
    }

    private static func json(_ condition: Condition) -> JSONValue {
        var value: JSONValue = [
            "type": .string(condition.type), "status": condition.isTrue ? "True" : "False",
            "lastProbeTime": .time(condition.since), "lastTransitionTime": .time(condition.since),
        ]
        if !condition.reason.isEmpty { value["reason"] = .string(condition.reason) }
        if !condition.message.isEmpty { value["message"] = .string(condition.message) }
        return value
    }

    /// Indexes as Kubernetes writes them: `0,2-5`.
    static func text(_ indexes: Set<Int>) -> String {
        var ranges: [ClosedRange<Int>] = []
        for index in indexes.sorted() {
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
        return ranges.map { range in
            switch range.count {
            case 1: "\(range.lowerBound)"
            case 2: "\(range.lowerBound),\(range.upperBound)"
            default: "\(range.lowerBound)-\(range.upperBound)"
            }
        }.joined(separator: ",")
    }
}
