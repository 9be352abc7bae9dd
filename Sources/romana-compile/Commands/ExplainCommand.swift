import ArgumentParser
import SystemPackage
import TopologyModel

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell more about an address, a name, or the code of a message.",
    discussion: """
      An address: whose it is, from the network down to the endpoint, or why it is nobody's. The name of a device, rack, \
      region, network, interconnect, tunnel, tenant, segment (TENANT/SEGMENT) or endpoint: its ids, addresses, prefixes and files.
      """)

  @Argument(help: "An address, a name, or a code such as RC0401.")
  var what: String

  @OptionGroup var read: ReadTopology

  func run() throws {
    if let code = DiagnosticCode(text: what) {
      writeText("\(code.text) \(code.slug) (\(code.severity.name))\n\n\(code.explanation)\n", to: .standardOutput)
      return
    }
    if isLikeCode(what) {
      throw unknown("there is no code '\(what)'", DiagnosticCode.allCases.lazy.map(\.text))
    }
    let plan = try read.compiled()
    if let address = try? Address(parsing: what) {
      writeText(explainAddress(address, plan.topology).text, to: .standardOutput)
      return
    }
    let found = explainName(what, plan)
    if found.isEmpty {
      throw unknown("nothing in '\(read.topology)' is called '\(what)', and it is no address", knownNames(plan))
    }
    writeText(found.map(\.text).joined(separator: "\n"), to: .standardOutput)
  }

  private func isLikeCode(_ text: String) -> Bool {
    text.hasPrefix("RC") && text.dropFirst(2).allSatisfy { $0.isASCII && $0.isNumber }
  }

  private func unknown(_ message: String, _ names: some Sequence<String>) -> ExitCode {
    let near = nearMiss(of: what, among: names)
    writeText("error: \(message)\n" + (near.map { " = help: did you mean '\($0)'?\n" } ?? ""), to: .standardError)
    return ExitCode(1)
  }
}
