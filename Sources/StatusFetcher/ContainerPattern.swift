/// A container's name, or a glob of names: `*` stands for any characters, `?` for one.
package struct ContainerPattern: Sendable, Hashable {
    /// The pattern as it was written.
    package let source: String
    private let pattern: [UInt8]

    /// Why a pattern was refused.
    package struct ParseError: Error, CustomStringConvertible {
        /// The reason, as a sentence.
        package let description: String
    }

    /// Reads a pattern.
    ///
    /// - Throws: ``ParseError`` for one that no container's name can match.
    package init(_ source: String) throws(ParseError) {
        let isPossible = source.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "*")
                || byte == UInt8(ascii: "?")
        }
        guard isPossible, !source.isEmpty, source.utf8.count <= 63 else {
            throw ParseError(
                description: "“\(source)” is not the name of a container, of lowercase letters, "
                    + "digits and -, or a glob of names with * and ?")
        }
        self.init(unchecked: source)
    }

    /// A pattern that is known to be one.
    init(unchecked source: String) {
        self.source = source
        pattern = Array(source.utf8)
    }

    /// Whether a container of this name is meant.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var at = 0
        var inPattern = 0
        // Where the last * stands, and where in the name it has been taken to end.
        var star: (pattern: Int, name: Int)?
        while at < name.count {
            if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
                star = (inPattern, at)
                inPattern += 1
            } else if inPattern < pattern.count,
                pattern[inPattern] == UInt8(ascii: "?") || pattern[inPattern] == name[at]
            {
                inPattern += 1
                at += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                inPattern = last.pattern + 1
                at = last.name + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension [ContainerPattern] {
    /// Patterns that are known to be such.
    static func names(_ patterns: String...) -> [ContainerPattern] {
        patterns.map { ContainerPattern(unchecked: $0) }
    }

    /// Whether one of the patterns means a container of this name.
    func match(_ name: String) -> Bool { contains { $0.matches(name) } }
}
