import Testing
import TopologyModel

@testable import Lab

#if canImport(Glibc)
  import Glibc
#endif

/// A flow between two segments, by the names of the newer side.
struct SegmentFlow: Hashable {
  var from: String
  var to: String
  var port: UInt16
}

/// The ports of all changes, and some that nothing is said of.
let probedPorts: Set<UInt16> = [22, 80, 443, 5432, 5433, 8080]

/// Who answers whom in a lab: an endpoint of each segment on the first host asks all others, and each switch its neighbours.
struct LabContacts: Sendable {
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
actor DiffLabs {
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
func findContacts(_ plan: NetworkPlan, andOf others: [LabContacts]) async throws -> LabContacts {
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
