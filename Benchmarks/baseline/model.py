"""From the topology file to what the templates need.

For the part of the language that the benchmark's topologies use: datacenter regions, fixed layouts, access l3,
protocol bgp, speaker bird, ToRs and spines os frr, no lock file. It trusts its input.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, collapse_addresses, ip_network

import yaml


@dataclass(slots=True, frozen=True)
class Network:
    """An endpoint network, and the lengths of the prefixes and the places of the fields that its layout gives."""
    name: str
    cidr: str
    version: int
    base: int
    length: int
    rack_bits: int
    rack_length: int
    host_length: int
    tenant_shift: int
    segment_shift: int
    tenant_bits: int
    segment_bits: int

    @property
    def width(self):
        return 32 if self.version == 4 else 128

    def prefix(self, number, length):
        """The prefix of that length whose field, counted from the network's start, is `number`."""
        return f"{address_text(self.version, self.base | number << self.width - length)}/{length}"

    def range_of_region(self, region):
        """Any rack aggregate of a region, as a prefix list permits it."""
        prefix = self.prefix(region << self.rack_bits, self.rack_length).split("/")[0]
        return f"permit {prefix}/{self.rack_length - self.rack_bits} ge {self.rack_length} le {self.rack_length}"

    @property
    def mask(self):
        """The bits of the network's own prefix."""
        return (1 << self.width) - (1 << self.width - self.length)

    def field(self, bits, length):
        """The match of all addresses whose tenant and segment field begins with some bits, on any host."""
        shift = self.tenant_shift + self.tenant_bits - length
        return match_text(self.version, self.base | bits << shift, self.mask | (1 << length) - 1 << shift)

    def tenant(self, tenant):
        return self.field(tenant, self.tenant_bits)

    def segment(self, tenant, segment):
        return self.field(tenant << self.segment_bits | segment, self.tenant_bits + self.segment_bits)

    def endpoints(self, number):
        """The match of all addresses that endpoints of a host may have: its prefix, spare bits zero."""
        shift = self.width - self.host_length
        field = (1 << self.tenant_shift + self.tenant_bits) - 1
        return match_text(self.version, self.base | number << shift, (1 << self.width) - 1 & ~field)

    def gateway(self, number):
        """Tenant 0, segment 0, endpoint 1 of a host."""
        return address_text(self.version, (self.base | number << self.width - self.host_length) + 1)


@dataclass(slots=True)
class Session:
    """One end of a BGP session, which has one family."""
    version: int
    local: str
    remote: str
    peer: str
    peer_role: str
    peer_asn: int


@dataclass(slots=True)
class OwnPrefix:
    """A prefix of a host or of a rack in a network; `endpoints` matches what a host's endpoints may have of it."""
    version: int
    text: str
    network: str
    endpoints: str = ""


@dataclass(slots=True)
class PeerGroup:
    """The sessions of a ToR or spine with one role and family. `role` is that of this end, and the filters are the
    same for all sessions, but for an `in_list` whose name ends with that of the peer."""
    name: str
    version: int
    role: str
    in_list: str
    in_list_by_peer: bool
    out_list: str
    sessions: list


@dataclass(slots=True)
class Device:
    name: str
    role: str
    asn: int
    router_id: str
    prefixes: list  # OwnPrefix: of a host its own, of a ToR the aggregates of its rack
    sessions: list
    interface: str = ""
    gateways: list = ()  # the addresses of a host's gateway interface
    neighbors: list = ()  # ToR: its hosts; spine: its ToRs, as Device
    rack: str = ""
    networks: list = ()  # ToR and spine: those of the fabric
    ranges: list = ()  # ToR and spine: (version, what any rack aggregate of the region is permitted as)

    @property
    def groups(self):
        """The peer groups in the order in which FRR prints them."""
        if self.role == "tor":
            kinds = (("host", "provider", "host-", True, "networks"),
                     ("spine", "customer", "region", False, f"rack-{self.name}"))
        else:
            kinds = (("tor", "provider", "rack-", True, "region"),)
        return [PeerGroup(f"{peer_role}s-v{version}", version, role, *lists,
                          [session for session in self.sessions
                           if session.version == version and session.peer_role == peer_role])
                for peer_role, role, *lists in kinds for version in (4, 6)]

    def lists(self, version):
        """The prefix lists of a ToR or spine, each a name and its entries, in the order of their first use."""
        own = [prefix.text for prefix in self.prefixes if prefix.version == version]
        region = [f"deny {text}" for text in own] + [text for family, text in self.ranges if family == version]
        lists = [(("host-" if self.role == "tor" else "rack-") + neighbor.name,
                  [f"permit {prefix.text}" for prefix in neighbor.prefixes if prefix.version == version])
                 for neighbor in self.neighbors]
        if self.role == "spine":
            return lists[:1] + [("region", region)] + lists[1:]
        networks = [f"permit {network.cidr}" for network in self.networks if network.version == version]
        return (lists[:1] + [("networks", networks)] + lists[1:] +
                [("region", region), (f"rack-{self.name}", [f"permit {text}" for text in own])])

    @property
    def discards(self):
        """The discard routes of a ToR, (prefix, purpose), sorted; a spine has none."""
        routes = []
        for network in self.networks if self.prefixes else ():
            routes.append((network.cidr, f"network {network.name}"))
            routes += [(prefix.text, f"rack {self.rack} {network.name}") for prefix in self.prefixes
                       if prefix.network == network.name]
        return routes


