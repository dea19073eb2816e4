# SPDX-License-Identifier: GPL-2.0-or-later
"""What Libreswan's documentation has people type: one raw RSA key for each
host, the same ipsec.conf on both, nothing else.

The directory examples has those files with all their settings; in the place of
each key, which the documentation cuts short, stands what `ipsec showhostkey`
says at that host.
"""

import contextlib
import pathlib
import re

import lib
from lib import expect
from network import LAN, LAN6, OTHER, SIDES, WIRE, inside

HERE = pathlib.Path(__file__).resolve().parent / "examples"
SIDE_WORDS = {"left": "west", "right": "east"}


def text_of(pair, example):
    """An example with the keys of both hosts."""
    keys = pair.host_keys()
    return re.sub(r"(left|right)rsasigkey=KEY",
                  lambda found: f"{found[1]}rsasigkey="
                                f"{keys[SIDE_WORDS[found[1]]]}",
                  (HERE / f"{example}.conf").read_text(encoding="ascii"))


@contextlib.contextmanager
def running(pair, example):
    """Both have an example in their ipsec.conf, beside their keys, and begin;
    afterwards both have ended, so that the next point finds nothing of it."""
    text = text_of(pair, example)
    pair.network.translate(None)
    try:
        for daemon in pair.daemons.values():
            daemon.load()
            daemon.stop()
            daemon.place.write("/etc/ipsec.conf", text)
            daemon.place.write("/etc/ipsec.secrets", "")
        for daemon in pair.daemons.values():
            daemon.start()
        pair.network.watch.forget()
        yield
    finally:
        for daemon in pair.daemons.values():
            daemon.stop()


def expect_counted(pair, name, number):
    """So many bytes each way, of pings with 84 bytes."""
    said = pair.tested.sas()
    line = re.search(rf'^006 #\d+: "{name}".*$', said, re.MULTILINE)
    expect(line and f"inBytes={number}, outBytes={number}" in line[0],
           f"{name} has not carried {number} bytes each way:\n{said}")


def host_to_host(pair, begins):
    """The first example: who asks for the tunnel gets it, pings and counts."""
    with running(pair, "host-to-host"):
        pair.beginner(begins).up("mytunnel")
        pair.network.expect_protected((WIRE["west"], WIRE["east"]), count=4)
        expect_counted(pair, "mytunnel", 4 * 84)
        pair.beginner(begins).down("mytunnel")


def wait_until_up(pair, name):
    lib.wait_for(lambda: f'"{name}"' in pair.tested.sas(), f"{name} is up")


def site_to_site(pair):
    """The second: both bring both tunnels up as they begin."""
    with running(pair, "site-to-site"):
        wait_until_up(pair, "mysubnet")
        wait_until_up(pair, "mysubnet6")
        pair.network.expect_protected(
            *([inside(lan[side]) for side in SIDES] for lan in (LAN, LAN6)),
            count=4)


def source_addresses(pair):
    """The third: what a gateway sends itself comes from its own network."""
    with running(pair, "source-addresses"):
        wait_until_up(pair, "mysubnet")
        for side, other in OTHER.items():
            host, there = pair.network.sites[side], inside(LAN[other])
            # by the updown command, which comes after
            lib.wait_for(lambda host=host, side=side, there=there:
                         f"src {inside(LAN[side])} " in
                         host.run("ip", "route", "get", there),
                         f"{side} has a route to {there} with its address")
            expect(host.ping(there), f"no echo from {there} to {side} itself")
        pair.network.watch.expect_nothing_clear()
