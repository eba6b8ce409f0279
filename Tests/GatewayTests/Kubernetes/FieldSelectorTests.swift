import Testing

@testable import Gateway

@Suite struct FieldSelectorTests {
    private static let text = PodText.object(
        spec: #","restartPolicy":"Never","hostNetwork":true,"schedulerName":"s""#,
        phase: "Failed", status: #","podIP":"10.0.0.1""#)

    @Test(arguments: [
        ("", true), ("metadata.name=p", true), ("metadata.name==p", true),
        ("metadata.name!=p", false), ("metadata.namespace=default", true),
        ("spec.nodeName=n1", true), ("spec.nodeName!=n1", false), ("status.phase=Failed", true),
        ("status.phase!=Running,metadata.name=p", true), ("status.phase=Running", false),
        ("spec.restartPolicy=Never", true), ("spec.schedulerName=s", true),
        ("spec.hostNetwork=true", true), ("spec.serviceAccountName=", true),
        ("status.podIP=10.0.0.1", true), ("status.nominatedNodeName=n2", false),
    ])
    func `fields are selected`(text: String, matches: Bool) throws {
        #expect(try FieldSelector(text).matches(PodText.pod(Self.text)) == matches)
    }

    @Test(arguments: [
        ("foo=b", "field label not supported: foo"),
        ("foo", "invalid selector: 'foo'; can't understand 'foo'"),
        ("metadata.name=a,x", "invalid selector: 'metadata.name=a,x'; can't understand 'x'"),
    ])
    func `what is wrong is said in Kubernetes' words`(text: String, message: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try FieldSelector(text) }
        #expect(refusal == .badRequest(message))
    }
}
