"""Runs what is compared, alternating, and collects the measurements of one size on one file system."""

import glob
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict

from .tools import HERE, Failed, remove, say, tree_size

COMPILER, SPLIT, LOCKED, UNCHANGED, CHECK = "compiler", "compiler-includes", "compiler-locked", "unchanged", "check"
FLOOR, BASELINE, BASELINE2, PLAIN = "floor", "baseline", "baseline-2", "baseline-plain"

TITLES = {
    COMPILER: "compiler, whole tree, first build",
    SPLIT: "compiler, same, a file a rack (includes)",
    LOCKED: "compiler, same, lock file present",
    UNCHANGED: "compiler, second build, no change",
    CHECK: "compiler, check only (writes nothing)",
    FLOOR: "floor: C, writes the same tree from memory",
    BASELINE: "baseline: Python, PyYAML and Jinja2, 1 process",
    BASELINE2: "baseline: same, 2 processes",
    PLAIN: "baseline: same, 1 process, no text shared between hosts",
}


LARGEST_WARM_UP = 10_000  # hosts, on a disk
BASELINE_OPTIONS = {BASELINE: [], BASELINE2: ["--processes", "2"], PLAIN: ["--plain"]}


class Size:
    """The measurements of one number of hosts on one medium."""

    def __init__(self, hosts, files=0, tree_bytes=0):
        self.hosts = hosts
        self.files = files
        self.bytes = tree_bytes
        self.slices = 1
        self.samples = defaultdict(list)  # what was run -> what `measure` reported, in the order of the rounds

    def add(self, subject, sample):
        self.samples[subject].append(sample)


