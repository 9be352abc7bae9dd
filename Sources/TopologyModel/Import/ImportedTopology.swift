import Glibc

/// A cluster of another system in the words of this language. Its prefixes stand in a lock file.
package struct ImportedTopology: Sendable {
  package var fabric: Name
  package var networks: [ImportedNetwork] = []
  package var tenants: [ImportedTenant] = []
  package var regions: [ImportedRegion] = []
}

package struct ImportedNetwork: Sendable {
  package var name: Name
  package var cidr: Prefix
  /// The length of a block.
  package var block: Int
  /// Nil: all.
  package var regions: [Name]?
  /// Empty: every tenant.
  package var tenants: [Name]
  package var exclude: [Prefix]
}

package struct ImportedTenant: Sendable {
  package var name: Name
  /// Never empty.
  package var segments: [Name]
}

package struct ImportedRegion: Sendable {
  package var name: Name
  /// Where it comes from, for comments.
  package var origins: [CommentText] = []
  package var routers: [ImportedRouter] = []
  package var racks: [ImportedRack] = []
}

package struct ImportedRouter: Sendable {
  package var name: Name
  package var loopback: Address
}

package struct ImportedRack: Sendable {
  package var name: Name
  package var origins: [CommentText] = []
  /// Nil: it has no hosts.
  package var subnet: Prefix?
  package var hosts: [ImportedHost] = []
}

package struct ImportedHost: Sendable {
  package var name: Name
  package var address: Address
  package var blocks: [ImportedBlocks] = []
}

/// The blocks of a host for a segment in a network.
package struct ImportedBlocks: Sendable {
  package var network: Name
  package var tenant: Name
  package var segment: Name
  package var prefixes: [Prefix]

  /// How many addresses they have.
  package var endpoints: Int { prefixes.reduce(0) { $0 + 1 << $1.hostBitCount } }
}

/// What Romana does not know.
package struct TopologyImportOptions: Sendable {
  package var fabric: Name
  /// The subnets of the hosts: of a region, a rack, `REGION/RACK`, or of all whose hosts have addresses in it.
  package var subnets: [(place: String?, prefix: Prefix)] = []
  /// What routes between the subnets of a region; of the only one if none is named.
  package var routers: [(region: String?, router: ImportedRouter)] = []

  package init(fabric: Name) { self.fabric = fabric }

  /// Adds `CIDR`, `PLACE=CIDR`; false if it is neither.
  package mutating func addSubnet(_ text: String) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let prefix = try? Prefix(parsing: parts[parts.count - 1]), prefix.family == .ipv4, parts[0] != "" else {
      return false
    }
    subnets.append((parts.count == 2 ? parts[0] : nil, prefix))
    return true
  }

  /// Adds `NAME=LOOPBACK`, `REGION/NAME=LOOPBACK`; false if it is neither.
  package mutating func addRouter(_ text: String) -> Bool {
    let sides = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, let loopback = try? Address(parsing: sides[1]), loopback.family == .ipv4 else {
      return false
    }
    let path = sides[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard path.count <= 2, let name = Name(path[path.count - 1]), path.count == 1 || Name(path[0]) != nil else {
      return false
    }
    routers.append((path.count == 2 ? path[0] : nil, ImportedRouter(name: name, loopback: loopback)))
    return true
  }
}

/// Reads a topology of Romana 2 and says the same in this language, or reports what can't be said.
///
/// - Returns: the topology, and a lock file with the prefix of every group and every block that hosts have.
package func importTopology(
  _ path: String, _ options: TopologyImportOptions, into sources: inout SourceMap, _ diagnostics: inout Diagnostics
) -> (topology: ImportedTopology, lock: LockFile)? {
  let file: UInt32
  do {
    let bytes = try readFile(path)
    if let diagnostic = encodingError(bytes, path: path) {
      diagnostics.add(diagnostic)
      return nil
    }
    file = sources.add(SourceFile(path: path == "-" ? "standard input" : path, bytes: bytes))
  } catch {
    diagnostics.add(.unreadable(path, error, at: nil))
    return nil
  }
  let errors = diagnostics.errorCount
  guard let node = parseYAML(file, in: sources, &diagnostics) else {
    if diagnostics.errorCount == errors {
      diagnostics.add(.noRomanaTopology(at: SourceRange(file: file, start: 0, end: 0)))
    }
    return nil
  }
  guard let cluster = RomanaTopologyReader().read(node, &diagnostics), diagnostics.errorCount == errors else {
    return nil
  }
  let forests = mergeRomanaTrees(cluster, &diagnostics)
  guard diagnostics.errorCount == errors else { return nil }
  tellWhatIsLeft(cluster, &diagnostics)
  var placement = RomanaPlacement(cluster, options)
  for forest in forests { placement.add(forest, &diagnostics) }
  guard diagnostics.errorCount == errors else { return nil }
  let result = placement.finish(forests, &diagnostics)
  return diagnostics.errorCount == errors ? result : nil
}

/// Compiles an imported topology with the prefixes that it had, to complete its lock file.
///
/// - Parameters:
///   - path: where the text is going to stand.
///   - lock: the prefixes and blocks that it had.
/// - Returns: the lock file; nil if the compiler refuses the topology.
package func settleImportedTopology(
  _ text: [UInt8], at path: String, lock: LockFile, into sources: inout SourceMap, _ diagnostics: inout Diagnostics
) -> LockFile? {
  let files = FileSource(
    label: "", read: { $0 == path ? .success(text) : .failure(.system(ENOENT)) }, glob: { _ in [] }, canonical: { $0 },
    unfitness: { _, _ in nil })
  let errors = diagnostics.errorCount
  guard let document = loadTopology(path, from: files, into: &sources, &diagnostics),
    let resolved = resolveTopology(document, lock: lock, &diagnostics), diagnostics.errorCount == errors
  else { return nil }
  for (section, list) in lock.entries {
    for (key, entry) in list {
      guard let prefix = entry.prefix, resolved.lock[section, key]?.prefix != prefix else { continue }
      diagnostics.add(.romanaPrefixMoved(key, prefix, at: document.fabric?.range))
    }
  }
  return diagnostics.errorCount == errors ? resolved.lock : nil
}
