import LogModel

/// How a Pod that is created through the API says what it will do.
///
/// Every annotation starts with `sim.podwire.dev/`. Those of a container hold for all main
/// containers; with a dot and a container's name behind the key they hold for that container, of
/// whatever kind (`sim.podwire.dev/lines.sidecar: "20"`).
///
/// | of a container | value | default |
/// | --- | --- | --- |
/// | `lines` | number of lines, or `endless` | 50; init containers 3; sidecars endless |
/// | `rate` | lines a second; 0: one a microsecond | 10; sidecars 1 |
/// | `burst` | lines that are written together | 1 |
/// | `bytes` | bytes of a plain line with its newline, 17 to 67108864 | 80 |
/// | `style` | `plain`, `pipeline`, `repeated` or `mixed` | plain |
/// | `pace` | `clock`, or `reader`: all lines at once, ends when they were read | clock |
/// | `outputs` | `KEY=VALUE` pairs, separated by `;` | `lines=` and their number; only main ones |
/// | `print` | ``PrintedLines``, behind the outputs | none |
/// | `final-newline` | `true` or `false` | true |
/// | `file-bytes` | the size at which the log file is rotated | never |
/// | `rotate-interval` | duration between two looks at the size, from 1ms on | 10s |
/// | `disorder` | duration by which some lines are stamped too early, see ``LogStamps`` | 0s |
/// | `same-time` | `true`: all lines of a burst have the same nanosecond | false |
/// | `log-faults` | ``LogFault`` entries, `;` between, for an instance's requests in turn | drawn |
/// | `exit-code` | 0 to 255 | 0 |
/// | `exit-reason` | as `OOMKilled` | `Completed` or `Error` |
/// | `restarts` | instances before the last; they exit with 1 | 0 |
/// | `phase` | duration from the start to the first line | 0s |
/// | `start-delay` `exit-delay` `restart-delay` | durations | 300ms, 100ms, 1s |
/// | `image-pull-error` | `true`: the image cannot be pulled | false |
///
/// | of the Pod | value | default |
/// | --- | --- | --- |
/// | `kubelet` | the version of the node's kubelet, see ``KubeletVersion`` | v1.33.1 |
/// | `seed` | number that makes the text differ | from the Pod's name |
/// | `schedule-delay` | duration from creation to a node | 200ms |
/// | `unschedulable` | `true`: no node is ever found | false |
/// | `delete-after` | duration from the end to the deletion | never |
///
/// Durations are numbers with `ms`, `s`, `m` or `h`. What cannot be read, and a key that does not
/// exist, is refused with `422`.
struct ScriptAnnotations {
    /// What every annotation starts with.
    static let prefix = "sim.podwire.dev/"

    private static let containerKeys: Set<String> = [
        "lines", "rate", "burst", "bytes", "style", "pace", "outputs", "print", "final-newline",
        "file-bytes", "rotate-interval", "log-faults", "exit-code", "exit-reason", "restarts",
        "phase", "start-delay", "exit-delay", "restart-delay", "image-pull-error", "disorder",
        "same-time",
    ]
    private static let podKeys: Set<String> = [
        "kubelet", "seed", "schedule-delay", "unschedulable", "delete-after",
    ]

    private let values: [String: String]
    private(set) var causes: [StatusError.Cause] = []

    /// The settings among `annotations`, for a Pod with these containers.
    init(_ annotations: [String: String], containers: [String]) {
        var values: [String: String] = [:]
        for (name, value) in annotations where name.hasPrefix(Self.prefix) {
            values[String(name.dropFirst(Self.prefix.count))] = value
        }
        self.values = values
        for key in values.keys.sorted() where !Self.isKnown(key, containers) {
            causes.append(
                .invalid(Self.field(key), "\"\(values[key] ?? "")\"", "there is no such setting"))
        }
    }

    /// Fills in what concerns the whole Pod.
    mutating func apply(to script: inout JobScript) {
        if let seed = read("seed", "must be a number", { UInt64($0) }) { script.seed = seed }
        let kubelet = read("kubelet", "must be a version as v1.20.2 or v1.27.3+k3s1") { text in
            KubeletVersion(text)
        }
        if let kubelet { script.kubelet = kubelet }
        if let delay = duration("schedule-delay") { script.scheduleDelay = delay }
        if let isStuck = flag("unschedulable") { script.isSchedulable = !isStuck }
        if let kept = duration("delete-after") { script.keptFor = kept }
    }

    /// Fills in what concerns one container.
    mutating func apply(to script: inout ContainerScript) {
        let owner = script
        applyLog(to: &script.log, of: owner)
        if let outputs = outputs(key("outputs", owner)) {
            script.log.outputs = outputs
        } else if owner.kind == .main, let lines = script.log.lines {
            script.log.outputs = [ScriptedOutput("lines", String(lines))]
        }
        if let lines = read(key("print", owner), "must be base64", PrintedLines.read) {
            script.log.printed = lines
        }
        let code = number(key("exit-code", owner), 0...255) ?? 0
        let restarts = number(key("restarts", owner), 0...1_000) ?? 0
        let last = ContainerExit(code: code, reason: values[key("exit-reason", owner)])
        script.exits = Array(repeating: ContainerExit(code: 1), count: restarts) + [last]
        if let delay = duration(key("start-delay", owner)) { script.startDelay = delay }
        if let delay = duration(key("exit-delay", owner)) { script.exitDelay = delay }
        if let delay = duration(key("restart-delay", owner)) { script.restartDelay = delay }
        if let fails = flag(key("image-pull-error", owner)) { script.canPullImage = !fails }
        if let faults = faults(key("log-faults", owner)) { script.logFaults = faults }
    }

