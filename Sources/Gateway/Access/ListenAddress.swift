/// Where the daemon listens: an address or a name of this machine, and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// Why a text is not an address to listen on.
    package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong with it, and what is allowed.
        package let description: String
    }

    /// As `127.0.0.1`, `0.0.0.0` or `::1`; `localhost` is `127.0.0.1`.
    package let host: String
    /// The port; 0 lets the system pick one.
    package let port: Int

    /// An address that is known to be one.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8420`, `[::1]:0`, `localhost:8420` or `0.0.0.0:8420`.
    package static func parse(_ text: String) throws(Refusal) -> ListenAddress {
        guard let authority = Authority(text), let portText = authority.port,
            let port = UInt16(portText), portText.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw Refusal(
                description: "the address to listen on, \"\(text)\", is not ADDR:PORT with a port "
                    + "from 0 to 65535, as 127.0.0.1:8420, [::1]:8420 or localhost:0")
        }
        let host = authority.host == "localhost" ? "127.0.0.1" : authority.host
        return ListenAddress(host: host, port: Int(port))
    }

    /// Whether only this machine reaches it.
    package var isLoopback: Bool { Authority(description)?.isLoopback == true }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
