/// The JSON Schema (draft 2020-12) of a topology file and of an included one, for editors and other tools.
///
/// The schema never refuses what the compiler accepts: where the compiler reads a text, a name that a YAML reader
/// takes for a number or a truth value (`name: 42`, `name: no`) passes too; only the word `null` needs quotes, or an
/// empty value would pass. The compiler checks more than a schema can say, so what passes here may still be wrong.
package func renderJSONSchema() -> String {
  let objects = allObjects()
  let topology = objects[0]
  var members: [(key: String, value: JSONValue)] = [
    ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
    ("title", .string("romana-compile topology")),
  ]
  members += objectMembers(topology)
  let definitions = objects.dropFirst().map { (key: definitionName($0), value: JSONValue.object(objectMembers($0))) }
  members.append(("$defs", .object((definitions + scalarDefinitions).sorted { $0.key < $1.key })))
  return JSONValue.object(members).text + "\n"
}

/// The topology and every object that it leads to, each once and before what stands in it.
func allObjects() -> [ObjectSpec] {
  var found: [ObjectSpec] = []
  func visit(_ object: ObjectSpec) {
    guard !found.contains(where: { $0.name == object.name }) else { return }
    found.append(object)
    for key in object.keys { key.type.objects.forEach(visit) }
  }
  visit(.topology)
  return found
}

extension ObjectSpec {
  /// Whether the object inherits the settings of `defaults`, so that an absent one has the value from further out.
  var inheritsSettings: Bool { name != ObjectSpec.defaults.name && key(ObjectSpec.settingKeys[0].name) != nil }

  /// Whether an absent key has the value of the outer object.
  func isInherited(_ key: KeySpec) -> Bool {
    inheritsSettings && ObjectSpec.settingKeys.contains { $0.name == key.name }
  }
}

extension ValueType {
  /// The objects that a value of this type may be or contain.
  fileprivate var objects: [ObjectSpec] {
    switch self {
    case .object(let spec): [spec]
    case .list(let item), .oneOrList(let item), .dictionary(let item): item.objects
    case .either(let first, let second): first.objects + second.objects
    default: []
    }
  }
}

private func objectMembers(_ spec: ObjectSpec) -> [(key: String, value: JSONValue)] {
  var members: [(key: String, value: JSONValue)] = [
    ("description", .string(spec.summary)), ("type", .string("object")),
    ("additionalProperties", .boolean(false)),
  ]
  let required = spec.keys.filter(\.isRequired).map(\.name)
  if !required.isEmpty { members.append(("required", .strings(required))) }
  if !spec.oneOf.isEmpty {
    members.append(("oneOf", .array(spec.oneOf.map { .object([("required", .strings([$0]))]) })))
  }
  if !spec.dependencies.isEmpty {
    members.append(("dependentRequired", .object(spec.dependencies.map { ($0.key, .strings($0.needs)) })))
  }
  members.append(("properties", .object(spec.keys.map { ($0.name, propertySchema($0, in: spec)) })))
  return members
}

private func propertySchema(_ key: KeySpec, in spec: ObjectSpec) -> JSONValue {
  var members: [(key: String, value: JSONValue)] = [("description", .string(key.summary))]
  members += typeMembers(key.type)
  if let value = key.defaultValue, !spec.isInherited(key) {
    members.append(("default", defaultSchema(value, key.type)))
  }
  return .object(members)
}

private func defaultSchema(_ value: String, _ type: ValueType) -> JSONValue {
  if case .integer = type, let number = Int(value) { return .integer(number) }
  return .string(value)
}

private func typeMembers(_ type: ValueType) -> [(key: String, value: JSONValue)] {
  switch type {
  case .name: reference("name")
  case .text: reference("text")
  case .asn: reference("asn")
  case .interface: reference("interface")
  case .interfacePattern: reference("interface-pattern")
  case .address(let family): reference(definitionName("address", family))
  case .prefix(let family): reference(definitionName("prefix", family))
  case .object(let spec): reference(definitionName(spec))
  case .integer(let range): integerMembers(range)
  case .choice(let words, _): [("enum", .array(words.flatMap(choiceValues)))]
  case .pattern(let expression, let example):
    [("type", .string("string")), ("pattern", .string(expression)), ("examples", .strings([example]))]
  case .list(let item): [("type", .string("array")), ("items", .object(typeMembers(item)))]
  case .oneOrList(let item):
    [("anyOf", .array([.object(typeMembers(item)), .object(typeMembers(.list(item)))]))]
  case .either(let first, let second):
    [("anyOf", .array([.object(typeMembers(first)), .object(typeMembers(second))]))]
  case .dictionary(let item):
    [
      ("type", .string("object")), ("propertyNames", .object(reference("name"))),
      ("additionalProperties", .object(typeMembers(item))),
    ]
  }
}

private func reference(_ name: String) -> [(key: String, value: JSONValue)] {
  [("$ref", .string("#/$defs/\(name)"))]
}

/// A number may be quoted. `maximum` is left out where it would not survive a reader that counts in doubles.
private func integerMembers(_ range: ClosedRange<Int>) -> [(key: String, value: JSONValue)] {
  if range.lowerBound == range.upperBound {
    return [("enum", .array([.integer(range.lowerBound), .string(String(range.lowerBound))]))]
  }
  var members: [(key: String, value: JSONValue)] = [
    ("type", .strings(["integer", "string"])), ("pattern", .string("^(0|[1-9][0-9]*)$")),
    ("minimum", .integer(range.lowerBound)),
  ]
  if range.upperBound < 1 << 53 { members.append(("maximum", .integer(range.upperBound))) }
  return members
}

/// A word, and the truth value that a YAML reader may take it for.
private func choiceValues(_ word: String) -> [JSONValue] {
  switch word {
  case "true": [.string(word), .boolean(true)]
  case "false": [.string(word), .boolean(false)]
  default: [.string(word)]
  }
}

/// The name of an object under `$defs`: its own, with `-` for blanks.
private func definitionName(_ spec: ObjectSpec) -> String {
  String(spec.name.lowercased().map { $0 == " " ? "-" : $0 })
}

private func definitionName(_ kind: String, _ family: AddressFamily?) -> String {
  switch family {
  case .ipv4: "ipv4-\(kind)"
  case .ipv6: "ipv6-\(kind)"
  case nil: kind
  }
}
