import Emitters
import TopologyModel

/// A difference in words, in the order in which it is read: what every printed form is made of.
package struct DifferenceReport: Sendable {
  package struct Line: Sendable {
    package var mark: ChangeMark?
    package var text: String
  }

  package struct Item: Sendable {
    package var mark: ChangeMark
    package var title: String
    package var lines: [Line] = []
    /// How many lines there are more than these.
    package var left = 0

    package init(mark: ChangeMark, title: String, lines: [Line] = [], left: Int = 0) {
      (self.mark, self.title, self.lines, self.left) = (mark, title, lines, left)
    }
  }

  package struct Section: Sendable {
    package enum Kind: Sendable {
      case moves, reachability, topology, devices, sharedRules
      /// How many devices of each rack are touched, in place of the devices themselves.
      case racks
    }
    package var kind: Kind
    package var title: String
    package var items: [Item]
    package var isLoud: Bool { kind == .moves }

    package init(_ kind: Kind, title: String, items: [Item]) {
      (self.kind, self.title, self.items) = (kind, title, items)
    }
  }

  package struct SummaryLine: Sendable {
    package var text: String
    /// Addresses that move are told as loudly as a form can.
    package var isLoud = false
  }

  /// `Plan: 4 to add, 11 to change, 2 to remove`
  package var plan: String
  /// The blast radius and the sessions.
  package var summary: [SummaryLine]
  package var sections: [Section]
  package var notes: [String]

  /// - Parameter most: so many lines of one device are told; nil tells all.
  package init(_ difference: NetworkDifference, most: Int?) {
    plan =
      "Plan: \(difference.count(.added)) to add, \(difference.count(.changed)) to change, "
      + "\(difference.count(.removed)) to remove"
    summary = summaryLines(difference)
    notes = difference.notes
    sections = []
    if !difference.moves.isEmpty {
      sections.append(Section(.moves, title: "Addresses that move", items: difference.moves.map(moveItem)))
    }
    if !difference.reachability.isEmpty {
      sections.append(
        Section(
          .reachability, title: "Reachability",
          items: difference.reachability.map { reachabilityItem($0, difference.isDualStack) }))
    }
    var parts = difference.renames.map {
      Item(mark: .changed, title: "\($0.kind) \($0.before) is now \($0.after); \($0.kept) stays")
    }
    if difference.fabrics.before != difference.fabrics.after {
      parts.append(
        Item(mark: .changed, title: "fabric \(difference.fabrics.before) is now \(difference.fabrics.after)"))
    }
    parts += difference.parts.map(partItem)
    if !parts.isEmpty { sections.append(Section(.topology, title: "Topology", items: parts)) }
    for mark in ChangeMark.allCases {
      let items = difference.groups.filter { $0.mark == mark }.map { groupItem($0, most) }
      if !items.isEmpty { sections.append(Section(.devices, title: "Devices \(mark.word)", items: items)) }
    }
    if !difference.sharedRules.isEmpty {
      sections.append(
        Section(
          .sharedRules, title: "Rules that all hosts share", items: difference.sharedRules.map { ruleItem($0, most) }))
    }
  }
}

private func summaryLines(_ difference: NetworkDifference) -> [DifferenceReport.SummaryLine] {
  typealias Line = DifferenceReport.SummaryLine
  let (radius, sessions) = (difference.radius, difference.sessions)
  var lines = [
    Line(
      text: "Reach: \(radius.hosts) of \(counted(radius.hostsInAll, "host")), "
        + "\(radius.racks) of \(counted(radius.racksInAll, "rack")), "
        + "\(radius.tenants) of \(counted(radius.tenantsInAll, "tenant"))"),
    Line(
      text: "Sessions: \(sessions.removed) removed, \(sessions.reset) reset, \(sessions.reloaded) reloaded, "
        + "\(sessions.added) added, \(sessions.kept) kept"),
  ]
  let across = radius.interconnects
  if !across.isEmpty {
    lines.append(
      Line(
        text: "Regions: \(counted(across.pairsCut, "pair")) cut, \(across.pairsLinked) linked; tunnels: "
          + "\(across.tunnelsRemoved) removed, \(across.tunnelsChanged) changed, \(across.tunnelsAdded) added"))
  }
  let moving = counted(difference.moves.count, "prefix or address", "prefixes or addresses")
  if !difference.moves.isEmpty { lines.append(Line(text: "ADDRESSES MOVE: \(moving)", isLoud: true)) }
  let (cut, opened) = (difference.reachability.count { !$0.isOpened }, difference.reachability.count { $0.isOpened })
  if cut + opened > 0 { lines.append(Line(text: "Reachability: \(cut) cut, \(opened) opened")) }
  return lines
}

