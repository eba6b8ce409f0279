import Foundation
import Testing

@testable import Kubernetes

struct WatchLineSplitterTests {
    @Test(arguments: 1...9)
    func `lines are the same however the bytes are cut`(size: Int) throws {
        var splitter = WatchLineSplitter(limit: 16)
        var lines: [String] = []
        let bytes = Array("one\n\ntwo\nthree and more\n".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            splitter.append(Array(bytes[start..<min(start + size, bytes.count)]))
            while let line = try splitter.next() {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        try splitter.finish()
        #expect(lines == ["one", "two", "three and more"])
    }

    @Test func `a line over the limit is an error, complete or not`() throws {
        for text in ["12345678\n", "12345678"] {
            var splitter = WatchLineSplitter(limit: 7)
            splitter.append(Array(text.utf8))
            #expect(throws: WatchLineSplitter.Failure.lineTooLong(limit: 7)) {
                try splitter.next()
            }
        }
    }

    @Test func `an end inside a line is an error`() throws {
        var splitter = WatchLineSplitter(limit: 7)
        splitter.append(Array("a\nb".utf8))
        #expect(try splitter.next() != nil)
        #expect(try splitter.next() == nil)
        #expect(throws: WatchLineSplitter.Failure.cutLine) { try splitter.finish() }
    }
}
