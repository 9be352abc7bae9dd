import Emitters
import Foundation
import SystemPackage
import Testing
import TopologyModel

@testable import romana_compile

/// Topologies of Romana 2, in the shapes that its handbook and installers have, with data of our own.
@Suite struct ImportTopologyGoldenTests {
  /// A folder under `golden/import`: `input.json`, the options of the command, and what comes of it.
  static let cases: [String: [String]] = [
    // One group for all hosts (the handbook's single flat network, with two networks).
    "flat": ["--subnet", "198.51.100.0/24"],
    // A group a host, all on one subnet, and groups left free (what the installer for kubeadm makes).
    "group-a-host": ["--subnet", "192.168.7.0/24"],
    // Racks by labels in two zones, on a subnet each (the handbook's multi-zone, multi-rack data center).
    "zones-and-racks": [
      "--subnet", "172.16.1.0/24", "--subnet", "172.16.2.0/24", "--subnet", "172.17.0.0/24", "--router",
      "zone-A/ra=192.0.2.201", "--router", "zone-B/rb=192.0.2.202",
    ],
    // The state of address management, with blocks in use (what the store of a running cluster holds).
    "state": ["--subnet", "192.168.0.0/18", "--subnet", "192.168.64.0/18"],
  ]

  @Test(arguments: cases.keys.sorted())
  func `an imported topology compiles to the golden one, locked`(_ name: String) throws {
    let folder = Repository.golden.appending("import").appending(name)
    let imported = try importCase(folder.appending("input.json").string, Self.cases[name]!)
    try GoldenText.expect(imported.text, isIn: folder.appending("topology.yaml").string)
    try GoldenText.expect(imported.lock, isIn: folder.appending("topology.lock.yaml").string)
    let messages = imported.messages.replacingOccurrences(of: folder.string + "/", with: "")
    try GoldenText.expect(messages, isIn: folder.appending("messages.txt").string)
    // What lies there is what a user has: it must be a topology that compiles as it is.
    let path = folder.appending("topology.yaml").string
    let compiled = try compile(TopologyOptions.parse([path, "--locked", "--allow", "RC0506"]))
    #expect(!compiled.changesLock)
  }

  private func importCase(_ path: String, _ arguments: [String]) throws -> (
    text: String, lock: String, messages: String
  ) {
    var options = TopologyImportOptions(fabric: Name("imported")!)
    for (option, value) in zip(arguments, arguments.dropFirst()) {
      let isTaken = option == "--subnet" ? options.addSubnet(value) : option != "--router" || options.addRouter(value)
      #expect(isTaken)
    }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    diagnostics.allowed = [.staticBlindness]
    let imported = importTopology(path, options, into: &sources, &diagnostics)
    var printer = DiagnosticPrinter(sources: sources)
    let (topology, lock) = try #require(imported, "\(printer.text(diagnostics))")
    var writer = TextWriter()
    emitImportedTopology(topology, into: &writer)
    let settled = settleImportedTopology(
      writer.bytes, at: "topology.yaml", lock: lock, into: &sources, &diagnostics)
    printer = DiagnosticPrinter(sources: sources)
    let messages = printer.text(diagnostics)
    let bytes = try #require(settled?.renderedText(), "\(messages)")
    return (String(decoding: writer.bytes, as: UTF8.self), String(decoding: bytes, as: UTF8.self), messages)
  }
}
