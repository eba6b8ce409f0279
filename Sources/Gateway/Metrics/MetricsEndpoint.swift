import Store
import Synchronization
import WebServer

/// `/metrics`: what the daemon does and has to do, in Prometheus's text format.
struct MetricsEndpoint: Sendable {
    /// Where the numbers come from, in the order in which they are shown.
    let sources: [MetricsSource]

    /// All numbers now.
    func respond() async throws -> ServerResponse {
        var metrics: [Metric] = []
        for source in sources { metrics += try await source.metrics() }
        let head = ResponseHead(
            status: 200,
            fields: [
                HeaderField("Content-Type", MetricsText.mediaType),
                HeaderField("Cache-Control", "no-store"),
            ])
        return .full(head, body: Array(MetricsText.text(metrics).utf8))
    }
}

extension MetricsSource {
    /// What readers of logs do and did.
    static func readers(_ lives: LiveLogs) -> MetricsSource {
        MetricsSource {
            let counters = lives.counters
            return [
                Metric(
                    .gauge, "podwire_readers", counters.readers.load(ordering: .relaxed),
                    "Readers of logs that are connected."),
                Metric(
                    .gauge, "podwire_reader_frame_bytes", lives.frameBytes,
                    "Bytes of recent frames in memory, which all readers share."),
                Metric(
                    .counter, "podwire_reader_frames_total",
                    counters.frames.load(ordering: .relaxed), "Frames that were encoded."),
                Metric(
                    .counter, "podwire_reader_shared_frames_total",
                    counters.shared.load(ordering: .relaxed),
                    "Frames that were given to readers which share them."),
                Metric(
                    .counter, "podwire_reader_own_frames_total",
                    counters.own.load(ordering: .relaxed),
                    "Frames that were made for one reader which was behind."),
                Metric(
                    .counter, "podwire_reader_wakes_total",
                    counters.wakes.load(ordering: .relaxed), "Wakes of readers."),
                Metric(
                    .counter, "podwire_reader_store_turns_total",
                    counters.fromStore.load(ordering: .relaxed),
                    "Times that a reader went on from the store."),
            ]
        }
    }

    /// The event feed and who is behind in it.
    static func events(_ registry: ConsumerRegistry, _ feed: EventFeed) -> MetricsSource {
        MetricsSource {
            [
                Metric(
                    .counter, "podwire_events_total", feed.last,
                    "Sequence number of the newest event."),
                Metric(
                    .gauge, "podwire_events_oldest", feed.oldest,
                    "Sequence number of the oldest event that is kept."),
                Metric(
                    .gauge, "podwire_consumer_lag_events", by: "consumer",
                    try await registry.lags(),
                    "Sequence numbers from a durable consumer's position to the newest event."),
            ]
        }
    }
}
