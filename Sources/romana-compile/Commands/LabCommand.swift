import ArgumentParser
import Lab
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab", abstract: "Run the compiled network in namespaces on this machine and test it.",
    discussion: """
      Builds the network of a topology out of network namespaces, applies the emitted files as on real devices, \
      compares routes, sessions and reachability with the plan, breaks things and looks again. Needs root. \
      `lab TOPOLOGY` sets up, tests and removes; `up`, `test` and `down` do it step by step.
      """,
    subcommands: [
      LabRunCommand.self, LabUpCommand.self, LabTestCommand.self, LabDownCommand.self, LabStatusCommand.self,
      LabExecCommand.self,
    ], defaultSubcommand: LabRunCommand.self)
}

struct LabRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Set up a lab, test it and remove it (default).")

  @OptionGroup var topology: TopologyOptions
  @OptionGroup var testing: LabTestingOptions

  @Option(help: ArgumentHelp("Take about this many devices, of every kind at least one.", valueName: "n"))
  var sample: Int?

  func run() async throws {
    let compilation = try compile(topology)
    var options = testing.options
    options.sample = sample
    let (settings, record) = (options, labRecord(compilation, topology, sample: sample))
    try await showing(testing.format) {
      try await runLab(compilation.plan, settings) { record($0) }
    }
  }
}

struct LabUpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "up", abstract: "Set up a lab and leave it running.")

  @OptionGroup var topology: TopologyOptions

  @Option(help: ArgumentHelp("Take about this many devices, of every kind at least one.", valueName: "n"))
  var sample: Int?

  @Option(help: "The form of iptables that the rules are loaded with: nft or legacy.")
  var backend = LabBackend.nft

  func run() async throws {
    let compilation = try compile(topology)
    var options = LabOptions()
    options.sample = sample
    options.backends = [backend.program]
    options.progress = LabProgress().show
    let (settings, record) = (options, labRecord(compilation, topology, sample: sample))
    let ready = try await reporting { try await bringUpLab(compilation.plan, settings) { record($0) } }
    writeText(
      "lab \(ready.identity) of \(ready.fabric) is up; `lab exec DEVICE -- CMD` runs something on a device, `lab down` removes it\n",
      to: .standardOutput)
  }
}

struct LabTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "test", abstract: "Test a lab that is up.")

  @OptionGroup var choice: LabChoice
  @OptionGroup var testing: LabTestingOptions

  func run() async throws {
    let record = try choice.record()
    guard record.isReady else {
      throw report(LabError("the lab \(record.identity) was not set up to its end", help: ["remove it: lab down"]))
    }
    let topology = try TopologyOptions.parse([record.topology, "--lock", record.lock])
    let compilation = try compile(topology)
    guard compilation.topologyDigest == record.digest else {
      throw report(
        LabError(
          "the topology has changed since the lab \(record.identity) was set up", help: ["lab down, then lab up"]))
    }
    let options = testing.options
    try await showing(testing.format) { try await testLab(record, compilation.plan, options) }
  }
}

struct LabDownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Remove labs, interrupted ones too.",
    discussion: "Without --lab all that no process works on.")

  @Option(help: ArgumentHelp("The lab, as `lab status` names it.", valueName: "id"))
  var lab: String?

  func run() async throws {
    let records = LabRecord.all().filter { lab == nil || $0.identity.text == lab }
    if records.isEmpty {
      if let lab { throw report(LabError("there is no lab '\(lab)'", help: ["lab status lists them"])) }
      writeText("no labs\n", to: .standardOutput)
    }
    for record in records {
      guard let lock = LabLock(record.identity) else {
        writeText("lab \(record.identity) is in use\n", to: .standardError)
        if lab != nil { throw ExitCode(74) }
        continue
      }
      try await reporting { try await takeDown(record.identity) }
      _ = consume lock
      writeText("lab \(record.identity) of \(record.fabric) removed\n", to: .standardOutput)
    }
  }
}

struct LabStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "status", abstract: "List the labs of this machine.")

  @Option(help: "text or json.")
  var format = LabFormat.text

  func run() throws {
    let rows = LabRecord.all().map { record in (record, state(record)) }
    if format == .json {
      let items = rows.map { record, state in
        "  { \"lab\": \(quote(record.identity.text)), \"fabric\": \(quote(record.fabric)), \"state\": \(quote(state)), \"topology\": \(quote(record.topology)) }"
      }
      writeText("[\n" + items.joined(separator: ",\n") + "\n]\n", to: .standardOutput)
      return
    }
    if rows.isEmpty { writeText("no labs\n", to: .standardOutput) }
    for (record, state) in rows {
      writeText("\(record.identity)  \(record.fabric)  \(state)  \(record.topology)\n", to: .standardOutput)
    }
  }

  private func state(_ record: LabRecord) -> String {
    if LabLock(record.identity) == nil { return "in use" }
    return record.isReady ? "up" : "interrupted"
  }
}

struct LabExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a program on a device of a lab.",
    discussion: "DEVICE is the name of a device, `ep0` and so on for endpoints, or `outside`.")

  @OptionGroup var choice: LabChoice

  @Argument(help: "A device of the lab.")
  var device: String

  @Argument(parsing: .postTerminator, help: "The program and its arguments, after '--'.")
  var command: [String] = []

  mutating func validate() throws {
    if command.isEmpty { throw ValidationError("name a program after '--'") }
  }

  func run() throws {
    let record = try choice.record()
    guard let namespace = namespace(of: device, in: record.identity) else {
      throw report(LabError("there is no device '\(device)' in the lab \(record.identity)"))
    }
    // The program takes the place of this one, with its terminal and its status.
    let words = ["ip", "netns", "exec", namespace] + command
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    execvp("ip", arguments)
    throw report(LabError("cannot run ip"))
  }
}
