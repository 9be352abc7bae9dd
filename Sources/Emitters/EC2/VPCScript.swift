import TopologyModel

/// Spells `routes.sh` of a VPC: the list of what is wanted, then the program that makes it so with the AWS CLI.
///
/// The list has one thing a line: `vpc`, `instance`, `space`, `peer`, `link`, `table`, `route`, `transit`, `transit-route`, `group`; what
/// follows a `#` is for people. An id that the topology leaves out is `-`, or a variable of the environment.
func emitVPCScript(_ device: DevicePlan, into writer: inout TextWriter) {
  guard let vpc = device.vpc else { return }
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "routes of the VPC", into: &writer)
  writer.write(vpcScriptIntroduction)
  for family in vpc.families {
    writer.write("# ")
    write(family, into: &writer)
    writer.newline()
  }
  writer.write("set -eu\nexport LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\"\n\n")
  writer.write("wanted() {\n  cat <<'END'\n")
  writeVPC(device, vpc, into: &writer)
  for instance in vpc.instances { write(instance, into: &writer) }
  for prefix in vpc.space {
    writer.write("space ")
    writer.write(prefix)
    writer.newline()
  }
  for prefix in vpc.peers {
    writer.write("peer ")
    writer.write(prefix)
    writer.newline()
  }
  for index in vpc.links.indices { write(vpc.links[index], vpc.parameter(ofLink: index), into: &writer) }
  for table in vpc.tables { write(table, vpc, into: &writer) }
  for gateway in vpc.transitGateways { write(gateway, into: &writer) }
  if let group = vpc.securityGroup {
    for source in vpc.sources {
      writer.write("group ")
      writer.write(group)
      writer.write(" ")
      writer.write(source)
      writer.newline()
    }
  }
  writer.write("END\n}\n\n")
  writer.write(vpcProgramMark)
  writer.write(vpcProgramHead)
  writer.write(vpcProgramReading)
  writer.write(addressFunctions)
  writer.write(vpcDeciding)
  writer.write(vpcProgramTail)
  emitEndMarker(what: "routes of the VPC", into: &writer)
}

/// `vpc REGION VPC FABRIC`.
func writeVPC(_ device: DevicePlan, _ vpc: VPCPlan, into writer: inout TextWriter) {
  writer.write("vpc ")
  writer.write(vpc.region)
  writer.write(" ")
  write(id: vpc.id, into: &writer)
  writer.write(" ")
  writer.write(device.fabric)
  writer.newline()
}

/// `instance NAME INTERFACE ADDRESS ...`.
func write(_ instance: VPCInstance, into writer: inout TextWriter) {
  writer.write("instance ")
  writer.write(instance.name)
  writer.write(" ")
  write(id: instance.eni, into: &writer)
  for address in instance.addresses {
    writer.write(" ")
    writer.write(address)
  }
  writer.write("  # zone ")
  writer.write(instance.zone)
  writer.newline()
}

/// `table TABLE`, then its routes: `route TABLE PREFIX INSTANCE STANDBY`, the last `-` where nobody can take the place.
private func write(_ table: VPCTable, _ vpc: VPCPlan, into writer: inout TextWriter) {
  writer.write("table ")
  write(id: table.id, into: &writer)
  writer.write("  # zones")
  for zone in table.zones {
    writer.write(" ")
    writer.write(zone)
  }
  writer.newline()
  for route in table.routes { write(route, table, vpc, into: &writer) }
}

func write(_ route: VPCRoute, _ table: VPCTable, _ vpc: VPCPlan, into writer: inout TextWriter) {
  writer.write("route ")
  write(id: table.id, into: &writer)
  writer.write(" ")
  writer.write(route.prefix)
  writer.write(" ")
  switch route.target {
  case .instance(let instance, let standby):
    writer.write(vpc.instances[instance].name)
    writer.write(" ")
    write(id: standby.map { vpc.instances[$0].name }, into: &writer)
  case .link(let index):
    writer.write("link:")
    writer.write(vpc.links[index].interconnect)
    writer.write(" -")
  }
  writer.write("  # ")
  write(route.purpose, into: &writer)
  writer.newline()
}

/// `link INTERCONNECT OPTION ID`, the option that of `aws ec2 create-route`.
private func write(_ link: VPCLink, _ parameter: CloudParameter, into writer: inout TextWriter) {
  writer.write("link ")
  writer.write(link.interconnect)
  writer.write(link.kind == .peering ? " --vpc-peering-connection-id " : " --transit-gateway-id ")
  write(parameter, into: &writer)
  writer.newline()
}

/// `transit TABLE`, then its routes: `transit-route TABLE PREFIX ATTACHMENT`.
private func write(_ gateway: TransitGatewayPlan, into writer: inout TextWriter) {
  writer.write("transit ")
  write(gateway.tableParameter, into: &writer)
  writer.write("  # interconnect ")
  writer.write(gateway.interconnect)
  writer.newline()
  for route in gateway.routes {
    writer.write("transit-route ")
    write(gateway.tableParameter, into: &writer)
    writer.write(" ")
    writer.write(route.prefix)
    writer.write(" ")
    write(gateway.parameter(ofAttachment: route.attachment), into: &writer)
    writer.write("  # ")
    write(route.purpose, into: &writer)
    writer.newline()
  }
}

/// The id, or the variable of the environment that holds it: `$ROMANA_tgw_t1`.
private func write(_ parameter: CloudParameter, into writer: inout TextWriter) {
  if let id = parameter.id {
    writer.write(id)
  } else {
    writer.write("$ROMANA_")
    parameter.write(separator: "_", into: &writer)
  }
}

private func write(id: Name?, into writer: inout TextWriter) {
  if let id { writer.write(id) } else { writer.write("-") }
}

private let vpcScriptIntroduction: StaticString = #"""
  # Run by a person or a pipeline that may change the VPC, wherever the AWS CLI is set up; no host needs it.
  #
  #   routes.sh            makes the routes of the tables below equal to the list, within the `space` of the fabric: creates
  #                        and replaces routes, then removes stale ones; turns off the source/dest check of the instances;
  #                        keeps the rules of the security group, if one is listed. A second run changes nothing.
  #   routes.sh --dry-run  prints the commands that this would take
  #
  # Where the list has `-` in place of an id: ROMANA_VPC and ROMANA_ROUTE_TABLE say the VPC and the table; interfaces are
  # found by their addresses. Where it has `$NAME`, the variable NAME of the environment says the id of a transit gateway, of its
  # route table or attachment, or of a peering. Routes of other destinations are not touched. Tags of the tables remember the space,
  # so that what an older topology left is found, and which instances failover.sh has given up.
  #
  # Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage. Needs sh, awk and aws (version 1 or 2), and
  # these rights: ec2:Describe{RouteTables,NetworkInterfaces,SecurityGroupRules}, {Create,Replace,Delete}Route, {Create,Delete}Tags,
  # ModifyNetworkInterfaceAttribute, {Authorize,Revoke}SecurityGroupIngress; with transit gateways DescribeTransitGatewayRouteTables,
  # SearchTransitGatewayRoutes, {Create,Replace,Delete}TransitGatewayRoute.

  """#

let vpcProgramMark: StaticString =
  "# ---- The program: the same text in every file of a release. ----------------------------------\n\n"
