import TopologyModel

/// An id that the topology leaves out: a variable of the module of its region, and one of the deployment that calls the modules.
enum TerraformVariable {
  case routeTable
  case interface(VPCInstance)
  case parameter(CloudParameter)
}

extension VPCPlan {
  /// What the module of the region must be told.
  var terraformVariables: [TerraformVariable] {
    (hasUnnamedTable ? [.routeTable] : []) + unnamedTargets.map { .interface($0) }
      + unnamedParameters.map { .parameter($0) }
  }
}

/// The name in the module of a region.
func write(_ variable: TerraformVariable, into writer: inout TextWriter) {
  switch variable {
  case .routeTable: writer.write("route_table")
  case .interface(let instance):
    writer.write("eni_")
    writeIdentifier(instance.name, keepsDashes: true, into: &writer)
  case .parameter(let parameter): parameter.write(separator: "_", keepsDashes: true, into: &writer)
  }
}

/// For people, in the module of a region.
func write(described variable: TerraformVariable, into writer: inout TextWriter) {
  switch variable {
  case .routeTable: writer.write("The route table of the zones' subnets")
  case .interface(let instance):
    writer.write("The network interface of ")
    writer.write(instance.name)
    writer.write(" in ")
    writer.write(instance.zone)
  case .parameter(let parameter): write(described: parameter, into: &writer)
  }
}

/// The name in the deployment, where there are other regions: what two regions share has one name there, so that it is told once.
func write(_ variable: TerraformVariable, of region: Name, into writer: inout TextWriter) {
  switch variable.scope(in: region) {
  case .fabric, .attachment: write(variable, into: &writer)
  case .region:
    write(variable, into: &writer)
    writer.write("_")
    writeIdentifier(region, keepsDashes: true, into: &writer)
  case .peering(let interconnect, let regions):
    writer.write("peering")
    for name in [interconnect] + regions {
      writer.write("_")
      writeIdentifier(name, keepsDashes: true, into: &writer)
    }
  }
}

/// For people, in the deployment.
func write(described variable: TerraformVariable, of region: Name, into writer: inout TextWriter) {
  switch variable.scope(in: region) {
  case .fabric: write(described: variable, into: &writer)
  case .region:
    write(described: variable, into: &writer)
    writer.write(", in ")
    writer.write(region)
  case .attachment(let interconnect):
    writer.write("The attachment of the VPC of ")
    writer.write(region)
    writer.write(" to its transit gateway, for the interconnect ")
    writer.write(interconnect)
  case .peering(let interconnect, let regions):
    writer.write("The peering attachment of the transit gateways of ")
    writer.write(regions[0])
    writer.write(" and ")
    writer.write(regions[1])
    writer.write(", for the interconnect ")
    writer.write(interconnect)
  }
}

/// Among how many regions the name that a module has for a thing is one thing's only.
private enum VariableScope {
  case region
  case fabric
  /// Of the region's own VPC.
  case attachment(Name)
  /// Each of two regions calls it the attachment towards the other one; its id is the same on both sides.
  case peering(Name, [Name])
}

extension TerraformVariable {
  fileprivate func scope(in region: Name) -> VariableScope {
    switch self {
    case .routeTable: .region
    case .interface: .fabric
    case .parameter(let parameter):
      if let other = parameter.region {
        other == region
          ? .attachment(parameter.interconnect) : .peering(parameter.interconnect, [region, other].sorted())
      } else {
        parameter.kind == .peering ? .fabric : .region
      }
    }
  }
}

/// A member of `variable`: a text.
func writeVariable(
  into json: inout JSONWriter, _ name: (inout TextWriter) -> Void, description: (inout TextWriter) -> Void
) {
  json.member(name) { json in
    json.object { json in
      json.member("type", "string")
      json.member("description") { $0.string(description) }
    }
  }
}

/// The value of a variable: a template that is nothing else (Terraform Language, "JSON Configuration Syntax", Expression Mapping). No
/// other text of a module has what Terraform takes for a template: names have neither `$` nor `%`.
func writeReference(into json: inout JSONWriter, _ variable: (inout TextWriter) -> Void) {
  json.string { writer in
    writer.write("${var.")
    variable(&writer)
    writer.write("}")
  }
}

/// The provider that a module needs, by its source and version.
func writeTerraformRequirements(into json: inout JSONWriter) {
  json.member("terraform") { json in
    json.object { json in
      json.member("required_providers") { json in
        json.object { json in
          json.member("aws") { json in
            json.object { json in
              json.member("source", "hashicorp/aws")
              json.member("version", ">= 5.0")
            }
          }
        }
      }
    }
  }
}
