/// Names are unique among their kind, and those of devices in the whole fabric. Names that differ in case only
/// would be one file on some systems and one host in DNS.
func checkNames(_ document: TopologyDocument, _ diagnostics: inout Diagnostics) {
  var networks = NameRegister(kind: "network")
  for network in document.networks { networks.add(network.name, &diagnostics) }
  var vlans = NameRegister(kind: "VLAN")
  for vlan in document.vlans { vlans.add(vlan.name, &diagnostics) }
  var tenants = NameRegister(kind: "tenant")
  for tenant in document.tenants {
    tenants.add(tenant.name, &diagnostics)
    var segments = NameRegister(kind: "segment")
    for segment in tenant.segments { segments.add(segment.name, &diagnostics) }
  }
  var policies = NameRegister(kind: "policy")
  for policy in document.policies { policies.add(policy.name, &diagnostics) }
  var functions = NameRegister(kind: "service function")
  for function in document.serviceFunctions { functions.add(function.name, &diagnostics) }
  var services = NameRegister(kind: "service")
  for service in document.services { services.add(service.name, &diagnostics) }
  var interconnects = NameRegister(kind: "interconnect")
  for interconnect in document.interconnects { interconnects.add(interconnect.name, &diagnostics) }
  var devices = NameRegister(kind: "device")
  var regions = NameRegister(kind: "region")
  for region in document.regions {
    regions.add(region.name, &diagnostics)
    for spine in region.spines { devices.add(spine.name, &diagnostics) }
    for upstream in region.upstreams { devices.add(upstream.name, &diagnostics) }
    var racks = NameRegister(kind: region.isCloud ? "zone" : "rack")
    for rack in region.racks {
      racks.add(rack.name, &diagnostics)
      for tor in rack.tors { devices.add(tor.name, &diagnostics) }
      for host in rack.hosts {
        devices.add(host.name, &diagnostics)
        var endpoints = NameRegister(kind: "endpoint")
        for endpoint in host.endpoints { endpoints.add(endpoint.name, &diagnostics) }
      }
    }
  }
}

private struct NameRegister {
  let kind: String
  private var seen: [String: Located<Name>] = [:]

  init(kind: String) { self.kind = kind }

  mutating func add(_ name: Located<Name>, _ diagnostics: inout Diagnostics) {
    guard let first = seen.updateValue(name, forKey: name.value.folded) else { return }
    seen[name.value.folded] = first
    diagnostics.add(
      first.value == name.value
        ? .duplicateName(kind, name, first: first.range) : .caseOnlyDifference(kind, name, first: first))
  }
}

/// The index of a name among those that are defined, or nil with a message that offers the nearest.
///
/// - Parameter owner: what the names are looked up in, if not the whole topology: "tenant 'acme'".
func lookUp(
  _ name: Located<Name>, _ kind: String, of owner: String? = nil, in defined: [Name: Int],
  _ diagnostics: inout Diagnostics
) -> Int? {
  if let index = defined[name.value] { return index }
  if diagnostics.lostNames.contains(name.value) { return nil }
  // To look for what was meant takes time with many names; beyond what is printed it helps nobody.
  let candidates = diagnostics.errorCount < DiagnosticPrinter.limit ? defined.keys.map(\.text).sorted() : []
  diagnostics.add(.undefinedName(name, kind, of: owner, defined: candidates))
  return nil
}

extension Diagnostic {
  static func caseOnlyDifference(_ kind: String, _ name: Located<Name>, first: Located<Name>) -> Diagnostic {
    Diagnostic(
      .caseOnlyDifference, "the \(kind)s '\(first.value)' and '\(name.value)' differ in case only", at: name.range,
      labels: [(first.range, "the other one")], notes: ["DNS and some file systems take them for one"],
      help: ["choose another name"])
  }

  static func undefinedName(
    _ name: Located<Name>, _ kind: String, of owner: String?, defined: [String]
  ) -> Diagnostic {
    let place = owner.map { " in \($0)" } ?? ""
    let help: String
    if let near = nearMiss(of: name.value.text, among: defined) {
      help = "did you mean '\(near)'?"
    } else if defined.isEmpty {
      help = "define it first: there is no \(kind)\(place)"
    } else {
      help = "defined: \(defined.prefix(10).joined(separator: ", "))\(defined.count > 10 ? ", …" : "")"
    }
    return Diagnostic(.undefinedName, "there is no \(kind) '\(name.value)'\(place)", at: name.range, help: [help])
  }
}
