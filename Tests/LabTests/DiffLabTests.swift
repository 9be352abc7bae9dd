import Difference
import Testing
import TopologyModel

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

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

/// A flow between two segments, by the names of the newer side.
private struct SegmentFlow: Hashable {
  var from: String
  var to: String
  var port: UInt16
}

/// The ports of all changes, and some that nothing is said of.
private let probedPorts: Set<UInt16> = [22, 80, 443, 5432, 5433, 8080]

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

/// Who answers whom in a lab: an endpoint of each segment on the first host asks all others, and each switch its neighbours.
private struct LabContacts: Sendable {
  struct Holder: Hashable {
    var segment: String
    var host: String
    var rack: String
  }
  struct Flow: Hashable {
    var from: String
    var to: Address
    var port: UInt16
  }
  struct Contact: Hashable {
    var from: String
    var to: Address
  }
  var senderHost = ""
  var segments: Set<String> = []
  var endpoints: [Address: Holder] = [:]
  var flows: Set<Flow> = []
  var switches: Set<String> = []
  var deviceOwners: [Address: String] = [:]
  var devices: Set<Contact> = []

  var deviceAddresses: Set<Address> { Set(deviceOwners.keys) }

  /// What every endpoint of a segment on other hosts answers alike.
  func segmentFlows(_ renamed: (String) -> String) -> Set<SegmentFlow> {
    let flows = flows.compactMap { flow in
      endpoints[flow.to].map { SegmentFlow(from: renamed(flow.from), to: renamed($0.segment), port: flow.port) }
    }
    return Set(flows)
  }
}

/// The labs of older sides: many changes begin at the same topology.
private actor DiffLabs {
  static let shared = DiffLabs()
  private var known: [String: Task<LabContacts, any Error>] = [:]

  func contacts(_ text: String, _ plan: NetworkPlan) async throws -> LabContacts {
    let task = known[text] ?? Task { try await findContacts(plan, andOf: []) }
    known[text] = task
    return try await task.value
  }
}

/// Sets up a lab, connects, and takes it down.
///
/// - Parameter others: labs whose addresses are tried too.
private func findContacts(_ plan: NetworkPlan, andOf others: [LabContacts]) async throws -> LabContacts {
  try await LabGate.shared.run {
    var options = LabOptions()
    options.backends = [.nft]
    let record = try await bringUpLab(plan, options) { identity in
      LabRecord(
        identity: identity, fabric: "diff", topology: "", lock: "", sample: nil, digest: "", backend: .nft,
        isReady: false)
    }
    do {
      let found = try await connectAll(plan, record.identity, others)
      try await takeDown(record.identity)
      #expect(traces(of: record.identity).isEmpty)
      return found
    } catch {
      try? await takeDown(record.identity)
      throw error
    }
  }
}

private func connectAll(
  _ plan: NetworkPlan, _ identity: LabIdentity, _ others: [LabContacts]
) async throws -> LabContacts {
  let layout = try planLayout(plan, sampleDevices(plan, nil), identity)
  var contacts = LabContacts(senderHost: plan.topology.hosts[0].name.text)
  var senders: [String: String] = [:]
  for endpoint in layout.endpoints {
    let holder = LabContacts.Holder(
      segment: segment(endpoint, plan.topology), host: plan.topology.hosts[endpoint.hostIndex].name.text,
      rack: plan.topology.path(of: .host(endpoint.hostIndex)))
    contacts.segments.insert(holder.segment)
    for place in endpoint.places { contacts.endpoints[place.address] = holder }
    if holder.host == contacts.senderHost { senders[holder.segment] = endpoint.namespace }
  }
  for link in layout.links {
    for end in link.ends {
      for address in end.addresses { contacts.deviceOwners[address] = layout.nodes[end.node].name }
    }
  }
  for node in layout.nodes where !node.isHost { contacts.switches.insert(node.name) }
  let targets = ([contacts] + others).reduce(into: Set<Address>()) { all, lab in
    all.formUnion(lab.endpoints.filter { $0.value.host != contacts.senderHost }.keys)
  }
  let devices = ([contacts] + others).reduce(into: Set<Address>()) { $0.formUnion($1.deviceAddresses) }
  try await withThrowingTaskGroup(of: LabContacts.self) { group in
    for (name, namespace) in senders {
      let flows = targets.flatMap { to in probedPorts.map { LabContacts.Flow(from: name, to: to, port: $0) } }
      group.addTask {
        let reached = try await inNamespace(namespace) { try connect(flows.map { ($0.to, $0.port) }) }
        return LabContacts(flows: Set(zip(flows, reached).filter(\.1).map(\.0)))
      }
    }
    for node in layout.nodes where !node.isHost {
      let own = devices.map { LabContacts.Contact(from: node.name, to: $0) }
      group.addTask {
        let reached = try await inNamespace(node.namespace) { try connect(own.map { ($0.to, 80) }, onLink: true) }
        return LabContacts(devices: Set(zip(own, reached).filter(\.1).map(\.0)))
      }
    }
    for try await part in group {
      contacts.flows.formUnion(part.flows)
      contacts.devices.formUnion(part.devices)
    }
  }
  return contacts
}

private func segment(_ endpoint: LabEndpoint, _ topology: Topology) -> String {
  guard let tenant = topology.tenants.first(where: { $0.id == endpoint.tenant }),
    let segment = tenant.segments.first(where: { $0.id == endpoint.segment })
  else { return "?" }
  return "\(tenant.name)/\(segment.name)"
}

/// Opens all connections at once; reached is who takes one or refuses it, within two seconds.
///
/// - Parameter onLink: nothing passes a router (socket(7), SO_DONTROUTE): what is outside of the lab answers for every address.
private func connect(
  _ targets: [(address: Address, port: UInt16)], onLink: Bool = false
) throws(LabError) -> [Bool] {
  var sockets: [pollfd] = []
  defer { for socket in sockets where socket.fd >= 0 { close(socket.fd) } }
  var reached = [Bool](repeating: false, count: targets.count)
  for (index, target) in targets.enumerated() {
    let descriptor = try openSocket(.tcp, target.address.family)
    var isOn: Int32 = onLink ? 1 : 0
    setsockopt(descriptor, SOL_SOCKET, SO_DONTROUTE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    let status = withSocketAddress(target.address, port: target.port) { Glibc.connect(descriptor, $0, $1) }
    if status == 0 || errno == ECONNREFUSED { reached[index] = true }
    guard status == 0 || errno == EINPROGRESS else {
      // No route: it is over, and poll(2) leaves out what is no descriptor.
      close(descriptor)
      sockets.append(pollfd(fd: -1, events: 0, revents: 0))
      continue
    }
    sockets.append(pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0))
  }
  let watch = Stopwatch()
  while watch.seconds < 2, sockets.indices.contains(where: { sockets[$0].fd >= 0 && !reached[$0] }) {
    poll(&sockets, nfds_t(sockets.count), 100)
    for index in sockets.indices where sockets[index].revents != 0 && !reached[index] {
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(sockets[index].fd, SOL_SOCKET, SO_ERROR, &error, &size)
      if error == 0 || error == ECONNREFUSED { reached[index] = true }
      // A filter on the way may answer with an error of ICMP: not reached, and nothing more comes.
      sockets[index].events = 0
    }
  }
  return reached
}
