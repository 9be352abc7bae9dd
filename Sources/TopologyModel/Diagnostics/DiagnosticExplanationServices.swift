/// RC0725 to RC0739: service functions and services.
let serviceExplanations: [DiagnosticCode: String] = [
  .functionWithoutInterface: """
  A service function has no interface.
  A function sends on packets of others, with their sources. The interface that they come from is
  what tells the host that they were there: the next step of the chain and the exception to
  anti-spoofing hang on it.

      wrong: { name: ids1, host: h2, tenant: acme, segment: ids, endpoint: 9 }
      right: { name: ids1, host: h2, tenant: acme, segment: ids, endpoint: 9, interface: ep-ids1 }

  Write `interface:` here, or list the endpoint on its host with one.
  """,
  .functionConflict: """
  A service function contradicts another thing on its host.
  It is one endpoint with another function, its listed endpoint has another interface, or another
  endpoint of the host has its name.

      wrong: - { name: fw, host: h2, tenant: t, segment: s, endpoint: 9, interface: ep-a }
             - { name: ids, host: h2, tenant: t, segment: s, endpoint: 9, interface: ep-b }
      right: - { name: fw, host: h2, tenant: t, segment: s, endpoint: 9, interface: ep-a }
             - { name: ids, host: h2, tenant: t, segment: s, endpoint: 10, interface: ep-b }

  Give one of them another id, name or interface.
  """,
  .functionOutsideNetworks: """
  A service function has no address that packets could be sent to.
  Its tenant has no network on its host, or none of a family that a service leads through it.

      wrong: { name: inspect, networks: [pods], segments: [fw] }           # IPv4 only
      right: { name: inspect, networks: [pods, pods6], segments: [fw] }

  Give the tenant of the function a network there, or narrow the service to one family.
  """,
  .functionElsewhere: """
  A service has sources in a region that its function is not in.
  Packets reach a function over the fabric of its region; between regions there is no way for them.

      wrong: { name: s, from: { tenant: acme }, via: [fw-dc1] }        # acme is in dc1 and dc2
      right: { name: s1, from: { tenant: acme, region: dc1 }, via: [fw-dc1] }
             { name: s2, from: { tenant: acme, region: dc2 }, via: [fw-dc2] }

  Write a service for each region, with functions of its own.
  """,
  .serviceWithoutSource: """
  A service has no source that is made of endpoints.
  Packets are led on the host that holds the endpoint that sends them, so addresses outside the
  fabric, hosts and `any` can't be a source.

      wrong: { name: s, from: any, to: { tenant: acme }, via: [fw] }
      right: { name: s, from: { tenant: acme, segment: web }, to: any, via: [fw] }

  Name tenants, segments or places.
  """,
  .servicePeer: """
  A service leads to something that is not reached through the fabric.
  What an endpoint sends to its own host never leaves it, and other hosts are closed to endpoints.

      wrong: { name: s, from: { tenant: acme }, to: { local_host: true }, via: [fw] }
      right: { name: s, from: { tenant: acme }, to: any, via: [fw] }

  Name endpoints, CIDRs, or `any`.
  """,
  .chainThroughItself: """
  A service goes through one function twice.
  A packet that comes from a function looks the same each time, so it would be sent round in
  circles.

      wrong: via: [fw, ids, fw]
      right: via: [fw, ids]

  Remove one of the two.
  """,
  .chainTooLong: """
  A service has more functions than the marks of its steps have room for: seven.

      wrong: via: [a, b, c, d, e, f, g, h]
      right: via: [a, b, c, d, e, f, g]

  Join functions, or remove some.
  """,
  .servicesContradict: """
  Two services of one priority are about the same packets, and each has a way of its own for them.
  The message names a packet. A packet has one service: of several the one with the lowest
  `priority:`.

      wrong: - { name: to-db, from: { tenant: a, segment: web }, to: { tenant: b }, via: [ids] }
             - { name: all, from: { tenant: a, segment: web }, via: [fw] }
      right: - { name: to-db, priority: 50, from: { tenant: a }, to: { tenant: b }, via: [ids] }
             - { name: all, from: { tenant: a, segment: web }, via: [fw] }

  Narrow one of them, or give the one that is to have the packets a lower priority.
  """,
  .returnFromOutside: """
  A service with `return: true` leads to addresses that are no endpoints.
  What comes from outside the fabric is led nowhere: no host of the fabric holds its source. A
  function that must see both directions would see half of these flows.

      wrong: { name: s, from: { tenant: acme }, to: any, via: [fw], return: true }
      right: { name: s, from: { tenant: acme }, to: { tenant: shop }, via: [fw], return: true }

  Name endpoints under `to:`.
  """,
  .serviceMatchesNothing: """
  A service is about no packet at all.
  Its sides have no address family in common, or nothing that it names has addresses where it is
  named.

      wrong: { name: s, from: { tenant: v4only }, to: { cidr: "2001:db8::/32" }, via: [fw] }
      right: { name: s, from: { tenant: v4only }, to: { cidr: 192.0.2.0/24 }, via: [fw] }

  Correct it, or remove it.
  """,
  .functionOnDrainedHost: """
  A function is on a host that is drained: nothing is routed there.
  On other hosts it counts as down: with `fail: closed` the packets of its services are refused,
  with `fail: open` they go on without it.

      wrong: { name: h2, state: drained }    # and { name: fw, host: h2, … }
      right: { name: h2 }

  Move the function, or make the host active again.
  """,
]
