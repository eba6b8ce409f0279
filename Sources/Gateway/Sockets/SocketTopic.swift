import WebServer

/// What one subscription reads.
enum SocketTopic: Equatable {
    /// The log of one container instance.
    case log(LogTarget, LogParameters)
    /// The event feed.
    case events(EventParameters)
    /// The event feed as a durable consumer has it.
    case consumer(String)

    private static let logMembers: Set = [
        "namespace", "pod", "container", "uid", "attempt", "from", "follow", "wait",
    ]
    private static let eventMembers: Set = [
        "after", "types", "namespace", "workflow", "job", "consumer",
    ]

    /// Reads the members of a `subscribe`.
    ///
    /// - Throws: what is wrong and what is allowed.
    init(_ members: [String: SocketValue]) throws(StatusResponse) {
        switch (members["log"], members["events"]) {
        case (.object(let log)?, nil): self = try Self.log(log)
        case (nil, .object(let events)?): self = try Self.events(events)
        default: throw .badRequest("subscribe: either log or events, an object, is allowed")
        }
        for name in members.keys.sorted() where !["id", "log", "events"].contains(name) {
            throw .badRequest("\(name): no such member; allowed: id, log, events")
        }
    }

    private static func log(
        _ members: [String: SocketValue]
    ) throws(StatusResponse) -> SocketTopic {
        var items = try items(members, of: logMembers)
        let query = QueryParameters(items)
        guard let namespace = query.filter("namespace"), let pod = query.filter("pod") else {
            throw .badRequest("log: namespace and pod are needed")
        }
        if case .integer(let from)? = members["from"], from < 0 {
            items.removeAll { $0.name == "from" }
            items.append(QueryItem("tailLines", String(from.magnitude)))
        }
        let parameters = try LogParameters(QueryParameters(items), pod: pod)
        guard parameters.attempt != .all else {
            throw .badRequest("attempt: one attempt has line numbers to count, \"all\" has not")
        }
        let target = LogTarget(
            namespace: namespace, pod: pod, container: query.filter("container"))
        return .log(target, parameters)
    }

    private static func events(
        _ members: [String: SocketValue]
    ) throws(StatusResponse) -> SocketTopic {
        let query = QueryParameters(try items(members, of: eventMembers))
        guard let consumer = query.filter("consumer") else {
            return .events(try EventParameters(query, lastEventID: nil, alwaysFollow: true))
        }
        guard members.count == 1 else {
            throw .badRequest("consumer: its filter and position are its own; name it alone")
        }
        return .consumer(consumer)
    }

    private static func items(
        _ members: [String: SocketValue], of known: Set<String>
    ) throws(StatusResponse) -> [QueryItem] {
        var items: [QueryItem] = []
        for (name, value) in members {
            guard known.contains(name) else {
                let allowed = known.sorted().joined(separator: ", ")
                throw .badRequest("\(name): no such member; allowed: \(allowed)")
            }
            if value == .null { continue }
            guard let text = value.parameter else {
                throw .badRequest(
                    "\(name): a text, a whole number, a truth value or, for types, a "
                        + "list of texts is allowed")
            }
            items.append(QueryItem(name, text))
        }
        return items
    }
}
