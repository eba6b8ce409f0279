/// The certificate that a server shows, in two PEM files that may change while it runs.
package struct TLSSettings: Sendable, Equatable {
    /// The server's certificate, and behind it those that lead to its authority.
    package var certificateFile: String
    /// The certificate's private key, without a passphrase.
    package var keyFile: String
    /// How often both files are looked at. 5 s: Kubernetes itself takes a minute to bring a new
    /// Secret into a Pod, and a look costs two `stat` calls.
    package var checkInterval = Duration.seconds(5)

    /// Names the files.
    package init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    /// Reads the files as a server would.
    ///
    /// - Returns: what is wrong with the certificate's time of validity, if anything.
    /// - Throws: where a file cannot be read, is not PEM, or the key is not the certificate's, with
    ///   a message that names the file.
    package func check() throws(WebServerError) -> String? {
        try TLSContext(try TLSFiles(self)).warning
    }
}
