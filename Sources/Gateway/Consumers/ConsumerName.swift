/// The name of a durable consumer, as its clients chose it.
///
/// 1 to 63 lower-case letters, digits, `-` and `.`, of which the first and the last are letters or
/// digits: what fits one segment of a URL and the name of a Kubernetes object alike.
struct ConsumerName: Sendable, Equatable {
    /// The longest name, in bytes.
    static let limit = 63

    /// The name itself.
    let text: String

    /// Checks a name.
    ///
    /// - Throws: 422 when it is none, with what is allowed.
    init(_ text: String) throws(StatusResponse) {
        let bytes = Array(text.utf8)
        let isName =
            (1...Self.limit).contains(bytes.count)
            && bytes.allSatisfy { Self.isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e }
            && bytes.first.map(Self.isAlphanumeric) == true
            && bytes.last.map(Self.isAlphanumeric) == true
        guard isName else {
            throw .invalid(
                kind: "consumers", name: text,
                causes: [
                    StatusResponse.Cause(
                        reason: "FieldValueInvalid",
                        message: "a consumer's name has 1 to \(Self.limit) lower-case letters, "
                            + "digits, '-' and '.', and begins and ends with a letter or a digit",
                        field: "name")
                ])
        }
        self.text = text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
    }
}
