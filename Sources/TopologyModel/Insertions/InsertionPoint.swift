/// A place in a file of a device where a local addition may stand, by its name: `bird.conf/v1/after`.
///
/// The version is that of the place's surroundings: what stands before and behind it keeps its meaning as long as the
/// version stays. A point that moves gets a new version, and the old one is an unknown point.
package struct InsertionPoint: Sendable, Hashable {
  package let file: InsertionFile
  package let place: InsertionPlace

  package init(_ file: InsertionFile, _ place: InsertionPlace) { (self.file, self.place) = (file, place) }

  package var name: String { "\(file.rawValue)/v1/\(place.rawValue)" }

  package init?(name: String) {
    guard let point = Self.all.first(where: { $0.name == name }) else { return nil }
    self = point
  }

  /// All points, by file.
  package static let all: [InsertionPoint] = InsertionFile.allCases.flatMap { file in
    file.places.map { InsertionPoint(file, $0) }
  }
}

/// A file that has insertion points.
///
/// Programs have none, and neither have packet filters: `firewall.sh` compares what runs with its files, and an
/// addition could undo the isolation of tenants. Fragments for other switch systems are loaded beside what the device
/// has anyway.
package enum InsertionFile: String, Sendable, Hashable, CaseIterable {
  case bird = "bird.conf"
  case bird1 = "bird1.conf"
  case bird1IPv6 = "bird1-v6.conf"
  case exabgp = "exabgp.conf"
  case frr = "frr.conf"
  case quaggaZebra = "zebra.conf"
  case quaggaBGP = "bgpd.conf"
  case quaggaOSPF = "ospfd.conf"
  case sysctl = "sysctl.conf"

  package var kind: ArtifactKind {
    switch self {
    case .bird: .bird
    case .bird1: .bird1
    case .bird1IPv6: .bird1IPv6
    case .exabgp: .exabgp
    case .frr: .frr
    case .quaggaZebra: .quaggaZebra
    case .quaggaBGP: .quaggaBGP
    case .quaggaOSPF: .quaggaOSPF
    case .sysctl: .sysctl
    }
  }

  package var places: [InsertionPlace] {
    switch self {
    case .bird, .bird1, .bird1IPv6: [.before, .importFilter, .exportFilter, .after]
    case .exabgp, .quaggaOSPF: [.before, .after]
    case .frr, .quaggaBGP: [.before, .bgp, .after]
    case .quaggaZebra, .sysctl: [.after]
    }
  }
}

/// Where in its file a point is.
package enum InsertionPlace: String, Sendable, Hashable {
  /// Before everything but what must come first.
  case before
  /// At the head of the filter of every session, before any decision of the compiler.
  case importFilter = "import"
  case exportFilter = "export"
  /// At the end of the BGP speaker's section.
  case bgp
  /// Behind everything, before the end marker.
  case after
}

extension DevicePlan {
  /// Whether the device has the file, and the file the place.
  func has(_ point: InsertionPoint) -> Bool {
    guard artifacts.contains(point.file.kind) else { return false }
    switch point.place {
    case .before, .after: return true
    case .bgp: return bgp != nil
    case .importFilter, .exportFilter: return sessionCount(of: point.file) > 0
    }
  }

  /// How many sessions a file holds.
  package func sessionCount(of file: InsertionFile) -> Int {
    let sessions = bgp?.sessions ?? []
    return switch file {
    case .bird1: sessions.count { $0.family == .ipv4 }
    case .bird1IPv6: sessions.count { $0.family == .ipv6 }
    default: sessions.count
    }
  }

  /// The local additions at a point, in the order of the topology.
  package func insertions(_ file: InsertionFile, _ place: InsertionPlace) -> [Insertion] {
    if insertions.isEmpty { return [] }
    return insertions.filter { $0.point == InsertionPoint(file, place) }
  }
}
