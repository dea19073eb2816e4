#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The module can go at any moment, and leaves nothing behind.

       +------ left -------+  wire   +------ right ------+
       | 192.0.2.1         |---------| 192.0.2.2         |
       | 2001:db8::1       |         | 2001:db8::2       |
       | ipsec0  10.0.0.1  |=========| ipsec0  10.0.0.2  |
       +-------------------+   ESP   +-------------------+

Loaded, configured, flooded with echoes in both directions by the device and
by host policies, and unloaded while they fly; again and again, at another
moment each time.
"""

import contextlib
import os
import random
import subprocess

import cli
import lib
from hosts import (Counting, Flood, Host, Wire, add_policies, add_sas,
                   deliver)
from lib import OUT, TRANSPORT, TUNNEL, expect, expect_equal

OUTER = ("192.0.2.1", "192.0.2.2")
OUTER6 = ("2001:db8::1", "2001:db8::2")
INNER = ("10.0.0.1", "10.0.0.2")
EVERYTHING = ("0.0.0.0/0", "0.0.0.0/0")
ALGORITHMS = ("aes128-gcm16", "aes256-cbc/hmac-sha2-256", "3des-cbc/hmac-sha1",
              "chacha20-poly1305", "aes128-ctr/aes-cmac")
ROUNDS = int(os.environ.get("ESPVIF_ROUNDS", "20"))


def load():
    lib.run("modprobe", "espvif")
    for host in (LEFT, RIGHT):
        # the family has another number each time
        host.module = lib.Module(host)


def unload():
    for host in (LEFT, RIGHT):
        host.module.socket.sock.close()
    lib.run("rmmod", "espvif")


def unload_between_dumps():
    """A dump under way holds the module: it goes as soon as none does."""
    for host in (LEFT, RIGHT):
        host.module.socket.sock.close()
    lib.wait_for(lambda: subprocess.run(
        ["rmmod", "espvif"], stderr=subprocess.DEVNULL,
        check=False).returncode == 0, "the module goes between two dumps")


@contextlib.contextmanager
def unloaded():
    """For a block that begins and ends with the module loaded."""
    try:
        yield
    finally:
        load()


def configure(algorithm="aes128-gcm16"):
    for number, host in enumerate((LEFT, RIGHT)):
        host.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up",
                      f"address add {INNER[number]}/24 dev ipsec0")
    add_sas(LEFT, RIGHT, "device", OUTER, 0x1000, TUNNEL, algorithm,
            ifname="ipsec0")
    add_policies(LEFT, RIGHT, "device", EVERYTHING, TUNNEL, ifname="ipsec0")
    add_sas(LEFT, RIGHT, "host", OUTER6, 0x2000, TRANSPORT, algorithm)
    add_policies(LEFT, RIGHT, "host", OUTER6, TRANSPORT)


def flows(at_least):
    for host in (LEFT, RIGHT):
        counters = Counting(host)
        lib.wait_for(lambda counters=counters: all(
            counters.changed().get(name, 0) >= at_least
            for name in ("in-packets", "out-packets")), "traffic")


def expect_nothing_left():
    """Devices are gone, and traffic is in the clear again."""
    for host in (LEFT, RIGHT):
        expect(host.has_link("wire") and not host.has_link("ipsec0"),
               "the device is still there")
    with LEFT.udp(OUTER6[0]) as here, RIGHT.udp(OUTER6[1]) as there, \
            Wire(LEFT, "wire") as wire:
        deliver(here, there)
        deliver(there, here)
        expect_equal("on the wire", wire.protocols(), {17})


# ----- unloading -------------------------------------------------------------

def under_flood():
    source = random.Random(20)
    log = cli.KernelLog()
    for number in range(ROUNDS):
        configure(ALGORITHMS[number % len(ALGORITHMS)])
        lib.spread("always" if number % 2 else "auto")
        with unloaded():
            with FLOOD:
                flows(source.randint(1, 60))
                unload()
            expect_nothing_left()
        lib.say_now_and_then(number, "unloads")
    log.expect_quiet()


def moved_device():
    """Also where a device has gone to, with routes and in a VRF there."""
    guest = Host("guest")
    for _ in range(3):
        configure()
        LEFT.ip_batch(f"link set ipsec0 netns {guest.name}")
        guest.ip_batch("link add red type vrf table 7", "link set red up",
                       "link set ipsec0 master red", "link set ipsec0 up",
                       f"address add {INNER[0]}/24 dev ipsec0",
                       f"route add 10.9.0.0/16 via {INNER[1]} vrf red")
        with FLOOD, unloaded():
            expect(guest.ping(INNER[1], "-I", "red"), "no echo")
            unload()
        expect(not guest.has_link("ipsec0"), "the device is still there")
        guest.ip_batch("link delete red")
    guest.module.socket.sock.close()


def while_asked():
    """Requests under way end; later ones are told that there is no module."""
    configure()
    script = "while ipsec sa list && ipsec sp list && ipsec counters; do :; " \
        "done 2>&1 >/dev/null"
    for _ in range(5):
        with LEFT:
            askers = [subprocess.Popen(
                ["sh", "-c", script], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True) for _ in range(2)]
        with unloaded():
            # asking loads it again: hold it off
            with lib.without_autoload():
                unload_between_dumps()
                for asker in askers:
                    said, _ = asker.communicate(timeout=lib.DEADLINE)
                    expect_equal("lines", len(said.splitlines()), 1)
        configure()
    unload()
    load()


def with_timers():
    """Lifetimes in seconds that would end later, and some just now."""
    key = lib.Algorithm("aes128-gcm16")
    for _ in range(3):
        for number in range(50):
            LEFT.module.add_sa(f"sa{number}", *OUTER, 0x3000 + number, TUNNEL,
                               key, direction=OUT, soft_seconds=1,
                               hard_seconds=2 if number % 2 else 3000)
        lib.wait_for(lambda: any(
            sa["state"] == lib.EXPIRED
            for sa in LEFT.module.sas().values()), "the first to expire")
        with unloaded():
            unload()


def with_listener():
    """Somebody waits for notifications."""
    events = lib.Events(LEFT)
    configure()
    expect(events.pending(), "no notification")
    with unloaded():
        unload()
        expect_nothing_left()
    events.socket.sock.close()


# ----- loading ---------------------------------------------------------------

def loaded_by_link():
    """Whoever makes a link, or asks for the family, gets the module."""
    for command in (["ip", "link", "add", "ipsec0", "type", "espvif"],
                    ["ipsec", "sa", "list"]):
        unload()
        with unloaded():
            expect(not os.path.exists("/sys/module/espvif"), "still there")
            with LEFT:
                lib.run(*command)
            expect(os.path.exists("/sys/module/espvif"), "not loaded")
    unload()
    with unloaded(), LEFT:
        status = lib.run("ipsec", "status")
        expect("not loaded" in status, status)
        expect(not os.path.exists("/sys/module/espvif"),
               "asking for the status has loaded it")
    expect(not LEFT.has_link("ipsec0"), "the device is still there")


def works_again():
    configure()
    for host, addresses in ((LEFT, (INNER[1], OUTER6[1])),
                            (RIGHT, (INNER[0], OUTER6[0]))):
        for address in addresses:
            expect(host.ping(address), f"no echo from {address}")
    unload()
    load()


TESTS = [
    (f"{ROUNDS} unloads under a flood in both directions", under_flood),
    ("with a device moved elsewhere", moved_device),
    ("while it is asked", while_asked),
    ("with lifetimes that run", with_timers),
    ("with somebody who listens", with_listener),
    ("loaded by who needs it", loaded_by_link),
    ("works again", works_again),
]


def main():
    report = lib.Report(len(TESTS))
    lib.join(LEFT, RIGHT)
    for number, host in enumerate((LEFT, RIGHT)):
        host.address("wire", f"{OUTER[number]}/24", f"{OUTER6[number]}/64")
        # the devices to come have things of their own to send
        host.sysctl("ipv6/conf/default/disable_ipv6", 1)
    for name, test in TESTS:
        with report.point(name):
            test()
    report.finish()


if __name__ == "__main__":
    lib.need("ping", "modprobe", "rmmod")
    LEFT, RIGHT = Host("left"), Host("right")
    # in both directions, by the device and by host policies
    FLOOD = Flood(*((host, address[number], 200)
                    for host, number in ((LEFT, 1), (RIGHT, 0))
                    for address in (INNER, OUTER6)))
    main()
