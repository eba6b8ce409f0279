import Glibc

/// Finds where lines end.
enum NewlineScan {
    /// Appends the offset behind each newline of `text`.
    static func ends(of text: UnsafeRawBufferPointer, into ends: inout [UInt32]) {
        guard let base = text.baseAddress else { return }
        var at = 0
        while at < text.count,
            let found = unsafe memchr(base + at, Int32(UInt8(ascii: "\n")), text.count - at)
        {
            at = unsafe base.distance(to: UnsafeRawPointer(found)) + 1
            ends.append(UInt32(at))
        }
    }
}
