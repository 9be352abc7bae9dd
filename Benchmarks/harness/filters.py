"""Packet filters in a network namespace: loading them, sending packets through them, and the longest path in their files."""

import os
import re
import subprocess
import time

from .tools import Failed


class Path:
    """The longest ways through a chain, as (rules, lookups): those that end with a verdict, and those that come back."""

    def __init__(self):
        self.ended, self.back = (0, 0), None


def longest_path(rules, chain):
    """The most rules that a packet can meet from a chain on, whatever it looks like: an upper bound, since matches may
    exclude each other. `rules` maps a chain to (is_sure, has_lookup, [(kind, target)]) of each rule, of which one of the
    targets is taken; `is_sure` if nothing has to match."""
    known = {}

    def add(first, second):
        return (first[0] + second[0], first[1] + second[1])

    def follow(name):
        if name in known:
            return known[name]
        path, passed = Path(), (0, 0)
        for is_sure, has_lookup, targets in rules[name]:
            passed = add(passed, (1, int(has_lookup)))
            after = [] if is_sure else [passed]
            for kind, target in targets:
                if kind == "end":
                    path.ended = max(path.ended, passed)
                elif kind == "return":
                    path.back = max(path.back or passed, passed)
                else:
                    below = follow(target)
                    path.ended = max(path.ended, add(passed, below.ended))
                    if below.back is not None:
                        came_back = add(passed, below.back)
                        if kind == "jump":
                            after.append(came_back)
                        else:
                            path.back = max(path.back or came_back, came_back)
            if not after:
                break
            passed = max(after)
        else:
            path.back = max(path.back or passed, passed)
        known[name] = path
        return path

    path = follow(chain)
    return max(path.ended, path.back or (0, 0))


def facts_of_rules(lines):
    """Rules of a file for iptables-restore, and the longest path from FORWARD on."""
    chains = {line.split()[0][1:]: [] for line in lines if line.startswith(":")}
    for line in lines:
        if line.startswith("-A "):
            words = line.split()
            kind, target = words[-2:]
            kind = {"ACCEPT": "end", "DROP": "end", "RETURN": "return"}.get(target, "goto" if kind == "-g" else "jump")
            is_sure = not {"-s", "-d", "-i", "-o", "-p", "conntrack"} & set(words[2:-2])
            chains[words[1]].append((is_sure, False, [(kind, target)]))
    path, _ = longest_path(chains, "FORWARD")
    return {"rules": sum(map(len, chains.values())), "elements": 0, "path": path, "lookups": 0}


def facts_of_table(lines, chain):
    """Rules and elements of a table of nftables, and the longest path from a chain on."""
    chains, maps, elements = {}, {}, 0
    block = name = None
    for line in lines:
        if found := re.fullmatch(r"  (set|map|chain) (\S+) \{", line):
            block, name = found.groups()
            (chains if block == "chain" else maps)[name] = []
        elif block == "chain" and line.startswith("    ") and not line.startswith("    type "):
            chains[name].append(line.strip())
        elif block in ("set", "map") and line.startswith("      "):
            elements += 1
            if found := re.search(r" : (accept|drop|return|jump|goto)(?: (\S+?))?,?$", line):
                maps[name].append(found.groups())

    def kinds(verdicts):
        ends = {"accept": "end", "drop": "end"}
        return sorted({(ends.get(kind, kind), target or "") for kind, target in verdicts})

    rules = {}
    for name, texts in chains.items():
        rules[name] = []
        for text in texts:
            text = re.sub(r' comment "[^"]*"', "", text)
            found = re.search(r"(?:^|\s)(accept|drop|return|jump|goto)(?: (\S+))?$", text)
            lookup = re.search(r"\bvmap @(\S+)", text)
            verdicts = maps[lookup.group(1)] if lookup else [found.groups()]
            rules[name].append((bool(found and not found.start()), "@" in text, kinds(verdicts)))
    path, lookups = longest_path(rules, chain)
    return {"rules": sum(map(len, rules.values())), "elements": elements, "path": path, "lookups": lookups}


class Filters:
    """Three namespaces in a row; the middle one forwards between two endpoints."""

    def __init__(self, first, second):
        self.first, self.second = first, second
        self.names = [f"romana-bench-{os.getpid()}-{end}" for end in ("a", "host", "b")]

    def __enter__(self):
        try:
            self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL, check=False)

    def connect(self):
        one, host, two = self.names
        for name in self.names:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        for end, address, interface in ((one, self.first, "ep-a"), (two, self.second, "ep-b")):
            run("ip", "-n", host, "link", "add", interface, "type", "veth", "peer", "name", "eth0", "netns", end)
            run("ip", "-n", host, "address", "add", "169.254.1.1/32", "dev", interface)
            run("ip", "-n", host, "link", "set", interface, "up")
            run("ip", "-n", host, "route", "add", address, "dev", interface)
            run("ip", "-n", end, "address", "add", address + "/32", "dev", "eth0")
            run("ip", "-n", end, "link", "set", "eth0", "up")
            run("ip", "-n", end, "route", "add", "169.254.1.1", "dev", "eth0")
            run("ip", "-n", end, "route", "add", "default", "via", "169.254.1.1")
        run("ip", "netns", "exec", host, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0")
        untracked = "table ip untracked { chain pre { type filter hook prerouting priority raw; notrack; }; }"
        run("ip", "netns", "exec", host, "nft", untracked)

    def load(self, form, folder):
        """Loads a file by one of the three programs; returns the seconds that took."""
        program = ["nft", "-f", "rules.nft"] if form == "nft" else [form + "-restore", "rules.v4"]
        start = time.monotonic()
        run("ip", "netns", "exec", self.names[1], *program, folder=folder)
        return time.monotonic() - start

    def clear(self, form):
        if form == "nft":
            run("ip", "netns", "exec", self.names[1], "nft", "delete", "table", "inet", "romana")
        elif form.startswith("iptables"):
            for arguments in (["-P", "FORWARD", "ACCEPT"], ["-F"], ["-X"]):
                run("ip", "netns", "exec", self.names[1], form, *arguments)

    def ping(self, count):
        """The mean time of a packet and its answer in milliseconds."""
        command = ["ping", "-q", "-f", "-c", str(count), "-W", "1", self.second]
        text = run("ip", "netns", "exec", self.names[0], *command)
        found = re.search(r"rtt min/avg/max/mdev = [0-9.]+/([0-9.]+)/", text)
        if not found or " 0% packet loss" not in text:
            raise Failed("packets were lost: " + text)
        return float(found.group(1))


def run(*command, folder=None):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)[:300]}: {done.stderr[-1000:]}{done.stdout[-1000:]}")
    return done.stdout
