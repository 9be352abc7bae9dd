import Emitters
import Glibc
import SystemPackage
import TopologyModel

/// How a tree on disk is compared.
struct CompareOptions: Sendable {
  /// The number of threads, at least 1; nil takes all processors.
  var threadCount: Int?
  /// How many differences are shown one by one.
  var shownDifferences = 20
}

/// How a tree on disk differs from what the topology compiles to.
struct TreeComparison: Sendable, Equatable {
  /// The files that were compiled, manifests included.
  var filesCompared = 0
  /// Compiled, but not in the tree.
  var missing = 0
  /// In the tree, but not compiled.
  var extra = 0
  /// With other bytes, or a program that may not run, or the other way round.
  var different = 0
  /// What to tell the user, line by line; empty if there is no difference.
  var lines: [String] = []

  var isEqual: Bool { missing + extra + different == 0 }
  /// The whole report; ends with a newline unless it is empty.
  var text: String { lines.map { $0 + "\n" }.joined() }
}

/// Compares the tree at `path` with what the topology compiles to: the files byte for byte, their permission to
/// run, and that there are no others. Nothing is written.
func compareTree(
  _ plan: NetworkPlan, shared: SharedFragments, scope: TreeScope, identity: TreeIdentity,
  with path: String, options: CompareOptions = CompareOptions()
) throws(PublishError) -> TreeComparison {
  let root: Folder
  switch Folder.open(FilePath(path)) {
  case .success(let folder): root = folder
  case .failure(let code): throw PublishError("open the folder", path, code)
  }
  let roles = try RoleFolders(of: root)
  let devices = devicesInPathOrder(plan, scope)
  var rendered = try renderTree(plan, shared: shared, devices: devices, threadCount: options.threadCount) {
    (device, kind, scratch) in roles.compare(device, kind, &scratch)
  }
  if scope == .fabric {
    try rendered.renderFabricFiles(plan) { (file, bytes) in root.compare("\(file.path)", with: bytes) }
  }
  var report = ComparisonReport(root: root, limit: options.shownDifferences)
  lazy var fleet = rendered.fleet(plan)
  for record in rendered.fabric { report.add(record) { fleet } }
  for record in rendered.records { try report.add(record, of: rendered, plan, shared) }
  try report.addManifests(of: rendered, scope, identity)
  try report.addExtraFiles(beside: rendered, threadCount: options.threadCount)
  return report.finish()
}

/// A comparison in the making.
private struct ComparisonReport {
  let root: Folder
  let limit: Int
  var result = TreeComparison()

  private var isFull: Bool { result.missing + result.different + result.extra > limit }

  private mutating func note(_ path: String, _ what: StaticString, _ excerpt: [String] = []) {
    if isFull { return }
    result.lines.append("\(what): \(printable(path))")
    result.lines += excerpt.map { "  \($0)" }
  }

  mutating func add(
    _ record: FileRecord, of tree: RenderedTree, _ plan: NetworkPlan, _ shared: SharedFragments
  ) throws(PublishError) {
    result.filesCompared += 1
    switch record.state {
    case .equal: return
    case .missing:
      result.missing += 1
      note(tree.path(record), "missing")
    case .different:
      result.different += 1
      if isFull { return }
      let compiled = shared.bytes(record.kind, of: plan.plan(tree.devices[Int(record.device)]))
      note(tree.path(record), "different", excerpt(tree.path(record), compiled, record.kind.isExecutable))
    }
  }

  /// - Parameter fleet: asked for only if the file is to be shown.
  mutating func add(_ record: FabricRecord, of fleet: () -> Fleet) {
    result.filesCompared += 1
    switch record.state {
    case .equal: return
    case .missing:
      result.missing += 1
      note(record.path, "missing")
    case .different:
      result.different += 1
      if isFull { return }
      var writer = TextWriter()
      emit(record.file, of: fleet(), into: &writer)
      note(record.path, "different", excerpt(record.path, writer.bytes, false))
    }
  }

