/// RC0520 to RC0524: OSPF.
let ospfExplanations: [DiagnosticCode: String] = [
  .ospfNotPossible: """
  A device is to speak OSPF, but the compiler has no OSPF for what runs on it.
  A host needs a routing daemon with OSPF, and so do its ToR and, with `protocol: ospf` on the region,
  the spines.

      wrong: { name: h1, protocol: ospf, speaker: none }
      right: { name: h1, protocol: ospf, speaker: bird }

  Choose another speaker or `os:`, or another protocol; all may be inherited from the rack, the region
  or `defaults:`.
  """,
  .switchPort: """
  The name of a switch's interface is missing, or stands twice.
  OSPF and BGP on unnumbered links run on interfaces, not between addresses: the ToR must know by name
  which of its interfaces leads to which host or spine. It also believes each host there only.

      wrong: { name: h1, protocol: ospf }
      right: { name: h1, protocol: ospf, tor_port: swp1 }

      links:
        - { between: [tor1, spine1], interfaces: [swp49, swp1] }

  Add `tor_port:` to hosts and `interfaces:` to links, each name once a switch.
  """,
  .ospfRogueHost: """
  Hosts take part in OSPF, which trusts every router of an area.
  The ToR takes a host's prefixes from that host's own link only and tells other racks of nothing but
  its own aggregates, so a host that lies draws no traffic to itself and nothing leaves its rack. It
  can cut its own rack off: a prefix of another rack that it announces hides the true one from its
  ToR, and a message that it forges in another router's name interrupts that one's routes.

      protocol: bgp

  Use BGP where hosts are not trusted. If the risk is accepted, silence it with `allow: [RC0522]`.
  """,
  .ospfWithoutKey: """
  OSPF runs without authentication.
  Whoever gets at the cable of a host, or of a switch, can take part in the routing of that area.
  `secret` names a file with the key of hosts and their ToR, `fabric_secret` that of ToRs and spines.
  Between BIRD and FRR 8.4 only OSPFv2 can be authenticated: their digests for OSPFv3 differ.

      secret: rack1-hosts
      fabric_secret: dc1-fabric

  Name the keys. If the links are trusted, silence the warning with `allow: [RC0523]`.
  """,
  .fabricSecretOnHost: """
  The key of ToRs and spines is given to hosts too.
  Every administrator of a host could then take part in the routing between racks, which no filter of
  the ToR stands in front of.

      wrong: fabric_secret: dc1 with secret: dc1
      right: fabric_secret: dc1-fabric with secret: dc1-hosts

  Give hosts a key of their own.
  """,
]
