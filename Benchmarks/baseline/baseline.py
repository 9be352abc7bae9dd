#!/usr/bin/env python3
"""The baseline of the benchmark: what users would write instead of a compiler.

    baseline.py TOPOLOGY -o OUT [--processes N] [--cache FOLDER]

A Python generator with PyYAML's C loader and Jinja2 templates that writes the same files as romana-compile, written
with care for speed: templates compiled once and cached between runs in FOLDER, text that all devices share rendered
once, one region's devices in memory at a time, and devices spread over processes with --processes. It checks nothing
and keeps no lock file. With --plain it is written as most would: each host's rules are rendered by loops of the
template.
"""

import argparse
import json
import multiprocessing
import os
import sys

import jinja2
from manifest import record, topology_digest, write_manifests
from model import Fabric, load
from rules import shared_chains, shared_text

# For each role the files of a device: name, template, what else the template needs.
SWITCH_FILES = [
    ("sysctl.conf", "sysctl-switch.conf", {}), ("frr.conf", "frr.conf", {}), ("daemons", "daemons", {}),
    ("static-routes.txt", "static-routes.txt", {}),
]
FILES = {
    "host": [
        ("sysctl.conf", "sysctl-host.conf", {}), ("routes.sh", "routes.sh", {}),
        ("romana-routes.service", "romana-routes.service", {}), ("rules.v4", "rules", {"version": 4}),
        ("rules.v6", "rules", {"version": 6}), ("firewall.sh", "firewall.sh", {}), ("bird.conf", "bird.conf", {}),
    ],
    "tor": SWITCH_FILES,
    "spine": SWITCH_FILES,
}
FOLDERS = {"host": "hosts", "tor": "tors", "spine": "spines"}
EXECUTABLE = ("routes.sh", "firewall.sh")
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "golden", "dual-stack")
PROGRAM_START = "# ---- The program: "


def environment(cache):
    here = os.path.dirname(os.path.abspath(__file__))
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(here, "templates")), auto_reload=False, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined,
        bytecode_cache=jinja2.FileSystemBytecodeCache(cache) if cache else None)


def program(golden, name):
    """The part of a script that is the same for every host, out of a tree of the compiler instead of a template."""
    for folder, _, files in sorted(os.walk(os.path.join(golden, "hosts"))):
        if name in files:
            with open(os.path.join(folder, name), encoding="ascii") as file:
                return PROGRAM_START + file.read().split(PROGRAM_START, 1)[1]
    sys.exit(f"baseline.py: no {name} below {golden}")


class Renderer:
    """Templates with everything bound that does not depend on the device."""

    def __init__(self, fabric, out, cache, golden, plain):
        self.fabric = fabric
        self.out = out
        env = environment(cache)
        env.globals.update(fabric=fabric)
        chains = {version: shared_chains(fabric, version, env) for version in (4, 6)}
        env.globals.update(shared={
            "rules": {version: shared_text(chains[version]) for version in (4, 6)}, "chains": plain and chains,
            "routes_program": program(golden, "routes.sh"), "firewall_program": program(golden, "firewall.sh")})
        self.templates = {role: [(name, env.get_template(f"{template}.j2").render, context,
                                  0o755 if name in EXECUTABLE else 0o644) for name, template, context in files]
                          for role, files in FILES.items()}

    def write_region(self, region_id, part=0, parts=1):
        """Writes every `parts`-th device of a region, from number `part` on; returns the records of its files."""
        records = []
        for devices in self.fabric.devices(region_id):
            for device in devices[part::parts]:
                self.write_device(device, records)
        return records

    def write_device(self, device, records):
        folder = f"{FOLDERS[device.role]}/{device.name}"
        os.mkdir(f"{self.out}/{folder}")
        for name, render, context, mode in self.templates[device.role]:
            path = f"{folder}/{name}"
            content = render(device=device, **context).encode("ascii")
            descriptor = os.open(f"{self.out}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            os.write(descriptor, content)
            os.close(descriptor)
            records.append(record(path, device, name, content))


renderer = None  # of this process; forked processes inherit it, compiled templates included


def write_part(task):
    return renderer.write_region(*task)


def main():
    parser = argparse.ArgumentParser(description="the Python generator that the compiler is compared with")
    parser.add_argument("topology")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--cache", help="a folder for compiled templates")
    parser.add_argument("--golden", default=GOLDEN, help="a tree of the compiler, for the programs of the scripts")
    parser.add_argument("--plain", action="store_true", help="share no rendered text between hosts")
    options = parser.parse_args()
    if options.cache:
        os.makedirs(options.cache, exist_ok=True)
    fabric = Fabric(load(options.topology))
    for folder in FOLDERS.values():
        os.makedirs(os.path.join(options.output, folder))
    global renderer
    renderer = Renderer(fabric, options.output, options.cache, options.golden, options.plain)
    parts = options.processes
    tasks = [(region_id, part, parts) for region_id in range(len(fabric.regions)) for part in range(parts)]
    if parts == 1:
        records = [record for task in tasks for record in write_part(task)]
    else:
        with multiprocessing.get_context("fork").Pool(parts) as pool:
            records = [record for part in pool.imap_unordered(write_part, tasks) for record in part]
    with open(os.path.join(options.golden, "manifest.json"), encoding="ascii") as file:
        version = json.load(file)["compiler"]
    write_manifests(options.output, fabric.name, version, topology_digest(options.topology), records)


if __name__ == "__main__":
    sys.exit(main())
