/// A match of an address against a value under a mask that need not be contiguous: `address & mask == value`.
///
/// This is what lets one rule name "tenant 1, segment 1, on any host" of a network. Bits of the value outside
/// the mask are always zero, since a rule with such bits loads and never matches.
package struct AddressMatch: Sendable, Hashable, Comparable {
  package let value: Address
  package let mask: UInt128

  package init(value: Address, mask: UInt128) {
    self.value = Address(value.family, value.bits & mask)
    self.mask = mask & value.family.allOnes
  }

  /// The match of all addresses of a prefix.
  package init(_ prefix: Prefix) {
    self.init(value: prefix.address, mask: prefix.mask)
  }

  package var family: AddressFamily { value.family }

  /// The mask written as an address, as in `10.0.1.16/255.0.255.240`.
  package var maskAddress: Address { Address(family, mask) }

  /// The match as a prefix, if its mask is contiguous.
  package var prefix: Prefix? {
    let length = (family == .ipv4 ? mask << 96 : mask).leadingOneBitCount
    return family.mask(ofLength: length) == mask ? Prefix(containing: value, length: length) : nil
  }

  package func matches(_ address: Address) -> Bool {
    address.family == family && address.bits & mask == value.bits
  }

  package static func < (left: AddressMatch, right: AddressMatch) -> Bool {
    left.value == right.value ? left.mask < right.mask : left.value < right.value
  }
}

extension UInt128 {
  fileprivate var leadingOneBitCount: Int { (~self).leadingZeroBitCount }
}
