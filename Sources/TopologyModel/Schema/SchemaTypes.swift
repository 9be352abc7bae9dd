/// The description of the language as data: which keys an object has and what each means. The decoder takes its
/// key lists from here; the reference page and the JSON Schema are printed from here, so that none can drift.
package struct ObjectSpec: Sendable {
  package let name: String
  /// The object as it stands after "in" in a message: "an endpoint", "`bits`".
  package let phrase: String
  package let summary: String
  package let keys: [KeySpec]
  /// Exactly one of these keys is there; empty if there is no such choice.
  package let oneOf: [String]
  /// Keys that need others beside them.
  package let dependencies: [(key: String, needs: [String])]

  package init(
    _ name: String, phrase: String, _ summary: String, oneOf: [String] = [],
    dependencies: [(key: String, needs: [String])] = [], _ keys: [KeySpec]
  ) {
    self.name = name
    self.phrase = phrase
    self.summary = summary
    self.keys = keys
    self.oneOf = oneOf
    self.dependencies = dependencies
  }

  package func key(_ name: String) -> KeySpec? { keys.first { $0.name == name } }
}

/// One key of an object.
package struct KeySpec: Sendable {
  package let name: String
  package let type: ValueType
  package let isRequired: Bool
  /// What an absent key means, if that is a value that could be written; nil otherwise.
  package let defaultValue: String?
  package let summary: String

  package init(
    _ name: String, _ type: ValueType, required: Bool = false, default defaultValue: String? = nil,
    _ summary: String
  ) {
    self.name = name
    self.type = type
    self.isRequired = required
    self.defaultValue = defaultValue
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
  /// One of some words; those of `later` are refused as not supported yet.
  case choice([String], later: [String] = [])
  case interface
  case interfacePattern
  /// A text in a syntax of its own; the expression (ECMA 262) may admit more than the compiler does.
  case pattern(_ expression: String, example: String)
  case list(ValueType)
  case oneOrList(ValueType)
  case object(ObjectSpec)
  /// An object whose keys are names chosen by the user.
  case dictionary(ValueType)
  case either(ValueType, ValueType)
}
