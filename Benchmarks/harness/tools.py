"""Builds the programs of the benchmark and runs them under `measure`."""

import json
import os
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.dirname(HERE)


class Failed(Exception):
    """A program of the benchmark did not do what it is there for; the text is meant for the user."""


def say(text):
    """Progress, for a person; the report goes elsewhere."""
    print(text, file=sys.stderr, flush=True)


def build_c_tools(folder):
    """Compiles floor.c and measure.c into `folder`."""
    for name in ("floor", "measure"):
        subprocess.run(["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread",
                        "-o", os.path.join(folder, name), os.path.join(HERE, name + ".c")], check=True)


def build_compiler(scratch):
    """Builds the static release of the compiler in `scratch` and returns its path and how it was linked.

    One static binary, libyaml and libcrypto included, where the machine has their archives; else with the static
    Swift standard library only.
    """
    attempts = {
        "static executable": ["-Xswiftc", "-static-executable"],
        "static Swift standard library": ["--static-swift-stdlib"],
    }
    base = ["swift", "build", "--package-path", PACKAGE, "--scratch-path", scratch,
            "-c", "release", "--product", "romana-compile"]
    for linked, flags in attempts.items():
        say(f"building the compiler ({linked})")
        done = subprocess.run(base + flags, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        path = os.path.join(scratch, "release", "romana-compile")
        if done.returncode == 0 and subprocess.run([path, "--help"], stdout=subprocess.DEVNULL).returncode == 0:
            return path, linked
    raise Failed("the compiler does not build:\n" + done.stdout)


class Runner:
    """Runs commands under `measure`, one at a time; an interrupted harness takes its command with it."""

    def __init__(self, tools, scratch):
        self.floor = os.path.join(tools, "floor")
        self.measure = os.path.join(tools, "measure")
        self.result = os.path.join(scratch, "measured.json")
        self.environment = {**os.environ, "PYTHONPYCACHEPREFIX": os.path.join(scratch, "pycache")}
        self.running = None

    def run(self, command):
        """Runs one command; returns what `measure` reports and what the command printed on standard output."""
        self.running = subprocess.Popen([self.measure, self.result] + command, text=True, env=self.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = self.running.communicate()
        status, self.running = self.running.returncode, None
        if status != 0:
            name = os.path.basename(command[0])
            raise Failed(f"{name} ended with status {status}: {' '.join(command[1:])}\n{errors[-2000:]}{output[-2000:]}")
        with open(self.result, encoding="utf-8") as file:
            return json.load(file), output

    def stop(self):
        if self.running and self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
            self.running.wait()


def remove(path):
    """Removes a file or a tree; `rm` is several times faster than shutil on a million files."""
    subprocess.run(["rm", "-rf", "--", path], check=True)


def tree_size(folder):
    """The files and their bytes below a folder."""
    files = size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            files += 1
            size += os.lstat(os.path.join(parent, name)).st_size
    return files, size


def missing_programs():
    return [name for name in ("gcc", "diff", "rm") if not shutil.which(name)]
