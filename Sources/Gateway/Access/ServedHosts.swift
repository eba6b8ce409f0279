/// By which names a browser may call the daemon.
///
/// A page of a foreign site can have its own name resolve to any address (DNS rebinding), and then
/// read what is served there as its own. Its name still stands in `Host`: so only names that are
/// known to be ours are served. Loopback's always are.
package struct ServedHosts: Sendable, Equatable {
    /// Names and addresses beside loopback's, without ports, in lower case.
    let names: Set<String>
    /// Whether any address is served: nobody can rebind one, and behind it stands authentication.
    let takesAddresses: Bool

    /// Serves loopback alone, or also `names`, and all addresses where the daemon can be reached from
    /// elsewhere.
    package init(_ names: [String] = [], takesAddresses: Bool = false) {
        self.names = Set(names.map { $0.lowercased() })
        self.takesAddresses = takesAddresses
    }

    /// Whether `text` can be one of the names: a host without a port.
    package static func isName(_ text: String) -> Bool {
        guard let authority = Authority(text) else { return false }
        return authority.port == nil
            && authority.host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._:".utf8.contains(byte)
            }
    }

    func contains(_ authority: Authority) -> Bool {
        authority.isLoopback || names.contains(authority.host)
            || (takesAddresses && authority.isAddress)
    }
}
