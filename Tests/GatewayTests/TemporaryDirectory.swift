import Foundation

/// A directory that is gone when the test is over.
enum TemporaryDirectory {
    static func with<T>(_ body: (URL) throws -> T) throws -> T {
        let directory = try make()
        defer { remove(directory) }
        return try body(directory)
    }

    static func with<T>(_ body: (URL) async throws -> T) async throws -> T {
        let directory = try make()
        defer { remove(directory) }
        return try await body(directory)
    }

    private static func make() throws -> URL {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "podwire-gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    private static func remove(_ directory: URL) {
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            print("the temporary directory \(directory.path) stays behind: \(error)")
        }
    }
}
