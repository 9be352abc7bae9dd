/// A topology as it is written: every key decoded, nothing resolved. Included files are merged in.
package struct TopologyDocument: Sendable {
  package var fabric: Located<Name>?
  package var allowed: [Located<DiagnosticCode>] = []
  package var defaults = SettingsDocument()
  package var asnPool: Located<ClosedRange<UInt32>>?
  package var networks: [NetworkDocument] = []
  package var vlans: [VLANDocument] = []
  package var tenants: [TenantDocument] = []
  package var policies: [PolicyDocument] = []
  package var serviceFunctions: [ServiceFunctionDocument] = []
  package var services: [ServiceDocument] = []
  package var regions: [RegionDocument] = []
  package var interconnects: [InterconnectDocument] = []
  package var insertions: [InsertionDocument] = []
  /// Globs of `include:`, relative to the folder of the file.
  package var includes: [Located<String>] = []

  package init() {}
}

extension ObjectSpec {
  package static let topology = ObjectSpec(
    "topology", phrase: "a topology",
    "The whole of a fabric. An included file is a topology too, without the keys of the main file.",
    dependencies: [("fabric", ["romana"]), ("defaults", ["fabric"]), ("asn_pool", ["fabric"])],
    [
      KeySpec("romana", .integer(1...1), "The version of the language: 1. Required in the main file."),
      KeySpec("fabric", .name, "The name of the fabric; it names the outputs. Required, main file only."),
      KeySpec(
        "include", .list(.text),
        "Globs of further files, relative to this one; what they hold is joined in the order of their paths."),
      KeySpec(
        "allow", .list(.pattern("^[Rr][Cc][0-9]{4}$", example: "RC0506")),
        "Codes of warnings that are not to be shown."),
      KeySpec("defaults", .object(.defaults), "Settings for every host. Main file only."),
      KeySpec(
        "asn_pool", .pattern("^[0-9]+-[0-9]+$", example: "4200000000-4200999999"),
        default: "4200000000-4200065535",
        "The AS numbers to give to devices that name none. Main file only."),
      KeySpec("networks", .list(.object(.network)), "The address space of the endpoints."),
      KeySpec("vlans", .list(.object(.vlan)), "VLANs that networks are bound to and hosts are on."),
      KeySpec("tenants", .list(.object(.tenant)), "Who the endpoints belong to."),
      KeySpec("policies", .list(.object(.policy)), "Who may reach whom."),
      KeySpec(
        "service_functions", .list(.object(.serviceFunction)),
        "Endpoints that other endpoints' packets are led through: firewalls, load balancers, inspection."),
      KeySpec("services", .list(.object(.service)), "Whose packets are led through which service functions."),
      KeySpec(
        "regions", .list(.object(.region)),
        "Data centers and EC2 regions. A region may be continued in an included file, which names it and adds racks, spines or links."
      ),
      KeySpec(
        "insertions", .list(.object(.insertion)),
        "Local additions: texts beside the topology that go to named points of files as they are, unverified."),
      KeySpec("interconnects", .list(.object(.interconnect)), "Links between regions."),
    ])
}

/// The keys that only the main file has.
private let mainFileKeys = ["fabric", "defaults", "asn_pool"]

/// Decodes one file; of an included one, keys of the main file are refused.
package func decodeTopology(
  _ node: YAMLNode, isMain: Bool, _ diagnostics: inout Diagnostics
) -> TopologyDocument? {
  if case .scalar("", isPlain: true) = node.content {
    diagnostics.add(.emptyTopology(at: node.range))
    return nil
  }
  guard let reader = MappingReader(node, .topology, &diagnostics) else { return nil }
  if let version = reader.node("romana") {
    checkVersion(version, &diagnostics)
  } else if isMain {
    diagnostics.add(.missingKey("romana", in: .topology, at: reader.range))
  }
  var document = TopologyDocument()
  if isMain {
    document.fabric = reader.requiredName("fabric", &diagnostics)
    document.asnPool = reader.node("asn_pool").flatMap { decodeASNPool($0, &diagnostics) }
    if var defaults = reader.object("defaults", .defaults, &diagnostics) {
      document.defaults = decodeSettings(&defaults, &diagnostics)
    }
  } else {
    for key in mainFileKeys {
      if let range = reader.keyRange(key) { diagnostics.add(.keyOnlyInMainFile(key, at: range)) }
    }
  }
  document.includes = reader.list("include", &diagnostics, decodeText)
  document.allowed = reader.list("allow", &diagnostics, decodeAllowedCode)
  document.insertions = reader.list("insertions", &diagnostics, decodeInsertion)
  document.networks = reader.list("networks", &diagnostics, decodeNetwork)
  document.vlans = reader.list("vlans", &diagnostics, decodeVLAN)
  document.tenants = reader.list("tenants", &diagnostics, decodeTenant)
  document.policies = reader.list("policies", &diagnostics, decodePolicy)
  document.serviceFunctions = reader.list("service_functions", &diagnostics, decodeServiceFunction)
  document.services = reader.list("services", &diagnostics, decodeService)
  if let regions = reader.node("regions"), checkHostCount(regions, &diagnostics) {
    document.regions = decodeList(regions, &diagnostics, decodeRegion)
  }
  document.interconnects = reader.list("interconnects", &diagnostics, decodeInterconnect)
  return document
}

private func checkVersion(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
  guard case .scalar("1", _) = node.content else {
    diagnostics.add(.unsupportedVersion(at: node.range))
    return
  }
}

private func decodeAllowedCode(
  _ node: YAMLNode, _ diagnostics: inout Diagnostics
) -> Located<DiagnosticCode>? {
  guard let text = decodeScalar(node, expected: "a code such as RC0506", &diagnostics) else { return nil }
  guard let code = DiagnosticCode(text: text), code.severity == .warning else {
    diagnostics.add(.notAWarning(text, at: node.range))
    return nil
  }
  return Located(code, at: node.range)
}

extension Diagnostic {
  static func emptyTopology(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .emptyTopology, "the file holds no topology", at: range,
      help: ["start with `romana: 1` and `fabric: NAME`; examples/starter is a small one to copy"])
  }

  static func unsupportedVersion(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unsupportedVersion, "this compiler reads version 1 of the language only", at: range,
      help: ["write `romana: 1`"])
  }

  static func keyOnlyInMainFile(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .keyOnlyInMainFile, "'\(key)' may stand in the main file only", at: range,
      help: ["move it to the file that is named on the command line"])
  }

  static func notAWarning(_ text: String, at range: SourceRange) -> Diagnostic {
    let known = DiagnosticCode.allCases.filter { $0.severity == .warning }.map(\.text)
    return Diagnostic(
      .unknownCode, "\(shown(text)) is not the code of a warning; errors can't be silenced", at: range,
      help: ["the codes of warnings are: \(known.joined(separator: ", "))"])
  }
}
