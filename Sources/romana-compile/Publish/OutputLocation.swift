import Glibc
import SystemPackage

/// The folder that is to hold a tree, and the names beside it that a run uses.
struct OutputLocation: Sendable {
  /// As the user wrote it.
  let path: String
  let parent: Folder
  /// The last component of the path.
  let name: String

  /// Where a tree grows before it takes its place, and where the former one goes to be removed. Under the lock
  /// such a folder is always the rest of a run that was killed.
  var stagingName: String { ".\(name).romana-staging" }
  /// The former tree, while the new one is renamed, on file systems that cannot exchange two folders.
  var formerName: String { ".\(name).romana-old" }
  var lockName: String { ".\(name).romana-lock" }

  init(_ text: String) throws(PublishError) {
    let whole = FilePath(text)
    guard let last = whole.lastComponent, last.kind == .regular else {
      throw PublishError(
        message: "the output folder \(quoted(text)) has no name of its own",
        help: ["a tree is replaced as a whole: name a folder that is for it alone, such as `out`"])
    }
    let above = whole.removingLastComponent()
    let parentPath = above.isEmpty ? FilePath(".") : above
    path = whole.string
    name = last.string
    if name.utf8.count > 200 {
      throw PublishError(message: "the name of the output folder \(quoted(name)) is longer than 200 bytes")
    }
    switch Folder.open(parentPath) {
    case .success(let folder): parent = folder
    case .failure(.noSuchFileOrDirectory):
      throw PublishError(
        message: "there is no folder \(quoted(parentPath.string)) to hold the output folder \(quoted(name))",
        help: ["create it first; only the last component of the output path is created"])
    case .failure(let code): throw PublishError("open the folder", parentPath.string, code)
    }
  }

  /// The path without links, for comparison with what the kernel says; nil when it can't be found out.
  var resolvedPath: String? {
    guard let found = realpath(parent.path, nil) else { return nil }
    defer { free(found) }
    return FilePath(String(cString: found)).appending(name).string
  }
}

/// What stands at an output path.
enum FoundOutput {
  case nothing
  case emptyFolder(Folder)
  case folder(Folder)
}

extension OutputLocation {
  /// Looks at the output path and refuses what can't be replaced: a file, a link, a mount point, a folder that
  /// may not be written to.
  func find() throws(PublishError) -> FoundOutput {
    var status = stat()
    if fstatat(parent.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
      if errno == ENOENT { return .nothing }
      throw PublishError("look at", path, .last)
    }
    try refuseNonFolder(EntryKind(mode: status.st_mode))
    try refuseMounts(device: status.st_dev)
    if faccessat(parent.descriptor, name, R_OK | W_OK | X_OK, AT_EACCESS) != 0 {
      throw PublishError("write to the folder", path, .last)
    }
    let folder = try parent.openFolder(name)
    return try folder.entries().isEmpty ? .emptyFolder(folder) : .folder(folder)
  }

  private func refuseNonFolder(_ kind: EntryKind) throws(PublishError) {
    switch kind {
    case .folder: return
    case .link:
      throw PublishError(
        message: "the output folder \(quoted(path)) is a symbolic link",
        help: ["name the folder that it points to, or remove the link"])
    case .file:
      throw PublishError(
        message: "the output folder \(quoted(path)) is a file",
        help: ["remove the file, or name another folder"])
    case .special:
      throw PublishError(
        message: "the output folder \(quoted(path)) is not a folder", help: ["name another folder"])
    }
  }

  private func refuseMounts(device: dev_t) throws(PublishError) {
    let own = resolvedPath
    for point in mountPoints() ?? [] {
      guard let own else { break }
      if point == own { throw mountPointError }
      if point.hasPrefix("\(own)/") {
        throw PublishError(
          message: "a file system is mounted at \(quoted(point)), inside the output folder \(quoted(path))",
          help: ["unmount it: the folder is replaced as a whole"])
      }
    }
    if mountPoints() == nil && device != parent.status.st_dev { throw mountPointError }
  }

  private var mountPointError: PublishError {
    PublishError(
      message: "the output folder \(quoted(path)) is a mount point",
      help: ["a tree is replaced as a whole, which a mount point can't be: name a folder inside it"])
  }
}

/// Where file systems are mounted (proc_pid_mountinfo(5), fifth field); nil without /proc.
private func mountPoints() -> [String]? {
  guard case .success(let root) = Folder.open("/proc/self") else { return nil }
  var points: [String] = []
  let isWhole = try? readLines("mountinfo", in: root) { line in
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
    if fields.count > 4 { points.append(unescapedOctal(Array(fields[4]))) }
    return true
  }
  return isWhole == true ? points : nil
}

/// Undoes the `\040` of blanks and the like in mountinfo.
private func unescapedOctal(_ text: [UInt8]) -> String {
  var bytes: [UInt8] = []
  var index = 0
  while index < text.count {
    if text[index] == UInt8(ascii: "\\"), index + 3 < text.count,
      let value = UInt8(String(decoding: text[index + 1...index + 3], as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      index += 4
    } else {
      bytes.append(text[index])
      index += 1
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
