/// RC0201 to RC0218: keys and the form of their values.
let valueExplanations: [DiagnosticCode: String] = [
  .unknownKey: """
  The object has no key of this name.
  A misspelt key that was ignored would leave a setting at its default without a word. Merge keys
  (`<<`) are not part of the language either.

      wrong: defaults: { protocl: static }
      right: defaults: { protocol: static }

  Follow the suggestion, or check the indentation: the key may belong one level up or down.
  """,
  .missingKey: """
  A key that the object needs is not there.
  Some keys have no default, because every choice would be a guess: names, prefixes, loopbacks,
  segments.

      wrong: tors: [{ name: tor1 }]
      right: tors: [{ name: tor1, loopback: 192.0.2.1 }]

  Add the key; the help line says what it is for.
  """,
  .wrongKind: """
  The value has another form than the key takes: a list instead of a single value, nothing instead of a mapping.
  An empty value is never taken for an empty list or text.

      wrong: tenants: acme
      right: tenants: [{ name: acme, segments: [web] }]

  Write the value in the form that the message expects; for an empty list write `[]` or leave the key
  out.
  """,
  .invalidChoice: """
  The key takes one of a few words, and this is none of them.
  Words are written in lower case, as the message lists them.

      wrong: isolation: segments
      right: isolation: segment

  Choose one of the words in the message.
  """,
  .invalidNumber: """
  The value is not a whole number, or it is out of range.
  Numbers are decimal digits without sign, leading zeros or exponent: YAML readers take `010` for 8
  and `1e3` for 1000, the compiler takes neither.

      wrong: { name: h8, id: 010 }
      right: { name: h8, id: 10 }

  Write a number in the range that the message gives.
  """,
  .invalidName: """
  The text can't be a name.
  Names become file names, words of shell scripts, and comments and identifiers in device
  configurations, so only characters that are harmless in all of them are allowed.

      wrong: name: "rack 1"
      right: name: rack-1

  Use 1 to 63 letters, digits, '-', '_' and '.'; the first is a letter or digit, the last is not a
  '.'.
  """,
  .invalidAddress: """
  The text is not an IPv4 or IPv6 address.
  IPv4 is four decimal octets; a leading zero is refused because iptables, nft and ip read `010` as 8.
  IPv6 is the text of RFC 4291 section 2.2. An address has no prefix length.

      wrong: loopback: 192.0.2.01
      right: loopback: 192.0.2.1

  Correct the address.
  """,
  .invalidPrefix: """
  The text is not a prefix, or its host bits are not zero.
  `10.0.0.1/8` may be meant as an address or as 10.0.0.0/8; tools disagree on it, so neither is
  guessed. A ToR-spine link takes exactly a /31 or a /127.

      wrong: cidr: 10.0.0.1/8
      right: cidr: 10.0.0.0/8

  Write the prefix that the help line offers, or add the missing length.
  """,
  .invalidInterface: """
  The text is not the name of a network interface, or there are too many names.
  Linux limits names to 15 characters; the characters allowed here are harmless in every file that
  names an interface.

      wrong: endpoint_interface: "ep*"
      right: endpoint_interface: "ep+"

  Use 1 to 15 letters, digits, '-', '_' and '.', the first a letter or digit; a pattern may end with
  '+'.
  """,
  .invalidASN: """
  The text is not a usable AS number, or not a range of them.
  AS numbers go from 1 to 4294967294. 0 (RFC 7607), 23456 (RFC 6793), 65535 and 4294967295 (RFC 7300)
  are reserved and no session comes up with them.

      wrong: asn: 0                          wrong: asn_pool: 4200000010-4200000000
      right: asn: 4200000001                 right: asn_pool: 4200000000-4200000010

  Use private numbers: 64512-65534 or 4200000000-4294967294 (RFC 6996).
  """,
  .invalidRange: """
  The text is not a range of hosts.
  A range has one pair of brackets that holds two numbers, the lower first. With leading zeros both
  are equally wide, so that it is clear whether the second host is h2 or h02.

      wrong: range: "h[1-010]"
      right: range: "h[001-010]"

  Correct the range; quote it, because `[` begins a list in YAML. It stands for at most 65,536 hosts,
  and all of a file for at most 1,000,000.
  """,
  .notSupportedYet: """
  The key or word belongs to the language, but this version of the compiler can't compile it.
  It is refused rather than ignored: a policy that is accepted and not enforced would be worse than
  none.

      wrong: service_functions: [{ name: ids1, host: h1, ... }] where h1 is in a region with vlans
      right: service_functions: [{ name: ids1, host: h9, ... }] where h9 is in another region

  Remove it for now, or choose another word. The changelog says when the compiler learns it.
  """,
  .conflictingKeys: """
  Keys stand together that exclude one another, or only a part of a group that belongs together is there.
  One of them would have no effect, or hosts would share what must differ.

      wrong: { range: "h[1-9]", address: 172.16.1.1 }      # nine hosts with one address
      right: [{ name: h1, address: 172.16.1.1 }, { range: "h[2-9]" }]

  Remove one of the keys, or complete the group, as the help line says.
  """,
  .unsupportedVersion: """
  The topology is written in a version of the language that this compiler does not read.
  A later version may give a key another meaning, so the compiler does not try.

      romana: 1

  Write `romana: 1`, or use a compiler that knows the version.
  """,
  .invalidService: """
  The text is not a protocol with ports.
  Policies allow or deny `tcp`, `udp` and `sctp` with one port or a range of ports, `icmp` and
  `icmpv6` with one type, and `any`.

      wrong: allow: [5432/tcp]
      right: allow: [tcp/5432, tcp/8000-8080, icmp]

  Write the protocol first; ports are numbers from 1 to 65535, the lower first.
  """,
  .wrongFamily: """
  The address or prefix is of the other family than the key takes.
  Each family has its own key, because a device needs both on a dual-stack link: `subnet` and
  `subnet6`, `link_pool` and `link_pool6`, `address` and `address6`.

      wrong: subnet: fd00:16:1::/64
      right: subnet6: fd00:16:1::/64

  Move the value to the key of its family.
  """,
  .invalidText: """
  The text is longer than 1000 bytes.
  Descriptions are for people who read the topology; they reach no file.

      description: jump hosts of the operators

  Shorten the text.
  """,
  .unknownCode: """
  Only the code of a warning can be silenced, and this is none.
  Errors stay: a topology with an error has no meaning that could be compiled.

      wrong: allow: [RC0401]
      right: allow: [RC0506]

  Remove the code; the help line lists the codes of all warnings.
  """,
]
