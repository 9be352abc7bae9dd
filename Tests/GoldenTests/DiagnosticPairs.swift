import Foundation
import Testing
import TopologyModel

/// A folder under `golden/diagnostics`: a wrong input and the exact text that the compiler prints about it.
///
/// The input is `input.yaml`, with files that it includes and `input.lock.yaml` beside it. A file `options` may hold, a
/// line each: `renumber`, `locked`, `topology FILE` (another main file), `also RC0123` (a code that comes along),
/// `import` (policies of another system; of several files if it names them), `import-topology` (a topology of Romana 2;
/// `--subnet` and `--router` follow with their values), `grow FILE BYTES` (a file that is too large for version control is made so large, full of zeros).
struct DiagnosticPair: Sendable, CustomTestStringConvertible {
  static let root = GoldenText.root + "/golden/diagnostics"

  let name: String
  private let options: [[String]]

  var testDescription: String { name }
  var folder: String { "\(Self.root)/\(name)" }

  static let all: [DiagnosticPair] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().map(DiagnosticPair.init)
  }()

  init(_ name: String) {
    self.name = name
    let text = (try? readFile("\(Self.root)/\(name)/options")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    options = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// The code that the folder's name begins with.
  var code: DiagnosticCode? {
    DiagnosticCode.allCases.filter { name == $0.slug || name.hasPrefix($0.slug + "-") }.max {
      $0.slug.count < $1.slug.count
    }
  }

  /// The codes that the printed text may contain.
  var codes: Set<DiagnosticCode> {
    Set(options.filter { $0.first == "also" }.compactMap { DiagnosticCode(text: $0[1]) }).union(
      [code].compactMap(\.self))
  }

  private func has(_ option: String) -> Bool { options.contains([option]) }

  /// What the compiler prints about the input, with paths as if it ran in the folder.
  func printedText() throws -> String {
    guard options.contains(where: { $0.first == "grow" }) else { return printedText(in: folder) }
    let copy = FileManager.default.temporaryDirectory.path + "/romana-golden-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: folder, toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    for option in options where option.first == "grow" {
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(copy)/\(option[1])"))
      try file.truncate(atOffset: UInt64(option[2])!)
      try file.close()
    }
    return printedText(in: copy)
  }

  private func printedText(in folder: String) -> String {
    let (diagnostics, sources) = messages(in: folder)
    var printer = DiagnosticPrinter(sources: sources)
    return printer.text(diagnostics).replacingOccurrences(of: folder + "/", with: "")
  }

  /// What the compiler says about the input.
  func messages(in folder: String) -> (Diagnostics, SourceMap) {
    let topology = options.first { $0.first == "topology" }?[1] ?? "input.yaml"
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    if let files = options.first(where: { $0.first == "import" })?.dropFirst() {
      let paths = (files.isEmpty ? ["input.yaml"] : Array(files)).map { "\(folder)/\($0)" }
      _ = importPolicies(paths, PolicyImportOptions(), into: &sources, &diagnostics)
      return (diagnostics, sources)
    }
    if let words = options.first(where: { $0.first == "import-topology" })?.dropFirst() {
      var options = TopologyImportOptions(fabric: Name("imported")!)
      for (option, value) in zip(words, words.dropFirst()) {
        if option == "--subnet" { precondition(options.addSubnet(value)) }
        if option == "--router" { precondition(options.addRouter(value)) }
      }
      _ = importTopology("\(folder)/input.yaml", options, into: &sources, &diagnostics)
      return (diagnostics, sources)
    }
    let document = loadTopology("\(folder)/\(topology)", into: &sources, &diagnostics)
    let recorded = readLock("\(folder)/input.lock.yaml", &sources, &diagnostics)
    let resolved = document.flatMap {
      resolveTopology($0, lock: recorded?.lock, mayRenumber: has("renumber"), &diagnostics)
    }
    if has("locked"), let resolved, resolved.lock.renderedText() != recorded?.text {
      let changes = recorded?.lock.changes(to: resolved.lock) ?? []
      diagnostics.add(.lockOutOfDate("\(folder)/input.lock.yaml", exists: recorded != nil, changes: changes))
    }
    return (diagnostics, sources)
  }
}
