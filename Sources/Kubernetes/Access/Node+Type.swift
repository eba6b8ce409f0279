import Yams

/// The types that YAML's own rules give to a value.
enum YAMLType: String {
    case bool, int, float, null, str, map, seq, other
}

extension Node {
    /// The value's type, from its tag or its looks.
    var type: YAMLType {
        let prefix = "tag:yaml.org,2002:"
        let tag = tag.description
        return tag.hasPrefix(prefix)
            ? YAMLType(rawValue: String(tag.dropFirst(prefix.count))) ?? .other : .other
    }
}
