/// The AS numbers that are given out unless `asn_pool` says otherwise: the first 65,536 private ones of four
/// bytes (RFC 6996).
package let defaultASNPool: ClosedRange<UInt32> = 4_200_000_000...4_200_065_535

/// Gives an AS number to every device that speaks BGP: the one that it names, that of the lock file, else the lowest
/// free of the pool. The spines of a region share one.
///
/// - Parameter gateways: the hosts that have tunnels to other regions.
func assignASNs(
  _ draft: inout TopologyDraft, pool: Located<ClosedRange<UInt32>>?, gateways: Set<Name>, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) {
  var numbers = ASNPool(pool?.value ?? defaultASNPool, draft, ledger)
  for region in draft.regions.indices {
    let usesBGP = draft.regions[region].spinesSpeakBGP || draft.regions[region].hasUpstreamSession
    let reflects = draft.regions[region].spinesSpeakBGP && draft.regions[region].spineBGP == .routeReflector
    if reflects { checkOneAS(draft.regions[region], &diagnostics) }
    draft.regions[region].spineASN =
      (reflects ? draft.regions[region].explicitSwitchASNs.first?.value : nil) ?? draft.regions[region].lockEntry?.asn
    if usesBGP, draft.regions[region].spineASN == nil,
      draft.regions[region].spines.contains(where: { $0.document.asn == nil })
    {
      draft.regions[region].spineASN = numbers.next()
    }
    for spine in draft.regions[region].spines.indices {
      let explicit = draft.regions[region].spines[spine].document.asn?.value
      draft.regions[region].spines[spine].asn = explicit ?? draft.regions[region].spineASN
    }
    for rack in draft.regions[region].racks.indices {
      let needsBGP =
        draft.regions[region].routing == .bgp && !draft.regions[region].spines.isEmpty
        || draft.regions[region].racks[rack].hasBGPHost
        || draft.regions[region].hasUpstreamSession && draft.regions[region].spines.isEmpty
      if reflects && needsBGP {
        for tor in draft.regions[region].racks[rack].tors.indices {
          draft.regions[region].racks[rack].tors[tor].asn = draft.regions[region].spineASN
        }
      } else {
        assignToRs(of: &draft.regions[region].racks[rack], needsBGP, &numbers, &diagnostics)
      }
      assignHosts(of: &draft.regions[region].racks[rack], gateways, &numbers)
    }
  }
  if numbers.shortage > 0 { diagnostics.add(.asnPoolFull(numbers.pool, numbers.shortage, at: pool?.range)) }
}

/// Each ToR has a number, or the two of a pair have one: the one that is written, or that of the ToR with the lower id.
private func assignToRs(
  of rack: inout RackDraft, _ needsBGP: Bool, _ numbers: inout ASNPool, _ diagnostics: inout Diagnostics
) {
  guard rack.sharesASNs, rack.isDualHomed else {
    for tor in rack.tors.indices {
      let item = rack.tors[tor]
      rack.tors[tor].asn = item.document.asn?.value ?? item.lockEntry?.asn ?? (needsBGP ? numbers.next() : nil)
    }
    return
  }
  let explicit = rack.orderedToRs.compactMap(\.document.asn)
  if let first = explicit.first, let other = explicit.first(where: { $0.value != first.value }) {
    diagnostics.add(.rackASN(other, first, rack))
  }
  let shared = explicit.first?.value ?? rack.orderedToRs[0].lockEntry?.asn ?? (needsBGP ? numbers.next() : nil)
  for tor in rack.tors.indices { rack.tors[tor].asn = shared }
}

/// Each host has a number, or the hosts of the rack have one but for those that name theirs.
///
/// - Parameter gateways: the hosts that have tunnels to other regions; instances of EC2 speak BGP with these only.
private func assignHosts(of rack: inout RackDraft, _ gateways: Set<Name>, _ numbers: inout ASNPool) {
  if rack.sharesASNs, rack.hasBGPHost {
    let isNeeded = rack.hosts.contains { $0.routing == .bgp && $0.document.asn == nil }
    rack.hostASN = rack.lockEntry?.asn ?? (isNeeded ? numbers.next() : nil)
  }
  for host in rack.hosts.indices {
    let item = rack.hosts[host]
    if rack.sharesASNs {
      rack.hosts[host].asn = item.document.asn?.value ?? (item.routing == .bgp ? rack.hostASN : nil)
    } else {
      rack.hosts[host].asn =
        item.document.asn?.value ?? item.lockEntry?.asn
        ?? (item.routing == .bgp || gateways.contains(item.document.name.value) ? numbers.next() : nil)
    }
  }
}

extension RackDraft {
  /// Whether its hosts have one AS number, and the ToRs of dual-homed hosts one.
  var sharesASNs: Bool { asnScope?.value == .rack }
}

