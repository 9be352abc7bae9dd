import CLinux
import Emitters
import Glibc
import SystemPackage
import Synchronization
import TopologyModel

/// Compiles the devices to files and makes `path` the tree of these files, as a whole or not at all.
///
/// The new tree grows beside the old one and takes its place in one step. Files that did not change are the same files
/// as before (hard links); when none changed, nothing is touched. Whatever goes wrong before the step, a kill and a
/// full disk included, leaves the old tree as it was; what goes wrong after it is a warning in the summary.
func publishTree(
  _ plan: NetworkPlan, shared: SharedFragments, scope: TreeScope, identity: TreeIdentity, to path: String,
  options: PublishOptions = PublishOptions()
) throws(PublishError) -> PublishSummary {
  try withInterrupts(options.handlesSignals) { () throws(PublishError) in
    let location = try OutputLocation(path)
    let lock = try OutputLock(location)
    defer { withExtendedLifetime(lock) {} }
    let warning = try location.clearLeftovers(threadCount: options.threadCount)
    let run = PublishRun(
      location: location, scope: scope, identity: identity, options: options, staging: StagingTree(location))
    var summary = try run.publish(plan, shared)
    if let warning { summary.warnings.insert(warning, at: 0) }
    return summary
  }
}

/// Tells at once, before anything is compiled, when `path` can't become a tree. `publishTree` looks again, and closer.
func checkOutputFolder(_ path: String, scope: TreeScope, options: PublishOptions) throws(PublishError) {
  let location = try OutputLocation(path)
  while true {
    let found = try location.find()
    guard case .folder(let folder) = found, !options.force else { return }
    do throws(PublishError) {
      guard let tree = try FormerTree(folder) else { throw try foreignFolderError(folder) }
      return try tree.refuseOtherScope(scope)
    } catch {
      // Without the lock another run may have put its tree in the place of this one, which it takes apart now.
      if location.parent.status(of: location.name)?.st_ino == folder.status.st_ino { throw error }
    }
  }
}

/// One run under the lock of the output folder.
private struct PublishRun {
  let location: OutputLocation
  let scope: TreeScope
  let identity: TreeIdentity
  let options: PublishOptions
  let staging: StagingTree

  func publish(_ plan: NetworkPlan, _ shared: SharedFragments) throws(PublishError) -> PublishSummary {
    let found = try location.find()
    do throws(PublishError) {
      let former = try examine(found)
      var rendered = try render(plan, shared, former)
      try renderFabric(plan, former, &rendered)
      var summary = summarize(rendered, former)
      let isSame = summary.filesWritten == 0 && summary.filesRemoved == 0 && former.tree != nil
      if isSame, try rendered.hasSameManifests(scope, identity, in: former.tree!.root) { return summary }
      try complete(rendered, former, found)
      let (remains, warning) = try location.putInPlace(over: found, canExchange: options.canExchange)
      summary.outcome = remains == nil ? .created : .replaced
      summary.warnings = finish(remains, former.tree) + [warning].compactMap(\.self)
      return summary
    } catch {
      throw abandon(error, found)
    }
  }
}

/// What stands at the output path, as far as its files may serve again.
private struct FormerState {
  var tree: FormerTree?
  var roles: RoleFolders?
  var files = 0
  /// There are things in it that the compiler did not write, and --force gives them up.
  var isDiscarded = false
}

extension PublishRun {
  /// Refuses to replace what the compiler did not write, unless forced to; then nothing of it serves again.
  private func examine(_ found: FoundOutput) throws(PublishError) -> FormerState {
    guard case .folder(let folder) = found else { return FormerState() }
    do throws(PublishError) {
      guard let tree = try FormerTree(folder) else { throw try foreignFolderError(folder) }
      if !options.force { try tree.refuseOtherScope(scope) }
      let listing = try refuseForeignFiles(in: tree, threadCount: options.threadCount)
      let manifests = [manifestName, checksumsName].filter { tree.paths.contains($0) }.count
      return FormerState(
        tree: tree, roles: try RoleFolders(of: folder), files: listing.listedFiles - manifests)
    } catch {
      if options.force { return FormerState(isDiscarded: true) }
      throw error
    }
  }

