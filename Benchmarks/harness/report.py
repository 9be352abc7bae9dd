"""Turns measurements into Markdown and JSON."""

import math
import os
from statistics import median

from .room import memory_info
from .rounds import BASELINE, BASELINE2, CHECK, COMPILER, FLOOR, LOCKED, PLAIN, SPLIT, TITLES, UNCHANGED


def values(size, subject, key):
    return [sample[key] for sample in size.samples.get(subject, [])]


def mid(size, subject, key):
    """The median of a subject's samples, or None if it was not run."""
    found = values(size, subject, key)
    return median(found) if found else None


def pair_ratios(size, subject, other, key="wall_s"):
    """The ratios of a time of two subjects, round by round, so that a slow minute of the machine cancels out."""
    return [first / second for first, second in zip(values(size, subject, key), values(size, other, key))]


def exponent(small, large, subject, key, over="hosts"):
    """The growth exponent of a time between two sizes, over their hosts or their bytes: 1 is linear."""
    first, second = mid(small, subject, key), mid(large, subject, key)
    grown = getattr(large, over) / getattr(small, over)
    if not first or not second or grown <= 1:
        return None
    return math.log(second / first) / math.log(grown)


def worst_exponent(small, large):
    """The exponent of the compiler that counts: over hosts, or over bytes where that is larger, because beyond 81,920
    hosts a host has fewer IPv4 rules (see generate.py)."""
    return max(exponent(small, large, COMPILER, "wall_s", over) or 0 for over in ("hosts", "bytes"))


def shown(value, form, none="–"):
    return none if value is None else format(value, form)


def floor_text(size, subject):
    """The wall time over the floor's, `median (lowest to highest)`, and the same of the CPU time."""
    ratios, cpu = (pair_ratios(size, subject, FLOOR, key) for key in ("wall_s", "cpu_s"))
    if subject in (FLOOR, CHECK, UNCHANGED) or not ratios:
        return "–"
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) / {median(cpu):.2f}"


def baseline_text(size, subject):
    """How many times faster than the baseline in one process, in two, and without shared text."""
    if subject in (FLOOR, BASELINE, BASELINE2, PLAIN, CHECK, UNCHANGED):
        return "–"
    found = [pair_ratios(size, other, subject) for other in (BASELINE, BASELINE2, PLAIN)]
    return " / ".join(f"{median(ratios):.1f}" for ratios in found if ratios) or "–"


def table(size):
    """The lines of the table of one size."""
    yield ("| what | wall s | CPU s | peak MB | µs a file | ratio to the floor: wall / CPU | "
           "times faster than the baseline (1 process / 2 / nothing shared) |")
    yield "|---|---|---|---|---|---|---|"
    for subject, title in TITLES.items():
        wall = mid(size, subject, "wall_s")
        if wall is None:
            continue
        peak = None if subject == FLOOR else mid(size, subject, "peak_rss_bytes") / 1e6
        a_file = None if subject == CHECK else wall / size.files * 1e6
        yield (f"| {title} | {wall:.3f} | {mid(size, subject, 'cpu_s'):.3f} | {shown(peak, '.1f')} | "
               f"{shown(a_file, '.1f')} | {floor_text(size, subject)} | {baseline_text(size, subject)} |")


def growth(sizes):
    """The lines on growth, for each step from one size to the next."""
    if len(sizes) < 2:
        return
    yield "Growth exponent (1 is linear): wall over hosts / wall over bytes / CPU over hosts"
    yield ""
    yield "| what | " + " | ".join(f"{a.hosts:,} to {b.hosts:,} hosts" for a, b in zip(sizes, sizes[1:])) + " |"
    yield "|---" * len(sizes) + "|"
    for subject in (COMPILER, LOCKED, SPLIT, CHECK, UNCHANGED, FLOOR, BASELINE):
        cells = []
        for small, large in zip(sizes, sizes[1:]):
            found = [exponent(small, large, subject, *how)
                     for how in (("wall_s",), ("wall_s", "bytes"), ("cpu_s",))]
            cells.append("–" if found[0] is None else " / ".join(shown(value, ".3f") for value in found))
        yield f"| {TITLES[subject]} | " + " | ".join(cells) + " |"
    yield ""