class Bench:
    """One medium: runs every subject in a scratch folder on it, which the caller removes."""

    def __init__(self, runner, compiler, medium, scratch, say_skipped):
        self.runner = runner
        self.compiler = compiler
        self.medium = medium
        self.scratch = scratch
        self.skipped = say_skipped
        self.discarded = 0  # trees that await their removal
        self.removed_at = -1e9  # when trees were removed last, on the monotonic clock

    def path(self, name):
        return os.path.join(self.scratch, name)

    def generate(self, hosts):
        for variant, options in (("whole", []), ("split", ["--split"])):
            self.runner.run([sys.executable, os.path.join(HERE, "generate.py"), "--hosts", str(hosts),
                             *options, self.path(variant)])

    def discard(self, name):
        """Gets a tree out of the way: at once in memory, by name only on a disk, where a removal slows what follows."""
        if self.medium.in_memory:
            remove(self.path(name))
        elif os.path.exists(self.path(name)):
            os.makedirs(self.path("discarded"), exist_ok=True)
            os.rename(self.path(name), self.path(f"discarded/{self.discarded}"))
            self.discarded += 1

    def remove_discarded(self):
        if self.discarded:
            remove(self.path("discarded"))
            self.discarded, self.removed_at = 0, time.monotonic()

    def make_room(self, size):
        """Removes the discarded trees where one more of this size would not fit."""
        if self.medium.copies(size.files, size.bytes) < 1:
            self.remove_discarded()

    def timed(self, command):
        if not self.medium.in_memory:
            os.sync()  # a run starts without the unwritten pages of the one before
            time.sleep(max(0, self.removed_at + self.medium.settling_seconds - time.monotonic()))
        return self.runner.run(command)

    def compile(self, variant, out, verb="build"):
        target = ["-o", self.path(out)] if verb == "build" else []
        return self.timed([self.compiler, verb, os.path.join(self.path(variant), "topology.yaml"), *target])[0]

    def forget_lock(self, variant):
        for path in glob.glob(os.path.join(self.path(variant), "*.lock.yaml*")):
            os.unlink(path)

    def write_floor(self, size, *options):
        slice_megabytes = str(self.medium.slice_megabytes(size.bytes))
        sample, output = self.timed([self.runner.floor, self.path("out"), self.path("floor"), slice_megabytes, *options])
        timed_part = json.loads(output)
        size.slices = max(size.slices, timed_part["slices"])
        sample.update(wall_s=timed_part["wall_s"], cpu_s=timed_part["cpu_s"])
        return sample

    def render_baseline(self, out, *options):
        return self.timed([sys.executable, os.path.join(HERE, "baseline", "baseline.py"),
                           os.path.join(self.path("whole"), "topology.yaml"), "-o", self.path(out),
                           "--golden", self.path("programs"), "--cache", self.path("templates"), *options])[0]

    def measure(self, hosts, runs, expected, baseline_runs):
        """Measures one size. `expected` is the estimated Size of its tree; returns the measured Size, or None."""
        copies = self.medium.copies(expected.files, expected.bytes)
        amount = f"about {expected.bytes / 1e9:.1f} GB"
        if copies < 1:
            self.skipped(f"{hosts:,} hosts: the tree of {amount} does not fit")
            return None
        if copies < 2:
            self.skipped(f"{hosts:,} hosts: no floor, because two trees of {amount} do not fit")
        self.generate(hosts)
        size = Size(hosts, expected.files, expected.bytes)
        # Round -1 warms up: page cache, memory of a fresh virtual machine. Minutes on a disk would not notice.
        first = -1 if self.medium.in_memory or hosts <= LARGEST_WARM_UP else 0
        for number in range(first, runs):
            which = f"round {number + 1} of {runs}" if number >= 0 else "warm-up"
            say(f"{self.medium.title}: {hosts:,} hosts, {which}")
            self.round(size, number == first, number >= 0, copies >= 2, 0 <= number < baseline_runs)
        for name in ("whole", "split"):
            remove(self.path(name))
        self.remove_discarded()
        return size

    def round(self, size, is_first, kept, with_floor, with_baseline):
        """One round: compiler, floor, baseline, and the other ways to run the compiler; `kept` is false to warm up."""
        self.make_room(size)
        self.forget_lock("whole")
        compiled = self.compile("whole", "out")
        if is_first:
            size.files, size.bytes = tree_size(self.path("out"))
        unchanged = self.compile("whole", "out") if kept else None
        self.make_room(size)
        written = self.write_floor(size, *(["consume"] if self.medium.in_memory else [])) if with_floor else None
        self.discard("floor")
        self.discard("out")
        if not kept:
            return
        size.add(COMPILER, compiled)
        size.add(UNCHANGED, unchanged)
        if written:
            size.add(FLOOR, written)
        if with_baseline:
            for subject, options in BASELINE_OPTIONS.items():
                self.make_room(size)
                size.add(subject, self.render_baseline("rendered", *options))
                self.discard("rendered")
        self.make_room(size)
        size.add(LOCKED, self.compile("whole", "out"))
        self.discard("out")
        self.forget_lock("split")
        self.make_room(size)
        size.add(SPLIT, self.compile("split", "out"))
        self.discard("out")
        size.add(CHECK, self.compile("whole", "out", verb="check"))

    def probe(self, hosts, with_baseline):
        """Compiles a small fabric once, unmeasured: the size of a host's files, and whether all three write the same.

        Returns its Size and the lines that say what differs, empty if nothing does.
        """
        self.generate(hosts)
        self.compile("whole", "out")
        size = Size(hosts)
        size.files, size.bytes = tree_size(self.path("out"))
        self.write_floor(size)
        differences = compare_trees(self.path("out"), self.path("floor"), "the floor")
        if with_baseline:
            self.keep_programs()
            seen = []
            for subject, options in BASELINE_OPTIONS.items():
                self.render_baseline("rendered", *options)
                found = compare_trees(self.path("out"), self.path("rendered"), f"the {subject}")
                differences += found[:1] + ["  the same differences"] if found[1:] in seen else found
                seen += [found[1:]] if found else []
                self.discard("rendered")
        for name in ("out", "floor"):
            self.discard(name)
        for name in ("whole", "split"):
            remove(self.path(name))
        self.remove_discarded()
        return size, differences


    def keep_programs(self):
        """Keeps the files of one host, from which the baseline takes the programs inside the scripts."""
        host = next(os.scandir(self.path("out/hosts"))).path
        shutil.copytree(host, self.path("programs/hosts/any"))
        shutil.copy(self.path("out/manifest.json"), self.path("programs"))


def compare_trees(expected, actual, name):
    """What `diff -r` says, shortened: counts by file name, then the first lines of the first differences."""
    done = subprocess.run(["diff", "-rq", expected, actual], text=True, capture_output=True,
                          env={**os.environ, "LC_ALL": "C"})
    if done.returncode > 1:
        raise Failed("diff failed: " + done.stderr)
    counts = defaultdict(int)
    for line in done.stdout.splitlines():
        if line.startswith("Files "):
            counts[f"differ: {os.path.basename(line.split(' and ')[0])}"] += 1
        else:
            where = "the compiler" if line.startswith(f"Only in {expected}") else name
            counts[f"only from {where}: {line.rsplit(': ', 1)[-1]}"] += 1
    if not counts:
        return []
    lines = [f"{name} does not write the same tree as the compiler:"]
    lines += [f"  {count} x {text}" for text, count in sorted(counts.items())]
    excerpt = subprocess.run(["diff", "-r", "-x", "MANIFEST.sha256", "-x", "manifest.json", expected, actual],
                             text=True, capture_output=True, errors="replace").stdout
    shown = [line.replace(expected, "compiler").replace(actual, "other")[:160] for line in excerpt.splitlines()[:20]]
    return lines + ["  | " + line for line in shown]
