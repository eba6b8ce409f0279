import LogModel

/// What `kubectl get pods` shows of a Pod besides its name and age.
package struct PodRow: Sendable, Equatable {
    /// Running containers of all that should: `1/2`.
    package let ready: String
    /// One word: the phase, or a better one, as `Init:0/1`, `CrashLoopBackOff`, `Terminating`.
    package let status: String
    /// Restarts of all containers.
    package let restarts: Int

    /// The row of a Pod at this moment.
    package init(_ machine: PodMachine) {
        let serving = machine.containers.filter { $0.script.kind != .`init` }
        ready = "\(serving.count(where: \.isRunning))/\(serving.count)"
        restarts = machine.containers.reduce(0) { $0 + ($1.attempt ?? 0) }
        status = machine.deletion != nil ? "Terminating" : Self.status(of: machine)
    }

    private static func status(of machine: PodMachine) -> String {
        if let reason = machine.reason?.reason { return reason }
        guard machine.scheduledAt != nil else { return "Pending" }
        let early = machine.containers.filter { $0.script.kind != .main }
        let isDone = { (run: ContainerRun) in
            run.script.kind == .sidecar ? run.attempt != nil : run.termination?.exit.code == 0
        }
        if let blocking = early.first(where: { !isDone($0) }) {
            switch blocking.state {
            case .waiting(let reason, _) where reason != "PodInitializing": return "Init:\(reason)"
            case .terminated(let termination): return "Init:\(termination.exit.reason)"
            default: return "Init:\(early.count(where: isDone))/\(early.count)"
            }
        }
        let mains = machine.containers.filter { $0.script.kind == .main }
        for run in mains {
            if case .waiting(let reason, _) = run.state { return reason }
        }
        if mains.contains(where: \.isRunning) { return "Running" }
        let worst = mains.compactMap(\.termination).max { $0.exit.code < $1.exit.code }
        return worst?.exit.reason ?? machine.phase.rawValue
    }
}
