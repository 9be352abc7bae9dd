/// Reads a topology and everything that it includes into one document.
///
/// The main file comes first, then the included files in the order of their paths. All files are read and
/// decoded even if some are wrong, so that one run reports every error.
///
/// - Parameter files: where all of them are.
package func loadTopology(
  _ path: String, from files: FileSource = .disk, into sources: inout SourceMap, _ diagnostics: inout Diagnostics
) -> TopologyDocument? {
  var loader = TopologyLoader(files)
  let main = loader.load(path, includedAt: nil, &sources, &diagnostics)
  guard var document = main else { return nil }
  let included = loader.included.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  for (_, part) in included { document.append(part) }
  mergeRegions(&document, &diagnostics)
  diagnostics.allowed.formUnion(document.allowed.map(\.value))
  return document
}

private struct TopologyLoader {
  /// The files that are being read, outermost first, to find cycles.
  private var chain: [String] = []
  private var done: Set<String> = []
  private let files: FileSource
  private var insertions: InsertionReader
  var included: [(path: String, document: TopologyDocument)] = []

  init(_ files: FileSource) {
    self.files = files
    insertions = InsertionReader(files: files)
  }

  mutating func load(
    _ path: String, includedAt range: SourceRange?, _ sources: inout SourceMap, _ diagnostics: inout Diagnostics
  ) -> TopologyDocument? {
    guard let file = readSource(path, includedAt: range, &sources, &diagnostics) else { return nil }
    let errors = diagnostics.errorCount
    guard let node = parseYAML(file, in: sources, &diagnostics) else {
      if diagnostics.errorCount == errors {
        diagnostics.add(.emptyTopology(at: SourceRange(file: file, start: 0, end: 0)))
      }
      return nil
    }
    guard var document = decodeTopology(node, isMain: range == nil, &diagnostics) else { return nil }
    insertions.read(&document.insertions, besides: path, &sources, &diagnostics)
    let canonical = files.canonical(path) ?? path
    chain.append(canonical)
    done.insert(canonical)
    for include in document.includes { loadMatches(of: include, from: path, &sources, &diagnostics) }
    chain.removeLast()
    return document
  }

  private mutating func loadMatches(
    of include: Located<String>, from path: String, _ sources: inout SourceMap, _ diagnostics: inout Diagnostics
  ) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let pattern = include.value.hasPrefix("/") ? include.value : folder + include.value
    let matches = files.glob(pattern)
    if matches.isEmpty { diagnostics.add(.includeMatchesNothing(include.value, at: include.range)) }
    for match in matches {
      let canonical = files.canonical(match) ?? match
      if chain.contains(canonical) {
        diagnostics.add(.includeCycle(files.label + match, at: include.range))
        continue
      }
      guard done.insert(canonical).inserted else { continue }
      if let document = load(match, includedAt: include.range, &sources, &diagnostics) {
        included.append((match, document))
      }
    }
  }

  private func readSource(
    _ path: String, includedAt range: SourceRange?, _ sources: inout SourceMap, _ diagnostics: inout Diagnostics
  ) -> UInt32? {
    let shown = files.label + path
    switch files.read(path) {
    case .success(let bytes):
      if let diagnostic = encodingError(bytes, path: shown) {
        diagnostics.add(diagnostic)
        return nil
      }
      return sources.add(SourceFile(path: path == "-" ? "standard input" : shown, bytes: bytes))
    case .failure(let error):
      diagnostics.add(.unreadable(shown, error, at: range))
      return nil
    }
  }
}

/// An error if the bytes are not UTF-8, or begin with a byte order mark.
package func encodingError(_ bytes: [UInt8], path: String) -> Diagnostic? {
  if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return .byteOrderMark(path) }
  if let encoding = utf16Encoding(bytes) { return .utf16(path, encoding) }
  return firstInvalidUTF8(bytes).map { .notUTF8(path, offset: $0, bytes: bytes) }
}

/// The name for iconv(1) if the bytes begin like UTF-16: with its byte order mark, or two ASCII characters.
private func utf16Encoding(_ bytes: [UInt8]) -> String? {
  if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) { return "UTF-16" }
  guard bytes.count >= 4 else { return nil }
  switch (bytes[0] == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0) {
  case (false, true, false, true): return "UTF-16LE"
  case (true, false, true, false): return "UTF-16BE"
  default: return nil
  }
}

/// The offset of the first byte that is not part of well-formed UTF-8.
func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
  if bytes.allSatisfy({ $0 < 0x80 }) { return nil }
  var decoder = Unicode.UTF8.ForwardParser()
  var iterator = bytes.makeIterator()
  var offset = 0
  while true {
    switch decoder.parseScalar(from: &iterator) {
    case .valid(let scalar): offset += scalar.count
    case .emptyInput: return nil
    case .error: return offset
    }
  }
}

