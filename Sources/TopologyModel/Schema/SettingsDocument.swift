/// Settings that hold for a host and may stand under `defaults:`, on a region, on a rack and on a host; the
/// nearest wins.
package struct SettingsDocument: Sendable {
  package var access: Located<AccessKind>?
  package var speaker: Located<Speaker>?
  package var bfd: Located<FeatureUse>?
  package var bgpRole: Located<FeatureUse>?
  package var routing: Located<RoutingProtocol>?
  package var interfaces: Located<[InterfaceName]>?
  package var endpointInterface: Located<InterfacePattern>?
  package var defaultRoute: Located<DefaultRoutePolicy>?
  package var firewallBackend: Located<FirewallBackend>?
  package var firewallMode: Located<FirewallModeKind>?
  package var firewallSets: Located<AddressSetKind>?
  package var hostFirewall: Located<HostFirewallKind>?
  /// Nil: not said; empty: nobody.
  package var management: Located<[ManagementDocument]>?
  package var mtu: Located<Int>?
  package var secret: Located<Name>?
  package var hostLinks: Located<LinkAddressing>?

  package init() {}

  /// These settings, with what is missing taken from `outer`.
  package func inheriting(_ outer: SettingsDocument) -> SettingsDocument {
    var merged = self
    merged.access = access ?? outer.access
    merged.speaker = speaker ?? outer.speaker
    merged.bfd = bfd ?? outer.bfd
    merged.bgpRole = bgpRole ?? outer.bgpRole
    merged.routing = routing ?? outer.routing
    merged.interfaces = interfaces ?? outer.interfaces
    merged.endpointInterface = endpointInterface ?? outer.endpointInterface
    merged.defaultRoute = defaultRoute ?? outer.defaultRoute
    merged.firewallBackend = firewallBackend ?? outer.firewallBackend
    merged.firewallMode = firewallMode ?? outer.firewallMode
    merged.firewallSets = firewallSets ?? outer.firewallSets
    merged.hostFirewall = hostFirewall ?? outer.hostFirewall
    merged.management = management ?? outer.management
    merged.mtu = mtu ?? outer.mtu
    merged.secret = secret ?? outer.secret
    merged.hostLinks = hostLinks ?? outer.hostLinks
    return merged
  }
}

/// A choice of the language: the raw value is its word.
package protocol Choice: RawRepresentable<String>, CaseIterable, Sendable {
  /// Whether the word is accepted but refused as not supported yet.
  var isForLater: Bool { get }
}

extension Choice {
  package var isForLater: Bool { false }
}

package enum AccessKind: String, Choice {
  case l3, l2
}

package enum Speaker: String, Choice {
  case bird, bird1, exabgp, frr, quagga, none
}

/// Whether a session has something that not every speaker has.
package enum FeatureUse: String, Choice {
  case auto, required, off
}

package enum RoutingProtocol: String, Choice {
  case bgp, ospf, `static`
}

/// Whether the ends of a link have addresses of their own.
package enum LinkAddressing: String, Choice {
  case numbered, unnumbered
}

/// What gets an AS number of its own.
package enum ASNScope: String, Choice {
  case device, rack
}

package enum DefaultRoutePolicy: String, Choice {
  case none, own
}

package enum FirewallBackend: String, Choice {
  case iptables, nft
}

package enum FirewallModeKind: String, Choice {
  case own, share
}

/// Where long lists of addresses of policies stand, with iptables.
package enum AddressSetKind: String, Choice {
  case none, ipset
}

package enum HostFirewallKind: String, Choice {
  case open, strict
}

/// Who may reach a host itself where it is filtered, as written.
package struct ManagementDocument: Sendable {
  package var sources: [Located<Prefix>]
  package var services: [Located<ServiceMatch>]
}

package enum TenantIsolation: String, Choice {
  case segment, tenant, none
}

package enum EgressPolicy: String, Choice {
  case allow, deny
}

package enum RegionKind: String, Choice {
  case datacenter, ec2
}

