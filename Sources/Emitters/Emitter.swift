import TopologyModel

/// How a kind of file is named, spelled and described in the manifest.
///
/// A new format is a case of `ArtifactKind`, an `emit…` function in a file of its own and a line in each
/// switch below.
extension ArtifactKind {
  /// The file's name inside the folder of its device.
  package var fileName: StaticString {
    switch self {
    case .sysctl: "sysctl.conf"
    case .routesScript: "routes.sh"
    case .routesUnit: "romana-routes.service"
    case .vlansScript: "vlans.sh"
    case .vlansUnit: "romana-vlans.service"
    case .tunnelsScript: "tunnels.sh"
    case .tunnelsUnit: "romana-tunnels.service"
    case .rulesIPv4: "rules.v4"
    case .rulesIPv6: "rules.v6"
    case .rulesNFT: "rules.nft"
    case .addressSets: "ipset.conf"
    case .firewallScript: "firewall.sh"
    case .bird: "bird.conf"
    case .bird1: "bird1.conf"
    case .bird1IPv6: "bird1-v6.conf"
    case .exabgp: "exabgp.conf"
    case .frr: "frr.conf"
    case .frrDaemons: "daemons"
    case .quaggaZebra: "zebra.conf"
    case .quaggaBGP: "bgpd.conf"
    case .quaggaOSPF: "ospfd.conf"
    case .eos: "eos.conf"
    case .nxos: "nxos.conf"
    case .junos: "junos.conf"
    case .sonic: "sonic.json"
    case .nvue: "nvue.yaml"
    case .secretsScript: "secrets.sh"
    case .applyScript: "apply.sh"
    case .staticTable: "static-routes.txt"
    case .cloudFormation: "template.json"
    case .terraform: "vpc.tf.json"
    case .vpcScript: "routes.sh"
    case .failoverScript: "failover.sh"
    }
  }

  /// The format's name in the manifest.
  package var format: StaticString {
    switch self {
    case .sysctl: "sysctl"
    case .routesScript, .vlansScript, .tunnelsScript, .firewallScript, .secretsScript, .applyScript, .vpcScript,
      .failoverScript:
      "sh"
    case .routesUnit, .vlansUnit, .tunnelsUnit: "systemd"
    case .rulesIPv4: "iptables-restore"
    case .rulesIPv6: "ip6tables-restore"
    case .rulesNFT: "nft"
    case .addressSets: "ipset-restore"
    case .bird: "bird2"
    case .bird1, .bird1IPv6: "bird1"
    case .exabgp: "exabgp4"
    case .frr: "frr"
    case .frrDaemons: "frr-daemons"
    case .quaggaZebra, .quaggaBGP, .quaggaOSPF: "quagga"
    case .eos: "eos"
    case .nxos: "nxos"
    case .junos: "junos"
    case .sonic: "sonic-config-db"
    case .nvue: "nvue"
    case .staticTable: "static-table"
    case .cloudFormation: "cloudformation"
    case .terraform: "terraform-json"
    }
  }

  /// Whether the file is a program: it gets mode 0755 instead of 0644.
  package var isExecutable: Bool {
    switch self {
    case .routesScript, .vlansScript, .tunnelsScript, .firewallScript, .secretsScript, .applyScript, .vpcScript,
      .failoverScript:
      true
    default: false
    }
  }
}

