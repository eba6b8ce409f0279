import ByteBlocks
import Foundation

/// How Kubernetes sends a log over WebSocket.
///
/// | subprotocol | frames |
/// | --- | --- |
/// | none, `binary.k8s.io` | binary, the exact bytes |
/// | `base64.binary.k8s.io` | text: Base64 of the bytes, each frame by itself |
enum PodLogSubprotocol: String, Sendable, CaseIterable {
    case binary = "binary.k8s.io"
    case base64 = "base64.binary.k8s.io"

    /// The first that the client offers and that is known.
    ///
    /// - Returns: `nil` for a client that offers none.
    /// - Throws: 403, as the API server has it, for one that offers only others.
    static func choose(from offered: [String]) throws(StatusResponse) -> PodLogSubprotocol? {
        if let known = offered.lazy.compactMap(PodLogSubprotocol.init).first { return known }
        guard !offered.isEmpty else { return nil }
        throw .forbidden(
            "none of the subprotocols is known: "
                + allCases.map(\.rawValue).joined(separator: " and ") + " are")
    }

    /// Bytes as the payload of a text frame.
    static func base64(_ block: ByteBlock) -> ByteBlock {
        ByteBlock(Array(Data(block.bytes).base64EncodedString().utf8))
    }
}
