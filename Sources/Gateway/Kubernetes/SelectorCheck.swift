/// Checks label selectors that are not applied here but sent to an API server.
package enum SelectorCheck {
    /// What is wrong with a selector, in Kubernetes' words; `nil` where nothing is.
    package static func problem(in text: String) -> String? {
        do throws(StatusResponse) {
            _ = try LabelSelector(text)
            return nil
        } catch {
            return error.message
        }
    }
}
