import TopologyModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads an address with the C library (inet_pton(3)), so that what the kernel's tools will read is what is read
/// here; nil unless the text is also what the library prints (RFC 5952 for IPv6).
func readAddress(_ text: some StringProtocol) -> Address? {
  let text = String(text)
  let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
  let family = isIPv6 ? AF_INET6 : AF_INET
  var raw = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
  var printed = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
  guard inet_pton(family, text, &raw) == 1,
    inet_ntop(family, raw, &printed, socklen_t(printed.count)) != nil,
    text.utf8.elementsEqual(printed.prefix { $0 != 0 }.lazy.map { UInt8(bitPattern: $0) })
  else { return nil }
  return Address(isIPv6 ? .ipv6 : .ipv4, raw.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
}

/// Reads `address/length` strictly: no host bits, no leading zeros.
func readPrefix(_ text: some StringProtocol) -> Prefix? {
  let parts = text.split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count == 2, let address = readAddress(parts[0]),
    let length = readNumber(parts[1], in: 0...address.family.bitWidth)
  else { return nil }
  // Not by way of the compiler's own arithmetic on prefixes.
  let hostBits = address.family.bitWidth - length
  guard hostBits == 0 || address.bits.trailingZeroBitCount >= hostBits else { return nil }
  return Prefix(containing: address, length: length)
}

/// Reads a decimal number without sign or leading zeros.
func readNumber(_ text: some StringProtocol, in range: ClosedRange<Int>) -> Int? {
  let digits = text.utf8
  guard (1...10).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
    digits.count == 1 || digits.first != 0x30, let number = Int(text), range.contains(number)
  else { return nil }
  return number
}
