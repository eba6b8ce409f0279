/// The nodes of a cluster: three with the standard kubelet, and three more for each other version
/// that a Pod has asked for.
struct NodeTable: Sendable {
    /// Nodes of each version.
    private static let nodesAVersion = 3

    private var groups: [KubeletVersion: [Node]] = [:]

    /// A cluster's first nodes: `node-1` to `node-3`.
    init() {
        groups[.standard] = Self.group("node", .standard)
    }

    /// The nodes in the order of their names.
    var nodes: [Node] { groups.values.joined().sorted { $0.name < $1.name } }

    /// The name of a node with this kubelet, chosen by a drawn number.
    mutating func place(_ kubelet: KubeletVersion, draw: UInt64) -> String {
        let group = groups[kubelet] ?? Self.group(freeName(for: kubelet), kubelet)
        groups[kubelet] = group
        return group[Int(draw % UInt64(group.count))].name
    }

    /// What the names of a version's nodes start with, as `node-v1.20.2`: versions may differ in
    /// characters that names cannot have.
    private func freeName(for kubelet: KubeletVersion) -> String {
        let name = "node-" + kubelet.text.lowercased().replacing("+", with: "-")
        let taken = Set(nodes.map(\.name))
        var number = 1
        while taken.contains(Self.name(number == 1 ? name : "\(name)-\(number)", 1)) { number += 1 }
        return number == 1 ? name : "\(name)-\(number)"
    }

    private static func group(_ name: String, _ kubelet: KubeletVersion) -> [Node] {
        (1...nodesAVersion).map { Node(name: self.name(name, $0), kubelet: kubelet) }
    }

    private static func name(_ group: String, _ number: Int) -> String { "\(group)-\(number)" }
}
