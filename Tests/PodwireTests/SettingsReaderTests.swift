import Foundation
import Testing

@testable import podwire

@Suite("Reading settings")
struct SettingsReaderTests {
    /// A settings file with this text.
    private func file(_ text: String) throws -> SettingsFile {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-settings-\(UUID().uuidString).yaml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        return try SettingsFile(path: path)
    }

    @Test("flags go over the environment, the environment over the file, the file over defaults")
    func precedence() throws {
        let file = try file("a: {one: 1, two: 1, three: 1}")
        var reader = SettingsReader(
            flags: ["a.one": ["3"]], environment: ["PODWIRE_A_ONE": "2", "PODWIRE_A_TWO": "2"],
            file: file)
        #expect(reader.integer("a.one", default: 0, in: 0...9) == 3)
        #expect(reader.integer("a.two", default: 0, in: 0...9) == 2)
        #expect(reader.integer("a.three", default: 0, in: 0...9) == 1)
        #expect(reader.integer("a.four", default: 0, in: 0...9) == 0)
        #expect(reader.problems.isEmpty)
    }

    @Test("a key's name in the environment follows from its words")
    func variable() {
        #expect(
            SettingsReader.variable("capture.startsPerSecond")
                == "PODWIRE_CAPTURE_STARTS_PER_SECOND")
    }

    @Test(
        "lists in the environment are separated by commas, and blanks do not matter",
        arguments: [
            (["PODWIRE_NAMESPACES": "a,b"], ["a", "b"]),
            (["PODWIRE_NAMESPACES": " a, b ,"], ["a", "b"]),
            (["PODWIRE_NAMESPACE": "a"], ["a"]),
            (["PODWIRE_NAMESPACES": "a", "PODWIRE_NAMESPACE": "b"], ["a"]),
        ])
    func lists(environment: [String: String], expected: [String]) {
        var reader = SettingsReader(flags: [:], environment: environment, file: nil)
        #expect(Settings.namespaces(&reader) == expected)
        #expect(reader.problems.isEmpty)
    }

    @Test(
        "what can be no namespace and no selector is named",
        arguments: [
            (["PODWIRE_NAMESPACES": "a,Not one"], "namespaces: “Not one”"),
            (["PODWIRE_NAMESPACES": "-a"], "namespaces: “-a”"),
            (["PODWIRE_SELECTOR": "a in ("], "selector: “a in (”"),
            (["PODWIRE_SELECTOR": "a=b c"], "selector: “a=b c”"),
        ])
    func scope(environment: [String: String], expected: String) {
        var reader = SettingsReader(flags: [:], environment: environment, file: nil)
        _ = Settings.namespaces(&reader)
        _ = Settings.selector(&reader)
        #expect(reader.problems.count == 1)
        #expect(reader.problems.first?.description.hasPrefix(expected) == true)
    }

    @Test("a good selector is no problem", arguments: ["", "a", "!a,b in (c, d)", "e.x/f!=g"])
    func selectors(text: String) {
        var reader = SettingsReader(flags: ["selector": [text]], environment: [:], file: nil)
        #expect(Settings.selector(&reader) == text)
        #expect(reader.problems.isEmpty)
    }

    @Test("every problem is collected, with key, value and what is allowed")
    func problems() throws {
        let file = try file("number: many\nlist: {}\nmisspelt: 1\nsize: [1]")
        var reader = SettingsReader(flags: [:], environment: [:], file: file)
        #expect(reader.integer("number", default: 7, in: 1...9) == 7)
        _ = reader.text("size")
        reader.noteUnknownKeys()
        let texts = reader.problems.map(\.description)
        #expect(texts.contains { $0.contains("number: “many”") && $0.contains("from 1 to 9") })
        #expect(texts.contains { $0.hasPrefix("size:") && $0.contains("one value is expected") })
        #expect(texts.contains { $0.hasPrefix("misspelt: unknown key") })
    }

    @Test(
        "durations need a unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("1.5s", .milliseconds(1500)),
            ("5m", .seconds(300)), ("2h", .seconds(7200)), ("7d", .seconds(604_800)),
        ])
    func durations(text: String, expected: Duration) {
        #expect(SettingsReader.parseDuration(text) == expected)
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "", "5", "s", "-1s", "1w", "infs", "nans", "1e300d", "1e9m",
        ])
    func noDurations(text: String) {
        #expect(SettingsReader.parseDuration(text) == nil)
    }

    @Test(
        "bytes may have a unit",
        arguments: [("65536", 65536), ("64KiB", 65536), ("16MiB", 16 << 20), ("2GiB", 2 << 30)])
    func bytes(text: String, expected: Int) {
        #expect(SettingsReader.parseBytes(text) == expected)
    }

    @Test(
        "what is no number of bytes is refused",
        arguments: ["", "MiB", "64MB", "1.5GiB", "9223372036854775807GiB"])
    func noBytes(text: String) {
        #expect(SettingsReader.parseBytes(text) == nil)
    }

    @Test("rules of the key table are read, one template or a list of them")
    func mappings() throws {
        let file = try file("keys: [{name: n, workflow: '{label:a}', job: ['{label:b}', x]}]")
        var reader = SettingsReader(flags: [:], environment: [:], file: file)
        #expect(
            reader.mappings("keys")
                == [["name": ["n"], "workflow": ["{label:a}"], "job": ["{label:b}", "x"]]])
        #expect(reader.problems.isEmpty)
    }

    @Test("a file that is not there is named")
    func missingFile() {
        let error = #expect(throws: SettingsProblem.self) {
            try SettingsFile(path: "/nowhere/podwire.yaml")
        }
        #expect(error?.value == "/nowhere/podwire.yaml")
    }
}
