import Foundation
import Yams

/// One kubeconfig file, taken apart but not yet understood.
struct KubeconfigFile {
    /// The file as the user named it.
    let name: String
    let currentContext: String?
    let clusters: [String: KubeconfigValue]
    let contexts: [String: KubeconfigValue]
    let users: [String: KubeconfigValue]

    /// Whether there is nothing in it, as after the last cluster was removed.
    var isEmpty: Bool {
        currentContext == nil && clusters.isEmpty && contexts.isEmpty && users.isEmpty
    }

    /// Reads the file at `name`; `nil` when there is none.
    init?(reading name: String) throws(KubeconfigError) {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(name)
        } catch {
            if error.isMissing { return nil }
            throw KubeconfigError(file: name, reason: "cannot be read: \(error)")
        }
        try self.init(name: name, bytes: bytes)
    }

    /// Takes the text of a file apart.
    init(name: String, bytes: [UInt8]) throws(KubeconfigError) {
        self.name = name
        let folder = URL(fileURLWithPath: name).deletingLastPathComponent().path
        guard let root = try Self.document(name, bytes), root.type != .null else {
            (currentContext, clusters, contexts, users) = (nil, [:], [:], [:])
            return
        }
        let value = KubeconfigValue(file: name, folder: folder, key: "", node: root)
        if let kind = try value.string("kind"), kind != "Config" {
            throw value.error(at: "kind", "must be Config, not \(kind)")
        }
        if let version = try value.string("apiVersion"), version != "v1" {
            throw value.error(at: "apiVersion", "must be v1, not \(version)")
        }
        currentContext = try value.string("current-context")
        clusters = try Self.entries(of: value, "clusters", "cluster")
        contexts = try Self.entries(of: value, "contexts", "context")
        users = try Self.entries(of: value, "users", "user")
    }

    /// The YAML document. Errors give the place only: the text around it may be a secret.
    private static func document(
        _ name: String, _ bytes: [UInt8]
    ) throws(KubeconfigError) -> Node? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw KubeconfigError(file: name, reason: "is not UTF-8 text")
        }
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw KubeconfigError(file: name, reason: "is not YAML: \(error.place)")
        } catch {
            throw KubeconfigError(file: name, reason: "is not YAML")
        }
    }

    /// The named entries of a list such as `users`, each of the form `{name: …, user: {…}}`.
    private static func entries(
        of root: KubeconfigValue, _ list: String, _ content: String
    ) throws(KubeconfigError) -> [String: KubeconfigValue] {
        var entries: [String: KubeconfigValue] = [:]
        for entry in try root.list(list) {
            guard let name = try entry.string("name") else {
                throw entry.error(at: "name", "must not be empty")
            }
            let key = "\(list)[\(name)]"
            guard entries[name] == nil else {
                throw KubeconfigError(file: root.file, key: key, reason: "is there twice")
            }
            let empty = KubeconfigValue(
                file: root.file, folder: root.folder, key: key, node: Node([(Node, Node)]()))
            entries[name] = try entry.renamed(key).section(content)?.renamed(key) ?? empty
        }
        return entries
    }
}

extension YamlError {
    /// What is wrong and where, without the text that stands there.
    fileprivate var place: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, _, _, _): problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): the key \(duplicates.joined(separator: ", ")) is there twice"
        default: "it cannot be read"
        }
    }
}
