/// What can be wrong with a file before it has a meaning.
extension Diagnostic {
  static func severalDocuments(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .severalDocuments, "a second YAML document begins here; a topology is one document", at: range,
      help: ["remove the `---`, or put the second part into a file of its own and name it under `include:`"])
  }

  static func tagNotAllowed(_ tag: String, at range: SourceRange) -> Diagnostic {
    let standard = "tag:yaml.org,2002:"
    let short = tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag
    return Diagnostic(
      .tagNotAllowed, "the tag \(shown(short)) is not allowed; the schema gives every value its type", at: range,
      help: ["remove the tag"])
  }

  static func undefinedAlias(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .undefinedAlias, "the alias \(shown("*" + name)) has no anchor before it", at: range,
      help: [
        "define the anchor further up in the same file, write the value out, or put quotes around a text that begins with `*`"
      ])
  }

  static func aliasExpansion(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .aliasExpansion, "the aliases of this file expand to more than \(maximumAliasedNodes) nodes", at: range,
      help: ["write the values out, or use a host range such as `range: \"h[01-40]\"`"])
  }

  static func nestingTooDeep(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestingTooDeep, "lists and mappings are nested more than \(maximumNesting) levels deep", at: range,
      help: ["check for brackets that are never closed"])
  }

  static func keyNotScalar(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .keyNotScalar, "a key must be a single word, not a list or a mapping", at: range,
      help: ["check for a missing `:`, for brackets around the key and for template marks"])
  }

  static func mergeKey(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownKey, "merge keys (`<<`) are not part of the language", at: range,
      help: ["put shared settings under `defaults:`, or on the region or rack"])
  }

  static func controlCharacter(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .controlCharacter, "the value contains a control character", at: range,
      help: ["remove it; an escape such as \\0 or \\x1b has no place in a topology"])
  }

  static func duplicateKey(_ key: String, at range: SourceRange, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateKey, "the key \(shown(key)) stands twice in one mapping", at: range,
      labels: [(first, "first here")], help: ["keep one of the two"])
  }

  /// - Parameters:
  ///   - problem: libyaml's words.
  ///   - labels: where the construct began that could not be read, in libyaml's words.
  ///   - character: the byte at which reading stopped.
  static func yamlSyntax(
    _ problem: String, _ labels: [(SourceRange, String)], character: UInt8?, hasConflict: Bool, at range: SourceRange
  ) -> Diagnostic {
    var problem = problem
    var help = "check indentation, quotes and brackets here and just before"
    if hasConflict {
      help = "resolve the merge conflict in this file"
    } else if problem == "found character that cannot start any token", let character {
      let isTab = character == UInt8(ascii: "\t")
      problem = isTab ? "a tab can't indent" : "a text can't begin with \(shown([character]))"
      help = isTab ? "indent with blanks" : "put quotes around the text"
    } else if problem.hasPrefix("did not find expected ','"), let character, "[{".utf8.contains(character) {
      help = "put quotes around a text with brackets"
    } else if problem == "could not find expected ':'" {
      help = "put a blank after the `:` of a key, or quotes around a text of several lines"
    } else if problem == "mapping values are not allowed in this context" {
      help = "check the indentation; a text that contains `: ` needs quotes"
    } else if labels.first?.1 == "while scanning a quoted scalar" {
      help = "close the quote"
    }
    return Diagnostic(
      .yamlSyntax, "this is not valid YAML: \(problem)", at: range, labels: labels, help: [help])
  }

  /// A character that no YAML file may contain (YAML 1.1 section 4.1).
  static func unreadableCharacter(_ value: UInt32, at range: SourceRange) -> Diagnostic {
    let digits = String(value, radix: 16, uppercase: true)
    return Diagnostic(
      .controlCharacter,
      "the file contains the character U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits), which YAML does not allow",
      at: range, help: ["remove it"])
  }
}

private func shown(_ bytes: [UInt8]) -> String { shown(String(decoding: bytes, as: UTF8.self)) }
