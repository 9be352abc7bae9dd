/// What a routing daemon of a host can do: the one table that plans and checks ask.
package struct SpeakerCapabilities: Sendable, Equatable {
  /// The program and the version that it is written for.
  package var program: StaticWord
  package var protocols: Set<RoutingProtocol>
  package var features: Set<SessionFeature>
  /// Whether it puts what BGP tells it into the kernel; without it the host needs static routes.
  package var installsRoutes: Bool
  /// Whether its OSPF can keep to a routing table of its own, which other routes follow, and announce prefixes that no
  /// interface has. Without that a host announces its gateway interface and has static routes.
  package var hasOSPFTables = false

  package func installsRoutes(of routing: RoutingProtocol) -> Bool {
    switch routing {
    case .bgp: installsRoutes
    case .ospf: hasOSPFTables
    case .static: false
    }
  }
}

/// What a session can have beside the routes that it carries.
package enum SessionFeature: Sendable, Hashable, CaseIterable {
  /// Bidirectional forwarding detection (RFC 5880).
  case bfd
  /// Roles of the two ends (RFC 9234).
  case role
  /// The generalised TTL security mechanism (RFC 5082).
  case ttlSecurity
  /// A limit on what this end announces. FRR has one, `maximum-prefix-out`, that is not safe to use: at the limit bgpd 8.4 withdraws a prefix
  /// that it announces when its attributes change, and does not announce it again.
  case exportLimit
  /// TCP MD5 signatures (RFC 2385).
  case md5
  /// IPv4 routes over IPv6 link-local next hops (RFC 8950).
  case unnumbered

  /// In messages and in the documentation.
  package var title: String {
    switch self {
    case .bfd: "BFD"
    case .role: "BGP roles"
    case .ttlSecurity: "TTL security"
    case .exportLimit: "a limit on what is announced"
    case .md5: "TCP MD5"
    case .unnumbered: "unnumbered links"
    }
  }
}

extension SpeakerCapabilities {
  fileprivate static let bird = SpeakerCapabilities(
    program: "BIRD 2", protocols: [.bgp, .ospf, .static], features: Set(SessionFeature.allCases),
    installsRoutes: true, hasOSPFTables: true)
  fileprivate static let bird1 = SpeakerCapabilities(
    program: "BIRD 1.6", protocols: [.bgp, .ospf, .static], features: [.bfd, .ttlSecurity, .exportLimit, .md5],
    installsRoutes: true, hasOSPFTables: true)
  fileprivate static let exabgp = SpeakerCapabilities(
    program: "ExaBGP 4.2", protocols: [.bgp, .static], features: [.ttlSecurity, .md5], installsRoutes: false)
  fileprivate static let frr = SpeakerCapabilities(
    program: "FRR 8.4", protocols: [.bgp, .ospf, .static],
    features: Set(SessionFeature.allCases).subtracting([.exportLimit]), installsRoutes: true)
  fileprivate static let quagga = SpeakerCapabilities(
    program: "Quagga 1.2", protocols: [.bgp, .ospf, .static], features: [.ttlSecurity, .md5], installsRoutes: true)
  fileprivate static let none = SpeakerCapabilities(
    program: "no daemon", protocols: [.static], features: [], installsRoutes: false)
}

extension Speaker {
  /// The manuals of BIRD 2.0 and 1.6, ExaBGP 4.2, FRR 8.4 and Quagga 1.2. Made once: every session of every plan asks.
  package var capabilities: SpeakerCapabilities {
    switch self {
    case .bird: .bird
    case .bird1: .bird1
    case .exabgp: .exabgp
    case .frr: .frr
    case .quagga: .quagga
    case .none: .none
    }
  }

  /// The speakers that have a feature, in the order of the language.
  static func speakers(with feature: SessionFeature) -> [Speaker] {
    allCases.filter { $0.capabilities.features.contains(feature) }
  }

  /// Whether it takes routes from neighbours and passes them on to others here, as gateways to other regions must.
  var isFullRouter: Bool { self == .frr || self == .quagga }

  static func speakers(of routing: RoutingProtocol) -> [Speaker] {
    allCases.filter { $0.capabilities.protocols.contains(routing) }
  }
}

extension DeviceSystem {
  /// What the BGP speaker of a switch has; those without one have nothing.
  var features: Set<SessionFeature> { self == .frr ? Speaker.frr.capabilities.features : [] }
}

/// What the session of a host and its ToR has: what both ends have and the settings of the host do not switch off.
struct AccessFeatures: Equatable {
  var bfd: Bool
  var role: Bool

  init(_ host: HostSettings, tor: DeviceSystem) {
    let (own, others) = (host.speaker.capabilities.features, tor.features)
    bfd = host.bfd != .off && own.contains(.bfd) && others.contains(.bfd)
    role = host.bgpRole != .off && own.contains(.role) && others.contains(.role)
  }
}
