extension LockFile {
  /// What a newer lock file has otherwise, in words, sections and keys in order.
  package func changes(to new: LockFile) -> [String] {
    var changes: [String] = []
    for section in LockSection.allCases {
      let (before, after) = (entries[section] ?? [:], new.entries[section] ?? [:])
      let keys = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
      for key in keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        let change =
          switch (before[key], after[key]) {
          case (nil, _): "is new"
          case (_, nil): "is forgotten"
          case (let old?, let new?) where old.isRemoved != new.isRemoved: new.isRemoved ? "was removed" : "is back"
          default: "has changed"
          }
        changes.append("\(section.noun) '\(key)' \(change)")
      }
    }
    return changes
  }
}

extension LockSection {
  /// What one entry stands for, as messages call it.
  fileprivate var noun: StaticString {
    switch self {
    case .tenants: "tenant"
    case .segments: "segment"
    case .regions: "region"
    case .spines: "spine"
    case .racks: "rack"
    case .tors: "ToR"
    case .hosts: "host"
    case .links: "link"
    case .prefixes: "prefix of"
    case .blocks: "block of"
    case .functions: "service function"
    case .services: "service"
    case .tunnels: "tunnel"
    }
  }
}