/// What is rendered once for the whole fabric and appended to many files.
package struct SharedFragments: Sendable {
  package let rulesIPv4: SharedRules
  package let rulesIPv6: SharedRules
  package let rulesNFT: SharedNFT
  /// IPv4 and IPv6, for hosts with sets of addresses; empty if there are none.
  private let rulesWithSets: [SharedRules]

  /// The chains of a host's rules that it shares with others.
  func rules(_ family: AddressFamily, of device: DevicePlan) -> SharedRules {
    rules(family, withSets: device.firewall?.usesAddressSets == true)
  }

  /// - Parameter withSets: those of hosts whose policies have sets of addresses (`HostFirewall.usesAddressSets`).
  package func rules(_ family: AddressFamily, withSets: Bool) -> SharedRules {
    if withSets, !rulesWithSets.isEmpty { return rulesWithSets[Int(family.rawValue)] }
    return family == .ipv4 ? rulesIPv4 : rulesIPv6
  }

  package init(_ plan: NetworkPlan) {
    rulesIPv4 = renderSharedRules(plan.sharedChains(.ipv4))
    rulesIPv6 = renderSharedRules(plan.sharedChains(.ipv6))
    rulesNFT = renderSharedNFT(plan.sharedNFT)
    let hasSets = plan.topology.hosts.contains { $0.settings.usesAddressSets }
    rulesWithSets =
      hasSets ? AddressFamily.allCases.map { renderSharedRules(plan.sharedChains($0, withSets: true)) } : []
  }

  /// For files without what hosts share.
  package static let none = SharedFragments()

  private init() {
    (rulesIPv4, rulesIPv6) = (renderSharedRules([]), renderSharedRules([]))
    rulesNFT = .none
    rulesWithSets = []
  }

  /// One file of a device; to spell many, `emit` fills one writer again and again.
  package func bytes(_ kind: ArtifactKind, of device: DevicePlan) -> [UInt8] {
    var writer = TextWriter()
    emit(kind, of: device, shared: self, into: &writer)
    return writer.bytes
  }
}

/// Spells one file of a device.
package func emit(
  _ kind: ArtifactKind, of device: DevicePlan, shared: SharedFragments, into writer: inout TextWriter
) {
  switch kind {
  case .sysctl: emitSysctl(device, into: &writer)
  case .routesScript: emitRoutesScript(device, into: &writer)
  case .routesUnit: emitRoutesUnit(device, into: &writer)
  case .vlansScript: emitVLANScript(device, into: &writer)
  case .vlansUnit: emitVLANUnit(device, into: &writer)
  case .tunnelsScript: emitTunnelsScript(device, into: &writer)
  case .tunnelsUnit: emitTunnelsUnit(device, into: &writer)
  case .rulesIPv4: emitRules(device, .ipv4, shared: shared.rules(.ipv4, of: device), into: &writer)
  case .rulesIPv6: emitRules(device, .ipv6, shared: shared.rules(.ipv6, of: device), into: &writer)
  case .rulesNFT: emitNFT(device, shared: shared.rulesNFT, into: &writer)
  case .addressSets: emitAddressSets(device, into: &writer)
  case .firewallScript: emitFirewallScript(device, into: &writer)
  case .bird: emitBIRD(device, into: &writer)
  case .bird1: emitBIRD1(device, .ipv4, into: &writer)
  case .bird1IPv6: emitBIRD1(device, .ipv6, into: &writer)
  case .exabgp: emitExaBGP(device, into: &writer)
  case .frr: emitFRR(device, into: &writer)
  case .frrDaemons: emitFRRDaemons(device, into: &writer)
  case .quaggaZebra: emitQuaggaZebra(device, into: &writer)
  case .quaggaBGP: emitQuaggaBGP(device, into: &writer)
  case .quaggaOSPF: emitQuaggaOSPF(device, into: &writer)
  case .eos: emitEOS(device, into: &writer)
  case .nxos: emitNXOS(device, into: &writer)
  case .junos: emitJunos(device, into: &writer)
  case .sonic: emitSONiC(device, into: &writer)
  case .nvue: emitNVUE(device, into: &writer)
  case .secretsScript: emitSecretsScript(device, into: &writer)
  case .applyScript: emitApplyScript(device, into: &writer)
  case .staticTable: emitStaticTable(device, into: &writer)
  case .cloudFormation: emitCloudFormation(device, into: &writer)
  case .terraform: emitTerraform(device, into: &writer)
  case .vpcScript: emitVPCScript(device, into: &writer)
  case .failoverScript: emitFailoverScript(device, into: &writer)
  }
}
