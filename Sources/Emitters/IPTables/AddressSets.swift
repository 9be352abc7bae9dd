import TopologyModel

/// Spells `ipset.conf` for `ipset restore` (ipset(8)): the sets of both families that `rules.v4` and `rules.v6` refer to, by
/// name, each with its members in order.
///
/// The type `hash:net` holds prefixes; `maxelem` is above the number of members, since a full set refuses more.
func emitAddressSets(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "address sets", into: &writer)
  writer.write("# Loaded by firewall.sh.\n")
  guard let firewall = device.firewall else { return }
  for (family, filter) in [("inet", firewall.ipv4), ("inet6", firewall.ipv6)] as [(StaticString, HostFilter)] {
    for set in filter.sets.sorted(by: { $0.name < $1.name }) { write(set, family, into: &writer) }
  }
  emitEndMarker(what: "address sets", into: &writer)
}

private func write(_ set: AddressSet, _ family: StaticString, into writer: inout TextWriter) {
  var capacity = 65_536
  while capacity < set.prefixes.count { capacity *= 2 }
  writer.write("create ")
  writer.write(set.name)
  writer.write(" hash:net family ")
  writer.write(family)
  writer.write(" maxelem ")
  writer.write(capacity)
  writer.newline()
  for prefix in set.prefixes {
    writer.write("add ")
    writer.write(set.name)
    writer.write(" ")
    writer.write(prefix)
    writer.newline()
  }
}
