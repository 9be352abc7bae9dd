/// The reference page of the language in Markdown: every object and its keys, from the tables that the decoder uses.
package func renderReference() -> String {
  let objects = allObjects()
  var text = """
    # Reference of the topology language

    This page is printed from the compiler's own tables by `romana-compile schema --format markdown`; a test keeps it
    equal. [language.md](language.md) explains what the parts mean, [diagnostics.md](diagnostics.md) lists all messages,
    and [romana.schema.json](../schema/romana.schema.json) is the same as a JSON Schema.

    ## Values

    | type | form |
    |---|---|

    """
  for (type, form) in valueForms { text += "| \(type) | \(form) |\n" }
  text += """

    Values are read as the text that stands in the file: `no`, `010`, `22:22` and `1e3` never turn into something else.
    Unknown keys, duplicate keys, tags, merge keys (`<<`) and several documents are errors.

    ## Objects


    """
  for object in objects { text += "- [\(object.name)](#\(anchor(object)))\n" }
  for object in objects { text += "\n" + section(object) }
  return text
}

private let valueForms: [(type: String, form: String)] = [
  ("name", "1 to 63 letters, digits, `-`, `_` and `.`; the first a letter or digit, the last no `.`"),
  ("text", "free text of at most 1000 bytes; it reaches no file"),
  ("number", "decimal digits without sign, leading zeros or exponent"),
  ("AS number", "1 to 4294967294; 23456 and 65535 are reserved"),
  ("IPv4 address", "four decimal octets without leading zeros: `172.16.1.1`"),
  ("IPv6 address", "as in RFC 4291 section 2.2: `fd00:16:1::1`"),
  ("prefix", "an address, `/` and a length: `10.0.0.0/9`, `fd00:10::/32`; host bits are zero"),
  ("interface", "1 to 15 letters, digits, `-`, `_` and `.`; the first a letter or digit"),
  ("interface pattern", "an interface, or the beginning of names followed by `+`: `ep+`"),
]

private func section(_ object: ObjectSpec) -> String {
  var text = "## \(object.name)\n\n\(object.summary)\n"
  if !object.oneOf.isEmpty {
    text += "\nExactly one of \(list(object.oneOf)) is there.\n"
  }
  if let first = object.dependencies.first {
    let group = [first.key] + first.needs
    let isMutual = object.dependencies.count == group.count && object.dependencies.allSatisfy { group.contains($0.key) }
    let sentences =
      isMutual
      ? ["All of \(list(group)) are there, or none."]
      : object.dependencies.map { "`\($0.key)` needs \(list($0.needs))." }
    text += "\n\(sentences.joined(separator: " "))\n"
  }
  if object.inheritsSettings {
    text +=
      "\nThe keys of [defaults](#\(anchor(.defaults))) may stand here too; absent ones have the value from further out.\n"
  }
  text += "\n| key | value | default | meaning |\n|---|---|---|---|\n"
  for key in object.keys where !object.isInherited(key) {
    let name = key.isRequired ? "**`\(key.name)`** (required)" : "`\(key.name)`"
    let fallback = key.defaultValue.map { "`\($0)`" } ?? ""
    text += "| \(name) | \(typeText(key.type)) | \(fallback) | \(cell(key.summary)) |\n"
  }
  return text
}

private func typeText(_ type: ValueType) -> String {
  switch type {
  case .name: "name"
  case .text: "text"
  case .asn: "AS number"
  case .interface: "interface"
  case .interfacePattern: "interface pattern"
  case .address(let family): "\(family.map { "\($0.name)" } ?? "IPv4 or IPv6") address"
  case .prefix(let family): "\(family.map { "\($0.name)" } ?? "IPv4 or IPv6") prefix"
  case .integer(let range) where range.lowerBound == range.upperBound: "`\(range.lowerBound)`"
  case .integer(let range) where range.upperBound == Int.max: "number from \(range.lowerBound)"
  case .integer(let range): "number from \(range.lowerBound) to \(range.upperBound)"
  case .choice(let words, let later): choiceText(words, later)
  case .pattern(_, let example): "text such as `\(example)`"
  case .list(let item): "list of \(typeText(item))"
  case .oneOrList(let item): "\(typeText(item)), or a list of them"
  case .object(let spec): "[\(spec.name)](#\(anchor(spec)))"
  case .dictionary(let item): "mapping of names to \(typeText(item))"
  case .either(let first, let second): "\(typeText(first)) or \(typeText(second))"
  }
}

/// The words of a choice; those that are refused for now stand at the end.
private func choiceText(_ words: [String], _ later: [String]) -> String {
  let ready = words.filter { !later.contains($0) }.map { "`\($0)`" }.joined(separator: ", ")
  guard !later.isEmpty else { return ready }
  return "\(ready); not supported yet: \(later.map { "`\($0)`" }.joined(separator: ", "))"
}

/// `a`, `b` and `c`.
private func list(_ names: [String]) -> String {
  let quoted = names.map { "`\($0)`" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
  return quoted.dropLast().joined(separator: ", ") + " and " + last
}

/// The anchor that Markdown renderers give to a heading.
private func anchor(_ object: ObjectSpec) -> String {
  String(object.name.lowercased().map { $0 == " " ? "-" : $0 })
}

/// A text that is safe in a cell of a table.
private func cell(_ text: String) -> String {
  text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
}
