import TopologyModel

/// Spells `vlans.sh`: the list of what the host wants, then the program that makes it so.
///
/// One thing a line, as in `routes.sh`; rules and routes are spelled as ip(8) takes them.
func emitVLANScript(_ device: DevicePlan, into writer: inout TextWriter) {
  guard let plan = device.vlans else { return }
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "VLANs", into: &writer)
  writer.write(vlanScriptIntroduction)
  writer.write("wanted() {\n  cat <<'END'\n")
  if let mtu = plan.trunkMTU {
    writer.write("trunk ")
    writer.write(plan.trunk)
    writer.write(" mtu ")
    writer.write(mtu)
    writer.newline()
  }
  for interface in plan.interfaces { emitInterface(interface, plan.trunk, into: &writer) }
  for interface in plan.interfaces { emitTable(interface, into: &writer) }
  for family in AddressFamily.allCases { emitRules(plan, family, into: &writer) }
  writer.write("END\n}\n\n")
  writer.write(vlanProgramHead)
  writer.write(vlanDecision)
  writer.write(vlanProgramTail)
  writer.write(watchFunction)
  writer.write(vlanMain)
  emitEndMarker(what: "VLANs", into: &writer)
}

private func emitInterface(_ interface: VLANInterface, _ trunk: InterfaceName, into writer: inout TextWriter) {
  writer.write("vlan ")
  writer.write(interface.interface)
  writer.write(" link ")
  writer.write(trunk)
  writer.write(" id ")
  writer.write(interface.id)
  if let mtu = interface.mtu {
    writer.write(" mtu ")
    writer.write(mtu)
  }
  writer.write("  # ")
  writer.write(interface.vlan)
  writer.newline()
  for item in interface.addresses {
    writer.write("address ")
    writer.write(interface.interface)
    writer.write(" ")
    writer.write(item.address)
    writer.write("/")
    writer.write(item.length)
    writer.newline()
  }
}

/// A discard route of the worst metric lies below each route over the gateway: when that goes with its link, nothing falls
/// through to the main table and stays on the host.
private func emitTable(_ interface: VLANInterface, into writer: inout TextWriter) {
  for route in interface.routes {
    func begin(_ kind: StaticString) {
      writer.write("route ")
      writer.write(interface.table)
      writer.write(kind)
      writer.write(route.prefix)
    }
    switch route.target {
    case .main:
      begin(" throw ")
    case .gateway(let address):
      begin(" ")
      writer.write(" via ")
      writer.write(address)
      writer.write(" dev ")
      writer.write(interface.interface)
      writer.newline()
      begin(" blackhole ")
      writer.write(" metric 4294967295")
    }
    writer.newline()
  }
}

private func emitRules(_ plan: VLANPlan, _ family: AddressFamily, into writer: inout TextWriter) {
  func begin(_ priority: Int) {
    writer.write("rule ")
    writer.write(family.digit)
    writer.write(" ")
    writer.write(priority)
  }
  guard plan.interfaces.contains(where: { $0.sources.contains { $0.family == family } }) else { return }
  for interface in plan.mainInterfaces {
    begin(vlanRulePriorities.arriving)
    writer.write(" iif ")
    writer.write(interface)
    writer.write(" lookup main\n")
  }
  for interface in plan.interfaces {
    for source in interface.sources where source.family == family {
      begin(vlanRulePriorities.sent)
      writer.write(" from ")
      writer.write(source)
      writer.write(" lookup ")
      writer.write(interface.table)
      writer.newline()
    }
  }
}

/// Spells `romana-vlans.service` (systemd.service(5)): the VLANs at boot, before the routes that lead over them, and
/// again after every change of a link.
func emitVLANUnit(_ device: DevicePlan, into writer: inout TextWriter) {
  emitWatchUnit(
    device,
    WatchUnit(
      script: "vlans.sh", what: "service for the VLANs", description: "VLANs", name: "romana-vlans",
      isBeforeRoutes: true),
    into: &writer)
}

private let vlanScriptIntroduction: StaticString = #"""
  # Install as /etc/romana/vlans.sh; romana-vlans.service runs it at boot and after every change of a link.
  #
  #   vlans.sh            makes sub-interfaces, their addresses, the VLANs' routing tables and the rules that lead
  #                       to them equal to the list below
  #   vlans.sh --dry-run  prints the commands that this would take; needs no root
  #   vlans.sh --watch    does so now and after every change of a link or an address
  #
  # Ours are: routes of protocol 77 in the tables 7740001 to 7744094, rules of priority 7710 and 7711
  # with protocol 77, and interfaces with the alias romana-vlan. An interface that has the wanted name already is used as it is.
  #
  # Exit status: 0 done; 1 refused or failed, see standard error; 3 done, but a VLAN's link is missing or down
  # and what leads over it is not there now; 64 wrong usage. Needs sh, awk, iproute2 and flock (util-linux).
  set -eu
  export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"


  """#
