/// An IPv4 or IPv6 address.
///
/// An IPv4 address occupies the 32 low bits of `bits`. Addresses sort by family, then by number.
package struct Address: Sendable, Hashable, Comparable {
  package let bits: UInt128
  package let family: AddressFamily

  /// Makes an address from a number; bits above the family's width are an error of the caller and are dropped.
  package init(_ family: AddressFamily, _ bits: UInt128) {
    self.family = family
    self.bits = bits & family.allOnes
  }

  /// The address `offset` steps further; wraps within the family's width.
  package func advanced(by offset: UInt128) -> Address {
    Address(family, bits &+ offset)
  }

  package static func < (left: Address, right: Address) -> Bool {
    left.family == right.family ? left.bits < right.bits : left.family < right.family
  }
}

extension Address: CustomStringConvertible {
  /// Dotted quad for IPv4, the canonical text of RFC 5952 for IPv6.
  package var description: String {
    var bytes: [UInt8] = []
    appendText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the canonical text to a buffer of UTF-8 bytes.
  package func appendText(to bytes: inout [UInt8]) {
    switch family {
    case .ipv4: appendDottedQuad(to: &bytes)
    case .ipv6: appendColonHex(to: &bytes)
    }
  }

  private func appendDottedQuad(to bytes: inout [UInt8]) {
    let value = UInt32(truncatingIfNeeded: bits)
    appendDecimal(UInt64(value >> 24), to: &bytes)
    var shift: UInt32 = 24
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(ascii: "."))
      appendDecimal(UInt64((value >> shift) & 0xff), to: &bytes)
    }
  }

  /// RFC 5952 section 4: no leading zeros, the longest run of two or more zero groups shortened, the
  /// first of equally long runs, lower case.
  private func appendColonHex(to bytes: inout [UInt8]) {
    var longest = (start: 8, count: 1)
    var index = 0
    while index < 8 {
      var end = index
      while end < 8, group(end) == 0 { end += 1 }
      if end - index > longest.count { longest = (index, end - index) }
      index = max(end, index + 1)
    }
    index = 0
    while index < 8 {
      if index == longest.start {
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: ":"))
        index += longest.count
        continue
      }
      if index > 0, index != longest.start + longest.count { bytes.append(UInt8(ascii: ":")) }
      appendHex(group(index), to: &bytes)
      index += 1
    }
  }

  private func group(_ index: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: bits >> UInt128((7 - index) * 16))
  }
}

/// Appends a number in decimal digits.
package func appendDecimal(_ value: UInt64, to bytes: inout [UInt8]) {
  if value >= 10 { appendDecimal(value / 10, to: &bytes) }
  bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
}

private func appendHex(_ value: UInt16, to bytes: inout [UInt8]) {
  if value >= 16 { appendHex(value >> 4, to: &bytes) }
  let digit = UInt8(truncatingIfNeeded: value & 0xf)
  bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
}
