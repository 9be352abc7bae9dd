/// Racks without ToRs are groups of hosts, and several may be on one segment: those with the same `subnet` and `subnet6`.
/// Each has its own prefixes, and every host has routes to the hosts of all of them.

extension RegionDraft {
  /// Whether nothing but its hosts is on the segment of a rack.
  func isFlat(_ rack: RackDraft) -> Bool {
    rack.access == .l2 && rack.tors.isEmpty && spines.isEmpty && !document.isCloud
  }

  /// The racks of each segment without ToRs, in the order of the ids; racks without subnets are on none.
  var bareSegments: [[RackDraft]] {
    var order: [SegmentSubnets] = []
    var members: [SegmentSubnets: [RackDraft]] = [:]
    for rack in racks where rack.access == .l2 && rack.tors.isEmpty && !document.isCloud {
      guard let key = SegmentSubnets(rack.document.subnet?.value, rack.document.subnet6?.value) else { continue }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(rack)
    }
    return order.map { members[$0, default: []] }
  }
}

/// What tells two segments apart.
struct SegmentSubnets: Hashable {
  private let subnet: Prefix?
  private let subnet6: Prefix?

  /// Nil without any subnet.
  init?(_ subnet: Prefix?, _ subnet6: Prefix?) {
    guard subnet != nil || subnet6 != nil else { return nil }
    (self.subnet, self.subnet6) = (subnet, subnet6)
  }
}

extension Topology {
  /// The racks on the segment of a rack with `access: l2`, in their order, itself among them: others only without ToRs.
  package func racksOnSegment(ofRack index: Int) -> [Int] {
    guard let key = bareSegment(ofRack: index) else { return [index] }
    return regions[racks[index].region].racks.filter { bareSegment(ofRack: $0) == key }
  }

  /// How many segments the hosts of a region are on, if none of its racks has a ToR; else nil.
  func countBareSegments(_ region: Region) -> Int? {
    var keys: Set<SegmentSubnets?> = []
    for rack in region.racks where !racks[rack].hosts.isEmpty || !racks[rack].tors.isEmpty {
      guard let key = bareSegment(ofRack: rack) else { return nil }
      keys.insert(key)
    }
    return keys.count
  }

  private func bareSegment(ofRack index: Int) -> SegmentSubnets? {
    let rack = racks[index]
    guard rack.access == .l2, rack.tors.isEmpty, rack.vlans.isEmpty, regions[rack.region].vpc == nil else { return nil }
    return SegmentSubnets(rack.subnet, rack.subnet6)
  }
}

/// Checks that hosts of several racks on one segment have addresses of their own, and one MTU.
func checkSharedSegments(_ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  for segment in region.bareSegments where segment.count > 1 {
    checkSegmentMTU(segment, &diagnostics)
    for family in AddressFamily.allCases { checkAddresses(of: segment, family, &diagnostics) }
  }
}

private func checkAddresses(
  of segment: [RackDraft], _ family: AddressFamily, _ diagnostics: inout Diagnostics
) {
  var owners: [Address: (rack: Int, host: HostDraft)] = [:]
  for (number, rack) in segment.enumerated() {
    for host in rack.hosts {
      let link = host.links.first
      guard let address = family == .ipv4 ? link?.address : link?.address6 else { continue }
      // Two hosts of one rack were compared already.
      if let owner = owners[address], owner.rack != number {
        diagnostics.add(.sameOnSegment(address, host, rack, owner.host, segment[owner.rack]))
      }
      owners[address] = (number, host)
    }
  }
}

extension Diagnostic {
  fileprivate static func sameOnSegment(
    _ address: Address, _ host: HostDraft, _ rack: RackDraft, _ other: HostDraft, _ otherRack: RackDraft
  ) -> Diagnostic {
    let key = address.family == .ipv4 ? "address" : "address6"
    let (written, name) = (
      address.family == .ipv4 ? host.document.address : host.document.address6, host.document.name
    )
    return Diagnostic(
      .duplicateAddress,
      "the hosts '\(other.document.name.value)' and '\(name.value)' both have the address \(address)",
      at: written?.range ?? name.range, labels: [(other.document.name.range, "the other host")],
      notes: [
        "the racks '\(otherRack.document.name.value)' and '\(rack.document.name.value)' have the same subnets, so they are one segment"
      ],
      help: ["write `\(key):` for hosts of such racks: without it host ids count from 0 in each"])
  }
}
