import TopologyModel

/// Says how a family is routed, and why: "IPv4: a route for each host prefix: 6 routes, 498 fit (quota 500, 2 for others)".
func write(_ family: VPCFamily, into writer: inout TextWriter) {
  writer.write(family.family == .ipv4 ? "IPv4: " : "IPv6: ")
  switch family.choice {
  case .direct: writer.write("no routes: the instances of one zone reach each other directly")
  case .instances:
    writer.write("a route for each host prefix: up to ")
    writer.write(family.taken - family.farRoutes)
    writer.write(" in a table, ")
    writeRoom(family, into: &writer)
  case .aggregates(let bits):
    writer.write(bits == 0 ? "an aggregate a zone and network" : "parts of zone aggregates")
    writer.write(": up to ")
    writer.write(family.taken - family.farRoutes)
    writer.write(" in a table, since a route for each host prefix would take ")
    writer.write(family.wanted - family.farRoutes)
    writer.write(" and ")
    writeRoom(family, into: &writer)
  }
}

private func writeRoom(_ family: VPCFamily, into writer: inout TextWriter) {
  writer.write(max(0, family.quota - family.otherRoutes - family.farRoutes))
  writer.write(" fit (quota ")
  writer.write(family.quota)
  writer.write(", ")
  writer.write(family.otherRoutes)
  writer.write(" for others")
  if family.farRoutes > 0 {
    writer.write(", ")
    writer.write(family.farRoutes)
    writer.write(" to other regions")
  }
  writer.write(")")
}

/// The name as part of an identifier of CloudFormation or Terraform: letters and digits stay, but for Z; any other byte is Z and two
/// hexadecimal digits, so that no two names become one.
///
/// - Parameter keepsDashes: for Terraform, whose identifiers may have them (Terraform Language, "Configuration Syntax", Identifiers).
func writeIdentifier(_ name: Name, keepsDashes: Bool = false, into writer: inout TextWriter) {
  writeIdentifier(name.text.utf8, keepsDashes, into: &writer)
}

/// The same of a prefix: 10.1.0.0/16 is 10x1x0x0n16.
func writeIdentifier(_ prefix: Prefix, into writer: inout TextWriter) {
  var bytes: [UInt8] = []
  prefix.appendText(to: &bytes)
  let spelled = bytes.map { byte -> UInt8 in
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: ":"): UInt8(ascii: "x")
    case UInt8(ascii: "/"): UInt8(ascii: "n")
    default: byte
    }
  }
  writer.write(rendered: spelled)
}

private func writeIdentifier(_ bytes: some Sequence<UInt8>, _ keepsDashes: Bool, into writer: inout TextWriter) {
  var spelled: [UInt8] = []
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")..<UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      spelled.append(byte)
    case UInt8(ascii: "-") where keepsDashes: spelled.append(byte)
    default: spelled += Array("Z\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
    }
  }
  writer.write(rendered: spelled)
}

/// The table as part of an identifier: the digits of its id, or nothing for the one that is a parameter.
func writeIdentifier(table: Name?, into writer: inout TextWriter) {
  guard let table else { return }
  writer.write(rendered: Array(table.text.utf8.drop { $0 != UInt8(ascii: "-") }.dropFirst()))
}

extension VPCPlan {
  /// The instances whose interface is a parameter, of those that routes lead to.
  var unnamedTargets: [VPCInstance] {
    let used = Set(tables.flatMap(\.routes).compactMap(\.instance))
    return instances.indices.filter { used.contains($0) && instances[$0].eni == nil }.map { instances[$0] }
  }

  /// Whether routes are in a table whose id is a parameter.
  var hasUnnamedTable: Bool { tables.contains { $0.id == nil && !$0.routes.isEmpty } }
}

/// An id that the topology may leave out: the id, or what a parameter for it is called.
struct CloudParameter {
  enum Kind {
    case transitGateway, peering, transitTable, attachment

    /// In the names of parameters and variables.
    var word: StaticString {
      switch self {
      case .transitGateway: "tgw"
      case .peering: "pcx"
      case .transitTable: "rtb"
      case .attachment: "attach"
      }
    }

    /// A regular expression of what the ids look like.
    var pattern: StaticString {
      switch self {
      case .transitGateway: "^tgw-[0-9a-f]+$"
      case .peering: "^pcx-[0-9a-f]+$"
      case .transitTable: "^tgw-rtb-[0-9a-f]+$"
      case .attachment: "^tgw-attach-[0-9a-f]+$"
      }
    }

    /// For people; the name of the interconnect follows.
    var description: StaticString {
      switch self {
      case .transitGateway: "The transit gateway of the region, for the interconnect "
      case .peering: "The VPC peering connection of the interconnect "
      case .transitTable: "The route table of the transit gateway, for the interconnect "
      case .attachment: "The attachment of the transit gateway, for the interconnect "
      }
    }
  }
  var id: Name?
  var kind: Kind
  var interconnect: Name
  /// Of an attachment: the region behind it.
  var region: Name?

  /// The end of the name of a parameter or variable: `tgw_t1`, `attach_t1_eu-west-1` with what no identifier may have spelled out.
  func write(separator: StaticString, keepsDashes: Bool = false, into writer: inout TextWriter) {
    writer.write(kind.word)
    for name in [interconnect, region].compactMap(\.self) {
      writer.write(separator)
      writeIdentifier(name, keepsDashes: keepsDashes, into: &writer)
    }
  }
}

extension VPCPlan {
  func parameter(ofLink index: Int) -> CloudParameter {
    let link = links[index]
    return CloudParameter(
      id: link.id, kind: link.kind == .peering ? .peering : .transitGateway, interconnect: link.interconnect,
      region: nil)
  }

  /// Parameters of interconnects whose ids the topology leaves out.
  var unnamedParameters: [CloudParameter] {
    let all =
      links.indices.map { parameter(ofLink: $0) }
      + transitGateways.flatMap { gateway in
        [gateway.tableParameter] + gateway.attachments.indices.map { gateway.parameter(ofAttachment: $0) }
      }
    return all.filter { $0.id == nil }
  }
}

extension TransitGatewayPlan {
  var tableParameter: CloudParameter {
    CloudParameter(id: routeTable, kind: .transitTable, interconnect: interconnect, region: nil)
  }

  func parameter(ofAttachment index: Int) -> CloudParameter {
    CloudParameter(
      id: attachments[index].id, kind: .attachment, interconnect: interconnect, region: attachments[index].region)
  }
}

/// A mark of the fabric in descriptions of EC2: `romana-compile:FABRIC`.
func writeMark(_ device: DevicePlan, into writer: inout TextWriter) {
  writer.write("romana-compile:")
  writer.write(device.fabric)
}
