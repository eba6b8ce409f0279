import ByteBlocks

@testable import WebServer

// Compressed messages of a WebSocket client.
extension FuzzTarget {
    /// A compressed message; and the same bytes as text that is compressed, and as an offer.
    static let deflate = FuzzTarget(
        name: "deflate",
        promise: "nothing is unpacked beyond the limit; what is packed is unpacked to the same"
    ) { bytes in
        checkHostile(bytes)
        checkRoundTrip(bytes)
        checkOffers(String(decoding: bytes, as: UTF8.self))
    }
}

/// The largest message, 256 KiB: 260 bytes of input reach it, since deflate packs up to 1,032 bytes
/// into one.
private let room = 256 << 10

private func inflated(_ packed: [UInt8], limit: Int) -> Result<[UInt8], WebSocketReader.Failure> {
    Result { () throws(WebSocketReader.Failure) in
        try MessageInflater.inflate(packed, limit: limit)
    }
}

/// The limit decides between the message and a refusal, to the byte; and a reader of frames gives
/// the same message.
private func checkHostile(_ packed: [UInt8]) {
    switch inflated(packed, limit: room) {
    case .failure(let failure):
        claim(failure.code == 1007 || failure.code == 1009, "\(failure)")
    case .success(let bytes):
        claim(inflated(packed, limit: bytes.count) == .success(bytes), "another message")
        guard !bytes.isEmpty else { return }
        switch inflated(packed, limit: bytes.count - 1) {
        case .failure(let failure): claim(failure.code == 1009, "\(failure)")
        case .success(let bytes): claim(false, "\(bytes.count) bytes, over the limit")
        }
        guard bytes.count <= 4_096 else { return }
        let event = read(packed, limit: 4_096)
        claim(event == .success(.message(.binary(bytes))), "another message: \(event)")
    }
}

/// What our side compresses, the client's reader unpacks, and here ours.
private func checkRoundTrip(_ bytes: [UInt8]) {
    for text in [bytes, [[UInt8]](repeating: bytes, count: 40).flatMap { $0 }] {
        guard let packed = FrameDeflater().deflated(ByteBlock(text)) else { continue }
        claim(packed.count < text.count, "it has become larger")
        claim(inflated(packed.copy, limit: text.count) == .success(text), "another text")
    }
}

/// The message in two frames, as a client sends it.
private func read(
    _ packed: [UInt8], limit: Int
) -> Result<WebSocketReader.Event?, WebSocketReader.Failure> {
    Result { () throws(WebSocketReader.Failure) in
        var reader = WebSocketReader(maxMessageBytes: limit, inflates: true)
        let half = packed.count / 2
        let first = frame(0x42, packed[..<half])
        let second = frame(0x80, packed[half...])
        let (taken, event) = try reader.read(first[...])
        claim(taken == first.count && event == nil, "half a message: \(event as Any)")
        return try reader.read(second[...]).event
    }
}

private func frame(_ first: UInt8, _ payload: ArraySlice<UInt8>) -> [UInt8] {
    let mask: [UInt8] = [1, 2, 3, 4]
    let length = [UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    return [first, 0x80 | 126] + length + mask
        + payload.enumerated().map { $1 ^ mask[$0 & 3] }
}

/// An offer is taken only for what it says, in whatever order; a list, when one of it can be met.
private func checkOffers(_ text: String) {
    let offers = text.split(separator: ",").map(String.init)
    let isTaken = DeflateOffer.isAcceptable(offers)
    claim(isTaken == offers.contains { DeflateOffer.isAcceptable([$0]) }, "one of \(offers)")
    for offer in offers where DeflateOffer.isAcceptable([offer]) {
        let parts = offer.split(separator: ";").map(String.init)
        let turned = [parts[0]] + parts.dropFirst().reversed()
        claim(DeflateOffer.isAcceptable([turned.joined(separator: ";")]), "in order: \(offer)")
        claim(!DeflateOffer.isAcceptable([offer + ";mystery"]), "a mystery is taken")
        let written = parts.map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        claim(written.first == "permessage-deflate", "another extension: \(offer)")
        claim(written.dropFirst().allSatisfy(parameters.contains), "a parameter of \(offer)")
        claim(Set(written).count == written.count, "a parameter twice: \(offer)")
    }
}

/// Every parameter of RFC 7692 that can be met.
private let parameters = Set(
    [
        "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=15",
        "client_max_window_bits",
    ] + (8...15).map { "client_max_window_bits=\($0)" })
