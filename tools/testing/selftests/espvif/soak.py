#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A long time of everything at once: traffic, new keys, lifetimes that end,
requests, lists. At the end there is as much memory as there was.

Not one of the tests that `run` runs by itself: SOAK_SECONDS is how long it
takes (20), and check-debug gives it ten minutes.
"""

import os
import pathlib
import time

import cli
import lib
from fuzz import INNER, OUTER6, echoes, pair
from hosts import add_policies, add_sas, deliver
from lib import TRANSPORT, TUNNEL, expect
from namespaces import Changes

SECONDS = int(os.environ.get("SOAK_SECONDS", "20"))
# Kilobytes that may be elsewhere at the end than at the beginning
PLAY = 4096
ALGORITHMS = ("aes128-gcm16", "aes256-cbc/hmac-sha2-512", "chacha20-poly1305",
              "aes128-ctr/aes-xcbc", "aes128-ccm8", "null/hmac-sha2-256")


def memory():
    """Kilobytes that the kernel holds for itself."""
    lines = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    sizes = {name: int(value.split()[0]) for name, value in
             (line.split(":") for line in lines.splitlines())}
    return sizes["SUnreclaim"] + sizes["Percpu"]


def make_keys(left, right, number):
    """SAs of a generation; every fourth has its end in sight."""
    algorithm = ALGORITHMS[number % len(ALGORITHMS)]
    limits = {"soft_packets": 2, "hard_packets": 1 << 40,
              "soft_seconds": 1} if number % 4 == 3 else {}
    add_sas(left, right, f"device{number}", ("192.0.2.1", "192.0.2.2"),
            0x1000 + 2 * number, TUNNEL, algorithm, ifname="ipsec0", **limits)
    add_sas(left, right, f"host{number}", OUTER6, 0x100000 + 2 * number,
            TRANSPORT, algorithm, **limits)


def use_keys(left, right, number):
    """Receivers first: nobody gets what he cannot read."""
    for direction, both in (("in", True), ("out", False)):
        for host in (left, right):
            for kind in ("device", "host"):
                names = [f"{kind}{number}-{direction}"]
                if both:
                    names.append(f"{kind}{number - 1}-{direction}")
                host.module.call("policy-set", lib.POLICY, {
                    "name": f"{kind}-{direction}", "sa": names})


def drop_keys(left, right, number):
    for host in (left, right):
        for kind in ("device", "host"):
            host.module.call("policy-set", lib.POLICY, {
                "name": f"{kind}-in", "sa": [f"{kind}{number + 1}-in"]})
            for direction in ("in", "out"):
                host.module.delete_sa(f"{kind}{number}-{direction}")


def carry(left, right):
    """A datagram each way by each kind of policy."""
    for one, other in (INNER, OUTER6):
        with left.udp(one) as here, right.udp(other) as there:
            deliver(here, there)
            deliver(there, here, 3000)


def soak():
    left, right = pair("soak")
    log = cli.KernelLog()
    make_keys(left, right, 0)
    add_policies(left, right, "device", ("0.0.0.0/0", "0.0.0.0/0"), TUNNEL,
                 "device0", ifname="ipsec0")
    add_policies(left, right, "host", OUTER6, TRANSPORT, "host0")
    changes = Changes(left)
    changes.start()
    number, samples = 0, []
    end = time.monotonic() + SECONDS
    with echoes(left, OUTER6[1], INNER[1]), echoes(right, OUTER6[0]):
        while time.monotonic() < end or number < 3:
            number += 1
            make_keys(left, right, number)
            use_keys(left, right, number)
            drop_keys(left, right, number - 1)
            carry(left, right)
            for host in (left, right):
                host.module.sas()
            samples.append(memory())
            expect(not changes.trouble, str(changes.trouble))
    changes.stop()
    lib.say(f"{number} rounds of new keys, {changes.rounds} rounds of changes; "
            f"memory {samples[0]} kB, at most {max(samples)} kB, "
            f"{samples[-1]} kB at the end")
    third = max(1, len(samples) // 3)
    early, late = min(samples[:third]), min(samples[-third:])
    expect(late < early + PLAY,
           f"memory grows: {early} kB in the first third, {late} kB in the last")
    log.expect_quiet()


def main():
    report = lib.Report(1)
    with report.point(f"{SECONDS} seconds of everything"):
        soak()
    report.finish()


if __name__ == "__main__":
    lib.need("ping", "nft")
    main()
