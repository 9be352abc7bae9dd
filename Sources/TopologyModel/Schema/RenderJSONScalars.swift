/// One octet of a strict dotted quad: 0 to 255 without leading zeros.
private let octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
private let ipv4 = #"\#(octet)(\.\#(octet)){3}"#
/// Anything of the characters of an IPv6 address with two colons in it; the compiler checks the rest.
private let ipv6 = "[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
private let ipv4Length = "(3[0-2]|[12]?[0-9])"
private let ipv6Length = "(12[0-8]|1[01][0-9]|[1-9]?[0-9])"

/// The types of single values, under `$defs` of the JSON Schema.
let scalarDefinitions: [(key: String, value: JSONValue)] = [
  (
    "name",
    numberLikeText(
      "1 to 63 letters, digits, '-', '_' and '.', the first a letter or digit, the last no '.'.",
      pattern: "^[0-9A-Za-z]([0-9A-Za-z._-]{0,61}[0-9A-Za-z_-])?$")
  ),
  ("text", numberLikeText("Free text of at most 1000 bytes.", pattern: nil)),
  (
    "interface",
    numberLikeText(
      "The name of a network interface: 1 to 15 letters, digits, '-', '_' and '.', the first a letter or digit.",
      pattern: "^[0-9A-Za-z][0-9A-Za-z._-]{0,14}$")
  ),
  (
    "interface-pattern",
    numberLikeText(
      "The name of a network interface, or the beginning of names followed by '+'; at most 15 characters.",
      pattern: "^(?=.{1,15}$)[0-9A-Za-z][0-9A-Za-z._-]*[+]?$")
  ),
  (
    "asn",
    .object([
      ("description", .string("An AS number, 1 to 4294967294; 23456 and 65535 are reserved.")),
      ("type", .strings(["integer", "string"])), ("pattern", .string("^[1-9][0-9]*$")), ("minimum", .integer(1)),
      ("maximum", .integer(4_294_967_294)),
      ("not", .object([("enum", .array([.integer(23456), .integer(65535)]))])),
    ])
  ),
  ("ipv4-address", addressText("An IPv4 address in dotted quads.", "^\(ipv4)$")),
  ("ipv6-address", addressText("An IPv6 address.", "^\(ipv6)$")),
  ("address", addressText("An IPv4 or IPv6 address.", "^(\(ipv4)|\(ipv6))$")),
  ("ipv4-prefix", addressText("An IPv4 prefix; host bits are zero.", "^\(ipv4)/\(ipv4Length)$")),
  ("ipv6-prefix", addressText("An IPv6 prefix; host bits are zero.", "^\(ipv6)/\(ipv6Length)$")),
  (
    "prefix",
    addressText("An IPv4 or IPv6 prefix; host bits are zero.", "^(\(ipv4)/\(ipv4Length)|\(ipv6)/\(ipv6Length))$")
  ),
]

private func addressText(_ description: String, _ pattern: String) -> JSONValue {
  .object([
    ("description", .string(description)), ("type", .string("string")), ("pattern", .string(pattern)),
  ])
}

/// A text that the compiler takes as it is written, though a YAML reader may make a number or a truth value of it.
private func numberLikeText(_ description: String, pattern: String?) -> JSONValue {
  var members: [(key: String, value: JSONValue)] = [
    ("description", .string(description)), ("type", .strings(["string", "number", "boolean"])),
  ]
  if let pattern {
    members += [("pattern", .string(pattern)), ("minimum", .integer(0))]
  } else {
    members.append(("maxLength", .integer(1000)))
  }
  return .object(members)
}
