import ArgumentParser
import SystemPackage
import TopologyModel

struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draw the fabric.",
    discussion: """
      svg: a picture of every device, with its names and addresses as tips. mermaid: racks and what connects them, for Markdown.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case svg, mermaid
  }

  @OptionGroup var topology: TopologyOptions

  @Option(help: "svg: a picture of every device; mermaid: racks, for Markdown.")
  var format = Format.svg

  @Option(name: .shortAndLong, help: "The file to write; default: standard output.", completion: .file())
  var output: String?

  func run() throws {
    let topology = try compile(topology).plan.topology
    let text =
      switch format {
      case .svg: drawSVG(topology)
      case .mermaid: drawMermaid(topology)
      }
    try write(Array(text.utf8), to: output)
  }
}
