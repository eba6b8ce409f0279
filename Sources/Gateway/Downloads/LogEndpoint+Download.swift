import Compression
import Store
import WebServer

/// A log as a download: its length, a validator and parts of it, and packed where that is asked for.
extension LogEndpoint {
    /// Answers with the bytes of `plan`, or with a part of them, or with nothing new.
    func download(
        _ plan: LogPlan, _ parameters: LogParameters, _ request: ServerRequest
    ) async throws -> ServerResponse {
        let entity = try await LogEntity(plan, parameters, store)
        var head = head(plan, contentType: "text/plain; charset=utf-8")
        head.fields.append(HeaderField("Vary", "Accept-Encoding"))
        let range = range(request, entity)
        // A part is one of the bytes as they are, so that it joins to what the client has.
        let coding = range == .whole ? ContentCoding(acceptedBy: request) : .identity
        if let tag = entity.tag?.of(coding) {
            guard tag.isWanted(by: request) else { throw StatusResponse.changed(tag) }
            head.fields.append(HeaderField("ETag", tag.description))
            if tag.isKnown(to: request) {
                head.status = 304
                return .full(head, body: [])
            }
        }
        if entity.tag != nil, entity.length != nil {
            head.fields.append(HeaderField("Accept-Ranges", "bytes"))
        }
        switch range {
        case .whole: return try whole(plan, parameters, entity, head, coding)
        case .unsatisfiable: throw StatusResponse.noSuchRange(entity.length ?? 0)
        case .part(let range):
            head.status = 206
            let text = "\(range.lowerBound)-\(range.upperBound - 1)/\(entity.length ?? 0)"
            head.fields.append(HeaderField("Content-Range", "bytes \(text)"))
            let body = try await part(range, of: plan, parameters, entity)
            return .sized(head, length: range.count, source: body)
        }
    }

    /// What part is asked for, and can be given: only of what cannot change meanwhile.
    private func range(_ request: ServerRequest, _ entity: LogEntity) -> RangeRequest {
        guard request.method == "GET", let tag = entity.tag, let length = entity.length,
            tag.allowsRange(of: request)
        else { return .whole }
        return RangeRequest(request.header("Range"), length: length)
    }

    private func whole(
        _ plan: LogPlan, _ parameters: LogParameters, _ entity: LogEntity, _ head: ResponseHead,
        _ coding: ContentCoding
    ) throws -> ServerResponse {
        var head = head
        guard coding == .identity else {
            head.fields.append(HeaderField("Content-Encoding", coding.rawValue))
            return .stream(head, source: try packed(plan, parameters, coding))
        }
        let body = LogBody(output(plan, parameters, .bytes))
        guard let length = entity.length else { return .stream(head, source: body) }
        return .sized(head, length: Int(length), source: body)
    }

    /// A body that is packed: by the store already, where lines are wanted as they are.
    private func packed(
        _ plan: LogPlan, _ parameters: LogParameters, _ coding: ContentCoding
    ) throws -> any BodySource {
        let isFollowed = plan.segments.contains { $0.end == nil }
        let isPlain = LogRendering(.bytes, parameters, plan).isTextOnly
        switch coding {
        case .zstd where isPlain && !isFollowed && parameters.limitBytes == nil:
            return StoredFramesBody(plan, store: store, logger: logger)
        case .zstd:
            return PackedBody(
                output(plan, parameters, .bytes), try ZstdEncoder(), flushes: isFollowed,
                workers: packing, logger: logger)
        case .gzip:
            return PackedBody(
                output(plan, parameters, .bytes), try GzipEncoder(), flushes: isFollowed,
                workers: packing, logger: logger)
        case .identity:
            return LogBody(output(plan, parameters, .bytes))
        }
    }

    /// A body of the bytes `range` alone: reading begins with the chunk that holds the first.
    private func part(
        _ range: Range<Int64>, of plan: LogPlan, _ parameters: LogParameters, _ entity: LogEntity
    ) async throws -> LogBody {
        var before: Int64 = 0
        var segments = plan.segments[...]
        for bytes in entity.segmentBytes ?? [] {
            guard before + bytes <= range.lowerBound else { break }
            before += bytes
            segments = segments.dropFirst()
        }
        guard let first = segments.first else { return LogBody(output(plan, parameters, .bytes)) }
        let place = try await store.place(
            stream: first.stream.row, from: first.first, ofByte: range.lowerBound - before,
            timeBytes: parameters.timestamps ? LogEntity.timeBytes : 0)
        if let place, place.line > first.first { segments[segments.startIndex] = first.at(place) }
        before += place?.offset ?? 0
        let rest = LogPlan(segments: Array(segments), since: nil)
        var parameters = parameters
        parameters.limitBytes = nil
        return LogBody(
            output(rest, parameters, .bytes),
            window: ByteWindow(range.lowerBound - before..<range.upperBound - before))
    }
}

extension LogSegment {
    /// The same from a later place on.
    fileprivate func at(_ place: LogPlace) -> LogSegment {
        LogSegment(
            stream: stream, tail: tail, first: place.line, end: end,
            startsInsideLine: place.isInsideLine)
    }
}

extension StatusResponse {
    /// 412: `If-Match` names another body.
    fileprivate static func changed(_ tag: EntityTag) -> StatusResponse {
        StatusResponse(
            code: 412, reason: "PreconditionFailed",
            message: "If-Match: the log's ETag is \(tag), which is not among those wanted")
    }

    /// 416: the part begins behind the end.
    fileprivate static func noSuchRange(_ length: Int64) -> StatusResponse {
        var status = StatusResponse(
            code: 416, reason: "RequestedRangeNotSatisfiable",
            message: "Range: the log has \(length) bytes, and none of them is in that range")
        status.fields = [HeaderField("Content-Range", "bytes */\(length)")]
        return status
    }
}
