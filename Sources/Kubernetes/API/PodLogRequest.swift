package import LogModel

/// Which part of which container's log to ask for, as `GET …/pods/{pod}/log` understands it.
///
/// | field | query | beyond its range |
/// | --- | --- | --- |
/// | `sinceTime` | `sinceTime`, whole seconds, rounded towards the past | – |
/// | `tailLines` | `tailLines` | the server refuses less than 0 (422) |
/// | `limitBytes` | `limitBytes` | the server refuses less than 1 (422) |
///
/// The server seeks by `tailLines` first, then drops what is before `sinceTime`, then cuts at
/// `limitBytes`.
package struct PodLogRequest: Sendable, Equatable {
    package var namespace: String
    package var pod: String
    package var container: String
    /// Whether the answer goes on as the container writes.
    package var follow: Bool
    /// Whether the instance before the current one is meant.
    package var previous: Bool
    /// Whether each line starts with its time and one space.
    package var timestamps: Bool
    /// Lines from this time on. The server knows whole seconds only, so lines of the same second
    /// that are older come again.
    package var sinceTime: LogTime?
    package var tailLines: Int?
    package var limitBytes: Int?

    /// Asks for the whole log of a container's current instance, with timestamps.
    package init(
        namespace: String, pod: String, container: String, follow: Bool = false,
        previous: Bool = false, timestamps: Bool = true, sinceTime: LogTime? = nil,
        tailLines: Int? = nil, limitBytes: Int? = nil
    ) {
        self.namespace = namespace
        self.pod = pod
        self.container = container
        self.follow = follow
        self.previous = previous
        self.timestamps = timestamps
        self.sinceTime = sinceTime
        self.tailLines = tailLines
        self.limitBytes = limitBytes
    }

    /// The path of the request, below the server's address.
    package var path: String {
        "/api/v1/namespaces/\(namespace.percentEncoded)/pods/\(pod.percentEncoded)/log"
    }

    /// The query of the request, without a question mark.
    package var query: String {
        var items = ["container=\(container.percentEncoded)"]
        if follow { items.append("follow=true") }
        if previous { items.append("previous=true") }
        if timestamps { items.append("timestamps=true") }
        if let sinceTime {
            // 2026-11-23T18:12:07 of 2026-11-23T18:12:07.123456789Z.
            let second = LogTime(seconds: sinceTime.wholeSeconds).description.prefix(19) + "Z"
            items.append("sinceTime=\(String(second).percentEncoded)")
        }
        if let tailLines { items.append("tailLines=\(tailLines)") }
        if let limitBytes { items.append("limitBytes=\(limitBytes)") }
        return items.joined(separator: "&")
    }
}
