import TopologyModel

/// Spells `template.json`, a CloudFormation template (AWS CloudFormation User Guide, "Template anatomy"): a resource for every
/// route of the region's tables (AWS::EC2::Route), and of the security group's sources (AWS::EC2::SecurityGroupIngress). Ids that
/// the topology leaves out are parameters.
func emitCloudFormation(_ device: DevicePlan, into writer: inout TextWriter) {
  guard let vpc = device.vpc else { return }
  var json = JSONWriter()
  json.object { json in
    json.member("AWSTemplateFormatVersion", "2010-09-09")
    json.member("Description") { json in
      json.string {
        $0.write("romana-compile: fabric ")
        $0.write(device.fabric)
        $0.write(", VPC ")
        $0.write(vpc.region)
        $0.write(": routes to endpoints")
      }
    }
    json.member("Metadata") { json in
      json.object { json in
        json.member("Romana") { json in
          json.array { json in
            for family in vpc.families { json.item { json in json.string { write(family, into: &$0) } } }
          }
        }
      }
    }
    writeParameters(vpc, into: &json)
    json.member("Resources") { json in json.object { writeResources(device, vpc, into: &$0) } }
  }
  json.finish()
  writer.write(rendered: json.bytes)
}

private func writeParameters(_ vpc: VPCPlan, into json: inout JSONWriter) {
  let instances = vpc.unnamedTargets
  let others = vpc.unnamedParameters
  guard vpc.hasUnnamedTable || !instances.isEmpty || !others.isEmpty else { return }
  func parameter(
    _ name: (inout TextWriter) -> Void, _ pattern: StaticString, into json: inout JSONWriter,
    _ description: (inout TextWriter) -> Void
  ) {
    json.member(name) { json in
      json.object { json in
        json.member("Type", "String")
        json.member("Description") { $0.string(description) }
        json.member("AllowedPattern", pattern)
      }
    }
  }
  json.member("Parameters") { json in
    json.object { json in
      if vpc.hasUnnamedTable {
        parameter({ $0.write("RouteTable") }, "^rtb-[0-9a-f]+$", into: &json) {
          $0.write("The route table of the zones' subnets")
        }
      }
      for instance in instances {
        parameter({ writeParameter(instance, into: &$0) }, "^eni-[0-9a-f]+$", into: &json) {
          $0.write("The network interface of ")
          $0.write(instance.name)
          $0.write(" in ")
          $0.write(instance.zone)
        }
      }
      for other in others {
        parameter({ write(other, into: &$0) }, other.kind.pattern, into: &json) { write(described: other, into: &$0) }
      }
    }
  }
}

/// `TgwT1`-like: a letter for what it is of, then the names.
private func write(_ parameter: CloudParameter, into writer: inout TextWriter) {
  writer.write("Id")
  parameter.write(separator: "Zx", into: &writer)
}

func write(described parameter: CloudParameter, into writer: inout TextWriter) {
  writer.write(parameter.kind.description)
  writer.write(parameter.interconnect)
  if let region = parameter.region {
    writer.write(", towards ")
    writer.write(region)
  }
}

private func writeParameter(_ instance: VPCInstance, into writer: inout TextWriter) {
  writer.write("Eni")
  writeIdentifier(instance.name, into: &writer)
}