private func moveItem(_ move: AddressMove) -> DifferenceReport.Item {
  let place = move.place.isEmpty ? "" : " (\(move.place))"
  let network = move.network.map { " in \($0)" } ?? ""
  let consequence: String =
    switch move.kind {
    case .network, .region, .rack:
      move.hosts > 0 ? "; the endpoints of \(counted(move.hosts, "host")) get other addresses" : ""
    case .host, .block: "; its endpoints get other addresses"
    case .tenant: "; all endpoints of the tenant get other addresses"
    case .segment: "; all endpoints of the segment get other addresses"
    case .subnet: move.hosts > 0 ? "; \(counted(move.hosts, "host")) and their ToRs get other addresses" : ""
    case .endpoint, .loopback, .link: ""
    }
  return DifferenceReport.Item(
    mark: .changed,
    title: "\(move.kind.word) \(move.name)\(place)\(network): \(move.before) → \(move.after)\(consequence)")
}

private func reachabilityItem(_ change: ReachabilityChange, _ isDualStack: Bool) -> DifferenceReport.Item {
  let from = nameList(change.from, most: 6)
  let to = nameList(change.to, most: 6)
  let who = change.pairing == .itself ? "\(from), each within itself" : "\(from) → \(to)"
  let some = change.isPartial ? " (some addresses)" : ""
  let families = isDualStack && change.families.count == 1 ? ", \(change.families[0].name)" : ""
  var note = ""
  if change.from.count > 1, change.to.count > 1 {
    if change.pairing == .otherTenants { note = ", between tenants" }
    if change.pairing == .sameTenant { note = ", between segments of one tenant" }
  }
  let reason = change.reason.map { " (\($0))" } ?? ""
  let services = nameListPlain(change.services, most: 8)
  var lines: [DifferenceReport.Line] = []
  if let witness = change.witness {
    lines.append(
      DifferenceReport.Line(
        mark: nil,
        text: "packet: \(text(witness.source)) → \(text(witness.destination)), \(witness.serviceText)"))
  }
  return DifferenceReport.Item(
    mark: change.isOpened ? .added : .removed,
    title: "\(change.isOpened ? "open" : "cut"): \(who): \(services)\(families)\(note)\(some)\(reason)", lines: lines)
}

private func nameListPlain(_ names: [String], most: Int) -> String {
  names.prefix(most).joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
}

private func text(_ end: PacketWitness.End) -> String {
  let who = [end.endpoint, end.host.map { "on \($0)" }].compactMap(\.self).joined(separator: " ")
  return who.isEmpty ? "\(end.address)" : "\(end.address) (\(who))"
}

private func partItem(_ part: PartChange) -> DifferenceReport.Item {
  DifferenceReport.Item(
    mark: part.mark, title: "\(part.kind) \(part.name)",
    lines: part.details.map { DifferenceReport.Line(mark: nil, text: $0) })
}

private func groupItem(_ group: DeviceGroup, _ most: Int?) -> DifferenceReport.Item {
  let first = group.devices[0]
  let names = sortedByNumber(group.devices.map(\.name.text))
  let places = Set(group.devices.map(\.path)).sorted()
  let what = names.count == 1 ? "\(first.role.title)" : counted(names.count, "\(first.role.title)")
  let files = group.files.map {
    "\($0.mark == .changed || group.mark != .changed ? "" : "\($0.mark.sign)")\($0.kind.fileName)"
  }
  var item = DifferenceReport.Item(
    mark: group.mark,
    title: "\(what) \(nameList(names)) (\(nameList(places, most: 4))): "
      + (group.mark == .changed ? files.joined(separator: ", ") : counted(files.count, "file")))
  var lines = group.changes.map { change in
    let fate = change.fate.map { $0 == .reloaded || $0 == .reset ? "\($0.word): " : "" } ?? ""
    return DifferenceReport.Line(mark: change.mark, text: "\(change.kind.word) \(fate)\(change.text)")
  }
  lines = lines.enumerated().sorted {
    ($0.element.mark ?? .changed, $0.offset) < ($1.element.mark ?? .changed, $1.offset)
  }
  .map(\.element)
  if names.count > 1, !lines.isEmpty, group.mark == .changed {
    lines.insert(DifferenceReport.Line(mark: nil, text: "on \(first.name):"), at: 0)
  }
  if lines.isEmpty, group.mark == .changed {
    lines = [DifferenceReport.Line(mark: nil, text: "the rules that all hosts share, below")]
  }
  if let most, lines.count > most + 1 {
    item.left = lines.count - most
    lines = Array(lines.prefix(most))
  }
  item.lines = lines
  return item
}

private func ruleItem(_ rule: RuleChange, _ most: Int?) -> DifferenceReport.Item {
  let all =
    rule.removed.map { DifferenceReport.Line(mark: .removed, text: $0) }
    + rule.added.map { DifferenceReport.Line(mark: .added, text: $0) }
  let limit = most ?? all.count
  let mark: ChangeMark = rule.removed.isEmpty ? .added : rule.added.isEmpty ? .removed : .changed
  return DifferenceReport.Item(
    mark: mark, title: "\(rule.program) \(rule.place)", lines: Array(all.prefix(limit)), left: max(0, all.count - limit)
  )
}
