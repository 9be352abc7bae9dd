/// A local addition: a text of the user that goes to a point of a file as it is. The compiler neither interprets nor
/// verifies it.
package struct Insertion: Sendable, Equatable {
  package var point: InsertionPoint
  package var path: InsertionPath
  package var text: InsertedText
}

/// A local addition and the devices that get it.
package struct PlacedInsertion: Sendable {
  package var insertion: Insertion
  package var devices: Set<Name>
}

/// The path of an addition's file relative to the folder of the topology file that names it: names with slashes between
/// them, so that it is safe in a comment and leads nowhere else.
package struct InsertionPath: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  /// Nil if the text is absolute, has a component that is no `Name` (such as `..`), or is longer than 200 bytes.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard text.utf8.count <= 200, parts.allSatisfy({ Name(String($0)) != nil }) else { return nil }
    self.text = text
  }

  package var description: String { text }
}

/// The bytes of a local addition, checked: the one kind of foreign text that may reach a file.
///
/// Lines of UTF-8 that end with a line feed; no control characters but tabs, and nothing that could be taken for a mark of
/// the compiler.
package struct InsertedText: Sendable, Equatable {
  /// The most bytes that a local addition may have.
  package static let maximumSize = 64 << 10

  package let bytes: [UInt8]

  package init(checking bytes: [UInt8]) throws(InsertedTextError) {
    guard !bytes.isEmpty else { throw .empty }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw .byteOrderMark }
    if let offset = firstInvalidUTF8(bytes) { throw .notUTF8(offset: offset) }
    if let offset = bytes.firstIndex(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0a || $0 == 0x7f }) {
      throw .controlCharacter(offset: offset)
    }
    if let offset = firstHiddenCharacter(bytes) { throw .controlCharacter(offset: offset) }
    guard bytes.last == UInt8(ascii: "\n") else { throw .noLineFeed }
    if let offset = firstMark(bytes) { throw .mark(offset: offset) }
    self.bytes = bytes
  }
}

package enum InsertedTextError: Error {
  case empty
  case byteOrderMark
  case notUTF8(offset: Int)
  case controlCharacter(offset: Int)
  case noLineFeed
  /// A line that names the compiler, as its own marks do.
  case mark(offset: Int)
}

/// The word that is in every mark.
private let markWord = Array("romana-compile".utf8)

private func firstMark(_ bytes: [UInt8]) -> Int? {
  guard bytes.count >= markWord.count else { return nil }
  return (0...bytes.count - markWord.count).first { start in
    bytes[start] == markWord[0] && bytes[start..<start + markWord.count].elementsEqual(markWord)
  }
}

/// Characters beyond ASCII that show nothing or reorder what is shown: a reviewer would read another text than the daemon.
private func firstHiddenCharacter(_ bytes: [UInt8]) -> Int? {
  if bytes.allSatisfy({ $0 < 0x80 }) { return nil }
  var offset = 0
  for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
    if scalar.value >= 0x80, !isPrintable(scalar) { return offset }
    offset += UTF8.width(scalar)
  }
  return nil
}
