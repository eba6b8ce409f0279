import Cryptography
import Testing

@testable import Access

@Suite struct SecretsTests {
    @Test func `a digest is the standard's`() throws {
        // FIPS 180-4's example of one block.
        let digest = try SHA256.digest(of: Array("abc".utf8))
        #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
        #expect(digest.suffix(2) == [0x15, 0xad])
        #expect(digest.count == SHA256.length)
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [], false), ([1, 2, 3], [1, 2, 3], true),
            ([1, 2], [1, 3], false),
            ([0, 2], [1, 2], false),
        ] as [([UInt8], [UInt8], Bool)])
    func `bytes are compared whole`(one: [UInt8], other: [UInt8], areEqual: Bool) {
        #expect(ConstantTime.areEqual(one, other) == areEqual)
    }

    @Test func `a hash is of one process and one token`() throws {
        let hasher = TokenHasher()
        #expect(try hasher.hash("a") == hasher.hash("a"))
        #expect(try hasher.hash("a") != hasher.hash("b"))
        #expect(try hasher.hash("a") != TokenHasher().hash("a"))
    }

    @Test(arguments: [
        ("abc", true), ("aA0-._~+/=", true), ("", false), ("a b", false), ("a\u{0}", false),
        ("ä", false), ("a,b", false), (String(repeating: "a", count: 16 << 10), true),
        (String(repeating: "a", count: (16 << 10) + 1), false),
    ])
    func `only what can be a token is taken for one`(text: String, isToken: Bool) {
        #expect((BearerToken(text) != nil) == isToken)
    }

    @Test func `a token shows itself to nobody`() throws {
        let token = try #require(BearerToken("secret"))
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped] {
            #expect(!text.contains("secret"))
        }
    }
}
