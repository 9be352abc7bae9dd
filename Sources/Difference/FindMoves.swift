import TopologyModel

/// What is on both sides and has other addresses: what contains the most comes first, and what moves only because that
/// moves is counted there and not told again.
func findMoves(_ old: Topology, _ new: Topology, _ names: NameMap) -> [AddressMove] {
  var finder = MoveFinder(old, new, names)
  finder.findNetworks()
  finder.findPlaces()
  finder.findTenants()
  finder.findEndpoints()
  finder.findDevices()
  return finder.moves.enumerated().sorted {
    ($0.element.kind, $0.element.place, $0.offset) < ($1.element.kind, $1.element.place, $1.offset)
  }
  .map(\.element)
}

/// Looks at one kind of thing after the other; see `findMoves` for the order.
struct MoveFinder {
  let old: Topology
  let new: Topology
  private let names: NameMap
  /// Pairs of indices of what is on both sides.
  private var networks: [(old: Int, new: Int)] = []
  private(set) var regions: [(old: Int, new: Int)] = []
  private(set) var racks: [(old: Int, new: Int)] = []
  private(set) var hosts: [(old: Int, new: Int)] = []
  /// Networks of the newer side all of whose addresses move.
  private var movedNetworks: Set<Int> = []
  /// By network of the newer side: hosts whose prefix moves.
  private var movedHosts: [Int: Set<Int>] = [:]
  private var movedSegments: Set<String> = []
  private(set) var moves: [AddressMove] = []

  init(_ old: Topology, _ new: Topology, _ names: NameMap) {
    (self.old, self.new, self.names) = (old, new, names)
    networks = pairs(old.networks.map(\.name.text), new.networks.map(\.name.text))
    regions = pairs(old.regions.map(\.name.text), new.regions.map(\.name.text))
    racks = pairs(old.racks.indices.map(old.path(ofRack:)), new.racks.indices.map(new.path(ofRack:)))
    let hostRenames = names.renames.filter { $0.kind == "host" }
    let renamed = Dictionary(hostRenames.map { ($0.before, $0.after) }) { first, _ in first }
    hosts = pairs(old.hosts.map { renamed[$0.name.text] ?? $0.name.text }, new.hosts.map(\.name.text))
  }

  private func pairs(_ old: [String], _ new: [String]) -> [(old: Int, new: Int)] {
    let index = Dictionary(old.enumerated().map { ($1, $0) }) { first, _ in first }
    return new.enumerated().compactMap { number, name in index[name].map { ($0, number) } }
  }

  mutating func add(
    _ kind: AddressMove.Kind, _ name: String, _ place: String, _ network: Int?, _ before: String, _ after: String,
    hosts: Int
  ) {
    moves.append(
      AddressMove(
        kind: kind, name: name, place: place, network: network.map { new.networks[$0].name.text }, before: before,
        after: after, hosts: hosts))
  }

  mutating func findNetworks() {
    for (before, after) in networks {
      let (former, present) = (old.networks[before].prefix, new.networks[after].prefix)
      guard former.address != present.address else { continue }
      movedNetworks.insert(after)
      let count = hosts.count { new.prefixes(ofHost: $0.new, inNetwork: after).isEmpty == false }
      add(.network, new.networks[after].name.text, "", nil, "\(former)", "\(present)", hosts: count)
    }
  }

  /// The prefixes of regions, racks and hosts, network by network.
  mutating func findPlaces() {
    for (before, after) in networks where !movedNetworks.contains(after) {
      if new.networks[after].isDividedIntoBlocks { findBlocks(before, after) }
      for region in regions { findRegion(region, before, after) }
      var covered: [Int: Int] = [:]
      for rack in racks {
        guard let former = old.racks[rack.old].allocations[before]?.aggregate,
          let present = new.racks[rack.new].allocations[after]?.aggregate, former != present
        else { continue }
        covered[rack.new] = moves.count
        let place = new.regions[new.racks[rack.new].region].name.text
        add(.rack, new.racks[rack.new].name.text, place, after, "\(former)", "\(present)", hosts: 0)
      }
      findHosts(before, after, &covered)
    }
    // A rack whose aggregate only grew or shrank in place moves nobody; it is told where the aggregate is a route.
    moves = moves.filter { $0.kind != .rack || $0.hosts > 0 || !Self.hasSameStart($0) }
  }

  private static func hasSameStart(_ move: AddressMove) -> Bool {
    move.before.prefix { $0 != "/" } == move.after.prefix { $0 != "/" }
  }

  private mutating func findRegion(_ region: (old: Int, new: Int), _ before: Int, _ after: Int) {
    guard let former = old.regions[region.old].allocations[before]?.prefix,
      let present = new.regions[region.new].allocations[after]?.prefix, former.address != present.address
    else { return }
    let members = hosts.count { new.racks[new.hosts[$0.new].rack].region == region.new }
    add(.region, new.regions[region.new].name.text, "", after, "\(former)", "\(present)", hosts: members)
  }

