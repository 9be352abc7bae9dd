"""The packet filter, but for the few rules of a host that depend on the host: built once and shared by all files."""

from collections import namedtuple
from ipaddress import ip_network

LEAF_SIZE = 16
FAN_OUT = 8
LONGEST_NAME = 28

# A part of a field of addresses, its first `length` bits, and the rule about it.
Item = namedtuple("Item", "bits length rule")

# A rule: its matches, its comment as iptables-save prints it or "", its target as "-j NAME" or "-g NAME".
Rule = namedtuple("Rule", "matches comment target")


class Tree:
    """Spreads rules over a tree of chains; the items stand in the order of their bits and do not overlap."""

    def __init__(self, root, match, items):
        self.root = root
        self.match = match
        self.chains = []
        self.fill(root, items)

    def fill(self, name, items):
        rules = []
        self.chains.append((name, rules))
        if len(items) <= LEAF_SIZE:
            rules += [item.rule for item in items]
            return
        for group in split(items):
            if len(group) <= 2:
                rules += [item.rule for item in group]
                continue
            bits, length = common_bits(group)
            child = f"{self.root}-{length}-{bits:x}"
            if len(child) > LONGEST_NAME:
                child = f"{self.root}-{len(self.chains)}"
            rules.append(Rule(self.match(bits, length), "", f"-g {child}"))
            self.fill(child, group)


def split(items):
    """At most FAN_OUT groups, the heaviest again and again divided at its first differing bit."""
    groups = [items]
    while len(groups) < FAN_OUT:
        heaviest = max(range(len(groups)), key=lambda index: len(groups[index]))
        group = groups[heaviest]
        if len(group) <= LEAF_SIZE:
            break
        _, length = common_bits(group)
        cut = next((index for index, item in enumerate(group) if item.bits >> item.length - length - 1 & 1), 0)
        if not cut:
            break
        groups[heaviest:heaviest + 1] = [group[:cut], group[cut:]]
    return groups


def common_bits(group):
    first, last = group[0], group[-1]
    length = min(first.length, last.length)
    difference = first.bits >> first.length - length ^ last.bits >> last.length - length
    length -= difference.bit_length()
    return first.bits >> first.length - length, length


def quoted(text):
    """A comment, in quotes around anything but letters, digits, `_` and `-`."""
    return text if text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'


def rule_text(rule):
    comment = f"-m comment --comment {rule.comment}" if rule.comment else ""
    return " ".join(filter(None, (rule.matches, comment, rule.target)))


def tenants_of(fabric, network):
    """The tenants that use a network: (id, name, names of the segments)."""
    return [(number, name, segments) for number, name, networks, segments in fabric.tenants
            if not networks or network.name in networks]


def isolation_tree(fabric, position, network):
    length = network.tenant_bits + network.segment_bits
    items = []
    for tenant, name, segments in tenants_of(fabric, network):
        for segment, segment_name in enumerate(segments, 1):
            match = network.segment(tenant, segment)
            rule = Rule(f"-s {match} -d {match}", quoted(f"{name}/{segment_name}"), "-j ACCEPT")
            items.append(Item(tenant << network.segment_bits | segment, length, rule))
    return Tree(f"romana-n{position}", lambda bits, length: f"-d {network.field(bits, length)}", items).chains


def egress_tree(fabric, position, network):
    items = [Item(tenant, network.tenant_bits,
                  Rule(f"-s {network.tenant(tenant)}", quoted(f"egress {name}"), "-j ACCEPT"))
             for tenant, name, _ in tenants_of(fabric, network)]
    return Tree(f"romana-e{position}", lambda bits, length: f"-s {network.field(bits, length)}", items).chains


def underlay_tree(fabric, version):
    prefixes = [ip_network(text) for text in fabric.underlay(version)]
    if version == 4:
        prefixes = sorted(prefixes + [ip_network("169.254.0.0/16")])
    items = [Item(int(prefix.network_address) >> prefix.max_prefixlen - prefix.prefixlen, prefix.prefixlen,
                  Rule(f"-d {prefix}", "underlay", "-j DROP")) for prefix in prefixes]
    width = 32 if version == 4 else 128

    def match(bits, length):
        return f"-d {ip_network((bits << width - length, length))}"

    return Tree("romana-u", match, items).chains


def shared_chains(fabric, version, env):
    """All chains but romana-spoof, by name, each with its rules: the trees, and the fixed ones of the template."""
    networks = [network for network in fabric.networks if network.version == version]
    chains = underlay_tree(fabric, version)
    for position, network in enumerate(networks):
        chains += isolation_tree(fabric, position, network) + egress_tree(fabric, position, network)
    fixed = env.get_template("rules-fixed.j2").render(version=version, networks=networks, quoted=quoted)
    for line in filter(None, fixed.splitlines()):
        name, *matches, verb, target = line.split(" ")
        rule = Rule(" ".join(matches), "", f"{verb} {target}")
        if chains[-1][0] != name:
            chains.append((name, []))
        chains[-1][1].append(rule)
    return sorted(chains)


def shared_text(chains):
    """The text before and after the rules of romana-spoof, the declarations of all chains included."""
    names = sorted([name for name, _ in chains] + ["romana-spoof"])
    before = "".join(f":{name} - [0:0]\n" for name in names)
    before += "-A INPUT -j romana-input\n-A FORWARD -j romana-forward\n"
    after = ""
    for name, rules in chains:
        text = "".join(f"-A {name} {rule_text(rule)}\n" for rule in rules)
        if name < "romana-spoof":
            before += text
        else:
            after += text
    return {"before": before, "after": after}
