import Testing

@testable import TopologyModel

/// What became of a text: the topology and the lock, or messages.
struct Compiled {
  var topology: Topology?
  var lock: LockFile?
  var diagnostics: Diagnostics
  var printed: String

  /// The codes of the messages, in the order in which they are printed.
  var codes: [DiagnosticCode] { diagnostics.sorted().map(\.code) }

  /// The lock file's text, or nothing.
  var lockText: String { lock.map { String(decoding: $0.renderedText(), as: UTF8.self) } ?? "" }
}

/// Compiles a topology that is one text without includes.
func compile(_ text: String, lock: LockFile? = nil, mayRenumber: Bool = false) -> Compiled {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let file = sources.add(SourceFile(path: "input.yaml", bytes: Array(text.utf8)))
  let document = parseYAML(file, in: sources, &diagnostics).flatMap {
    decodeTopology($0, isMain: true, &diagnostics)
  }
  diagnostics.allowed = Set(document?.allowed.map(\.value) ?? [])
  let resolved = document.flatMap {
    resolveTopology($0, lock: lock, mayRenumber: mayRenumber, &diagnostics)
  }
  var printer = DiagnosticPrinter(sources: sources)
  return Compiled(
    topology: resolved?.topology, lock: resolved?.lock, diagnostics: diagnostics,
    printed: printer.text(diagnostics))
}

/// Compiles a text that must be right.
func compileCleanly(
  _ text: String, lock: LockFile? = nil, mayRenumber: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> (topology: Topology, lock: LockFile) {
  let compiled = compile(text, lock: lock, mayRenumber: mayRenumber)
  let topology = try #require(compiled.topology, "\(compiled.printed)", sourceLocation: sourceLocation)
  let lock = try #require(compiled.lock, sourceLocation: sourceLocation)
  return (topology, lock)
}

/// Reads a lock file's bytes back.
func parseLockText(_ bytes: [UInt8]) -> (lock: LockFile?, printed: String) {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let file = sources.add(SourceFile(path: "input.lock.yaml", bytes: bytes))
  let lock = parseLock(file, in: sources, &diagnostics)
  var printer = DiagnosticPrinter(sources: sources)
  return (lock, printer.text(diagnostics))
}

/// Reads a text as YAML.
func parse(_ text: String) -> (node: YAMLNode?, diagnostics: Diagnostics) {
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let file = sources.add(SourceFile(path: "input.yaml", bytes: Array(text.utf8)))
  return (parseYAML(file, in: sources, &diagnostics), diagnostics)
}

func prefix(_ text: String) -> Prefix { try! Prefix(parsing: text) }
func address(_ text: String) -> Address { try! Address(parsing: text) }
func name(_ text: String) -> Name { Name(text)! }
