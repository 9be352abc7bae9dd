import TopologyModel

/// Spells `/etc/frr/daemons`, which the start script of FRR sources: which daemons run besides zebra and staticd, and with
/// what options (FRR manual, "Daemons Configuration File").
///
/// The terminals listen on the loopback only; zebra gets the netlink buffer that the distribution gives it.
func emitFRRDaemons(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "daemons of FRR", into: &writer)
  let daemons = routingDaemons(device)
  for daemon in daemons {
    writer.write(daemon)
    writer.write("=yes\n")
  }
  writer.write("vtysh_enable=yes\nzebra_options=\"-A 127.0.0.1 -s 90000000\"\n")
  for daemon in daemons {
    writer.write(daemon)
    writer.write("_options=\"-A 127.0.0.1\"\n")
  }
  writer.write("staticd_options=\"-A 127.0.0.1\"\n")
  emitEndMarker(what: "daemons of FRR", into: &writer)
}

/// What runs besides zebra and staticd, in the order in which the start script of FRR starts them.
private func routingDaemons(_ device: DevicePlan) -> [StaticString] {
  var daemons: [StaticString] = device.bgp == nil ? [] : ["bgpd"]
  for family in device.ospf?.families ?? [] { daemons.append(family == .ipv4 ? "ospfd" : "ospf6d") }
  let hasBFD =
    device.bgp?.sessions.contains(where: \.bfd) ?? false || device.ospf?.interfaces.contains(where: \.bfd) ?? false
  if hasBFD { daemons.append("bfdd") }
  return daemons
}
