import Foundation
import SystemTools
import WebServer

/// A certificate of its own for `localhost`, with its key, in a folder of its own.
///
/// The folder is laid out as a mounted Kubernetes Secret: the two names are links into `..data`,
/// itself a link to the folder of the present version, and a new version swaps that one link.
final class TestIdentity: Sendable {
    let folder: URL

    init(_ name: String = "first") throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("identity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["tls.crt", "tls.key"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent(name).path,
                withDestinationPath: "..data/\(name)")
        }
        try replace(name)
    }

    deinit {
        // A folder that stays is the system's to clear.
        try? FileManager.default.removeItem(at: folder)
    }

    var certificate: String { folder.appendingPathComponent("tls.crt").path }
    var key: String { folder.appendingPathComponent("tls.key").path }

    /// The settings that serve it, and look at it often.
    var settings: TLSSettings {
        var settings = TLSSettings(certificateFile: certificate, keyFile: key)
        settings.checkInterval = .milliseconds(20)
        return settings
    }

    /// Puts a new certificate of this organization in the place of the old one.
    func replace(_ name: String) throws {
        try swap { version in
            let made = try Tool.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/O=\(name)/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", version.appendingPathComponent("tls.key").path,
                    "-out", version.appendingPathComponent("tls.crt").path,
                ])
            guard made.status == 0 else { throw Failure(message: made.complaint) }
        }
    }

    /// Puts the same certificate in the place of itself, but as if it had ended yesterday.
    func expire() throws {
        let made = try Tool.run(
            "/usr/bin/openssl", ["x509", "-in", certificate, "-signkey", key, "-days", "-1"])
        guard made.status == 0 else { throw Failure(message: made.complaint) }
        try replace(certificate: made.text, key: String(contentsOfFile: key, encoding: .utf8))
    }

    /// Puts these texts in the place of certificate and key.
    func replace(certificate: String, key: String) throws {
        try swap { version in
            try Data(certificate.utf8).write(to: version.appendingPathComponent("tls.crt"))
            try Data(key.utf8).write(to: version.appendingPathComponent("tls.key"))
        }
    }

    private func swap(_ fill: (URL) throws -> Void) throws {
        let version = folder.appendingPathComponent("..\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: version, withIntermediateDirectories: true)
        try fill(version)
        let link = folder.appendingPathComponent("..data_tmp").path
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: version.lastPathComponent)
        guard rename(link, folder.appendingPathComponent("..data").path) == 0 else {
            throw Failure(message: "the link could not be swapped: \(errno)")
        }
    }

    struct Failure: Error {
        let message: String
    }
}
