/// RC0740 to RC0744: what comes to hosts themselves, and sets of addresses.
let hostFirewallExplanations: [DiagnosticCode: String] = [
  .strictWithoutManagement: """
  A host would drop everything that its operators send to it.
  `host_firewall: strict` drops what comes to a host itself, but for replies, ICMP, DHCP and the
  routing protocols of its own links. SSH, and so Ansible, needs an entry of `management`.

      wrong: defaults: { host_firewall: strict }
      right: defaults:
               host_firewall: strict
               management: [{ from: 192.0.2.0/24, allow: [tcp/22] }]

  Add the addresses that operators come from; `management: none` says that there is another way in.
  """,
  .managementFromEndpoints: """
  An entry of `management` names addresses of endpoints.
  What endpoints want of hosts is decided by policies, before `management` is asked.

      wrong: management: [{ from: 10.0.0.0/16, allow: [tcp/9100] }]        # 10.0.0.0/9 are endpoints
      right: policies:
               - { name: metrics, from: { tenant: tools }, to: { hosts: [h1] }, allow: [tcp/9100] }

  Write a policy.
  """,
  .managementWithoutStrict: """
  An entry of `management` has no effect, since no host is filtered itself.
  With `host_firewall: open`, the default, traffic of the hosts themselves is never touched.

      wrong: defaults: { management: [{ from: 192.0.2.0/24, allow: [tcp/22] }] }
      right: defaults:
               host_firewall: strict
               management: [{ from: 192.0.2.0/24, allow: [tcp/22] }]

  Add `host_firewall: strict`, or remove it. A warning: nothing is affected.
  """,
  .strictBesideOthers: """
  A host is to decide about all that comes to it, next to filters of others.
  With `mode: share` the compiler decides about the traffic of endpoints only, and what others accept
  for the host would be dropped by `host_firewall: strict`.

      wrong: { firewall: { mode: share }, host_firewall: strict }
      right: { firewall: { mode: own }, host_firewall: strict }

  Choose one of the two.
  """,
  .setsOfOtherBackend: """
  Sets of ipset are asked for on a host whose packet filter is made with nft.
  A table of nft holds long lists of addresses in sets of its own; ipset belongs to iptables.

      wrong: firewall: { backend: nft, sets: ipset }
      right: firewall: { backend: iptables, sets: ipset }

  Remove `sets:`, or choose iptables.
  """,
]
