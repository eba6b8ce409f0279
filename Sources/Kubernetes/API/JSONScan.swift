/// Finds values in JSON text by their place, without decoding them: one pass over the bytes.
///
/// For text that a decoder has accepted already: anything else gives `nil`, never a crash. The
/// pointer is the caller's and must stay valid for as long as this value is used.
struct JSONScan {
    /// A member of an object: where its name stands, without the quotes, and its value.
    struct Member {
        let name: Range<Int>
        let value: Range<Int>
    }

    let bytes: UnsafeRawBufferPointer

    /// Where the whole text's value is.
    var root: Range<Int>? { range(ofValueAt: skipSpace(0)) }

    /// Where the value ends that starts at `start`.
    func range(ofValueAt start: Int) -> Range<Int>? {
        skipValue(start).map { start..<$0 }
    }

    /// The members of the object at `range`; `nil` when there is no object.
    func members(_ range: Range<Int>) -> [Member]? {
        guard byte(range.lowerBound) == UInt8(ascii: "{") else { return nil }
        var members: [Member] = []
        var index = skipSpace(range.lowerBound + 1)
        while byte(index) != UInt8(ascii: "}") {
            guard let nameEnd = skipString(index) else { return nil }
            let colon = skipSpace(nameEnd)
            guard byte(colon) == UInt8(ascii: ":") else { return nil }
            let start = skipSpace(colon + 1)
            guard let end = skipValue(start) else { return nil }
            members.append(Member(name: index + 1..<nameEnd - 1, value: start..<end))
            guard let next = skipSeparator(end, closing: UInt8(ascii: "}")) else { return nil }
            index = next
        }
        return members
    }

    /// The elements of the array at `range`; `nil` when there is no array.
    func elements(_ range: Range<Int>) -> [Range<Int>]? {
        guard byte(range.lowerBound) == UInt8(ascii: "[") else { return nil }
        var elements: [Range<Int>] = []
        var index = skipSpace(range.lowerBound + 1)
        while byte(index) != UInt8(ascii: "]") {
            guard let end = skipValue(index) else { return nil }
            elements.append(index..<end)
            guard let next = skipSeparator(end, closing: UInt8(ascii: "]")) else { return nil }
            index = next
        }
        return elements
    }

    /// The value of the member `name` of the object at `range`.
    func value(_ name: String, of range: Range<Int>) -> Range<Int>? {
        members(range)?.first { isName($0, name) }?.value
    }

    /// Whether a member has this name. Names with escapes in them match nothing.
    func isName(_ member: Member, _ name: String) -> Bool {
        member.name.count == name.utf8.count
            && zip(member.name, name.utf8).allSatisfy {
                bytes[$0] == $1
            }
    }

    // MARK: - Steps

    private func byte(_ index: Int) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] <= UInt8(ascii: " ") { index += 1 }
        return index
    }

    /// Behind a comma and its space, or at the closing bracket.
    private func skipSeparator(_ start: Int, closing: UInt8) -> Int? {
        let index = skipSpace(start)
        if byte(index) == closing { return index }
        return byte(index) == UInt8(ascii: ",") ? skipSpace(index + 1) : nil
    }

    private func skipString(_ start: Int) -> Int? {
        guard byte(start) == UInt8(ascii: "\"") else { return nil }
        var index = start + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    private func skipValue(_ start: Int) -> Int? {
        switch byte(start) {
        case nil: return nil
        case UInt8(ascii: "\""): return skipString(start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer(start)
        default:
            var index = start
            while let next = byte(index), !Self.isEnd(next) { index += 1 }
            return index > start ? index : nil
        }
    }

    private func skipContainer(_ start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard let end = skipString(index) else { return nil }
                index = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
            || byte == UInt8(ascii: "]")
    }
}
