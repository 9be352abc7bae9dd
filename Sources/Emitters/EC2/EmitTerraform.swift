import TopologyModel

/// Spells the `vpc.tf.json` of a region, a module of Terraform in its JSON syntax ("JSON Configuration Syntax") for the AWS provider:
/// an `aws_route` for every route of the region's tables, an `aws_ec2_transit_gateway_route` for those of its transit gateways, and an
/// `aws_vpc_security_group_ingress_rule` for every source of the security group. Ids that the topology leaves out are variables.
///
/// It has no provider of its own ("Providers Within Modules"): who calls it hands one over, of the region.
func emitTerraform(_ device: DevicePlan, into writer: inout TextWriter) {
  guard let vpc = device.vpc else { return }
  var json = JSONWriter()
  json.object { json in
    json.member("//") { json in
      json.array { json in
        json.item { json in
          json.string {
            $0.write("romana-compile: fabric ")
            $0.write(device.fabric)
            $0.write(", VPC ")
            $0.write(vpc.region)
            $0.write(": routes to endpoints")
          }
        }
        for family in vpc.families { json.item { json in json.string { write(family, into: &$0) } } }
      }
    }
    writeTerraformRequirements(into: &json)
    writeVariables(vpc, into: &json)
    writeResources(device, vpc, into: &json)
  }
  json.finish()
  writer.write(rendered: json.bytes)
}

private func writeVariables(_ vpc: VPCPlan, into json: inout JSONWriter) {
  let variables = vpc.terraformVariables
  guard !variables.isEmpty else { return }
  json.member("variable") { json in
    json.object { json in
      for variable in variables {
        writeVariable(into: &json) {
          write(variable, into: &$0)
        } description: {
          write(described: variable, into: &$0)
        }
      }
    }
  }
}

private func writeResources(_ device: DevicePlan, _ vpc: VPCPlan, into json: inout JSONWriter) {
  let hasRoutes = vpc.tables.contains { !$0.routes.isEmpty }
  guard hasRoutes || vpc.securityGroup != nil || !vpc.transitGateways.isEmpty else { return }
  json.member("resource") { json in
    json.object { json in
      if hasRoutes { json.member("aws_route") { json in json.object { writeRoutes(vpc, into: &$0) } } }
      if !vpc.transitGateways.isEmpty {
        json.member("aws_ec2_transit_gateway_route") { json in
          json.object { json in for gateway in vpc.transitGateways { writeRoutes(gateway, into: &json) } }
        }
      }
      if let group = vpc.securityGroup {
        json.member("aws_vpc_security_group_ingress_rule") { json in
          json.object { json in
            for source in vpc.sources { writeRule(device, group, source, into: &json) }
          }
        }
      }
    }
  }
}

private func writeRoutes(_ vpc: VPCPlan, into json: inout JSONWriter) {
  for table in vpc.tables {
    for route in table.routes {
      let name = { (writer: inout TextWriter) in
        writer.write("route")
        writeIdentifier(table: table.id, into: &writer)
        writer.write("_to_")
        writeIdentifier(route.prefix, into: &writer)
      }
      json.member(name) { json in
        json.object { json in
          json.member("route_table_id") { writeReference(into: &$0, table.id, .routeTable) }
          json.member(route.prefix.family == .ipv4 ? "destination_cidr_block" : "destination_ipv6_cidr_block") { json in
            json.string { $0.write(route.prefix) }
          }
          switch route.target {
          case .instance(let index, _):
            let instance = vpc.instances[index]
            json.member("network_interface_id") { writeReference(into: &$0, instance.eni, .interface(instance)) }
          case .link(let index):
            let parameter = vpc.parameter(ofLink: index)
            json.member(vpc.links[index].kind == .peering ? "vpc_peering_connection_id" : "transit_gateway_id") {
              writeReference(into: &$0, parameter.id, .parameter(parameter))
            }
          }
        }
      }
    }
  }
}

private func writeRoutes(_ gateway: TransitGatewayPlan, into json: inout JSONWriter) {
  for route in gateway.routes {
    let name = { (writer: inout TextWriter) in
      writer.write("transit_")
      writeIdentifier(gateway.interconnect, keepsDashes: true, into: &writer)
      writer.write("_to_")
      writeIdentifier(route.prefix, into: &writer)
    }
    let parameter = gateway.parameter(ofAttachment: route.attachment)
    json.member(name) { json in
      json.object { json in
        json.member("transit_gateway_route_table_id") {
          writeReference(into: &$0, gateway.routeTable, .parameter(gateway.tableParameter))
        }
        json.member("destination_cidr_block") { json in json.string { $0.write(route.prefix) } }
        json.member("transit_gateway_attachment_id") {
          writeReference(into: &$0, parameter.id, .parameter(parameter))
        }
      }
    }
  }
}

private func writeRule(_ device: DevicePlan, _ group: Name, _ source: Prefix, into json: inout JSONWriter) {
  let name = { (writer: inout TextWriter) in
    writer.write("from_")
    writeIdentifier(source, into: &writer)
  }
  json.member(name) { json in
    json.object { json in
      json.member("security_group_id") { json in json.string { $0.write(group) } }
      json.member("ip_protocol", "-1")
      json.member(source.family == .ipv4 ? "cidr_ipv4" : "cidr_ipv6") { json in json.string { $0.write(source) } }
      json.member("description") { json in json.string { writeMark(device, into: &$0) } }
    }
  }
}

/// An id, or the variable that holds it.
private func writeReference(into json: inout JSONWriter, _ id: Name?, _ variable: TerraformVariable) {
  guard let id else { return writeReference(into: &json) { write(variable, into: &$0) } }
  json.string { $0.write(id) }
}
