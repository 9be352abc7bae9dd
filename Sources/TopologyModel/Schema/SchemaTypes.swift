/// The description of the language as data: which keys an object has and what each means. The decoder takes its
/// key lists from here; the reference page and the JSON Schema are printed from here, so that none can drift.
package struct ObjectSpec: Sendable {
  package let name: String
  package let summary: String
  package let keys: [KeySpec]

  package init(_ name: String, _ summary: String, _ keys: [KeySpec]) {
    self.name = name
    self.summary = summary
    self.keys = keys
  }

  package func key(_ name: String) -> KeySpec? { keys.first { $0.name == name } }
}

/// One key of an object.
package struct KeySpec: Sendable {
  package let name: String
  package let type: ValueType
  package let isRequired: Bool
  package let summary: String

  package init(_ name: String, _ type: ValueType, required: Bool = false, _ summary: String) {
    self.name = name
    self.type = type
    self.isRequired = required
    self.summary = summary
  }
}

/// The type that a key gives its value.
package indirect enum ValueType: Sendable {
  /// A `Name`.
  case name
  /// Free text on one or more lines; it reaches no emitted file.
  case text
  case integer(ClosedRange<Int>)
  case asn
  case address(AddressFamily?)
  case prefix(AddressFamily?)
  case choice([String])
  case interface
  case interfacePattern
  /// A text in the syntax that the example shows.
  case pattern(example: String)
  case list(ValueType)
  case oneOrList(ValueType)
  case object(ObjectSpec)
  /// An object whose keys are names chosen by the user.
  case dictionary(ValueType)
  case either(ValueType, ValueType)
}
