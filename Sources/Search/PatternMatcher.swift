import ByteBlocks
import CPCRE2

/// Runs a pattern over text: PCRE2's memory for one thread at a time.
///
/// Each call is bounded: see ``matchLimit`` and the others, which are PCRE2's own way to end what
/// would take for ever.
@safe struct PatternMatcher: ~Copyable {
    /// Steps of one call, 1,000,000: some 10 ms. An ordinary pattern takes a few for each byte.
    static let matchLimit: UInt32 = 1_000_000
    /// Levels of backtracking where the pattern is interpreted.
    static let depthLimit: UInt32 = 100_000
    /// KiB of memory for these, 16 MiB.
    static let heapLimitKiB: UInt32 = 16 << 10
    /// Bytes of stack for machine code: at first, and at most.
    static let stackBytes = (first: 32 << 10, most: 1 << 20)

    /// What one call found.
    enum Outcome: Equatable {
        /// The bytes that match.
        case match(Range<Int>)
        case none
        /// The call ran into a limit, with PCRE2's words for it.
        case limit(String)
    }

    let pattern: SearchPattern
    /// What every call says to PCRE2.
    private let options: UInt32
    private let data: OpaquePointer?
    private let context: OpaquePointer?
    private let stack: OpaquePointer?

    /// Makes memory to look for `pattern` in `text`, or in parts of it.
    ///
    /// The machine code of PCRE2 10.42 reads a whole character behind a `\b` or `\B`, and where that
    /// is cut off by the end of the text it reads beyond it. So such patterns are interpreted in
    /// text that is not all UTF-8.
    init(_ pattern: SearchPattern, for text: ByteBlock) throws(SearchError) {
        self.pattern = pattern
        let isSafe = unsafe !pattern.looksAtBoundaries || Self.isUTF8(text.bytes)
        withExtendedLifetime(text) {}
        options = isSafe ? 0 : PCRE2_NO_JIT
        guard pattern.literal == nil else {
            unsafe (data, context, stack) = (nil, nil, nil)
            return
        }
        // One pair of offsets is enough: groups are not looked at.
        unsafe data = pcre2_match_data_create_8(1, nil)
        unsafe context = pcre2_match_context_create_8(nil)
        unsafe stack = pcre2_jit_stack_create_8(Self.stackBytes.first, Self.stackBytes.most, nil)
        guard unsafe data != nil, let context = unsafe context, unsafe stack != nil else {
            throw .unavailable("PCRE2: out of memory")
        }
        // None of these fails: they store a number or a pointer.
        _ = unsafe pcre2_set_match_limit_8(context, Self.matchLimit)
        _ = unsafe pcre2_set_depth_limit_8(context, Self.depthLimit)
        _ = unsafe pcre2_set_heap_limit_8(context, Self.heapLimitKiB)
        unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
    }

    deinit {
        // Each of them takes nil.
        unsafe pcre2_match_data_free_8(data)
        unsafe pcre2_match_context_free_8(context)
        unsafe pcre2_jit_stack_free_8(stack)
    }

    /// The first match in `text` at or behind `start`; with `takesBytes` the first that is not empty.
    func find(
        in text: UnsafeRawBufferPointer, from start: Int, takesBytes: Bool = false
    ) throws(SearchError) -> Outcome {
        if let literal = pattern.literal { return unsafe find(literal, in: text, from: start) }
        // An empty text still needs a pointer.
        let empty: StaticString = ""
        let base =
            unsafe text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty.utf8Start
        let status = unsafe pcre2_match_8(
            pattern.code, base, text.count, start,
            takesBytes ? options | PCRE2_NOTEMPTY : options, data, context)
        switch status {
        case PCRE2_ERROR_NOMATCH: return .none
        case 0...:
            let offsets = unsafe pcre2_get_ovector_pointer_8(data)
            guard let offsets = unsafe offsets else { return .none }
            // `\K` can move the start behind the end.
            let (from, to) = unsafe (offsets[0], offsets[1])
            return .match(min(from, to)..<max(from, to))
        case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT,
            PCRE2_ERROR_JIT_STACKLIMIT:
            return .limit(SearchPattern.message(of: status))
        default:
            throw .unavailable("PCRE2: \(SearchPattern.message(of: status))")
        }
    }

    private static func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
        do {
            _ = try UTF8Span(validating: unsafe Span(_unsafeBytes: text))
            return true
        } catch {
            return false
        }
    }

    private func find(
        _ literal: [UInt8], in text: UnsafeRawBufferPointer, from start: Int
    ) -> Outcome {
        guard start <= text.count, let base = text.baseAddress else { return .none }
        let found = unsafe podwire_find(
            base + start, text.count - start, literal, literal.count)
        guard let found = unsafe found else { return .none }
        let from = unsafe base.distance(to: found)
        return .match(from..<from + literal.count)
    }
}
