import Foundation
import StatusFetcher
import Testing

@testable import podwire

@Suite("Settings of keys and containers")
struct KeySettingsTests {
    /// Reads `text` as a settings file; returns the reader with the problems, and what `read` made.
    private func reading<T>(
        _ text: String, environment: [String: String] = [:],
        _ read: (inout SettingsReader) -> T
    ) throws -> (T, problems: [String]) {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-keys-\(UUID().uuidString).yaml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        var reader = SettingsReader(
            flags: [:], environment: environment, file: try SettingsFile(path: path))
        let value = read(&reader)
        return (value, reader.problems.map(\.description))
    }

    @Test("a rule has templates and containers")
    func rule() throws {
        let text = """
            keys:
              - name: mine
                workflow: "{label:dag}"
                job: ["{annotation:node|untried}", "{label:node|after:dag}"]
                containers: [task, "task-*"]
            """
        let (rules, problems) = try reading(text) { Settings.keyRules(&$0) }
        #expect(problems.isEmpty)
        #expect(
            rules == [
                KeyRule(
                    name: "mine", workflow: [try KeyTemplate("{label:dag}")],
                    job: [
                        try KeyTemplate("{annotation:node|untried}"),
                        try KeyTemplate("{label:node|after:dag}"),
                    ],
                    containers: [try ContainerPattern("task"), try ContainerPattern("task-*")])
            ])
    }

    @Test("what is wrong is named by its place")
    func problems() throws {
        let text = """
            keys:
              - {workflow: "{label:a}", containers: [Main, ok], container: x}
              - {stage: "{label:a}"}
            ignoreContainers: ["a/b"]
            """
        let (_, problems) = try reading(text) {
            _ = Settings.keyRules(&$0)
            _ = Settings.ignoredContainers(&$0)
        }
        #expect(problems.count == 4)
        #expect(problems.contains { $0.hasPrefix("keys[0].containers") && $0.contains("Main") })
        #expect(problems.contains { $0.hasPrefix("keys[0].container:") })
        #expect(problems.contains { $0.hasPrefix("keys[1]") })
        #expect(problems.contains { $0.hasPrefix("ignoreContainers") && $0.contains("a/b") })
    }

    @Test(
        "ignored containers: the mesh proxies, a list, none",
        arguments: [
            ("a: 1", ["istio-proxy", "linkerd-proxy"]), ("ignoreContainers: []", []),
            ("ignoreContainers: ['log-*']", ["log-*"]), ("ignoreContainers: one", ["one"]),
        ])
    func ignored(text: String, expected: [String]) throws {
        let (patterns, problems) = try reading(text) { Settings.ignoredContainers(&$0) }
        #expect(patterns.map(\.source) == expected)
        #expect(problems.isEmpty)
    }

    @Test("they can be given in the environment")
    func environment() throws {
        let (patterns, _) = try reading(
            "a: 1", environment: ["PODWIRE_IGNORE_CONTAINERS": "a,b-*"]
        ) { Settings.ignoredContainers(&$0) }
        #expect(patterns.map(\.source) == ["a", "b-*"])
    }
}
