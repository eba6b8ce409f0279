import ArgumentParser

/// The command line: `podwire serve`, `podwire check-config`.
@main
struct PodwireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "podwire",
        abstract: "The wire service for Kubernetes jobs.",
        discussion: """
            Follows each container's log once, keeps it with the job's status and outputs, and \
            carries it to any number of readers over HTTP, SSE and WebSocket.
            """,
        version: Version.current,
        subcommands: [ServeCommand.self, CheckConfigCommand.self])
}

/// Podwire's version.
enum Version {
    /// As `podwire --version` prints it.
    static let current = "0.1.0"
}
