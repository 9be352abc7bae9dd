/// Gives every ToR-spine pair, and then the ToRs of a pair, a /31 and a /127: those of `links:`, then those of the
/// lock, then the lowest free of the region's pools.
func assignLinks(
  _ draft: inout TopologyDraft, _ networks: ResolvedNetworks, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics
) {
  // What no region claims is of removed links and stays reserved.
  let links = draft.regions.map { region in
    var overrides = LinkOverrides(region, &diagnostics)
    let pairs = linkPairs(region, &overrides)
    overrides.reportUnused(in: region, &diagnostics)
    return (pairs: pairs, entries: pairs.map { ledger.claim(.links, $0.path) })
  }
  let reserved = ReservedLinks(ledger)
  for (index, (pairs, entries)) in links.enumerated() where !pairs.isEmpty {
    let region = draft.regions[index]
    let isUnnumbered = pairs.map { region.racks[$0.rack].hasUnnumberedFabric }
    let numbered = pairs.indices.filter { !isUnnumbered[$0] }
    let families = Set(region.networks.map { networks.networks[$0].family })
    var prefixes = [[Prefix?]](repeating: Array(repeating: nil, count: pairs.count), count: 2)
    for family in AddressFamily.allCases where families.contains(family) {
      // What an unnumbered link had is kept for the day that it gets addresses again.
      let kept = pairs.indices.filter { isUnnumbered[$0] }.compactMap { number in
        family == .ipv4 ? entries[number]?.prefix : entries[number]?.prefix6
      }
      var pool = LinkPool(region, family, reserved, kept: kept)
      let found = pool.assign(numbered.map { pairs[$0] }, numbered.map { entries[$0] }, &ledger, &diagnostics)
      for (pair, prefix) in zip(numbered, found) { prefixes[Int(family.rawValue)][pair] = prefix }
    }
    for (position, pair) in pairs.enumerated() {
      var link = SpineLink(prefix: prefixes[0][position], prefix6: prefixes[1][position])
      link.isUnnumbered = isUnnumbered[position]
      (link.torInterface, link.spineInterface) = pair.interfaces
      if let tor = pair.tor {
        draft.regions[index].racks[pair.rack].tors[tor].uplinks.append(link)
      } else {
        draft.regions[index].racks[pair.rack].pairLink = PairLink(
          prefix: link.prefix, prefix6: link.prefix6, isUnnumbered: link.isUnnumbered,
          interfaces: [link.torInterface, link.spineInterface])
      }
      if link.isUnnumbered { checkUnnumbered(pair, region.racks[pair.rack], &diagnostics) }
      // A family that has no network for now keeps what it had, and so does a link that has no addresses for now.
      let entry = LockEntry(
        prefix: link.prefix ?? entries[position]?.prefix, prefix6: link.prefix6 ?? entries[position]?.prefix6)
      if entry != LockEntry() { ledger.record(.links, pair.path.text, entry) }
    }
  }
}

/// An unnumbered link is known by its interfaces.
private func checkUnnumbered(_ pair: LinkPair, _ rack: RackDraft, _ diagnostics: inout Diagnostics) {
  for prefix in [pair.override?.prefix, pair.override?.prefix6].compactMap(\.self) {
    diagnostics.add(.addressOfUnnumberedLink(prefix, pair, rack.fabricLinks?.range))
  }
  if pair.interfaces.0 == nil, pair.override?.interfaces.isEmpty ?? true {
    diagnostics.add(.unnumberedLinkWithoutInterfaces(pair, rack.fabricLinks?.range))
  }
}

struct LinkPair {
  /// Position of the rack in its region.
  var rack: Int
  /// Position of the ToR in its rack; nil for the link between two ToRs.
  var tor: Int?
  var path: LockPath
  var override: LinkDocument?
  /// The ToR.
  var name: Located<Name>
  /// The spine, or the second ToR of a pair.
  var other: Located<Name>

  /// Those of ToR and spine, or of the two ToRs, where the document states them.
  var interfaces: (InterfaceName?, InterfaceName?) {
    guard let link = override, link.interfaces.count == 2 else { return (nil, nil) }
    let isTorFirst = link.between.first.map { name.value == $0.value } ?? false
    return isTorFirst
      ? (link.interfaces[0].value, link.interfaces[1].value) : (link.interfaces[1].value, link.interfaces[0].value)
  }
}

/// Every ToR with every spine, spines in the order of their ids; then the ToRs of each pair that has a link.
private func linkPairs(_ region: RegionDraft, _ overrides: inout LinkOverrides) -> [LinkPair] {
  let spines = region.spines.sorted { $0.id < $1.id }
  let uplinks = region.racks.indices.flatMap { rack in
    region.racks[rack].tors.enumerated().flatMap { position, tor in
      spines.map { spine in
        let names = [tor.document.name.value, spine.document.name.value]
        return LinkPair(
          rack: rack, tor: position,
          path: LockPath(tor: tor.document.names, spine: spine.document.names),
          override: overrides.take(names), name: tor.document.name, other: spine.document.name)
      }
    }
  }
  return uplinks
    + region.racks.indices.filter { region.racks[$0].pairKind == .link }.map { rack in
      let tors = region.racks[rack].orderedToRs.map(\.document)
      return LinkPair(
        rack: rack, tor: nil, path: LockPath(tor: tors[0].names, spine: tors[1].names),
        override: overrides.take(tors.map(\.name.value)), name: tors[0].name, other: tors[1].name)
    }
}

