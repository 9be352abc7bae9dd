import TopologyModel

/// Spells `/etc/frr/daemons`, which the start script of FRR sources: which daemons run besides zebra and staticd, and with
/// what options (FRR manual, "Daemons Configuration File").
///
/// The terminals listen on the loopback only; zebra gets the netlink buffer that the distribution gives it.
func emitFRRDaemons(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "daemons of FRR", into: &writer)
  let hasBFD = device.bgp?.sessions.contains(where: \.bfd) ?? false
  if device.bgp != nil { writer.write("bgpd=yes\n") }
  if hasBFD { writer.write("bfdd=yes\n") }
  writer.write("vtysh_enable=yes\nzebra_options=\"-A 127.0.0.1 -s 90000000\"\n")
  if device.bgp != nil { writer.write("bgpd_options=\"-A 127.0.0.1\"\n") }
  if hasBFD { writer.write("bfdd_options=\"-A 127.0.0.1\"\n") }
  writer.write("staticd_options=\"-A 127.0.0.1\"\n")
  emitEndMarker(what: "daemons of FRR", into: &writer)
}
