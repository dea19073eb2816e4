#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in the guest: the same traffic over each path, measured.

Prints a line of JSON for each figure; its "part" tells which part of build/bench.json
it belongs to. All but the part "cores" is for a guest of `vm/run --deterministic`,
in which a nanosecond is an instruction.
"""

import argparse
import json
import os
import pathlib

import load
import paths

# Policies of a host in each direction, and what is protected by one of them
POLICIES = (1, 1000, 10_000)
POLICY_PATHS = ("xfrm", "espvif-policy")
ECHOES = 200
# Two processors: paths, rounds of the ratio, echoes of each state
CORE_PATHS = ("xfrm", "espvif-policy", "espvif-device")
LATENCY_PATHS = ("plain", "xfrm", "espvif-policy", "espvif-device")
# A replay window for packets that processors overtake each other with
CORE_WINDOW = 4096
CORE_STREAMS = 4
# Of each transfer: the host's own doings must not count for much
CORE_SECONDS = 2
CORE_1 = pathlib.Path("/sys/devices/system/cpu/cpu1/online")


def tell(part, **figures):
    print(json.dumps({"part": part} | figures), flush=True)


def measure_rows(chosen):
    for path, set_up in paths.PATHS.items():
        if path not in (chosen.path or paths.PATHS):
            continue
        with paths.Hosts() as hosts:
            set_up(hosts)
            traffic = load.Traffic(hosts, chosen.seconds)
            hosts.expect_on_wire(path, traffic)
            for name in load.TRAFFICS:
                if name not in (chosen.traffic or load.TRAFFICS):
                    continue
                row = traffic.measure(
                    name, load.Profile() if chosen.profile else None)
                tell("rows", path=path, **row)


def measure_policies(chosen):
    """One flow, and policies that are about others."""
    for path in POLICY_PATHS:
        with paths.Hosts() as hosts:
            paths.PATHS[path](hosts)
            there = 1
            for count in POLICIES:
                paths.add_policies(hosts, path, there, count)
                there = count
                row = load.Traffic(hosts, chosen.seconds).measure("udp64")
                tell("policies", path=path, policies=count,
                     instructions_per_packet=row["instructions_per_packet"])


def latency(traffic, path, state):
    echoes = traffic.echoes(ECHOES)
    tell("latency", path=path, state=state, processors=os.cpu_count(),
         median=round(echoes[len(echoes) // 2] / 1000, 1),
         percentile_99=round(echoes[len(echoes) * 99 // 100] / 1000, 1))


def measure_latency(chosen):
    for path in LATENCY_PATHS:
        with paths.Hosts() as hosts:
            paths.PATHS[path](hosts)
            latency(load.Traffic(hosts, chosen.seconds), path, "idle")


def scaling(traffic, path, rounds):
    """The speed of two processors over that of one, again and again."""
    ratios = []
    for _ in range(rounds):
        speeds = []
        for online in ("0", "1"):
            CORE_1.write_text(online, encoding="ascii")
            _, octets, passed = traffic.tcp([], CORE_STREAMS)
            speeds.append(octets / passed)
        ratios.append(speeds[1] / speeds[0])
        tell("cores", path=path, ratio=round(ratios[-1], 3))


def measure_cores(chosen):
    for path in dict.fromkeys(LATENCY_PATHS + CORE_PATHS):
        with paths.Hosts(CORE_WINDOW) as hosts:
            paths.PATHS[path](hosts)
            traffic = load.Traffic(hosts, CORE_SECONDS)
            latency(traffic, path, "idle")
            with traffic.under_load():
                latency(traffic, path, "loaded")
            if path in CORE_PATHS:
                scaling(traffic, path, chosen.rounds)


PARTS = {"rows": measure_rows, "policies": measure_policies,
         "latency": measure_latency, "cores": measure_cores}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--path", action="append", choices=paths.PATHS)
    parser.add_argument("--traffic", action="append", choices=load.TRAFFICS)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def main():
    chosen = arguments()
    paths.load_ciphers()
    tell("kernel", release=os.uname().release)
    for part in chosen.part or ["rows"]:
        PARTS[part](chosen)


main()
