/// RC0401 to RC0418: address space, ids that are bits of it, and links.
let addressExplanations: [DiagnosticCode: String] = [
  .layoutSum: """
  The bits of a network do not add up to what its CIDR leaves.
  With a fixed layout, region, rack, host, tenant, segment and endpoint fill the address exactly: 32
  or 128 less the length of the CIDR. For prefix groups tenant, segment and endpoint must fit.

      # 10.0.0.0/8 leaves 24 bits
      wrong: bits: { region: 0, rack: 0, host: 8, tenant: 8, segment: 4, endpoint: 3 }     # 23
      right: bits: { region: 0, rack: 0, host: 8, tenant: 8, segment: 4, endpoint: 4 }     # 24

  Give the spare bits to a field, or take the missing ones away; the help line says how many.
  """,
  .overlappingNetworks: """
  Two networks share addresses.
  An address says where an endpoint is and whose it is. In two networks it would say two different
  things, and routes of one network would catch the traffic of the other.

      wrong: 10.0.0.0/8 and 10.128.0.0/12
      right: 10.0.0.0/9 and 10.128.0.0/12

  Choose prefixes that share no address.
  """,
  .overlappingUnderlay: """
  A rack's subnet, a link pool, a link or a loopback overlaps another block of addresses.
  Devices reach each other over these addresses. A block with two owners makes a next hop ambiguous,
  and an endpoint could be given the address of a switch.

      wrong: link_pool: 172.16.0.0/16        # beside subnet: 172.16.1.0/24
      right: link_pool: 172.31.0.0/16

  Choose prefixes that share no address. Both places are shown.
  """,
  .idTooLarge: """
  An id does not fit into its field of a network.
  The region, rack and host bits of a fixed layout hold ids from 0 to 2^bits - 1; so many regions,
  racks of a region and hosts of a rack have room. Endpoint ids have the endpoint bits.

      wrong: host: 6 bits and a rack of 65 hosts      # room for ids 0 to 63
      right: host: 7 bits, or another rack for the last host

  Widen the field, which renumbers every address of the network, choose a smaller id, or use
  `regions:` to keep the network away from the region.
  """,
  .networkTooNarrow: """
  The id of a tenant or segment does not fit into a network that the tenant uses.
  Isolation matches the tenant and segment bits of an address; an id that is cut off would be that of
  another tenant. Ids count from 1, since 0 belongs to the infrastructure: 3 bits hold 1 to 7.

      wrong: { name: acme, id: 9 }           # tenant: 3
      right: { name: acme, id: 7 }

  Widen the field, choose a smaller id, or name the tenant's networks with `networks:` so that this
  one is not among them.
  """,
  .prefixGroupFull: """
  A prefix can't be carved for as many children as there are.
  Prefix groups divide a CIDR among regions, then racks, then hosts, each time into the next power of
  two. What remains for a host must hold the tenant, segment and endpoint bits; excluded parts are not
  used.

      # 10.128.0.0/24 with 8 bits for tenant, segment and endpoint has room for one host
      wrong: capacity: { racks: 8, hosts: 64 }
      right: cidr: 10.128.0.0/12

  Widen the network, narrow its bits, or lower its capacity.
  """,
  .hostOutsideSubnet: """
  A host's address is not inside the subnet of its rack, or the subnet is too small for the host's id.
  Host id n takes the n-th pair of addresses of the subnet (a /31 or /127): the ToR has the even, the
  host the odd one.

      wrong: subnet: 172.16.1.0/28 and 9 hosts        # 16 addresses: room for 8
      right: subnet: 172.16.1.0/27 and 9 hosts

  Widen the subnet, or give the host an odd `address:` inside it.
  """,
  .duplicateAddress: """
  Two hosts of a rack have the same address, or two endpoints of a host the same address or interface.
  Traffic for one would arrive at the other, now and then.

      wrong: hosts: [{ name: h1, address: 172.16.1.1 }, { name: h2, address: 172.16.1.1 }]
      right: hosts: [{ name: h1, address: 172.16.1.1 }, { name: h2, address: 172.16.1.3 }]

  Choose another address. Without `address:` host id n takes the n-th pair of the subnet, which may be
  the one written out.
  """,
  .missingSubnet: """
  A rack has no subnet of a family that it needs.
  Hosts reach their ToR over link addresses of each family that has a network in the region. BGP needs
  an IPv4 address in any case: it is the host's router id.

      wrong: subnet: 172.16.1.0/24           # and a network fd00:10::/32
      right: subnet: 172.16.1.0/24
             subnet6: fd00:16:1::/64

  Add the subnet, or keep the network out of the region with `regions:`.
  """,
  .linkPoolFull: """
  A link pool is too small for the ToR-spine links of its region.
  Every pair of a ToR and a spine takes a /31 of `link_pool` and a /127 of `link_pool6`. Links of
  removed devices stay reserved until `lock --prune`.

      wrong: link_pool: 172.31.0.0/29        # 4 links; 4 racks and 2 spines need 8
      right: link_pool: 172.31.0.0/24

  Widen the pool; links that have their addresses keep them if the wider pool contains the old one.
  """,
  .missingLinkPool: """
  A region with spines has no link pool of a family that it needs.
  ToRs and spines reach each other over link addresses of each family that has a network in the
  region.

      link_pool: 172.31.0.0/24
      link_pool6: fd00:31::/64

  Add the pool to the region, or write the prefix of every link under `links:`.
  """,
  .excludedAllocation: """
  The addresses that something would get are excluded from the network.
  `exclude:` promises that nothing in the fabric uses these addresses, because something else does. An
  explicit id, a recorded one or an endpoint's id leads into them here.

      wrong: exclude: [10.0.64.0/18] and { name: h4, id: 4 }
      right: exclude: [10.0.64.0/18] and { name: h4 }         # gets the lowest id outside

  Give it another id, or narrow the excluded prefix.
  """,
  .excludeOutsideNetwork: """
  An excluded prefix is not inside its network.
  The line would have no effect, so it is most likely a mistake in the prefix or at the wrong network.

      wrong: cidr: 10.128.0.0/12 and exclude: [10.144.0.0/16]
      right: cidr: 10.128.0.0/12 and exclude: [10.143.0.0/16]

  Correct the prefix, or remove it.
  """,
  .reservedEndpoint: """
  The endpoint ids 0, 1 and 2 are reserved.
  In every segment 0 is the network, 1 the gateway and 2 the DHCP server.

      wrong: { name: vm1, tenant: acme, segment: web, id: 1 }
      right: { name: vm1, tenant: acme, segment: web, id: 3 }

  Use an id from 3.
  """,
  .wrongLinkAddress: """
  The address of a host is even.
  On a routed link the ToR has the even address of a /31 or /127 and the host the odd one above it
  (RFC 3021, RFC 6164), so that each end knows the other's address without being told.

      wrong: address: 172.16.1.20
      right: address: 172.16.1.21

  Choose the odd address of the pair.
  """,
  .noNetworkForTenant: """
  A tenant may use no network, or not the one that is named.
  A network with `tenants:` is reserved to them; a network with `regions:` exists in those regions
  only.

      wrong: { name: lab, tenants: [qa] } and { name: acme, networks: [lab] }
      right: { name: lab, tenants: [qa, acme] } and { name: acme, networks: [lab] }

  Add the tenant to the network's `tenants:`, or choose another network.
  """,
  .idsExhausted: """
  There is no free id left.
  Ids of regions, spines, racks, ToRs, hosts, tenants and segments end at 65535. Ids of things that
  were removed stay reserved, so that their addresses are not given to others while devices still use
  them.

      romana-compile lock --prune topology.yaml

  Forget removed things with `lock --prune` once no device uses them, or divide the group: another
  rack, another region.
  """,
  .unusableAddress: """
  A prefix or address lies in a block that has a meaning of its own (RFC 6890).
  Hosts and routers refuse or drop packets of loopback, link-local, multicast and reserved addresses.

      wrong: cidr: 127.0.0.0/8
      right: cidr: 10.0.0.0/8

  Choose a private prefix (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fd00::/8) or a global one of
  your own.
  """,
]
