#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""espvif and XFRM on the same hosts, at the same time.

                     both of both kinds
    +---- west ----+                              +---- east ----+
    |         wire +--- 192.0.2.1 ESP 192.0.2.2 --+ wire         |
    |              |    192.0.2.3     192.0.2.4   |              |
    | espvif: 10.1.1.1 ======================= 10.1.2.1          |
    |         fd01:1::1 ===================== fd01:2::1          |
    | XFRM:   10.2.1.1 ======================= 10.2.2.1          |
    |         fd02:1::1 ===================== fd02:2::1          |
    +--------------+                              +--------------+

espvif has tunnels between .1 and .2; so has XFRM, with other SPIs, and with the
same SPIs between .3 and .4, all with the kernel's ESP offload loaded. Both kinds
carry traffic, also at once; each counts only what is its own; `nft meta secpath`
recognizes what either has protected; and XFRM goes on while espvif is unloaded.
"""

import os
import subprocess

import lib
import traffic
from lib import IN, OUT, TUNNEL

OUTER = ("192.0.2.1", "192.0.2.2")
OTHER_OUTER = ("192.0.2.3", "192.0.2.4")
OURS = (("10.1.1.1", "10.1.2.1"), ("fd01:1::1", "fd01:2::1"))
THEIRS = (("10.2.1.1", "10.2.2.1"), ("fd02:1::1", "fd02:2::1"))
OUR_SPI, THEIR_SPI, BOTH_SPI = 0x1000, 0x2000, 0x3000
PAYLOAD = os.urandom(200 * 1024)

# The first rule that fits counts a packet. No sets: Linux 6.12 doesn't tell lockdep by
# which lock it walks through them, and the debug kernel complains.
RULES = """
table inet protected {
	counter espvif { }
	counter xfrm { }
	counter clear { }
	chain count {
		ip saddr 10.1.0.0/16 meta secpath exists counter name espvif accept
		ip6 saddr fd01::/16 meta secpath exists counter name espvif accept
		ip saddr 10.2.0.0/16 meta secpath exists counter name xfrm accept
		ip6 saddr fd02::/16 meta secpath exists counter name xfrm accept
		ip saddr 0.0.0.0/0 counter name clear accept
		ip6 saddr fd01::/16 counter name clear accept
		ip6 saddr fd02::/16 counter name clear accept
	}
	chain input {
		type filter hook input priority 0;
		iif lo accept
		meta l4proto icmp jump count
		meta l4proto icmpv6 jump count
		meta l4proto tcp jump count
	}
}
"""


class Host:
    """One end; number 0 is west, 1 is east."""

    def __init__(self, number, name):
        self.number, self.namespace = number, lib.Namespace(name)
        self.module = None

    def set_up(self):
        own, other = self.number, 1 - self.number
        self.namespace.add_addresses(
            "wire", f"{OUTER[own]}/24", f"{OTHER_OUTER[own]}/24",
            f"2001:db8::{own + 1}/64")
        self.namespace.add_addresses(
            "lo", *(pair[own] for pair in OURS + THEIRS))
        for pair in OURS + THEIRS:
            via = f"2001:db8::{other + 1}" if ":" in pair[0] else OUTER[other]
            self.namespace.ip_batch(
                f"route add {pair[other]} via {via} src {pair[own]}")
        with self.namespace:
            lib.run("nft", "-f", "-", input=RULES)
        self.protect_by_xfrm()
        self.protect_by_us()

    def direction(self, end):
        """Of what this end sends, seen from here."""
        return OUT if end == self.number else IN

    def protect_by_xfrm(self):
        algorithm = lib.Algorithm("aes128-gcm16", "xfrm")
        for pair, outer, spi in ((THEIRS[0], OUTER, THEIR_SPI),
                                 (THEIRS[1], OTHER_OUTER, OUR_SPI)):
            for end in (0, 1):
                ends = f"src {outer[end]} dst {outer[1 - end]} proto esp"
                inner = f"src {pair[end]} dst {pair[1 - end]}"
                way = "out" if self.direction(end) == OUT else "in"
                self.namespace.ip_batch(
                    f"xfrm state add {ends} spi {spi + end} mode tunnel "
                    f"replay-window 1024 {algorithm.xfrm_words()} sel {inner}",
                    f"xfrm policy add {inner} dir {way} "
                    f"tmpl {ends} mode tunnel")

    def protect_by_us(self):
        self.module = lib.Module(self.namespace)
        algorithm = lib.Algorithm("aes128-gcm16", "espvif")
        for end in (0, 1):
            self.module.add_sa(f"sa{end}", OUTER[end], OUTER[1 - end],
                               OUR_SPI + end, TUNNEL, algorithm,
                               direction=self.direction(end),
                               replay_window=lib.window(self.direction(end)))
            for pair in OURS:
                self.module.add_policy(f"{pair[end]}", self.direction(end),
                                       pair[end], pair[1 - end],
                                       sa=f"sa{end}", mode=TUNNEL)

    def seen_by_nft(self):
        """Packets by nft's counters."""
        words = self.namespace.run("nft", "list", "counters").split()
        return {words[i + 1]: int(words[i + 4])
                for i, word in enumerate(words) if word == "counter"}

    def xfrm_packets(self):
        """What all of XFRM's SAs have carried: the first number of each."""
        text = self.namespace.run("ip", "-s", "xfrm", "state")
        current = text.split("lifetime current:")[1:]
        return sum(int(part.split(",")[1].split("(")[0]) for part in current)

    def our_packets(self):
        return sum(sa["packets"] for sa in self.module.sas().values())

    def xfrm_errors(self):
        return {name: number for name, number in
                self.namespace.statistics("xfrm_stat").items() if number}


