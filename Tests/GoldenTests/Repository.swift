import SystemPackage

/// Where things are in the repository.
enum Repository {
  static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
  static var examples: FilePath { root.appending("examples") }
  static var golden: FilePath { root.appending("golden") }
}
