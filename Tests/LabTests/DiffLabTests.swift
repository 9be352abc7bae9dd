import Difference
import Testing
import TopologyModel

@testable import Lab

/// What `diff` says of a change, held against connections that are really made in a lab of the older topology and one of the newer.
@Suite(.enabled(if: isRoot, "labs need root"))
struct DiffLabTests {
  /// Those of which nothing between segments is opened or cut: other things change, or only devices and addresses.
  private static let quiet: Set = [
    "open-port", "move-host", "add-host", "remove-rack", "rename-tenant", "change-speaker", "dual-home",
    "grow-past-capacity", "typo-in-address",
  ]

  @Test(arguments: quiet.sorted() + ["close-port-nft", "split-segment", "isolation-and-egress"])
  func whatIsToldIsWhatConnectionsFind(_ name: String) async throws {
    let pair = try TopologyPair(name)
    let difference = compareNetworks(ComparedNetwork(pair.old), ComparedNetwork(pair.new))
    let before = try await DiffLabs.shared.contacts(pair.oldText, pair.old)
    let after = try await findContacts(pair.new, andOf: [before])
    #expect(!before.flows.isEmpty && !after.flows.isEmpty)
    let told = ToldChange(difference, segments: before.segments.map(pair.renamed(difference)) + after.segments)
    expectSegments(told, pair.renamed(difference), before, after)
    #expect(told.flows.values.allSatisfy(\.isEmpty) == Self.quiet.contains(name))
    expectEndpoints(told, pair.renamed(difference), before, after)
    expectDevices(told, before, after)
  }

  /// Between segments: what is opened passes in the newer lab only, what is cut in the older only.
  private func expectSegments(
    _ told: ToldChange, _ renamed: (String) -> String, _ before: LabContacts, _ after: LabContacts
  ) {
    let (passed, passes) = (before.segmentFlows(renamed), after.segmentFlows { $0 })
    #expect(told.flows[true] ?? [] == passes.subtracting(passed))
    // What is gone with a segment is no flow of the newer lab, but told as cut.
    #expect(told.flows[false] ?? [] == passed.subtracting(passes))
  }

  /// Endpoint by endpoint: who answers at which address of either side follows from the older lab and from what is told.
  private func expectEndpoints(
    _ told: ToldChange, _ renamed: (String) -> String, _ before: LabContacts, _ after: LabContacts
  ) {
    let passed = before.segmentFlows(renamed)
    let passing = passed.union(told.flows[true] ?? []).subtracting(told.flows[false] ?? [])
    var expected: Set<LabContacts.Flow> = []
    for address in Set(before.endpoints.keys).union(after.endpoints.keys) {
      var holder = before.endpoints[address]
      if let known = holder { holder?.segment = renamed(known.segment) }
      if let known = holder, told.hasLeft(known, address, now: after.endpoints[address]) { holder = nil }
      if holder == nil, let other = after.endpoints[address], told.hasCome(other, address) { holder = other }
      guard let holder, holder.host != after.senderHost else { continue }
      for segment in after.segments {
        for port in probedPorts where passing.contains(SegmentFlow(from: segment, to: holder.segment, port: port)) {
          expected.insert(LabContacts.Flow(from: segment, to: address, port: port))
        }
      }
    }
    #expect(after.flows == expected)
    for (rack, count) in told.movedHosts {
      let left = before.endpoints.filter { $0.value.rack == rack && after.endpoints[$0.key]?.host != $0.value.host }
      #expect(Set(left.values.map(\.host)).count == count)
    }
  }

  /// Addresses of devices: those that are told to move are left and taken, and no other answers otherwise than before.
  private func expectDevices(_ told: ToldChange, _ before: LabContacts, _ after: LabContacts) {
    for (was, now) in told.movedDeviceAddresses {
      #expect(before.devices.contains { $0.to == was } && !after.devices.contains { $0.to == was })
      #expect(after.devices.contains { $0.to == now } && !before.devices.contains { $0.to == now })
    }
    let stayed = before.deviceAddresses.intersection(after.deviceAddresses)
    let senders = before.switches.intersection(after.switches)
    func kept(_ contacts: LabContacts) -> Set<LabContacts.Contact> {
      contacts.devices.filter { stayed.contains($0.to) && senders.contains($0.from) }
    }
    #expect(kept(before) == kept(after))
    for address in before.deviceAddresses.symmetricDifference(after.deviceAddresses) {
      let owner = before.deviceOwners[address] ?? after.deviceOwners[address] ?? ""
      #expect(
        told.names(address) || told.hasOtherLinks(owner), "\(address) of \(owner)")
    }
  }
}

/// Both sides of a change under `golden/diff`; the newer one has the ids of the older, as `diff` has it.
private struct TopologyPair {
  let old: NetworkPlan
  let new: NetworkPlan
  let oldText: String

  init(_ name: String) throws {
    let folder = repository.appending("golden").appending("diff").appending(name)
    let options = (try? readFile(folder.appending("options").string)) ?? []
    func side(_ file: String, _ lock: LockFile?) throws -> (NetworkPlan, LockFile) {
      var sources = SourceMap()
      var diagnostics = Diagnostics()
      let document = try #require(loadTopology(folder.appending(file).string, into: &sources, &diagnostics))
      let resolved = resolveTopology(
        document, lock: lock, mayRenumber: String(decoding: options, as: UTF8.self).contains("--renumber"), &diagnostics
      )
      var printer = DiagnosticPrinter(sources: sources)
      let found = try #require(resolved, "\(printer.text(diagnostics))")
      return (NetworkPlan(found.topology), found.lock)
    }
    let lock: LockFile
    (old, lock) = try side("old.yaml", nil)
    new = try side("new.yaml", lock).0
    oldText = String(decoding: try readFile(folder.appending("old.yaml").string), as: UTF8.self)
  }

