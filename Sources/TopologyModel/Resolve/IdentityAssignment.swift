/// A thing that needs an id among its siblings.
struct IdentityRequest {
  var path: LockPath
  var explicit: Located<Int>?
  var name: Located<Name>
  var renamedFrom: Located<Name>?
}

/// Gives an id to each of a group of siblings: explicit ones first, then those of the lock, then the lowest free
/// one in the order of the document. Ids of things that are gone stay reserved.
///
/// - Parameter isUsable: false for ids whose addresses are excluded.
/// - Returns: the ids, and the entries of the lock, in the order of the requests.
func assignIdentities(
  _ section: LockSection, _ requests: [IdentityRequest], kind: String, under parent: LockPath?, first: Int,
  _ ledger: inout LockLedger, _ diagnostics: inout Diagnostics, isUsable: (Int) -> Bool = { _ in true }
) -> [(id: Int, entry: LockEntry?)] {
  checkRenames(requests, kind, &diagnostics)
  let entries = requests.map { ledger.claim(section, $0.path) }
  var owners: [Int: Int] = [:]
  var ids = [Int?](repeating: nil, count: requests.count)
  for (index, request) in requests.enumerated() {
    guard let explicit = request.explicit else { continue }
    if let owner = owners[explicit.value] {
      let other = requests[owner]
      diagnostics.add(
        .duplicateID(kind, explicit, name: request.name.value, first: other.explicit?.range ?? other.name.range))
    } else {
      owners[explicit.value] = index
    }
    if let locked = entries[index]?.id, locked != explicit.value, !ledger.mayRenumber {
      diagnostics.add(.wouldChangeID(kind, request.name.value, from: locked, to: explicit))
    }
    ids[index] = explicit.value
  }
  for (index, request) in requests.enumerated() where ids[index] == nil {
    guard let locked = entries[index]?.id else { continue }
    if let owner = owners[locked] {
      guard !ledger.mayRenumber else { continue }
      let taker = requests[owner]
      diagnostics.add(
        .idTaken(kind, locked, of: request.name, by: taker.name.value, at: taker.explicit?.range ?? taker.name.range))
    }
    owners[locked] = index
    ids[index] = locked
  }
  var reserved: [Int: String] = [:]
  for (key, entry) in ledger.unclaimed(section, under: parent) {
    if let id = entry.id { reserved[id] = key }
  }
  for request in requests {
    guard let explicit = request.explicit, let key = reserved[explicit.value], !ledger.mayRenumber else { continue }
    diagnostics.add(.idReserved(kind, explicit, of: key))
  }
  var next = first
  for index in requests.indices where ids[index] == nil {
    while owners[next] != nil || reserved[next] != nil || (!isUsable(next) && next < 65536) { next += 1 }
    owners[next] = index
    ids[index] = next
  }
  return zip(ids, entries).map { ($0 ?? first, $1) }
}

/// A former name that is still in use would take away the ids of its owner.
private func checkRenames(_ requests: [IdentityRequest], _ kind: String, _ diagnostics: inout Diagnostics) {
  guard requests.contains(where: { $0.renamedFrom != nil }) else { return }
  let present = Dictionary(requests.map { ($0.name.value, $0.name.range) }) { first, _ in first }
  for request in requests {
    if let former = request.renamedFrom, let range = present[former.value] {
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