extension SpineDocument {
  /// The present name and the former one.
  fileprivate var names: [Name] { [name.value] + (renamedFrom.map { [$0.value] } ?? []) }
}

/// The `links:` of a region by their ends.
private struct LinkOverrides {
  private var byEnds: [Set<Name>: LinkDocument] = [:]

  init(_ region: RegionDraft, _ diagnostics: inout Diagnostics) {
    for link in region.document.links {
      let ends = Set(link.between.map(\.value))
      if let first = byEnds[ends] {
        diagnostics.add(.duplicateLink(at: link.range, first: first.range))
      } else {
        byEnds[ends] = link
      }
    }
  }

  mutating func take(_ names: [Name]) -> LinkDocument? {
    byEnds.isEmpty ? nil : byEnds.removeValue(forKey: Set(names))
  }

  func reportUnused(in region: RegionDraft, _ diagnostics: inout Diagnostics) {
    guard !byEnds.isEmpty else { return }
    let switches = region.spines + region.racks.flatMap(\.tors)
    let known = Dictionary(switches.map { ($0.document.name.value, 0) }) { first, _ in first }
    for link in byEnds.values {
      let unknown = link.between.filter { known[$0.value] == nil }
      for end in unknown {
        _ = lookUp(end, "ToR or spine", of: "region '\(region.document.name.value)'", in: known, &diagnostics)
      }
      if unknown.isEmpty { diagnostics.add(.linkOfNoPair(link)) }
    }
  }
}

/// The prefixes of removed links, and whose they were.
private struct ReservedLinks {
  private(set) var keys: [Prefix: String] = [:]

  init(_ ledger: LockLedger) {
    for (key, entry) in ledger.unclaimed(.links) {
      for prefix in [entry.prefix, entry.prefix6] { if let prefix { keys[prefix] = key } }
    }
  }
}

/// The links of one family that are still to be had in a region.
private struct LinkPool {
  private let family: AddressFamily
  private let pool: Located<Prefix>?
  private let region: RegionDraft
  private let reserved: ReservedLinks
  private var used: Set<Prefix>

  init(_ region: RegionDraft, _ family: AddressFamily, _ reserved: ReservedLinks, kept: [Prefix]) {
    self.region = region
    self.family = family
    self.reserved = reserved
    pool = family == .ipv4 ? region.document.linkPool : region.document.linkPool6
    used = Set(reserved.keys.keys).union(kept)
  }

  mutating func assign(
    _ pairs: [LinkPair], _ entries: [LockEntry?], _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics
  ) -> [Prefix?] {
    var result = pairs.map { family == .ipv4 ? $0.override?.prefix?.value : $0.override?.prefix6?.value }
    var owners: [Prefix: Int] = [:]
    for (index, prefix) in result.enumerated() {
      guard let prefix else { continue }
      if let other = owners.updateValue(index, forKey: prefix) {
        diagnostics.add(.linkTwice(prefix, pairs[index], pairs[other]))
      }
      if let key = reserved.keys[prefix] {
        if ledger.mayRenumber {
          ledger.forget(.links, key)
        } else {
          diagnostics.add(.linkReserved(prefix, pairs[index], of: key))
        }
      }
      used.insert(prefix)
    }
    for (index, entry) in entries.enumerated() where result[index] == nil {
      guard let prefix = family == .ipv4 ? entry?.prefix : entry?.prefix6 else { continue }
      let isInPool = pool.map { $0.value.contains(prefix) } ?? false
      if isInPool, used.insert(prefix).inserted {
        result[index] = prefix
      } else if !ledger.mayRenumber {
        diagnostics.add(
          isInPool
            ? .linkTaken(prefix, pairs[index], by: owners[prefix].map { pairs[$0] })
            : .wouldMoveLink(prefix, pairs[index], pool: pool))
        result[index] = prefix
      }
    }
    fill(&result, pairs, &diagnostics)
    return result
  }

  private mutating func fill(_ result: inout [Prefix?], _ pairs: [LinkPair], _ diagnostics: inout Diagnostics) {
    let missing = result.indices.filter { result[$0] == nil }
    guard let first = missing.first else { return }
    guard let pool else {
      diagnostics.add(.missingLinkPool(region.document.name, family, pairs[first]))
      return
    }
    let length = family.bitWidth - 1
    guard pool.value.length <= length else {
      diagnostics.add(.linkPoolFull(region.document.name.value, pool, pairs.count))
      return
    }
    let room = UInt128(1) << (length - pool.value.length)
    var next: UInt128 = 0
    for index in missing {
      while next < room, used.contains(pool.value.child(next, length: length)) { next += 1 }
      guard next < room else {
        diagnostics.add(.linkPoolFull(region.document.name.value, pool, pairs.count))
        return
      }
      let prefix = pool.value.child(next, length: length)
      used.insert(prefix)
      result[index] = prefix
    }
  }
}

