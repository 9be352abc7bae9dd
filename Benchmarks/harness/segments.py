"""Topologies with many segments and policies, and the same isolation and policies as a plain list of rules."""

import os

ENDPOINT_BITS, SEGMENT_BITS, TENANT_BITS = 5, 3, 13
SEGMENTS_OF_A_TENANT = 4
MOST = SEGMENTS_OF_A_TENANT * ((1 << TENANT_BITS) - 1)
NETWORK = 10 << 24
MASK = 0xFF000000 | ((1 << TENANT_BITS + SEGMENT_BITS) - 1) << ENDPOINT_BITS


def identity(number):
    """The ids of the tenant and segment of the segment `number`, from 1; the compiler gives ids from 1 in order."""
    tenant, segment = divmod(number - 1, SEGMENTS_OF_A_TENANT)
    return tenant + 1, segment + 1


def names(number):
    tenant, segment = identity(number)
    return f"t{tenant}", f"s{segment}"


def value(number):
    tenant, segment = identity(number)
    return NETWORK | (tenant << SEGMENT_BITS | segment) << ENDPOINT_BITS


def dotted(bits):
    return ".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0))


def address(number, endpoint):
    """An endpoint of a segment on the first host."""
    return dotted(value(number) | endpoint)


def policies(count):
    """From, to and port of each policy: every segment may reach one far from it."""
    for number in range(1, count + 1):
        yield number, (number * 7 + count // 2) % count + 1, 1024 + number % 60000


def write_topology(path, count, backend):
    with open(path, "w", encoding="ascii") as file:
        def line(text):
            file.write(text + "\n")

        line("romana: 1")
        line("fabric: segments")
        line(f"defaults: {{ firewall: {{ backend: {backend} }} }}")
        line("networks:")
        line(f"  - {{ name: pods, cidr: 10.0.0.0/8, bits: {{ region: 0, rack: 1, host: 2, tenant: {TENANT_BITS}, "
             f"segment: {SEGMENT_BITS}, endpoint: {ENDPOINT_BITS} }} }}")
        line('  - { name: pods6, cidr: "fd00:10::/32", bits: { region: 4, rack: 12, host: 16, tenant: 16, segment: 8, endpoint: 40 } }')
        line("tenants:")
        for first in range(1, count + 1, SEGMENTS_OF_A_TENANT):
            found = [names(number) for number in range(first, min(first + SEGMENTS_OF_A_TENANT, count + 1))]
            line(f"  - {{ name: {found[0][0]}, segments: [{', '.join(name for _, name in found)}] }}")
        line("policies:")
        for number, (source, destination, port) in enumerate(policies(count), 1):
            ends = [f"{{ tenant: {tenant}, segment: {segment} }}" for tenant, segment in (names(source), names(destination))]
            line(f"  - {{ name: p{number}, from: {ends[0]}, to: {ends[1]}, allow: [tcp/{port}] }}")
        line("regions:")
        line("  - name: dc1")
        line("    racks:")
        line('      - { name: rack1, subnet: 172.16.1.0/24, subnet6: "fd00:16:1::/64", '
             "tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }, { name: h2 }] }")


def write_lists(folder, count):
    """The reference: one rule for each policy, then one for each segment."""
    pairs = [(value(source), value(destination), port) for source, destination, port in policies(count)]
    pairs += [(value(number), value(number), None) for number in range(1, count + 1)]
    mask = dotted(MASK)
    with open(os.path.join(folder, "rules.v4"), "w", encoding="ascii") as file:
        file.write("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n")
        for source, destination, port in pairs:
            service = f" -p tcp -m tcp --dport {port}" if port else ""
            file.write(f"-A FORWARD -s {dotted(source)}/{mask} -d {dotted(destination)}/{mask}{service} -j ACCEPT\n")
        file.write("COMMIT\n")
    with open(os.path.join(folder, "rules.nft"), "w", encoding="ascii") as file:
        file.write("table inet romana {\n  chain forward {\n    type filter hook forward priority filter; policy drop;\n")
        for source, destination, port in pairs:
            service = f" tcp dport {port}" if port else ""
            file.write(f"    ip saddr & {mask} == {dotted(source)} ip daddr & {mask} == {dotted(destination)}{service} accept\n")
        file.write("  }\n}\n")
