import Foundation

/// The `Status` object in which Kubernetes says what went wrong.
package struct KubernetesStatus: Sendable, Equatable, Decodable {
    /// What the status speaks of.
    package struct Details: Sendable, Equatable, Decodable {
        /// The object's name.
        package var name: String?
        /// The resource, such as `pods` or `pods/log`: this tells the 404s of a log request apart.
        package var kind: String?
        /// How long to wait before the request may be repeated.
        package var retryAfterSeconds: Int?

        /// Describes an object.
        package init(name: String? = nil, kind: String? = nil, retryAfterSeconds: Int? = nil) {
            self.name = name
            self.kind = kind
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    /// The HTTP status code that belongs to it.
    package var code: Int?
    /// One word for a program, such as `NotFound` or `Expired`.
    package var reason: String?
    /// A sentence for a person.
    package var message: String?
    /// What it speaks of.
    package var details: Details?

    /// Makes a status.
    package init(
        code: Int? = nil, reason: String? = nil, message: String? = nil, details: Details? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// Whether it says that a resource version or continue token is too old, and a new list needed.
    package var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

    private struct Kind: Decodable { var kind: String? }

    /// The status in a response's body; `nil` when the body is anything else, such as the page of
    /// a proxy.
    package static func decode(_ body: [UInt8]) -> KubernetesStatus? {
        let data = Data(body)
        let decoder = JSONDecoder()
        // A body that is not a Status is no error here: its caller still has the status code.
        guard let kind = try? decoder.decode(Kind.self, from: data), kind.kind == "Status" else {
            return nil
        }
        return try? decoder.decode(KubernetesStatus.self, from: data)
    }
}
