#!/usr/bin/env python3
"""Writes a dual-stack topology of N hosts for the benchmark.

    generate.py --hosts 10000 [--split] FOLDER

Writes FOLDER/topology.yaml; with --split the racks stand in files of their own, FOLDER/racks/<rack>.yaml, which the
main file includes. The output depends on the options only.

The fabric: racks of 40 hosts with one ToR each, up to 64 racks and 2 spines a region (a two-tier pod of 2,560 hosts,
which a pair of 64-port spines can carry; a larger fabric has more regions), protocol bgp, speaker bird, ToRs and
spines os frr, 100 tenants of 4 segments. Hosts are written out by name, so that parsing is measured too.

The address plan. IPv6 has room for everything: fd00:10::/32. IPv4 has not. With 100 tenants (ids from 1: 7 bits) of 4
segments (ids from 1: 3 bits) and the endpoint ids 0 to 2 reserved (2 bits leave one endpoint a segment and host) a
host needs 12 bits; a region of 64 racks of 64 host slots adds 6 + 6, so one region fills a /8. The largest IPv4
prefixes without an unusable block in them (0/8, 127/8, 169.254/16, 224/3) are a few /3, room for 32 regions or 81,920
hosts. 100,000 hosts are 2,500 racks in 40 regions, one bit more: 410 million addresses, 18 times all private and
shared IPv4 space together; in 10.0.0.0/8 alone, 6 bits would be left below the host, which is one tenant. So:

- up to 81,920 hosts all tenants are dual-stack, in 64.0.0.0/(8 - region bits): /8 for one region, /6 for four;
- beyond, 64.0.0.0/3 has 6 tenant bits: tenants 1 to 63 are dual-stack and 64 to 100 have IPv6 only.

No operator owns such blocks; the sizes of the files are what they would be. The alternative, two IPv4 networks at
100,000 hosts, would double the IPv4 rules of every host, since both need all tenants and segments.
"""

import argparse
import os

HOSTS_PER_RACK = 40
RACKS_PER_REGION = 64
SPINES_PER_REGION = 2
MAX_REGIONS = 64  # 6 bits
TENANTS = 100
SEGMENTS = ("web", "app", "db", "cache")


def head(region_count):
    """Yields the lines of the main file up to its regions."""
    region_bits = (region_count - 1).bit_length()
    tenant_bits = min(7, 29 - 17 - region_bits)  # of the 29 bits below a /3, rack, host, segment and endpoint take 17
    yield "romana: 1"
    yield "fabric: bench"
    yield ""
    yield "defaults:"
    yield "  access: l3"
    yield "  speaker: bird"
    yield "  protocol: bgp"
    yield "  interface: ens1f0"
    yield "  firewall: { backend: iptables, mode: own }"
    yield "  mtu: 9000"
    yield "asn_pool: 4200000000-4200999999"
    yield ""
    yield "networks:"
    yield "  - name: pods"
    yield f"    cidr: 64.0.0.0/{15 - region_bits - tenant_bits}"
    yield f"    bits: {{ region: {region_bits}, rack: 6, host: 6, tenant: {tenant_bits}, segment: 3, endpoint: 2 }}"
    yield "  - name: pods6"
    yield "    cidr: fd00:10::/32"
    yield "    bits: { region: 8, rack: 8, host: 16, tenant: 16, segment: 16, endpoint: 32 }"
    yield ""
    yield "tenants:"
    for tenant in range(1, TENANTS + 1):
        yield f"  - name: tenant{tenant:03d}"
        if tenant >= 1 << tenant_bits:
            yield "    networks: [pods6]"
        yield "    segments:"
        for name in SEGMENTS:
            yield f"      - {{ name: {name} }}"
    yield ""


def region_lines(region):
    """Yields the lines of one region without its racks.

    Underlay: links in 172.24.0.0/13, a /20 a region; loopbacks in 172.29.0.0/24 (ToRs in 172.28.0.0/16).
    """
    yield f"  - name: dc{region + 1:02d}"
    yield "    kind: datacenter"
    yield f"    link_pool: 172.{24 + region // 16}.{region % 16 * 16}.0/20"
    yield f"    link_pool6: fd00:31:0:{region:x}::/64"
    yield "    spines:"
    for spine in range(SPINES_PER_REGION):
        loopback = f"172.29.0.{region * SPINES_PER_REGION + spine}"
        yield f"      - {{ name: dc{region + 1:02d}-spine{spine + 1}, loopback: {loopback}, os: frr }}"


def rack_lines(region, rack, host_count):
    """Yields the lines of one item of `racks:`. Its subnet is a /25 in 172.16.0.0/12: 64 links of a /31."""
    number = region * RACKS_PER_REGION + rack
    name = f"dc{region + 1:02d}-r{rack + 1:02d}"
    yield f"      - name: {name}"
    yield f"        subnet: 172.{16 + number // 512}.{number % 512 // 2}.{number % 2 * 128}/25"
    yield f"        subnet6: fd00:16:{region:x}:{rack:x}::/64"
    yield "        tors:"
    yield f"          - {{ name: {name}-tor, loopback: 172.28.{number // 256}.{number % 256}, os: frr }}"
    yield "        hosts:"
    for host in range(host_count):
        yield f"          - {{ name: {name}-h{host + 1:02d}, interface: ens1f{host % 2} }}"


def plan(hosts):
    """The number of hosts in each rack, by region: a list of lists that sums to `hosts`."""
    counts = [min(HOSTS_PER_RACK, hosts - first) for first in range(0, hosts, HOSTS_PER_RACK)]
    return [counts[first:first + RACKS_PER_REGION] for first in range(0, len(counts), RACKS_PER_REGION)]


def write(path, lines):
    with open(path, "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)


def generate(hosts, folder, split):
    """Writes the topology into `folder`, which is created, and returns the path of its main file."""
    regions = plan(hosts)
    os.makedirs(folder, exist_ok=True)
    lines = list(head(len(regions)))
    if split:
        os.makedirs(os.path.join(folder, "racks"), exist_ok=True)
        lines += ["include: [racks/*.yaml]", ""]
    lines.append("regions:")
    for region, racks in enumerate(regions):
        lines += region_lines(region)
        if not split:
            lines.append("    racks:")
        for rack, host_count in enumerate(racks):
            if split:
                name = f"dc{region + 1:02d}"
                write(os.path.join(folder, "racks", f"{name}-r{rack + 1:02d}.yaml"),
                      ["regions:", f"  - name: {name}", "    racks:", *rack_lines(region, rack, host_count)])
            else:
                lines += rack_lines(region, rack, host_count)
    path = os.path.join(folder, "topology.yaml")
    write(path, lines)
    return path


def main():
    parser = argparse.ArgumentParser(description="writes a dual-stack topology of N hosts")
    parser.add_argument("--hosts", type=int, required=True, help="1 to 163,840 (64 regions of 64 racks of 40)")
    parser.add_argument("--split", action="store_true", help="a file a rack, included by the main file")
    parser.add_argument("folder")
    options = parser.parse_args()
    if not 1 <= options.hosts <= MAX_REGIONS * RACKS_PER_REGION * HOSTS_PER_RACK:
        parser.error("--hosts is out of range")
    print(generate(options.hosts, options.folder, options.split))


if __name__ == "__main__":
    main()
