#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Crypto that is done later, in another order: packets go on in theirs.

West and east, SAs both ways, and the laboratory's accelerator (tools/testing/vm/late),
which does some packets at once and others within the next milliseconds, as chance
has it.
"""

import itertools
import os
import pathlib
import re
import struct
import time

import lib
from hosts import (ESP, IN_UDP, Counting, Host, Wire, add_policies, add_sas,
                   ip_packet, protect, protocol_of, transfer)
from lib import TRANSPORT, TUNNEL, expect, expect_equal

ENDS = ("192.0.2.1", "192.0.2.2")
SIDE = ("192.0.3.1", "192.0.3.2")
NEAR, FAR = "10.1.0.1", "10.2.0.1"
PARAMETERS = pathlib.Path("/sys/module/late/parameters")
SPIS = itertools.count(0x1000, 2)
PORTS = itertools.count(5000)


def parameter(name):
    return int((PARAMETERS / name).read_text(encoding="ascii"))


def late(encrypt=0, decrypt=0):
    """Per cent of the packets that are done later."""
    for name, value in (("encrypt_late", encrypt), ("decrypt_late", decrypt)):
        (PARAMETERS / name).write_text(str(value), encoding="ascii")


def slowest(milliseconds):
    (PARAMETERS / "slowest_ms").write_text(str(milliseconds), encoding="ascii")


class Lab:
    """The two hosts."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        lib.join(self.west, self.east)
        for host, end, net in ((self.west, 0, NEAR), (self.east, 1, FAR)):
            host.address("wire", f"{ENDS[end]}/24")
            host.address("lo", f"{net}/32")
        self.west.routes(f"{FAR} via {ENDS[1]} src {NEAR}")
        self.east.routes(f"{NEAR} via {ENDS[0]} src {FAR}")

    def protect(self, mode=TUNNEL, **values):
        """All between the two, with the accelerator's algorithm."""
        hosts = (self.west, self.east)
        nets = ENDS if mode == TRANSPORT else (NEAR, FAR)
        add_sas(*hosts, "slow", ENDS, next(SPIS), mode, **values)
        add_policies(*hosts, "slow", nets, mode)

    def clean(self):
        late()
        slowest(8)
        for host in (self.west, self.east):
            host.module.flush()


def exchange(lab, count, source=NEAR, destination=FAR):
    """Numbered datagrams, which have to leave and to arrive as they were sent."""
    port = next(PORTS)
    with lab.west.udp(source) as sender, \
            lab.east.udp(destination, port) as receiver, \
            Wire(lab.west, "wire") as wire:
        for first in range(0, count, 100):
            for number in range(first, first + 100):
                sender.sendto(struct.pack("!I", number), (destination, port))
            got = [struct.unpack("!I", receiver.recv(100))[0]
                   for _ in range(100)]
            expect_equal("numbers", got, list(range(first, first + 100)))
        sequence = [struct.unpack_from("!I", packet, 24)[0]
                    for packet in wire.packets() if protocol_of(packet) == ESP]
    expect_equal("on the wire", sequence, sorted(sequence))


def flow(lab, count, *ends, late_ones=True):
    """The same, of which some are done late, or none."""
    before = parameter("done_late")
    exchange(lab, count, *ends)
    done = parameter("done_late") - before
    expect(bool(done) == late_ones, f"{done} of {count} packets done late")


def mix_with_forged(lab, count):
    """As many datagrams that have to arrive as ones that aren't authentic."""
    spi = next(sa["spi"] for sa in lab.east.module.sas().values()
               if sa["direction"] == lib.IN)
    port = next(PORTS)
    with lab.west.udp(NEAR) as sender, lab.east.udp(FAR, port) as receiver, \
            Wire(lab.west, "wire", (lab.east, "wire")) as wire:
        for number in range(count):
            sender.sendto(struct.pack("!I", number), (FAR, port))
            wire.inject(ip_packet(*ENDS, ESP, struct.pack(
                "!II", spi, 1000 + number) + os.urandom(64)))
        got = [struct.unpack("!I", receiver.recv(100))[0]
               for _ in range(count)]
    expect_equal("numbers", got, list(range(count)))


def neighbour(lab):
    """Another host with a wire to east, all between the two protected."""
    other = Host("other")
    lib.join(other, lab.east, "side")
    other.address("side", f"{SIDE[0]}/24")
    lab.east.address("side", f"{SIDE[1]}/24")
    protect(other, lab.east, "side", SIDE, next(SPIS), TRANSPORT)
    return other


def at_once(lab):
    """None is done later: what the others are compared with."""
    lab.protect()
    flow(lab, 300, late_ones=False)


def sealed(lab):
    lab.protect()
    for percent in (100, 50, 5):
        late(encrypt=percent)
        flow(lab, 500)


