import TopologyModel

/// Where a file goes on its device, and what takes it from there.
package struct Installation: Sendable {
  package var target: StaticString
  package var owner: StaticString = "root"
  package var group: StaticString = "root"
  package var mode: StaticString = "0644"
  /// What is loaded anew when the file changed.
  package var part: LoadedPart
  /// Debian's packages with the programs that read it.
  package var packages: [StaticString] = []
}

/// What is loaded by itself, in the order in which it is loaded.
package enum LoadedPart: String, Sendable, CaseIterable {
  /// Programs that the others use: nothing to load.
  case programs
  case sysctl
  case vlans
  case firewall
  case routes
  case tunnels
  case bird
  case bird6
  case exabgp
  case frrDaemons = "frr-daemons"
  case frr
  case zebra
  case bgpd
  case ospfd

  package var name: StaticString {
    switch self {
    case .programs: "programs"
    case .sysctl: "sysctl"
    case .vlans: "vlans"
    case .firewall: "firewall"
    case .routes: "routes"
    case .tunnels: "tunnels"
    case .bird: "bird"
    case .bird6: "bird6"
    case .exabgp: "exabgp"
    case .frrDaemons: "frr-daemons"
    case .frr: "frr"
    case .zebra: "zebra"
    case .bgpd: "bgpd"
    case .ospfd: "ospfd"
    }
  }
}

extension ArtifactKind {
  /// Nil for files that no program on a Linux device reads.
  package var installation: Installation? {
    switch self {
    case .sysctl: Installation(target: "/etc/sysctl.d/90-romana.conf", part: .sysctl, packages: ["procps"])
    case .secretsScript: Installation(target: "/etc/romana/secrets.sh", mode: "0755", part: .programs)
    case .vlansScript: Installation(target: "/etc/romana/vlans.sh", mode: "0755", part: .vlans)
    case .vlansUnit: Installation(target: "/etc/systemd/system/romana-vlans.service", part: .vlans)
    case .tunnelsScript:
      Installation(
        target: "/etc/romana/tunnels.sh", mode: "0755", part: .tunnels, packages: ["wireguard-tools"])
    case .tunnelsUnit: Installation(target: "/etc/systemd/system/romana-tunnels.service", part: .tunnels)
    case .rulesIPv4: Installation(target: "/etc/romana/rules.v4", part: .firewall, packages: ["iptables"])
    case .rulesIPv6: Installation(target: "/etc/romana/rules.v6", part: .firewall)
    case .rulesNFT: Installation(target: "/etc/romana/rules.nft", part: .firewall, packages: ["nftables"])
    case .addressSets: Installation(target: "/etc/romana/ipset.conf", part: .firewall, packages: ["ipset"])
    case .firewallScript: Installation(target: "/etc/romana/firewall.sh", mode: "0755", part: .firewall)
    case .routesScript:
      Installation(
        target: "/etc/romana/routes.sh", mode: "0755", part: .routes, packages: ["iproute2", "util-linux"])
    case .routesUnit: Installation(target: "/etc/systemd/system/romana-routes.service", part: .routes)
    case .bird, .bird1, .bird1IPv6, .exabgp, .frr, .frrDaemons, .quaggaZebra, .quaggaBGP, .quaggaOSPF: daemon
    case .eos, .nxos, .junos, .sonic, .nvue, .applyScript, .staticTable: nil
    case .cloudFormation, .terraform, .vpcScript, .failoverScript: nil
    }
  }

  /// Files of routing daemons, which may hold secrets: for the daemon's group only.
  private var daemon: Installation? {
    func file(
      _ target: StaticString, _ owner: StaticString, _ group: StaticString, _ part: LoadedPart,
      _ packages: [StaticString] = []
    ) -> Installation {
      Installation(target: target, owner: owner, group: group, mode: "0640", part: part, packages: packages)
    }
    switch self {
    case .bird: return file("/etc/bird/bird.conf", "root", "bird", .bird, ["bird2"])
    case .bird1: return file("/etc/bird/bird.conf", "root", "bird", .bird, ["bird"])
    case .bird1IPv6: return file("/etc/bird/bird6.conf", "root", "bird", .bird6, ["bird"])
    case .exabgp: return file("/etc/exabgp/exabgp.conf", "root", "exabgp", .exabgp, ["exabgp"])
    case .frr: return file("/etc/frr/frr.conf", "frr", "frr", .frr, ["frr", "frr-pythontools"])
    case .frrDaemons: return file("/etc/frr/daemons", "frr", "frr", .frrDaemons)
    case .quaggaZebra: return file("/etc/quagga/zebra.conf", "quagga", "quagga", .zebra, ["quagga"])
    case .quaggaBGP: return file("/etc/quagga/bgpd.conf", "quagga", "quagga", .bgpd)
    case .quaggaOSPF: return file("/etc/quagga/ospfd.conf", "quagga", "quagga", .ospfd)
    default: return nil
    }
  }

  /// The kinds of file that are installed, in the order in which they are loaded.
  package static let installed = LoadedPart.allCases.flatMap { part in
    allCases.filter { $0.installation?.part == part }
  }
}
