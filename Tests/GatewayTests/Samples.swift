import ByteBlocks
import LogModel
import WebServer

@testable import Gateway
@testable import Store

/// Rows and batches that tests are made of.
enum Samples {
    static let second: Int64 = 1_000_000_000

    /// A batch of `lines`, each with its newline (but for the last if `closed` is false), stamped
    /// a second apart from second `start` on.
    static func batch(
        first: Int64 = 0, _ lines: [String], start: Int64 = 0, closed: Bool = true
    ) -> NumberedBatch {
        batch(
            first: first, lines.map { Array($0.utf8) },
            times: lines.indices.map { (start + Int64($0)) * second }, closed: closed)
    }

    static func batch(
        first: Int64 = 0, _ lines: [[UInt8]], times: [Int64], closed: Bool = true
    ) -> NumberedBatch {
        var text: [UInt8] = []
        var ends: [UInt32] = []
        for (index, line) in lines.enumerated() {
            text += line
            if closed || index < lines.count - 1 { text.append(UInt8(ascii: "\n")) }
            ends.append(UInt32(text.count))
        }
        return NumberedBatch(
            first: first, batch: LineBatch(text: ByteBlock(text), ends: ends, times: times))
    }

    static func stream(
        _ uid: String = "u1", _ container: String = "main", _ attempt: Int = 0,
        kind: ContainerKind = .main, state: StreamState = .live, deletedAt: LogTime? = nil
    ) -> StreamInfo {
        StreamInfo(
            row: 1, id: StreamID(podUID: uid, container: container, attempt: attempt),
            namespace: "default", pod: "p", kind: kind, state: state, lines: 0, bytes: 0,
            openedAt: LogTime(seconds: 0), gaps: 0, deletedAt: deletedAt)
    }

    static func pod(
        _ uid: String = "u1", phase: String = "Running", deletedAt: LogTime? = nil,
        defaultContainer: String? = nil, containers: [ContainerRow] = [main]
    ) -> PodRow {
        PodRow(
            uid: uid, namespace: "default", name: "p", phase: phase,
            createdAt: LogTime(seconds: 1), deletedAt: deletedAt,
            defaultContainer: defaultContainer, containers: containers)
    }

    static let main = ContainerRow(name: "main", kind: .main)

    static func request(
        _ target: String, _ fields: [HeaderField] = [], method: String = "GET"
    ) throws -> ServerRequest {
        try ServerRequest(method: method, target: target, fields: fields)
    }

    static func parameters(_ query: String) throws -> LogParameters {
        let request = try request("/logs/default/p?\(query)")
        return try LogParameters(QueryParameters(request.query), pod: "p")
    }
}

extension [ByteBlock] {
    /// All of it as text.
    var text: String { map(\.text).joined() }
}