  private mutating func findHosts(_ before: Int, _ after: Int, _ covered: inout [Int: Int]) {
    for host in hosts {
      guard let former = old.prefix(ofHost: host.old, inNetwork: before),
        let present = new.prefix(ofHost: host.new, inNetwork: after), former.address != present.address
      else { continue }
      movedHosts[after, default: []].insert(host.new)
      let rack = new.hosts[host.new].rack
      let stays = old.path(ofRack: old.hosts[host.old].rack) == new.path(ofRack: rack)
      if stays, let move = covered[rack] {
        moves[move].hosts += 1
        continue
      }
      add(.host, new.hosts[host.new].name.text, new.path(ofRack: rack), after, "\(former)", "\(present)", hosts: 1)
    }
  }

  /// A block that its owner has on both sides and that lies elsewhere.
  private mutating func findBlocks(_ before: Int, _ after: Int) {
    struct Key: Hashable {
      var owner: String
      var number: Int
    }
    for host in hosts {
      func blocks(_ topology: Topology, _ index: Int, _ network: Int, _ names: NameMap?) -> [Key: Prefix] {
        let own = topology.hosts[index].blocks.filter { $0.network == network }
        return Dictionary(
          own.map { block in
            let owner = block.owner.map { names?.key($0.tenant, $0.segment) ?? "\($0.tenant)/\($0.segment)" }
            return (Key(owner: owner ?? "", number: block.number), block.prefix)
          }
        ) { first, _ in first }
      }
      let former = blocks(old, host.old, before, names)
      for (key, present) in blocks(new, host.new, after, nil).sorted(by: { $0.value < $1.value }) {
        guard let previous = former[key], previous != present else { continue }
        let name = new.hosts[host.new].name.text + (key.owner.isEmpty ? "" : " of \(key.owner)")
        let place = new.path(ofRack: new.hosts[host.new].rack)
        add(.block, name, place, after, "\(previous)", "\(present)", hosts: 1)
      }
    }
  }

  /// Tenants and segments whose field has another value, or stands elsewhere.
  mutating func findTenants() {
    let former = Dictionary(
      old.tenants.map { (names.tenants[$0.name] ?? $0.name, $0) }
    ) { first, _ in first }
    for tenant in new.tenants {
      guard let previous = former[tenant.name] else { continue }
      let ids = Dictionary(previous.segments.map { (names.key(previous.name, $0.name), $0.id) }) { first, _ in first }
      for (before, after) in networks where tenant.networks.contains(after) && previous.networks.contains(before) {
        guard let from = old.networks[before].tagged, let to = new.networks[after].tagged,
          !movedNetworks.contains(after)
        else { continue }
        let (was, now) = (from.match(tenant: previous.id), to.match(tenant: tenant.id))
        if was != now {
          add(.tenant, tenant.name.text, "", after, text(was), text(now), hosts: hosts.count)
          movedSegments.formUnion(tenant.segments.map { "\(tenant.name)/\($0.name)" })
          continue
        }
        for segment in tenant.segments {
          let key = "\(tenant.name)/\(segment.name)"
          guard let id = ids[key] else { continue }
          let (was, now) = (
            from.match(tenant: previous.id, segment: id), to.match(tenant: tenant.id, segment: segment.id)
          )
          guard was != now else { continue }
          movedSegments.insert(key)
          add(.segment, key, "", after, text(was), text(now), hosts: hosts.count)
        }
      }
    }
  }

  private func text(_ match: AddressMatch) -> String { "\(match.value)/\(match.maskAddress)" }

  /// Listed endpoints, as far as neither their host nor their segment has moved.
  mutating func findEndpoints() {
    struct Placed {
      var host: Int
      var endpoint: Endpoint
    }
    var former: [String: Placed] = [:]
    for (index, host) in old.hosts.enumerated() {
      for endpoint in host.endpoints {
        former["\(names.key(endpoint.tenant, endpoint.segment))/\(endpoint.name)"] = Placed(
          host: index, endpoint: endpoint)
      }
    }
    guard !former.isEmpty else { return }
    for (index, host) in new.hosts.enumerated() {
      for endpoint in host.endpoints {
        let segment = "\(endpoint.tenant)/\(endpoint.segment)"
        guard let previous = former["\(segment)/\(endpoint.name)"] else { continue }
        let stays = hosts.contains { $0.new == index && $0.old == previous.host }
        if stays, movedSegments.contains(segment) { continue }
        for address in endpoint.addresses {
          guard let was = previous.endpoint.addresses.first(where: { $0.family == address.family }), was != address
          else { continue }
          let network = new.networks.firstIndex { $0.prefix.contains(address) }
          if stays, let network, movedNetworks.contains(network) || movedHosts[network]?.contains(index) == true {
            continue
          }
          add(
            .endpoint, "\(segment)/\(endpoint.name)", new.path(ofRack: host.rack), network, "\(was)", "\(address)",
            hosts: 1)
        }
      }
    }
  }
}
