import ArgumentParser
import Difference
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Tell what a change of a topology means.",
    discussion: """
      OLD and NEW are topologies, or git:REV:PATH for a file of a revision (with what it includes, its lock file and its \
      local additions as they are there). The plans are compared, not the texts. Ids come from the lock file beside each \
      side; where NEW has none, from that of OLD, as if NEW were built after it. Nothing is written.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown, html
  }

  @Argument(help: "The topology as it is.", completion: .file(extensions: ["yaml", "yml"]))
  var old: String

  @Argument(help: "The topology as it is to be.", completion: .file(extensions: ["yaml", "yml"]))
  var new: String

  @Option(help: "How it is printed: text, json, markdown (fits a comment on a pull request) or html (one page).")
  var format = Format.text

  @Option(help: "The lock file of OLD; default: beside it.", completion: .file())
  var oldLock: String?

  @Option(help: "The lock file of NEW; default: beside it, or that of OLD.", completion: .file())
  var newLock: String?

  @Flag(help: "Let NEW give other ids, links and prefixes to things that its lock file has.")
  var renumber = false

  @OptionGroup var warnings: WarningOptions

  @Flag(help: "Tell every line of every device.")
  var all = false

  @Flag(help: "Print the names of the files that differ instead, with what becomes of each.")
  var files = false

  @Flag(help: "Print the unified diff of every file that differs behind the report.")
  var text = false

  @Flag(help: "Exit with status 2 if there are differences.")
  var exitCode = false

  @Option(help: ArgumentHelp("Exit with status 2 if more devices than this would be removed.", valueName: "n"))
  var maxRemovals: Int?

  mutating func validate() throws {
    if files || text, format != .text { throw ValidationError("--files and --text go with --format text") }
    if files, text { throw ValidationError("--files and --text are two forms of one answer") }
    if let maxRemovals, maxRemovals < 0 { throw ValidationError("--max-removals counts from 0") }
  }

  func run() throws {
    let (before, after) = try compileSides(
      (SideArgument(old), SideOptions(lockPath: oldLock, allowed: warnings.allowed)),
      (SideArgument(new), SideOptions(lockPath: newLock, mayRenumber: renumber, allowed: warnings.allowed)))
    let (former, present) = ComparedNetwork.pair(before.plan, after.plan)
    var difference = compareNetworks(former, present)
    if !before.isLocked {
      difference.notes.append("OLD has no lock file: its ids are those that a first build would choose")
    }
    writeText(printed(difference, former, present), to: .standardOutput)
    let removals = difference.removalCount
    if let maxRemovals, removals > maxRemovals {
      writeText(
        "error: \(counted(removals, "device")) would be removed, more than --max-removals \(maxRemovals)\n",
        to: .standardError)
      throw ExitCode(2)
    }
    if exitCode, !difference.isEmpty { throw ExitCode(2) }
  }

  private func printed(
    _ difference: NetworkDifference, _ old: ComparedNetwork, _ new: ComparedNetwork
  ) -> String {
    let isColored = usesColor(STDOUT_FILENO)
    if files { return fileList(difference) }
    switch format {
    case .text:
      let report = printText(DifferenceReport(difference, most: all ? nil : 12), colored: isColored)
      return text ? report + "\n" + fileDifferences(difference, old, new, colored: isColored) : report
    case .json: return spellJSON(JSONDifference(difference))
    case .markdown: return printMarkdown(difference)
    case .html:
      return printHTML(difference, old.plan.topology, new.plan.topology, title: "\(self.old) → \(self.new)")
    }
  }
}
