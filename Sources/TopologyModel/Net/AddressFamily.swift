/// One of the two address families, IPv4 (RFC 791) and IPv6 (RFC 8200).
package enum AddressFamily: UInt8, Sendable, Hashable, CaseIterable, Comparable {
  case ipv4
  case ipv6

  /// The width of an address in bits: 32 or 128.
  package var bitWidth: Int { self == .ipv4 ? 32 : 128 }

  /// All bits of an address of this family set.
  package var allOnes: UInt128 { self == .ipv4 ? UInt128(UInt32.max) : UInt128.max }

  /// The network mask of a prefix length from 0 to `bitWidth`.
  package func mask(ofLength length: Int) -> UInt128 {
    allOnes & ~(lowBits(bitWidth - length))
  }

  /// The name as messages spell it.
  package var name: StaticString { self == .ipv4 ? "IPv4" : "IPv6" }

  package static func < (left: AddressFamily, right: AddressFamily) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A number whose `count` lowest bits are set; `count` is from 0 to 128.
///
/// The smart shift gives 0 for a shift by the full width, which the masking shift does not.
package func lowBits(_ count: Int) -> UInt128 {
  count >= 128 ? UInt128.max : (UInt128(1) << count) - 1
}