extension Diagnostic {
  static func duplicateLink(at range: SourceRange, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateName, "these two devices have a link already", at: range, labels: [(first, "first here")],
      help: ["keep one of the two"])
  }

  static func linkOfNoPair(_ link: LinkDocument) -> Diagnostic {
    let ends = link.between.map { "'\($0.value)'" }.joined(separator: " and ")
    return Diagnostic(
      .undefinedName, "\(ends) are not a ToR and a spine of this region, nor a pair of ToRs that has a link",
      at: link.range,
      help: ["name a ToR of one of the region's racks and one of its spines, or the two ToRs of a rack"])
  }

  static func linkTwice(_ prefix: Prefix, _ pair: LinkPair, _ other: LinkPair) -> Diagnostic {
    Diagnostic(
      .overlappingUnderlay, "the links \(other.path.text) and \(pair.path.text) both have \(prefix)",
      at: pair.override?.range ?? pair.name.range,
      labels: [(other.override?.range ?? other.name.range, "the other link")],
      help: ["choose another prefix for one of them"])
  }

  /// Without `taker` it is another link of the lock file that has the prefix, which a wrong merge can cause.
  static func linkTaken(_ prefix: Prefix, _ pair: LinkPair, by taker: LinkPair?) -> Diagnostic {
    Diagnostic(
      .wouldRenumber,
      "this would renumber the link \(pair.path.text): \(taker?.path.text ?? "another link") takes its prefix \(prefix)",
      at: taker?.override?.range ?? pair.name.range, labels: [(pair.name.range, "has \(prefix) in the lock file")],
      help: ["choose another prefix, or build with --renumber if the change is meant"])
  }

  static func linkReserved(_ prefix: Prefix, _ pair: LinkPair, of key: String) -> Diagnostic {
    Diagnostic(
      .idReserved, "\(prefix) is reserved for the removed link '\(key)'", at: pair.override?.range ?? pair.name.range,
      help: [
        "choose another prefix, or run `romana-compile lock --prune TOPOLOGY` once no device uses the old one"
      ])
  }

  static func wouldMoveLink(_ prefix: Prefix, _ pair: LinkPair, pool: Located<Prefix>?) -> Diagnostic {
    Diagnostic(
      .wouldRenumber,
      "this would renumber the link \(pair.path.text): the lock file has \(prefix), which is "
        + (pool.map { "not in \($0.value)" } ?? "in no pool any more"),
      at: pool?.range ?? pair.override?.range ?? pair.name.range,
      help: ["keep the pool, fix the link under `links:`, or build with --renumber if the change is meant"])
  }

  static func addressOfUnnumberedLink(_ prefix: Located<Prefix>, _ pair: LinkPair, _ key: SourceRange?) -> Diagnostic {
    Diagnostic(
      .addressOfUnnumberedLink,
      "the link of '\(pair.name.value)' and '\(pair.other.value)' is unnumbered, but \(prefix.value) is stated for it",
      at: prefix.range, labels: key.map { [($0, "this makes it unnumbered")] } ?? [],
      help: ["remove the prefix, or write `fabric_links: numbered` for the rack"])
  }

  static func unnumberedLinkWithoutInterfaces(_ pair: LinkPair, _ key: SourceRange?) -> Diagnostic {
    Diagnostic(
      .switchPort, "the names of the interfaces between '\(pair.name.value)' and '\(pair.other.value)' are missing",
      at: pair.name.range, labels: key.map { [($0, "the link is unnumbered")] } ?? [],
      notes: ["without addresses a link is known by its interfaces"],
      help: [
        "add `- { between: [\(pair.name.value), \(pair.other.value)], interfaces: [swp49, swp1] }` to the region's `links:`, with the right names"
      ])
  }

  static func missingLinkPool(_ region: Located<Name>, _ family: AddressFamily, _ pair: LinkPair) -> Diagnostic {
    let key = family == .ipv4 ? "link_pool" : "link_pool6"
    return Diagnostic(
      .missingLinkPool, "the region '\(region.value)' has no '\(key)', which the link \(pair.path.text) needs",
      at: region.range, notes: ["the region has an \(family.name) network"],
      help: ["add `\(key):` with room for a /\(family.bitWidth - 1) for every link between switches"])
  }

  static func linkPoolFull(_ region: Name, _ pool: Located<Prefix>, _ count: Int) -> Diagnostic {
    Diagnostic(
      .linkPoolFull, "\(pool.value) is too small for the \(counted(count, "link")) of region '\(region)'",
      at: pool.range,
      help: ["widen it: links that have an address keep it"])
  }
}
