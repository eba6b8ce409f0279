import CCurl

/// A list of strings for libcurl, which copies the strings but not the list: it must outlive the
/// easy handle that was given it.
@safe struct CurlList: ~Copyable {
    /// What libcurl is given; nil while the list is empty.
    private(set) var head: UnsafeMutablePointer<curl_slist>?

    init() {
        unsafe head = nil
    }

    deinit {
        unsafe curl_slist_free_all(head)
    }

    /// Adds a string.
    ///
    /// - Returns: false when there is no memory; the list is then as before.
    mutating func append(_ text: String) -> Bool {
        guard let longer = unsafe curl_slist_append(head, text) else { return false }
        unsafe head = longer
        return true
    }
}
