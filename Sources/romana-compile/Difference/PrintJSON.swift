import Difference
import Emitters

/// The whole difference for programs: see docs/diff.md.
struct JSONDifference: Encodable {
  struct Plan: Encodable { var add, change, remove: Int }
  struct Radius: Encodable {
    var hosts, hostsInAll, racks, racksInAll, tenants, tenantsInAll: Int
    var regionPairs: RegionPairs
    var tunnels: Tunnels
  }
  struct RegionPairs: Encodable { var cut, linked: Int }
  struct Tunnels: Encodable { var removed, changed, added: Int }
  struct Sessions: Encodable { var kept, reloaded, reset, added, removed: Int }
  struct Move: Encodable {
    var kind, name, place: String
    var network: String?
    var before, after: String
    var hosts: Int
  }
  struct Renamed: Encodable { var kind, before, after, kept: String }
  struct Part: Encodable {
    var mark, kind, name: String
    var details: [String]
  }
  struct End: Encodable {
    var address: String
    var host, endpoint: String?
  }
  struct Packet: Encodable {
    var source, destination: End
    var service: String
  }
  struct Reachability: Encodable {
    var change: String
    var from, to: [String]
    var pairing: String
    var partial: Bool
    var families, services: [String]
    var packet: Packet?
    var reason: String?
  }
  struct Rules: Encodable {
    var program, place: String
    var removed, added: [String]
  }
  struct Device: Encodable { var name, role, region: String; var rack: String? }
  struct File: Encodable { var mark, name: String }
  struct Change: Encodable {
    var kind, mark, subject: String
    var purpose, before, after, session: String?
  }
  struct Group: Encodable {
    var mark: String
    var devices: [Device]
    var changes: [Change]
    var files: [File]
  }

  var compiler = compilerVersion
  var fabric: [String: String]
  var plan: Plan
  var radius: Radius
  var sessions: Sessions
  var notes: [String]
  var moves: [Move]
  var renames: [Renamed]
  var parts: [Part]
  var reachability: [Reachability]
  var groups: [Group]
  var sharedRules: [Rules]
}

extension JSONDifference {
  init(_ difference: NetworkDifference) {
    let (radius, sessions) = (difference.radius, difference.sessions)
    fabric = ["before": difference.fabrics.before.text, "after": difference.fabrics.after.text]
    plan = Plan(
      add: difference.count(.added), change: difference.count(.changed), remove: difference.count(.removed))
    self.radius = Radius(
      hosts: radius.hosts, hostsInAll: radius.hostsInAll, racks: radius.racks, racksInAll: radius.racksInAll,
      tenants: radius.tenants, tenantsInAll: radius.tenantsInAll,
      regionPairs: RegionPairs(cut: radius.interconnects.pairsCut, linked: radius.interconnects.pairsLinked),
      tunnels: Tunnels(
        removed: radius.interconnects.tunnelsRemoved, changed: radius.interconnects.tunnelsChanged,
        added: radius.interconnects.tunnelsAdded))
    self.sessions = Sessions(
      kept: sessions.kept, reloaded: sessions.reloaded, reset: sessions.reset, added: sessions.added,
      removed: sessions.removed)
    notes = difference.notes
    moves = difference.moves.map {
      Move(
        kind: $0.kind.word, name: $0.name, place: $0.place, network: $0.network, before: $0.before, after: $0.after,
        hosts: $0.hosts)
    }
    renames = difference.renames.map { Renamed(kind: $0.kind, before: $0.before, after: $0.after, kept: $0.kept) }
    parts = difference.parts.map { Part(mark: $0.mark.word, kind: $0.kind, name: $0.name, details: $0.details) }
    reachability = difference.reachability.map(Reachability.init)
    groups = difference.groups.map(Group.init)
    sharedRules = difference.sharedRules.map {
      Rules(program: $0.program, place: $0.place, removed: $0.removed, added: $0.added)
    }
  }
}

extension JSONDifference.Reachability {
  fileprivate init(_ change: ReachabilityChange) {
    func end(_ end: PacketWitness.End) -> JSONDifference.End {
      JSONDifference.End(address: "\(end.address)", host: end.host, endpoint: end.endpoint)
    }
    self.init(
      change: change.isOpened ? "opened" : "cut", from: change.from, to: change.to, pairing: "\(change.pairing)",
      partial: change.isPartial, families: change.families.map { "\($0.name)" }, services: change.services,
      packet: change.witness.map {
        JSONDifference.Packet(source: end($0.source), destination: end($0.destination), service: $0.serviceText)
      }, reason: change.reason)
  }
}

extension JSONDifference.Group {
  fileprivate init(_ group: DeviceGroup) {
    self.init(
      mark: group.mark.word,
      devices: group.devices.map {
        JSONDifference.Device(name: $0.name.text, role: "\($0.role.name)", region: $0.region, rack: $0.rack)
      },
      changes: group.changes.map {
        JSONDifference.Change(
          kind: $0.kind.word, mark: $0.mark.word, subject: $0.subject, purpose: $0.purpose.isEmpty ? nil : $0.purpose,
          before: $0.before, after: $0.after, session: $0.fate?.word)
      }, files: group.files.map { JSONDifference.File(mark: $0.mark.word, name: "\($0.kind.fileName)") })
  }
}
