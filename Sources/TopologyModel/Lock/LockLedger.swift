/// The lock file at work: hands out what was recorded, takes note of what is chosen now, and keeps the rest
/// reserved.
struct LockLedger {
  let old: LockFile
  /// Whether recorded numbers may be given up (`--renumber`).
  let mayRenumber: Bool
  private(set) var new: LockFile
  private var claimed: [LockSection: Set<String>] = [:]
  /// Former paths and present ones, of things that were renamed.
  private var renames: [LockNamespace: [String: String]] = [:]
  /// Keys of the old lock by the path of their parent.
  private var children: [LockSection: [String: [String]]] = [:]

  init(old: LockFile?, fabric: Name, mayRenumber: Bool) {
    self.old = old ?? LockFile(fabric: fabric)
    self.mayRenumber = mayRenumber
    new = LockFile(fabric: fabric)
    for (section, list) in self.old.entries {
      var byParent: [String: [String]] = [:]
      for key in list.keys { byParent[parentPath(key), default: []].append(key) }
      children[section] = byParent
    }
  }

  /// The recorded entry of a thing under its present or a former path; it can be claimed once.
  mutating func claim(_ section: LockSection, _ path: LockPath) -> LockEntry? {
    for key in path.candidates {
      guard let entry = old[section, key] else { continue }
      guard claimed[section, default: []].insert(key).inserted else { continue }
      if key != path.text { noteRename(section, path) }
      return entry
    }
    return nil
  }

  /// Removed things below a path that changes its name move with it, so that what they had stays reserved there.
  mutating func noteRename(_ section: LockSection, _ path: LockPath) {
    for former in path.candidates.dropFirst() { renames[section.namespace, default: [:]][former] = path.text }
  }

  mutating func record(_ section: LockSection, _ key: String, _ entry: LockEntry) {
    new[section, key] = entry
  }

  /// Entries under one of the parent's paths that nothing in the topology has claimed, by key.
  func unclaimed(_ section: LockSection, under parent: LockPath?) -> [(key: String, entry: LockEntry)] {
    let parents = parent?.candidates ?? [""]
    return parents.flatMap { children[section]?[$0] ?? [] }
      .filter { claimed[section]?.contains($0) != true }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .compactMap { key in old[section, key].map { (key, $0) } }
  }

  /// Gives up what was recorded under a key that nothing claims, and under all keys below it (`--renumber`).
  mutating func forget(_ section: LockSection, _ key: String) {
    claimed[section, default: []].insert(key)
    for child in children[section]?[key] ?? [] where claimed[section]?.contains(child) != true {
      forget(section, child)
    }
  }

  /// All entries of a section that nothing in the topology has claimed, in no order.
  func unclaimed(_ section: LockSection) -> [(key: String, entry: LockEntry)] {
    (old.entries[section] ?? [:]).filter { claimed[section]?.contains($0.key) != true }.map { ($0.key, $0.value) }
  }

  /// The lock to write: everything recorded, and what is gone, marked as removed.
  func finished() -> LockFile {
    var lock = new
    for (section, list) in old.entries {
      for (key, entry) in list where claimed[section]?.contains(key) != true && lock[section, key] == nil {
        var entry = entry
        entry.isRemoved = true
        let moved = presentKey(section, key)
        lock[section, lock[section, moved] == nil ? moved : key] = entry
      }
    }
    return lock
  }

  /// The key of a removed thing after renames of what it stood in.
  private func presentKey(_ section: LockSection, _ key: String) -> String {
    guard let renames = renames[section.namespace] else { return key }
    var former = parentPath(key)
    while !former.isEmpty {
      if let present = renames[former] { return present + key.dropFirst(former.count) }
      former = parentPath(former)
    }
    return key
  }
}

/// Sections whose keys begin with the paths of one another.
private enum LockNamespace {
  case tenants, devices, prefixes, links, functions, services, tunnels
}

extension LockSection {
  fileprivate var namespace: LockNamespace {
    switch self {
    case .tenants, .segments: .tenants
    case .regions, .spines, .racks, .tors, .hosts: .devices
    case .links: .links
    case .prefixes, .blocks: .prefixes
    case .functions: .functions
    case .services: .services
    case .tunnels: .tunnels
    }
  }
}

/// The path of a thing in the lock file, and the paths under which an older lock may know it.
struct LockPath {
  /// The present path first.
  let candidates: [String]
  var text: String { candidates[0] }

  init(_ name: Name, renamedFrom: Name?, in parent: LockPath? = nil, separator: String = "/") {
    let names = [name] + (renamedFrom.map { [$0] } ?? [])
    candidates = names.flatMap { name in
      parent.map { $0.candidates.map { "\($0)\(separator)\(name)" } } ?? [name.text]
    }
  }

  /// The path of a node inside a network, `network:node`.
  init(network: LockPath, node: LockPath) {
    candidates = network.candidates.flatMap { name in node.candidates.map { "\(name):\($0)" } }
  }

  /// The path of a segment's blocks on a node in a network: `network:node/tenant/segment`.
  init(node: LockPath, tenant: LockPath, segment: LockPath) {
    candidates = node.candidates.flatMap { node in
      tenant.candidates.flatMap { tenant in segment.candidates.map { "\(node)/\(tenant)/\($0)" } }
    }
  }

  /// The path of a tunnel of an interconnect, `interconnect/gateway--gateway`.
  init(_ interconnect: LockPath, from first: [Name], to second: [Name]) {
    candidates = interconnect.candidates.flatMap { interconnect in
      first.flatMap { first in second.map { "\(interconnect)/\(first)--\($0)" } }
    }
  }

  /// The path of one of several things, `path/number`.
  init(_ path: LockPath, number: Int) { candidates = path.candidates.map { "\($0)/\(number)" } }

  /// The path of a link, `tor--spine`.
  init(tor: [Name], spine: [Name]) {
    candidates = tor.flatMap { tor in spine.map { "\(tor)--\($0)" } }
  }
}

/// Everything before the last `/` (for a network's node: before the `/`, else before the `:`).
func parentPath(_ key: String) -> String {
  if let slash = key.utf8.lastIndex(of: UInt8(ascii: "/")) { return String(key[..<slash]) }
  if let colon = key.utf8.lastIndex(of: UInt8(ascii: ":")) { return String(key[..<colon]) }
  return ""
}
