import CCurl

extension EasyOptions {
    /// Sets URL, method, fields and body.
    ///
    /// - Parameters:
    ///   - request: what to ask.
    ///   - fields: gets the header fields; must outlive the handle.
    ///   - connectTo: gets the way to the server under another name; must outlive the handle.
    /// - Throws: `badRequest` for what cannot be sent.
    mutating func apply(
        _ request: HTTPRequest, fields: inout CurlList, connectTo: inout CurlList
    ) throws(HTTPClientError) {
        guard let url = RequestURL(request.url) else {
            throw badRequest("the URL is not an absolute http or https URL")
        }
        var lines = try Self.lines(of: request.fields, or: badRequest)
        if let name = request.transport.serverName, url.isSecure {
            set(CURLOPT_URL, url.at(host: name))
            try append(url.connectTo(from: name), to: &connectTo)
            unsafe set(CURLOPT_CONNECT_TO, pointer: connectTo.head)
            if !request.has("host") { lines.append("Host: \(url.authority)") }
        } else {
            set(CURLOPT_URL, request.url)
        }
        applyConnection(request, isSecure: url.isSecure)
        try applyMethod(request)
        // No waiting for "100 Continue", and no content type that the caller has not named.
        lines.append("Expect:")
        if !request.has("content-type") { lines.append("Content-Type:") }
        for line in lines { try append(line, to: &fields) }
        unsafe set(CURLOPT_HTTPHEADER, pointer: fields.head)
    }

    private mutating func applyConnection(_ request: HTTPRequest, isSecure: Bool) {
        set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.timeouts.connect))
        if request.ownConnection {
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        } else if isSecure {
            // Rather wait for a connection that is being opened than open one more.
            set(CURLOPT_PIPEWAIT, 1)
        }
        if request.followRedirects {
            set(CURLOPT_FOLLOWLOCATION, 1)
            set(CURLOPT_MAXREDIRS, 10)
        }
    }

    private mutating func applyMethod(_ request: HTTPRequest) throws(HTTPClientError) {
        let method = request.method
        switch method {
        case .get, .head:
            guard request.body == nil else {
                throw badRequest("a \(method.rawValue) request has no body")
            }
            set(method == .get ? CURLOPT_HTTPGET : CURLOPT_NOBODY, 1)
        case .delete where request.body == nil:
            set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        case .post, .put, .patch, .delete:
            set(CURLOPT_POST, 1)
            setBody(request.body ?? [])
            if method != .post { set(CURLOPT_CUSTOMREQUEST, method.rawValue) }
        }
    }

    private mutating func append(
        _ line: String, to list: inout CurlList
    ) throws(HTTPClientError) {
        guard list.append(line) else {
            throw HTTPClientError(operation: operation, code: .other, message: "out of memory")
        }
    }

    private func badRequest(_ message: String) -> HTTPClientError {
        HTTPClientError(operation: operation, code: .badRequest, message: message)
    }

    /// Fields as libcurl takes them: a field without value is written with a semicolon.
    private static func lines(
        of fields: [HTTPField], or badRequest: (String) -> HTTPClientError
    ) throws(HTTPClientError) -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(fields.count + 3)
        for field in fields {
            let nameIsGood = !field.name.isEmpty && field.name.utf8.allSatisfy(isTokenByte)
            // The value may be a secret, so it is not in the message.
            guard nameIsGood, field.value.utf8.allSatisfy({ $0 != 0 && $0 != 10 && $0 != 13 })
            else { throw badRequest("header field \"\(field.name)\" cannot be sent") }
            let isBlank = field.value.utf8.allSatisfy { $0 == 32 || $0 == 9 }
            lines.append(isBlank ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return lines
    }

    /// RFC 9110, "token".
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// For libcurl, where 0 would mean its default of 300 s.
    private static func milliseconds(_ duration: Duration) -> Int {
        let limited = min(max(duration, .milliseconds(1)), .seconds(86_400))
        let (seconds, attoseconds) = limited.components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

extension HTTPRequest {
    fileprivate func has(_ name: String) -> Bool {
        fields.contains { $0.name.lowercased() == name }
    }
}
