#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in the guest: the same traffic over each path, measured.

For a guest of `vm/run --deterministic`, in which a nanosecond is an instruction.
Prints a line of JSON for each figure.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import tempfile

import paths
from paths import lib

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATAGRAMS = ROOT / "build/bench/datagrams"
# TCP counts in packets of this size, whatever the paths' own are
TCP_BYTES = 1400
# Enough for a first estimate of the speed
FIRST_BYTES = 4 * 2 ** 20
# Datagrams on their way at once: less than any queue of the kernel holds
UDP_WINDOW = 32
TRAFFICS = {"tcp": {"streams": 1}, "tcp4": {"streams": 4},
            "udp1300": {"size": 1300}, "udp64": {"size": 64}}


class Profile:
    """Where the processor was, asked all so many instructions, while a command ran."""

    EVERY = 40000
    # They set up and watch, and have no part in the traffic
    OTHERS = ("perf", "perf-exec", "python3", "swapper")

    def __init__(self):
        self.file = tempfile.mktemp(prefix="espvif-profile-")

    def command(self):
        """What is to stand before the one to be watched."""
        return ["perf", "record", "-q", "-a", "-e", "cpu-clock",
                "-c", self.EVERY, "-o", self.file, "--"]

    def functions(self):
        """Samples by function; what programs do themselves is one of them."""
        found = collections.Counter()
        for line in lib.run("perf", "script", "-i", self.file, "-F",
                            "comm,ip,sym,dso").splitlines():
            command, _, rest = line.strip().partition("  ")
            words = rest.split()
            if len(words) < 3 or command in self.OTHERS:
                continue
            found[words[1] if words[-1] == "([kernel.kallsyms])"
                  else "(programs)"] += 1
        os.unlink(self.file)
        return found


class Traffic:
    """What crosses a path, from west to east."""

    def __init__(self, hosts, seconds):
        self.hosts, self.seconds = hosts, seconds
        # bytes of TCP per nanosecond, once known
        self.speed = None

    def serve(self):
        """iperf3 in the east, for one path."""
        with self.hosts.ends["east"]:
            server = subprocess.Popen(  # pylint: disable=R1732
                ["iperf3", "-s", "-B", paths.INNER["east"], "--forceflush"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

        def end():
            server.kill()
            server.wait()
            server.stdout.close()
        self.hosts.closing.callback(end)
        for line in server.stdout:
            if "listening" in line:
                return
        raise lib.Failed("iperf3 does not serve")

    def transfer(self, streams, octets, prefix=()):
        """What arrived of so many bytes: packets, bytes, nanoseconds."""
        with self.hosts.ends["west"]:
            text = lib.run(*prefix, "iperf3", "-J", "-i", "0",
                           "-c", paths.INNER["east"], "-B", paths.INNER["west"],
                           "-P", streams, "-n", octets, "--repeating-payload")
        received = json.loads(text)["end"]["sum_received"]
        return received["bytes"] / TCP_BYTES, received["bytes"], \
            received["seconds"] * 10 ** 9

    def tcp(self, prefix, streams):
        """A short transfer before tells how long the one that counts must be."""
        if not self.speed:
            self.serve()
            _, octets, passed = self.transfer(1, FIRST_BYTES)
            self.speed = octets / passed
        return self.transfer(streams,
                             int(self.speed * self.seconds * 10 ** 9), prefix)

    def udp(self, prefix, size):
        files = [f"/run/netns/{end.name}" for end in self.hosts.ends.values()]
        found = json.loads(lib.run(
            *prefix, DATAGRAMS, *files, paths.INNER["east"], size, UDP_WINDOW,
            int(self.seconds * 10 ** 9)))
        return found["delivered"], found["delivered"] * size, \
            found["nanoseconds"]

    def measure(self, name, profile):
        """A row: of the path, the part that is about traffic."""
        settings = TRAFFICS[name]
        kind = self.tcp if "streams" in settings else self.udp
        packets, octets, passed = kind(profile.command() if profile else [],
                                       **settings)
        row = {"traffic": name, "mbps": round(octets * 8000 / passed, 2),
               "instructions_per_packet": round(passed / packets),
               "packets": round(packets)}
        if profile:
            row["functions"] = profile.functions().most_common()
        return row


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--path", action="append", choices=paths.PATHS)
    parser.add_argument("--traffic", action="append", choices=TRAFFICS)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def main():
    chosen = arguments()
    paths.load_ciphers()
    print(json.dumps({"release": os.uname().release}), flush=True)
    for path, set_up in paths.PATHS.items():
        if path not in (chosen.path or paths.PATHS):
            continue
        with paths.Hosts(chosen.window) as hosts:
            set_up(hosts)
            traffic = Traffic(hosts, chosen.seconds)
            for name in TRAFFICS:
                if name not in (chosen.traffic or TRAFFICS):
                    continue
                row = traffic.measure(name,
                                      Profile() if chosen.profile else None)
                print(json.dumps({"path": path} | row), flush=True)


main()
