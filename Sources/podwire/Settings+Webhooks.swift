import Foundation
import Store
import Webhooks

extension Settings {
    private static let webhookKeys = [
        "name", "url", "types", "namespace", "workflow", "job", "secretFile", "timeout", "caFile",
    ]

    /// The targets that events are delivered to.
    static func webhooks(_ reader: inout SettingsReader) -> [WebhookSettings] {
        var names: Set<String> = []
        return reader.mappings("webhooks").enumerated().compactMap { index, mapping in
            var entry = WebhookEntry(key: "webhooks[\(index)]", mapping: mapping)
            let target = entry.target(allowed: webhookKeys)
            if let name = target?.name, !names.insert(name).inserted {
                entry.note("name", name, "another webhook has this name; each has its position")
            }
            for problem in entry.problems { reader.note(problem) }
            return target
        }
    }
}

/// One entry of the list `webhooks`, and what is wrong with it.
private struct WebhookEntry {
    /// Certificate files have fewer bytes than this, 4 MiB; the system's bundle has 250 KiB.
    private static let certificateLimit = 4 << 20

    let key: String
    let mapping: [String: [String]]
    private(set) var problems: [SettingsProblem] = []

    init(key: String, mapping: [String: [String]]) {
        self.key = key
        self.mapping = mapping
    }

    mutating func note(_ column: String, _ value: String, _ reason: String) {
        problems.append(SettingsProblem(key: "\(key).\(column)", value: value, reason: reason))
    }

    /// The target, if it has all it needs.
    mutating func target(allowed: [String]) -> WebhookSettings? {
        for unknown in Set(mapping.keys).subtracting(allowed).sorted() {
            note(unknown, "", "unknown key; allowed: \(allowed.joined(separator: ", "))")
        }
        let name = name()
        let url = url()
        let secretFile = secretFile()
        let filter = EventFilter(
            types: types(), namespace: text("namespace"), workflow: text("workflow"),
            job: text("job"))
        let timeout = timeout()
        let certificates = certificates()
        guard let name, let url, let secretFile else { return nil }
        return WebhookSettings(
            name: name, url: url, filter: filter, secretFile: secretFile, timeout: timeout,
            caCertificates: certificates)
    }

    /// One text; `nil` when it is absent or empty.
    private mutating func text(_ column: String) -> String? {
        guard let values = mapping[column] else { return nil }
        guard values.count == 1 else {
            note(column, values.joined(separator: ", "), "one value is expected")
            return nil
        }
        return values[0].isEmpty ? nil : values[0]
    }

    private mutating func required(_ column: String, _ purpose: String) -> String? {
        let countBefore = problems.count
        let text = text(column)
        if text == nil, problems.count == countBefore { note(column, "", "missing: \(purpose)") }
        return text
    }

    private mutating func name() -> String? {
        guard let name = required("name", "it names the webhook and its stored position") else {
            return nil
        }
        let isGood = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || "._-".utf8.contains(byte)
        }
        guard isGood, name.utf8.count <= 63 else {
            note("name", name, "allowed: up to 63 letters, digits, dots, underscores and hyphens")
            return nil
        }
        return name
    }

    private mutating func url() -> String? {
        guard let text = required("url", "where events are posted to") else { return nil }
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme),
            let host = url.host, !host.isEmpty, url.fragment == nil,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            // What may have a password in it is not repeated.
            note(
                "url", text.contains("@") ? "" : text,
                "allowed: an http or https URL, percent-encoded, without #fragment")
            return nil
        }
        guard url.user == nil, url.password == nil else {
            note("url", "", "no credentials in the URL; the signature says who sends")
            return nil
        }
        return text
    }

    private mutating func secretFile() -> String? {
        let purpose = "a file with the key that signs events, whsec_ and base64"
        guard let path = required("secretFile", purpose) else { return nil }
        do {
            _ = try WebhookSecret(file: path)
            return path
        } catch {
            note("secretFile", path, error.message)
            return nil
        }
    }

    private mutating func types() -> Set<EventType>? {
        var types: Set<EventType> = []
        for name in mapping["types"] ?? [] where !name.isEmpty {
            if let type = EventType(rawValue: name) {
                types.insert(type)
            } else {
                let allowed = EventType.allCases.map(\.rawValue).joined(separator: ", ")
                note("types", name, "allowed: \(allowed)")
            }
        }
        return types.isEmpty ? nil : types
    }

    private mutating func timeout() -> Duration {
        let range: ClosedRange<Duration> = .milliseconds(100)...(.seconds(300))
        guard let text = text("timeout") else { return .seconds(10) }
        if let timeout = SettingsReader.parseDuration(text), range.contains(timeout) {
            return timeout
        }
        note("timeout", text, "allowed: a number with the unit ms, s or m, from 100ms to 5m")
        return .seconds(10)  // The problem keeps it from use.
    }

    private mutating func certificates() -> [UInt8]? {
        guard let path = text("caFile") else { return nil }
        do {
            let bytes = try SmallFile.read(path, limit: Self.certificateLimit)
            guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
            else {
                note("caFile", path, "there is no PEM certificate in it")
                return nil
            }
            return bytes
        } catch {
            note("caFile", path, error.message)
            return nil
        }
    }
}
