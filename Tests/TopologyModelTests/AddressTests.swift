import Testing

@testable import TopologyModel

@Suite struct AddressTests {
  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("10.1.2.3", "10.1.2.3"),
    ("::", "::"), ("::1", "::1"), ("2001:DB8::", "2001:db8::"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0db8::0001", "2001:db8::1"),
    ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("fd00::1:2:3:4:5:6", "fd00:0:1:2:3:4:5:6"),
    ("::ffff:1.2.3.4", "::ffff:102:304"),
  ])
  func `addresses are printed in the canonical text of RFC 5952`(input: String, canonical: String) throws {
    #expect(try Address(parsing: input).description == canonical)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.x", "1.2.3.4 ", ":", ":::", "1::2::3", "12345::",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::g", "1:2:3:4:5:6:7:", "-1::", "0x1.2.3.4", "10.9",
  ])
  func `texts that tools read differently are no addresses`(text: String) {
    #expect(throws: AddressSyntaxError.self) { try Address(parsing: text) }
  }

  @Test func `host bits in a prefix are an error that offers the masked form`() throws {
    #expect(throws: AddressSyntaxError.hostBitsSet(masked: try Prefix(parsing: "10.0.0.0/8"))) {
      try Prefix(parsing: "10.0.0.1/8")
    }
  }

  @Test(arguments: ["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "::/129", "::/ 1"])
  func `a prefix needs a plain length in range`(text: String) {
    #expect(throws: AddressSyntaxError.self) { try Prefix(parsing: text) }
  }

  @Test func `aggregation covers exactly the same addresses`() throws {
    let prefixes = try [
      "10.0.1.0/24", "10.0.0.0/24", "10.0.0.128/25", "10.0.2.0/24", "fd00::/65", "fd00:0:0:0:8000::/65",
    ]
    .map { try Prefix(parsing: $0) }
    #expect(aggregatePrefixes(prefixes).map(\.description) == ["10.0.0.0/23", "10.0.2.0/24", "fd00::/64"])
  }
}
