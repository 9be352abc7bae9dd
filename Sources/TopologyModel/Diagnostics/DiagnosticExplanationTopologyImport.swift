/// RC0780 to RC0784: topologies of Romana 2.
let topologyImportExplanations: [DiagnosticCode: String] = [
  .invalidForeignTopology: """
  A topology of Romana 2 is wrong by Romana's own rules, or none at all.
  Networks have a name, a CIDR and the length of their blocks; topologies name networks and have
  groups under `map`, in which are groups or hosts with `name` and `ip`, not both.

      wrong: "groups": [{ "name": "h1", "ip": "192.0.2.10" }, { "groups": [] }]
      right: "groups": [{ "groups": [{ "name": "h1", "ip": "192.0.2.10" }] }, { "groups": [] }]

  Correct it, or take what `romana topology list -f json` prints.
  """,
  .groupNotRepresentable: """
  A group of hosts in Romana can't be a region or a rack here with the prefix that it has.
  A rack is in a region, and a host in one rack, for all networks. Groups in groups in groups, two
  topologies that divide the same hosts in different ways and blocks of one or two addresses have no
  counterpart. To renumber them silently is worse than to refuse them.

      wrong: dc1 [ spine-a [ rack1, rack2 ], spine-b [ rack3 ] ], dc2 [ rack4 ]
      right: spine-a [ rack1, rack2 ], spine-b [ rack3 ]

  Import parts of it one by one, or change it in Romana first.
  """,
  .missingUnderlay: """
  Romana does not know something about the hosts' own network that a topology says.
  That is the subnet of each host's address, and what routes between subnets.

      wrong: romana-compile import topology romana.json
      right: romana-compile import topology romana.json --subnet 192.168.0.0/24

  Pass `--subnet CIDR` for each subnet, `--subnet rack1=CIDR` where the address of a host does not
  tell, and `--router NAME=LOOPBACK` where one region has several.
  """,
  .romanaPartLeftOut: """
  Something in a topology of Romana has no counterpart here, or becomes a comment.
  Labels put new hosts into groups there; here a topology names the hosts of each rack. Routing is
  planned from what a region is made of. No prefix and no address depends on what is left out.

      "assignment": { "rack": "rack-1" }

  Read each; then silence them with `--allow RC0783`.
  """,
  .regionsApart: """
  The outermost groups of a topology of Romana become regions that nothing connects.
  A region is planned by itself. What routes between regions is not in Romana's topology; where the
  outermost groups are zones of EC2 that is the VPC, and they are zones of one region here.

      "map": [{ "name": "zone-a", "groups": [ … ] }, { "name": "zone-b", "groups": [ … ] }]

  Give regions `upstreams:`, or describe zones as docs/ec2.md does.
  """,
]
