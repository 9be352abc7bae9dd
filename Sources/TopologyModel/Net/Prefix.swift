/// A CIDR prefix of either family (RFC 4632 section 3.1, RFC 4291 section 2.3); host bits are always zero.
///
/// Prefixes sort by family, then address, then the shorter first, so that an aggregate stands before what it holds.
package struct Prefix: Sendable, Hashable, Comparable {
  package let address: Address
  private let storedLength: UInt8

  /// The prefix length in bits, 0 to 32 or 0 to 128.
  package var length: Int { Int(storedLength) }
  package var family: AddressFamily { address.family }

  /// The prefix of this length that contains an address: the host bits are masked away.
  package init(containing address: Address, length: Int) {
    self.address = Address(address.family, address.bits & address.family.mask(ofLength: length))
    self.storedLength = UInt8(length)
  }

  /// The prefix that holds one address.
  package init(host address: Address) {
    self.address = address
    self.storedLength = UInt8(address.family.bitWidth)
  }

  /// The default route of a family: `0.0.0.0/0` or `::/0`.
  package static func everything(_ family: AddressFamily) -> Prefix {
    Prefix(containing: Address(family, 0), length: 0)
  }

  package var mask: UInt128 { family.mask(ofLength: length) }

  /// How many bits stand below the prefix.
  package var hostBitCount: Int { family.bitWidth - length }

  package var lastAddress: Address { Address(family, address.bits | lowBits(hostBitCount)) }

  package func contains(_ other: Address) -> Bool {
    other.family == family && other.bits & mask == address.bits
  }

  package func contains(_ other: Prefix) -> Bool {
    other.length >= length && contains(other.address)
  }

  package func overlaps(_ other: Prefix) -> Bool {
    contains(other) || other.contains(self)
  }

  /// What both hold: the longer of the two, if they overlap.
  package func intersection(_ other: Prefix) -> Prefix? {
    overlaps(other) ? (length > other.length ? self : other) : nil
  }

  /// What this prefix holds and the other does not: at most one prefix for each bit of the difference of their lengths.
  package func subtracting(_ other: Prefix) -> [Prefix] {
    guard overlaps(other) else { return [self] }
    guard other.length > length else { return [] }
    return (length + 1...other.length).map { newLength in
      let bit = UInt128(1) << (family.bitWidth - newLength)
      return Prefix(containing: Address(family, other.address.bits ^ bit), length: newLength)
    }
  }

  /// The `index`th prefix of `newLength` bits inside this one, counted from 0.
  package func child(_ index: UInt128, length newLength: Int) -> Prefix {
    Prefix(
      containing: Address(family, address.bits | (index << (family.bitWidth - newLength))), length: newLength)
  }

  /// Which of the prefixes of its length inside `parent` this one is, counted from 0.
  package func index(in parent: Prefix) -> UInt128 {
    (address.bits & ~parent.mask & family.allOnes) >> hostBitCount
  }

  package static func < (left: Prefix, right: Prefix) -> Bool {
    left.address == right.address ? left.length < right.length : left.address < right.address
  }
}

extension Prefix: CustomStringConvertible {
  /// The address alone where the prefix holds no more than one, for messages.
  package var shortText: String { hostBitCount == 0 ? "\(address)" : "\(self)" }

  package var description: String {
    var bytes: [UInt8] = []
    appendText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends `address/length` in canonical text.
  package func appendText(to bytes: inout [UInt8]) {
    address.appendText(to: &bytes)
    bytes.append(UInt8(ascii: "/"))
    appendDecimal(UInt64(length), to: &bytes)
  }
}

/// The fewest prefixes that cover exactly the same addresses as the given ones, sorted.
package func aggregatePrefixes(_ prefixes: some Sequence<Prefix>) -> [Prefix] {
  var result: [Prefix] = []
  for prefix in prefixes.sorted() {
    if let last = result.last, last.contains(prefix) { continue }
    result.append(prefix)
    while result.count >= 2, let joined = siblingsJoined(result[result.count - 2], result[result.count - 1]) {
      result.removeLast(2)
      result.append(joined)
    }
  }
  return result
}

private func siblingsJoined(_ left: Prefix, _ right: Prefix) -> Prefix? {
  guard left.family == right.family, left.length == right.length, left.length > 0, left != right else { return nil }
  let parent = Prefix(containing: left.address, length: left.length - 1)
  return parent.contains(right) ? parent : nil
}
