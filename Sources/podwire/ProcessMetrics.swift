import Foundation
import Gateway

/// What any Prometheus client tells of its process, under the names that they share.
enum ProcessMetrics {
    /// When this process began, as far as it can tell: when it was first asked for.
    private static let start = Date.now

    /// Remembers when the process began.
    static func begin() { _ = start }

    /// The numbers now; what `/proc` does not tell is left out.
    static func read() -> [Metric] {
        var metrics = [
            Metric(
                .gauge, "podwire_build_info", by: "version", [(Version.current, 1)],
                "The daemon's version."),
            Metric(
                .gauge, "process_start_time_seconds", start.timeIntervalSince1970,
                "When the process began, in seconds since 1970."),
        ]
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            metrics.append(
                Metric(
                    .counter, "process_cpu_seconds_total",
                    seconds(usage.ru_utime) + seconds(usage.ru_stime),
                    "Seconds of processors that the process took."))
        }
        if let pages = pages() {
            metrics.append(
                Metric(
                    .gauge, "process_resident_memory_bytes", pages * sysconf(Int32(_SC_PAGESIZE)),
                    "Bytes of memory that the process has."))
        }
        var limit = rlimit()
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        {
            metrics.append(
                Metric(.gauge, "process_open_fds", open, "Descriptors that the process has open."))
            metrics.append(
                Metric(
                    .gauge, "process_max_fds", limit.rlim_cur,
                    "Descriptors that the process may have open."))
        }
        return metrics
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// Resident pages: the second number of `/proc/self/statm`.
    private static func pages() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return nil
        }
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }
}
