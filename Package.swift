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
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // Values.
        .target(name: "ByteBlocks", swiftSettings: wrapperSettings),
        .target(name: "LogModel", dependencies: ["ByteBlocks"], swiftSettings: wrapperSettings),
        .target(name: "StatusModel", dependencies: ["LogModel"], swiftSettings: settings),

        // The two wire libraries.
        .target(
            name: "HTTPClient", dependencies: ["CCurl", logging], swiftSettings: wrapperSettings),
        .target(
            name: "WebServer", dependencies: ["ByteBlocks", "CWebSockets", logging],
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
                "ByteBlocks", "CZstd", "LogModel", logging,
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
            name: "Gateway",
            dependencies: [
                "ByteBlocks", "LogModel", "StatusModel", "Store", "WebServer", logging,
            ],
            swiftSettings: settings),

        .target(
            name: "Webhooks",
            dependencies: ["ByteBlocks", "CCrypto", "HTTPClient", "Store", logging],
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

        .testTarget(
            name: "LogModelTests", dependencies: ["LogModel", "ByteBlocks"], swiftSettings: settings
        ),
        .testTarget(
            name: "StatusModelTests", dependencies: ["LogModel", "StatusModel"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPClientTests", dependencies: ["HTTPClient", logging], swiftSettings: settings),
        .testTarget(
            name: "WebServerTests", dependencies: ["WebServer", "ByteBlocks"],
            swiftSettings: settings),
        .testTarget(
            name: "KubernetesTests",
            dependencies: ["Kubernetes", "HTTPClient", "LogModel", "ScriptedHTTP", logging],
            swiftSettings: settings),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "ByteBlocks", "LogModel", "Store", logging,
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
                "Kubernetes", "LogModel", "StatusFetcher", "StatusModel", "Store", logging,
            ],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "ByteBlocks", "Gateway", "LogModel", "StatusFetcher", "StatusModel", "Store",
                "WebServer", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "ByteBlocks", "HTTPClient", "LogModel", "ScriptedHTTP", "Store", "Webhooks",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RetentionTests",
            dependencies: ["ByteBlocks", "LogModel", "Retention", "Store", logging],
            swiftSettings: settings),
        .testTarget(
            name: "PodwireTests", dependencies: ["podwire", "StatusFetcher", "Store", "Webhooks"],
            swiftSettings: settings),
        .testTarget(
            name: "SimulatedClusterTests",
            dependencies: ["ByteBlocks", "LogModel", "SimulatedCluster", "WebServer", logging],
            swiftSettings: settings),
    ]
)
