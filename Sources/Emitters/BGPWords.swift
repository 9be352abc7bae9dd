import TopologyModel

extension AddressFamily {
  /// The version of the Internet Protocol, for the names of what exists once a family.
  var digit: StaticString { self == .ipv4 ? "4" : "6" }
}

extension BGPRole {
  /// The role as RFC 9234 section 3 calls it and BIRD and FRR spell it.
  var keyword: StaticString { self == .customer ? "customer" : "provider" }
}