package enum SpineBGP: String, Choice {
  case ebgp
  case routeReflector = "route-reflector"
}

package enum HostState: String, Choice {
  case active, drained
}

/// The system of a ToR or spine.
package enum DeviceSystem: String, Choice {
  case linux, frr, eos, nxos, junos, sonic, nvue

  /// Whether the compiler configures a BGP speaker on it; the others get static routes only.
  package var hasBGP: Bool { self == .frr }
}

extension ObjectSpec {
  static let management = ObjectSpec(
    "management", phrase: "an entry of `management`",
    "Who may reach the hosts themselves with `host_firewall: strict`, beside the fabric's own protocols.",
    [
      KeySpec("from", .oneOrList(.prefix(nil)), required: true, "The addresses that it comes from."),
      KeySpec("allow", serviceList, required: true, "The protocols, as in a policy."),
    ])

  static let firewall = ObjectSpec(
    "firewall", phrase: "`firewall`", "How the packet filter of the hosts is made.",
    [
      KeySpec(
        "backend", choice(FirewallBackend.self), default: "iptables",
        "What the packet filter is made with: `iptables` rules, or a table of `nft` with sets."),
      KeySpec(
        "mode", choice(FirewallModeKind.self), default: "own",
        "`own`: the host forwards only what the compiler's rules accept; with iptables they are the whole filter table. "
          + "`share`: the compiler decides about the traffic of endpoints only, next to rules of others."
      ),
      KeySpec(
        "sets", choice(AddressSetKind.self), default: "none",
        "With iptables: `ipset` puts lists of 16 and more prefixes of a policy into sets, in a file `ipset.conf`; `none` makes chains of them."
      ),
    ])

  /// The keys that `defaults`, regions, racks and hosts have in common.
  static let settingKeys: [KeySpec] = [
    KeySpec(
      "access", choice(AccessKind.self), default: "l3",
      "`l3`: a routed link to each host. `l2`: the hosts of a rack share a segment and route to each other directly."),
    KeySpec(
      "speaker", choice(Speaker.self), default: "bird",
      "The routing daemon of the host: `bird` is BIRD 2, `bird1` BIRD 1.6; `none` goes with `protocol: static`."),
    KeySpec(
      "bfd", choice(FeatureUse.self), default: "auto",
      "BFD between the host and its ToR. `auto`: where both ends have it. `required`: a speaker that lacks it is an error. `off`: none."
    ),
    KeySpec(
      "bgp_role", choice(FeatureUse.self), default: "auto",
      "BGP roles (RFC 9234) between the host and its ToR. `auto`: where both ends have them. `required`: a speaker that lacks them is an error. `off`: none."
    ),
    KeySpec(
      "protocol", choice(RoutingProtocol.self), default: "bgp",
      "How routes are spread. On a region it also holds between ToRs and spines; on a rack or host it holds between hosts and their ToR."
    ),
    KeySpec(
      "interface", .oneOrList(.interface), default: "eth0",
      "The uplink of the host; a list of two in a rack with two ToRs, the interface to the ToR with the lower id first."
    ),
    KeySpec(
      "endpoint_interface", .interfacePattern, default: "ep+",
      "The interfaces of local endpoints: a name, or a beginning followed by `+`."),
    KeySpec(
      "default_route", choice(DefaultRoutePolicy.self), default: "none",
      "`none`: only the endpoint networks go to the ToR. `own`: the compiler owns the default route too."),
    KeySpec("firewall", .object(firewall), "The packet filter of the hosts."),
    KeySpec(
      "host_firewall", choice(HostFirewallKind.self), default: "open",
      "`open`: traffic of the host itself is never touched. `strict`: what comes to it is dropped, but for replies, ICMP, DHCP, the routing protocols of its own links and `management`."
    ),
    KeySpec(
      "management", .either(.choice(["none"]), .list(.object(management))),
      "With `host_firewall: strict`: who may reach the host itself, by SSH for example. `none`: nobody, since there is another way in."
    ),
    KeySpec(
      "mtu", .integer(1280...65535),
      "The MTU in bytes of the host's uplink and of the gateway interface; absent: they stay as they are."),
    KeySpec(
      "host_links", choice(LinkAddressing.self), default: "numbered",
      "The links between hosts and ToRs. `unnumbered`: without addresses, by interface (RFC 8950); needs BGP, `speaker: bird` or `frr`, and `tor_port`. The host keeps the address that the rack's `subnet` gives it, as its router id."
    ),
    KeySpec(
      "secret", .name,
      "The name of a file with the key that hosts and their ToR authenticate BGP (TCP MD5) or OSPF with; the key itself is never written here."
    ),
  ]

