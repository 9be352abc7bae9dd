/// Why a text is not an address or a prefix; `description` completes the sentence "'…' …".
package enum AddressSyntaxError: Error, Equatable, CustomStringConvertible {
  case notAnAddress
  case leadingZero
  case octetOutOfRange
  case missingLength
  case lengthOutOfRange(maximum: Int)
  case hostBitsSet(masked: Prefix)

  package var description: String {
    switch self {
    case .notAnAddress: "is not an IPv4 or IPv6 address"
    case .leadingZero: "has an octet with a leading zero, which many tools read as octal"
    case .octetOutOfRange: "has an octet above 255"
    case .missingLength: "has no prefix length"
    case .lengthOutOfRange(let maximum): "has a prefix length that is not a number from 0 to \(maximum)"
    case .hostBitsSet: "has host bits set"
    }
  }
}

extension Address {
  /// Reads a strict dotted quad (four decimal octets, no leading zeros) or an IPv6 address (RFC 4291 section 2.2).
  package init(parsing text: some StringProtocol) throws(AddressSyntaxError) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      self = Address(.ipv6, try parseIPv6(bytes[...]))
    } else {
      self = Address(.ipv4, UInt128(try parseIPv4(bytes[...])))
    }
  }
}

extension Prefix {
  /// Reads `address/length`; host bits must be zero.
  package init(parsing text: some StringProtocol) throws(AddressSyntaxError) {
    guard let slash = text.firstIndex(of: "/") else {
      _ = try Address(parsing: text)
      throw .missingLength
    }
    let address = try Address(parsing: text[..<slash])
    let digits = text[text.index(after: slash)...]
    let wellFormed =
      !digits.isEmpty && digits.utf8.count <= 3
      && digits.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      && !(digits.utf8.count > 1 && digits.utf8.first == UInt8(ascii: "0"))
    guard wellFormed, let length = Int(digits), length <= address.family.bitWidth else {
      throw .lengthOutOfRange(maximum: address.family.bitWidth)
    }
    let prefix = Prefix(containing: address, length: length)
    guard prefix.address == address else { throw .hostBitsSet(masked: prefix) }
    self = prefix
  }
}

private func parseIPv4(_ bytes: ArraySlice<UInt8>) throws(AddressSyntaxError) -> UInt32 {
  let octets = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard octets.count == 4 else { throw .notAnAddress }
  var value: UInt32 = 0
  for octet in octets {
    guard !octet.isEmpty, octet.count <= 3, octet.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
      throw .notAnAddress
    }
    if octet.count > 1, octet.first == UInt8(ascii: "0") { throw .leadingZero }
    let number = octet.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
    guard number <= 255 else { throw .octetOutOfRange }
    value = value << 8 | number
  }
  return value
}

private func parseIPv6(_ bytes: ArraySlice<UInt8>) throws(AddressSyntaxError) -> UInt128 {
  var groups: [UInt16] = []
  var gap: Int?
  var index = bytes.startIndex
  if bytes.starts(with: [0x3a, 0x3a]) {
    gap = 0
    index += 2
  }
  while index < bytes.endIndex {
    let end = bytes[index...].firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
    let part = bytes[index..<end]
    if part.contains(UInt8(ascii: ".")) {
      guard end == bytes.endIndex else { throw .notAnAddress }
      let quad = try parseIPv4(part)
      groups += [UInt16(quad >> 16), UInt16(truncatingIfNeeded: quad)]
      index = end
      break
    }
    guard !part.isEmpty, part.count <= 4, let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
      part.first != UInt8(ascii: "+"), part.first != UInt8(ascii: "-")
    else { throw .notAnAddress }
    groups.append(group)
    index = end
    guard index < bytes.endIndex else { break }
    index += 1
    guard index < bytes.endIndex else { throw .notAnAddress }
    if bytes[index] == UInt8(ascii: ":") {
      guard gap == nil else { throw .notAnAddress }
      gap = groups.count
      index += 1
    }
  }
  if let gap {
    guard groups.count < 8 else { throw .notAnAddress }
    groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
  }
  guard groups.count == 8 else { throw .notAnAddress }
  return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
}
