/// Links without addresses, and AS numbers of racks.
let unnumberedExplanations: [DiagnosticCode: String] = [
  .unnumberedNeedsBGP: """
  Unnumbered links are for BGP only.
  On a link without addresses the neighbour is whoever speaks at its other end. BGP finds it by its
  router advertisements and has IPv4 routes over its link-local address (RFC 8950). A static route
  needs an address to go to, and so does OSPFv2.

      wrong: { name: h1, protocol: static, speaker: none, host_links: unnumbered }
      right: { name: h1, host_links: unnumbered }

  Use BGP, or numbered links for this host or region.
  """,
  .unnumberedWithoutLink: """
  There is no link that could be unnumbered.
  `host_links` speaks of links between one host and one ToR; with `access: l2` the hosts of a rack
  share a segment, where everyone needs an address. `fabric_links` speaks of links between ToRs and
  spines, and between the ToRs of a pair.

      wrong: racks: [{ name: rack1, access: l2, host_links: unnumbered, ... }]
      right: racks: [{ name: rack1, access: l3, host_links: unnumbered, ... }]

  Remove the key, or write `numbered` where it is inherited.
  """,
  .addressOfUnnumberedLink: """
  An address is stated for an unnumbered link.
  With `fabric_links: unnumbered` the links of a rack's ToRs have no addresses, so one of `links:`
  would be left out of every file.

      wrong: links: [{ between: [tor1, spine1], prefix: 172.31.0.0/31, interfaces: [swp49, swp1] }]
      right: links: [{ between: [tor1, spine1], interfaces: [swp49, swp1] }]

  Remove the address, or number the links of the rack.
  """,
  .unnumberedReflectors: """
  Route reflectors and unnumbered links do not go together.
  A reflector leaves the next hop of a route as it came, or sets it to an address that its client
  knows. On an unnumbered link there is no such address, and FRR 8.4 does not set IPv6 next hops of
  reflected routes to its link-local one.

      wrong: { name: dc1, spine_bgp: route-reflector, fabric_links: unnumbered, ... }
      right: { name: dc1, spine_bgp: ebgp, fabric_links: unnumbered, ... }

  Use eBGP between ToRs and spines, or number the links.
  """,
  .rackASN: """
  The ToRs of a rack share an AS, but state different numbers.
  With `asn_per: rack` the two ToRs of a pair have one AS number, and the hosts of the rack another.

      wrong: tors: [{ name: tor1, asn: 64512, ... }, { name: tor2, asn: 64513, ... }]
      right: tors: [{ name: tor1, asn: 64512, ... }, { name: tor2, ... }]

  State one number, or none: the pool has one.
  """,
  .pairOfOneAS: """
  ToRs of one AS can't tell each other over the spines.
  With `pair: spines` the spines tell each ToR what the other reaches. A route that a ToR sent out has
  its AS in the path, and the other would find its own number there and drop it (RFC 4271 section
  9.1.2).

      wrong: { name: rack1, asn_per: rack, pair: spines, ... }
      right: { name: rack1, asn_per: rack, pair: link, ... }

  Connect the ToRs by a link, or give each an AS of its own with `asn_per: device`.
  """,
]
