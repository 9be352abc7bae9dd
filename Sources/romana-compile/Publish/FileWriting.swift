import Glibc
import SystemPackage

/// A new file, open for writing.
struct OutputFile: ~Copyable {
  private let descriptor: Int32

  /// Creates the file; the name must be free. The user's umask narrows the permissions.
  init(_ path: UnsafePointer<CChar>, in folder: Folder, isExecutable: Bool = false) throws(Errno) {
    let made = openat(
      folder.descriptor, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isExecutable ? 0o777 : 0o666)
    if made < 0 { throw .last }
    descriptor = made
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) { try writeAll(bytes, to: descriptor) }

  /// Closes the file; network file systems report only here that it could not be written.
  consuming func finish() throws(Errno) {
    let result = close(descriptor)
    let code = Errno.last
    discard self
    if result != 0 { throw code }
  }
}

/// Writes all bytes, in one call where the kernel takes them so.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(Errno) {
  var start = 0
  while start < bytes.count {
    let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
    if count >= 0 {
      start += count
    } else if errno != EINTR {
      throw .last
    }
  }
}

extension Folder {
  /// Creates a file with these bytes.
  func makeFile(
    _ path: UnsafePointer<CChar>, _ bytes: [UInt8], isExecutable: Bool
  ) throws(PublishError) {
    try explaining("write", self.path(of: String(cString: path))) { () throws(Errno) in
      let file = try OutputFile(path, in: self, isExecutable: isExecutable)
      try bytes.withUnsafeBufferPointer { (bytes) throws(Errno) in
        try file.write(UnsafeRawBufferPointer(bytes))
      }
      try file.finish()
    }
  }

  /// Creates a file at a path of several names, and the folders on the way.
  func makeFile(atPath path: String, _ bytes: [UInt8]) throws(PublishError) {
    try makeFolders(above: path)
    try makeFile(path, bytes, isExecutable: false)
  }

  /// The same with the bytes of a file at the same path of another folder.
  func takeFile(atPath path: String, from source: Folder) throws(PublishError) {
    try makeFolders(above: path)
    try takeFile(path, from: source, isExecutable: false)
  }

  private func makeFolders(above path: String) throws(PublishError) {
    for index in path.indices where path[index] == "/" {
      let folder = String(path[..<index])
      if kind(of: folder) != .folder { try makeFolder(folder) }
    }
  }

  /// Gives a file of another folder the same name here, by a hard link, or as a copy where that can't be.
  func takeFile(
    _ path: UnsafePointer<CChar>, from source: Folder, isExecutable: Bool
  ) throws(PublishError) {
    if linkat(source.descriptor, path, descriptor, path, 0) == 0 { return }
    let code = Errno.last
    // No links on this file system, too many of them, another file system, or a file of another user.
    guard [.notPermitted, .tooManyLinks, .improperLink, .notSupported, .noFunction].contains(code) else {
      throw PublishError("link", source.path(of: String(cString: path)), code)
    }
    let bytes = try explaining("read", source.path(of: String(cString: path))) { () throws(Errno) in
      let file = try InputFile(path, in: source)
      return try file.read(Int(file.status.st_size))
    }
    try makeFile(path, bytes, isExecutable: isExecutable)
  }
}
