import CPCRE2

/// A pattern, compiled once and shared by all threads that search for it.
///
/// PCRE2 compiles it to machine code where the machine allows it. Text is taken for UTF-8 and need not be: bytes that are none match
/// nothing, and everything around them is searched all the same.
///
/// `@unchecked Sendable`: PCRE2's compiled pattern is never changed once it is compiled, and PCRE2
/// says that threads may share it then.
@safe package final class SearchPattern: @unchecked Sendable {
    /// What to look for.
    package struct Specification: Sendable, Equatable {
        /// The regular expression or text.
        package var text: String
        /// Whether ``text`` stands for itself.
        package var isFixed = false
        /// Whether small and capital letters are the same.
        package var ignoresCase = false

        /// Describes a pattern.
        package init(_ text: String, isFixed: Bool = false, ignoresCase: Bool = false) {
            self.text = text
            self.isFixed = isFixed
            self.ignoresCase = ignoresCase
        }
    }

    /// The longest pattern, 4 KiB: compiling takes time and memory that grow with it.
    package static let byteLimit = 4 << 10

    /// Whether what is found needs no second look: a text that stands for itself.
    let isExact: Bool
    /// Such a text, where PCRE2 cannot make machine code for it; `memmem` is half as fast as that,
    /// and faster than PCRE2 without.
    let literal: [UInt8]?
    /// Whether many lines may be searched at once, see ``PatternSyntax``.
    let isBlockwise: Bool
    /// Whether it may ask if a word begins or ends, see ``PatternMatcher``.
    let looksAtBoundaries: Bool
    let code: OpaquePointer?

    /// Compiles a pattern.
    ///
    /// - Throws: what is wrong with it, and where.
    package init(_ pattern: Specification) throws(SearchError) {
        guard !pattern.text.isEmpty else {
            throw .badPattern("the pattern is empty: every line would match", offset: 0)
        }
        guard pattern.text.utf8.count <= Self.byteLimit else {
            throw .badPattern(
                "the pattern has \(pattern.text.utf8.count) bytes; at most \(Self.byteLimit) are "
                    + "allowed", offset: Self.byteLimit)
        }
        if pattern.isFixed, let newline = pattern.text.utf8.firstIndex(of: UInt8(ascii: "\n")) {
            throw .badPattern(
                "a text with a newline is in no line",
                offset: pattern.text.utf8.distance(from: pattern.text.startIndex, to: newline))
        }
        let isLiteral = pattern.isFixed || PatternSyntax.isLiteral(pattern.text)
        isExact = isLiteral && !pattern.ignoresCase
        isBlockwise = isLiteral || PatternSyntax.isBlockwise(pattern.text)
        looksAtBoundaries = !isLiteral && PatternSyntax.mayLookAtBoundaries(pattern.text)
        let options: UInt32
        if isExact {
            // Bytes are compared with bytes, whatever they are.
            options = PCRE2_LITERAL
        } else if isLiteral {
            options = PCRE2_LITERAL | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_CASELESS
        } else {
            // A line has no newline in it, so what `^` and `$` mean in several lines is what they
            // mean in one.
            options =
                PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_MULTILINE
                | PCRE2_ALT_CIRCUMFLEX | (pattern.ignoresCase ? PCRE2_CASELESS : 0)
        }
        unsafe code = unsafe try Self.compile(pattern.text, options)
        // Without machine code PCRE2 interprets the pattern: slower, with the same results.
        let status = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        literal = isExact && status != 0 ? Array(pattern.text.utf8) : nil
    }

    deinit {
        unsafe pcre2_code_free_8(code)
    }

    private static func compile(
        _ pattern: String, _ options: UInt32
    ) throws(SearchError) -> OpaquePointer? {
        guard let context = unsafe pcre2_compile_context_create_8(nil) else {
            throw .unavailable("PCRE2: out of memory")
        }
        defer { unsafe pcre2_compile_context_free_8(context) }
        _ = unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))  // A known value.
        var code: Int32 = 0
        var offset = 0
        let count = pattern.utf8.count
        // PCRE2 10.42 reads on behind a verb such as `(*LIMIT_MATCH=1` that the pattern ends in, up to
        // a byte that is no digit, and names the place behind that.
        let bytes = Array(pattern.utf8) + [0]
        let compiled = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe pcre2_compile_8(bytes.baseAddress, count, options, &code, &offset, context)
        }
        guard let compiled = unsafe compiled else {
            throw .badPattern(message(of: code), offset: min(offset, count))
        }
        return unsafe compiled
    }

    /// What PCRE2 says of an error code.
    static func message(of code: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe pcre2_get_error_message_8(code, buffer.baseAddress, buffer.count)
        }
        guard count > 0 else { return "PCRE2 error \(code)" }
        return String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
    }
}
