import ArgumentParser
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a page about the fabric: a picture, what can run out, and every device.",
    discussion: """
      Writes three files to a folder: index.html (one page, no script), topology.svg and addresses.csv. The folder is made if it is \
      not there; other files in it stay.
      """)

  @OptionGroup var topology: TopologyOptions

  @Option(name: .shortAndLong, help: "The folder for the three files.", completion: .directory)
  var output: String

  func run() throws {
    let plan = try compile(topology).plan
    guard mkdir(output, 0o777) == 0 || errno == EEXIST else {
      throw report(PublishError("make the folder", output, .last))
    }
    try write(Array(renderReport(plan).utf8), to: "\(output)/index.html")
    try write(Array(drawSVG(plan.topology).utf8), to: "\(output)/topology.svg")
    try write(Array(renderAddressTable(plan).utf8), to: "\(output)/addresses.csv")
    writeText("\(output): index.html, topology.svg, addresses.csv\n", to: .standardError)
  }
}
