@testable import WebServer

// What a client sends on a WebSocket.
extension FuzzTarget {
    /// A client's frames.
    static let webSocket = FuzzTarget(
        name: "websocket",
        promise: "the events do not depend on how the bytes arrive; what is sent is what is read"
    ) { bytes in
        let whole = read(Pieces(bytes), isOnePiece: true)
        for round in 0..<2 {
            let cut = read(Pieces(bytes, round: UInt64(round)), isOnePiece: false)
            claim(cut == whole, "whole \(whole), cut \(cut)")
        }
        for event in whole.events {
            switch event {
            case .message(.text(let text)): claim(text.utf8.count <= limit, "too long")
            case .message(.binary(let bytes)): claim(bytes.count <= limit, "too long")
            case .ping(let payload): claim(payload.count <= 125, "a long ping")
            case .close(let code): claim((1000...4999).contains(code), "code \(code)")
            case .pong: break
            }
        }
        let message = Array(bytes.prefix(limit))
        let back = read(Pieces(framed(message)), isOnePiece: false)
        claim(back.events.last == .message(.binary(message)), "another message: \(back)")
        claim(back.failure == nil, "\(back)")
    }
}

/// The longest message, small so that limits are met.
private let limit = 1_000

/// What a reader made of some bytes.
private struct Reading: Equatable {
    var events: [WebSocketReader.Event] = []
    var failure: WebSocketReader.Failure?
}

/// Reads frames as a connection does, up to the first failure or close.
private func read(_ pieces: Pieces, isOnePiece: Bool) -> Reading {
    var reading = Reading()
    var reader = WebSocketReader(maxMessageBytes: limit)
    var buffer: [UInt8] = []
    do throws(WebSocketReader.Failure) {
        for piece in isOnePiece ? [pieces.flatMap { $0 }] : Array(pieces) {
            buffer += piece
            while !buffer.isEmpty {
                let (taken, event) = try reader.read(buffer[...])
                if taken == 0 { break }
                buffer.removeFirst(taken)
                if let event { reading.events.append(event) }
                if case .close = event { return reading }
            }
            // A frame's header, and a message of at most the limit.
            claim(buffer.count <= limit + 14, "\(buffer.count) bytes are kept")
        }
    } catch {
        reading.failure = error
    }
    return reading
}

/// A binary message as a client sends it: masked, in fragments, with pings between them.
private func framed(_ message: [UInt8]) -> [UInt8] {
    var dice = Dice(message, round: 7)
    var frames: [UInt8] = []
    var rest = message[...]
    var isFirst = true
    repeat {
        let part = rest.prefix(1 + dice.roll(rest.count))
        rest = rest.dropFirst(part.count)
        let opcode: UInt8 = (rest.isEmpty ? 0x80 : 0) | (isFirst ? 2 : 0)
        frames += frame(opcode, Array(part), &dice)
        if !rest.isEmpty, dice.roll(3) == 0 { frames += frame(0x89, Array(part.prefix(9)), &dice) }
        isFirst = false
    } while !rest.isEmpty
    return frames
}

private func frame(_ first: UInt8, _ payload: [UInt8], _ dice: inout Dice) -> [UInt8] {
    let mask = (0..<4).map { _ in UInt8(dice.roll(256)) }
    let length: [UInt8] =
        payload.count < 126
        ? [0x80 | UInt8(payload.count)]
        : [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
}
