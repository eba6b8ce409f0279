import StatusFetcher

// Which workflow, stage and job a Pod belongs to, and which of its containers count.
extension Settings {
    /// Reads `keys`; what is wrong is noted in `reader`.
    static func keyRules(_ reader: inout SettingsReader) -> [KeyRule] {
        reader.mappings("keys").enumerated().map { index, mapping in
            keyRule(mapping, key: "keys[\(index)]", &reader)
        }
    }

    /// Reads `ignoreContainers`; absent: the mesh proxies, empty: none.
    static func ignoredContainers(_ reader: inout SettingsReader) -> [ContainerPattern] {
        guard let names = reader.list("ignoreContainers") else { return JobMapping.meshProxies }
        return patterns(names, key: "ignoreContainers", &reader)
    }

    private static func keyRule(
        _ mapping: [String: [String]], key: String, _ reader: inout SettingsReader
    ) -> KeyRule {
        let allowed = ["name", "workflow", "stage", "job", "containers"]
        for unknown in Set(mapping.keys).subtracting(allowed).sorted() {
            reader.note(
                SettingsProblem(
                    key: "\(key).\(unknown)", value: "",
                    reason: "unknown key; allowed: \(allowed.joined(separator: ", "))"))
        }
        let rule = KeyRule(
            name: mapping["name"]?.first ?? key,
            workflow: templates(mapping["workflow"], key: "\(key).workflow", &reader),
            stage: templates(mapping["stage"], key: "\(key).stage", &reader),
            job: templates(mapping["job"], key: "\(key).job", &reader),
            containers: patterns(
                mapping["containers"] ?? [], key: "\(key).containers", &reader))
        if rule.workflow.isEmpty && rule.job.isEmpty {
            reader.note(
                SettingsProblem(key: key, value: "", reason: "give workflow or job, or both"))
        }
        return rule
    }

    private static func templates(
        _ texts: [String]?, key: String, _ reader: inout SettingsReader
    ) -> [KeyTemplate] {
        var templates: [KeyTemplate] = []
        for text in texts ?? [] {
            do {
                templates.append(try KeyTemplate(text))
            } catch {
                reader.note(SettingsProblem(key: key, value: text, reason: error.description))
            }
        }
        return templates
    }

    private static func patterns(
        _ texts: [String], key: String, _ reader: inout SettingsReader
    ) -> [ContainerPattern] {
        var patterns: [ContainerPattern] = []
        for text in texts {
            do {
                patterns.append(try ContainerPattern(text))
            } catch {
                reader.note(SettingsProblem(key: key, value: text, reason: error.description))
            }
        }
        return patterns
    }
}