def opened(lab):
    lab.protect()
    for percent in (100, 50, 5):
        late(decrypt=percent)
        flow(lab, 500)


def both(lab):
    lab.protect(TRANSPORT)
    late(30, 30)
    flow(lab, 500, *ENDS)


def in_udp(lab):
    """Several datagrams may be sent as one packet."""
    lab.protect(**IN_UDP)
    late(30, 30)
    with lab.east.takes_esp(ENDS[1]), lab.west.takes_esp(ENDS[0]):
        flow(lab, 500)


def tcp_counters(host):
    text = host.run("nstat", "-asz")
    return {name: int(re.search(rf"^{name}\s+(\d+)", text, re.M)[1])
            for name in ("TcpRetransSegs", "TcpExtTCPOFOQueue",
                         "TcpExtTCPSACKReorder")}


def overtaken(lab, action):
    """What TCP at both hosts found overtaken meanwhile."""
    before = [tcp_counters(host) for host in (lab.west, lab.east)]
    action()
    after = [tcp_counters(host) for host in (lab.west, lab.east)]
    return {name: sum(one[name] - other[name]
                      for one, other in zip(after, before))
            for name in ("TcpExtTCPOFOQueue", "TcpExtTCPSACKReorder")}


def connection(lab):
    """GSO packets, both ways: TCP sees none that was overtaken."""
    lab.protect()
    late(30, 30)
    rose = overtaken(lab, lambda: transfer(
        lab.west, lab.east, FAR, 1 << 20, both_ways=True, source=NEAR))
    expect_equal("overtaken", rose, dict.fromkeys(rose, 0))


def replay(lab):
    """A window of a few packets is enough, as none is overtaken."""
    lab.protect(replay_window=32)
    late(30, 30)
    flow(lab, 500)
    for host in (lab.west, lab.east):
        for sa in host.module.sas().values():
            expect(not sa.get("drop"), f"{sa}")


def forged(lab):
    """What isn't authentic is dropped when its turn comes; others go on."""
    lab.protect()
    late(decrypt=100)
    counting = Counting(lab.east)
    mix_with_forged(lab, 50)
    counting.wait(in_packets=50, in_not_authentic=50)


def removed(lab):
    """An SA, and then a namespace, goes while packets are under way."""
    for _ in range(10):
        lab.protect()
        late(100, 100)
        with lab.west.udp(NEAR) as sender:
            for _ in range(50):
                sender.sendto(bytes(100), (FAR, 9))
            for host in (lab.west, lab.east):
                host.module.flush()
    other = neighbour(lab)
    with other.udp(SIDE[0]) as sender:
        for _ in range(50):
            sender.sendto(bytes(100), (SIDE[1], 9))
    other.module.socket.sock.close()
    other.delete()
    lib.wait_for(lambda: not lab.east.has_link("side"), "the end of its wire")


def device_removed(lab):
    """The device that packets came by goes, but not before they have gone on."""
    other = neighbour(lab)
    counting = Counting(lab.east)
    late(decrypt=100)
    slowest(1000)
    with other.udp(SIDE[0]) as sender:
        for _ in range(50):
            sender.sendto(bytes(100), (SIDE[1], 9))
    lab.east.run("ip", "link", "delete", "side")
    expect_equal("received", counting.changed().get("in-packets", 0), 50)
    other.delete()


def full(lab):
    """Behind one that takes long not more wait than have room."""
    lab.protect()
    late(encrypt=1)
    counting, sent = Counting(lab.west), 20000 // lib.PATIENCE
    with lab.west.udp(NEAR) as sender:
        for _ in range(sent):
            sender.sendto(bytes(20), (FAR, 9))
    time.sleep(0.1)
    lib.wait_for(lambda: sum(counting.changed().get(name, 0) for name in (
        "out-packets", "out-no-memory", "out-crypto-error")) >= sent,
                 "each packet counted")
    expect("out-crypto-error" not in counting.changed(),
           f"{counting.changed()}")


POINTS = [("order: at once", at_once), ("order: encrypted later", sealed),
          ("order: decrypted later", opened), ("order: both", both),
          ("order: in UDP", in_udp), ("order: a connection", connection),
          ("order: replay windows", replay), ("order: forged", forged),
          ("order: SAs and namespaces go", removed),
          ("order: a device goes", device_removed),
          ("order: more than have room", full)]


def main():
    lib.load_lab_module("late")
    # packets of one flow that are sent by two processors overtake each other anyway
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    late()
    lab = Lab()
    # and so do those that others do the crypto for: spread.py has these
    lib.spread("never")
    lib.run_points(POINTS, lab, after=lab.clean)
    lib.spread("auto")


if __name__ == "__main__":
    main()
