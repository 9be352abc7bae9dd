/// EC2 regions: what EC2 refuses, or takes and then drops.
let cloudExplanations: [DiagnosticCode: String] = [
  .unknownCloudName: """
  A region or zone has a name that EC2 does not have.
  The name of the region goes into every command, and that of a zone says which subnet is meant.

      wrong: { name: us-east1, kind: ec2, zones: [{ name: us-east-1z }] }
      right: { name: us-east-1, kind: ec2, zones: [{ name: us-east-1a }] }

  For a region that is newer than the compiler write `names: any` under `vpc:`.
  """,
  .invalidCloudID: """
  A text is not an id of EC2.
  Ids are a word that says what it is, a dash, and 8 or 17 hexadecimal digits in lower case.

      wrong: eni: i-0a1b2c3d                 # an instance
      right: eni: eni-0a1b2c3d4e5f60718      # its network interface

  Copy it from EC2, or leave it out: it becomes a parameter.
  """,
  .sameCloudID: """
  An id of EC2 stands at two places.
  A network interface belongs to one instance, a VPC and a route table to one region.

      wrong: hosts: [{ name: i1, eni: eni-0a1b2c3d }, { name: i2, eni: eni-0a1b2c3d }]
      right: hosts: [{ name: i1, eni: eni-0a1b2c3d }, { name: i2, eni: eni-0a1b2c3e }]

  Zones of a region may share a route table: write it once, under `vpc:`.
  """,
  .cloudPrefixLength: """
  A VPC or subnet has a length that EC2 does not offer.
  IPv4 prefixes are a /16 to a /28, IPv6 prefixes a /44 to a /64.

      wrong: subnet: 172.20.1.0/30
      right: subnet: 172.20.1.0/28

  EC2 keeps the first four addresses of a subnet and the last for itself.
  """,
  .zoneOutsideVPC: """
  A zone's subnet is outside of its VPC, or its router outside of the subnet.
  Subnets are parts of the VPC's prefix.

      wrong: vpc: { cidr: 172.20.0.0/16 }, zones: [{ name: us-east-1a, subnet: 172.21.1.0/24 }]
      right: vpc: { cidr: 172.20.0.0/16 }, zones: [{ name: us-east-1a, subnet: 172.20.1.0/24 }]

  Of a VPC with several prefixes name the one that holds the instances.
  """,
  .networkInVPC: """
  An endpoint network overlaps the prefix of a VPC.
  What is inside its prefix a VPC delivers by itself: a route there must be that of a whole subnet, so
  that no host's prefix can have one.

      wrong: networks: [{ cidr: 172.20.128.0/17 }] with vpc: { cidr: 172.20.0.0/16 }
      right: networks: [{ cidr: 10.0.0.0/9 }] with vpc: { cidr: 172.20.0.0/16 }

  Choose networks outside of all VPCs.
  """,
  .overlappingVPCs: """
  Two VPCs have the same addresses.
  Every address has one meaning in the whole fabric; VPCs that overlap can't be peered, and no path
  between them could tell them apart.

      wrong: us-east-1 with vpc: { cidr: 172.20.0.0/16 } and eu-west-1 with the same
      right: us-east-1 with 172.20.0.0/16, eu-west-1 with 172.21.0.0/16

  Give each VPC a prefix of its own.
  """,
  .routesQuota: """
  The route tables of a VPC can't hold what the fabric needs.
  Even one route for every zone and network is more than the quota leaves. Families count apart, and
  routes of others count too.

      wrong: vpc: { routes_quota: 5, other_routes: 2 } with two zones and two IPv4 networks
      right: vpc: { routes_quota: 6, other_routes: 2 }

  Raise the quota at AWS and here, give zones tables of their own, or have fewer networks there.
  """,
  .zoneAggregates: """
  The quota does not hold a route for each host, so a region is routed by aggregates.
  Zone aggregates, divided as finely as the quota allows, lead to forwarding instances, which pass
  packets on in their zone. When one is lost nothing moves by itself: a health check, or a person,
  calls failover.sh, and the second instance takes over.

      vpc: { routes_quota: 500 } with 600 instances

  Where that is meant silence the warning; else raise the quota.
  """,
  .noSecondForwarder: """
  Nobody takes over when a forwarding instance is lost.
  The zone has one instance that may carry traffic for others, and there is no second to name.

      wrong: hosts: [{ name: i1, gateway: true }, { range: "i[2-40]" }]
      right: hosts: [{ range: "i[1-2]", gateway: true }, { range: "i[3-40]" }]

  Without `gateway: true` every instance of the zone may do it.
  """,
  .noForwarder: """
  A zone is routed by aggregates, but no instance may carry them.
  Where instances have `gateway: true` only these forward for others; drained ones do not.

      wrong: hosts: [{ name: i1, gateway: true, state: drained }, { range: "i[2-40]" }]
      right: hosts: [{ name: i1, state: drained }, { name: i2, gateway: true }, { range: "i[3-40]" }]

  Name an active instance, or none.
  """,
  .sourceDestCheck: """
  EC2 would drop the traffic of an instance's endpoints.
  With its source/dest check EC2 lets an instance send and get its own addresses only. Endpoints have
  others.

      wrong: { name: i1, source_dest_check: on }
      right: { name: i1 }

  The emitted routes.sh turns the check off; the instance's owner must allow that.
  """,
  .reservedDestination: """
  An endpoint network overlaps addresses that EC2 keeps for its own services.
  EC2 refuses routes to 169.254.168.0/22 and fd00:ec2::/32.

      wrong: networks: [{ cidr: fd00:ec2::/32 }]
      right: networks: [{ cidr: fd00:10::/32 }]

  Choose another prefix, or keep the network out of EC2 regions with `regions:`.
  """,
  .settingOfEC2: """
  A setting about routing daemons stands in an EC2 region.
  A VPC takes no routes from a routing protocol. Instances have static routes and share a segment in
  their zone; what `defaults` says about protocols does not reach them.

      wrong: { name: us-east-1, kind: ec2, protocol: bgp }
      right: { name: us-east-1, kind: ec2 }

  Remove it.
  """,
  .templateTooLarge: """
  A region has more routes than a CloudFormation template holds.
  A template has up to 500 resources and 200 parameters, and the routes of all tables count. The
  region gets no template.json.

      vpc: { routes_quota: 1000 } with 600 instances

  Use vpc.tf.json or routes.sh, name the instances' `eni`, or lower `routes_quota`.
  """,
  .peeringWithoutTunnels: """
  A VPC peering carries no endpoints' packets.
  EC2 delivers over a peering what is from and to the two VPCs' own addresses. Endpoints have
  others, so their packets are dropped, whatever route tables say. Nor is a peering transitive.

      wrong: interconnects: [{ name: p, kind: vpc-peering, between: [eu-west-1, us-east-1] }]
      right: the same, and { name: t, kind: tunnel, over: p, ... }

  Lay tunnels between gateway instances over it, or link the regions by transit gateways.
  """,
  .peeringWithoutPrefix: """
  The tunnels over a peering have addresses of a family that a VPC's prefix is not known of.
  The tables of each VPC get a route to the other one's prefix.

      wrong: vpc: { cidr: 172.20.0.0/16 } and gateways: { i1: "2001:db8:f00:1::10", ... }
      right: vpc: { cidr: 172.20.0.0/16, cidr6: 2001:db8:f00::/56 }

  Write the prefix, or use the gateways' addresses of the other family.
  """,
  .serviceWithTranslation: """
  A service leads packets out of a region that gives them the instance's address.
  Linux chooses the address of a connection when it sees the first packet of it. Under a service that
  is on the way to the function, where none may be chosen; behind the function it is too late.

      wrong: services: [{ from: { tenant: acme }, to: any, via: [ids1] }], regions: [{ egress: snat }]
      right: services: [{ from: { tenant: acme }, to: { tenant: acme }, via: [ids1] }], ...

  Name endpoints in `to:`, or use `egress: routed` and translate behind the function.
  """,
]
