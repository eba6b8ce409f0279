import WebServer

/// The web page: files from memory, with the headers that keep a page to itself.
struct StaticSite: Sendable {
    private struct File: Sendable {
        let body: [UInt8]
        let contentType: String
        let entityTag: String
    }

    /// What the page may do: load its own scripts and styles, connect to its own daemon, and
    /// nothing else. No inline script runs, so log text could not become one.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private let files: [String: File]

    /// A site of `contents`, files by their paths.
    init(_ contents: [String: [UInt8]]) {
        files = contents.reduce(into: [:]) { files, entry in
            files[entry.key] = File(
                body: entry.value, contentType: MediaType.of(entry.key),
                entityTag: Self.entityTag(entry.value))
        }
    }

    /// Answers a request for the file at `segments`; the folder's `index.html` for a folder.
    func respond(_ segments: [String], _ request: ServerRequest) throws -> ServerResponse {
        let path = segments.joined(separator: "/")
        let index = path.isEmpty ? "index.html" : "\(path)/index.html"
        guard let file = files[path] ?? files[index] else {
            throw StatusResponse.noSuchPath(request.path)
        }
        let fields = [
            HeaderField("Content-Type", file.contentType),
            HeaderField("ETag", file.entityTag),
            HeaderField("Cache-Control", "no-cache"),
            HeaderField("Content-Security-Policy", Self.contentSecurityPolicy),
            HeaderField("X-Content-Type-Options", "nosniff"),
            HeaderField("Referrer-Policy", "no-referrer"),
        ]
        if let known = request.header("If-None-Match"), Self.matches(known, file.entityTag) {
            return .full(ResponseHead(status: 304, fields: fields), body: [])
        }
        return .full(ResponseHead(status: 200, fields: fields), body: file.body)
    }

    /// Whether one of the tags that a client knows is `tag`: a weak comparison.
    private static func matches(_ known: String, _ tag: String) -> Bool {
        known.split(separator: ",").contains { entry in
            var entry = String(entry.filter { !$0.isWhitespace })
            if entry.hasPrefix("W/") { entry.removeFirst(2) }
            return entry == "*" || entry == tag
        }
    }

    /// A tag that changes with the content: its length and its FNV-1a hash.
    private static func entityTag(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\"\(bytes.count)-\(String(hash, radix: 16))\""
    }
}
