/// A file as it was read: its name as messages show it, and its bytes, which are valid UTF-8 without a BOM.
package struct SourceFile: Sendable {
  /// The path as the user wrote it, or joined to the folder of the including file.
  package let path: String
  package let bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

/// A piece of a source file: byte offsets, converted to line and column only when a message is printed.
package struct SourceRange: Sendable, Hashable, Comparable {
  /// Index into `SourceMap.files`.
  package var file: UInt32
  package var start: UInt32
  package var end: UInt32

  package init(file: UInt32, start: Int, end: Int) {
    self.file = file
    self.start = UInt32(start)
    self.end = UInt32(max(start, end))
  }

  package static func < (left: SourceRange, right: SourceRange) -> Bool {
    (left.file, left.start, left.end) < (right.file, right.start, right.end)
  }
}

/// The files of one compilation, in the order in which they were read; the topology itself is the first.
package struct SourceMap: Sendable {
  package private(set) var files: [SourceFile] = []

  package init() {}

  /// Adds a file and returns its index.
  package mutating func add(_ file: SourceFile) -> UInt32 {
    files.append(file)
    return UInt32(files.count - 1)
  }

  package subscript(_ index: UInt32) -> SourceFile { files[Int(index)] }
}

/// A value and where it stands in the source.
package struct Located<Value: Sendable>: Sendable {
  package var value: Value
  package var range: SourceRange

  package init(_ value: Value, at range: SourceRange) {
    self.value = value
    self.range = range
  }
}
