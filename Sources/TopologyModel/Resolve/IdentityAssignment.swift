/// Something in a document that has a name and gets an id among its siblings.
protocol IdentifiedDocument {
  var name: Located<Name> { get }
  var renamedFrom: Located<Name>? { get }
  var id: Located<Int>? { get }
}

extension RegionDocument: IdentifiedDocument {}
extension SpineDocument: IdentifiedDocument {}
extension RackDocument: IdentifiedDocument {}
extension HostDocument: IdentifiedDocument {}
extension TenantDocument: IdentifiedDocument {}
extension SegmentDocument: IdentifiedDocument {}

/// The id of a thing, where the lock file has it, and what it recorded.
struct Identity {
  var id: Int
  var path: LockPath
  var entry: LockEntry?
}

/// A group of siblings that are to get ids.
struct IdentityScope {
  var section: LockSection
  /// What they are, for messages.
  var kind: String
  var parent: LockPath?
  /// The lowest id, and the highest.
  var first: Int
  var last = maximumID
}

/// Gives an id to each of a group of siblings: explicit ones first, then those of the lock, then the lowest free
/// one in the order of the document. Ids of things that are gone stay reserved.
///
/// - Parameter isUsable: false for ids whose addresses are excluded.
func assignIdentities(
  _ documents: [some IdentifiedDocument], in scope: IdentityScope, _ ledger: inout LockLedger,
  _ diagnostics: inout Diagnostics, isUsable: (Int) -> Bool = { _ in true }
) -> [Identity] {
  checkRenames(documents, scope.kind, &diagnostics)
  let paths = documents.map { LockPath($0.name.value, renamedFrom: $0.renamedFrom?.value, in: scope.parent) }
  let entries = paths.map { ledger.claim(scope.section, $0) }
  let reserved = ledger.unclaimed(scope.section, under: scope.parent)
  var assignment = IdentityAssignment(documents, scope.kind, mayRenumber: ledger.mayRenumber)
  assignment.takeExplicit(entries, reserved, &diagnostics)
  assignment.takeLocked(entries, isUsable, &diagnostics)
  let missing = assignment.takeLowestFree(
    from: scope.first, to: scope.last, reserved: Set(reserved.compactMap(\.entry.id)), isUsable)
  if let first = missing.first {
    diagnostics.add(
      .idsExhausted(
        scope.kind, documents[first].name, last: scope.last, missing: missing.count, reserved: reserved.count))
  }
  if ledger.mayRenumber {
    // An explicit id may take that of something removed, which is then forgotten.
    let taken = Set(documents.compactMap(\.id?.value))
    for item in reserved where item.entry.id.map(taken.contains) == true { ledger.forget(scope.section, item.key) }
  }
  return documents.indices.map {
    Identity(id: assignment.ids[$0] ?? scope.first, path: paths[$0], entry: entries[$0])
  }
}

/// The largest id of anything but an endpoint.
package let maximumID = 65535

/// The ids of a group of siblings while they are being given out.
private struct IdentityAssignment<Document: IdentifiedDocument> {
  let documents: [Document]
  let kind: String
  let mayRenumber: Bool
  private(set) var ids: [Int?]
  /// Who has an id, by position.
  private var owners: [Int: Int] = [:]

  init(_ documents: [Document], _ kind: String, mayRenumber: Bool) {
    self.documents = documents
    self.kind = kind
    self.mayRenumber = mayRenumber
    ids = Array(repeating: nil, count: documents.count)
  }

  mutating func takeExplicit(
    _ entries: [LockEntry?], _ reserved: [(key: String, entry: LockEntry)], _ diagnostics: inout Diagnostics
  ) {
    let keys = Dictionary(reserved.compactMap { item in item.entry.id.map { ($0, item.key) } }) { first, _ in first }
    for (index, document) in documents.enumerated() {
      guard let explicit = document.id else { continue }
      if let owner = owners[explicit.value] {
        diagnostics.add(.duplicateID(kind, explicit, name: document.name.value, first: range(owner)))
      } else {
        owners[explicit.value] = index
      }
      ids[index] = explicit.value
      guard !mayRenumber else { continue }
      if let locked = entries[index]?.id, locked != explicit.value {
        diagnostics.add(.wouldChangeID(kind, document.name.value, from: locked, to: explicit))
      }
      if let key = keys[explicit.value] { diagnostics.add(.idReserved(kind, explicit, of: key)) }
    }
  }

