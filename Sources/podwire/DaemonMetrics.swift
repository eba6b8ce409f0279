import Capture
import Gateway
import HTTPClient
import Kubernetes
import Store

/// What `/metrics` shows of the daemon's parts, beside the gateway's own numbers.
enum DaemonMetrics {
    /// All of them, from the cluster to the webhooks.
    static func sources(
        watcher: PodWatcher, dispatcher: Dispatcher, http: HTTPClient, store: Store,
        webhooks: [String]
    ) -> [MetricsSource] {
        [
            MetricsSource { ProcessMetrics.read() },
            MetricsSource { capture(dispatcher.statistics.counters, watcher.health) },
            MetricsSource { client(http.statistics) },
            MetricsSource { try await storage(store) },
            MetricsSource { [try await deliveries(to: webhooks, store)] },
        ]
    }

    private static func capture(
        _ counters: CaptureStatistics.Counters, _ watch: WatchHealth
    ) -> [Metric] {
        [
            Metric(
                .gauge, "podwire_watch_synced", watch.synced ? 1 : 0,
                "Whether the watch of Pods is in sync with the cluster."),
            Metric(
                .gauge, "podwire_capture_following", counters.following,
                "Container instances whose logs are followed."),
            Metric(
                .gauge, "podwire_capture_waiting", counters.queued,
                "Container instances that wait for their turn to be followed."),
            Metric(
                .counter, "podwire_capture_requests_total", counters.requests,
                "Requests for logs and for the state of their Pods."),
            Metric(
                .counter, "podwire_capture_lines_total", counters.lines,
                "Lines that were stored, gap records not counted."),
            Metric(
                .counter, "podwire_capture_gaps_total", counters.gaps,
                "Gap records that were stored."),
            Metric(
                .counter, "podwire_capture_ended_total", counters.ended,
                "Streams that were read to their end."),
        ]
    }

    private static func client(_ statistics: HTTPClientStatistics) -> [Metric] {
        [
            Metric(
                .counter, "podwire_client_requests_total", statistics.requestsStarted,
                "Requests to the API server and to webhooks."),
            Metric(
                .gauge, "podwire_client_transfers", statistics.activeTransfers,
                "Requests that are being answered, follows and watches among them."),
            Metric(
                .gauge, "podwire_client_connections", statistics.openConnections,
                "Open connections to the API server and to webhooks, idle ones included."),
            Metric(
                .counter, "podwire_client_received_bytes_total", statistics.bytesReceived,
                "Bytes of bodies that were received."),
            Metric(
                .counter, "podwire_client_holds_total", statistics.holds,
                "Times that a transfer was held back because what it brings was not yet taken."),
        ]
    }

    private static func storage(_ store: Store) async throws -> [Metric] {
        let health = store.health
        return [
            Metric(
                .gauge, "podwire_store_writable", health.isWritable ? 1 : 0,
                "Whether the last commit succeeded."),
            Metric(
                .gauge, "podwire_store_queued_bytes", health.queuedBytes,
                "Bytes of lines that wait to be committed."),
            Metric(
                .gauge, "podwire_store_used_bytes", try await store.usedBytes(),
                "Bytes of the database that are in use, which retention keeps below its limit."),
        ]
    }

    private static func deliveries(to webhooks: [String], _ store: Store) async throws -> Metric {
        let last = store.events.last
        let lags = try await store.read { snapshot in
            try webhooks.map { name in
                (name: name, value: max(0, last - (try snapshot.webhookPosition(name) ?? last)))
            }
        }
        return Metric(
            .gauge, "podwire_webhook_lag_events", by: "webhook", lags,
            "Sequence numbers from what a webhook has taken to the newest event.")
    }
}
