import Foundation
import Store

/// Where a list in pages goes on: Base64 of JSON, as Kubernetes', and opaque to clients.
struct ContinueToken: Codable, Equatable {
    /// The version that the list's first page was of.
    let rv: Int64
    /// `NAMESPACE/NAME` of the last Pod that was given.
    let start: String

    /// A token for what comes behind `key`.
    init(version: Int64, behind key: PodKey) {
        rv = version
        start = "\(key.namespace)/\(key.name)"
    }

    /// Reads what a client sends.
    ///
    /// - Throws: 400 for anything that was given to none.
    init(_ text: String) throws(StatusResponse) {
        do {
            guard let data = Data(base64Encoded: text) else {
                throw StatusResponse.badRequest("invalid continue token: \(text)")
            }
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw .badRequest("invalid continue token: continue key is not valid: \(text)")
        }
        guard key != nil else {
            throw .badRequest("invalid continue token: continue key is not valid: \(start)")
        }
    }

    /// The Pod that it goes on behind.
    var key: PodKey? {
        let parts = start.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return PodKey(namespace: String(parts[0]), name: String(parts[1]))
    }

    /// The token as clients see it.
    var text: String {
        Data(JSONAnswer.encode(self).dropLast()).base64EncodedString()
    }
}
