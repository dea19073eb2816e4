#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Storms of requests and packets: nothing that comes may do harm.

       +------ left -------+  wire   +------ right ------+
       | 192.0.2.1         |---------| 192.0.2.2         |
       | 2001:db8::1       |         | 2001:db8::2       |
       | ipsec0  10.0.0.1  |=========| ipsec0  10.0.0.2  |
       +-------------------+   ESP   +-------------------+

The programs in tools/testing/fuzz/kernel/ do the storming, here for some seconds;
ESPVIF_MESSAGES and ESPVIF_PACKETS let it take as long as one likes, ESPVIF_SEED
lets chance begin elsewhere. With ESPVIF_FAIL=1 allocations fail in between, on a
kernel that can do that.
"""

import contextlib
import os
import pathlib
import re
import subprocess

import cli
import lib
from hosts import Host
from lib import expect, expect_equal

OUTER = ("192.0.2.1", "192.0.2.2")
OUTER6 = ("2001:db8::1", "2001:db8::2")
INNER = ("10.0.0.1", "10.0.0.2")
TREE = lib.HERE.parents[3]
STORMS = TREE / "build/fuzz"
SEED = os.environ.get("ESPVIF_SEED", "2406")
# What the kernel says about requests that are no requests
COMPLAINTS = ["^netlink: ", "callbacks suppressed", "protocol .* is buggy",
              "bad gso"]
MESSAGES = int(os.environ.get("ESPVIF_MESSAGES", "3000"))

FAIL = ["--fail"] if os.environ.get("ESPVIF_FAIL") else []
if FAIL:
    # who gets no memory may say so; bugs are found by whoever reads it all
    COMPLAINTS.append("")
PACKETS = int(os.environ.get("ESPVIF_PACKETS", "6000"))


# Chance makes SAs whose packets might cause packets of the same kind, for ever; a slow
# kernel would do nothing else then, for minutes. All that a host sends on its own here are
# some echoes: what is more is counted.
NO_MORE_THAN_ECHOES = """
table inet storm {
	counter excess {
	}
	chain output {
		type filter hook output priority -400
		limit rate over 100/second burst 200 packets counter name excess
	}
}
"""


def pair(name):
    """Two hosts with a wire and a device each, addresses and routes."""
    left, right = Host(f"{name}-left"), Host(f"{name}-right")
    lib.join(left, right)
    for number, host in enumerate((left, right)):
        host.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up")
        host.address("wire", f"{OUTER[number]}/24", f"{OUTER6[number]}/64")
        host.address("ipsec0", f"{INNER[number]}/24")
        host.rules(NO_MORE_THAN_ECHOES)
    return left, right


def tell_excess(*hosts):
    """How many packets were more than anybody wanted to send."""
    for host in hosts:
        lib.say(f"{host.name}: " + " ".join(host.run(
            "nft", "list", "counter", "inet", "storm", "excess").split()))


@contextlib.contextmanager
def echoes(host, *addresses):
    """Pings that never mind whether somebody answers; slow kernels would do
    nothing else if there were more of them.
    """
    interval = f"{0.02 * lib.PATIENCE ** 2:.2f}"
    with host:
        pings = [subprocess.Popen(
            ["ping", "-q", "-i", interval, "-s", size, address],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for address, size in zip(addresses, ("56", "3000", "56"))]
    try:
        yield
    finally:
        for ping in pings:
            ping.kill()
            ping.wait()


def begin(host, program, *options):
    with host:
        return subprocess.Popen(
            [STORMS / program, "--seed", SEED, *FAIL, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def let_fail():
    """What can fail, does when it is asked to."""
    for name, key, value in (("failslab", "ignore-gfp-wait", "N"),
                             ("fail_page_alloc", "ignore-gfp-wait", "N"),
                             ("fail_page_alloc", "min-order", "0"),
                             ("failslab", "verbose", "0"),
                             ("fail_page_alloc", "verbose", "0")):
        pathlib.Path("/sys/kernel/debug", name, key).write_text(
            value, encoding="ascii")


def told(process):
    """What a storm tells at its end, as {what: number}."""
    text = process.communicate()[0]
    lib.say(text)
    expect_equal("status of the storm", process.returncode, 0)
    return {what: int(number) for number, what in
            re.findall(r"(\d+) ([a-z][a-z ]*)", text.splitlines()[0])}


def expect_in_order(*hosts):
    """All can be removed, and then nothing is left."""
    for host in hosts:
        for device in ("ipsec0", "ipsec1", "ipsec2"):
            host.try_run("ip", "link", "delete", device)
        host.module.flush()
        expect_equal("SAs that are left", host.module.sas(), {})


# ----- requests ----------------------------------------------------------------

# What netlink_storm takes, too
ALGORITHMS = ("aes128-gcm16", "aes192-gcm8", "aes128-cbc/hmac-sha2-256",
              "aes128-ctr/hmac-sha1", "aes128-ccm16", "chacha20-poly1305",
              "null/hmac-sha2-512", "3des-cbc/hmac-sha2-384", "aes128-gmac",
              "aes256-cbc/aes-xcbc", "aes256-gcm12", "aes256-ctr/aes-cmac")


def load_algorithms(host):
    """Looking for modules, also of what doesn't exist, would take most of the time
    later. The debug kernel has all built in.
    """
    if os.uname().release.endswith("debug"):
        return
    for number, name in enumerate(ALGORITHMS):
        host.module.add_sa(f"first{number}", *OUTER, 0x1000 + number,
                           lib.TUNNEL, lib.Algorithm(name), direction=lib.OUT)
    host.module.flush()


def requests():
    """On both hosts at once, under traffic."""
    left, right = pair("requests")
    log = cli.KernelLog()
    load_algorithms(left)
    rules = pathlib.Path("/run/storm-rules")
    rules.write_text(NO_MORE_THAN_ECHOES, encoding="ascii")
    with lib.without_autoload(), echoes(left, OUTER[1], OUTER6[1], INNER[1]), \
            echoes(right, OUTER[0], OUTER6[0], INNER[0]):
        storms = [begin(host, "netlink_storm", "--messages",
                        str(MESSAGES // 2), "--peer",
                        f"/run/netns/{other.name}", "--rules", rules)
                  for host, other in ((left, right), (right, left))]
        results = [told(storm) for storm in storms]
    tell_excess(left, right)
    for result in results:
        expect(result["messages"] >= MESSAGES // 2, "too few messages")
        expect(result["accepted"] >= result["messages"] // 10,
               "hardly any made sense")
        expect(result["refused"] >= result["messages"] // 10,
               "hardly any made no sense")
    counted = {name for host in (left, right)
               for name in host.module.counters()}
    # in a short storm chance may leave nothing that protects
    expect(counted if MESSAGES < 20000 else "out-packets" in counted,
           f"nothing protected, only {counted}")
    expect_in_order(left, right)
    log.expect_quiet(*COMPLAINTS)


# ----- packets -----------------------------------------------------------------

CHANNELS, SPI_FIRST = 32, 0x2000
STORM = {4: "198.51.100.{}", 6: "2001:db8:5::{}"}
INSIDE = {4: "10.9.0.{}", 6: "2001:db8:9::{}"}
BEHIND = {4: "10.8.0.0/24", 6: "2001:db8:8::/64"}


def foreign_algorithm(number):
    return ("aes128-gcm16", "aes256-cbc/hmac-sha2-512", "chacha20-poly1305",
            "aes128-ctr/aes-xcbc")[number & 3]


def channel(number):
    """An inbound SA as packet_storm's struct channel has it."""
    family = 6 if number & 1 else 4
    if number & 8:
        key = lib.Algorithm(foreign_algorithm(number))
    else:
        key = lib.Algorithm("null/hmac-sha2-256")
        key.integrity_key = bytes((number * 32 + i) & 255 for i in range(32))
    values = {"encap": 2, "encap_sport": 4500, "encap_dport": 4500} \
        if number & 4 else {}
    return (f"channel{number}", STORM[family].format(2),
            STORM[family].format(1), SPI_FIRST + number,
            lib.TUNNEL if number & 2 else lib.TRANSPORT, key), \
        values | {"esn": bool(number & 16), "replay_window": 64,
                  "direction": lib.IN}


