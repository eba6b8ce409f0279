import ByteBlocks
import WebServer

@testable import Gateway

// What a client says of a download: which part, and what it has of it.
extension FuzzTarget {
    /// A byte of the body's length, and the fields `Range`, `If-Range`, `If-None-Match`, `If-Match`
    /// and `Accept-Encoding`, a line each; an empty line is a field that is absent.
    static let download = FuzzTarget(
        name: "download", promise: "what is answered is what a plain reading of the fields says"
    ) { bytes in
        guard let length = bytes.first.map(Int64.init) else { return }
        let lines = bytes.dropFirst().split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        checkRange(lines.first ?? "", length, bytes)
        let names = ["If-Range", "If-None-Match", "If-Match", "Accept-Encoding"]
        let fields = zip(names, lines.dropFirst()).filter { !$1.isEmpty }
            .map { HeaderField($0, $1) }
        guard let request = try? ServerRequest(target: "/logs/a/b", fields: fields) else { return }
        let tag = EntityTag("u/c/0;1+2;3")
        checkConditions(request, tag)
        checkConditions(request, tag.of(.gzip))
        checkCoding(request)
    }
}

/// The positions that a range names are those of a comparison of each position with its ends.
private func checkRange(_ field: String, _ length: Int64, _ bytes: [UInt8]) {
    let request = RangeRequest(field, length: length)
    guard let (first, last) = plainRange(field) else {
        claim(request == .whole, "\(request) of \(field)")
        return
    }
    let positions = (0..<length).filter { position in
        switch (first, last) {
        case (let first?, let last?): first <= Decimal(position) && Decimal(position) <= last
        case (let first?, nil): first <= Decimal(position)
        case (nil, let count?): Decimal(length - position) <= count
        case (nil, nil): false
        }
    }
    switch request {
    case .whole:
        let isBackward = first.flatMap { first in last.map { $0 < first } } ?? false
        claim(isBackward || (first == nil && last == nil), "all of it for \(field)")
    case .unsatisfiable: claim(positions.isEmpty, "nothing for \(field)")
    case .part(let range):
        claim(Array(range) == positions, "\(range) for \(field) of \(length)")
        checkWindow(range, length, bytes)
    }
}

/// A part that is cut out of blocks is the part.
private func checkWindow(_ range: Range<Int64>, _ length: Int64, _ bytes: [UInt8]) {
    let body = (0..<Int(length)).map { UInt8($0 & 0xFF) }
    var window = ByteWindow(range)
    var sent: [UInt8] = []
    for piece in Pieces(body, round: UInt64(bytes.count)) {
        sent += window.cut(ByteBlock(piece)).copy
    }
    claim(sent == body[Int(range.lowerBound)..<Int(range.upperBound)].map { $0 }, "other bytes")
    claim(window.isOver, "a window that is not over")
}

/// A number of any length.
private struct Decimal: Comparable {
    private let digits: [UInt8]

    init(_ number: Int64) {
        self.init(digits: String(number).utf8)
    }

    init(digits: some Sequence<UInt8>) {
        self.digits = Array(digits.drop { $0 == 0x30 })
    }

    static func < (a: Decimal, b: Decimal) -> Bool {
        a.digits.count == b.digits.count
            ? a.digits.lexicographicallyPrecedes(b.digits) : a.digits.count < b.digits.count
    }
}

/// The ends of a single range of bytes; `nil` for a field that is none.
private func plainRange(_ field: String) -> (first: Decimal?, last: Decimal?)? {
    var rest = Array(field.utf8)[...]
    let unit = String(decoding: rest.prefix(5), as: UTF8.self)
    guard unit.lowercased() == "bytes" else { return nil }
    rest = rest.dropFirst(5)
    guard rest.popFirst() == UInt8(ascii: "=") else { return nil }
    let first = digits(&rest)
    guard rest.popFirst() == UInt8(ascii: "-") else { return nil }
    let last = digits(&rest)
    guard rest.isEmpty else { return nil }
    return (
        first.isEmpty ? nil : Decimal(digits: first), last.isEmpty ? nil : Decimal(digits: last)
    )
}

/// Takes digits, and the blanks around them.
private func digits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest.dropFirst(digits.count).drop { $0 == 0x20 || $0 == 0x09 }
    return digits
}

/// Where a field is a list of tags as RFC 9110 has it, it holds the tag when one of them is it.
private func checkConditions(_ request: ServerRequest, _ tag: EntityTag) {
    if let tags = plainTags(request.header("If-None-Match")) {
        let isThere = tags.isEmpty || tags.contains { $0.opaque == tag.opaque }
        claim(tag.isKnown(to: request) == isThere, "known: \(!isThere), \(request.fields)")
    }
    if let tags = plainTags(request.header("If-Match")) {
        let isThere = tags.isEmpty || (tags.contains { $0 == tag } && !tag.isWeak)
        claim(tag.isWanted(by: request) == isThere, "wanted: \(!isThere), \(request.fields)")
    }
    let field = request.header("If-Range")
    let isAllowed = field.map { $0 == "\"\(tag.opaque)\"" && !tag.isWeak } ?? true
    claim(tag.allowsRange(of: request) == isAllowed, "range: \(!isAllowed), \(request.fields)")
}

/// The tags of a list, none for `*`; `nil` for a field that is no list of tags.
private func plainTags(_ field: String?) -> [EntityTag]? {
    guard let field else { return nil }
    if field == "*" { return [] }
    var rest = Array(field.utf8)[...]
    var tags: [EntityTag] = []
    while !rest.isEmpty {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
        guard !rest.isEmpty else { break }
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        let opaque = rest.prefix { $0 != UInt8(ascii: "\"") }
        // What may stand between the quotes: RFC 9110 section 8.8.3.
        guard opaque.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        rest = rest.dropFirst(opaque.count)
        guard rest.popFirst() != nil else { return nil }
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        tags.append(EntityTag(String(decoding: opaque, as: UTF8.self), isWeak: isWeak))
    }
    return tags.isEmpty ? nil : tags
}

/// What is sent is something that the client names and does not exclude.
private func checkCoding(_ request: ServerRequest) {
    let coding = ContentCoding(acceptedBy: request)
    guard coding != .identity else { return }
    let field = (request.header("Accept-Encoding") ?? "").lowercased()
    let names = coding == .gzip ? ["gzip", "*"] : [coding.rawValue, "*"]
    claim(names.contains { field.contains($0) }, "\(coding) for \(field)")
    let only = field.utf8.filter { $0 != 0x20 && $0 != 0x09 }
    claim(!only.elementsEqual("\(coding.rawValue);q=0".utf8), "\(coding), which is excluded")
}
