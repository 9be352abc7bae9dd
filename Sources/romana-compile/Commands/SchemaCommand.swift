import ArgumentParser
import SystemPackage
import TopologyModel

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the language: its JSON Schema, or the reference of its keys.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case json, markdown, diagnostics
  }

  @Option(help: "json: the JSON Schema; markdown: the reference page; diagnostics: the index of messages.")
  var format = Format.json

  func run() throws {
    let text =
      switch format {
      case .json: renderJSONSchema()
      case .markdown: renderReference()
      case .diagnostics: renderDiagnosticIndex()
      }
    writeText(text, to: .standardOutput)
  }
}
