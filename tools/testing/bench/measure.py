#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in the guest: the same traffic over each path, measured.

For a guest of `vm/run --deterministic`, in which a nanosecond is an instruction.
Prints a line of JSON for each figure.
"""

import argparse
import json
import os
import pathlib
import subprocess

import paths
from paths import lib

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATAGRAMS = ROOT / "build/bench/datagrams"
# TCP counts in packets of this size, whatever the paths' own are
TCP_BYTES = 1400
# Datagrams on their way at once: less than any queue of the kernel holds
UDP_WINDOW = 32
TRAFFICS = {"tcp": {"streams": 1}, "tcp4": {"streams": 4},
            "udp1300": {"size": 1300}, "udp64": {"size": 64}}


class Iperf:
    """A server of iperf3 in the east, for clients in the west."""

    def __init__(self, hosts):
        self.hosts = hosts
        with hosts.ends["east"]:
            self.server = subprocess.Popen(  # pylint: disable=R1732
                ["iperf3", "-s", "-B", paths.INNER["east"], "--forceflush"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for line in self.server.stdout:
            if "listening" in line:
                return
        raise lib.Failed("iperf3 does not serve")

    def end(self):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()

    def send(self, streams, octets):
        """What arrived of so many bytes: packets, bytes, nanoseconds."""
        with self.hosts.ends["west"]:
            text = lib.run("iperf3", "-J", "-i", "0", "-c", paths.INNER["east"],
                           "-B", paths.INNER["west"], "-P", streams,
                           "-n", octets)
        received = json.loads(text)["end"]["sum_received"]
        return received["bytes"] / TCP_BYTES, received["bytes"], \
            received["seconds"] * 10 ** 9


def tcp(hosts, seconds, streams):
    """A short transfer tells how long the one that counts must be."""
    iperf = Iperf(hosts)
    try:
        iperf.send(streams, 2 ** 20)
        _, octets, passed = iperf.send(streams, 2 ** 22)
        return iperf.send(streams, int(octets * seconds * 10 ** 9 / passed))
    finally:
        iperf.end()


def udp(hosts, seconds, size):
    files = [f"/run/netns/{end.name}" for end in hosts.ends.values()]
    found = json.loads(lib.run(DATAGRAMS, *files, paths.INNER["east"], size,
                               UDP_WINDOW, int(seconds * 10 ** 9)))
    return found["delivered"], found["delivered"] * size, found["nanoseconds"]


def measure(hosts, traffic, seconds):
    settings = TRAFFICS[traffic]
    kind = tcp if "streams" in settings else udp
    packets, octets, passed = kind(hosts, seconds, **settings)
    return {"traffic": traffic,
            "mbps": round(octets * 8000 / passed, 2),
            "instructions_per_packet": round(passed / packets),
            "packets": round(packets)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--path", action="append", choices=paths.PATHS)
    parser.add_argument("--traffic", action="append", choices=TRAFFICS)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--window", type=int, default=32)
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
            for traffic in TRAFFICS:
                if traffic not in (chosen.traffic or TRAFFICS):
                    continue
                row = {"path": path} | measure(hosts, traffic, chosen.seconds)
                print(json.dumps(row), flush=True)


main()
