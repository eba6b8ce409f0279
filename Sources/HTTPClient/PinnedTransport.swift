/// A transport's certificates at fixed addresses, where libcurl reads them without copying.
///
/// Used on the curl thread alone. Every transfer keeps a reference until its handle is freed.
@safe final class PinnedTransport {
    let transport: HTTPTransport
    let caCertificates: UnsafeMutableRawBufferPointer?
    let clientCertificate: UnsafeMutableRawBufferPointer?
    let clientKey: UnsafeMutableRawBufferPointer?

    init(_ transport: HTTPTransport) {
        self.transport = transport
        unsafe caCertificates = transport.caCertificates.map { unsafe Self.copy($0) }
        unsafe clientCertificate = transport.clientCertificate.map { unsafe Self.copy($0) }
        unsafe clientKey = transport.clientKey.map { unsafe Self.copy($0) }
    }

    deinit {
        unsafe caCertificates?.deallocate()
        unsafe clientCertificate?.deallocate()
        if let key = unsafe clientKey {
            // A key does not stay in freed memory.
            unsafe key.initializeMemory(as: UInt8.self, repeating: 0)
            unsafe key.deallocate()
        }
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        unsafe copy.copyBytes(from: bytes)
        return unsafe copy
    }
}

/// The transports used last, so that requests with equal transports share one pinned copy.
struct PinnedTransports {
    /// More API servers and webhook targets with certificates of their own than one daemon has;
    /// beyond it the one unused for longest is copied again when it comes back.
    private static let limit = 32
    private var recent: [PinnedTransport] = []

    /// The pinned copy of a transport. Comparing costs nothing for copies of one value.
    mutating func pin(_ transport: HTTPTransport) -> PinnedTransport {
        let pinned: PinnedTransport
        if let position = recent.firstIndex(where: { $0.transport == transport }) {
            if position == 0 { return recent[0] }
            pinned = recent.remove(at: position)
        } else {
            pinned = PinnedTransport(transport)
            if recent.count == Self.limit { recent.removeLast() }
        }
        recent.insert(pinned, at: 0)
        return pinned
    }
}
