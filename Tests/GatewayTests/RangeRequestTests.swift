import ByteBlocks
import Testing
import WebServer

@testable import Gateway

@Suite struct RangeRequestTests {
    @Test(arguments: [
        (nil, 10, RangeRequest.whole), ("bytes=0-", 10, .part(0..<10)),
        ("bytes=0-0", 10, .part(0..<1)), ("bytes=3-5", 10, .part(3..<6)),
        ("bytes=9-99", 10, .part(9..<10)), ("Bytes= 3 - 5", 10, .part(3..<6)),
        ("bytes=-3", 10, .part(7..<10)), ("bytes=-99", 10, .part(0..<10)),
        ("bytes=10-", 10, .unsatisfiable), ("bytes=10-12", 10, .unsatisfiable),
        ("bytes=-0", 10, .unsatisfiable), ("bytes=0-", 0, .unsatisfiable),
        ("bytes=-1", 0, .unsatisfiable),
        ("bytes=99999999999999999999-", 10, .unsatisfiable),
        ("bytes=0-99999999999999999999", 10, .part(0..<10)),
        ("bytes=5-3", 10, .whole), ("bytes=-", 10, .whole), ("bytes=", 10, .whole),
        ("bytes=a-b", 10, .whole), ("bytes=1-2,4-5", 10, .whole), ("lines=0-1", 10, .whole),
        ("bytes", 10, .whole), ("bytes=+1-2", 10, .whole), ("bytes=1-2-3", 10, .whole),
        ("bytes=1 0-1 1", 20, .whole),
    ])
    func `a range is one of bytes, else there is none`(
        field: String?, length: Int64, expected: RangeRequest
    ) {
        #expect(RangeRequest(field, length: length) == expected)
    }

    @Test(arguments: [
        ("", ContentCoding.identity), ("gzip", .gzip), ("x-gzip", .gzip), ("zstd", .zstd),
        ("gzip, deflate, br, zstd", .zstd), ("gzip;q=1.0, zstd;q=0.5", .gzip),
        ("gzip;q=0.5, identity", .identity), ("identity;q=0.1, GZIP ; Q=0.2", .gzip),
        ("gzip;q=0, zstd;q=0", .identity), ("*", .zstd), ("zstd;q=0, *", .gzip),
        ("zstd;q =0", .identity), ("zstd;q= 0, gzip", .gzip),
        ("br", .identity), ("gzip;q=x", .gzip), ("deflate, *;q=0", .identity),
        ("g zip", .identity), ("gzip;q=0 .5, zstd;q=0.7", .gzip),
    ])
    func `the best coding is taken that the client accepts`(
        field: String, expected: ContentCoding
    ) throws {
        let request = try Samples.request("/", [HeaderField("Accept-Encoding", field)])
        #expect(ContentCoding(acceptedBy: request) == expected)
    }

    @Test func `without the field nothing is packed`() throws {
        #expect(ContentCoding(acceptedBy: try Samples.request("/")) == .identity)
    }

    @Test(arguments: [
        ("If-None-Match", "\"a\"", true), ("If-None-Match", "W/\"a\"", true),
        ("If-None-Match", "\"b\", \"a\"", true), ("If-None-Match", "*", true),
        ("If-None-Match", "\"b\"", false), ("If-None-Match", "a", false),
        ("If-None-Match", "\"b,*,c\"", false), ("If-None-Match", "\"b,c\" ,\"a\"", true),
        ("If-Match", "\"b,*,c\"", false),
        ("If-Match", "\"a\"", true), ("If-Match", "*", true), ("If-Match", "W/\"a\"", false),
        ("If-Match", "\"b\"", false), ("If-Range", "\"a\"", true), ("If-Range", "\"b\"", false),
        ("If-Range", "W/\"a\"", false), ("If-Range", "Tue, 24 Nov 2026 18:00:00 GMT", false),
    ])
    func `conditions are compared as RFC 9110 says`(
        field: String, value: String, expected: Bool
    ) throws {
        let request = try Samples.request("/", [HeaderField(field, value)])
        let tag = EntityTag("a")
        switch field {
        case "If-None-Match": #expect(tag.isKnown(to: request) == expected)
        case "If-Match": #expect(tag.isWanted(by: request) == expected)
        default: #expect(tag.allowsRange(of: request) == expected)
        }
    }

    @Test func `a window cuts one part out of any blocks`() {
        let text = Array("0123456789".utf8)
        for size in 1...11 {
            for from in 0...10 {
                for to in from...10 {
                    var window = ByteWindow(Int64(from)..<Int64(to))
                    var found: [UInt8] = []
                    for start in stride(from: 0, to: text.count, by: size) where !window.isOver {
                        let block = ByteBlock(text[start..<min(start + size, text.count)])
                        found += window.cut(block).copy
                    }
                    #expect(found == Array(text[from..<to]))
                    #expect(window.isOver)
                }
            }
        }
    }
}
