/// RC0420 to RC0426: networks of blocks.
let blockExplanations: [DiagnosticCode: String] = [
  .blockLength: """
  The length of a network's blocks is out of range.
  A block is not larger than the network, and holds four addresses at least: the block of a host
  itself has the addresses of network, gateway and DHCP.

      # a network 10.111.0.0/16
      wrong: block: 31
      right: block: 29                       # 8 addresses

  Small blocks waste fewer addresses, large ones need fewer routes on ToRs and fewer members of
  sets.
  """,
  .blockBesideBits: """
  A network has both `bits` and `block`.
  With `bits` an address says whose it is: tenant and segment stand in it. A block belongs to one
  segment of one host, and its addresses only count through its endpoints, so there are no such
  bits.

      wrong: { cidr: 10.1.0.0/16, bits: { tenant: 4, segment: 4, endpoint: 8 }, block: 29 }
      right: { cidr: 10.1.0.0/16, block: 29 }

  Keep one of the two. A tenant may use networks of both kinds.
  """,
  .noBlockNetwork: """
  A host asks for blocks where there is no network of blocks.
  Entries under `blocks:` are for networks with `block:` that the tenant may use in the region of
  the host. In networks with `bits:` every host has room for every segment and asks for nothing.

      wrong: blocks: [{ tenant: acme, segment: web, endpoints: 20, network: pods }] # has `bits`
      right: the same with a network that has `block: 29`

  Remove the entry, or add the tenant or the region to a network with `block:`.
  """,
  .noRoomForBlocks: """
  What is reserved or excluded leaves a rack too few blocks for its hosts.
  Hosts take blocks from the prefix of their rack. Blocks of removed things stay reserved until
  `lock --prune`, and blocks that hold an excluded address are never used. (Where the hosts alone
  need more than the prefix holds, RC0602 says what a wider one would move.)

      # a /27 for the rack has four blocks of /29; one is the host's own, one is reserved
      wrong: blocks: [{ tenant: acme, segment: web, endpoints: 20 }]      # three more
      right: blocks: [{ tenant: acme, segment: web, endpoints: 16 }]

  Prune the lock file once no device uses the old blocks, narrow the excluded prefix, ask for
  less, or put hosts into another rack.
  """,
  .duplicateBlocks: """
  A host has two entries for the same segment and network under `blocks:`.
  The entries would be two statements about one number of endpoints.

      wrong: [{ tenant: a, segment: web, endpoints: 8 }, { tenant: a, segment: web, endpoints: 4 }]
      right: [{ tenant: a, segment: web, endpoints: 12 }]

  Write the sum into one entry, or name different networks.
  """,
  .endpointOutsideBlocks: """
  A listed endpoint has no address in the blocks of its segment.
  In a network of blocks the id of an endpoint counts through the addresses of the blocks that its
  segment has on the host. There must be as many as the id needs.

      # blocks of 8 addresses
      wrong: blocks: [{ tenant: acme, segment: web, endpoints: 8 }]
             endpoints: [{ name: vm1, tenant: acme, segment: web, id: 8 }]
      right: blocks: [{ tenant: acme, segment: web, endpoints: 9 }]       # a second block

  Raise `endpoints:` of the entry, choose a smaller id, or name another network with `network:`.
  """,
  .tooManyBlocks: """
  The hosts of the topology ask for more than 1,000,000 blocks.
  A block is a route on its ToR and a member of the sets of every host that its endpoints talk to.
  So many of them are most likely a mistake in a number.

      wrong: range: "h[1-60000]" with endpoints: 65536 and block: 29
      right: block: 24, or a network with `bits:`

  Choose larger blocks, or a network with `bits:`, in which a host has one prefix for all
  segments.
  """,
]
