# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses a path, and how its cost is found: iperf3, datagrams and echoes of
generator.c, and a profile of the processor meanwhile.
"""

import collections
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

import paths
from paths import lib

ROOT = pathlib.Path(__file__).resolve().parents[3]
GENERATOR = ROOT / "build/bench/generator"
PORT, LOAD_PORT = 5201, 5202
# TCP counts in packets of this size, whatever the paths' own are
TCP_BYTES = 1400
# Streams of TCP don't settle the same way each time: the median counts
TCP_ROUNDS = 3
# Enough for a first estimate of the speed
FIRST_BYTES = 4 * 2 ** 20
# Nanoseconds between an echo and the next
ECHO_INTERVAL = 5_000_000
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

    def serve(self, port):
        """iperf3 in the east, until the path is done."""
        with self.hosts.ends["east"]:
            server = subprocess.Popen(  # pylint: disable=R1732
                ["iperf3", "-s", "-p", str(port), "-B", paths.INNER["east"],
                 "--forceflush"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)

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
                           "-c", paths.INNER["east"], "-p", PORT,
                           "-P", streams, "-n", octets, "--repeating-payload")
        received = json.loads(text)["end"]["sum_received"]
        return received["bytes"] / TCP_BYTES, received["bytes"], \
            received["seconds"] * 10 ** 9

    def tcp(self, prefix, streams):
        """A short transfer before tells how long the one that counts must be."""
        if not self.speed:
            self.serve(PORT)
            _, octets, passed = self.transfer(1, FIRST_BYTES)
            self.speed = octets / passed
        return self.transfer(streams,
                             int(self.speed * self.seconds * 10 ** 9), prefix)

    def udp(self, prefix, size):
        found = json.loads(lib.run(
            *prefix, GENERATOR, "datagrams", self.file("west"),
            self.file("east"), paths.INNER["east"], size, UDP_WINDOW,
            int(self.seconds * 10 ** 9)))
        return found["delivered"], found["delivered"] * size, \
            found["nanoseconds"]

    def file(self, host):
        return f"/run/netns/{self.hosts.ends[host].name}"

    def echoes(self, count):
        """Nanoseconds of each, sorted."""
        self.hosts.ends["west"].sysctl("ipv4/ping_group_range", "0 0")
        return sorted(json.loads(lib.run(
            GENERATOR, "echoes", self.file("west"), paths.INNER["east"],
            count, ECHO_INTERVAL)))

    @contextlib.contextmanager
    def under_load(self):
        """TCP, as much as passes, for as long as `with` lasts."""
        self.serve(LOAD_PORT)
        with self.hosts.ends["west"]:
            client = subprocess.Popen(  # pylint: disable=R1732
                ["iperf3", "-c", paths.INNER["east"], "-p", str(LOAD_PORT),
                 "-t", "86400"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        device = self.hosts.ends["east"]
        start = device.received_bytes("wire")
        try:
            lib.wait_for(lambda: device.received_bytes("wire") - start
                         > FIRST_BYTES, "the load is there")
            yield
        finally:
            client.kill()
            client.wait()

    def measure(self, name, profile=None):
        """A row: of the path, the part that is about traffic."""
        settings = TRAFFICS[name]
        kind = self.tcp if "streams" in settings else self.udp
        prefix = profile.command() if profile else []
        rounds = TCP_ROUNDS if kind == self.tcp and not profile else 1
        found = sorted((kind(prefix, **settings) for _ in range(rounds)),
                       key=lambda one: one[2] / one[0])
        packets, octets, passed = found[len(found) // 2]
        row = {"traffic": name, "mbps": round(octets * 8000 / passed, 2),
               "instructions_per_packet": round(passed / packets),
               "packets": round(packets)}
        if profile:
            row["functions"] = profile.functions().most_common()
        return row
