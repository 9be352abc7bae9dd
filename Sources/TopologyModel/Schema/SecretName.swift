/// Keys under which people write passwords.
private let passwordKeys: Set<String> = [
  "password", "passwd", "md5", "md5_password", "md5_key", "auth", "auth_key", "authentication", "key", "psk",
]

extension ObjectSpec {
  /// Whether an unknown key is an attempt to give a secret itself.
  func takesForSecret(_ key: String) -> Bool {
    (self.key("secret") != nil || self.key("fabric_secret") != nil)
      && passwordKeys.contains(key.lowercased().replacing("-", with: "_"))
  }
}

extension MappingReader {
  /// The name of a secret. What can't be a name is most likely the secret itself, and is not repeated.
  func secretName(_ key: String, _ diagnostics: inout Diagnostics) -> Located<Name>? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, _) = node.content, !text.isEmpty else { return decodeName(node, &diagnostics) }
    guard let name = Name(text) else {
      diagnostics.add(
        .clearTextSecret(
          "the value of '\(key)' is not a name", at: node.range, form: key == "key_file" ? "`key_file: NAME`" : nil))
      return nil
    }
    return Located(name, at: node.range)
  }
}

extension Diagnostic {
  /// - Parameter form: how it is to be written, where that is not the key of a session.
  static func clearTextSecret(_ what: String, at range: SourceRange, form: String? = nil) -> Diagnostic {
    Diagnostic(
      .clearTextSecret, "a secret given in clear text: \(what)", at: range,
      notes: ["the line is not shown; a secret that stood in a topology is known to all who can read it: change it"],
      help: [
        "write \(form ?? "`secret: NAME`, or `fabric_secret: NAME` on a region"), and put the secret into /etc/romana/secrets/NAME on the devices"
      ])
  }
}
