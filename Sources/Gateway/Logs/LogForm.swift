/// In which form a log goes out.
///
/// | form | a line becomes |
/// | --- | --- |
/// | ``bytes`` | the bytes as the container wrote them |
/// | ``text`` | text of whole lines, each with a newline, in WebSocket frames |
/// | ``records`` | JSON text frames for a socket of many streams, see ``RecordWriter`` |
/// | ``events`` | `id: N` and `data: line` of an event stream (SSE) |
enum LogForm: Sendable, Equatable {
    /// An HTTP body, or binary frames of `binary.k8s.io`.
    case bytes
    /// Text frames.
    case text
    /// JSON text frames that name their stream.
    case records
    /// Server-sent events.
    case events
}
