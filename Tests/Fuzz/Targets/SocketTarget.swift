import ByteBlocks
import Foundation
import Store

@testable import Gateway

// What a client of `/v1/ws` says.
extension FuzzTarget {
    /// A text frame.
    static let socketMessages = FuzzTarget(
        name: "socket-messages",
        promise: "a message is understood or refused; written out it is understood the same"
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(StatusResponse) {
            let message = try SocketMessage(text)
            switch message {
            case .refused(let id, let refusal):
                claim(id >= 0, "a negative id")
                check(refusal)
            case .unsubscribe(let id), .acknowledge(let id, _): claim(id >= 0, "a negative id")
            case .subscribe(let id, let topic):
                claim(id >= 0, "a negative id")
                check(topic)
            }
            if let written = written(message) {
                let again = try? SocketMessage(written)
                claim(again == message, "\(message) from \(text), \(again as Any) from \(written)")
            }
        } catch {
            check(error)
        }
    }
}

private func check(_ topic: SocketTopic) {
    switch topic {
    case .log(let target, let parameters):
        claim(!target.namespace.isEmpty && !target.pod.isEmpty, "no name: \(target)")
        claim(target.container?.isEmpty != true, "an empty container")
        // Lines from the end are a negative number, so at least one.
        claim(parameters.from ?? 0 >= 0 && parameters.tailLines ?? 1 >= 1, "\(parameters)")
        claim(parameters.from == nil || parameters.tailLines == nil, "two places to start")
        claim(parameters.attempt != .all, "all attempts at once")
    case .events(let parameters):
        claim(parameters.follow && parameters.after ?? 0 >= 0, "\(parameters)")
        claim(parameters.filter.types?.isEmpty != true, "events of no type")
    case .consumer(let name): claim(!name.isEmpty, "a consumer without a name")
    }
}

/// A refusal has a code and words, and the client reads them as they are.
private func check(_ refusal: StatusResponse) {
    claim((400..<500).contains(refusal.code), "\(refusal)")
    claim(!refusal.message.isEmpty, "a refusal without words")
    struct Answer: Decodable {
        struct Reason: Decodable { let reason: String }
        let closed: Reason
    }
    let sent = SocketAnswer.closed(id: 1, CloseCode(refusal), reason: refusal.message).block
    let read = try? JSONDecoder().decode(Answer.self, from: Data(sent.copy))
    claim(read?.closed.reason == refusal.message, "another reason: \(refusal.message)")
}

/// The message in other words; `nil` for one that stays refused.
private func written(_ message: SocketMessage) -> String? {
    let body: [String: Any]
    switch message {
    case .refused: return nil
    case .unsubscribe(let id): body = ["unsubscribe": id]
    case .acknowledge(let id, let sequence):
        body = ["ack": ["sequence": sequence, "id": id]]
    case .subscribe(let id, let topic):
        body = ["subscribe": topicMembers(topic).merging(["id": id]) { $1 }]
    }
    guard let data = try? JSONSerialization.data(withJSONObject: body) else {
        claim(false, "no JSON of \(body)")
        return nil
    }
    return String(decoding: data, as: UTF8.self)
}

private func topicMembers(_ topic: SocketTopic) -> [String: Any] {
    switch topic {
    case .log(let target, let parameters):
        var log: [String: Any] = ["namespace": target.namespace, "pod": target.pod]
        log["container"] = target.container
        log["uid"] = parameters.uid
        log["follow"] = parameters.follow
        log["wait"] = parameters.wait.components.seconds
        log["from"] = parameters.from ?? parameters.tailLines.map { -Int64($0) }
        if case .number(let attempt) = parameters.attempt { log["attempt"] = attempt }
        return ["log": log]
    case .events(let parameters):
        var events: [String: Any] = [:]
        events["after"] = parameters.after
        events["types"] = parameters.filter.types.map { types in types.map(\.rawValue).sorted() }
        events["namespace"] = parameters.filter.namespace
        events["workflow"] = parameters.filter.workflow
        events["job"] = parameters.filter.job
        return ["events": events]
    case .consumer(let name): return ["events": ["consumer": name]]
    }
}
