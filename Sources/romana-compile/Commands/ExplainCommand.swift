import ArgumentParser
import SystemPackage
import TopologyModel

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell more about the code of a message.")

  @Argument(help: "A code such as RC0401.")
  var code: String

  func run() throws {
    guard let code = DiagnosticCode(text: code) else {
      let near = nearMiss(of: self.code, among: DiagnosticCode.allCases.lazy.map(\.text))
      writeText(
        "error: there is no code '\(self.code)'\n" + (near.map { " = help: did you mean \($0)?\n" } ?? ""),
        to: .standardError)
      throw ExitCode(1)
    }
    writeText("\(code.text) \(code.slug) (\(code.severity.name))\n\n\(code.explanation)\n", to: .standardOutput)
  }
}
