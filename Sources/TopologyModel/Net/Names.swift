/// A name from the topology that is safe in every place it can reach: a path component, a shell word, an
/// identifier in a comment of every emitted format.
///
/// 1 to 63 characters: letters, digits, `-`, `_` and `.`, first a letter or digit, last not a dot.
package struct Name: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let text: String

  /// The name, or nil if the text has any other character or length.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), let first = bytes.first, isAlphanumeric(first),
      bytes.allSatisfy({ isAlphanumeric($0) || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e }),
      bytes.last != UInt8(ascii: ".")
    else { return nil }
    self.text = text
  }

  package var description: String { text }

  /// The name with ASCII letters in lower case, to find names that differ in case only.
  package var folded: String { text.lowercased() }

  /// Sorts by bytes, so that no locale reaches an order.
  package static func < (left: Name, right: Name) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

/// The name of a Linux network interface: 1 to 15 characters (IFNAMSIZ less one), letters, digits, `-`, `_`, `.`.
package struct InterfaceName: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let text: String

  package init?(_ text: String) {
    guard (1...15).contains(text.utf8.count), isInterfaceText(text.utf8[...]) else { return nil }
    self.text = text
  }

  package var description: String { text }

  package static func < (left: InterfaceName, right: InterfaceName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

/// A pattern of interface names as iptables takes it (iptables(8), `-i`): a name, or a beginning followed by `+`.
package struct InterfacePattern: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  package init?(_ text: String) {
    let stem = text.hasSuffix("+") ? text.utf8.dropLast() : text.utf8[...]
    guard (1...15).contains(text.utf8.count), isInterfaceText(stem) else { return nil }
    self.text = text
  }

  package func matches(_ name: InterfaceName) -> Bool {
    text.hasSuffix("+") ? name.text.hasPrefix(String(text.dropLast())) : name.text == text
  }

  /// Whether some name matches both.
  package func overlaps(_ other: InterfacePattern) -> Bool {
    let (stem, otherStem) = (text.prefix { $0 != "+" }, other.text.prefix { $0 != "+" })
    return stem == otherStem || text.hasSuffix("+") && otherStem.hasPrefix(stem)
      || other.text.hasSuffix("+") && stem.hasPrefix(otherStem)
  }

  package var description: String { text }
}

private func isInterfaceText(_ bytes: Substring.UTF8View) -> Bool {
  guard let first = bytes.first, isAlphanumeric(first) else { return false }
  return bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
}

extension InterfacePattern {
  /// The pattern that matches one interface only.
  package init(_ name: InterfaceName) { self.text = name.text }
}
