import Foundation
import Yams

/// A settings file: YAML, flattened to dotted keys.
///
/// `capture: {startsPerSecond: 50}` becomes the key `capture.startsPerSecond`. Lists stay whole.
struct SettingsFile {
    /// The file's path, for messages.
    let path: String
    private let nodes: [String: Node]

    /// Reads the file at `path`.
    ///
    /// - Throws: ``SettingsProblem`` when it cannot be read or is not YAML with a mapping on top.
    init(path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SettingsProblem(
                key: "--config", value: path, reason: "the file cannot be read: \(error)")
        }
        try self.init(path: path, text: text)
    }

    /// Reads the text of the file at `path`.
    init(path: String, text: String) throws {
        self.path = path
        do {
            var nodes: [String: Node] = [:]
            if let root = try Yams.compose(yaml: text) {
                guard case .mapping(let mapping) = root else {
                    throw SettingsProblem(
                        key: "--config", value: path, reason: "the top of the file is no mapping")
                }
                Self.flatten(mapping, prefix: "", into: &nodes)
            }
            self.nodes = nodes
        } catch let error as YamlError {
            throw SettingsProblem(
                key: "--config", value: path, reason: "the file is not valid YAML: \(error)")
        }
    }

    /// The keys that the file sets.
    var keys: [String] { nodes.keys.sorted() }

    /// A scalar's text; `nil` when the key is absent or has no value.
    func scalar(_ key: String) throws -> String? {
        guard let node = nodes[key] else { return nil }
        guard let scalar = node.scalar else {
            throw SettingsProblem(key: key, value: "a list", reason: "one value is expected")
        }
        return scalar.string.isEmpty && scalar.style == .plain ? nil : scalar.string
    }

    /// A list of texts; a single scalar counts as a list of one.
    func list(_ key: String) throws -> [String]? {
        guard let node = nodes[key] else { return nil }
        if let scalar = node.scalar { return scalar.string.isEmpty ? [] : [scalar.string] }
        return try (node.sequence.map(Array.init) ?? []).map { element in
            guard let scalar = element.scalar else {
                throw SettingsProblem(key: key, value: "", reason: "a list of texts is expected")
            }
            return scalar.string
        }
    }

    /// A list of mappings from text to text or to lists of texts.
    func mappings(_ key: String) throws -> [[String: [String]]]? {
        guard let node = nodes[key] else { return nil }
        let problem = SettingsProblem(
            key: key, value: "", reason: "a list of mappings is expected, see the default settings")
        guard let sequence = node.sequence else { throw problem }
        return try sequence.map { element in
            guard let mapping = element.mapping else { throw problem }
            var result: [String: [String]] = [:]
            for (name, value) in mapping {
                guard let name = name.scalar?.string else { throw problem }
                if let scalar = value.scalar {
                    result[name] = [scalar.string]
                } else if let sequence = value.sequence {
                    result[name] = try sequence.map { item in
                        guard let scalar = item.scalar else { throw problem }
                        return scalar.string
                    }
                } else {
                    throw problem
                }
            }
            return result
        }
    }

    private static func flatten(
        _ mapping: Node.Mapping, prefix: String, into nodes: inout [String: Node]
    ) {
        for (key, value) in mapping {
            let name = prefix + (key.scalar?.string ?? "?")
            if case .mapping(let inner) = value, !inner.isEmpty {
                flatten(inner, prefix: name + ".", into: &nodes)
            } else {
                nodes[name] = value
            }
        }
    }
}
