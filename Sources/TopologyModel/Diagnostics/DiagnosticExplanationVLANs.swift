/// RC0430 to RC0439: VLANs.
let vlanExplanations: [DiagnosticCode: String] = [
  .duplicateVLANID: """
  Two VLANs have the same id, or a rack carries a VLAN twice.
  On a trunk the id (the tag of IEEE 802.1Q, 1 to 4094) is all that tells the frames of one VLAN
  from those of another.

      wrong: vlans: [{ name: red, id: 10 }, { name: blue, id: 10 }]
      right: vlans: [{ name: red, id: 10 }, { name: blue, id: 20 }]

  Give each VLAN an id of its own.
  """,
  .vlansNotPossible: """
  A rack has VLANs, but not what they need.
  A VLAN is a segment that hosts share (`access: l2`), and the one ToR of the rack is the gateway
  of each. What goes from one VLAN to another passes it, even between endpoints of one host.

      wrong: { name: rack1, vlans: [{ vlan: red, … }] }                 # access: l3 by default
      right: { name: rack1, access: l2, tors: [{ name: tor1, … }], vlans: [{ vlan: red, … }] }

  Write `access: l2`, and give the rack exactly one ToR.
  """,
  .vlanNotInRack: """
  A host is to be on a VLAN that its rack does not carry.
  The ToR is the gateway of the VLAN: where it is not configured for one, a host has nobody to
  talk to.

      wrong: vlans: [{ vlan: red, … }] on the rack, vlans: [blue] on the host
      right: vlans: [{ vlan: red, … }, { vlan: blue, … }] on the rack, vlans: [blue] on the host

  Add the VLAN to the rack, or take the host off it. Without `vlans:` a host is on all of its
  rack.
  """,
  .dedicatedToSeveral: """
  A dedicated host is on several VLANs.
  A dedicated node has endpoints of one VLAN only; its port is an access port, without tags. A
  shared node is on several, by a trunk.

      wrong: { name: h1, node: dedicated, vlans: [red, blue] }
      right: { name: h1, node: dedicated, vlans: [red] }
      right: { name: h1, node: shared, vlans: [red, blue] }

  Name one VLAN, or write `node: shared`.
  """,
  .endpointVLAN: """
  An endpoint is listed on a host that is not on its VLAN.
  The network of an endpoint's address binds it to a VLAN, and only hosts on the VLAN have
  addresses of the network. On a `node: dedicated` there are endpoints of one VLAN only.

      wrong: { name: h1, node: dedicated, vlans: [red], endpoints: [{ network: blue-pods, … }] }
      right: { name: h1, node: shared, vlans: [red, blue], endpoints: [{ network: blue-pods, … }] }

  Put the endpoint elsewhere, or the host on the VLAN.
  """,
  .vlanMTU: """
  A VLAN has a larger MTU than the uplink of a host on it.
  A sub-interface can't carry larger packets than the interface below it; the tag itself takes no
  room of the MTU.

      wrong: vlans: [{ name: red, id: 10, mtu: 9000 }] and mtu: 1500 for a host on it
      right: vlans: [{ name: red, id: 10, mtu: 1500 }] and mtu: 9000 for the host

  Raise the host's `mtu:`, or lower the VLAN's.
  """,
  .vlanWithoutNetwork: """
  A rack carries a VLAN that no network of its region is bound to.
  Endpoints come to a VLAN by the network of their addresses. Hosts have an interface in such a
  VLAN, but no endpoint can be in it.

      wrong: vlans: [{ name: red, id: 10 }], carried by a rack, and no network with vlan: red
      right: networks: [{ name: pods-red, vlan: red, … }]

  Bind a network, or remove the VLAN from the rack.
  """,
  .networkOnNoHost: """
  No host has addresses of a network.
  A network that is bound to a VLAN exists on the hosts of that VLAN, one that is not on hosts
  that are on no VLAN. There are none of the kind, so endpoints can't have addresses of it.

      wrong: networks: [{ name: pods, … }] without vlan:, and every rack has vlans:
      right: networks: [{ name: pods, vlan: red, … }]

  Bind the network to a VLAN that hosts are on, or remove it.
  """,
  .vlanGateway: """
  The gateway of a VLAN is none of the addresses that its subnet has for gateways.
  As on every segment the first nine addresses after the network's own are reserved for gateways,
  and those of the hosts follow.

      wrong: { vlan: red, subnet: 172.16.10.0/24, gateway: 172.16.10.254 }
      right: { vlan: red, subnet: 172.16.10.0/24, gateway: 172.16.10.9 }

  Choose one of the nine, or leave `gateway:` out: it is the first then.
  """,
  .subinterface: """
  The sub-interface of a VLAN can't have its name.
  A shared host has a sub-interface a VLAN, called like its uplink with a dot and the id: eth0.10.
  Linux allows 15 characters, and the pattern of endpoint interfaces must not match it.

      wrong: interface: enp129s0f0np0 and the id 1000       # enp129s0f0np0.1000 has 18 characters
      right: interface: uplink0                             # uplink0.1000

  Give the uplink a shorter name (systemd.link(5)), or another pattern to `endpoint_interface:`.
  """,
]
