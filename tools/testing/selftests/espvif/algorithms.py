#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every algorithm, mode and pair of address families against the kernel's XFRM.

             espvif                                      XFRM
    +------- west -------+                      +------- east -------+
    | inner addresses lo |                      | inner addresses lo |
    |            ipsec0  |                      |                    |
    |              wire  +------- ESP ----------+ wire               |
    +--------------------+  192.0.2.1    .2     +--------------------+
                            2001:db8::1  ::2

Each algorithm goes through transport mode over IPv4 and IPv6 and through the four
kinds of tunnels under host policies, with and without extended sequence
numbers, and through the same four tunnels behind the device ipsec0, with them
or without. All these cases exist at once, each with SAs and inner addresses of
its own. Both ends allow only what their policy has protected, so what arrives
was ESP, and each understood the other: an echo in both directions, and a TCP
connection whose bytes are compared in both directions.
"""

import os

import lib
import traffic
from lib import IN, OUT, TRANSPORT, TUNNEL

# Each encryption and each integrity algorithm, each length of key and ICV
NAMES = (
    "3des-cbc/hmac-sha1", "3des-cbc/hmac-sha2-256",
    "null/hmac-sha1", "null/hmac-sha2-384", "null/aes-xcbc",
    "aes128-cbc/hmac-sha1", "aes128-cbc/hmac-sha2-256",
    "aes192-cbc/hmac-sha2-384", "aes256-cbc/hmac-sha2-512",
    "aes128-cbc/aes-xcbc", "aes256-cbc/aes-cmac",
    "aes128-ctr/hmac-sha1", "aes192-ctr/hmac-sha2-256",
    "aes256-ctr/hmac-sha2-512",
    "aes128-gcm8", "aes192-gcm8", "aes256-gcm8",
    "aes128-gcm12", "aes192-gcm12", "aes256-gcm12",
    "aes128-gcm16", "aes192-gcm16", "aes256-gcm16",
    "aes128-ccm8", "aes192-ccm8", "aes256-ccm8",
    "aes128-ccm12", "aes192-ccm12", "aes256-ccm12",
    "aes128-ccm16", "aes192-ccm16", "aes256-ccm16",
    "aes128-gmac", "aes192-gmac", "aes256-gmac",
    "chacha20-poly1305",
)

LENGTHS = {4: 24, 6: 64}
OUTER = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
# What a case sends by TCP, there and back: as much as a super-packet holds
PAYLOAD = os.urandom(64 * 1024)


class Kind:
    """A mode with its address families, by host policies or by the device."""

    def __init__(self, number, mode, inner, outer, device=None):
        self.number, self.mode, self.device = number, mode, device
        self.inner, self.outer = inner, outer
        self.name = f"transport IPv{inner}" if mode == TRANSPORT else \
            f"tunnel IPv{inner} in IPv{outer}" + \
            (" by ipsec0" if device else "")

    def prefix(self):
        """Of all inner addresses of this kind."""
        return f"10.{self.number}.0.0/16" if self.inner == 4 else \
            f"fd00:{self.number}::/32"

    def esn(self, number):
        """Without and with ESN; one of them behind the device."""
        return [bool(number % 2)] if self.device else [False, True]

    def addresses(self, number):
        """The inner ones of a case, ours and the peer's."""
        if self.inner == 4:
            net = f"10.{self.number}.{number}."
            return net + "1", net + "2"
        net = f"fd00:{self.number}:{number}::"
        return net + "1", net + "2"


KINDS = [Kind(1, TRANSPORT, 4, 4), Kind(2, TRANSPORT, 6, 6)]
KINDS += [Kind(3 + 2 * i + j, TUNNEL, inner, outer)
          for i, inner in enumerate((4, 6)) for j, outer in enumerate((4, 6))]
KINDS += [Kind(7 + 2 * i + j, TUNNEL, inner, outer, "ipsec0")
          for i, inner in enumerate((4, 6)) for j, outer in enumerate((4, 6))]


