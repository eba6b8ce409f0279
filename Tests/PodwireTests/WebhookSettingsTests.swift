import Foundation
import Store
import Testing
import Webhooks

@testable import podwire

@Suite("Webhooks in the settings")
struct WebhookSettingsTests {
    /// What is read from entries of the list `webhooks`, with a good and a bad file in `{files}`.
    private func read(_ entries: String) throws -> ([WebhookSettings], [String]) {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-settings-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let texts = [
            "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "weak": "password",
            "ca.pem": "-----BEGIN CERTIFICATE-----", "no.pem": "-----BEGIN RSA PRIVATE KEY-----",
            "podwire.yaml": "webhooks:\n" + entries.replacing("{files}", with: directory),
        ]
        for (name, text) in texts {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
        let file = try SettingsFile(path: "\(directory)/podwire.yaml")
        var reader = SettingsReader(flags: [:], environment: [:], file: file)
        let webhooks = Settings.webhooks(&reader)
        reader.noteUnknownKeys()
        return (
            webhooks,
            reader.problems.map { $0.description.replacing(directory, with: "{files}") }
        )
    }

    @Test("a webhook needs a name, a URL and a secret, and has defaults for the rest")
    func least() throws {
        let (webhooks, problems) = try read(
            "  - {name: engine, url: 'http://127.0.0.1:1/', secretFile: '{files}/secret'}")
        #expect(problems.isEmpty)
        let webhook = try #require(webhooks.first)
        #expect(webhook.filter == EventFilter())
        #expect(webhook.timeout == .seconds(10))
        #expect(webhook.caCertificates == nil)
    }

    @Test("all keys are read")
    func all() throws {
        let (webhooks, problems) = try read(
            """
              - name: engine
                url: https://engine.example:8443/podwire?key=value
                types: [podwire.job.end, podwire.job.output]
                namespace: batch
                workflow: nightly
                job: build
                secretFile: "{files}/secret"
                timeout: 2m
                caFile: "{files}/ca.pem"
              - {name: audit, url: 'https://audit.example', secretFile: '{files}/secret'}
            """)
        #expect(problems.isEmpty)
        #expect(webhooks.map(\.name) == ["engine", "audit"])
        #expect(webhooks.first?.url == "https://engine.example:8443/podwire?key=value")
        #expect(webhooks.first?.secretFile.hasSuffix("/secret") == true)
        #expect(
            webhooks.first?.filter
                == EventFilter(
                    types: [.jobEnd, .jobOutput], namespace: "batch", workflow: "nightly",
                    job: "build"))
        #expect(webhooks.first?.timeout == .seconds(120))
        #expect(webhooks.first?.caCertificates == Array("-----BEGIN CERTIFICATE-----".utf8))
    }

    @Test(
        "what is wrong is named with its key, its value and what is allowed",
        arguments: [
            ("name: ''", "webhooks[0].name: missing"),
            ("name: a b", "webhooks[0].name: “a b”: allowed: up to 63 letters"),
            ("name: [a, b]", "webhooks[0].name: “a, b”: one value is expected"),
            ("url: ''", "webhooks[0].url: missing"),
            ("url: ftp://x/", "webhooks[0].url: “ftp://x/”: allowed: an http or https URL"),
            ("url: 'https:///x'", "webhooks[0].url: “https:///x”: allowed"),
            ("url: 'https://x/#y'", "webhooks[0].url: “https://x/#y”: allowed"),
            ("url: 'https://x/ä'", "webhooks[0].url: “https://x/ä”: allowed"),
            ("url: 'https://u:p@x/'", "webhooks[0].url: no credentials in the URL"),
            ("url: 'https://u:p@x/#y'", "webhooks[0].url: allowed"),
            ("types: [job.end]", "webhooks[0].types: “job.end”: allowed: podwire.workflow.status"),
            ("secretFile: ''", "webhooks[0].secretFile: missing"),
            (
                "secretFile: /nowhere/secret",
                "webhooks[0].secretFile: “/nowhere/secret”: No such file or directory"
            ),
            (
                "secretFile: '{files}/weak'",
                "webhooks[0].secretFile: “{files}/weak”: the key has 8 bytes, at least 24"
            ),
            ("timeout: 10", "webhooks[0].timeout: “10”: allowed: a number with the unit"),
            ("timeout: 1h", "webhooks[0].timeout: “1h”: allowed"),
            ("caFile: /nowhere", "webhooks[0].caFile: “/nowhere”: No such file"),
            ("caFile: '{files}/no.pem'", "webhooks[0].caFile: “{files}/no.pem”: there is no PEM"),
            ("secret: abc", "webhooks[0].secret: unknown key; allowed: name, url, types"),
        ])
    func bad(change: String, problem: String) throws {
        let key = String(change.prefix { $0 != ":" })
        let good = [
            "name": "name: engine", "url": "url: https://engine.example",
            "secretFile": "secretFile: '{files}/secret'",
        ].merging([key: change]) { $1 }
        let (_, problems) = try read("  - {\(good.values.joined(separator: ", "))}")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
    }

    @Test("two webhooks of one name would share a position, so they are refused")
    func twice() throws {
        let entry = "  - {name: engine, url: 'http://x', secretFile: '{files}/secret'}\n"
        let (_, problems) = try read(entry + entry)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("webhooks[1].name: “engine”: another webhook") == true)
    }
}
