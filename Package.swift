// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 mode, explicit imports and existentials, and no warning is left standing.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that own C handles also mark every unsafe expression.
let wrapperSettings = settings + [.strictMemorySafety()]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "podwire",
    products: [
        .executable(name: "podwire", targets: ["podwire"]),
        .executable(name: "podwire-sim", targets: ["podwire-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries, from Debian's packages.
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CWebSockets", pkgConfig: "libwebsockets",
            providers: [.apt(["libwebsockets-dev", "libwebsockets-evlib-uv", "libuv1-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),

        // Values.
        .target(name: "ByteBlocks", swiftSettings: wrapperSettings),
        .target(name: "LogModel", dependencies: ["ByteBlocks"], swiftSettings: wrapperSettings),
        .target(name: "StatusModel", dependencies: ["LogModel"], swiftSettings: settings),

        // Digests, codes and comparisons of secrets.
        .target(name: "Cryptography", dependencies: ["CCrypto"], swiftSettings: wrapperSettings),
        // Work that takes the processor: threads of its own, packing, searching.
        .target(name: "Workers", swiftSettings: wrapperSettings),
        .target(
            name: "Compression", dependencies: ["ByteBlocks", "CZlib"],
            swiftSettings: wrapperSettings),

        .target(
            name: "Search", dependencies: ["ByteBlocks", "CPCRE2", "LogModel"],
            swiftSettings: wrapperSettings),

        // The two wire libraries.
        .target(
            name: "HTTPClient", dependencies: ["CCurl", logging], swiftSettings: wrapperSettings),
        .target(
            name: "WebServer",
            dependencies: ["ByteBlocks", "CNGHTTP2", "CTLS", "CWebSockets", "CZlib", logging],
            swiftSettings: wrapperSettings),

        // The parts of the daemon.
        .target(
            name: "Kubernetes",
            dependencies: [
                "HTTPClient", "LogModel", logging, .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: [
                "ByteBlocks", "CZstd", "LogModel", "Workers", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: wrapperSettings),
        .target(
            name: "Capture",
            dependencies: ["ByteBlocks", "HTTPClient", "Kubernetes", "LogModel", "Store", logging],
            swiftSettings: settings),
        .target(
            name: "StatusFetcher",
            dependencies: ["Kubernetes", "LogModel", "StatusModel", "Store", logging],
            swiftSettings: settings),
        .target(
            name: "Access",
            dependencies: [
                "Cryptography", "HTTPClient", "Kubernetes", "LogModel", logging,
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "Access",
                "ByteBlocks", "Kubernetes", "LogModel", "StatusModel", "Store", "WebServer",
                logging,
                "Compression", "Search", "Workers",
            ],
            swiftSettings: settings),

        .target(
            name: "Webhooks",
            dependencies: ["ByteBlocks", "Cryptography", "HTTPClient", "Store", logging],
            swiftSettings: wrapperSettings),

        .target(
            name: "Retention", dependencies: ["LogModel", "Store", logging],
            swiftSettings: settings),

        // A cluster to test on and to play with.
        .target(
            name: "SimulatedCluster",
            dependencies: ["ByteBlocks", "LogModel", "WebServer", logging],
            swiftSettings: settings),

        // The programs.
        .executableTarget(
            name: "podwire",
            dependencies: [
                "Access",
                "Capture", "Gateway", "HTTPClient", "Kubernetes", "LogModel", "Retention",
                "StatusFetcher", "Store",
                "WebServer", "Webhooks", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "podwire-sim",
            dependencies: [
                "LogModel", "SimulatedCluster", "WebServer", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // What several test targets share.
        .target(name: "ScriptedHTTP", path: "Tests/ScriptedHTTP", swiftSettings: settings),
        .target(name: "RandomNumbers", path: "Tests/RandomNumbers", swiftSettings: settings),
        .target(name: "SystemTools", path: "Tests/SystemTools", swiftSettings: settings),

        .testTarget(
            name: "LogModelTests", dependencies: ["LogModel", "ByteBlocks"], swiftSettings: settings
        ),
        .testTarget(
            name: "WorkersTests", dependencies: ["Workers"], swiftSettings: settings),
        .testTarget(
            name: "CompressionTests", dependencies: ["ByteBlocks", "Compression", "CZlib"],
            swiftSettings: settings),
        .testTarget(
            name: "SearchTests",
            dependencies: ["ByteBlocks", "LogModel", "RandomNumbers", "Search"],
            swiftSettings: settings),
        .testTarget(
            name: "StatusModelTests", dependencies: ["LogModel", "StatusModel"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPClientTests", dependencies: ["HTTPClient", logging], swiftSettings: settings),
        .testTarget(
            name: "WebServerTests", dependencies: ["WebServer", "ByteBlocks", "SystemTools"],
            swiftSettings: settings),
        .testTarget(
            name: "KubernetesTests",
            dependencies: ["Kubernetes", "HTTPClient", "LogModel", "ScriptedHTTP", logging],
            swiftSettings: settings),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "ByteBlocks", "LogModel", "RandomNumbers", "Store", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CaptureTests",
            dependencies: [
                "ByteBlocks", "Capture", "HTTPClient", "Kubernetes", "LogModel", "ScriptedHTTP",
                "Store", logging,
            ],
            exclude: ["CASES.md"], swiftSettings: settings),
        .testTarget(
            name: "StatusFetcherTests",
            dependencies: [
                "HTTPClient", "Kubernetes", "LogModel", "ScriptedHTTP", "StatusFetcher",
                "StatusModel", "Store", logging,
            ],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Access", "HTTPClient", "Kubernetes", "SimulatedCluster",
                "ByteBlocks", "Gateway", "LogModel", "RandomNumbers", "StatusFetcher",
                "StatusModel", "Store", "SystemTools", "WebServer", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AccessTests",
            dependencies: [
                "Access", "Cryptography", "HTTPClient", "Kubernetes", "LogModel", "ScriptedHTTP",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "ByteBlocks", "Cryptography", "HTTPClient", "LogModel", "ScriptedHTTP", "Store",
                "Webhooks", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RetentionTests",
            dependencies: ["ByteBlocks", "LogModel", "Retention", "Store", logging],
            swiftSettings: settings),
        .testTarget(
            name: "PodwireTests",
            dependencies: [
                "podwire", "Gateway", "StatusFetcher", "Store", "WebServer", "Webhooks",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SimulatedClusterTests",
            dependencies: [
                "ByteBlocks", "LogModel", "SimulatedCluster", "SystemTools", "WebServer", logging,
            ],
            swiftSettings: settings),
    ]
)

// Fuzzing needs the whole package built with libFuzzer's instrumentation: `make fuzz` asks for it.
if Context.environment["PODWIRE_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "podwire-fuzz",
            dependencies: [
                "Access", "ByteBlocks", "CLibFuzzer", "Capture", "Gateway", "HTTPClient",
                "Kubernetes",
                "LogModel", "Search", "StatusFetcher", "StatusModel", "Store", "WebServer", logging,
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: settings),
    ]
}
