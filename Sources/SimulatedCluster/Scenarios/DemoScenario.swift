import LogModel
import Synchronization

/// A small data pipeline that never stops: a new run every fifteen seconds, the stages of a run one
/// after the other, old Pods deleted, so that there are some fifty Pods at any time.
final class DemoScenario: Sendable {
    /// The time between two runs.
    static let pause = Duration.seconds(15)
    /// How often runs are looked after.
    static let tick = Duration.milliseconds(500)

    private struct Active {
        let run: DemoRun
        var stage: Int
    }

    private struct State {
        var active: [Active] = []
        var started = 0
        var nextStart: LogTime
    }

    private let state: Mutex<State>

    init(start: LogTime) {
        state = Mutex(State(nextStart: start))
    }

    /// Starts the first run, and goes on for as long as the cluster is there: the cluster's timer
    /// queue keeps the scenario alive, so neither may keep the cluster.
    func run(in cluster: Cluster) {
        let now = cluster.clock.now
        for blueprint in state.withLock({ due($0.nextStart <= now, now, in: cluster, &$0) }) {
            // A name that is taken stays with the Pod that has it: only a client can have made it.
            do throws(StatusError) { try cluster.create(blueprint) } catch { continue }
        }
        cluster.timers.schedule(at: now + Self.tick) { [weak cluster] in
            if let cluster { self.run(in: cluster) }
        }
    }

    /// The Pods that are to be created now: a new run's first stage, and next stages.
    private func due(
        _ isStart: Bool, _ now: LogTime, in cluster: Cluster, _ state: inout State
    ) -> [PodBlueprint] {
        var blueprints: [PodBlueprint] = []
        var active: [Active] = []
        for var one in state.active {
            switch outcome(of: one.run.stages[one.stage], in: cluster) {
            case .running: active.append(one)
            case .failed: break
            case .succeeded where one.stage + 1 < one.run.stages.count:
                one.stage += 1
                blueprints += one.run.stages[one.stage]
                active.append(one)
            case .succeeded: break
            }
        }
        if isStart {
            let run = DemoRun(number: state.started, seed: cluster.settings.seed)
            active.append(Active(run: run, stage: 0))
            blueprints += run.stages[0]
            state.started += 1
            state.nextStart = now + Self.pause
        }
        state.active = active
        return blueprints
    }

    private enum Outcome { case running, succeeded, failed }

    private func outcome(of stage: [PodBlueprint], in cluster: Cluster) -> Outcome {
        let phases = stage.map { cluster.pod(PodKey($0.namespace, $0.name))?.phase }
        if phases.contains(where: { $0 == "Pending" || $0 == "Running" }) { return .running }
        return phases.allSatisfy { $0 == "Succeeded" } ? .succeeded : .failed
    }
}
