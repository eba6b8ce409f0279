import ByteBlocks

/// What the server says on `/v1/ws` beside the lines and events themselves.
///
/// | frame | meaning |
/// | --- | --- |
/// | `{"opened":{"id":N,"stream":S,"from":L,"state":"live"}}` | the log was found; S names it in what follows |
/// | `{"opened":{"id":N,"after":SEQ}}` | events behind SEQ follow |
/// | `{"event":{…}}` | a CloudEvent |
/// | `{"acknowledged":{"id":N,"sequence":SEQ,"changed":…}}` | behind the commit |
/// | `{"closed":{"id":N,"code":C,"reason":…,"reconnect":…}}` | nothing more of N, whose id is free; C as ``CloseCode`` has it |
/// | `{"error":{"id":N,"reason":…}}` | the message is refused; what N had goes on |
enum SocketAnswer: Encodable {
    case opened(id: Int64, stream: String?, from: Int64?, state: String?, after: Int64?)
    case acknowledged(id: Int64, sequence: Int64, changed: Bool)
    case closed(id: Int64, CloseCode, reason: String)
    case error(id: Int64, reason: String)

    private enum Key: String, CodingKey {
        case opened, acknowledged, closed, error
        case id, stream, from, state, after, sequence, changed, code, reason, reconnect
    }

    func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Key.self)
        switch self {
        case .opened(let id, let stream, let from, let state, let after):
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .opened)
            try inner.encode(id, forKey: .id)
            try inner.encodeIfPresent(stream, forKey: .stream)
            try inner.encodeIfPresent(from, forKey: .from)
            try inner.encodeIfPresent(state, forKey: .state)
            try inner.encodeIfPresent(after, forKey: .after)
        case .acknowledged(let id, let sequence, let changed):
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .acknowledged)
            try inner.encode(id, forKey: .id)
            try inner.encode(sequence, forKey: .sequence)
            try inner.encode(changed, forKey: .changed)
        case .closed(let id, let code, let reason):
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .closed)
            try inner.encode(id, forKey: .id)
            try inner.encode(code.rawValue, forKey: .code)
            try inner.encode(reason, forKey: .reason)
            try inner.encode(code.reconnect, forKey: .reconnect)
        case .error(let id, let reason):
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .error)
            try inner.encode(id, forKey: .id)
            try inner.encode(reason, forKey: .reason)
        }
    }

    /// The frame.
    var block: ByteBlock { ByteBlock(Array(JSONAnswer.encode(self).dropLast())) }

    /// The frame of an event.
    static func event(_ json: ByteBlock) -> ByteBlock {
        let prefix = Array("{\"event\":".utf8)
        return ByteBlock(capacity: prefix.count + json.count + 1) { target in
            target.copyBytes(from: prefix)
            UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...])
                .copyMemory(from: json.bytes)
            target[prefix.count + json.count] = UInt8(ascii: "}")
            return prefix.count + json.count + 1
        }
    }
}
