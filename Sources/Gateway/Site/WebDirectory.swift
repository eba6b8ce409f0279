import FoundationEssentials

/// Reads the files of the web page, once, when the daemon starts.
///
/// Requests are then answered from memory, by name: no request is ever turned into a path of the
/// file system, so none can leave the directory. Symbolic links are followed where they lead to a
/// file inside the directory, as Kubernetes mounts them, and are refused where they lead out.
/// Names that start with a dot are left out.
enum WebDirectory {
    /// Why a directory cannot be served.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ path: String, _ reason: String) {
            description = "cannot serve the web directory \"\(path)\": \(reason)"
        }
    }

    /// Bytes of all files together, 32 MiB: a page is a few hundred KiB, and a larger directory is
    /// the wrong one. Beyond it the daemon does not start.
    static let byteLimit = 32 << 20
    /// Files, 4,096, for the same reason.
    static let fileLimit = 4_096

    /// The files by their paths, as `view/rows.js`.
    static func read(_ directory: String) throws -> [String: [UInt8]] {
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory else {
            throw Refusal(directory, "there is no such directory")
        }
        let root = resolved(directory)
        var contents: [String: [UInt8]] = [:]
        var bytes = 0
        for path in try files.subpathsOfDirectory(atPath: root).sorted() {
            if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            let real = resolved("\(root)/\(path)")
            guard real.hasPrefix(root + "/") else {
                throw Refusal(directory, "\"\(path)\" is a link that leads out of it, to \(real)")
            }
            guard try isFile(real) else { continue }
            let data = try Data(contentsOf: URL(fileURLWithPath: real))
            bytes += data.count
            guard bytes <= byteLimit, contents.count < fileLimit else {
                throw Refusal(
                    directory, "it has more than \(byteLimit) bytes or \(fileLimit) files")
            }
            contents[path] = Array(data)
        }
        return contents
    }

    /// The path without links.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private static func isFile(_ path: String) throws -> Bool {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return attributes[.type] as? FileAttributeType == .typeRegular
    }
}
