import Testing

@testable import Gateway

@Suite struct LabelSelectorTests {
    private static let labels = ["a": "b", "n": "5", "example.com/x": "y", "in": "z", "e": ""]

    @Test(arguments: [
        "", " ", "a", "a=b", "a==b", "a = b", "a in (b)", "a in (c, b)", "a!=c", "missing!=c",
        "a notin (c,d)", "missing notin (b)", "!missing", "! missing", "a,n", "a=b,n=5,!q",
        "n>4", "n<6", "example.com/x=y", "in=z", "in", "e=", "e", "e in (x,)", "e in ()",
        "a=b, example.com/x in (y)", "a\n=\tb", "a=b,\r\nn in\r\n(5)\r\n",
    ])
    func `labels are selected`(text: String) throws {
        #expect(try LabelSelector(text).matches(Self.labels))
    }

    @Test(arguments: [
        "missing", "a=c", "a in (c)", "a!=b", "a notin (b)", "!a", "n>5", "n<5", "a>1", "missing>1",
        "a,missing", "a=", "missing=", "n=5,a=c",
    ])
    func `labels are not selected`(text: String) throws {
        #expect(!(try LabelSelector(text).matches(Self.labels)))
    }

    /// The first six as an API server of 1.20 says them.
    @Test(arguments: [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a in", "unable to parse requirement: found '' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("!!a", "unable to parse requirement: found '!', expected: identifier"),
        (
            "-a=b",
            "unable to parse requirement: invalid label key \"-a\": name part must consist of "
                + "alphanumeric characters, '-', '_' or '.', and must start and end with an "
                + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
                + "for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        ),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
    ])
    func `what is wrong is said in Kubernetes' words`(text: String, message: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try LabelSelector(text) }
        #expect(refusal.code == 400)
        #expect(refusal.message == message)
    }

    @Test(arguments: [
        "a=-b", "a=b$", "/a=b", "Example.com/a=b", "a/b/c=d", "a>b", "a=\u{e9}",
        String(repeating: "k", count: 64), "a=" + String(repeating: "v", count: 64),
    ])
    func `keys and values that no label can have are refused`(text: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try LabelSelector(text) }
        #expect(refusal.message.hasPrefix("unable to parse requirement: "))
    }

    @Test func `any text gets an answer`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab in notin(),=!<>\t\u{e9}/.-")
        for _ in 0..<5_000 {
            let length = Int.random(in: 0...12, using: &random)
            let text = String(
                (0..<length).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            do {
                _ = try LabelSelector(text).matches(Self.labels)
            } catch {
                #expect(error.code == 400 && !error.message.isEmpty)
            }
        }
    }
}
