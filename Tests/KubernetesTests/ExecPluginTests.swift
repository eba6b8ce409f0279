import LogModel
import Testing

@testable import Kubernetes

struct ExecPluginTests {
    static let version = "client.authentication.k8s.io/v1beta1"
    let plugin = ExecPlugin(
        command: "plugin", arguments: [], environment: [:], apiVersion: version)

    static func output(_ status: String, version: String = version) -> String {
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"\(version)\",\"status\":\(status)}"
    }

    @Test func `reads a token with its end`() throws {
        let answer = try plugin.answer(
            Array(
                Self.output("{\"token\":\"t\",\"expirationTimestamp\":\"2026-11-23T00:00:00Z\"}")
                    .utf8))
        #expect(answer.credential == Credential(authorization: "Bearer t"))
        #expect(answer.expires == RFC3339.parse("2026-11-23T00:00:00Z"))
    }

    @Test func `reads a client certificate`() throws {
        let answer = try plugin.answer(
            Array(
                Self.output("{\"clientCertificateData\":\"CERT\",\"clientKeyData\":\"KEY\"}").utf8))
        #expect(answer.credential.certificate?.certificate == Array("CERT".utf8))
        #expect(answer.credential.certificate?.key == Array("KEY".utf8))
        #expect(answer.expires == nil)
    }

    @Test(arguments: [
        ("", "in JSON"), ("secret", "in JSON"), ("{\"kind\":\"Pod\"}", "but a Pod"),
        (output("{\"token\":\"t\"}", version: "v9"), "returned apiVersion v9"),
        (output("null"), "returned no status"), (output("{}"), "neither a token nor"),
        (output("{\"token\":\"\"}"), "neither a token nor"),
        (output("{\"clientKeyData\":\"k\"}"), "only one of"),
        (output("{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}"), "no RFC 3339 time: soon"),
    ])
    func `refuses any other answer`(output: String, reason: String) {
        let error = #expect(throws: ExecPlugin.Failure.self) {
            try plugin.answer(Array(output.utf8))
        }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
        #expect(error?.reason.contains("secret") == false)
    }
}
