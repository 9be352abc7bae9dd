/// A node of a YAML document. Scalars are texts; the schema gives them a type.
package struct YAMLNode: Sendable {
  package enum Content: Sendable {
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
  }
  package var content: Content
  package var range: SourceRange

  /// Whether the node says that there is nothing (YAML 1.1, null).
  package var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  package var kindName: StaticString {
    switch content {
    case .scalar("", isPlain: true): "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key and its value; keys are unique in their mapping.
package struct YAMLEntry: Sendable {
  package var key: String
  package var keyRange: SourceRange
  package var value: YAMLNode
}
