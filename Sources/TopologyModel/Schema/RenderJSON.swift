/// A JSON value that is printed with its keys in the order in which they were given, so that equal values are equal
/// bytes.
enum JSONValue: Sendable {
  case object([(key: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  case boolean(Bool)

  static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

  /// JSON text (RFC 8259) with two blanks of indentation; lists of single values stand on one line.
  var text: String {
    var text = ""
    write(to: &text, indentation: "")
    return text
  }

  private func write(to text: inout String, indentation: String) {
    let inner = indentation + "  "
    switch self {
    case .string(let value): writeJSONString(value, to: &text)
    case .integer(let value): text += String(value)
    case .boolean(let value): text += value ? "true" : "false"
    case .array(let values) where values.allSatisfy(\.isSingle):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        value.write(to: &text, indentation: inner)
      }
      text += "]"
    case .array(let values):
      for (index, value) in values.enumerated() {
        text += (index == 0 ? "[\n" : ",\n") + inner
        value.write(to: &text, indentation: inner)
      }
      text += "\n\(indentation)]"
    case .object(let members) where members.isEmpty:
      text += "{}"
    case .object(let members):
      for (index, member) in members.enumerated() {
        text += (index == 0 ? "{\n" : ",\n") + inner
        writeJSONString(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, indentation: inner)
      }
      text += "\n\(indentation)}"
    }
  }

  private var isSingle: Bool {
    switch self {
    case .string, .integer, .boolean: true
    case .object, .array: false
    }
  }
}

/// Writes a string with the escapes that RFC 8259 section 7 demands and no others.
private func writeJSONString(_ value: String, to text: inout String) {
  text += "\""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  text += "\""
}
