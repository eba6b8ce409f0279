import Foundation

/// One parser of bytes from elsewhere, and what must hold whatever they are.
struct FuzzTarget: Sendable {
    /// Names it on the command line, and its folder of seeds.
    let name: String
    /// What is claimed besides that nothing crashes, hangs or takes memory without bound.
    let promise: String
    /// Takes one input.
    let run: @Sendable ([UInt8]) -> Void

    /// Every target.
    static let all: [FuzzTarget] = [
        .requestHead, .requestTarget, .requestBody, .http2, .webSocket, .bodies, .watch,
        .deflate, .download, .search, .socketMessages, .kubernetes,
        .kubeconfig, .staticUsers,
        .logLines, .longLines,
        .outputs, .resume, .follower, .chunks,
    ]
}

/// Ends the process, with what was found, unless `holds`: libFuzzer keeps the input.
func claim(_ holds: Bool, _ what: @autoclosure () -> String) {
    guard !holds else { return }
    FileHandle.standardError.write(Data("a claim does not hold: \(what())\n".utf8))
    abort()
}
