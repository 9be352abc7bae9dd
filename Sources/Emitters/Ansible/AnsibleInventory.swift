import TopologyModel

/// Spells `inventory/hosts.yml` (Ansible User Guide, "How to build your inventory", YAML form): the devices with what the role
/// needs to know of them, once, and then the groups.
///
/// Names are quoted, since some look like numbers or truth values to YAML; they hold nothing that Jinja would take for a template.
func emitAnsibleInventory(_ fleet: Fleet, into writer: inout TextWriter) {
  let what: StaticString = "inventory of Ansible"
  emitHeader(fleet, what: what, into: &writer)
  writer.write("---\nall:\n  hosts:\n")
  for device in fleet.devices { emitDevice(device, into: &writer) }
  writer.write("  children:\n")
  for group in fleet.groups { emitGroup(group, into: &writer) }
  emitEndMarker(what: what, into: &writer)
}

private func emitDevice(_ device: FleetDevice, into writer: inout TextWriter) {
  writer.write("    \"")
  writer.write(device.name)
  writer.write("\":\n")
  if let address = device.address {
    writer.write("      romana_address: \"")
    writer.write(address)
    writer.write("\"\n")
  }
  writer.write("      romana_folder: ")
  writer.write(device.role.folder)
  writer.newline()
  if !device.isManaged { return }
  writer.write("      romana_files: [")
  var isFirst = true
  for kind in device.artifacts where kind.installation != nil {
    if !isFirst { writer.write(", ") }
    isFirst = false
    writer.write(kind.fileName)
  }
  writer.write("]\n")
}

private func emitGroup(_ group: FleetGroup, into writer: inout TextWriter) {
  writer.write("    ")
  writer.write(group.name)
  writer.write(":\n      hosts:\n")
  for name in group.members {
    writer.write("        \"")
    writer.write(name)
    writer.write("\":\n")
  }
}
