import ArgumentParser

/// The command line. What each command does is in a file of its own under `Commands`.
@main
struct RomanaCompile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "romana-compile",
    abstract: "Compiles a network topology into the configuration of every device.",
    discussion: """
      Reads a YAML topology (regions, racks, switches, hosts, tenants, segments) and writes what each device
      needs: routes, packet filters and routing daemons' configurations.
      """,
    version: compilerVersion,
    subcommands: [
      BuildCommand.self, CheckCommand.self, DiffCommand.self, VerifyCommand.self, LockCommand.self,
      RemovalsCommand.self, ExplainCommand.self, TraceCommand.self, GraphCommand.self, ReportCommand.self,
      SchemaCommand.self, InitCommand.self, ImportCommand.self, LabCommand.self,
    ])
}

/// The version of the compiler. It reaches the manifest, and so the digest of every tree.
let compilerVersion = "0.1.0"