    private mutating func applyLog(to log: inout LogScript, of owner: ContainerScript) {
        let requirement = "must be a number from 0 on, or endless"
        let lines = read(key("lines", owner), requirement) { text -> Int?? in
            if text == "endless" { return .some(nil) }
            return Int(text).flatMap { $0 >= 0 ? .some($0) : nil }
        }
        if let lines { log.lines = lines }
        let rate = read(key("rate", owner), "must be a number from 0 to 1000000") { text in
            Double(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
        }
        if let rate { log.rate = rate }
        if let burst = number(key("burst", owner), 1...10_000_000) { log.burst = burst }
        if let bytes = number(key("bytes", owner), LogText.smallestLine...LogText.largestLine) {
            log.bytes = bytes
        }
        if let style = choice(key("style", owner), LogScript.Style.self) { log.style = style }
        if let pace = choice(key("pace", owner), LogScript.Pace.self) { log.pace = pace }
        if let newline = flag(key("final-newline", owner)) { log.endsWithNewline = newline }
        if let size = number(key("file-bytes", owner), 1...(1 << 40)) { log.fileBytes = size }
        if let interval = rotateInterval(key("rotate-interval", owner)) {
            log.rotateInterval = interval
        }
        if let phase = duration(key("phase", owner)) { log.phase = phase }
        if let disorder = duration(key("disorder", owner)) { log.disorder = disorder }
        if let isSame = flag(key("same-time", owner)) { log.hasSameTime = isSame }
    }

    /// The annotation that speaks of a container: its own, else for main ones everybody's.
    private func key(_ name: String, _ owner: ContainerScript) -> String {
        let own = "\(name).\(owner.name)"
        return owner.kind == .main && values[own] == nil ? name : own
    }

    // MARK: - Values

    private mutating func read<T>(
        _ key: String, _ requirement: String, _ parse: (String) -> T?
    ) -> T? {
        guard let text = values[key] else { return nil }
        if let value = parse(text) { return value }
        refuse(key, text, requirement)
        return nil
    }

    /// Notes a problem once: an annotation may speak of many containers.
    private mutating func refuse(_ key: String, _ text: String, _ requirement: String) {
        let cause = StatusError.Cause.invalid(Self.field(key), "\"\(text)\"", requirement)
        if !causes.contains(cause) { causes.append(cause) }
    }

    private mutating func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        read(key, "must be a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    private mutating func flag(_ key: String) -> Bool? {
        read(key, "must be true or false") { Bool($0) }
    }

    private mutating func choice<T: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: T.Type
    ) -> T? {
        let names = T.allCases.map(\.rawValue).joined(separator: " or ")
        return read(key, "must be \(names)") { T(rawValue: $0) }
    }

    private mutating func duration(_ key: String) -> Duration? {
        read(key, "must be a duration as 500ms, 2s, 1.5m or 1h") { Duration(text: $0) }
    }

    private mutating func rotateInterval(_ key: String) -> Duration? {
        read(key, "must be a duration of at least 1ms, as 500ms, 2s, 1.5m or 1h") { text in
            Duration(text: text).flatMap { $0 >= .milliseconds(1) ? $0 : nil }
        }
    }

    /// Every entry that is no fault is a problem of its own.
    private mutating func faults(_ key: String) -> [LogFault]? {
        guard let text = values[key] else { return nil }
        let (faults, unreadable) = LogFault.list(text)
        for entry in unreadable { refuse(key, entry, LogFault.requirement) }
        return unreadable.isEmpty ? faults : nil
    }

    private mutating func outputs(_ key: String) -> [ScriptedOutput]? {
        read(key, "must be KEY=VALUE pairs, separated by semicolons") { text in
            var outputs: [ScriptedOutput] = []
            for pair in text.split(separator: ";") {
                guard let sign = pair.firstIndex(of: "=") else { return nil }
                outputs.append(
                    ScriptedOutput(String(pair[..<sign]), String(pair[pair.index(after: sign)...])))
            }
            return outputs
        }
    }

    private static func isKnown(_ key: String, _ containers: [String]) -> Bool {
        if containerKeys.contains(key) || podKeys.contains(key) { return true }
        guard let dot = key.firstIndex(of: ".") else { return false }
        return containerKeys.contains(String(key[..<dot]))
            && containers.contains(String(key[key.index(after: dot)...]))
    }

    private static func field(_ key: String) -> String {
        "metadata.annotations[\(prefix)\(key)]"
    }
}
