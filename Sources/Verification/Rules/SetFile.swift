import TopologyModel

/// A set of addresses as a file for `ipset restore` describes it.
package struct KernelSet: Sendable, Equatable {
  package var family: AddressFamily
  package var capacity: Int
  /// By length, then by the bits before it.
  private var members: [Int: Set<UInt128>] = [:]
  package private(set) var count = 0

  init(family: AddressFamily, capacity: Int) {
    self.family = family
    self.capacity = capacity
  }

  /// False if it is there already.
  fileprivate mutating func insert(_ prefix: Prefix) -> Bool {
    count += 1
    return members[prefix.length, default: []].insert(prefix.address.bits).inserted
  }

  package func contains(_ address: Address) -> Bool {
    guard address.family == family else { return false }
    let width = family == .ipv4 ? 32 : 128
    return members.contains { length, prefixes in
      let hostBits = UInt128(width - length)
      return prefixes.contains(length == 0 ? 0 : (address.bits >> hostBits) << hostBits)
    }
  }

  /// As they stand in the file.
  package var prefixes: [Prefix] {
    members.flatMap { length, values in
      values.map { Prefix(containing: Address(family, $0), length: length) }
    }
    .sorted()
  }
}

/// Reads a file for `ipset restore` (ipset(8)): sets of the type `hash:net`, each followed by its members in order.
package func parseSetFile(_ bytes: [UInt8]) throws(ParseFailure) -> [String: KernelSet] {
  var sets: [String: KernelSet] = [:]
  var current: (name: String, last: Prefix?)?
  for line in try splitLines(bytes) where !line.text.hasPrefix("#") {
    var words = WordReader(line.text, line: line.number)
    let isNew = words.take("create")
    if !isNew { try words.expect("add") }
    let name = try words.word("a set")
    if isNew {
      guard name.hasPrefix("romana-"), name.utf8.count <= 31, sets[name] == nil,
        current.map({ $0.name.utf8.lexicographicallyPrecedes(name.utf8) }) ?? true
      else { throw ParseFailure("'\(name)' is no name of ours, stands twice or out of order", line: line.number) }
      try words.expect("hash:net", "family")
      let family: AddressFamily = words.take("inet6") ? .ipv6 : .ipv4
      if family == .ipv4 { try words.expect("inet") }
      try words.expect("maxelem")
      sets[name] = KernelSet(family: family, capacity: try words.number("a capacity", in: 1...Int(Int32.max)))
      current = (name, nil)
    } else {
      let prefix = try words.prefix()
      // A member of length 0 is refused by hash:net.
      guard name == current?.name, let set = sets[name], prefix.family == set.family, prefix.length > 0,
        current?.last.map({ $0 < prefix }) ?? true, set.count < set.capacity
      else { throw ParseFailure("a member of another set or family, or out of order", line: line.number) }
      guard sets[name]?.insert(prefix) == true else { throw ParseFailure("a member twice", line: line.number) }
      current?.last = prefix
    }
    try words.end()
  }
  return sets
}

/// Finds the sets of a plan in `ipset.conf`.
func checkSetFile(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  _ = try TextFile(bytes, comment: "#", of: device)
  let found = try parseSetFile(bytes)
  guard let firewall = device.firewall else { return [Finding("the device has no packet filter")] }
  let expected = firewall.ipv4.sets + firewall.ipv6.sets
  var findings = compareSets(
    expected: expected.map(\.name.text), found: found.keys.sorted().map { (value: $0, line: 1) }, "set")
  for set in expected {
    let read = found[set.name.text]
    findings += compareValues(set.name.family, read?.family ?? set.name.family, "the family of \(set.name.text)")
    findings += compareLists(
      expected: set.prefixes, found: (read?.prefixes ?? []).map { (value: $0, line: 1) }, "member of \(set.name.text)")
  }
  // A rule that asks a set that is not there is refused by the kernel.
  for filter in [firewall.ipv4, firewall.ipv6] {
    for rule in filter.chains.flatMap(\.rules) {
      for name in [rule.sourceSet, rule.destinationSet].compactMap(\.self) where found[name.text] == nil {
        findings.append(Finding("the rules ask the set \(name.text), which is missing"))
      }
    }
  }
  return findings
}
