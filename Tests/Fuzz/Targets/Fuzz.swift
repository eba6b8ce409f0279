import CLibFuzzer

/// `podwire-fuzz TARGET [libFuzzer's options and folders]`: hands libFuzzer's inputs to one target.
///
/// Without a target that it knows it lists those that there are.
@main
enum Fuzz {
    /// The target of this process.
    fileprivate static let target = FuzzTarget.all.first { target in
        target.name == CommandLine.arguments.dropFirst().first
    }

    static func main() {
        guard let target else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        // libFuzzer would take the target's name for a folder, so it stands for the program's.
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            CommandLine.unsafeArgv + 1
        var count = CommandLine.argc - 1
        print("fuzzing \(target.name): \(target.promise)")
        let code = LLVMFuzzerRunDriver(&count, &arguments, takeInput)
        print("libFuzzer ended with \(code)")
    }
}

/// One input. libFuzzer's own `main`, which is linked and not used, wants it by this name.
@c(LLVMFuzzerTestOneInput)
func takeInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Fuzz.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