def address_text(version, number):
    return str(IPv4Address(number) if version == 4 else IPv6Address(number))


def match_text(version, value, mask):
    """`value/length`, or `value/mask` if the mask has gaps."""
    width = 32 if version == 4 else 128
    length = mask.bit_count()
    if mask == (1 << width) - (1 << width - length):
        return f"{address_text(version, value)}/{length}"
    return f"{address_text(version, value)}/{address_text(version, mask)}"


def load(path):
    with open(path, "rb") as file:
        return yaml.load(file, yaml.CSafeLoader)


def network_of(item):
    cidr, bits = ip_network(item["cidr"]), item["bits"]
    rack_length = cidr.prefixlen + bits["region"] + bits["rack"]
    segment_shift = bits["endpoint"]
    return Network(item["name"], str(cidr), cidr.version, int(cidr.network_address), cidr.prefixlen, bits["rack"],
                   rack_length, rack_length + bits["host"], segment_shift + bits["segment"], segment_shift, bits["tenant"],
                   bits["segment"])


class Fabric:
    """The whole topology. Devices are made region by region, so that one region's stand in memory at a time."""

    def __init__(self, document):
        self.name = document["fabric"]
        self.defaults = document["defaults"]
        self.networks = sorted(map(network_of, document["networks"]), key=lambda n: (n.version, n.base, n.length))
        self.bits = {item["name"]: item["bits"] for item in document["networks"]}
        self.tenants = [(number, item["name"], item.get("networks"), [segment["name"] for segment in item["segments"]])
                        for number, item in enumerate(document["tenants"], 1)]
        self.regions = document["regions"]
        self.first_asns = []
        asn = int(document["asn_pool"].split("-")[0])
        for region in self.regions:
            self.first_asns.append(asn)
            asn += 1 + sum(1 + len(rack["hosts"]) for rack in region["racks"])

    def underlay(self, version):
        """Every address block of the devices themselves, aggregated."""
        blocks = []
        for region in self.regions:
            blocks.append(region["link_pool" if version == 4 else "link_pool6"])
            blocks += [rack["subnet" if version == 4 else "subnet6"] for rack in region["racks"]]
            if version == 4:
                blocks += [spine["loopback"] for spine in region["spines"]]
                blocks += [rack["tors"][0]["loopback"] for rack in region["racks"]]
        return [str(block) for block in collapse_addresses(map(ip_network, blocks))]

    def number(self, network, region, rack, host=None):
        bits = self.bits[network.name]
        number = region << bits["rack"] | rack
        return number if host is None else number << bits["host"] | host

    def devices(self, region_id):
        """The devices of one region: (spines, tors, hosts)."""
        region = self.regions[region_id]
        spine_asn = asn = self.first_asns[region_id]
        pools = [ip_network(region[key]) for key in ("link_pool", "link_pool6")]
        ranges = [(n.version, n.range_of_region(region_id)) for n in self.networks]
        spines = [Device(item["name"], "spine", spine_asn, item["loopback"], [], [], neighbors=[], ranges=ranges)
                  for item in region["spines"]]
        tors, hosts = [], []
        for rack_id, rack in enumerate(region["racks"]):
            asn += 1
            tor = Device(rack["tors"][0]["name"], "tor", asn, rack["tors"][0]["loopback"], [
                OwnPrefix(n.version, n.prefix(self.number(n, region_id, rack_id), n.rack_length), n.name)
                for n in self.networks], [], neighbors=[], rack=rack["name"],
                networks=self.networks, ranges=ranges)
            tors.append(tor)
            for spine_id, spine in enumerate(spines):
                link = 2 * (rack_id * len(spines) + spine_id)
                connect(tor, spine, [(4, int(pools[0].network_address) + link),
                                     (6, int(pools[1].network_address) + link)])
            subnets = [int(ip_network(rack[key]).network_address) for key in ("subnet", "subnet6")]
            for host_id, item in enumerate(rack["hosts"]):
                asn += 1
                numbers = [(n, self.number(n, region_id, rack_id, host_id)) for n in self.networks]
                host = Device(item["name"], "host", asn, address_text(4, subnets[0] + 2 * host_id + 1),
                              [OwnPrefix(n.version, n.prefix(number, n.host_length), n.name, n.endpoints(number))
                               for n, number in numbers], [], item.get("interface", self.defaults["interface"]),
                              [n.gateway(number) for n, number in numbers])
                connect(host, tor, [(4, subnets[0] + 2 * host_id), (6, subnets[1] + 2 * host_id)])
                hosts.append(host)
        return spines, tors, hosts


def connect(lower, upper, links):
    """Adds both ends of the sessions of two devices; the upper one has the even address of each link."""
    for version, number in links:
        even, odd = address_text(version, number), address_text(version, number + 1)
        lower.sessions.append(Session(version, odd, even, upper.name, upper.role, upper.asn))
        upper.sessions.append(Session(version, even, odd, lower.name, lower.role, lower.asn))
    upper.neighbors.append(lower)