  static let defaults = ObjectSpec(
    "defaults", phrase: "`defaults`",
    "Settings for every host. A region, a rack or a host may have settings of its own; the nearest wins.", settingKeys)
}

/// The type of a key that takes one of the words of a choice.
func choice<C: Choice>(_ type: C.Type) -> ValueType {
  .choice(C.allCases.map(\.rawValue), later: C.allCases.filter(\.isForLater).map(\.rawValue))
}

func decodeSettings(_ reader: inout MappingReader, _ diagnostics: inout Diagnostics) -> SettingsDocument {
  var settings = SettingsDocument()
  settings.access = reader.choice("access", &diagnostics)
  settings.speaker = reader.choice("speaker", &diagnostics)
  settings.bfd = reader.choice("bfd", &diagnostics)
  settings.bgpRole = reader.choice("bgp_role", &diagnostics)
  settings.routing = reader.choice("protocol", &diagnostics)
  if let node = reader.node("interface") { settings.interfaces = decodeInterfaces(node, &diagnostics) }
  settings.endpointInterface = reader.node("endpoint_interface").flatMap {
    decodeInterfacePattern($0, &diagnostics)
  }
  settings.defaultRoute = reader.choice("default_route", &diagnostics)
  if let firewall = reader.object("firewall", .firewall, &diagnostics) {
    settings.firewallBackend = firewall.choice("backend", &diagnostics)
    settings.firewallMode = firewall.choice("mode", &diagnostics)
    settings.firewallSets = firewall.choice("sets", &diagnostics)
  }
  settings.hostFirewall = reader.choice("host_firewall", &diagnostics)
  if let node = reader.node("management") {
    let isNone = if case .scalar("none", _) = node.content { true } else { false }
    settings.management = Located(isNone ? [] : decodeList(node, &diagnostics, decodeManagement), at: node.range)
  }
  settings.mtu = reader.integer("mtu", &diagnostics)
  settings.hostLinks = reader.choice("host_links", &diagnostics)
  settings.secret = reader.secretName("secret", &diagnostics)
  return settings
}

private func decodeManagement(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> ManagementDocument? {
  guard let reader = MappingReader(node, .management, &diagnostics) else { return nil }
  let from = reader.required("from", &diagnostics)
  let allow = reader.required("allow", &diagnostics)
  guard let from, let allow else { return nil }
  return ManagementDocument(
    sources: decodeOneOrList(from, &diagnostics) { decodePrefix($0, nil, &$1) },
    services: decodeOneOrList(allow, &diagnostics, decodeServiceMatch))
}

private func decodeInterfaces(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Located<[InterfaceName]>? {
  let items: [YAMLNode]
  if case .sequence(let nodes) = node.content { items = nodes } else { items = [node] }
  let names = items.compactMap { decodeInterface($0, &diagnostics)?.value }
  guard names.count == items.count else { return nil }
  guard (1...2).contains(names.count), Set(names).count == names.count else {
    diagnostics.add(.wrongInterfaceCount(at: node.range))
    return nil
  }
  return Located(names, at: node.range)
}

extension Diagnostic {
  static func wrongInterfaceCount(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidInterface, "expected one interface name, or two different ones", at: range,
      help: ["write `interface: eth0`, or `interface: [eth0, eth1]` for a dual-homed host"])
  }
}
