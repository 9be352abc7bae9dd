import TopologyModel

/// Spells an imported topology as a file of the language.
package func emitImportedTopology(_ topology: ImportedTopology, into writer: inout TextWriter) {
  writer.write(
    "# Imported from a topology of Romana 2 by romana-compile. The lock file beside it has the prefix of every group,\n"
  )
  writer.write("# which are regions and racks here, and of every block: keep both together.\n")
  writer.write("romana: 1\nfabric: ")
  writer.write(topology.fabric)
  writer.write(
    """


    # Hosts of a rack share a segment, and have routes to the blocks of all hosts on it.
    defaults:
      access: l2
      protocol: static
      speaker: none

    networks:

    """)
  for network in topology.networks { write(network, into: &writer) }
  if !topology.tenants.isEmpty { writer.write("\ntenants:\n") }
  for tenant in topology.tenants {
    writer.write("  - { name: ")
    writer.write(tenant.name)
    writer.write(", segments: [")
    write(list: tenant.segments, into: &writer)
    writer.write("] }\n")
  }
  writer.write("\nregions:\n")
  for region in topology.regions { write(region, into: &writer) }
}

private func write(_ network: ImportedNetwork, into writer: inout TextWriter) {
  writer.write("  - name: ")
  writer.write(network.name)
  writer.write("\n    cidr: ")
  writer.write(network.cidr)
  writer.write("\n    block: ")
  writer.write(network.block)
  if let regions = network.regions {
    writer.write("\n    regions: [")
    write(list: regions, into: &writer)
    writer.write("]")
  }
  if !network.tenants.isEmpty {
    writer.write("\n    tenants: [")
    write(list: network.tenants, into: &writer)
    writer.write("]")
  }
  if !network.exclude.isEmpty {
    writer.write("\n    exclude: [")
    for (number, prefix) in network.exclude.enumerated() {
      if number > 0 { writer.write(", ") }
      writer.write(prefix)
    }
    writer.write("]")
  }
  writer.newline()
}

private func write(_ region: ImportedRegion, into writer: inout TextWriter) {
  writer.write("  - name: ")
  writer.write(region.name)
  writer.newline()
  for origin in region.origins {
    writer.write("    # ")
    writer.write(origin)
    writer.newline()
  }
  if !region.routers.isEmpty { writer.write("    spines:\n") }
  for router in region.routers {
    writer.write("      - { name: ")
    writer.write(router.name)
    writer.write(", loopback: ")
    writer.write(router.loopback)
    writer.write(", os: linux }\n")
  }
  writer.write("    racks:\n")
  for rack in region.racks { write(rack, into: &writer) }
}

private func write(_ rack: ImportedRack, into writer: inout TextWriter) {
  writer.write("      - name: ")
  writer.write(rack.name)
  writer.newline()
  for origin in rack.origins {
    writer.write("        # ")
    writer.write(origin)
    writer.newline()
  }
  if let subnet = rack.subnet {
    writer.write("        subnet: ")
    writer.write(subnet)
    writer.newline()
  }
  writer.write(rack.hosts.isEmpty ? "        hosts: []\n" : "        hosts:\n")
  for host in rack.hosts { write(host, into: &writer) }
}

private func write(_ host: ImportedHost, into writer: inout TextWriter) {
  guard !host.blocks.isEmpty else {
    writer.write("          - { name: ")
    writer.write(host.name)
    writer.write(", address: ")
    writer.write(host.address)
    writer.write(" }\n")
    return
  }
  writer.write("          - name: ")
  writer.write(host.name)
  writer.write("\n            address: ")
  writer.write(host.address)
  writer.write("\n            blocks:\n")
  for blocks in host.blocks {
    writer.write("              - { tenant: ")
    writer.write(blocks.tenant)
    writer.write(", segment: ")
    writer.write(blocks.segment)
    writer.write(", endpoints: ")
    writer.write(blocks.endpoints)
    writer.write(", network: ")
    writer.write(blocks.network)
    writer.write(" }\n")
  }
}

private func write(list names: [Name], into writer: inout TextWriter) {
  for (number, name) in names.enumerated() {
    if number > 0 { writer.write(", ") }
    writer.write(name)
  }
}
