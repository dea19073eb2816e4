#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rekeys under full traffic: nothing is lost, nothing passes in the clear.

    +------- west -------+      +- router -+      +------- east -------+
    | espvif, 10.1.0.1   +------+          +------+   10.2.0.1, espvif |
    |          192.0.2.1 | left |          | right| 198.51.100.1       |
    +--------------------+      +----------+      +--------------------+

Datagrams with numbers go both ways as fast as they arrive: so many may be under
way, and the next ones are sent when those have come. So a calm machine loses
none, nor does a busy one. Meanwhile both gateways get new SAs every 100 ms, in
the order that IKE has: the new one is accepted beside the old, then sent with,
then the old one goes. REKEY_SECONDS says for how long (default 5), and longer until
there were REKEYS of them (default 5), as a busy machine takes more time for one.

Every packet on the router's wire is looked at: ESP only, as many as there were
datagrams, no number twice with one SPI.
"""

import os
import socket
import struct
import sys
import tempfile
import threading
import time

import lib
from hosts import Host, UDP_SEGMENT
from lib import IN, OUT, TUNNEL, expect, expect_equal

SECONDS = float(os.environ.get("REKEY_SECONDS", "5"))
PERIOD = 0.1
REKEYS_MIN = int(os.environ.get("REKEYS", "5"))
KEY = "aes128-gcm16"
WEST, EAST = "192.0.2.1", "198.51.100.1"
INNER_WEST, INNER_EAST = "10.1.0.1", "10.2.0.1"
SIZE, TOGETHER, UNDER_WAY = 200, 16, 128
# What is kept of a packet, shorter than any: enough to tell SPI and number
SNAP = 96
DEVICE = "ipsec0"


class Way:
    """Numbered datagrams from one gateway to the other."""

    def __init__(self, sender, receiver, source, destination):
        self.sink = receiver.udp(destination)
        self.sink.setblocking(False)
        self.socket = sender.udp(source)
        self.socket.setsockopt(socket.SOL_UDP, UDP_SEGMENT, SIZE)
        self.to = self.sink.getsockname()
        self.sent = self.received = 0
        self.late, self.twice = set(), 0
        # all below have come
        self.complete = 0

    def send(self):
        first = self.sent
        # they count as sent before one of them has met its SA
        self.sent += TOGETHER
        self.socket.sendto(b"".join(
            struct.pack("!Q", number).ljust(SIZE, b".")
            for number in range(first, self.sent)), self.to)

    def receive(self):
        """Takes what has come; whether it was anything."""
        before = self.received
        try:
            while True:
                self.note(struct.unpack_from("!Q", self.sink.recv(SIZE))[0])
        except BlockingIOError:
            return self.received > before

    def note(self, number):
        self.received += 1
        if number < self.complete or number in self.late:
            self.twice += 1
        self.late.add(number)
        while self.complete in self.late:
            self.late.remove(self.complete)
            self.complete += 1

    def step(self):
        """Sends if there is room under way; false if nothing happens."""
        if self.sent - self.received < UNDER_WAY:
            self.send()
            self.receive()
            return True
        return self.receive()

    def close(self):
        self.socket.close()
        self.sink.close()


class Flow:
    """Both ways, until there is reason to end."""

    def __init__(self, west, east):
        self.ways = [Way(west, east, INNER_WEST, INNER_EAST),
                     Way(east, west, INNER_EAST, INNER_WEST)]

    def run(self, wanted):
        """Goes on while wanted() says so; ends when all have come."""
        moved = time.monotonic()
        while wanted():
            if any([way.step() for way in self.ways]):
                moved = time.monotonic()
            elif time.monotonic() - moved > lib.DEADLINE:
                break
        try:
            lib.wait_for(self.is_complete, "the last datagrams")
        except lib.Failed:
            pass

    def is_complete(self):
        for way in self.ways:
            way.receive()
        return all(way.complete == way.sent for way in self.ways)

    def marks(self):
        return [way.sent for way in self.ways]

    def have_passed(self, marks):
        """Whether all that were sent before have come."""
        return all(way.complete >= mark
                   for way, mark in zip(self.ways, marks))

    def expect_all(self):
        for way in self.ways:
            expect_equal("datagrams lost", way.sent - way.received, 0)
            expect_equal("datagrams that came twice", way.twice, 0)

    def close(self):
        for way in self.ways:
            way.close()


class Gateway(Host):
    """One end; SAs are called out-N and in-N, N counts the rekeys."""

    def __init__(self, name, ends, inner):
        super().__init__(name)
        self.ends, self.inner = ends, inner
        # nothing but our datagrams goes into a device
        self.sysctl("ipv6/conf/default/disable_ipv6", 1)
        self.device = None

    def sa(self, direction, number):
        """What makes an SA. SPIs tell the ways apart by their lowest bit."""
        ends = self.ends if direction == OUT else self.ends[::-1]
        spi = 0x10000 + 2 * number + (ends[0] == EAST)
        return "sa-new", lib.sa_values(
            f"{'out' if direction == OUT else 'in'}-{number}", *ends, spi,
            TUNNEL, lib.Algorithm(KEY, f"rekey {spi}"), direction=direction,
            ifname=self.device, replay_window=lib.window(direction))

    def start(self, device):
        self.device = device
        policies = []
        for name, direction in (("out", OUT), ("in", IN)):
            inner = self.inner if direction == OUT else self.inner[::-1]
            policies.append(("policy-new", lib.policy_values(
                name, direction, *inner, sa=f"{name}-0", mode=TUNNEL,
                ifname=device)))
        self.module.batch(self.sa(OUT, 0), self.sa(IN, 0), *policies)

    def accept(self, number):
        """What comes in may be by the new SA or the one before."""
        self.module.batch(
            self.sa(IN, number),
            ("policy-set", {"name": "in", "sa": [f"in-{number}",
                                                 f"in-{number - 1}"]}))

    def move(self, number):
        """What goes out goes by the new SA; no need of the old one any more."""
        self.module.batch(
            self.sa(OUT, number),
            ("policy-set", {"name": "out", "sa": f"out-{number}"}),
            ("sa-del", {"name": f"out-{number - 1}"}))

    def forget(self, number):
        """Nothing comes in by the old SA any more."""
        self.module.batch(
            ("policy-set", {"name": "in", "sa": f"in-{number}"}),
            ("sa-del", {"name": f"in-{number - 1}"}))


class Rekeys(threading.Thread):
    """A rekey of both gateways every 100 ms, until told to end."""

    def __init__(self, gateways, flow):
        super().__init__(daemon=True)
        self.gateways, self.flow = gateways, flow
        self.done, self.number, self.trouble = threading.Event(), 0, None
        self.start()

    def run(self):
        try:
            due = time.monotonic()
            while not self.done.is_set():
                self.rekey(self.number + 1)
                self.number += 1
                due = max(due + PERIOD, time.monotonic())
                self.done.wait(due - time.monotonic())
        except Exception as error:  # pylint: disable=broad-except
            self.trouble = error

    def rekey(self, number):
        for gateway in self.gateways:
            gateway.accept(number)
        for gateway in self.gateways:
            gateway.move(number)
        marks = self.flow.marks()
        lib.wait_for(lambda: self.flow.have_passed(marks),
                     "what was sent with the old SAs")
        for gateway in self.gateways:
            gateway.forget(number)

    def end(self):
        self.done.set()
        self.join(2 * lib.DEADLINE)
        expect(not self.trouble, f"rekey {self.number + 1}: {self.trouble}")


class Lab:
    def __init__(self):
        self.west = Gateway("west", (WEST, EAST), (INNER_WEST, INNER_EAST))
        self.east = Gateway("east", (EAST, WEST), (INNER_EAST, INNER_WEST))
        self.router = lib.Namespace("router")
        self.gateways = [self.west, self.east]
        lib.join(self.west, self.router, "left")
        lib.join(self.east, self.router, "right")
        self.router.add_addresses("left", "192.0.2.254/24")
        self.router.add_addresses("right", "198.51.100.254/24")
        self.router.sysctl("ipv4/ip_forward", 1)
        for gateway, device, hop in ((self.west, "left", "192.0.2.254"),
                                     (self.east, "right", "198.51.100.254")):
            gateway.add_addresses(device, f"{gateway.ends[0]}/24")
            gateway.add_addresses("lo", gateway.inner[0])
            gateway.routes(f"default via {hop}")

    def open(self, device):
        for gateway in self.gateways:
            if device:
                gateway.ip_batch(f"link add {device} type espvif")
            gateway.start(device)
            if device:
                gateway.ip_batch(f"link set {device} up",
                                 f"route add {gateway.inner[1]} dev {device} "
                                 f"src {gateway.inner[0]}")

    def close(self, device):
        for gateway in self.gateways:
            if device:
                gateway.ip_batch(f"link delete {device}")
            gateway.module.flush()


def check_wire(capture, lost, datagrams):
    """Of IPv4 there is ESP only, all of it, and no number twice."""
    expect_equal("packets that the capture missed", lost, 0)
    seen = set()
    for packet in capture.packets():
        expect(packet[23] == socket.IPPROTO_ESP,
               f"in the clear on the wire: {packet.hex()}")
        seen.add(packet[34:42])
    expect_equal("different ESP packets", len(seen), datagrams)
    return seen


def rekeys(lab, device, directory):
    """The same flow without and with rekeys."""
    lab.open(device)
    capture = lib.Capture(lab.router, f"{directory}/{device or 'host'}.pcap",
                          device="left", what="ip", snap=SNAP, buffer=65536)
    flow = Flow(lab.west, lab.east)
    try:
        end = time.monotonic() + min(SECONDS, 5) / 5
        flow.run(lambda: time.monotonic() < end)
        flow.expect_all()
        calm = sum(flow.marks())
        thread = Rekeys(lab.gateways, flow)
        end = time.monotonic() + SECONDS
        limit = end + 2 * lib.DEADLINE
        flow.run(lambda: not thread.trouble and time.monotonic() < (
            end if thread.number >= REKEYS_MIN else limit))
        thread.done.set()
        flow.run(lambda: thread.is_alive() and not thread.trouble)
        thread.end()
        flow.expect_all()
        datagrams = sum(flow.marks())
        lost = capture.finish(24 + (16 + SNAP) * datagrams)
        seen = check_wire(capture, lost, datagrams)
        spis = len({entry[:4] for entry in seen})
        expect(thread.number >= REKEYS_MIN, f"{thread.number} rekeys")
        expect(thread.number < spis <= 2 * (thread.number + 1),
               f"{spis} SPIs with {thread.number} rekeys")
        lib.say(f"{thread.number} rekeys, {datagrams - calm} datagrams "
                f"({calm} before), none lost; {len(seen)} ESP packets with "
                f"{spis} SPIs")
        for gateway in lab.gateways:
            expect_equal("SAs at the end", sorted(gateway.module.sas()),
                         [f"in-{thread.number}", f"out-{thread.number}"])
            drops = {name: number for name, number
                     in gateway.module.counters().items()
                     if not name.endswith("-packets")}
            expect_equal("drops", drops, {})
    finally:
        flow.close()
        capture.end()
        lab.close(device)


def main():
    lib.need("tcpdump")
    report = lib.Report(2)
    lab = Lab()
    sys.setswitchinterval(0.001)
    with tempfile.TemporaryDirectory() as directory:
        for name, device in (("policies of the host", None),
                             ("a device", DEVICE)):
            with report.point(f"rekeys under traffic: {name}"):
                rekeys(lab, device, directory)
    report.finish()


if __name__ == "__main__":
    main()