class Case:
    """A kind with an algorithm, with or without ESN."""

    def __init__(self, kind, number, name, esn):
        self.kind, self.esn = kind, esn
        self.number = number * 2 + esn
        self.label = f"{kind.name}, {name}, {'ESN' if esn else 'no ESN'}"
        self.spi = 0x1000 * kind.number + 2 * self.number
        self.algorithm = lib.Algorithm(name, str(self.spi))
        self.here, self.there = kind.addresses(self.number)
        self.outer = OUTER[kind.outer] if kind.mode == TUNNEL else \
            (self.here, self.there)
        self.out, self.inward = f"out-{self.spi:x}", f"in-{self.spi:x}"

    def sas(self):
        """(name, direction, source, destination, SPI) of both."""
        here, there = self.outer
        return ((self.out, OUT, here, there, self.spi),
                (self.inward, IN, there, here, self.spi + 1))

    def add_sas(self, module):
        for name, direction, source, destination, spi in self.sas():
            module.add_sa(name, source, destination, spi, self.kind.mode,
                          self.algorithm, direction=direction, esn=self.esn,
                          ifname=self.kind.device,
                          replay_window=lib.window(direction))

    def add_policies(self, module):
        for name, direction, source, destination in (
                (self.out, OUT, self.here, self.there),
                (self.inward, IN, self.there, self.here)):
            module.add_policy(name, direction, source, destination, sa=name,
                              mode=self.kind.mode, ifname=self.kind.device)

    def add_sas_by_tool(self, west):
        """The same with the names that users know, in transport mode."""
        for name, direction, source, destination, spi in self.sas():
            west.run("ipsec", "sa", "add", "--sa-name", name,
                     "--sa-source", source, "--sa-destination", destination,
                     "--sa-spi", hex(spi), "--sa-mode", "transport",
                     *(["--sa-direction", "in", "--replay-window", "4096"]
                       if direction == IN else ["--sa-direction", "out"]),
                     *self.algorithm.our_options())

    def xfrm_lines(self):
        """The peer's side: what is in to us is out to it."""
        mode = "transport" if self.kind.mode == TRANSPORT else "tunnel"
        esn = "replay-window 1024" + (" flag esn" if self.esn else "")
        for _, direction, source, destination, spi in self.sas():
            inner = (self.here, self.there) if direction == OUT else \
                (self.there, self.here)
            selector = f"src {inner[0]} dst {inner[1]}"
            yield (f"xfrm state add src {source} dst {destination} proto esp "
                   f"spi {spi:#x} mode {mode} {esn} "
                   f"{self.algorithm.xfrm_words()} sel {selector}")
            yield (f"xfrm policy add {selector} "
                   f"dir {'in' if direction == OUT else 'out'} "
                   f"priority 2 tmpl "
                   f"src {source} dst {destination} proto esp mode {mode}")


def all_cases():
    return [Case(kind, number, name, esn) for kind in KINDS
            for number, name in enumerate(NAMES) for esn in kind.esn(number)]


# ----- setting up ----------------------------------------------------------------

def add_addresses(namespace, cases, end):
    """Addresses of one end: of transport mode on the wire, of tunnels on lo."""
    on_wire = [f"{OUTER[family][end]}/{LENGTHS[family]}" for family in OUTER]
    on_loopback = []
    for case in cases:
        address = (case.here, case.there)[end]
        if case.kind.mode == TRANSPORT:
            on_wire.append(f"{address}/{LENGTHS[case.kind.inner]}")
        else:
            on_loopback.append(address)
    namespace.add_addresses("wire", *on_wire)
    namespace.add_addresses("lo", *on_loopback)


def route_lines(end):
    for kind in KINDS:
        if kind.mode == TUNNEL:
            way = f"via {OUTER[kind.inner][1 - end]} dev wire"
            if kind.device and end == 0:
                way = f"dev {kind.device}"
            yield f"route add {kind.prefix()} {way}"


# Neighbours must find each other in the clear; XFRM has no such exception
NEIGHBOUR_LINES = [
    f"xfrm policy add dir {direction} src ::/0 dst ::/0 "
    f"proto ipv6-icmp type {kind} action allow priority 1"
    for direction in ("in", "out") for kind in (135, 136)]


def set_up(cases):
    """Makes both ends; returns them and the module."""
    west, east = lib.Namespace("west"), lib.Namespace("east")
    lib.join(west, east)
    add_addresses(west, cases, 0)
    add_addresses(east, cases, 1)
    west.ip_batch("link add ipsec0 type espvif",
                  # nothing but our cases shall go into it
                  "link set ipsec0 addrgenmode none", "link set ipsec0 up",
                  *route_lines(0))
    east.ip_batch(*route_lines(1), *NEIGHBOUR_LINES,
                  *(line for case in cases for line in case.xfrm_lines()))
    module = lib.Module(west)
    for case in cases:
        if case.kind.mode == TRANSPORT and case.kind.inner == 4 and \
                not case.esn:
            case.add_sas_by_tool(west)
        else:
            case.add_sas(module)
        case.add_policies(module)
    return west, east, module


# ----- traffic -------------------------------------------------------------------

def try_case(case, west, east, module):
    traffic.echo(west, case.here, case.there)
    traffic.echo(east, case.there, case.here)
    for name in (case.out, case.inward):
        lib.expect_equal(f"packets of SA {name}", module.sa(name)["packets"], 2)
    traffic.transfer(west, case.here, case.there, PAYLOAD)


def expect_no_drops(west, east, module):
    """
    Nothing went wrong on the way, even if something repaired it. What is too
    big tells TCP which size fits.
    """
    for name, sa in module.sas().items():
        drops = set(sa.get("drop", {})) - {"out-too-big"}
        lib.expect_equal(f"drops of SA {name}", drops, set())
    counters = set(module.counters()) - {"out-too-big"}
    lib.expect_equal("counters", counters, {"in-packets", "out-packets"})
    errors = {name: value for name, value in
              east.statistics("xfrm_stat").items() if value}
    lib.expect_equal("XFRM's errors", errors, {})


def main():
    cases = all_cases()
    report = lib.Report(len(cases) + 1)
    west, east, module = set_up(cases)
    traffic.Mirror(east)
    for case in cases:
        with report.point(case.label):
            try_case(case, west, east, module)
    with report.point("nothing was dropped on either side"):
        expect_no_drops(west, east, module)
    report.finish()


if __name__ == "__main__":
    main()