def in_policies(host, mode, numbers, prefixes):
    """A policy is of one family, and has some of all SAs."""
    for family in (4, 6):
        ours = [f"channel{number}" for number in numbers
                if (number & 1) == (family == 6)] \
            if mode == lib.TRANSPORT else [f"channel{n}" for n in numbers]
        bits = 32 if family == 4 else 128
        host.module.add_policy(
            f"in-{mode}-{family}", lib.IN,
            f"{prefixes[family].format(2)}/{bits}",
            f"{prefixes[family].format(1)}/{bits}", mode=mode, sa=ours)


def protect_what_is_forwarded(host):
    """Behind ipsec0 are networks; a few SAs carry what goes there."""
    for family in (4, 6):
        for number, algorithm in enumerate(
                ("aes128-gcm16", "aes256-cbc/hmac-sha2-512")):
            host.module.add_sa(
                f"out{family}{number}", STORM[family].format(1),
                STORM[family].format(2), 0x3000 + number, lib.TUNNEL,
                lib.Algorithm(algorithm), direction=lib.OUT, ifname="ipsec0")
        host.module.add_policy(
            f"out{family}", lib.OUT, "0.0.0.0/0" if family == 4 else "::/0",
            BEHIND[family], mode=lib.TUNNEL, ifname="ipsec0", protocol=17,
            sa=[f"out{family}0"])
        host.module.add_policy(
            f"rest{family}", lib.OUT, "0.0.0.0/0" if family == 4 else "::/0",
            BEHIND[family], mode=lib.TUNNEL, ifname="ipsec0", priority=2000,
            sa=[f"out{family}1"])


