import Foundation
import LogModel

/// The member `data` of a `podwire.job.output` event.
struct OutputEventData: Encodable {
    let key: String
    /// The value when it is UTF-8.
    let value: String?
    /// The value in base64 when it is not.
    let valueBase64: String?
    let stream: String
    let line: Int64

    init(key: String, value: [UInt8], stream: StreamID, line: Int64) {
        self.key = key
        self.value = String(validating: value, as: UTF8.self)
        valueBase64 = self.value == nil ? Data(value).base64EncodedString() : nil
        self.stream = stream.description
        self.line = line
    }
}

/// The member `data` of a `podwire.log.gap` event.
struct GapEventData: Encodable {
    let stream: String
    let line: Int64
    let certainty: String
    let from: String?
    let to: String
    let reason: String

    init(_ gap: GapRecord, stream: StreamID, line: Int64) {
        self.stream = stream.description
        self.line = line
        certainty = gap.certainty.rawValue
        from = gap.from?.description
        to = gap.to.description
        reason = gap.reason
    }
}

/// JSON as the event feed writes it.
enum JSONText {
    /// `value` as JSON: keys sorted, slashes not escaped, `nil` members left out.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// `text` as a JSON string, with its quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..<" ":
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
