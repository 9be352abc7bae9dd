import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// Where things are in the repository, and what the environment says about goldens.
enum Repository {
  static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
  static var examples: FilePath { root.appending("examples") }
  static var golden: FilePath { root.appending("golden") }

  /// The built program: it lies beside the test bundle.
  static var program: FilePath {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bundle = FilePath(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self))
    return bundle.removingLastComponent().appending("romana-compile")
  }

  /// ROMANA_GOLDEN=rewrite: golden files are written instead of compared (`make golden`).
  static let isRewriting = variable("ROMANA_GOLDEN") == "rewrite"
  static let isContinuousIntegration = variable("CI") == "true"

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The bytes of a file of the repository.
  static func read(_ path: FilePath) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(path, .readOnly)
    return try descriptor.closeAfter {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
      }
    }
  }

  static func write(_ text: String, to path: FilePath) throws {
    let descriptor = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
    _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
  }
}
