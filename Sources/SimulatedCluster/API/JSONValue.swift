import Foundation

/// A JSON value whose objects keep the order of their members.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A member of an object.
    package struct Member: Sendable, Equatable {
        /// The member's name.
        package var name: String
        /// The member's value.
        package var value: JSONValue
    }

    /// The value of the member `name`; nil when this is no object or has no such member.
    package subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): return
            }
            self = .object(members)
        }
    }

    /// The text, if this is one.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The whole number, if this is one.
    package var int: Int? {
        if case .int(let number) = self { number } else { nil }
    }

    /// The elements; none if this is no array.
    package var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The members whose values are text, as a dictionary.
    package var strings: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return members.reduce(into: [:]) { result, member in
            result[member.name] = member.value.string
        }
    }

    /// The value with a JSON merge patch (RFC 7396) applied: null removes a member.
    package func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = self
        if case .object = self {} else { result = [:] }
        for change in changes {
            let isRemoval = change.value == .null
            result[change.name] =
                isRemoval ? nil : (result[change.name] ?? .null).merged(with: change.value)
        }
        return result
    }

    /// An object of text members, in the order of their names.
    package static func strings(_ dictionary: [String: String]) -> JSONValue {
        .object(
            dictionary.sorted { $0.key < $1.key }
                .map { Member(name: $0.key, value: .string($0.value)) })
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    /// Members in the order of the literal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSONValue: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Name.self) {
            self = .object(
                try members.allKeys.sorted { $0.stringValue < $1.stringValue }
                    .map {
                        Member(
                            name: $0.stringValue, value: try members.decode(Self.self, forKey: $0))
                    })
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let value = try? single.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? single.decode(Int.self) {
            self = .int(value)
        } else if let value = try? single.decode(Double.self) {
            self = .double(value)
        } else if let value = try? single.decode(String.self) {
            self = .string(value)
        } else {
            self = .array(try single.decode([Self].self))
        }
    }

    /// Reads JSON text.
    package init(parsing bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}
