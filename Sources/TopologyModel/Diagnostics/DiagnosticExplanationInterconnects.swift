let interconnectExplanations: [DiagnosticCode: String] = [
  .interconnectRegions: """
  The regions of an interconnect do not fit it.
  It links two regions or more: each with each other, or with `hub` each with that one. VPC peerings
  and
  transit gateways link EC2 regions only, and a peering just two, since it is not transitive.

      wrong: { name: x, kind: vpc-peering, between: [a, b, c] }
      right: { name: x, kind: vpc-peering, between: [a, b] } and one more for b and c

  Correct `between`, `hub` or `transit`.
  """,
  .tunnelGateways: """
  A region has too many or no gateways in an interconnect, or a gateway is elsewhere.
  Tunnels are between gateway hosts. Each linked region has one, or two of which one may be lost.

      wrong: { between: [dc1, us-east-1], gateways: { h1: 198.51.100.1 } }
      right: { between: [dc1, us-east-1], gateways: { h1: 198.51.100.1, i1: 203.0.113.9 } }

  Name one or two hosts of every region of `between`.
  """,
  .twoWaysToRegion: """
  Two interconnects lead from one region to another.
  Which of them carries the traffic would be open, and with transit over a hub the two directions
  could
  differ for good.

      wrong: two interconnects with between: [dc1, us-east-1]
      right: one interconnect with two gateways in each region

  Leave one of the regions out of one of them.
  """,
  .gatewaySpeaker: """
  A host can't be a gateway with the routing that it has.
  A gateway takes routes from other gateways and passes them on: FRR and Quagga do that. In a data
  center
  it tells its ToR by BGP what it reaches. Instances of EC2 get FRR unless they say `speaker: quagga`.

      wrong: gateways: { h1: 198.51.100.1 } with h1: { speaker: exabgp }
      right: gateways: { h1: 198.51.100.1 } with h1: { speaker: frr }

  Change the host's `speaker` or `protocol`, or name another host.
  """,
  .gatewayAddress: """
  The address of a gateway can't be the end of a tunnel.
  It is the one by which the other gateways reach it, outside of all endpoint networks, of one
  family in an
  interconnect, and its own. A gateway has one GRE tunnel to an address.

      wrong: gateways: { h1: 10.0.0.1, i1: "2001:db8::9" }
      right: gateways: { h1: 198.51.100.1, i1: 203.0.113.9 }

  Write the public address, or over a peering the instance's own.
  """,
  .openTunnel: """
  The tunnels of an interconnect are not encrypted.
  GRE protects nothing: whoever is on the way can read and change packets, and send some of their
  own. A
  `key_file` protects the BGP sessions only.

      encapsulation: gre

  Use WireGuard, or `over:` a VPC peering; silence this where the way is protected otherwise.
  """,
  .tunnelPoolFull: """
  The pool of tunnels' links has no /31 (or /127) left.
  Every tunnel has a link of its own, which the lock file keeps; those of removed tunnels are reserved
  until `lock --prune`.

      wrong: link_pool: 169.254.240.0/30 for eight tunnels
      right: link_pool: 169.254.240.0/24

  Widen the pool.
  """,
  .tunnelPort: """
  A WireGuard tunnel would have a UDP port that another has, or none that exists.
  Tunnel n has the n-th port after `port`, at both ends.

      wrong: port: 65535 with several tunnels
      right: port: 51820

  Choose another `port`, the same for all interconnects.
  """,
  .nothingInCommon: """
  Two regions that are linked have no network in common.
  Only aggregates of networks that both regions have cross an interconnect, and over a hub only of
  those that the hub has too.

      wrong: networks: [{ name: a, regions: [dc1] }, { name: b, regions: [dc2] }]
      right: networks: [{ name: a }]

  Let them have a network together, or do not link them.
  """,
  .invalidTunnelKey: """
  A text under `public_keys` is no public key of WireGuard.
  It is 32 bytes in base64: 43 digits and `=`. Private keys never stand in a topology.

      wrong: public_keys: { h1: abc }
      right: public_keys: { h1: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=" }

  Copy what `wg pubkey` prints on the gateway.
  """,
  .tunnelMTU: """
  Tunnels would carry smaller packets than their networks need.
  The MTU of a tunnel is that of the way below less the headers: GRE takes 24 bytes over IPv4 and 44
  over
  IPv6, WireGuard 60 and 80. IPv6 needs 1280 bytes, IPv4 576.

      wrong: mtu: 1280 with an IPv6 network
      right: mtu: 1500

  Correct `mtu`.
  """,
  .tunnelUnderlay: """
  Tunnels can't run over the interconnect that `over` names.
  It must be a VPC peering of the same two regions, and the gateways must be named by their
  instances' own
  addresses: a peering delivers to no others, and nothing from one peering to another.

      wrong: { between: [a, b, c], over: peering-a-b }
      right: { between: [a, b], over: peering-a-b, gateways: { a1: 172.20.1.10, b1: 172.21.1.10 } }

  Write an interconnect of tunnels for each peering, with the addresses inside the VPCs.
  """,
  .transitRoutesQuota: """
  A transit gateway would get more routes than AWS lets it hold.
  It has a static route for every network of its own region and of each that it reaches. AWS counts
  both families and all its tables together, 10,000 unless it grants more (the quota "Total combined
  routes").

      wrong: routes_quota: 10 with 4 regions and 3 networks that all have
      right: routes_quota: 10000

  Raise the quota, or have fewer networks in common.
  """,
  .repeatedASN: """
  An AS number stands twice on the way of routes between regions.
  A router drops a path that holds its own number. That of a region's aggregate holds the numbers of
  a gateway and of its ToR, and of the gateways that pass it on; all gateways, ToRs and spines of the
  other region look at it. Numbers of other racks and of hosts may repeat.

      wrong: dc1 with a ToR of `asn: 64601` above the gateway, dc2 with another
      right: dc2 with `asn: 64701`, or none: a free number of the pool

  Give one of the devices another number, or leave `asn:` out.
  """,
]
