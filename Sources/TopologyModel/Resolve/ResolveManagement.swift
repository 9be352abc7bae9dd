/// Who may reach a host itself; nil where it is not filtered.
///
/// A host that nobody reaches must not come about by leaving something out: its operators could not undo it.
func resolveManagement(
  _ settings: SettingsDocument, of host: Located<Name>, _ diagnostics: inout Diagnostics
) -> [ManagementEntry]? {
  guard settings.hostFirewall?.value == .strict else { return nil }
  if settings.firewallMode?.value == .share {
    diagnostics.addOnce(.strictBesideOthers(of: host, settings))
  }
  guard let management = settings.management else {
    diagnostics.addOnce(.strictWithoutManagement(of: host, at: settings.hostFirewall?.range))
    return []
  }
  return management.value.map { entry in
    ManagementEntry(
      sources: aggregatePrefixes(entry.sources.map(\.value)), services: entry.services.map(\.value))
  }
}

/// Checks what is written under `management`, each once: that it can have an effect.
func checkManagement(_ document: TopologyDocument, _ topology: Topology, _ diagnostics: inout Diagnostics) {
  let isUsed = topology.hosts.contains { $0.settings.management != nil }
  for settings in document.allSettings {
    guard let management = settings.management else { continue }
    if !isUsed, !management.value.isEmpty { diagnostics.addOnce(.managementWithoutStrict(at: management.range)) }
    for source in management.value.flatMap(\.sources) {
      guard let network = topology.networks.first(where: { $0.prefix.contains(source.value) }) else { continue }
      diagnostics.addOnce(.managementFromEndpoints(source, network))
    }
  }
}

extension TopologyDocument {
  /// The settings of every level, as written.
  fileprivate var allSettings: [SettingsDocument] {
    [defaults]
      + regions.flatMap { region in
        [region.settings] + region.racks.flatMap { rack in [rack.settings] + rack.hosts.map(\.settings) }
      }
  }
}

extension Diagnostic {
  static func strictWithoutManagement(of host: Located<Name>, at range: SourceRange?) -> Diagnostic {
    setting(
      .strictWithoutManagement, "nobody could reach the host '\(host.value)' itself any more", of: host, at: range,
      note: "`host_firewall: strict` drops what comes to a host, also SSH and so Ansible",
      help:
        "add `management: [{ from: 192.0.2.0/24, allow: [tcp/22] }]`, or `management: none` if there is another way in")
  }

  static func strictBesideOthers(of host: Located<Name>, _ settings: SettingsDocument) -> Diagnostic {
    setting(
      .strictBesideOthers,
      "`host_firewall: strict` decides about all that comes to a host, `mode: share` leaves it to others",
      of: host, at: settings.hostFirewall?.range, note: nil,
      help: "write `mode: own`, or leave the filter of the host itself to others: `host_firewall: open`")
  }

  static func managementWithoutStrict(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .managementWithoutStrict, "no host is filtered itself, so `management` has no effect", at: range,
      help: ["write `host_firewall: strict` beside it, or remove it"])
  }

  static func managementFromEndpoints(_ source: Located<Prefix>, _ network: Network) -> Diagnostic {
    Diagnostic(
      .managementFromEndpoints,
      "\(source.value.shortText) are addresses of endpoints, in the network '\(network.name)'",
      at: source.range, notes: ["what endpoints want of hosts is decided by policies"],
      help: ["write a policy: `to: { hosts: [ … ] }` or `to: { local_host: true }`"])
  }
}