  mutating func takeLocked(
    _ entries: [LockEntry?], _ isUsable: (Int) -> Bool, _ diagnostics: inout Diagnostics
  ) {
    for (index, document) in documents.enumerated() where ids[index] == nil {
      guard let locked = entries[index]?.id, !mayRenumber || isUsable(locked) else { continue }
      if let owner = owners[locked] {
        guard !mayRenumber else { continue }
        diagnostics.add(
          .idTaken(kind, locked, of: document.name, by: documents[owner].name.value, at: range(owner)))
      }
      owners[locked] = index
      ids[index] = locked
    }
  }

  /// Returns the positions of those for which no id is left.
  mutating func takeLowestFree(from first: Int, to last: Int, reserved: Set<Int>, _ isUsable: (Int) -> Bool) -> [Int] {
    var next = first
    var missing: [Int] = []
    for index in documents.indices where ids[index] == nil {
      while next <= last, owners[next] != nil || reserved.contains(next) || !isUsable(next) { next += 1 }
      if next > last {
        missing.append(index)
      } else {
        owners[next] = index
        ids[index] = next
      }
    }
    return missing
  }

  private func range(_ index: Int) -> SourceRange { documents[index].id?.range ?? documents[index].name.range }
}

/// A former name that is still in use would take away the ids of its owner.
private func checkRenames(
  _ documents: [some IdentifiedDocument], _ kind: String, _ diagnostics: inout Diagnostics
) {
  guard documents.contains(where: { $0.renamedFrom != nil }) else { return }
  let present = Dictionary(documents.map { ($0.name.value, $0.name.range) }) { first, _ in first }
  for document in documents {
    if let former = document.renamedFrom, let range = present[former.value] {
      diagnostics.add(.renamedFromExists(kind, former, user: range))
    }
  }
}

extension Diagnostic {
  static func duplicateID(_ kind: String, _ id: Located<Int>, name: Name, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateID, "the \(kind) '\(name)' has the id \(id.value) of another \(kind)", at: id.range,
      labels: [(first, "first used here")], help: ["choose another id, or leave it out"])
  }

  static func idsExhausted(_ kind: String, _ name: Located<Name>, last: Int, missing: Int, reserved: Int) -> Diagnostic
  {
    Diagnostic(
      .idsExhausted, "there is no id left for the \(kind) '\(name.value)': ids end at \(last)", at: name.range,
      notes: (missing > 1 ? ["nor for \(missing - 1) more"] : [])
        + (reserved > 0 ? ["\(counted(reserved, "id")) reserved for things that were removed"] : []),
      help: [
        reserved > 0
          ? "run `romana-compile lock --prune TOPOLOGY` once no device uses the old ones, or divide the group"
          : "divide the group: another rack or region has ids of its own"
      ])
  }

  static func wouldChangeID(_ kind: String, _ name: Name, from old: Int, to new: Located<Int>) -> Diagnostic {
    Diagnostic(
      .wouldRenumber, "this would renumber the \(kind) '\(name)': the lock file has the id \(old), not \(new.value)",
      at: new.range, notes: ["every address below it would change"],
      help: ["write `id: \(old)`, or build with --renumber if the change is meant"])
  }

  static func idTaken(_ kind: String, _ id: Int, of name: Located<Name>, by taker: Name, at range: SourceRange)
    -> Diagnostic
  {
    Diagnostic(
      .wouldRenumber, "this would renumber the \(kind) '\(name.value)': '\(taker)' takes its id \(id)", at: range,
      labels: [(name.range, "has the id \(id) in the lock file")],
      help: ["choose another id, or build with --renumber if the change is meant"])
  }

  static func idReserved(_ kind: String, _ id: Located<Int>, of key: String) -> Diagnostic {
    Diagnostic(
      .idReserved, "the id \(id.value) is reserved for the removed \(kind) '\(key)'", at: id.range,
      help: ["choose another id, or run `romana-compile lock --prune TOPOLOGY` once no device uses the old one"])
  }

  static func renamedFromExists(_ kind: String, _ former: Located<Name>, user: SourceRange) -> Diagnostic {
    Diagnostic(
      .renamedFromExists, "'\(former.value)' is still the name of a \(kind)", at: former.range,
      labels: [(user, "in use here")], help: ["remove `renamed_from:`, or the \(kind) that has the old name"])
  }
}
