import Cryptography
import HTTPClient
import Testing

@testable import Webhooks

@Suite struct SignatureTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// RFC 4231, test cases 1, 2 and 6: a short key, a short text, a key longer than a block.
    @Test(
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func `the code is that of the standard`(key: [UInt8], text: String, code: String) throws {
        let found = try HMACSHA256.code(of: Array(text.utf8), key: key)
        #expect(Self.hex(found) == code)
    }

    /// The vector that libraries for Standard Webhooks test themselves with.
    @Test func `a signature is one that libraries for Standard Webhooks verify`() throws {
        let secret = try WebhookSecret(Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8))
        let fields = try WebhookSignature.fields(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8), secret: secret)
        #expect(
            fields == [
                HTTPField(name: "webhook-id", value: "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                HTTPField(name: "webhook-timestamp", value: "1614265330"),
                HTTPField(
                    name: "webhook-signature",
                    value: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ])
    }

    @Test(
        arguments: [
            ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n", "0123456789abcdef01234567"),
            ("  0123456789abcdef01234567 \r\n", "0123456789abcdef01234567"),
            ("two words that are long enough", "two words that are long enough"),
        ])
    func `a secret is text, or base64 behind its prefix`(text: String, key: String) throws {
        #expect(try WebhookSecret(Array(text.utf8)).key == Array(key.utf8))
    }

    @Test(
        arguments: [
            ("", "0 bytes"), (" \n", "0 bytes"), ("0123456789abcdef0123456", "23 bytes"),
            ("whsec_MTIz", "3 bytes"), ("whsec_!!!", "no base64"),
        ])
    func `a bad secret is refused, and its text is not in the message`(
        text: String, words: String
    ) throws {
        let error = try #require(throws: WebhookError.self) {
            try WebhookSecret(Array(text.utf8))
        }
        #expect(error.message.contains(words))
        #expect(text.count < 9 || !error.description.contains(text.prefix(20)))
    }
}
