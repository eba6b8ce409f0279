import FoundationEssentials
import WebServer

/// What a client of `/v1/ws` says, one JSON object a text frame.
///
/// | message | meaning |
/// | --- | --- |
/// | `{"subscribe":{"id":N,"log":{…}}}` | a log: `namespace`, `pod`, and perhaps `container`, `uid`, `attempt`, `from` (−N: the last N lines), `follow`, `wait` |
/// | `{"subscribe":{"id":N,"events":{…}}}` | events: `after`, `types`, `namespace`, `workflow`, `job` |
/// | `{"subscribe":{"id":N,"events":{"consumer":NAME}}}` | a durable consumer's events |
/// | `{"unsubscribe":N}` | no more of subscription N |
/// | `{"ack":{"id":N,"sequence":SEQ}}` | all events up to SEQ of the consumer that N reads are dealt with |
///
/// The members of `log` and `events` have the meaning, and the refusals, of the query parameters of
/// `/logs/…` and `/v1/events`.
enum SocketMessage: Equatable {
    case subscribe(id: Int64, SocketTopic)
    /// A subscription that cannot be understood: refused under its id.
    case refused(id: Int64, StatusResponse)
    case unsubscribe(id: Int64)
    case acknowledge(id: Int64, sequence: Int64)

    /// Bytes of a message, 16 KiB: many times what a subscription needs, and little to read on the
    /// server's thread. Beyond it the socket closes with 4400.
    static let limitBytes = 16 << 10

    /// The most values in a message, 256, and how deep they may lie, 8; the largest subscription has
    /// some 20, 4 deep. To decode a value may take 4 µs, and that times the depth where it lies
    /// deeper. Beyond them the socket closes with 4400.
    static let limits = (values: 256, depth: 8)

    /// Reads a message.
    ///
    /// - Throws: a refusal of the socket: what cannot be told apart cannot be answered one by one.
    init(_ text: String) throws(StatusResponse) {
        guard text.utf8.count <= Self.limitBytes else {
            throw .badRequest("a message may have \(Self.limitBytes) bytes")
        }
        let shape = JSONShape(text.utf8)
        guard shape.values <= Self.limits.values, shape.depth <= Self.limits.depth else {
            throw .badRequest(
                "a message may have \(Self.limits.values) values, \(Self.limits.depth) deep")
        }
        let value: SocketValue
        do {
            value = try JSONDecoder().decode(SocketValue.self, from: Data(text.utf8))
        } catch {
            throw .badRequest("a message is not JSON: \(Self.forms)")
        }
        guard case .object(let members) = value, members.count == 1, let member = members.first
        else { throw .badRequest("a message is one JSON object with one member: \(Self.forms)") }
        switch (member.key, member.value) {
        case ("subscribe", .object(let members)):
            let id = try Self.id(members["id"])
            do throws(StatusResponse) {
                self = .subscribe(id: id, try SocketTopic(members))
            } catch {
                self = .refused(id: id, error)
            }
        case ("unsubscribe", let value): self = .unsubscribe(id: try Self.id(value))
        case ("ack", .object(let members)):
            guard case .integer(let sequence)? = members["sequence"], members.count == 2 else {
                throw .badRequest("ack: {\"id\":N,\"sequence\":SEQ} is allowed")
            }
            self = .acknowledge(id: try Self.id(members["id"]), sequence: sequence)
        default: throw .badRequest("\(member.key): no such message; \(Self.forms)")
        }
    }

    private static let forms =
        "{\"subscribe\":{\"id\":N,\"log\":{…}}}, {\"subscribe\":{\"id\":N,\"events\":{…}}}, "
        + "{\"unsubscribe\":N} and {\"ack\":{\"id\":N,\"sequence\":SEQ}} are allowed"

    private static func id(_ value: SocketValue?) throws(StatusResponse) -> Int64 {
        guard case .integer(let id)? = value, id >= 0 else {
            throw .badRequest("id: a whole number of at least 0 is allowed")
        }
        return id
    }
}

/// A value in a client's message.
enum SocketValue: Decodable, Equatable {
    case integer(Int64)
    case bool(Bool)
    case text(String)
    case list([SocketValue])
    case object([String: SocketValue])
    case null
    case number(Double)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([SocketValue].self) {
            self = .list(list)
        } else if let object = try? container.decode([String: SocketValue].self) {
            self = .object(object)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    /// The value as a query has it; `nil` for one that no parameter has.
    var parameter: String? {
        switch self {
        case .integer(let integer): String(integer)
        case .bool(let bool): String(bool)
        case .text(let text): text
        case .list(let list):
            list.reduce("") { all, item in
                guard let all, case .text(let text) = item, !text.contains(",") else { return nil }
                return all.isEmpty ? text : all + "," + text
            }
        case .object, .null, .number: nil
        }
    }
}
