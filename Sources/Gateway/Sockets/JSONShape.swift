/// How deep the values of a JSON text lie in each other, and how many there are: counted in one pass,
/// without reading them.
///
/// For text that a client wrote and that is yet to be decoded: what a decoder does for a value grows
/// with the depth at which it lies, and is a thousand times what counting it is. Text that is no JSON
/// has some shape as well.
struct JSONShape: Equatable {
    /// Lists and objects around the innermost value.
    private(set) var depth = 0
    /// Values, at least: every list, every object, and whatever stands behind a comma.
    private(set) var values = 0

    /// Counts.
    init(_ text: some Sequence<UInt8>) {
        var open = 0
        var isInText = false
        var isEscaped = false
        for byte in text {
            guard !isInText else {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInText = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                values += 1
                depth = max(depth, open)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
            case UInt8(ascii: ","): values += 1
            default: break
            }
        }
    }
}