def set_stage():
    """A host on which packets come out of two devices that it doesn't know."""
    host = Host("packets")
    host.forwards()
    host.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up",
                  "link add sink type dummy", "link set sink up")
    for number in range(CHANNELS):
        place, values = channel(number)
        host.module.add_sa(*place, **values)
    tunnels = [n for n in range(CHANNELS) if n & 2]
    in_policies(host, lib.TUNNEL, tunnels, INSIDE)
    in_policies(host, lib.TRANSPORT,
                [n for n in range(CHANNELS) if not n & 2], STORM)
    for family, bits in ((4, 32), (6, 128)):
        # what an IKE daemon would say of its socket
        host.module.add_policy(
            f"ike-{family}", lib.IN, f"{STORM[family].format(2)}/{bits}",
            f"{STORM[family].format(1)}/{bits}", protocol=17, dport_min=4500,
            dport_max=4500, priority=1, action=lib.NONE)
    protect_what_is_forwarded(host)
    host.address("lo", *(f"{INSIDE[family].format(1)}/{bits}"
                         for family, bits in ((4, 32), (6, 128))))
    return host


def connect_storm(host):
    for device in ("storm0", "storm1"):
        host.ip_batch(f"link set {device} up")
        # copies of every packet, which share its buffers
        host.run("tc", "qdisc", "add", "dev", device, "clsact")
        host.run("tc", "filter", "add", "dev", device, "ingress", "matchall",
                 "action", "mirred", "egress", "mirror", "dev", "sink")
        host.sysctl(f"ipv4/conf/{device}/rp_filter", 0)
        host.sysctl(f"ipv4/conf/{device}/accept_local", 1)
    host.sysctl("ipv4/conf/all/rp_filter", 0)
    host.address("storm0", f"{STORM[4].format(1)}/24",
                 f"{STORM[6].format(1)}/64")
    host.routes(f"{BEHIND[4]} dev ipsec0")
    host.run("ip", "-6", "route", "add", BEHIND[6], "dev", "ipsec0")
    for family in (4, 6):
        host.run("ip", "neigh", "replace", STORM[family].format(2), "lladdr",
                 "02:00:00:00:00:02", "dev", "storm0", "nud", "permanent")


def packets():
    """Out of devices that make buffers of every kind."""
    host = set_stage()
    log = cli.KernelLog()
    storm = begin(host, "packet_storm", "--packets", str(PACKETS))
    expect_equal("the storm's first line", storm.stdout.readline(), "ready\n")
    connect_storm(host)
    storm.stdin.write("go\n")
    storm.stdin.close()
    storm.stdin = None
    with lib.spread_changing(0.5):
        result = told(storm)
    counters = host.module.counters()
    lib.say(counters)
    expect(result["packets"] >= PACKETS, "too few packets")
    received = sum(value for name, value in counters.items()
                   if name.startswith("in-"))
    expect(received >= PACKETS // 3, f"only {received} were looked at")
    expect(counters["in-packets"] >= PACKETS // 20,
           "hardly any could be delivered")
    expect(counters["out-packets"] >= PACKETS // 20, "hardly any went out")
    expect_in_order(host)
    log.expect_quiet(*COMPLAINTS)


TESTS = [(f"{number} {name}", test) for number, name, test in (
    (MESSAGES, "requests under traffic", requests),
    (PACKETS, "packets", packets)) if number]


def build():
    """Whoever tests the whole tree has built them before."""
    subprocess.run(["make", "-s", "-C", TREE, "storms"], check=True,
                   stdout=subprocess.DEVNULL)


def main():
    report = lib.Report(len(TESTS))
    for name, test in TESTS:
        with report.point(name):
            test()
    report.finish()


if __name__ == "__main__":
    lib.need("ping", "nft")
    build()
    if FAIL:
        let_fail()
    main()