  /// What a segment of the older side is called now, by the renames that are told.
  func renamed(_ difference: NetworkDifference) -> (String) -> String {
    let tenants = Dictionary(
      difference.renames.filter { $0.kind == "tenant" }.map { ($0.before, $0.after) }
    ) { first, _ in first }
    return { segment in
      let parts = segment.split(separator: "/").map(String.init)
      return parts.count == 2 ? "\(tenants[parts[0]] ?? parts[0])/\(parts[1])" : segment
    }
  }
}

/// What `diff` tells, as far as connections can see it.
private struct ToldChange {
  /// Opened (true) and cut.
  private(set) var flows: [Bool: Set<SegmentFlow>] = [:]
  private let removed: Set<String>
  private let newSegments: Set<String>
  private let moves: [AddressMove]
  private let groups: [DeviceGroup]

  init(_ difference: NetworkDifference, segments: [String]) {
    removed = Set(difference.groups.filter { $0.mark == .removed }.flatMap(\.devices).map(\.name.text))
    newSegments = Set(difference.parts.filter { $0.kind == "segment" && $0.mark == .added }.map(\.name))
    (moves, groups) = (difference.moves, difference.groups)
    for change in difference.reachability {
      flows[change.isOpened, default: []].formUnion(Self.flows(change, among: Set(segments)))
    }
  }

  /// The flows between segments that a change is about.
  private static func flows(_ change: ReachabilityChange, among segments: Set<String>) -> Set<SegmentFlow> {
    if change.pairing == .outside { return [] }
    let meant = probedPorts.filter { port in
      change.services.contains { service in
        if service == "any" || service == "tcp" { return true }
        let bounds =
          service.hasPrefix("tcp/") ? service.dropFirst(4).split(separator: "-").compactMap { UInt16($0) } : []
        return bounds.first.map { ($0...(bounds.last ?? $0)).contains(port) } ?? false
      }
    }
    var found: Set<SegmentFlow> = []
    for from in change.from where segments.contains(from) {
      for to in change.to where segments.contains(to) {
        let isSame = from.prefix { $0 != "/" } == to.prefix { $0 != "/" }
        if (from == to) != (change.pairing == .itself) || change.pairing == .sameTenant && !isSame
          || change.pairing == .otherTenants && isSame
        {
          continue
        }
        found.formUnion(meant.map { SegmentFlow(from: from, to: to, port: $0) })
      }
    }
    return found
  }

  private static func holds(_ text: String, _ address: Address) -> Bool {
    let prefix = (try? Prefix(parsing: text)) ?? (try? Address(parsing: text)).map { Prefix(host: $0) }
    return prefix?.contains(address) ?? false
  }

  /// Whether an endpoint that was there is told to be gone from its address.
  func hasLeft(_ holder: LabContacts.Holder, _ address: Address, now: LabContacts.Holder?) -> Bool {
    removed.contains(holder.host)
      || moves.contains { move in
        guard Self.holds(move.before, address) else { return false }
        // Of a rack whose aggregate moves it is told how many hosts move with it, and not which.
        return move.kind == .rack
          ? "\(move.place)/\(move.name)" == holder.rack && now?.host != holder.host : !Self.holds(move.after, address)
      }
  }

  /// Of racks that move: how many hosts are told to move with them.
  var movedHosts: [String: Int] {
    Dictionary(moves.filter { $0.kind == .rack }.map { ("\($0.place)/\($0.name)", $0.hosts) }) { $0 + $1 }
  }

  /// Whether an endpoint is told to be at an address that nobody had.
  func hasCome(_ holder: LabContacts.Holder, _ address: Address) -> Bool {
    if newSegments.contains(holder.segment) || moves.contains(where: { Self.holds($0.after, address) }) { return true }
    return groups.contains { group in
      group.mark == .added && group.devices.contains { $0.name.text == holder.host }
        && group.changes.contains { $0.kind == .route && Self.holds($0.subject, address) }
    }
  }

  var movedDeviceAddresses: [(was: Address, now: Address)] {
    moves.filter { $0.kind == .link || $0.kind == .loopback }.compactMap { move in
      guard let was = try? Address(parsing: move.before), let now = try? Address(parsing: move.after) else {
        return nil
      }
      return (was, now)
    }
  }

  /// Whether a device is told to come or go, or to have other sessions; of devices with the same change the first one's are told.
  func hasOtherLinks(_ device: String) -> Bool {
    groups.contains { group in
      group.devices.contains { $0.name.text == device }
        && (group.mark != .changed || group.changes.contains { $0.fate == .added || $0.fate == .removed })
    }
  }

  /// Whether an address is named, by itself or with the prefix of its link.
  func names(_ address: Address) -> Bool {
    func isIn(_ text: String) -> Bool {
      text.split { " ,()".contains($0) }.contains { (try? Address(parsing: String($0))) == address }
    }
    return moves.contains { Self.holds($0.before, address) || Self.holds($0.after, address) }
      || groups.contains { $0.changes.contains { isIn($0.text) } }
  }
}
