/// A part of a decision that one rule, or a few, can spell: one source, one destination, services. Or a whole decision, where
/// its sources and destinations are many.
package struct AccessRow: Sendable, Equatable {
  /// A mask of zero stands for every address.
  package var source: AddressMatch
  package var destination: AddressMatch
  package var services: ServiceSet
  /// Index into the zone's decisions.
  package var decision: Int
  package var verdict: AccessVerdict
  /// If it is there, `source` and `destination` stand for every address.
  package var crowd: AccessCrowd?

  package func overlaps(_ other: AccessRow) -> Bool {
    guard services.overlaps(other.services) else { return false }
    switch (crowd, other.crowd) {
    case (nil, nil): return source.overlaps(other.source) && destination.overlaps(other.destination)
    case (let crowd?, nil): return crowd.overlaps(other)
    case (nil, let crowd?): return crowd.overlaps(self)
    case (let left?, let right?):
      return left.sources.overlaps(right.sources) && left.destinations.overlaps(right.destinations)
    }
  }

  /// Whether each packet of another row is one of this. A crowd holds what one of its pairs holds.
  package func contains(_ other: AccessRow) -> Bool {
    guard services.contains(other.services) else { return false }
    switch (crowd, other.crowd) {
    case (nil, nil): return source.contains(other.source) && destination.contains(other.destination)
    case (let crowd?, nil):
      return crowd.sources.contains(other.source) && crowd.destinations.contains(other.destination)
    case (nil, let crowd?):
      return crowd.sources.matches.allSatisfy { source.contains($0) }
        && crowd.destinations.matches.allSatisfy { destination.contains($0) }
    case (let left?, let right?):
      return left.sources.contains(right.sources) && left.destinations.contains(right.destinations)
    }
  }

  /// A row of one source and one destination: itself, or a part of it.
  package var single: AccessRow {
    guard let crowd else { return self }
    var row = self
    (row.crowd, row.source, row.destination) = (nil, crowd.sources.matches[0], crowd.destinations.matches[0])
    return row
  }
}

extension AccessCrowd {
  fileprivate func overlaps(_ row: AccessRow) -> Bool {
    sources.overlaps(row.source) && destinations.overlaps(row.destination)
  }
}

extension AddressMatch {
  /// The match of every address of a family.
  package static func everything(_ family: AddressFamily) -> AddressMatch {
    AddressMatch(value: Address(family, 0), mask: 0)
  }

  package var isEverything: Bool { mask == 0 }
}

/// The rows of a list of decisions, in its order.
package func accessRows(
  _ decisions: [AccessDecision], _ family: AddressFamily, _ form: RowForm = .chains
) -> [AccessRow] {
  let all = [AddressMatch.everything(family)]
  var rows: [AccessRow] = []
  for (index, decision) in decisions.enumerated() {
    let (sources, destinations) = (decision.sources ?? all, decision.destinations ?? all)
    if form.keepsTogether(sources, destinations) {
      var row = AccessRow(
        source: all[0], destination: all[0], services: decision.services, decision: index, verdict: decision.verdict)
      row.crowd = AccessCrowd(sources: AddressList(sources), destinations: AddressList(destinations))
      rows.append(row)
      continue
    }
    for destination in destinations {
      for source in sources {
        rows.append(
          AccessRow(
            source: source, destination: destination, services: decision.services, decision: index,
            verdict: decision.verdict))
      }
    }
  }
  return rows
}

/// Finds the rows that may match a packet that another row matches.
///
/// Rows of the same two masks stand in one table under the bits that both they and the asking row look at: what has
/// other bits there can't overlap, and what has the same bits does.
struct AccessRowIndex {
  let rows: [AccessRow]
  private var shapes: [Shape] = []
  /// The rows of each shape, ascending.
  private var members: [[Int]] = []
  private var tables: [TableKey: [Bits: [Int]]] = [:]

  private struct Shape: Hashable {
    var source: UInt128
    var destination: UInt128
  }

  private struct TableKey: Hashable {
    var shape: Int
    var common: Shape
  }

  private struct Bits: Hashable {
    var source: UInt128
    var destination: UInt128
  }

  init(_ rows: [AccessRow]) {
    self.rows = rows
    var known: [Shape: Int] = [:]
    for (index, row) in rows.enumerated() {
      let shape = Shape(source: row.source.mask, destination: row.destination.mask)
      if let position = known[shape] {
        members[position].append(index)
      } else {
        known[shape] = shapes.count
        shapes.append(shape)
        members.append([index])
      }
    }
  }

  /// The rows before a row whose addresses overlap its own, ascending; their services need not. Crowds are always among
  /// them, and everything is before a crowd.
  mutating func earlier(than index: Int) -> [Int] {
    let row = rows[index]
    var result: [Int] = []
    for (position, shape) in shapes.enumerated() where members[position][0] < index {
      let common = Shape(
        source: shape.source & row.source.mask, destination: shape.destination & row.destination.mask)
      let key = TableKey(shape: position, common: common)
      if tables[key] == nil {
        tables[key] = Dictionary(grouping: members[position]) { bits(rows[$0], common) }
      }
      for candidate in tables[key]?[bits(row, common)] ?? [] {
        guard candidate < index else { break }
        result.append(candidate)
      }
    }
    return result.sorted()
  }

  private func bits(_ row: AccessRow, _ common: Shape) -> Bits {
    Bits(
      source: row.source.value.bits & common.source, destination: row.destination.value.bits & common.destination)
  }
}
