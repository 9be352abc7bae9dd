import TopologyModel

/// Reads a file back and looks for the plan in it, both ways: nothing missing, nothing more.
///
/// The readers share no code with the emitters: they know the formats from the tools' manuals and so do not repeat
/// an emitter's mistake. A file that can't be read has one finding, the first place where it stops making sense.
package func checkFile(
  _ kind: ArtifactKind, _ bytes: [UInt8], against device: DevicePlan, _ network: NetworkPlan
) -> [Finding] {
  do {
    let findings =
      switch kind {
      case .sysctl: try checkSysctl(bytes, device)
      case .routesScript: try checkRoutesScript(bytes, device)
      case .routesUnit: try checkRoutesUnit(bytes, device)
      case .vlansScript: try checkVLANScript(bytes, device)
      case .vlansUnit: try checkVLANUnit(bytes, device)
      case .tunnelsScript: try checkTunnelsScript(bytes, device)
      case .tunnelsUnit: try checkTunnelsUnit(bytes, device)
      case .rulesIPv4: try checkRules(bytes, .ipv4, device, network)
      case .rulesIPv6: try checkRules(bytes, .ipv6, device, network)
      case .rulesNFT: try checkNFT(bytes, device, network)
      case .addressSets: try checkSetFile(bytes, device)
      case .firewallScript: try checkFirewallScript(bytes, device)
      case .bird: try checkBIRD(bytes, device)
      case .bird1: try checkBIRD1(bytes, .ipv4, device)
      case .bird1IPv6: try checkBIRD1(bytes, .ipv6, device)
      case .exabgp: try checkExaBGP(bytes, device)
      case .frr: try checkFRR(bytes, device)
      case .secretsScript: try checkSecretsScript(bytes, device)
      case .applyScript: try checkApplyScript(bytes, device)
      case .frrDaemons: try checkFRRDaemons(bytes, device)
      case .quaggaZebra: try checkQuaggaZebra(bytes, device)
      case .quaggaBGP: try checkQuaggaBGP(bytes, device)
      case .quaggaOSPF: try checkQuaggaOSPF(bytes, device)
      case .eos: try checkCommands(bytes, .eos, device)
      case .nxos: try checkCommands(bytes, .nxos, device)
      case .junos: try checkJunos(bytes, device)
      case .sonic: try checkSONiC(bytes, device)
      case .nvue: try checkNVUE(bytes, device)
      case .staticTable: try checkStaticTable(bytes, device)
      case .cloudFormation: try checkCloudFormation(bytes, device)
      case .terraform: try checkTerraform(bytes, device)
      case .vpcScript: try checkVPCScript(bytes, device, movesOnly: false)
      case .failoverScript: try checkVPCScript(bytes, device, movesOnly: true)
      }
    return findings + (try checkInsertions(bytes, kind, device))
  } catch {
    return [Finding(error.message, line: error.line)]
  }
}
