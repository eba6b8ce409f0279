import Yams

/// Any JSON value, as YAML gives it.
enum JSONValue: Sendable, Equatable, Encodable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The value of a YAML node. Keys that are not text are left out: JSON has none.
    init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            var object: [String: JSONValue] = [:]
            for (key, value) in mapping {
                if let name = key.string { object[name] = JSONValue(value) }
            }
            self = .object(object)
        case .sequence(let sequence):
            self = .array(sequence.map { JSONValue($0) })
        default:
            self = Self.scalar(node)
        }
    }

    private static func scalar(_ node: Node) -> JSONValue {
        switch node.type {
        case .null: return .null
        case .bool: if let value = node.bool { return .bool(value) }
        case .int: if let value = node.int { return .integer(value) }
        case .float: if let value = node.float { return .number(value) }
        default: break
        }
        return .string(node.string ?? "")
    }

    func encode(to encoder: any Encoder) throws {
        var target = encoder.singleValueContainer()
        switch self {
        case .null: try target.encodeNil()
        case .bool(let value): try target.encode(value)
        case .integer(let value): try target.encode(value)
        case .number(let value): try target.encode(value)
        case .string(let value): try target.encode(value)
        case .array(let value): try target.encode(value)
        case .object(let value): try target.encode(value)
        }
    }
}
