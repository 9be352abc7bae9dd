import TopologyModel

/// What a device's files say of routing, in no format's words.
package struct DeviceRouting: Sendable {
  package var name: String
  package var statics: [HeldRoute] = []
  package var speaker: Speaker?
  /// At most one of each family.
  package var ospf: [OSPFSpeaker] = []
}

/// A route that a device holds by itself.
package struct HeldRoute: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    case discard
    case via([Address])
    /// An endpoint is directly on this interface.
    case interface(String)
    /// What is reached without an address: to and from transit gateways.
    case device(String)
  }
  package var prefix: Prefix
  package var target: Target
  /// Whether a BGP route of the same prefix is preferred (administrative distance above that of eBGP, 20).
  package var yieldsToBGP: Bool
}

/// A BGP speaker (RFC 4271).
package struct Speaker: Sendable {
  package var asn: Int
  package var origins: [Prefix]
  /// Announced only while a more specific route is known by BGP.
  package var summaries: [Prefix] = []
  /// Whether an origin is announced only while the device has a route to exactly this prefix: FRR's `network` checks
  /// that; BIRD's static protocol is a route itself, and ExaBGP and Quagga do not ask.
  package var checksOrigins: Bool
  package var sessions: [Session]

  package struct Session: Sendable {
    /// Of a session over an interface no one's, until `place` knows who is at its other end.
    package var neighbor: Address
    package var interface: String?
    /// Nil where the format does not state it: whichever of its own the neighbour speaks to.
    package var local: Address?
    package var neighborASN: Int
    /// The role of this end (RFC 9234): `customer`, `provider`, or empty where it states none.
    package var role: String
    package var bfd: Bool
    /// Whether this end reflects routes to the other (RFC 4456).
    var reflects = false
    var importFilter: [ReadFilterEntry]
    var exportFilter: [ReadFilterEntry]
  }
}

extension DeviceRouting {
  /// Gives the ends of unnumbered links addresses to tell them apart by.
  ///
  /// - Parameter ends: by interface and family, those of this device and of the other.
  package mutating func place(_ ends: (String, AddressFamily) -> (local: Address, neighbor: Address)?) {
    for index in speaker?.sessions.indices ?? 0..<0 {
      guard let session = speaker?.sessions[index], let interface = session.interface,
        let found = ends(interface, session.neighbor.family)
      else { continue }
      speaker?.sessions[index].local = found.local
      speaker?.sessions[index].neighbor = found.neighbor
    }
  }
}

/// The first entry that matches decides; without one the prefix is denied.
func permits(_ filter: [ReadFilterEntry], _ prefix: Prefix) -> Bool { entry(of: filter, for: prefix)?.permits ?? false }

/// The entry that decides; nil if none does.
func entry(of filter: [ReadFilterEntry], for prefix: Prefix) -> ReadFilterEntry? {
  for entry in filter {
    let (outer, width) = (entry.prefix, entry.prefix.family.bitWidth)
    guard outer.family == prefix.family, entry.lengths.contains(prefix.length), prefix.length >= outer.length else {
      continue
    }
    let shift = UInt128(width - outer.length)
    if outer.length == 0 || outer.address.bits >> shift == prefix.address.bits >> shift { return entry }
  }
  return nil
}