def echoes(west, east, pairs):
    for here, there in pairs:
        traffic.echo(west.namespace, here, there)
        traffic.echo(east.namespace, there, here)


def each_its_own(west, east):
    """Eight packets by each tunnel; nobody counts one of the other's."""
    before = [(host.our_packets(), host.xfrm_packets()) for host in (west, east)]
    echoes(west, east, OURS)
    middle = [(host.our_packets(), host.xfrm_packets()) for host in (west, east)]
    lib.expect_equal("packets of espvif and of XFRM", [
        (now[0] - then[0], now[1] - then[1])
        for then, now in zip(before, middle)], [(8, 0)] * 2)
    echoes(west, east, THEIRS)
    after = [(host.our_packets(), host.xfrm_packets()) for host in (west, east)]
    lib.expect_equal("packets of espvif and of XFRM", [
        (now[0] - then[0], now[1] - then[1])
        for then, now in zip(middle, after)], [(0, 8)] * 2)


def transfers(west, _):
    """TCP through all four tunnels at once."""
    running = [traffic.Transfer(west.namespace, *pair, PAYLOAD)
               for pair in OURS + THEIRS]
    for one in running:
        one.result()


def recognized(west, east):
    """nft tells what came protected from what did not."""
    for host in (west, east):
        seen = host.seen_by_nft()
        lib.expect(seen["espvif"] > 8 and seen["xfrm"] > 8, f"seen: {seen}")
        lib.expect_equal("clear", seen["clear"], 0)
    traffic.echo(west.namespace, *OUTER)
    for host in (west, east):
        lib.expect_equal("clear", host.seen_by_nft()["clear"], 1)


def allowed_by_xfrm(west, east):
    """A policy of XFRM's that allows our inner packets finds nothing wrong."""
    for host in (west, east):
        for pair in OURS:
            ends = f"src {pair[1 - host.number]} dst {pair[host.number]}"
            host.namespace.ip_batch(
                f"xfrm policy add {ends} dir in action allow")
    echoes(west, east, OURS)


def wanted_by_both(west, east):
    """What both want to protect, espvif does."""
    ends = f"src {OUTER[0]} dst {OUTER[1]} proto esp"
    inner = [f"src {pair[0]} dst {pair[1]} dir out" for pair in OURS]
    words = lib.Algorithm("aes128-gcm16", "both").xfrm_words()
    west.namespace.ip_batch(
        f"xfrm state add {ends} spi {BOTH_SPI} mode tunnel flag af-unspec {words}",
        *(f"xfrm policy add {flow} tmpl {ends} mode tunnel" for flow in inner))
    before = west.our_packets(), west.xfrm_packets()
    echoes(west, east, OURS)
    lib.expect_equal("packets of espvif and of XFRM",
                     (west.our_packets() - before[0],
                      west.xfrm_packets() - before[1]), (8, 0))
    west.namespace.ip_batch(*(f"xfrm policy delete {flow}" for flow in inner),
                            f"xfrm state delete {ends} spi {BOTH_SPI}")


def no_errors(west, east):
    for host in (west, east):
        lib.expect_equal("XFRM's errors", host.xfrm_errors(), {})
        lib.expect_equal("counters", set(host.module.counters()) - {
            "out-too-big"}, {"in-packets", "out-packets"})


def unloaded(west, east):
    """Unload in the middle of a transfer of XFRM's, load again, set up again."""
    running = [traffic.Transfer(west.namespace, *pair, PAYLOAD * 4)
               for pair in THEIRS]
    lib.run("rmmod", "espvif")
    for one in running:
        one.result()
    echoes(west, east, THEIRS)
    lib.run("modprobe", "espvif")
    for host in (west, east):
        host.protect_by_us()
    echoes(west, east, OURS + THEIRS)


def without_xfrm(west, east):
    """And XFRM's end does not touch our tunnels."""
    for host in (west, east):
        host.namespace.ip_batch("xfrm policy flush", "xfrm state flush")
    lib.run("rmmod", "esp4_offload", "esp6_offload", "esp4", "esp6")
    echoes(west, east, OURS)
    transfer = traffic.Transfer(west.namespace, *OURS[0], PAYLOAD)
    transfer.result()


POINTS = (
    ("each carries and counts what is its own", each_its_own),
    ("TCP through all tunnels at once", transfers),
    ("nft meta secpath tells what was protected", recognized),
    ("a policy of XFRM's lets our packets in", allowed_by_xfrm),
    ("a flow that both have a policy for is espvif's", wanted_by_both),
    ("nothing was dropped by either", no_errors),
    ("XFRM goes on while espvif is unloaded and comes back", unloaded),
    ("espvif goes on without XFRM's ESP", without_xfrm),
)


def main():
    lib.need("nft")
    if subprocess.run(["modprobe", "-a", "esp4", "esp6", "esp4_offload",
                       "esp6_offload"], check=False).returncode:
        lib.skip_all("no esp4_offload")
    report = lib.Report(len(POINTS))
    west, east = Host(0, "west"), Host(1, "east")
    lib.join(west.namespace, east.namespace)
    west.set_up()
    east.set_up()
    traffic.Mirror(east.namespace)
    for name, function in POINTS:
        with report.point(name):
            function(west, east)
    report.finish()


if __name__ == "__main__":
    main()
