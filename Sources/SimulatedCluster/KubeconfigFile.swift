import Foundation

/// A kubeconfig that names one plain HTTP server and no user.
package enum KubeconfigFile {
    /// The file's text.
    package static func text(server: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: podwire-sim
        clusters:
          - name: podwire-sim
            cluster:
              server: \(server)
        users:
          - name: podwire-sim
            user: {}
        contexts:
          - name: podwire-sim
            context:
              cluster: podwire-sim
              user: podwire-sim
              namespace: default

        """
    }

    /// Writes the file; whoever reads it sees the whole new one or what was there before.
    package static func write(server: String, to path: String) throws {
        try Data(text(server: server).utf8).write(
            to: URL(fileURLWithPath: path), options: .atomic)
    }
}