def goals(sizes):
    """The goals of the project, met or missed, where the sizes that they speak of were measured."""
    by_hosts = {size.hosts: size for size in sizes}
    if size := by_hosts.get(10_000):
        if ratios := pair_ratios(size, COMPILER, FLOOR):
            yield "10,000 hosts: at most 2 times the floor", median(ratios), median(ratios) <= 2
        if ratios := pair_ratios(size, BASELINE, COMPILER):
            middle = median(ratios)
            yield "10,000 hosts: at least 8 times faster than the baseline in one process", middle, middle >= 8
    if size := by_hosts.get(100_000):
        peak = mid(size, COMPILER, "peak_rss_bytes") / 1e6
        yield "100,000 hosts: peak memory under 400 MB", peak, peak < 400
    for small, large in zip(sizes, sizes[1:]):
        value = worst_exponent(small, large)
        yield f"{small.hosts:,} to {large.hosts:,} hosts: growth exponent under 1.05", value, value < 1.05


def machine():
    """What the figures were taken on."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processors": os.cpu_count(), "model": model, "memory_bytes": memory_info("MemTotal")}


def markdown(report):
    """The whole report. `report` maps a title of a medium to its list of Size, besides the general facts."""
    facts = report["machine"]
    yield "# Benchmark of romana-compile"
    yield ""
    yield (f"{facts['processors']} processors ({facts['model']}), {facts['memory_bytes'] / 1e9:.0f} GB of memory. "
           f"Compiler: {report['linked']}. Medians of {report['runs']} rounds, alternating; ratios pair by pair, "
           "as median (lowest to highest). Peak memory is that of the largest process.")
    yield ""
    for title, sizes in report["media"].items():
        yield f"## {title}"
        yield ""
        for size in sizes:
            yield f"### {size.hosts:,} hosts: {size.files:,} files, {size.bytes / 1e6:,.0f} MB"
            yield ""
            yield from table(size)
            yield ""
        yield from growth(sizes)
        for text, value, met in goals(sizes):
            yield f"- {'met' if met else 'MISSED'}: {text} (here {value:.2f})"
        yield ""
    yield "## Same bytes"
    yield ""
    yield from report["same"]
    yield ""
    if report["skipped"]:
        yield "## Not measured"
        yield ""
        yield from (f"- {text}" for text in report["skipped"])


def as_json(report):
    """The report with every single measurement, for programs."""
    def size_json(size):
        return {"hosts": size.hosts, "files": size.files, "bytes": size.bytes, "floor_slices": size.slices,
                "samples": size.samples,
                "ratio_to_floor": pair_ratios(size, COMPILER, FLOOR),
                "cpu_ratio_to_floor": pair_ratios(size, COMPILER, FLOOR, "cpu_s"),
                "times_faster_than_baseline": pair_ratios(size, BASELINE, COMPILER),
                "times_faster_than_baseline_2_processes": pair_ratios(size, BASELINE2, COMPILER),
                "times_faster_than_baseline_plain": pair_ratios(size, PLAIN, COMPILER)}

    def medium_json(sizes):
        return {"sizes": [size_json(size) for size in sizes],
                "goals": [{"goal": text, "value": value, "met": met} for text, value, met in goals(sizes)],
                "growth_exponents": [{"from": small.hosts, "to": large.hosts,
                                      "wall": exponent(small, large, COMPILER, "wall_s"),
                                      "wall_over_bytes": exponent(small, large, COMPILER, "wall_s", over="bytes"),
                                      "cpu": exponent(small, large, COMPILER, "cpu_s")}
                                     for small, large in zip(sizes, sizes[1:])]}

    return {**report, "media": {title: medium_json(sizes) for title, sizes in report["media"].items()}}
