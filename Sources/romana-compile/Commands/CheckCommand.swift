import ArgumentParser
import SystemPackage
import TopologyModel

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Do everything but writing: report every error of a topology.")

  @OptionGroup var topology: TopologyOptions

  func run() throws {
    let compilation = try compile(topology)
    let (fabric, plan) = (compilation.plan.topology.fabric, compilation.plan.topology)
    let counts = [
      counted(plan.regions.count, "region"), counted(plan.racks.count, "rack"), counted(plan.hosts.count, "host"),
      counted(plan.networks.count, "network"), counted(plan.tenants.count, "tenant"),
    ]
    let lock = compilation.changesLock ? "; a build will write \(topology.lockPath)" : ""
    writeText("\(fabric): \(counts.joined(separator: ", ")): no errors\(lock)\n", to: .standardOutput)
  }
}

/// `1 host`, `2 hosts`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
