import CLibYAML

/// Reads one YAML 1.1 document with libyaml. An error ends the reading of this file and gives nil.
package func parseYAML(_ file: UInt32, in sources: SourceMap, _ diagnostics: inout Diagnostics) -> YAMLNode? {
  var builder = YAMLTreeBuilder(file: file, bytes: sources[file].bytes)
  let node = builder.parse()
  for diagnostic in builder.found { diagnostics.add(diagnostic) }
  return builder.found.contains { $0.severity == .error } ? nil : node
}

/// Reads a stream of documents, as lists of objects of Kubernetes are written: those that hold something. An error ends
/// the reading of this file and gives nil.
package func parseYAMLStream(
  _ file: UInt32, in sources: SourceMap, _ diagnostics: inout Diagnostics
) -> [YAMLNode]? {
  var builder = YAMLTreeBuilder(file: file, bytes: sources[file].bytes, takesSeveral: true)
  _ = builder.parse()
  for diagnostic in builder.found { diagnostics.add(diagnostic) }
  if builder.found.contains(where: { $0.severity == .error }) { return nil }
  return builder.roots.filter { !$0.isNull }
}

/// The deepest nesting of lists and mappings that is read. The language needs eight levels.
package let maximumNesting = 64

/// The most nodes that all aliases of a file together may expand to.
package let maximumAliasedNodes = 10_000

/// Drives libyaml's events into a tree of nodes.
struct YAMLTreeBuilder {
  private struct Open {
    var isMapping: Bool
    var start: Int
    var anchor: String?
    var items: [YAMLNode] = []
    var entries: [YAMLEntry] = []
    var keys: [String: SourceRange] = [:]
    var key: (text: String, range: SourceRange)?
    var nodeCount = 1

    /// Where a key stood before, if it did. Small mappings are searched, large ones indexed.
    mutating func firstUse(of text: String, at range: SourceRange) -> SourceRange? {
      if entries.count < 16 { return entries.first { $0.key == text }?.keyRange }
      if keys.isEmpty {
        for entry in entries { keys[entry.key] = keys[entry.key] ?? entry.keyRange }
      }
      let seen = keys[text]
      if seen == nil { keys[text] = range }
      return seen
    }
  }

  private let file: UInt32
  private let bytes: [UInt8]
  private var offsets: ByteOffsets
  private var stack: [Open] = []
  private var anchors: [String: (node: YAMLNode, nodeCount: Int)] = [:]
  private var aliasedNodes = 0
  private(set) var roots: [YAMLNode] = []
  private var documents = 0
  /// Whether a file may hold several documents.
  private let takesSeveral: Bool
  private(set) var found: [Diagnostic] = []

  init(file: UInt32, bytes: [UInt8], takesSeveral: Bool = false) {
    self.file = file
    self.bytes = bytes
    self.takesSeveral = takesSeveral
    offsets = ByteOffsets(bytes)
  }

