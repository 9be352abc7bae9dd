import Glibc
import SystemPackage

/// A file open for reading.
struct InputFile: ~Copyable {
  private let descriptor: Int32

  /// Opens a file; a link is not followed, and a pipe is not waited for.
  init(_ path: UnsafePointer<CChar>, in folder: Folder) throws(Errno) {
    let found = openat(folder.descriptor, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if found < 0 { throw .last }
    descriptor = found
  }

  deinit { close(descriptor) }

  var status: stat {
    var status = stat()
    _ = fstat(descriptor, &status)
    return status
  }

  /// Fills as much of the buffer as the file has left; less than its size only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    var count = 0
    while count < buffer.count {
      let step = Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
      if step == 0 { break }
      if step > 0 {
        count += step
      } else if errno != EINTR {
        throw .last
      }
    }
    return count
  }

  /// The next bytes of the file, fewer than asked for only at its end.
  func read(_ count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(Errno) in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    bytes.removeSubrange(found...)
    return bytes
  }

  /// Whether the file goes on with exactly these bytes.
  /// - Parameter buffer: Memory to read into, grown as needed.
  func continues(with bytes: UnsafeRawBufferPointer, _ buffer: inout [UInt8]) throws(Errno) -> Bool {
    if bytes.isEmpty { return true }
    if buffer.count < bytes.count {
      buffer = [UInt8](repeating: 0, count: max(bytes.count, 2 * buffer.count))
    }
    return try buffer.withUnsafeMutableBufferPointer { (buffer) throws(Errno) in
      let part = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<bytes.count]))
      guard try read(into: part) == bytes.count else { return false }
      return memcmp(part.baseAddress!, bytes.baseAddress!, bytes.count) == 0
    }
  }
}

/// Reads the lines of a file, each without its newline; a last line without a newline is not given.
/// - Returns: Whether every line was taken and the file ended with a newline. False also when `take` refused a line.
func readLines(
  _ name: String, in folder: Folder, take: (UnsafeRawBufferPointer) -> Bool
) throws(PublishError) -> Bool {
  try explaining("read", folder.path(of: name)) { () throws(Errno) in
    let file = try InputFile(name, in: folder)
    var kept: [UInt8] = []
    while true {
      let block = try file.read(1 << 20)
      if block.isEmpty { return kept.isEmpty }
      kept += block
      guard let consumed = kept.withUnsafeBytes({ takeLines(of: $0, take: take) }) else { return false }
      kept.removeFirst(consumed)
    }
  }
}

/// How many bytes were whole lines; nil when one was refused.
private func takeLines(of bytes: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) -> Bool) -> Int? {
  var start = 0
  while start < bytes.count,
    let found = memchr(bytes.baseAddress! + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
  {
    let end = UnsafeRawPointer(found) - bytes.baseAddress!
    guard take(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) else { return nil }
    start = end + 1
  }
  return start
}
