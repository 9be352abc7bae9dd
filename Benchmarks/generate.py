#!/usr/bin/env python3
"""Writes a dual-stack topology of N hosts for the benchmark.

    generate.py --hosts 10000 [--split] FOLDER

Writes FOLDER/topology.yaml; with --split the racks stand in files of their own, FOLDER/racks/<rack>.yaml, which the
main file includes. The output depends on the options only.

The fabric: racks of 40 hosts with one ToR each, up to 64 racks and 2 spines a region (a two-tier pod of 2,560 hosts,
which a pair of 64-port spines can carry; a larger fabric has more regions), protocol bgp, speaker bird, ToRs and
spines os frr, 100 tenants of 4 segments. Hosts are written out by name, so that parsing is measured too.

The address plan. IPv6 has room for everything: fd00:10::/32. IPv4 does not, and no plan could change that: with 100
tenants (ids from 1: 7 bits) of 4 segments (ids from 1: 3 bits) and endpoint ids 0 to 2 reserved (2 bits leave one
endpoint a segment and host) each host needs 7 + 3 + 2 = 12 bits. A region of 64 racks of 64 host slots adds
6 + 6 bits, so that one region fills a whole /8. 100,000 hosts are 2,500 racks in 40 regions (6 bits): a /2. The
hosts alone take 100,000 x 4,096 = 410 million addresses, 18 times all private and shared IPv4 space together; inside
10.0.0.0/8 such a fabric has 24 - 18 = 6 bits left below the host, which is one tenant.
What this does about it: all sizes share one layout, so that the work a host causes (prefixes, rules, sessions) is the
same at each size and the growth of time can be read, and the network is 64.0.0.0/(8 - region bits): /7 for one
region, /6 for four, /2 for forty. Such an operator does not exist; the sizes of the files are what they would be.
"""

import argparse
import os

HOSTS_PER_RACK = 40
RACKS_PER_REGION = 64
SPINES_PER_REGION = 2
MAX_REGIONS = 63  # of 6 bits; the 64th would be 127.0.0.0/8
TENANTS = 100
SEGMENTS = ("web", "app", "db", "cache")


def region_bits(region_count):
    """The bits of the region field; at least one, because the language knows no field of width 0."""
    return max(1, (region_count - 1).bit_length())


def head(region_count):
    """Yields the lines of the main file up to its regions."""
    bits = region_bits(region_count)
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
    yield f"    cidr: 64.0.0.0/{8 - bits}"
    yield f"    bits: {{ region: {bits}, rack: 6, host: 6, tenant: 7, segment: 3, endpoint: 2 }}"
    if bits == 6:
        yield "    exclude: [127.0.0.0/8]"
    yield "  - name: pods6"
    yield "    cidr: fd00:10::/32"
    yield "    bits: { region: 8, rack: 8, host: 16, tenant: 16, segment: 16, endpoint: 32 }"
    yield ""
    yield "tenants:"
    for tenant in range(1, TENANTS + 1):
        yield f"  - name: tenant{tenant:03d}"
        yield "    segments:"
        for name in SEGMENTS:
            yield f"      - {{ name: {name} }}"
    yield ""


def region_lines(region):
    """Yields the lines of one region without its racks.

    Underlay: links in 172.24.0.0/13, a /20 a region; loopbacks in 172.29.0.0/16 (ToRs in 172.28.0.0/16).
    """
    yield f"  - name: dc{region + 1:02d}"
    yield "    kind: datacenter"
    yield f"    link_pool: 172.{24 + region // 16}.{region % 16 * 16}.0/20"
    yield f"    link_pool6: fd00:31:0:{region:x}::/64"
    yield "    spines:"
    for spine in range(SPINES_PER_REGION):
        yield f"      - {{ name: dc{region + 1:02d}-spine{spine + 1}, loopback: 172.29.{region}.{spine + 1}, os: frr }}"


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
    parser.add_argument("--hosts", type=int, required=True, help="1 to 161,280 (63 regions of 64 racks of 40)")
    parser.add_argument("--split", action="store_true", help="a file a rack, included by the main file")
    parser.add_argument("folder")
    options = parser.parse_args()
    if not 1 <= options.hosts <= MAX_REGIONS * RACKS_PER_REGION * HOSTS_PER_RACK:
        parser.error("--hosts is out of range")
    print(generate(options.hosts, options.folder, options.split))


if __name__ == "__main__":
    main()
