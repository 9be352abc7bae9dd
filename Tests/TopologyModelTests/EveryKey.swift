/// Every key that compiles, once at least.
let everyKey = """
  romana: 1
  fabric: rich
  allow: [RC0506]
  asn_pool: 4200000000-4200000100
  defaults: { default_route: own, mtu: 9000, speaker: bird, bfd: auto, bgp_role: auto, firewall: { backend: iptables, mode: share }, access: l3, host_firewall: open, management: none }
  networks:
    - { name: pods, cidr: 10.0.0.0/9, bits: { region: 1, rack: 3, host: 6, tenant: 5, segment: 3, endpoint: 5 }, exclude: [10.63.0.0/16], regions: [dc1, dc2] }
    - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 12, host: 16, tenant: 8, segment: 8, endpoint: 48 } }
    - { name: lab, cidr: 10.128.0.0/12, bits: { tenant: 2, segment: 2, endpoint: 4 }, capacity: { racks: 8, hosts: 64 }, regions: [dc1], tenants: [qa], exclude: [10.143.0.0/16, 10.128.0.0/22] }
    - { name: lab6, cidr: "fd00:20::/32", bits: { tenant: 8, segment: 8, endpoint: 64 }, tenants: [qa], renamed_from: lab7 }
    - { name: pods-red, cidr: 10.144.0.0/12, vlan: red, bits: { tenant: 5, segment: 3, endpoint: 5 }, capacity: { racks: 4, hosts: 8 } }
    - { name: pods6-red, cidr: "fd00:30::/32", vlan: red, bits: { tenant: 8, segment: 8, endpoint: 48 }, regions: [dc1] }
  vlans: [{ name: red, id: 10, mtu: 1500 }, { name: blue, id: 4094 }]
  tenants:
    - { name: acme, id: 1, isolation: segment, segments: [{ name: web, id: 1 }, { name: db, id: 2 }] }
    - { name: qa, networks: [lab, lab6], egress: deny, segments: [build, { name: test, renamed_from: old }] }
    - { name: all, isolation: none, networks: [pods, pods6], segments: [one], renamed_from: every }
  policies:
    - { name: p1, description: "one: two", priority: 7, direction: both, from: { tenant: acme, segment: [web, db] }, to: [{ tenant: [qa, all] }, { rack: rack1, region: dc2 }], allow: [tcp/22, udp/53-54, sctp, icmp, icmp/8, icmpv6/128], deny: tcp/23 }
    - { name: p2, direction: egress, from: { tenant: qa, hosts: [h1] }, to: [{ cidr: [198.51.100.0/24, "2001:db8:99::/64"] }, { hosts: h2 }, { local_host: true }], allow: any }
    - { name: p3, from: any, to: { tenant: acme, region: [dc1, dc2] }, deny: [any], overrides_isolation: true, priority: 9 }
  regions:
    - name: dc1
      link_pool: 172.31.0.0/24
      link_pool6: "2001:db8:31::/64"
      links: [{ between: [tor1, spine2], prefix: 172.31.0.8/31 }, { between: [tor2, spine1], prefix6: "2001:db8:99::4/127" }]
      spines:
        - { name: spine1, loopback: 192.0.2.201, asn: 4200000000 }
        - { name: spine2, id: 5, loopback: 192.0.2.202, asn: 4200000000, max_static_routes: 2000 }
      racks:
        - name: rack1
          id: 2
          subnet: 172.16.1.0/24
          subnet6: "2001:db8:16:1::/64"
          tors: [{ name: tor1, loopback: 192.0.2.1, asn: 4200000001 }]
          hosts:
            - { name: h1, id: 0, interface: eth1, endpoint_interface: "veth+" }
            - { name: h2, id: 9, address: 172.16.1.41, address6: "2001:db8:16:1::99", state: drained, endpoints: [{ name: vm1, tenant: acme, segment: web, id: 11, interface: ep-vm1 }, { name: vm2, tenant: qa, segment: test, id: 5, network: lab }] }
            - { range: "h[03-10]", asn: 64512, host_firewall: strict, firewall: { mode: own, sets: ipset }, management: [{ from: [192.0.2.0/24, "2001:db8:7::/48"], allow: [tcp/22, icmp/8] }] }
        - name: rack2
          subnet: 172.16.2.0/24
          subnet6: "2001:db8:16:2::/64"
          protocol: static
          tors: [{ name: tor2, loopback: 192.0.2.2, id: 65535 }]
          hosts: [{ name: g1 }, { name: g2, speaker: none }, { name: g3, default_route: none, renamed_from: g9 }]
        - name: rack3
          interface: [eth0, eth1]
          pair: spines
          tors:
            - { name: tor3, loopback: 192.0.2.3, subnet: 172.16.3.0/25, subnet6: "2001:db8:16:3::/64", mtu: 9000 }
            - { name: tor4, loopback: 192.0.2.4, subnet: 172.16.3.128/25, subnet6: "2001:db8:16:4::/64", mtu: 9000 }
          hosts: [{ name: d1 }]
        - name: rack4
          access: l2
          vlans:
            - { vlan: red, subnet: 172.16.40.0/24, subnet6: "2001:db8:16:40::/64", gateway: 172.16.40.3, gateway6: "2001:db8:16:40::3" }
          tors: [{ name: tor5, loopback: 192.0.2.5 }]
          hosts: [{ name: v1, vlans: [red], node: dedicated }, { name: v2, node: shared, address: 172.16.40.99 }, { name: v3 }]
    - name: dc2
      id: 1
      protocol: static
      link_pool: 172.31.1.0/24
      link_pool6: "2001:db8:32::/64"
      spines: [{ name: s21, loopback: 192.0.2.211, os: linux }]
      racks:
        - { name: rack1, subnet: 172.17.1.0/24, subnet6: "2001:db8:17::/64", tors: [{ name: t21, loopback: 192.0.2.21, os: linux }], hosts: [{ range: "k[1-3]", speaker: none }] }
        - { name: rack2, subnet: 172.17.2.0/24, subnet6: "2001:db8:18::/64", tors: [{ name: t22, loopback: 192.0.2.22, os: frr }], hosts: [] }
    - name: us-east-1
      kind: ec2
      egress: routed
      vpc: { cidr: 172.20.0.0/16, cidr6: "2001:db8:f00::/56", id: vpc-0a1b2c3d, routes_quota: 500, other_routes: 3, route_table: rtb-0a1b2c3d, security_group: sg-0a1b2c3d4e5f60718, names: listed }
      zones:
        - { name: us-east-1a, id: 0, subnet: 172.20.1.0/24, subnet6: "2001:db8:f00:1::/64", router: 172.20.1.1, router6: "2001:db8:f00:1::1", hosts: [{ name: i1, eni: eni-0a1b2c3d, gateway: true, source_dest_check: off, address: 172.20.1.10, address6: "2001:db8:f00:1::10" }, { range: "i[2-3]", gateway: false }] }
        - { name: us-east-1b, renamed_from: us-east-1c, subnet: 172.20.2.0/24, subnet6: "2001:db8:f00:2::/64", route_table: rtb-0a1b2c3e, mtu: 9001, hosts: [{ name: j1, renamed_from: j0 }] }
  """