extension RegionDraft {
  /// The AS numbers that the topology gives to spines and ToRs, spines first.
  fileprivate var explicitSwitchASNs: [Located<UInt32>] {
    (spines + racks.flatMap(\.tors)).compactMap(\.document.asn)
  }
}

/// Route reflection is within one AS (RFC 4456 section 1).
private func checkOneAS(_ region: RegionDraft, _ diagnostics: inout Diagnostics) {
  let numbers = region.explicitSwitchASNs
  guard let first = numbers.first else { return }
  for other in numbers where other.value != first.value {
    diagnostics.add(.reflectorASN(other, first, region.document.name.value))
  }
}

private struct ASNPool {
  let pool: ClosedRange<UInt32>
  private(set) var shortage = 0
  private var used: Set<UInt32> = []
  private var candidate: UInt32

  /// Everything that the document names or the lock remembers is taken.
  init(_ pool: ClosedRange<UInt32>, _ draft: TopologyDraft, _ ledger: LockLedger) {
    self.pool = pool
    candidate = pool.lowerBound
    for section in ledger.old.entries.values {
      for entry in section.values { if let asn = entry.asn { used.insert(asn) } }
    }
    for region in draft.regions {
      for spine in region.spines { if let asn = spine.document.asn { used.insert(asn.value) } }
      for rack in region.racks {
        for tor in rack.tors { if let asn = tor.document.asn { used.insert(asn.value) } }
        for host in rack.hosts { if let asn = host.document.asn { used.insert(asn.value) } }
      }
    }
  }

  mutating func next() -> UInt32? {
    while candidate <= pool.upperBound {
      defer { candidate += 1 }
      if !used.contains(candidate), candidate != 23456, candidate != 65535 { return candidate }
    }
    shortage += 1
    return nil
  }
}

/// Writes the ids and AS numbers of all devices into the lock.
func recordDevices(_ draft: TopologyDraft, _ ledger: inout LockLedger) {
  for region in draft.regions {
    ledger.record(.regions, region.path.text, LockEntry(id: region.id, asn: region.spineASN))
    for spine in region.spines {
      ledger.record(.spines, spine.path.text, LockEntry(id: spine.id, asn: spine.document.asn?.value))
    }
    for rack in region.racks {
      // The numbers of the other way, one a device or one a rack, are kept for the day that they are needed again.
      ledger.record(.racks, rack.path.text, LockEntry(id: rack.id, asn: rack.hostASN ?? rack.lockEntry?.asn))
      // Under route reflectors the number is the region's; the ToR's own is kept for the day that it needs one again.
      let reflects = region.routing == .bgp && region.spineBGP == .routeReflector
      for tor in rack.tors {
        let isOfRegion = reflects || rack.sharesASNs && rack.isDualHomed && tor.id != rack.orderedToRs[0].id
        ledger.record(
          .tors, tor.path.text, LockEntry(id: tor.id, asn: isOfRegion ? tor.lockEntry?.asn : tor.asn))
      }
      for host in rack.hosts {
        let own = rack.sharesASNs ? host.document.asn?.value ?? host.lockEntry?.asn : host.asn
        ledger.record(.hosts, host.path.text, LockEntry(id: host.id, asn: own))
      }
    }
  }
}

extension Diagnostic {
  static func reflectorASN(_ asn: Located<UInt32>, _ first: Located<UInt32>, _ region: Name) -> Diagnostic {
    Diagnostic(
      .reflectorASN, "the region '\(region)' has route reflectors, but the AS numbers \(first.value) and \(asn.value)",
      at: asn.range, labels: [(first.range, "the other number")],
      notes: ["a route reflector and its clients are in one AS (RFC 4456)"],
      help: ["give all spines and ToRs of the region one number, or leave `asn:` out"])
  }

  static func rackASN(_ asn: Located<UInt32>, _ first: Located<UInt32>, _ rack: RackDraft) -> Diagnostic {
    Diagnostic(
      .rackASN,
      "the ToRs of the rack '\(rack.document.name.value)' share an AS, but have the numbers \(first.value) and \(asn.value)",
      at: asn.range,
      labels: [(first.range, "the other number")] + (rack.asnScope.map { [($0.range, "one AS a rack")] } ?? []),
      help: ["give both one number, leave `asn:` out, or write `asn_per: device`"])
  }

  static func asnPoolFull(_ pool: ClosedRange<UInt32>, _ shortage: Int, at range: SourceRange?) -> Diagnostic {
    Diagnostic(
      .asnPoolFull,
      "the AS numbers \(pool.lowerBound)-\(pool.upperBound) do not suffice: \(shortage) devices get none", at: range,
      help: [
        "set a larger `asn_pool:`, e.g. 4200000000-4294967294; numbers of removed devices are reserved until `lock --prune`"
      ])
  }
}