extension TopologyDocument {
  fileprivate mutating func append(_ other: TopologyDocument) {
    allowed += other.allowed
    networks += other.networks
    vlans += other.vlans
    tenants += other.tenants
    policies += other.policies
    serviceFunctions += other.serviceFunctions
    services += other.services
    regions += other.regions
    insertions += other.insertions
    interconnects += other.interconnects
  }
}

/// Joins the parts of a region that several files write. What describes the region itself stands in one file.
private func mergeRegions(_ document: inout TopologyDocument, _ diagnostics: inout Diagnostics) {
  var merged: [RegionDocument] = []
  var index: [Name: Int] = [:]
  for region in document.regions {
    guard let first = index[region.name.value] else {
      index[region.name.value] = merged.count
      merged.append(region)
      continue
    }
    let original = merged[first].name.range
    if original.file == region.name.range.file {
      diagnostics.add(.duplicateName("region", region.name, first: original))
      continue
    }
    if let range = region.soleKeys.first {
      if let other = merged[first].soleKeys.first {
        diagnostics.add(.splitDefinition(region.name.value, at: range, first: other))
        continue
      }
      merged[first].adoptDescription(of: region)
    }
    merged[first].links += region.links
    merged[first].spines += region.spines
    merged[first].racks += region.racks
    merged[first].upstreams += region.upstreams
    merged[first].zones += region.zones
    merged[first].cloudKeys += region.cloudKeys
    merged[first].datacenterKeys += region.datacenterKeys
  }
  document.regions = merged
}

extension RegionDocument {
  fileprivate mutating func adoptDescription(of other: RegionDocument) {
    renamedFrom = other.renamedFrom
    id = other.id
    kind = other.kind
    settings = other.settings
    linkPool = other.linkPool
    linkPool6 = other.linkPool6
    spineBGP = other.spineBGP
    fabricSecret = other.fabricSecret
    fabricLinks = other.fabricLinks
    asnScope = other.asnScope
    vpc = other.vpc
    egress = other.egress
    soleKeys = other.soleKeys
  }
}

extension Diagnostic {
  package static func unreadable(_ path: String, _ error: FileReadError, at range: SourceRange?) -> Diagnostic {
    switch error {
    case .directory:
      Diagnostic(.isDirectory, "'\(path)' is a directory", at: range, help: ["name a YAML file inside it"])
    case .tooLarge:
      Diagnostic(
        .fileTooLarge, "'\(path)' is larger than \(maximumFileSize >> 20) MiB", at: range,
        help: ["split it with `include:`, a file a rack"])
    case .system(let code):
      Diagnostic(
        .cannotRead, "cannot read '\(path)': \(systemErrorText(code))", at: range,
        help: ["check the path and its permissions"])
    }
  }

  static func byteOrderMark(_ path: String) -> Diagnostic {
    Diagnostic(
      .byteOrderMark, "'\(path)' begins with a byte order mark", at: nil,
      help: ["save it as UTF-8 without BOM, e.g. with `sed -i '1s/^\\xEF\\xBB\\xBF//' FILE`"])
  }

  static func utf16(_ path: String, _ encoding: String) -> Diagnostic {
    Diagnostic(
      .notUTF8, "'\(path)' is UTF-16, not UTF-8", at: nil,
      help: ["convert it, e.g. with `iconv -f \(encoding) -t UTF-8`"])
  }

  static func notUTF8(_ path: String, offset: Int, bytes: [UInt8]) -> Diagnostic {
    let table = LineTable(SourceFile(path: path, bytes: bytes))
    let (line, column) = table.position(of: offset)
    return Diagnostic(
      .notUTF8, "\(path):\(line):\(column): the byte 0x\(String(bytes[offset], radix: 16)) is not UTF-8", at: nil,
      help: ["convert the file, e.g. with `iconv -f LATIN1 -t UTF-8`"])
  }

  static func includeMatchesNothing(_ pattern: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .includeMatchesNothing, "the include '\(pattern)' matches no file", at: range,
      help: ["paths are relative to the file that includes; remove the line if the files are gone on purpose"])
  }

  static func includeCycle(_ path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .includeCycle, "'\(path)' includes itself, directly or through others", at: range,
      help: ["remove this include, or narrow the glob"])
  }

  static func splitDefinition(_ name: Name, at range: SourceRange, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .splitDefinition, "the region '\(name)' is described in two files", at: range,
      labels: [(first, "described here already")],
      help: ["keep its settings in one file; others name it and add spines, racks and links only"])
  }

  static func duplicateName(_ kind: String, _ name: Located<Name>, first: SourceRange) -> Diagnostic {
    Diagnostic(
      .duplicateName, "the name '\(name.value)' of a \(kind) is taken", at: name.range,
      labels: [(first, "first used here")], help: ["choose another name"])
  }
}
