import Foundation
import Yams

/// A value of a kubeconfig that knows where it stands, so that every complaint names the place.
///
/// An absent value and `null` are the same, as they are to kubectl; a value of the wrong type is an
/// error.
struct KubeconfigValue {
    /// The file as the user named it.
    let file: String
    /// The file's folder, absolute: what relative paths in it start from.
    let folder: String
    /// Where in the file.
    let key: String
    let node: Node

    /// An error at this place.
    func error(_ reason: String) -> KubeconfigError {
        KubeconfigError(file: file, key: key, reason: reason)
    }

    /// An error at the value `name` of this mapping.
    func error(at name: String, _ reason: String) -> KubeconfigError {
        KubeconfigError(file: file, key: path(to: name), reason: reason)
    }

    /// The same value under another key.
    func renamed(_ key: String) -> KubeconfigValue {
        KubeconfigValue(file: file, folder: folder, key: key, node: node)
    }

    /// The value `name` of this mapping; `nil` when it is absent.
    func child(_ name: String) throws(KubeconfigError) -> KubeconfigValue? {
        guard let mapping = node.mapping else { throw error("must be a mapping, \(kind)") }
        guard let child = mapping[Node(name)], child.type != .null else { return nil }
        return KubeconfigValue(file: file, folder: folder, key: path(to: name), node: child)
    }

    /// The mapping `name` of this mapping; `nil` when it is absent.
    func section(_ name: String) throws(KubeconfigError) -> KubeconfigValue? {
        guard let section = try child(name) else { return nil }
        guard section.node.mapping != nil else {
            throw section.error("must be a mapping, \(section.kind)")
        }
        return section
    }

    /// The text `name` of this mapping; `nil` when it is absent or empty.
    func string(_ name: String) throws(KubeconfigError) -> String? {
        guard let child = try child(name) else { return nil }
        let text = try child.text()
        return text.isEmpty ? nil : text
    }

    /// This value as text.
    func text() throws(KubeconfigError) -> String {
        guard case .scalar(let scalar) = node, tagIsText else {
            let hint = node.scalar == nil ? "" : ": put it in quotes"
            throw error("must be a string, \(kind)\(hint)")
        }
        return scalar.string
    }

    /// The truth value `name` of this mapping; `false` when it is absent.
    func flag(_ name: String) throws(KubeconfigError) -> Bool {
        guard let child = try child(name) else { return false }
        guard child.node.type == .bool, let value = child.node.bool else {
            throw child.error("must be true or false, \(child.kind)")
        }
        return value
    }

    /// The entries of the list `name` of this mapping; none when it is absent.
    func list(_ name: String) throws(KubeconfigError) -> [KubeconfigValue] {
        guard let child = try child(name) else { return [] }
        guard case .sequence(let sequence) = child.node else {
            throw child.error("must be a list, \(child.kind)")
        }
        return sequence.enumerated().map { index, node in
            KubeconfigValue(file: file, folder: folder, key: "\(child.key)[\(index)]", node: node)
        }
    }

    /// The names of this mapping's values.
    var names: [String] { node.mapping?.keys.compactMap(\.string) ?? [] }

    /// The texts of the list `name` of this mapping.
    func strings(_ name: String) throws(KubeconfigError) -> [String] {
        try list(name).map { entry throws(KubeconfigError) in try entry.text() }
    }

    /// The bytes that `name` gives in base64; `nil` when it is absent.
    func base64(_ name: String) throws(KubeconfigError) -> [UInt8]? {
        guard let text = try string(name) else { return nil }
        let compact = text.filter { !$0.isWhitespace }
        guard let data = Data(base64Encoded: compact) else {
            throw error(at: name, "is not valid base64")
        }
        return Array(data)
    }

    /// The path `name` of this mapping, absolute; `nil` when it is absent.
    func path(_ name: String) throws(KubeconfigError) -> String? {
        guard let path = try string(name) else { return nil }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// The bytes that `name-data` gives in base64, else those of the file that `name` gives.
    func material(_ name: String) throws(KubeconfigError) -> [UInt8]? {
        if let bytes = try base64("\(name)-data") {
            return try pem(bytes, at: "\(name)-data")
        }
        guard let path = try path(name) else { return nil }
        return try pem(try contents(of: path, at: name), at: name)
    }

    /// The bytes of the file at `path`, which `name` gave.
    func contents(of path: String, at name: String) throws(KubeconfigError) -> [UInt8] {
        do {
            return try FileBytes.read(path)
        } catch {
            throw self.error(at: name, "\(path): \(error)")
        }
    }

    // MARK: - Parts

    private func pem(_ bytes: [UInt8], at name: String) throws(KubeconfigError) -> [UInt8] {
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
            throw error(at: name, "is not in PEM format (no -----BEGIN line)")
        }
        return bytes
    }

    private func path(to name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    private var tagIsText: Bool {
        switch node.type {
        case .bool, .int, .float, .null: false
        default: true
        }
    }

    /// What the value is instead.
    private var kind: String {
        switch node {
        case .mapping: "not a mapping"
        case .sequence: "not a list"
        default:
            switch node.type {
            case .bool: "not a truth value"
            case .int, .float: "not a number"
            case .null: "not empty"
            default: "not text"
            }
        }
    }
}
