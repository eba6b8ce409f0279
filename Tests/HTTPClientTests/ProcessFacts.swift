import Glibc

/// Bytes of this process in memory.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let words = line.prefix { $0 != 0 }.split(separator: 32)
    let pages = words.count > 1 ? words[1].map { Character(UnicodeScalar(UInt8($0))) } : []
    return (Int(String(pages)) ?? 0) * Int(getpagesize())
}

/// Whether a sanitizer is at work, which keeps memory of its own: freed blocks, to find their late
/// use, or what each thread did last. What is resident then says little about ours.
let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// Descriptors that this process has open.
func openDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

/// Threads of this process.
func threads() -> Int {
    guard let directory = opendir("/proc/self/task") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count - 2
}

/// Processor time of the threads of that name, in clock ticks of 10 ms.
func threadTime(named name: String) -> Int {
    guard let directory = opendir("/proc/self/task") else { return 0 }
    defer { closedir(directory) }
    var ticks = 0
    while let entry = readdir(directory) {
        let id = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let file = fopen("/proc/self/task/\(id)/stat", "r") else { continue }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        guard fgets(&line, 1_024, file) != nil else { continue }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        guard text.contains("(\(name))"), let tail = text.split(separator: ")").last else {
            continue
        }
        let words = tail.split(separator: " ")
        ticks += (Int(words[11]) ?? 0) + (Int(words[12]) ?? 0)
    }
    return ticks
}
