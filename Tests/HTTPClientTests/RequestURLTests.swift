import Testing

@testable import HTTPClient

@Suite struct RequestURLTests {
    @Test(arguments: [
        ("https://h/p?q", "h", "https://h/p", "https://n/p?q", "n:443:h:443"),
        ("http://h:8080", "h:8080", "http://h:8080", "http://n:8080", "n:8080:h:8080"),
        (
            "https://[::1]:6443/a", "[::1]:6443", "https://[::1]:6443/a", "https://n:6443/a",
            "n:6443:[::1]:6443"
        ),
        ("HTTPS://u:p@h/#f", "h", "https://h/", "https://u:p@n/", "n:443:h:443"),
    ])
    func aURLIsCut(
        text: String, authority: String, logged: String, moved: String, way: String
    ) throws {
        let url = try #require(RequestURL(text))
        #expect(url.authority == authority)
        #expect(url.forLogs == logged)
        #expect(url.at(host: "n") == moved)
        #expect(url.connectTo(from: "n") == way)
    }

    @Test(arguments: ["", "h", "://h", "file:///x", "http://", "http://h:99999/", "http://[::1"])
    func whatIsNotAURLIsRefused(text: String) {
        #expect(RequestURL(text) == nil)
    }
}

@Suite struct ResponseHeadParserTests {
    private func heads(_ lines: [String], followsRedirects: Bool = false) -> [ResponseHead] {
        var parser = ResponseHeadParser(followsRedirects: followsRedirects)
        return lines.compactMap { parser.take(Array("\($0)\r\n".utf8)) }
    }

    @Test func fieldsAreTrimmedAndFoldedLinesJoined() {
        let heads = heads(["HTTP/1.1 200 OK", "A:  b ", "C: d", "\te", "Empty:", ""])
        #expect(heads.map(\.status) == [200])
        #expect(
            heads.first?.fields == [
                HTTPField(name: "A", value: "b"), HTTPField(name: "C", value: "d e"),
                HTTPField(name: "Empty", value: ""),
            ])
        #expect(heads.first?.httpVersion == "1.1")
    }

    @Test func onlyTheFinalHeadComesOut() {
        let lines = [
            "HTTP/1.1 100 Continue", "", "HTTP/1.1 302 Found", "Location: /x", "", "HTTP/2 404", "",
            "Trailer: 1", "",
        ]
        #expect(heads(lines, followsRedirects: true).map(\.status) == [404])
        #expect(heads(lines).map(\.status) == [302, 404])
        #expect(heads(["HTTP/2 304", ""], followsRedirects: true).map(\.status) == [304])
    }
}
