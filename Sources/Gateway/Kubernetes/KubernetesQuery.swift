/// Numbers, flags and versions of a query as Kubernetes reads them, and refuses them.
extension QueryParameters {
    /// A whole number.
    func number(_ name: String) throws(StatusResponse) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let number = Int64(text) else {
            let isNumber = text.drop { $0 == "-" || $0 == "+" }.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
            let problem = isNumber && text.count > 1 ? "value out of range" : "invalid syntax"
            throw .badRequest("strconv.ParseInt: parsing \"\(text)\": \(problem)")
        }
        return number
    }

    /// A version that was given to the client; none and `0` say that any will do.
    func version(_ name: String) throws(StatusResponse) -> Int64? {
        guard let text = filter(name) else { return nil }
        guard let version = UInt64(text) else {
            throw .badRequest(
                "\(name): Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": "
                    + "invalid syntax")
        }
        return version == 0 ? nil : Int64(clamping: version)
    }
}

extension StatusResponse {
    /// 410: what the client wants to go on from is forgotten, or was never given: it lists anew.
    static func expiredVersion(_ message: String) -> StatusResponse {
        StatusResponse(code: 410, reason: "Expired", message: message)
    }

    /// 404: there is nothing of this kind, in Kubernetes' words.
    static let noSuchResource = StatusResponse(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource",
        details: Details())

    /// 405: what is read here is not changed here, in Kubernetes' words.
    static let methodNotSupported = StatusResponse(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: Details(), allow: "GET, HEAD")
}
