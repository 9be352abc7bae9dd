import ArgumentParser
import Emitters
import SystemPackage
import TopologyModel

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that a tree is what the topology compiles to.",
    discussion: "Exits with status 2 if there are differences, and shows them.")

  @OptionGroup var topology: TopologyOptions

  @Argument(help: "The tree to compare; needed unless --golden is given.", completion: .directory)
  var tree: String?

  @Option(help: ArgumentHelp("A golden tree, compared byte for byte.", valueName: "dir"), completion: .directory)
  var golden: String?

  mutating func validate() throws {
    if (tree == nil) == (golden == nil) { throw ValidationError("name a TREE or give --golden DIR") }
  }

  func run() throws {
    let compilation = try compile(topology)
    let folder = tree ?? golden ?? ""
    let comparison: TreeComparison
    do throws(PublishError) {
      comparison = try compareTree(
        compilation.plan, shared: SharedFragments(compilation.plan), scope: .fabric, identity: compilation.identity,
        with: folder, options: CompareOptions())
    } catch {
      throw report(error)
    }
    guard comparison.isEqual else {
      writeText(comparison.text, to: .standardOutput)
      if comparison.different > 0 {
        writeText(
          " = help: lines with - are those of \(folder), lines with + what the topology compiles to\n",
          to: .standardOutput)
      }
      throw ExitCode(2)
    }
    writeText("\(folder): \(counted(comparison.filesCompared, "file")) as compiled\n", to: .standardOutput)
  }
}
