import Capture
import Gateway
import HTTPClient
import StatusFetcher
import Store
import WebServer

// The settings of each part of the daemon.
extension Settings {
    /// The watched scopes: each namespace, or all as one.
    var scopes: [String?] { namespaces.isEmpty ? [nil] : namespaces }

    var mapping: JobMapping { JobMapping(extra: keyRules, ignoring: ignoredContainers) }

    /// A quarter of what readers have in memory: frames that are made of several recent batches.
    var frameBytes: Int { recentBytes / 4 }

    var store: StoreSettings {
        var store = StoreSettings()
        store.queueBytes = queueBytes
        store.recentBytes = recentBytes - frameBytes
        return store
    }

    var httpClient: HTTPClientSettings {
        var client = HTTPClientSettings()
        client.streamsPerConnection = streamsPerConnection
        // A follow may need a connection of its own (HTTP/1.1). Beyond the limit libcurl looks
        // through all of them for one to close, at each end of a transfer.
        client.maxConnections = max(client.maxConnections, maxFollows + 1_024)
        return client
    }

    var dispatcher: DispatcherSettings {
        var dispatcher = DispatcherSettings()
        dispatcher.follows = maxFollows
        dispatcher.followsPerNode = maxFollowsPerNode
        dispatcher.startsPerSecond = startsPerSecond
        dispatcher.follower.recycleAfter = recycleAfter
        dispatcher.follower.giveUpAfter = giveUpAfter
        return dispatcher
    }

    var webServer: WebServerSettings {
        var server = server
        server.address = listen.host
        server.port = listen.port
        server.stallClose = (CloseCode.slow.rawValue, "the reader accepted nothing for too long")
        server.errorBody = StatusResponse.serverError
        server.errorFields = SecurityHeaders.fields
        return server
    }
}
