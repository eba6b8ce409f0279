import FoundationEssentials
import Store
import WebServer

/// What `PUT /v1/consumers/{name}` says: which events, and from where. In its body, or in its query as
/// for `/v1/events`.
///
/// | member | value | when it is absent |
/// | --- | --- | --- |
/// | `types` | a list of types, or one text with commas between them | all types |
/// | `namespace` `workflow` `job` | a name | all |
/// | `after` | the sequence number behind which a new consumer starts; 0: the oldest kept | now |
///
/// No body is the same as an empty object. An unknown member or parameter is refused: a filter that is
/// misspelt must not become a consumer of everything.
struct ConsumerBody: Equatable, Sendable {
    /// Which events are wanted.
    let filter: EventFilter
    /// Where a new consumer starts; `nil` is now.
    let after: Int64?

    private static let names = ["types", "namespace", "workflow", "job", "after"]

    /// Reads a request: its query where it has one, else its body.
    ///
    /// - Throws: 400, with what is wrong and what is allowed.
    static func read(
        _ body: [UInt8], query: [QueryItem]
    ) throws(StatusResponse) -> ConsumerBody {
        guard !query.isEmpty else { return try ConsumerBody(body) }
        guard body.isEmpty else {
            throw .badRequest("what is wanted stands in the body or in the query, not in both")
        }
        for item in query where !names.contains(item.name) {
            throw .badRequest(
                "\(item.name): no such parameter; allowed: \(names.joined(separator: ", "))")
        }
        let parameters = try EventParameters(
            QueryParameters(query), lastEventID: nil, alwaysFollow: true)
        return ConsumerBody(filter: parameters.filter, after: parameters.after)
    }

    private init(filter: EventFilter, after: Int64?) {
        self.filter = filter
        self.after = after
    }

    /// Reads a request's body.
    ///
    /// - Throws: 400, with what is wrong and what is allowed.
    init(_ body: [UInt8]) throws(StatusResponse) {
        let members = try Members.read(
            body.isEmpty ? Array("{}".utf8) : body,
            allowed: Self.names)
        var types: Set<EventType> = []
        for name in try members.list("types") {
            guard let type = EventType(rawValue: name) else {
                throw QueryParameters.unknown("types", name, of: EventType.self)
            }
            types.insert(type)
        }
        filter = EventFilter(
            types: types.isEmpty ? nil : types, namespace: try members.text("namespace"),
            workflow: try members.text("workflow"), job: try members.text("job"))
        after = try members.integer("after")
    }

    /// The number in `{"NAME":N}`, the form of an acknowledgement.
    static func number(_ name: String, in body: [UInt8]) throws(StatusResponse) -> Int64 {
        let members = try Members.read(body, allowed: [name])
        guard let number = try members.integer(name) else {
            throw .badRequest("\(name) is missing: {\"\(name)\":N} is allowed")
        }
        return number
    }
}

/// The members of a small JSON object.
private struct Members {
    /// What a member may hold.
    enum Value: Decodable {
        case integer(Int64)
        case text(String)
        case list([String])
        case null
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let integer = try? container.decode(Int64.self) {
                self = .integer(integer)
            } else if let list = try? container.decode([String].self) {
                self = .list(list)
            } else {
                self = .other
            }
        }
    }

    private let values: [String: Value]

    /// Reads an object whose members are among `allowed`.
    static func read(_ body: [UInt8], allowed: [String]) throws(StatusResponse) -> Members {
        let values: [String: Value]
        do {
            values = try JSONDecoder().decode([String: Value].self, from: Data(body))
        } catch {
            let known = allowed.joined(separator: ", ")
            throw .badRequest("not a JSON object; its members may be \(known)")
        }
        for name in values.keys.sorted() where !allowed.contains(name) {
            let known = allowed.joined(separator: ", ")
            throw .badRequest("\(name): no such member; allowed: \(known)")
        }
        return Members(values: values)
    }

    func list(_ name: String) throws(StatusResponse) -> [String] {
        switch values[name] {
        case nil, .null: []
        case .list(let list): list
        case .text(let text): text.split(separator: ",").map(String.init)
        case .integer, .other: throw .badRequest("\(name): a list of texts is allowed")
        }
    }

    /// An empty text means the same as none, as in a query.
    func text(_ name: String) throws(StatusResponse) -> String? {
        switch values[name] {
        case nil, .null: nil
        case .text(let text): text.isEmpty ? nil : text
        default: throw .badRequest("\(name): a text is allowed")
        }
    }

    func integer(_ name: String) throws(StatusResponse) -> Int64? {
        switch values[name] {
        case nil, .null: return nil
        case .integer(let number) where number >= 0: return number
        default: throw .badRequest("\(name): a whole number of at least 0 is allowed")
        }
    }
}
