import Foundation
import HTTPClient

/// A watch: a response without an end, one JSON object a line.
///
/// For one reader at a time. Letting go of it closes its connection.
package actor ResourceWatch<Object: WatchedObject> {
    private let body: HTTPBody
    private let decoder = JSONDecoder()
    private var lines: WatchLineSplitter

    init(body: HTTPBody, eventLimit: Int) {
        self.body = body
        lines = WatchLineSplitter(limit: eventLimit)
    }

    deinit {
        body.cancel()
    }

    /// The next event; `nil` when the server has ended the watch cleanly.
    ///
    /// - Throws: ``KubernetesError`` when the connection is cut or silent, or when an event is too
    ///   large or not understood. Ask no further then.
    package func next() async throws -> WatchEvent<Object>? {
        do {
            while true {
                if let line = try lines.next() {
                    return try decoder.decode(WatchEvent<Object>.self, from: line)
                        .attaching(from: line)
                }
                guard let bytes = try await body.next() else {
                    try lines.finish()
                    return nil
                }
                lines.append(bytes)
            }
        } catch {
            body.cancel()
            throw try KubernetesError.wrapping(error, Object.resource.watching)
        }
    }

    /// Closes the connection; a reader that waits gets an error.
    package nonisolated func cancel() {
        body.cancel()
    }
}
