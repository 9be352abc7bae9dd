/// The decisions of a zone, made small: rows that nothing reaches are left out, and the others stand in layers.
///
/// Rows of one layer that overlap have the same verdict, so within a layer their order does not matter: they can be
/// spread over trees, sets and maps. Layers are asked in order. There is one more of them than the longest chain of
/// overlapping rows that contradict each other in turn: with any number of policies that is usually one or two.
package struct CompiledAccess: Sendable {
  package var layers: [[AccessRow]]
  /// All rows that are reached, in the order of the decisions.
  package var rows: [AccessRow]
  /// For each decision that has no row left: a packet that it would be about, and the decisions that cover it.
  package var covered: [Int: Cover]

  package struct Cover: Sendable {
    package var sample: AccessRow
    /// Those that decide instead, ascending; the first decides about the sample.
    package var by: [Int]
  }
}

/// Leaves out what earlier rows cover, exactly: by each of them or by several together.
package func compileAccess(
  _ decisions: [AccessDecision], _ family: AddressFamily, _ form: RowForm = .chains
) -> CompiledAccess {
  let all = accessRows(decisions, family, form)
  var index = AccessRowIndex(all)
  var layerOf = [Int?](repeating: nil, count: all.count)
  var covers: [Int: CompiledAccess.Cover] = [:]
  var rows: [AccessRow] = []
  var layers: [[AccessRow]] = []
  for (position, row) in all.enumerated() {
    // Rows of one decision say the same; what was left out is covered by others.
    let before = index.earlier(than: position).filter {
      layerOf[$0] != nil && all[$0].overlaps(row)
    }
    var search = CoverSearch(rows: all, candidates: before.filter { all[$0].decision != row.decision })
    if search.covers(row) {
      let by = Set(search.used.map { all[$0].decision })
      let sample = firstOverlap(row, search.used.sorted().map { all[$0] })
      covers[row.decision, default: .init(sample: sample, by: [])].by += by
      continue
    }
    let layer = before.filter { all[$0].verdict != row.verdict }.compactMap { layerOf[$0] }.max().map { $0 + 1 } ?? 0
    layerOf[position] = layer
    if layer == layers.count { layers.append([]) }
    layers[layer].append(row)
    rows.append(row)
  }
  for row in rows { covers[row.decision] = nil }
  for (decision, cover) in covers { covers[decision]?.by = Set(cover.by).sorted() }
  return CompiledAccess(layers: layers, rows: rows, covered: covers)
}

/// The part of a row that the first of the others decides.
private func firstOverlap(_ row: AccessRow, _ others: [AccessRow]) -> AccessRow {
  let row = row.single
  guard let first = others.first, let source = row.source.intersection(first.source),
    let destination = row.destination.intersection(first.destination)
  else { return row }
  var sample = row
  (sample.source, sample.destination) = (source, destination)
  sample.services = row.services.intersection(first.services)
  return sample
}

/// Whether rows cover another together: it is taken apart until every piece is in one of them, or one is in none.
private struct CoverSearch {
  let rows: [AccessRow]
  let candidates: [Int]
  /// The rows that were needed.
  private(set) var used: Set<Int> = []
  /// Pieces that may still be looked at: a question that is too hard is answered with "not covered", which is safe.
  private var budget = 4000

  init(rows: [AccessRow], candidates: [Int]) {
    self.rows = rows
    self.candidates = candidates
  }

  mutating func covers(_ row: AccessRow) -> Bool {
    if let single = candidates.first(where: { rows[$0].contains(row) }) {
      used = [single]
      return true
    }
    return row.crowd == nil && covers(row, from: 0)
  }

  private mutating func covers(_ piece: AccessRow, from start: Int) -> Bool {
    budget -= 1
    guard budget > 0 else { return false }
    guard
      let next = (start..<candidates.count).first(where: {
        rows[candidates[$0]].crowd == nil && rows[candidates[$0]].overlaps(piece)
      })
    else { return false }
    let row = rows[candidates[next]]
    used.insert(candidates[next])
    var rest = piece
    let services = piece.services.subtracting(row.services)
    if !services.isEmpty {
      rest.services = services
      guard covers(rest, from: next + 1) else { return false }
      rest.services = piece.services.intersection(row.services)
    }
    for source in piece.source.subtracting(row.source) {
      var part = rest
      part.source = source
      guard covers(part, from: next + 1) else { return false }
    }
    rest.source = piece.source.intersection(row.source) ?? piece.source
    for destination in piece.destination.subtracting(row.destination) {
      var part = rest
      part.destination = destination
      guard covers(part, from: next + 1) else { return false }
    }
    return true
  }
}
