import Difference
import Testing
import TopologyModel

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

/// What `diff` says is opened or cut, held against connections that are really made: in a lab of the older topology and one of the newer.
@Suite(.enabled(if: isRoot, "labs need root"))
struct DiffLabTests {
  private struct Flow: Hashable, CustomStringConvertible {
    var from: String
    var to: String
    var port: UInt16
    var description: String { "\(from) → \(to) tcp/\(port)" }
  }

  @Test(arguments: ["open-port", "close-port-nft", "split-segment", "isolation-and-egress", "move-host"])
  func whatIsToldIsWhatConnectionsFind(_ name: String) async throws {
    let (old, new) = try sides(name)
    let changes = compareNetworks(ComparedNetwork(old), ComparedNetwork(new)).reachability
    let ports = Set([80, 22, 443, 5432, 5433, 8080] + changes.flatMap { $0.services.compactMap(portOf) })
    let before = try await reached(old, ports)
    let after = try await reached(new, ports)
    #expect(!before.passing.isEmpty && !after.passing.isEmpty)
    let segments = before.segments.union(after.segments)
    var told: [Bool: Set<Flow>] = [:]
    for change in changes { told[change.isOpened, default: []].formUnion(flows(change, among: segments, ports)) }
    #expect(told[true] ?? [] == after.passing.subtracting(before.passing))
    #expect(told[false] ?? [] == before.passing.subtracting(after.passing))
    // The other two change nothing between segments, and are told so.
    #expect(told.values.allSatisfy(\.isEmpty) == ["open-port", "move-host"].contains(name))
  }

  /// The newer side has the ids of the older, as `diff` has it.
  private func sides(_ name: String) throws -> (NetworkPlan, NetworkPlan) {
    let folder = repository.appending("golden").appending("diff").appending(name)
    func side(_ file: String, _ lock: LockFile?) throws -> (NetworkPlan, LockFile) {
      var sources = SourceMap()
      var diagnostics = Diagnostics()
      let document = try #require(loadTopology(folder.appending(file).string, into: &sources, &diagnostics))
      let resolved = resolveTopology(document, lock: lock, &diagnostics)
      var printer = DiagnosticPrinter(sources: sources)
      let found = try #require(resolved, "\(printer.text(diagnostics))")
      return (NetworkPlan(found.topology), found.lock)
    }
    let old = try side("old.yaml", nil)
    return (old.0, try side("new.yaml", old.1).0)
  }

  private func portOf(_ service: String) -> UInt16? {
    service.hasPrefix("tcp/") ? service.dropFirst(4).split(separator: "-").first.flatMap { UInt16($0) } : nil
  }

  /// The flows between segments that a change is about.
  private func flows(_ change: ReachabilityChange, among segments: Set<String>, _ ports: Set<UInt16>) -> Set<Flow> {
    if change.pairing == .outside { return [] }
    let meant = ports.filter { port in
      change.services.contains { service in
        if service == "any" || service == "tcp" { return true }
        let bounds =
          service.hasPrefix("tcp/") ? service.dropFirst(4).split(separator: "-").compactMap { UInt16($0) } : []
        return bounds.first.map { ($0...(bounds.last ?? $0)).contains(port) } ?? false
      }
    }
    var found: Set<Flow> = []
    for from in change.from where segments.contains(from) {
      for to in change.to where segments.contains(to) {
        let isSame = from.prefix { $0 != "/" } == to.prefix { $0 != "/" }
        if (from == to) != (change.pairing == .itself) || change.pairing == .sameTenant && !isSame
          || change.pairing == .otherTenants && isSame
        {
          continue
        }
        found.formUnion(meant.map { Flow(from: from, to: to, port: $0) })
      }
    }
    return found
  }

  /// Sets up a lab and connects from an endpoint of each segment to one of each, on another host.
  private func reached(
    _ plan: NetworkPlan, _ ports: Set<UInt16>
  ) async throws -> (passing: Set<Flow>, segments: Set<String>) {
    try await LabGate.shared.run {
      var options = LabOptions()
      options.backends = [.nft]
      let record = try await bringUpLab(plan, options) { identity in
        LabRecord(
          identity: identity, fabric: "diff", topology: "", lock: "", sample: nil, digest: "", backend: .nft,
          isReady: false)
      }
      do {
        let found = try await connectAll(plan, record.identity, ports)
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
    _ plan: NetworkPlan, _ identity: LabIdentity, _ ports: Set<UInt16>
  ) async throws -> (passing: Set<Flow>, segments: Set<String>) {
    let layout = try planLayout(plan, sampleDevices(plan, nil), identity)
    let segments = Dictionary(grouping: layout.endpoints) { segment($0, plan.topology) }
    var passing: Set<Flow> = []
    for (from, senders) in segments {
      guard let sender = senders.first else { continue }
      var targets: [(flow: Flow, address: Address)] = []
      for (to, receivers) in segments {
        guard let receiver = receivers.last(where: { $0.host != sender.host }), let place = receiver.places.first else {
          continue
        }
        targets += ports.map { (Flow(from: from, to: to, port: $0), place.address) }
      }
      let reached = try await inNamespace(sender.namespace) { [targets] in
        try connect(targets.map { ($0.address, $0.flow.port) })
      }
      for (target, isReached) in zip(targets, reached) where isReached { passing.insert(target.flow) }
    }
    return (passing, Set(segments.keys))
  }

  private func segment(_ endpoint: LabEndpoint, _ topology: Topology) -> String {
    guard let tenant = topology.tenants.first(where: { $0.id == endpoint.tenant }),
      let segment = tenant.segments.first(where: { $0.id == endpoint.segment })
    else { return "?" }
    return "\(tenant.name)/\(segment.name)"
  }
}

/// Opens all connections at once; reached is who takes one or refuses it, within two seconds.
private func connect(_ targets: [(address: Address, port: UInt16)]) throws(LabError) -> [Bool] {
  var sockets: [pollfd] = []
  defer { for socket in sockets where socket.fd >= 0 { close(socket.fd) } }
  var reached = [Bool](repeating: false, count: targets.count)
  for (index, target) in targets.enumerated() {
    let descriptor = try openSocket(.tcp, target.address.family)
    let status = withSocketAddress(target.address, port: target.port) { Glibc.connect(descriptor, $0, $1) }
    if status == 0 || errno == ECONNREFUSED { reached[index] = true }
    sockets.append(pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0))
  }
  let watch = Stopwatch()
  while watch.seconds < 2, !reached.allSatisfy(\.self) {
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