private func writeResources(_ device: DevicePlan, _ vpc: VPCPlan, into json: inout JSONWriter) {
  func resource(
    _ name: (inout TextWriter) -> Void, _ type: StaticString, ignoring check: StaticString? = nil,
    into json: inout JSONWriter, _ properties: (inout JSONWriter) -> Void
  ) {
    json.member(name) { json in
      json.object { json in
        json.member("Type", type)
        if let check { writeIgnored(check, into: &json) }
        json.member("Properties") { $0.object(properties) }
      }
    }
  }
  for table in vpc.tables {
    for route in table.routes {
      let name = { (writer: inout TextWriter) in
        writer.write("Route")
        writeIdentifier(table: table.id, into: &writer)
        writer.write("To")
        writeIdentifier(route.prefix, into: &writer)
      }
      resource(name, "AWS::EC2::Route", into: &json) { json in
        json.member("RouteTableId") { writeReference(into: &$0, table.id) { $0.write("RouteTable") } }
        json.member(route.prefix.family == .ipv4 ? "DestinationCidrBlock" : "DestinationIpv6CidrBlock") { json in
          json.string { $0.write(route.prefix) }
        }
        switch route.target {
        case .instance(let index, _):
          let instance = vpc.instances[index]
          json.member("NetworkInterfaceId") {
            writeReference(into: &$0, instance.eni) { writeParameter(instance, into: &$0) }
          }
        case .link(let index):
          let parameter = vpc.parameter(ofLink: index)
          json.member(vpc.links[index].kind == .peering ? "VpcPeeringConnectionId" : "TransitGatewayId") {
            writeReference(into: &$0, parameter.id) { write(parameter, into: &$0) }
          }
        }
      }
    }
  }
  for gateway in vpc.transitGateways {
    for route in gateway.routes {
      let name = { (writer: inout TextWriter) in
        writer.write("Transit")
        writeIdentifier(gateway.interconnect, into: &writer)
        writer.write("To")
        writeIdentifier(route.prefix, into: &writer)
      }
      // cfn-lint knows of IPv4 only; the property is that of CreateTransitGatewayRoute, which takes both.
      let check: StaticString? = route.prefix.family == .ipv6 ? "E3002" : nil
      resource(name, "AWS::EC2::TransitGatewayRoute", ignoring: check, into: &json) { json in
        json.member("TransitGatewayRouteTableId") {
          writeReference(into: &$0, gateway.routeTable) { write(gateway.tableParameter, into: &$0) }
        }
        json.member("DestinationCidrBlock") { json in json.string { $0.write(route.prefix) } }
        let parameter = gateway.parameter(ofAttachment: route.attachment)
        json.member("TransitGatewayAttachmentId") {
          writeReference(into: &$0, parameter.id) { write(parameter, into: &$0) }
        }
      }
    }
  }
  for source in vpc.sources {
    guard let group = vpc.securityGroup else { break }
    let name = { (writer: inout TextWriter) in
      writer.write("From")
      writeIdentifier(source, into: &writer)
    }
    resource(name, "AWS::EC2::SecurityGroupIngress", into: &json) { json in
      json.member("GroupId") { json in json.string { $0.write(group) } }
      json.member("IpProtocol", "-1")
      json.member(source.family == .ipv4 ? "CidrIp" : "CidrIpv6") { json in json.string { $0.write(source) } }
      json.member("Description") { json in json.string { writeMark(device, into: &$0) } }
    }
  }
  // A template needs a resource; this one stands for nothing.
  if vpc.tables.allSatisfy(\.routes.isEmpty), vpc.securityGroup == nil, vpc.transitGateways.isEmpty {
    json.member("NoRoutes") { json in json.object { $0.member("Type", "AWS::CloudFormation::WaitConditionHandle") } }
  }
}

/// Tells cfn-lint to leave out a check of a resource (cfn-lint, "Resource based metadata").
private func writeIgnored(_ check: StaticString, into json: inout JSONWriter) {
  json.member("Metadata") { json in
    json.object { json in
      json.member("cfn-lint") { json in
        json.object { json in
          json.member("config") { json in
            json.object { json in
              json.member("ignore_checks") { json in
                json.array { json in json.item { json in json.string { $0.write(check) } } }
              }
            }
          }
        }
      }
    }
  }
}

/// An id, or a reference to the parameter that holds it.
private func writeReference(
  into json: inout JSONWriter, _ id: Name?, _ parameter: (inout TextWriter) -> Void
) {
  if let id {
    json.string { $0.write(id) }
  } else {
    json.object { json in json.member("Ref") { $0.string(parameter) } }
  }
}
