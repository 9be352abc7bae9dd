/// A text of the user that may stand in the comment of a rule, in every format that has comments: 1 to 100
/// characters, letters and digits of ASCII, single spaces between words, and `- _ . , : ; / + = @ # ( ) * & % ? !`.
///
/// Quotes, backslashes, `$`, braces and control characters would end or change a quoted text somewhere
/// (iptables-restore(8), nft(8), a shell); comments of iptables have room for 255 bytes, those of nft for 128.
package struct CommentText: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  package static let maximumBytes = 100
  package static let punctuation = "-_.,:;/+=@#()*&%?!"

  /// The text, or nil if it has any other character or length.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...Self.maximumBytes).contains(bytes.count), bytes.first != 0x20, bytes.last != 0x20,
      bytes.allSatisfy({ Self.admits($0) })
    else { return nil }
    self.text = text
  }

  /// The first character of a text that no comment may have.
  package static func firstRefused(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { $0.value > 0x7f || !admits(UInt8($0.value)) }
  }

  private static func admits(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20: true
    default: punctuation.utf8.contains(byte)
    }
  }

  package var description: String { text }
}
