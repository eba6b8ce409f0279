import SimulatedCluster
import Testing

struct SelectorTests {
    private static let labels = ["app": "etl", "stage": "load", "podwire.dev/job": "a.b"]

    @Test(arguments: [
        ("", true), ("app=etl", true), ("app==etl", true), ("app=x", false), ("app!=x", true),
        ("app!=etl", false), ("none!=x", true), ("app in (x, etl)", true), ("app in (x)", false),
        ("app notin (x,y)", true), ("none notin (x)", true), ("app notin (etl)", false),
        ("app", true), ("none", false), ("!none", true), ("!app", false),
        ("app=etl,stage in (load),!none", true), ("app=etl,stage=extract", false),
        ("podwire.dev/job=a.b", true),
    ])
    func `label selectors are read as Kubernetes does`(text: String, matches: Bool) throws {
        #expect(try LabelSelector(text).matches(Self.labels) == matches)
    }

    @Test(arguments: ["app in x", "=x", "app=(", "a b", "app near (x)"])
    func `a label selector that cannot be read is refused`(text: String) {
        let error = #expect(throws: StatusError.self) { _ = try LabelSelector(text) }
        #expect(error?.code == 400)
    }

    @Test func `an unknown field is refused`() {
        let error = #expect(throws: StatusError.self) { _ = try FieldSelector("spec.image=a") }
        #expect(error?.message == "field label not supported: spec.image")
    }
}
