import ArgumentParser
import TopologyModel

/// Which warnings are not wanted.
struct WarningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Silence a warning by its code; may be repeated.", valueName: "code"))
  var allow: [String] = []

  mutating func validate() throws {
    for code in allow where DiagnosticCode(text: code)?.severity != .warning {
      throw ValidationError("'\(code)' is not the code of a warning; errors can't be silenced")
    }
  }

  var allowed: Set<DiagnosticCode> { Set(allow.compactMap { DiagnosticCode(text: $0) }) }
}
