import WebServer

// What the server takes from one client and from all, and the certificate that it shows.
extension Settings {
    /// The sizes that a client may send something of.
    private static let sizes = (1 << 10)...(64 << 20)
    /// The times that something may take.
    private static let times: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))

    /// Reads `server` and `tls`; where to listen is read apart.
    static func server(_ reader: inout SettingsReader) -> WebServerSettings {
        var server = WebServerSettings()
        server.maxConnections = reader.integer(
            "server.maxConnections", default: server.maxConnections, in: 16...1_000_000)
        server.maxConnectionsPerAddress = reader.integer(
            "server.maxConnectionsPerAddress", default: server.maxConnectionsPerAddress,
            in: 0...1_000_000)
        server.requestsPerSecond = reader.integer(
            "server.requestsPerSecond", default: server.requestsPerSecond, in: 0...1_000_000)
        server.handshakesPerSecond = reader.integer(
            "server.handshakesPerSecond", default: server.handshakesPerSecond, in: 0...1_000_000)
        server.limitsLoopback = reader.value(
            "server.limitsLoopback", default: server.limitsLoopback, allowed: "true, false",
            Bool.init)
        server.maxStreams = reader.integer(
            "server.maxStreams", default: server.maxStreams, in: 1...10_000)
        for (key, path) in [
            ("maxHeaderBytes", \WebServerSettings.maxHeaderBytes), ("maxBodyBytes", \.maxBodyBytes),
            ("maxMessageBytes", \.maxMessageBytes),
        ] {
            server[keyPath: path] = reader.bytes(
                "server.\(key)", default: server[keyPath: path], in: sizes)
        }
        // Whatever one client may send must fit.
        server.maxBodyBytesInAll = reader.bytes(
            "server.maxBodyBytesInAll",
            default: max(server.maxBodyBytesInAll, server.maxBodyBytes),
            in: server.maxBodyBytes...(64 << 30))
        server.maxAnswerBytesInAll = reader.bytes(
            "server.maxAnswerBytesInAll", default: server.maxAnswerBytesInAll,
            in: (1 << 20)...(64 << 30))
        for (key, path) in [
            ("handshakeTimeout", \WebServerSettings.handshakeTimeout),
            ("headTimeout", \.headTimeout), ("bodyTimeout", \.bodyTimeout),
            ("wholeBodyTimeout", \.wholeBodyTimeout), ("idleTimeout", \.idleTimeout),
            ("stallTimeout", \.stallTimeout),
        ] {
            server[keyPath: path] = reader.duration(
                "server.\(key)", default: server[keyPath: path], in: times)
        }
        server.tls = tls(&reader)
        return server
    }

    /// The certificate, if there is to be one, tried as the server would use it.
    private static func tls(_ reader: inout SettingsReader) -> TLSSettings? {
        let certificateFile = reader.text("tls.certFile")
        let keyFile = reader.text("tls.keyFile")
        guard let certificateFile, let keyFile else {
            if certificateFile != nil || keyFile != nil {
                let missing = keyFile == nil ? "tls.keyFile" : "tls.certFile"
                reader.note(
                    SettingsProblem(
                        key: missing, value: "",
                        reason: "missing: TLS needs a certificate file and its key file"))
            }
            return nil
        }
        let tls = TLSSettings(certificateFile: certificateFile, keyFile: keyFile)
        do {
            _ = try tls.check()  // An expired certificate is reported by who uses it.
        } catch {
            reader.note(SettingsProblem(key: "tls", value: "", reason: error.message))
        }
        return tls
    }
}
