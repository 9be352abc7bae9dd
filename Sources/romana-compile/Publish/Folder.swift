import Glibc
import SystemPackage

/// An open folder; every name below is relative to it, so that nothing can be exchanged under the compiler's feet.
final class Folder: Sendable {
  let descriptor: Int32
  /// For messages only.
  let path: String

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Opens a folder by a path from the user; links on the way are followed.
  static func open(_ path: FilePath) -> Result<Folder, Errno> {
    let descriptor = Glibc.open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    return descriptor < 0 ? .failure(.last) : .success(Folder(descriptor: descriptor, path: path.string))
  }

  /// Opens a folder inside this one; a link is not followed.
  func openFolder(_ name: String) throws(PublishError) -> Folder {
    let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    if found < 0 { throw PublishError("open the folder", path(of: name), .last) }
    return Folder(descriptor: found, path: path(of: name))
  }

  func openFolderIfPresent(_ name: String) throws(PublishError) -> Folder? {
    kind(of: name) == .folder ? try openFolder(name) : nil
  }

  func path(of name: String) -> String { path == "." ? name : path == "/" ? "/\(name)" : "\(path)/\(name)" }

  /// Creates a folder with the permissions that the user's umask leaves.
  func makeFolder(_ name: UnsafePointer<CChar>) throws(PublishError) {
    if mkdirat(descriptor, name, 0o777) != 0 {
      throw PublishError("create the folder", path(of: String(cString: name)), .last)
    }
  }

  /// What a name stands for; a link is not followed. Nil if there is nothing, or nothing that may be seen.
  func kind(of name: String) -> EntryKind? { status(of: name).map { EntryKind(mode: $0.st_mode) } }

  func status(of name: String) -> stat? {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
  }

  var status: stat {
    var status = stat()
    _ = fstat(descriptor, &status)
    return status
  }

  func rename(_ old: String, to new: String) throws(PublishError) {
    if renameat(descriptor, old, descriptor, new) != 0 {
      throw PublishError("rename to \(new)", path(of: old), .last)
    }
  }

  func removeFile(_ name: String) throws(PublishError) {
    if unlinkat(descriptor, name, 0) != 0 { throw PublishError("remove", path(of: name), .last) }
  }

  func removeEmptyFolder(_ name: String) throws(PublishError) {
    if unlinkat(descriptor, name, AT_REMOVEDIR) != 0 {
      throw PublishError("remove the folder", path(of: name), .last)
    }
  }
}

enum EntryKind: Sendable, Equatable {
  case file
  case folder
  case link
  /// A device, a pipe or a socket.
  case special

  init(mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .special
      }
  }
}

struct FolderEntry: Sendable {
  var name: String
  var kind: EntryKind
}

extension Folder {
  /// What the folder holds, sorted by the bytes of the names.
  func entries() throws(PublishError) -> [FolderEntry] {
    // A descriptor of its own: reading moves the position, and closedir closes it.
    let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = fdopendir(copy) else { throw PublishError("list the folder", path, .last) }
    defer { closedir(stream) }
    var found: [FolderEntry] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." {
        found.append(FolderEntry(name: name, kind: kind(of: entry.pointee.d_type, name)))
      }
      errno = 0
    }
    if errno != 0 { throw PublishError("list the folder", path, .last) }
    found.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return found
  }

  /// Some file systems leave the type of an entry open.
  private func kind(of type: UInt8, _ name: String) -> EntryKind {
    switch Int(type) {
    case DT_REG: .file
    case DT_DIR: .folder
    case DT_LNK: .link
    case DT_UNKNOWN: kind(of: name) ?? .special
    default: .special
    }
  }
}
