import CLinux
import Glibc
import SystemPackage

extension OutputLocation {
  /// Puts the finished tree in its place, in one step that is done or not done.
  /// - Parameter former: What stands there now.
  /// - Returns: The name under which the former tree is to be removed, nil if there was none; and a warning.
  func putInPlace(
    over former: FoundOutput, canExchange: Bool
  ) throws(PublishError) -> (remains: String?, warning: String?) {
    guard case .folder = former else {
      // rename(2) replaces nothing but an empty folder.
      try parent.rename(stagingName, to: name)
      return (nil, nil)
    }
    let flag = UInt32(romanaRenameExchange)
    if canExchange && renameat2(parent.descriptor, stagingName, parent.descriptor, name, flag) == 0 {
      return (stagingName, nil)
    }
    let code = canExchange ? Errno.last : .invalidArgument
    guard [.invalidArgument, .noFunction, .notSupported].contains(code) else {
      throw PublishError("put the new tree in the place of", path, code)
    }
    return try putInPlaceInTwoSteps()
  }

  /// The way of file systems that cannot exchange two names (NFS, for example).
  ///
  /// For a moment there is no tree. A run that is killed in that moment leaves the old one under `formerName`, and the
  /// next run puts it back.
  private func putInPlaceInTwoSteps() throws(PublishError) -> (remains: String?, warning: String?) {
    try parent.rename(name, to: formerName)
    do throws(PublishError) {
      try parent.rename(stagingName, to: name)
    } catch {
      try parent.rename(formerName, to: name)
      throw error
    }
    let warning =
      "the file system of \(quoted(path)) cannot exchange two folders, so the tree was missing for a moment"
    return (formerName, warning)
  }

  /// Gives the former tree a name that no later run clears away, and returns its path.
  func keep(_ remains: String) throws(PublishError) -> String {
    var (kept, number) = (".\(name).romana-kept", 1)
    while parent.kind(of: kept) != nil {
      number += 1
      kept = ".\(name).romana-kept-\(number)"
    }
    try parent.rename(remains, to: kept)
    return parent.path(of: kept)
  }

  /// Clears away what a killed run left, after putting back the old tree if it was killed between two steps.
  /// - Returns: A warning if there was a tree to put back.
  func clearLeftovers(threadCount: Int?) throws(PublishError) -> String? {
    var warning: String?
    if parent.kind(of: formerName) == .folder {
      if parent.kind(of: name) == nil {
        try parent.rename(formerName, to: name)
        warning = "a run that was killed had left \(quoted(path)) under another name; it was put back"
      } else {
        try removeTree(formerName, in: parent, threadCount: threadCount)
      }
    }
    switch parent.kind(of: stagingName) {
    case nil: break
    case .folder: try removeTree(stagingName, in: parent, threadCount: threadCount)
    default:
      throw PublishError(
        message: "\(quoted(parent.path(of: stagingName))) is not a folder of a former run",
        help: ["remove it: new trees grow under this name"])
    }
    return warning
  }
}