  /// What stands on disk where a file differs; read once more, since the first reading kept nothing.
  private func excerpt(_ path: String, _ compiled: [UInt8], _ isExecutable: Bool) -> [String] {
    do throws(Errno) {
      let file = try InputFile(path, in: root)
      guard EntryKind(mode: file.status.st_mode) == .file else { return ["it is not a regular file"] }
      let lines = differenceExcerpt(found: try file.read(Int(file.status.st_size)), compiled: compiled)
      if !lines.isEmpty { return lines }
      return [isExecutable ? "it should be executable" : "it should not be executable"]
    } catch {
      return ["it can't be read: \(error.description)"]
    }
  }
}

extension ComparisonReport {
  fileprivate mutating func addManifests(
    of tree: RenderedTree, _ scope: TreeScope, _ identity: TreeIdentity
  ) throws(PublishError) {
    var hasher = SHA256Hasher()
    try addManifest(manifestName) { (take) throws(PublishError) in
      try streamManifest(tree, scope, identity) { (block) throws(PublishError) in
        hasher.update(block)
        try take(block)
      }
    }
    let digest = hasher.finish()
    try addManifest(checksumsName) { (take) throws(PublishError) in
      try streamChecksums(tree, manifestDigest: { digest }, to: take)
    }
  }

  /// Compares block by block; the excerpt shows the first block that differs.
  private mutating func addManifest(
    _ name: String, _ write: (TakeBlock) throws(PublishError) -> Void
  ) throws(PublishError) {
    result.filesCompared += 1
    guard root.kind(of: name) == .file else {
      result.missing += 1
      // The digests need the manifest's, so it is written whether or not there is one to compare.
      try write { (_) throws(PublishError) in }
      return note(name, "missing")
    }
    let path = root.path(of: name)
    var comparison = try explaining("read", path) { () throws(Errno) in
      BlockComparison(try InputFile(name, in: root))
    }
    try write { (block) throws(PublishError) in
      try explaining("read", path) { () throws(Errno) in try comparison.take(block) }
    }
    try explaining("read", path) { () throws(Errno) in try comparison.takeEnd() }
    guard let excerpt = comparison.excerpt else { return }
    result.different += 1
    note(name, "different", excerpt)
  }

  fileprivate mutating func addExtraFiles(beside tree: RenderedTree, threadCount: Int?) throws(PublishError) {
    var paths = PathSet()
    for record in tree.records { paths.insert(tree.path(record)) }
    for record in tree.fabric { paths.insert(record.path) }
    paths.insert(manifestName)
    paths.insert(checksumsName)
    let listing = try listTree(root, against: paths, limit: limit, threadCount: threadCount)
    for path in listing.unlisted {
      result.extra += 1
      note(path, "extra")
    }
    result.extra = listing.unlistedCount
  }

  fileprivate func finish() -> TreeComparison {
    var result = result
    if result.isEqual { return result }
    let shown = result.lines.count { !$0.hasPrefix("  ") }
    let count = result.missing + result.extra + result.different
    if count > shown { result.lines.append("and \(counted(count - shown, "more difference"))") }
    result.lines.append(
      "\(printable(root.path)) is not what the topology compiles to: \(result.missing) missing, \(result.different) "
        + "different, \(result.extra) extra, of \(counted(result.filesCompared, "file"))")
    return result
  }
}

/// Compares a file with blocks of lines until the first that differs.
private struct BlockComparison: ~Copyable {
  private let file: InputFile
  private var line = 1
  private(set) var excerpt: [String]?

  init(_ file: consuming InputFile) { self.file = file }

  mutating func take(_ block: UnsafeRawBufferPointer) throws(Errno) {
    guard excerpt == nil else { return }
    let found = try file.read(block.count)
    if found.elementsEqual(block) {
      line += block.count { $0 == UInt8(ascii: "\n") }
    } else {
      // Up to the end of a line, so that no line looks cut; the lines of manifests are shorter than this.
      let rest = try file.read(1024).prefix { $0 != UInt8(ascii: "\n") }
      excerpt = differenceExcerpt(found: found + rest, compiled: Array(block), firstLine: line)
    }
  }

  mutating func takeEnd() throws(Errno) {
    guard excerpt == nil else { return }
    let rest = try file.read(1024)
    if !rest.isEmpty { excerpt = differenceExcerpt(found: rest, compiled: [], firstLine: line) }
  }
}
