/// RC0535 to RC0540: racks whose hosts share a segment.
let segmentExplanations: [DiagnosticCode: String] = [
  .rackWithoutSwitch: """
  A rack has no ToR, but its hosts have routed links.
  With `access: l3`, the default, every host has a link of its own to the ToR of the rack. Only
  hosts that share a segment, `access: l2`, can do without one: the spines of the region are their
  gateways then, or, in a region without spines, they have none and need none.

      wrong: { name: rack1, subnet: 172.16.1.0/24, hosts: [{ name: h1 }] }
      right: { name: rack1, access: l2, subnet: 172.16.1.0/24, hosts: [{ name: h1 }] }

  Add `tors:`, or write `access: l2` for the rack if that is how it is cabled.
  """,
  .mixedRacks: """
  Some racks of a region have ToRs, others have none.
  The spines of a region are either above ToRs, or they are the routers that the segments of all
  its racks end on. A spine that is both is not supported: its filters and links would be of two
  kinds.

      wrong: racks: [{ name: rack1, tors: […] }, { name: rack2, access: l2 }]
      right: racks: [{ name: rack1, access: l2 }, { name: rack2, access: l2 }]

  Give the rack a ToR, or put racks without ToRs into a region of their own.
  """,
  .nobodyToSpeakTo: """
  A host speaks BGP, but no router is on its segment.
  A rack with `access: l2`, no ToR, and no spines in its region is a flat layer 2. Its hosts have
  a static route to the prefix of every other host; there is nobody to tell anything.

      wrong: { name: rack1, access: l2 }                                  # protocol: bgp by default
      right: { name: rack1, access: l2, protocol: static, speaker: none }

  Write `protocol: static`, or add the router: as the ToR of the rack, or as a spine of the
  region.
  """,
  .noDefaultGateway: """
  A host is to get its default route from the fabric, but no router is on its segment.
  With `default_route: own` the compiler owns the default route and points it at the ToR or router
  of the host. In a flat layer 2 the topology names none.

      wrong: { name: rack1, access: l2, protocol: static, default_route: own }
      right: { name: rack1, access: l2, protocol: static }

  Leave the default route to the operating system (`none`), or add the router to the topology.
  """,
  .reservedSegmentAddress: """
  A host's address is one of those that a segment reserves.
  With `access: l2` the first address of the subnet is the network's own, the next nine are for
  gateways (the first ToR or router has the first of them), and the last IPv4 address is for
  broadcasts.

      wrong: { name: h1, address: 172.16.1.1 }      # the gateway's
      right: { name: h1, address: 172.16.1.10 }

  Choose another address, or leave `address:` out: host id n has the n-th one after the gateways'.
  """,
  .tooManyGateways: """
  A segment has more gateways than addresses for them.
  In a region whose racks have no ToRs every spine is a gateway of every segment. Nine addresses
  are reserved for them in each subnet, so that a new gateway never takes the address of a host.

      wrong: spines: [{ name: r1, … }, … { name: r10, … }]     # ten routers of a split layer 2

  Remove spines, or give the racks ToRs.
  """,
]
