import ArgumentParser
import SystemPackage
import TopologyModel

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Do everything but writing: report every error of a topology.")

  @OptionGroup var topology: TopologyOptions
  @OptionGroup var messages: MessageOptions

  func run() throws {
    let compilation = try compile(topology, messages)
    let (fabric, plan) = (compilation.plan.topology.fabric, compilation.plan.topology)
    let counts = [
      counted(plan.regions.count, "region"), counted(plan.racks.count, "rack"), counted(plan.hosts.count, "host"),
      counted(plan.networks.count, "network"), counted(plan.tenants.count, "tenant"),
    ]
    let lock =
      compilation.changesLock && !topology.lockPath.isEmpty ? "; a build will write \(topology.lockPath)" : ""
    let additions = additionsLine(plan.insertions)
    messages.tell("\(fabric): \(counts.joined(separator: ", ")): no errors\(lock)\n\(additions)")
  }
}

/// `2 local additions on 14 devices: not verified`, if there are any.
func additionsLine(_ insertions: [PlacedInsertion]) -> String {
  if insertions.isEmpty { return "" }
  let devices = insertions.reduce(into: Set<Name>()) { $0.formUnion($1.devices) }
  return "\(counted(insertions.count, "local addition")) on \(counted(devices.count, "device")): not verified\n"
}
