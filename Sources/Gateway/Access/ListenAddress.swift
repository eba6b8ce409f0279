/// Where the daemon listens: an address of this machine alone, and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// Why a text is not an address to listen on.
    package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong with it, and what is allowed.
        package let description: String
    }

    /// `127.0.0.1`, any other address of `127.0.0.0/8`, or `::1`.
    package let host: String
    /// The port; 0 lets the system pick one.
    package let port: Int

    /// An address that is known to be of this machine alone.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8420`, `[::1]:0` or `localhost:8420`.
    ///
    /// Every address beyond loopback is refused: nothing is served there without authentication.
    package static func parse(_ text: String) throws(Refusal) -> ListenAddress {
        guard let authority = Authority(text), let portText = authority.port,
            let port = UInt16(portText), portText.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw Refusal(
                description: "the address to listen on, \"\(text)\", is not ADDR:PORT with a port "
                    + "from 0 to 65535, as 127.0.0.1:8420, [::1]:8420 or localhost:0")
        }
        guard authority.isLoopback else {
            throw Refusal(
                description: "Podwire cannot listen on \"\(text)\": it has no authentication yet, "
                    + "so it listens on loopback only (127.0.0.1, [::1] or localhost)")
        }
        let host = authority.host == "localhost" ? "127.0.0.1" : authority.host
        return ListenAddress(host: host, port: Int(port))
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
