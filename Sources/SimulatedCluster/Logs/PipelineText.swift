/// Lines as the jobs of a data pipeline print them.
enum PipelineText {
    private static let tables = ["orders", "customers", "payments", "events", "inventory"]
    private static let regions = ["eu-west", "us-east", "ap-south"]

    /// Line `n` of the instance with this seed, without a newline.
    static func line(_ n: Int, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed &+ UInt64(n) &* 0xD1B5_4A32_D192_ED03)
        let table = pick(tables, &random)
        let part = random.next() % 512
        let rows = 1_000 + random.next() % 90_000
        let milliseconds = 3 + random.next() % 900
        let worker = random.next() % 8
        switch random.next() % 16 {
        case 0:
            return
                "WARN  slow read of \(table) part=\(part) took=\(milliseconds + 1_000)ms, retrying"
        case 1:
            return "DEBUG cache miss key=\(table)/\(part) region=\(pick(regions, &random))"
        case 2, 3:
            return "INFO  checkpoint \(n) written bytes=\(rows * 118) took=\(milliseconds)ms"
        case 4:
            return "INFO  progress \(table) \(part * 100 / 512)% (\(part)/512 parts)"
        case 5, 6, 7:
            return "INFO  merged \(table) part=\(part) rows=\(rows) worker=\(worker)"
        case 8:
            return #"{"level":"info","msg":"batch accepted","table":"\#(table)","rows":\#(rows)}"#
        default:
            return "INFO  read \(table) part=\(part) rows=\(rows) took=\(milliseconds)ms"
        }
    }

    private static func pick(_ choices: [String], _ random: inout SeededRandom) -> String {
        choices[Int(random.next() % UInt64(choices.count))]
    }
}