  mutating func parse() -> YAMLNode? {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { return nil }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var isDone = false
      while !isDone {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
          found.append(syntaxError(parser))
          return
        }
        isDone = event.type == YAML_STREAM_END_EVENT || !take(event)
        yaml_event_delete(&event)
      }
    }
    return roots.last
  }

  /// Takes an event in; false ends the reading.
  private mutating func take(_ event: yaml_event_t) -> Bool {
    let range = range(event)
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      documents += 1
      if documents > 1, !takesSeveral { return fail(.severalDocuments(at: range)) }
      anchors = [:]
    case YAML_ALIAS_EVENT:
      return takeAlias(text(event.data.alias.anchor), range)
    case YAML_SCALAR_EVENT:
      return takeScalar(event.data.scalar, range)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return open(isMapping: false, anchor: start.anchor, tag: start.tag, range)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return open(isMapping: true, anchor: start.anchor, tag: start.tag, range)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      return close(range)
    default:
      break
    }
    return true
  }

  private mutating func takeScalar(
    _ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ range: SourceRange
  )
    -> Bool
  {
    if scalar.tag != nil { return fail(.tagNotAllowed(text(scalar.tag), at: range)) }
    let content = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    if content.contains(where: { ($0 < 0x20 && $0 != 0x0a && $0 != 0x09) || $0 == 0x7f }) {
      return fail(.controlCharacter(at: range))
    }
    let value = String(decoding: content, as: UTF8.self)
    let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    let node = YAMLNode(content: .scalar(value, isPlain: isPlain), range: range)
    if scalar.anchor != nil { anchors[text(scalar.anchor)] = (node, 1) }
    return add(node, nodeCount: 1)
  }

  private mutating func takeAlias(_ name: String, _ range: SourceRange) -> Bool {
    guard let (anchored, count) = anchors[name] else { return fail(.undefinedAlias(name, at: range)) }
    aliasedNodes += count
    guard aliasedNodes <= maximumAliasedNodes else { return fail(.aliasExpansion(at: range)) }
    var node = anchored
    node.range = range
    return add(node, nodeCount: count)
  }

  private mutating func open(
    isMapping: Bool, anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, _ range: SourceRange
  ) -> Bool {
    if tag != nil { return fail(.tagNotAllowed(text(tag), at: range)) }
    guard stack.count < maximumNesting else { return fail(.nestingTooDeep(at: range)) }
    if let top = stack.last, top.isMapping, top.key == nil { return fail(.keyNotScalar(at: range)) }
    stack.append(Open(isMapping: isMapping, start: Int(range.start), anchor: anchor.map { text($0) }))
    return true
  }

  private mutating func close(_ end: SourceRange) -> Bool {
    let top = stack.removeLast()
    let range = SourceRange(file: file, start: top.start, end: Int(end.end))
    let content = top.isMapping ? YAMLNode.Content.mapping(top.entries) : .sequence(top.items)
    let node = YAMLNode(content: content, range: range)
    if let anchor = top.anchor { anchors[anchor] = (node, top.nodeCount) }
    return add(node, nodeCount: top.nodeCount)
  }

  /// Puts a finished node into the collection that is open, as an item, a key or the value of a key.
  private mutating func add(_ node: YAMLNode, nodeCount: Int) -> Bool {
    guard !stack.isEmpty else {
      roots.append(node)
      return true
    }
    let last = stack.count - 1
    stack[last].nodeCount += nodeCount
    guard stack[last].isMapping else {
      stack[last].items.append(node)
      return true
    }
    if let key = stack[last].key {
      stack[last].key = nil
      stack[last].entries.append(YAMLEntry(key: key.text, keyRange: key.range, value: node))
      return true
    }
    guard case .scalar(let text, _) = node.content else { return fail(.keyNotScalar(at: node.range)) }
    if text == "<<" { return fail(.mergeKey(at: node.range)) }
    if let seen = stack[last].firstUse(of: text, at: node.range) {
      found.append(.duplicateKey(text, at: node.range, first: seen))
    }
    stack[last].key = (text, node.range)
    return true
  }

  private mutating func fail(_ diagnostic: Diagnostic) -> Bool {
    found.append(diagnostic)
    return false
  }

  private mutating func range(_ event: yaml_event_t) -> SourceRange {
    let start = offsets.byteOffset(ofScalar: event.start_mark.index)
    let end = offsets.byteOffset(ofScalar: event.end_mark.index)
    return SourceRange(file: file, start: start, end: trimmedEnd(start, end))
  }

  /// libyaml ends block collections and some scalars at the next token: blanks and line ends are cut off.
  private func trimmedEnd(_ start: Int, _ end: Int) -> Int {
    var end = min(end, bytes.count)
    while end > start + 1, bytes[end - 1] <= 0x20 { end -= 1 }
    return end
  }

  private func syntaxError(_ parser: yaml_parser_t) -> Diagnostic {
    var offsets = offsets
    func place(_ start: Int) -> SourceRange {
      SourceRange(file: file, start: min(start, bytes.count), end: min(start + 1, bytes.count))
    }
    guard parser.error != YAML_READER_ERROR else {
      return .unreadableCharacter(UInt32(bitPattern: parser.problem_value), at: place(Int(parser.problem_offset)))
    }
    let start = offsets.byteOffset(ofScalar: parser.problem_mark.index)
    let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
    var labels: [(SourceRange, String)] = []
    if let context = parser.context, parser.context_mark.index != parser.problem_mark.index {
      labels = [(place(offsets.byteOffset(ofScalar: parser.context_mark.index)), String(cString: context))]
    }
    let hasConflict = conflictMark(bytes, file) != nil
    return .yamlSyntax(
      problem, labels, character: start < bytes.count ? bytes[start] : nil, hasConflict: hasConflict,
      at: place(start))
  }
}

private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String {
  pointer.map { String(cString: $0) } ?? ""
}

/// Converts libyaml's marks, which count Unicode scalars, into byte offsets; cheap for marks that mostly advance.
struct ByteOffsets {
  private let bytes: [UInt8]
  private let isASCII: Bool
  private var scalar = 0
  private var byte = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  mutating func byteOffset(ofScalar index: Int) -> Int {
    if isASCII { return index }
    while scalar > index, byte > 0 {
      byte -= 1
      while byte > 0, bytes[byte] & 0xc0 == 0x80 { byte -= 1 }
      scalar -= 1
    }
    while scalar < index, byte < bytes.count {
      byte += 1
      while byte < bytes.count, bytes[byte] & 0xc0 == 0x80 { byte += 1 }
      scalar += 1
    }
    return byte
  }
}
