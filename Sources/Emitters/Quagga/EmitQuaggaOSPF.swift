import TopologyModel

/// Spells `ospfd.conf` for Quagga 1.2 (Quagga manual, "OSPFv2"): one link to the ToR, and the gateway interface, whose
/// prefix is announced as a stub link since ospfd knows no stub networks without an interface ("OSPF router",
/// `passive-interface`).
func emitQuaggaOSPF(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "ospfd (Quagga 1.2)", comment: "!", into: &writer)
  emitQuaggaHead(device, into: &writer)
  emitInsertions(device.insertions(.quaggaOSPF, .before), comment: "!", into: &writer)
  if let ospf = device.ospf {
    for interface in ospf.interfaces { emitInterface(interface, into: &writer) }
    for interface in ospf.passive { emitPassive(interface, into: &writer) }
    emitRouter(ospf, into: &writer)
  }
  writer.write("line vty\n!\n")
  emitInsertions(device.insertions(.quaggaOSPF, .after), comment: "!", into: &writer)
  emitEndMarker(what: "ospfd (Quagga 1.2)", comment: "!", into: &writer)
}

/// The manual's section "OSPF interface".
private func emitInterface(_ interface: OSPFInterface, into writer: inout TextWriter) {
  writer.write("interface ")
  writer.write(interface.name)
  writer.newline()
  emitArea(interface.area, into: &writer)
  let secret = interface.authenticated.contains(.ipv4) ? interface.secret : nil
  if secret != nil { writer.write(" ip ospf authentication message-digest\n") }
  emitNumber(" ip ospf cost ", interface.cost, into: &writer)
  emitNumber(" ip ospf dead-interval ", interface.deadInterval, into: &writer)
  emitNumber(" ip ospf hello-interval ", interface.helloInterval, into: &writer)
  if let secret {
    writer.write(" ip ospf message-digest-key 1 md5 ")
    writer.write(secret: secret, maximum: maximumOSPFKey)
    writer.newline()
  }
  writer.write(" ip ospf network point-to-point\n!\n")
}

private func emitPassive(_ interface: OSPFPassiveInterface, into writer: inout TextWriter) {
  writer.write("interface ")
  writer.write(interface.name)
  writer.newline()
  emitArea(interface.area, into: &writer)
  if let cost = interface.cost { emitNumber(" ip ospf cost ", cost, into: &writer) }
  writer.write("!\n")
}

/// The sections "OSPF router" and "OSPF area". An interface whose key is missing would be open, so the place of the key
/// stands for one that is passive until `secrets.sh` has filled it in.
private func emitRouter(_ ospf: OSPFPlan, into writer: inout TextWriter) {
  writer.write("router ospf\n ospf router-id ")
  writer.write(ospf.routerID)
  writer.newline()
  for interface in ospf.interfaces where interface.authenticated.contains(.ipv4) {
    writer.write(" ! <until-secret>\n passive-interface ")
    writer.write(interface.name)
    writer.newline()
  }
  for interface in ospf.passive {
    writer.write(" passive-interface ")
    writer.write(interface.name)
    writer.newline()
  }
  for area in ospf.areas where !area.isBackbone {
    writer.write(" area ")
    writer.write(area.text)
    writer.write(" stub\n")
  }
  writer.write("!\n")
}

private func emitArea(_ area: UInt32, into writer: inout TextWriter) {
  writer.write(" ip ospf area ")
  writer.write(Address(.ipv4, UInt128(area)))
  writer.newline()
}

private func emitNumber(_ words: StaticString, _ number: Int, into writer: inout TextWriter) {
  writer.write(words)
  writer.write(number)
  writer.newline()
}
