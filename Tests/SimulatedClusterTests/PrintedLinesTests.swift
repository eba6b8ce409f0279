import Foundation
import Testing

@testable import SimulatedCluster

@Suite("Printed lines")
struct PrintedLinesTests {
    @Test(
        "are the text's, with repetitions written out",
        arguments: [
            ("a\nb", ["a", "b"]), ("", [""]), ("a\n", ["a", ""]), ("<<x*3>>", ["xxx"]),
            ("a<<b*2>>c\n<<d*1>>", ["abbc", "d"]), ("<<x*0>>", [""]), ("<<x3>>", ["<<x3>>"]),
            ("<<x*>>", ["<<x*>>"]), ("<<x*3>", ["<<x*3>"]), ("<<", ["<<"]),
            ("<<x*9999999999>>", ["<<x*9999999999>>"]),
        ])
    func lines(text: String, expected: [String]) throws {
        let lines = try #require(PrintedLines.read(Data(text.utf8).base64EncodedString()))
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("any bytes are kept, and what is no base64 or too long is refused")
    func bytes() {
        #expect(
            PrintedLines.read(Data([0xFF, 0x00, 0x0A, 0xFE]).base64EncodedString())
                == [[0xFF, 0x00], [0xFE]])
        #expect(PrintedLines.read("no base64!") == nil)
        let long = Data("<<x*268435456>>y<<x*1>>".utf8).base64EncodedString()
        #expect(PrintedLines.read(long) == nil)
    }
}
