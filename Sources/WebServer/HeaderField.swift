/// One header field of a request or response, as it stands on the wire.
package struct HeaderField: Sendable, Equatable {
    /// The field's name, in the sender's spelling.
    package var name: String
    /// The field's value, without the white space around it.
    package var value: String

    /// Makes a field.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [HeaderField] {
    /// The first value of the field `name`, whatever its case.
    package func first(_ name: String) -> String? {
        first { $0.name.isSameFieldName(as: name) }?.value
    }

    /// Every element of every field `name`, read as comma-separated lists, without white space.
    package func list(_ name: String) -> [String] {
        filter { $0.name.isSameFieldName(as: name) }
            .flatMap { $0.value.split(separator: ",") }
            .map { String($0.trimmingBlanks()) }
            .filter { !$0.isEmpty }
    }

    /// The same for fields whose elements have quotes: what stands between them is no list.
    package func quotedList(_ name: String) -> [String] {
        filter { $0.name.isSameFieldName(as: name) }
            .flatMap { field in
                var isQuoted = false
                return field.value.utf8.split { byte in
                    if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                    return byte == UInt8(ascii: ",") && !isQuoted
                }
            }
            .map { String(Substring($0).trimmingBlanks()) }
            .filter { !$0.isEmpty }
    }

    /// Whether a list field has this element, whatever its case.
    func listContains(_ name: String, _ element: String) -> Bool {
        list(name).contains { $0.isSameFieldName(as: element) }
    }
}

extension String {
    /// Whether both are equal but for the case of ASCII letters.
    func isSameFieldName(as other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension Substring {
    /// The text without spaces and tabs at its ends.
    package func trimmingBlanks() -> Substring {
        // Bytes, not characters: a blank and a combining mark behind it are one character.
        var text = utf8
        while let first = text.first, first == .space || first == .tab { text.removeFirst() }
        while let last = text.last, last == .space || last == .tab { text.removeLast() }
        return Substring(text)
    }
}
