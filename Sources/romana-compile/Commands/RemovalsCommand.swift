import ArgumentParser
import SystemPackage

struct RemovalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "removals",
    abstract: "Print what to remove from switches that merge what they load.",
    discussion: """
      EOS, NX-OS, SONiC and NVUE keep the routes of a former table when a new one is loaded. This compares the tables of \
      two trees and prints, device by device, the removal of what the former one alone has: to be applied after the new \
      file is loaded, so that no route is missing in between. Nothing is printed for a device with nothing to remove.
      """)

  @Argument(help: "The tree that the devices run now.", completion: .directory)
  var former: String

  @Argument(help: "The new tree.", completion: .directory)
  var tree: String

  @Option(help: ArgumentHelp("One switch only, without a separator.", valueName: "name"))
  var device: String?

  func run() throws {
    do throws(PublishError) {
      let removals = try findRemovals(former: former, present: tree, device: device)
      for note in removals.notes { writeText("note: \(note)\n", to: .standardError) }
      var text = ""
      for file in removals.files where file.count > 0 {
        if device == nil { text += (text.isEmpty ? "" : "\n") + "==> \(file.path) <==\n" }
        text += String(decoding: file.bytes, as: UTF8.self)
      }
      writeText(text, to: .standardOutput)
    } catch {
      throw report(error)
    }
  }
}
