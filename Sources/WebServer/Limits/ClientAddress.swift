/// Where a client comes from, as a text and as what limits count it by.
struct ClientAddress: Sendable, Equatable {
    /// What limits are counted by: an IPv4 address, or the /64 network of an IPv6 address, which is
    /// what one customer is given and may pick any address of.
    struct Network: Hashable, Sendable {
        fileprivate let family: UInt8
        fileprivate let bits: UInt64
    }

    /// The numeric address, without port.
    let text: String
    /// What limits count it by.
    let network: Network
    /// Whether it is this machine.
    let isLoopback: Bool

    /// An address of 4 or 16 bytes; any other is taken for a network of its own.
    init(text: String, bytes: [UInt8]) {
        self.text = text
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let isMapped = bytes.count == 16 && bytes.starts(with: mapped)
        let bytes = isMapped ? Array(bytes[12...]) : bytes
        isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes == Self.loopback
        network = Network(
            family: UInt8(clamping: bytes.count),
            bits: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    private static let loopback = [UInt8](repeating: 0, count: 15) + [1]
}
