import Testing

@testable import Gateway

@Suite struct AcceptedFormTests {
    private static let table = "application/json;as=Table;v=v1;g=meta.k8s.io"

    @Test(
        arguments: [
            (nil, AcceptedForm.objects), ("", .objects), ("*/*", .objects),
            ("application/json", .objects), ("application/json, */*", .objects),
            ("Application/JSON; charset=utf-8", .objects), ("application/*", .objects),
            ("application/vnd.kubernetes.protobuf,application/json", .objects),
            (table, .table(version: "v1")), ("\(table),application/json", .table(version: "v1")),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", .table(version: "v1beta1")),
            ("\(table);q=0.5,application/json", .objects),
            (
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                .metadata(version: "v1")
            ),
            (
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
                .objects
            ),
            ("text/html, */*;q=0.1", .objects),
        ] as [(String?, AcceptedForm)])
    func `the first form that can be given is given`(accept: String?, form: AcceptedForm) throws {
        #expect(try AcceptedForm(accept) == form)
    }

    @Test(arguments: [
        "application/vnd.kubernetes.protobuf", "text/html", "application/yaml", "json", "*/html",
        "application/json;q=0", "application/json;as=Other;g=x;v=v1", ",",
    ])
    func `a client that takes nothing that can be given is refused`(accept: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try AcceptedForm(accept) }
        #expect(refusal.code == 406)
        #expect(refusal.reason == "NotAcceptable")
        #expect(refusal.message.contains("application/json"))
    }

    @Test func `where there are no tables the next form is given`() throws {
        #expect(
            try AcceptedForm("\(Self.table),application/json", hasTables: false) == .objects)
        #expect(throws: StatusResponse.self) {
            try AcceptedForm(Self.table, hasTables: false)
        }
        #expect(try AcceptedForm("text/plain", types: ["text/plain"]) == .objects)
    }
}