  /// Renders every file; what differs from the former tree goes into the new one at once.
  private func render(
    _ plan: NetworkPlan, _ shared: SharedFragments, _ former: FormerState
  ) throws(PublishError) -> RenderedTree {
    let (roles, staging) = (former.roles, staging)
    let devices = devicesInPathOrder(plan, scope)
    return try renderTree(plan, shared: shared, devices: devices, threadCount: options.threadCount) {
      (device, kind, scratch) throws(PublishError) in
      let state = roles?.compare(device, kind, &scratch) ?? .missing
      if state != .equal { try staging.write(device, kind, &scratch) }
      return state
    }
  }

  /// The files that are about the fabric as a whole; the tree of one device has none.
  private func renderFabric(
    _ plan: NetworkPlan, _ former: FormerState, _ rendered: inout RenderedTree
  ) throws(PublishError) {
    guard scope == .fabric else { return }
    try rendered.renderFabricFiles(plan) { (file, bytes) throws(PublishError) in
      let state = former.tree?.root.compare("\(file.path)", with: bytes) ?? .missing
      if state != .equal { try staging.root().makeFile(atPath: "\(file.path)", bytes) }
      return state
    }
  }

  private func summarize(_ rendered: RenderedTree, _ former: FormerState) -> PublishSummary {
    var summary = PublishSummary(output: location.path, devices: rendered.devices.count)
    summary.filesRemoved = former.files
    summary.isForced = former.isDiscarded
    for record in rendered.records { summary.add(record.state, Int(record.size)) }
    for record in rendered.fabric { summary.add(record.state, record.size) }
    return summary
  }

  /// Adds to the new tree what is not in it yet; the list of digests comes last.
  private func complete(
    _ rendered: RenderedTree, _ former: FormerState, _ found: FoundOutput
  ) throws(PublishError) {
    let root = try staging.root()
    switch found {
    case .nothing: break
    case .emptyFolder(let old), .folder(let old):
      // Who may read the tree stays as the user has set it.
      if fchmod(root.descriptor, old.status.st_mode & 0o7777) != 0 {
        throw PublishError("change the permissions of", root.path, .last)
      }
    }
    if let roles = former.roles {
      try staging.takeEqualFiles(of: rendered, from: roles, threadCount: options.threadCount)
    }
    if let old = former.tree?.root {
      for record in rendered.fabric where record.state == .equal { try root.takeFile(atPath: record.path, from: old) }
    }
    try rendered.writeManifests(scope, identity, in: root, threadCount: options.threadCount)
    if options.syncsToDisk && syncfs(root.descriptor) != 0 {
      throw PublishError("write to the disk", root.path, .last)
    }
    try checkInterrupts()
  }

  /// What is left to do when the new tree is in place; what fails now is only worth a warning.
  private func finish(_ remains: String?, _ former: FormerTree?) -> [String] {
    if options.syncsToDisk { fsync(location.parent.descriptor) }
    guard let remains else { return [] }
    do throws(PublishError) {
      if let former, let late = try findLateFile(in: former) {
        let kept = try location.keep(remains)
        return ["\(quoted(late)) came into the old tree during the build; that tree is now \(quoted(kept))"]
      }
      try removeTree(remains, in: location.parent, threadCount: options.threadCount)
      return []
    } catch {
      return ["\(quoted(location.path)) is the new tree, but the old one is still there: \(error.message)"]
    }
  }

  /// A file of someone else's that was not there when the run began.
  private func findLateFile(in former: FormerTree) throws(PublishError) -> String? {
    if options.force { return nil }
    return try listTree(former.root, against: former.paths, limit: 1, threadCount: options.threadCount)
      .unlisted.first
  }

  /// Takes the new tree back and tells what stands at the output path now.
  private func abandon(_ reason: PublishError, _ found: FoundOutput) -> PublishError {
    var error = reason
    let path = quoted(location.path)
    switch found {
    case .nothing: error.message += "; nothing is at \(path), as before"
    case .emptyFolder: error.message += "; \(path) is empty, as before"
    case .folder:
      // Two renames instead of an exchange, and neither the second nor its undoing worked.
      let isGone = location.parent.kind(of: location.name) == nil
      let former = quoted(location.parent.path(of: location.formerName))
      error.message += isGone ? "; the old tree is at \(former)" : "; \(path) is as it was before"
      if isGone { error.help.append("the next run puts it back") }
    }
    guard staging.exists else { return error }
    do throws(PublishError) {
      try removeTree(location.stagingName, in: location.parent, threadCount: options.threadCount)
    } catch let failure {
      error.help.append(
        "what this run began could not be removed (\(failure.message)); the next run tries again")
    }
    return error
  }
}
