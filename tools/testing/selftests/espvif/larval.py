#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Promised SPIs: the peer's packets wait for an SA that isn't there yet.

    +--- west ---+                          +--- east ---+
    | 10.1.0.1   | wire                     | 10.2.0.1   |
    |            +--- 192.0.2.1  192.0.2.2 --+  ipsec0   |
    +------------+                          +------------+

West sends by an SA that east gets later. What waits comes in once east has it and its
policies name it, in order, before what comes later; what waits has bounds, and goes
with what it waits for. And errors about ESP that a host sends to itself are not
protected.
"""

import errno
import itertools
import os
import struct
import threading
import time

import lib
from hosts import IN_UDP, Counting, Host, Wire, ip_packet, nothing_came
from lib import IN, OUT, SPI, TRANSPORT, TUNNEL, expect, expect_equal

ENDS = ("192.0.2.1", "192.0.2.2")
ENDS6 = ("2001:db8::1", "2001:db8::2")
NEAR, FAR, FAR_DEVICE = "10.1.0.1", "10.2.0.1", "10.3.0.1"
NEAR6, FAR6 = "2001:db8:1::1", "2001:db8:2::1"
SPI_MAX, NET_MAX = 256, 1024
SPIS = itertools.count(0x1000)
PORTS = itertools.count(5000)


class Way:
    """An SA from west to east of which only west knows, and who sends by it."""

    # pylint: disable=too-many-arguments
    def __init__(self, lab, destination=FAR, source=NEAR, ends=ENDS,
                 mode=TUNNEL, promised=True, **values):
        self.lab, self.destination, self.ends = lab, destination, ends
        self.mode, self.values = mode, values
        self.ifname = None
        self.spi, self.port = next(SPIS), next(PORTS)
        self.name = f"sa{self.spi}"
        self.key = lib.Algorithm("aes128-gcm16", self.name)
        self.prefixes = (source, destination)
        lab.west.module.add_sa(self.name, *ends, self.spi, mode, self.key,
                               direction=OUT, **values)
        lab.west.module.add_policy(self.name, OUT, source, destination,
                                   mode=mode, sa=self.name, protocol=17,
                                   dport_min=self.port, dport_max=self.port)
        self.sock = lab.west.udp(source)
        self.receiver = lab.east.udp(destination, self.port)
        self.sent = 0
        if promised:
            self.promise()

    def promise(self, **values):
        self.lab.east.module.call("spi-new", SPI, self.key_of() | values)

    def withdraw(self):
        self.lab.east.module.call("spi-del", SPI, self.key_of())

    def key_of(self):
        return {"spi": self.spi, "daddr": self.ends[1]}

    def send(self, count):
        for number in range(self.sent, self.sent + count):
            self.sock.sendto(struct.pack("!I", number),
                             (self.destination, self.port))
        self.sent += count

    def sa(self, **values):
        """The SA as east needs it."""
        return lib.sa_values(self.name, *self.ends, self.spi, self.mode,
                             self.key, direction=IN, ifname=self.ifname,
                             replay_window=lib.window(IN),
                             **self.values | values)

    def policy(self):
        return lib.policy_values(self.name, IN, *self.prefixes,
                                 mode=self.mode, sa=self.name,
                                 ifname=self.ifname, protocol=17,
                                 dport_min=self.port, dport_max=self.port)

    def give(self, *more, **values):
        """What a key exchange ends with: SA and policy at once."""
        self.lab.east.module.batch(("sa-new", self.sa(**values)),
                                   ("policy-new", self.policy()), *more)

    def numbers(self, count, first=0):
        """What came, which must be numbered from first on."""
        got = [struct.unpack("!I", self.receiver.recv(200))[0]
               for _ in range(count)]
        expect_equal("numbers", got, list(range(first, first + count)))

    def close(self):
        self.sock.close()
        self.receiver.close()


class Lab:
    """The hosts, both with nothing yet."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        lib.join(self.west, self.east)
        for host, ends, nets in ((self.west, 0, (NEAR, NEAR6)),
                                 (self.east, 1, (FAR, FAR6))):
            host.address("wire", f"{ENDS[ends]}/24", f"{ENDS6[ends]}/64")
            host.address("lo", f"{nets[0]}/32", f"{nets[1]}/128")
        self.east.address("lo", f"{FAR_DEVICE}/32")
        self.west.routes(f"{FAR} via {ENDS[1]} src {NEAR}",
                         f"{FAR_DEVICE} via {ENDS[1]} src {NEAR}",
                         f"{FAR6} via {ENDS6[1]} src {NEAR6}")
        self.east.routes(f"{NEAR} via {ENDS[0]} src {FAR}",
                         f"{NEAR6} via {ENDS6[0]} src {FAR6}")
        self.counting = None
        self.ways = []

    def begin(self):
        self.counting = Counting(self.east)

    def way(self, *words, **values):
        self.ways.append(Way(self, *words, **values))
        return self.ways[-1]

    def spis(self):
        return self.status()["spis"]

    def status(self):
        return lib.decode(lib.STATUS, self.east.module.call("status-get"))

    def clean(self):
        for way in self.ways:
            way.close()
        self.ways = []
        if self.east.has_link("ipsec0"):
            self.east.ip_batch("link delete ipsec0")
        for host in (self.west, self.east):
            host.module.flush()
        expect_equal("promises left", self.spis(), 0)


def come_in(lab, *words, **values):
    """Ten packets wait and come in, and then others at once."""
    check_arrival(lab, lab.way(*words, **values))


def check_arrival(lab, way):
    lab.begin()
    way.send(10)
    lab.counting.wait(in_held=10)
    expect_equal("promises", lab.spis(), 1)
    way.give()
    expect_equal("promises", lab.spis(), 0)
    way.send(10)
    way.numbers(20)
    lab.counting.wait(in_held=10, in_packets=20)
    sa = lab.east.module.sa(way.name)
    expect_equal("packets", (sa["packets"], sa.get("drop")), (20, None))


def by_policy(lab):
    come_in(lab)


def ipv6(lab):
    come_in(lab, FAR6, NEAR6, ends=ENDS6)


def mixed(lab):
    come_in(lab, FAR6, NEAR6)


def transport(lab):
    come_in(lab, ENDS[1], ENDS[0], mode=TRANSPORT)


def transport6(lab):
    come_in(lab, ENDS6[1], ENDS6[0], ends=ENDS6, mode=TRANSPORT)


def in_udp(lab):
    """ESP in UDP, whose socket is another's."""
    with lab.east.takes_esp(ENDS[1]):
        come_in(lab, **IN_UDP)


def by_device(lab):
    lab.east.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up")
    way = lab.way(FAR_DEVICE)
    way.ifname = "ipsec0"
    check_arrival(lab, way)


def alone(lab):
    """The SA comes without a batch: its policy is there before."""
    lab.begin()
    way = lab.way()
    module = lab.east.module
    module.call("policy-new", lib.POLICY, {
        name: value for name, value in way.policy().items() if name != "sa"} |
        {"trap": True})
    way.send(3)
    lab.counting.wait(in_held=3)
    module.call("sa-new", lib.SA, way.sa())
    # no policy names it yet: it may not carry them
    lab.counting.wait(in_held=3, in_policy_other_sa=3)
    module.set_policy(way.name, way.name)
    way.send(3)
    way.numbers(3, 3)


def under_load(lab):
    """A flow goes on while the SA comes: none is lost, none overtakes."""
    lab.begin()
    way, pace = lab.way(), 0.002 * lib.PATIENCE
    stop = threading.Event()

    def flow():
        while not stop.wait(pace):
            way.send(1)

    for _ in range(10):
        sender = threading.Thread(target=flow)
        stop.clear()
        sender.start()
        lib.wait_for(lambda: lab.counting.changed().get("in-held", 0) >= 10,
                     "packets wait")
        way.give()
        time.sleep(0.1 * lib.PATIENCE)
        stop.set()
        sender.join()
        way.numbers(way.sent)
        expect_equal("dropped", lab.east.module.sa(way.name).get("drop"), None)
        way = lab.way()
        lab.begin()
    way.withdraw()


def bounds(lab):
    """One SPI holds 256 packets, all of a namespace 1,024."""
    lab.begin()
    way = lab.way()
    way.send(300)
    lab.counting.wait(in_held=SPI_MAX, in_held_full=300 - SPI_MAX)
    way.give()
    way.numbers(SPI_MAX)
    lab.begin()
    for _ in range(20):
        lab.way().send(60)
    lab.counting.wait(in_held=NET_MAX, in_held_full=20 * 60 - NET_MAX)
    expect_equal("promises", lab.spis(), 20)
    for way in lab.ways[1:]:
        way.withdraw()
    lab.counting.wait(in_held=NET_MAX, in_held_full=20 * 60 - NET_MAX,
                      in_held_removed=NET_MAX)
    lab.begin()
    way = lab.way()
    way.send(SPI_MAX)
    lab.counting.wait(in_held=SPI_MAX)
    way.give()
    way.numbers(SPI_MAX)


def timeout(lab):
    """A promise that isn't kept ends by itself."""
    lab.begin()
    way = lab.way(promised=False)
    way.promise(timeout=lib.PATIENCE)
    way.send(3)
    lab.counting.wait(in_held=3)
    lab.counting.wait(in_held=3, in_held_timeout=3)
    expect_equal("promises", lab.spis(), 0)
    # and what comes then is what it would be without
    before = lab.east.statistics("xfrm_stat")["XfrmInNoStates"]
    way.send(3)
    lib.wait_for(lambda: lab.east.statistics("xfrm_stat")["XfrmInNoStates"] ==
                 before + 3, "XFRM to be asked")
    way.give()
    way.send(3)
    way.numbers(3, 6)


def withdrawn(lab):
    lab.begin()
    way = lab.way()
    way.send(3)
    lab.counting.wait(in_held=3)
    way.withdraw()
    lab.counting.wait(in_held=3, in_held_removed=3)
    way.promise()
    way.send(3)
    way.give()
    way.numbers(3, 3)


def others(lab):
    """Neither other SPIs nor other destinations wait."""
    lab.begin()
    first, second = lab.way(), lab.way(promised=False)
    lab.east.module.call("spi-new", SPI, {"spi": second.spi,
                                          "daddr": "192.0.2.3"})
    before = lab.east.statistics("xfrm_stat")["XfrmInNoStates"]
    second.send(3)
    first.send(3)
    lab.counting.wait(in_held=3)
    expect_equal("left to XFRM", lab.east.statistics("xfrm_stat")
                 ["XfrmInNoStates"] - before, 3)
    expect_equal("promises", lab.spis(), 2)
    lab.east.module.call("spi-del", SPI, {"spi": second.spi,
                                          "daddr": "192.0.2.3"})
    first.give()
    first.numbers(3)
    nothing_came(second.receiver)


def forged(lab):
    """What isn't authentic waits, too, but comes no further."""
    lab.begin()
    way = lab.way()
    with Wire(lab.west, "wire", (lab.east, "wire")) as wire:
        wire.inject(*(ip_packet(*ENDS, 50, struct.pack(
            "!II", way.spi, number) + os.urandom(60 + number))
            for number in range(1, 5)))
    lab.counting.wait(in_held=4)
    way.send(3)
    lab.counting.wait(in_held=7)
    way.give()
    way.numbers(3)
    drops = lab.east.module.sa(way.name)["drop"]
    expect_equal("drops", sum(drops.values()), 4)


def goes(lab):
    """The SA goes with the batch that brings it; the device packets came by goes."""
    lab.begin()
    way = lab.way()
    way.send(3)
    lab.counting.wait(in_held=3)
    lab.east.module.batch(("sa-new", way.sa()),
                          ("sa-del", {"name": way.name}))
    expect_equal("promises", lab.spis(), 0)
    expect_equal("SAs", lab.east.module.sas(), {})
    lab.counting.wait(in_held=3, in_no_policy=3)

    other = Host("other")
    lib.join(other, lab.east, "side")
    other.address("side", "192.0.3.1/24")
    lab.east.address("side", "192.0.3.2/24")
    lab.east.module.call("spi-new", SPI, {"spi": 0x999,
                                          "daddr": "192.0.3.2"})
    lab.begin()
    with Wire(other, "side", (lab.east, "side")) as wire:
        wire.inject(ip_packet("192.0.3.1", "192.0.3.2", 50,
                              struct.pack("!II", 0x999, 1) + bytes(60)))
        lab.counting.wait(in_held=1)
    other.module.socket.sock.close()
    other.delete()
    lib.wait_for(lambda: not lab.east.has_link("side"), "the end of its wire")
    lab.east.module.add_sa("late", "192.0.3.1", "192.0.3.2", 0x999, TUNNEL,
                           lib.Algorithm("aes128-gcm16"), direction=IN)
    lab.counting.wait(in_held=1, in_held_removed=1)
    expect_equal("drops", lab.east.module.sa("late")["drop"],
                 {"in-held-removed": 1})


def refused(lab):
    """What makes no sense, and an SPI that is taken."""
    way = lab.way(promised=False)
    module = lab.east.module

    def answer(command, **values):
        return module.socket.request(
            module.family.id, lib.COMMANDS[command],
            lib.encode(SPI, way.key_of() | values))

    expect_equal("withdrawn", answer("spi-del").error, errno.ENOENT)
    expect_equal("reserved", answer("spi-new", spi=255).error, errno.ERANGE)
    expect_equal("no time", answer("spi-new", timeout=0).error, errno.ERANGE)
    expect_equal("promised", answer("spi-new").error, 0)
    again = answer("spi-new")
    expect_equal("promised again", again.error, errno.EEXIST)
    expect("promised already" in again.sentence, again.sentence)
    way.give()
    taken = answer("spi-new")
    expect_equal("taken", taken.error, errno.EEXIST)
    expect(f"taken by SA {way.name}" in taken.sentence, taken.sentence)


def namespace(lab):
    """A namespace ends with packets held, and does not wait for anything."""
    other = Host("other")
    lib.join(other, lab.east, "side")
    other.address("side", "192.0.3.1/24")
    lab.east.address("side", "192.0.3.2/24")
    other.module.call("spi-new", SPI, {"spi": 0x999, "daddr": "192.0.3.1"})
    with Wire(lab.east, "side", (other, "side")) as wire:
        wire.inject(ip_packet("192.0.3.2", "192.0.3.1", 50,
                              struct.pack("!II", 0x999, 1) + bytes(60)))
        lib.wait_for(lambda: other.module.counters()["in-held"] == 1, "a packet")
    other.module.socket.sock.close()
    other.delete()
    lib.wait_for(lambda: not lab.east.has_link("side"), "the end of its wire")


def no_echo(_):
    """An error of a host to itself about its own ESP goes in the clear."""
    west = Host("lonely")
    west.ip_batch("link set lo up")
    for number, (address, encap) in enumerate((
            ("127.0.0.1", {}), ("::1", {}),
            ("127.0.0.1", {"encap": 2, "encap_sport": 4500,
                           "encap_dport": 4600}),
            ("::1", {"encap": 2, "encap_sport": 4500, "encap_dport": 4600}))):
        prefix = address + ("/128" if ":" in address else "/32")
        counting = Counting(west)
        west.module.add_sa("self", address, address, 0x1000 + number, TUNNEL,
                           lib.Algorithm("aes128-gcm16"), direction=OUT,
                           **encap)
        west.module.add_policy("self", OUT, prefix, prefix, mode=TUNNEL,
                               sa="self")
        with west.udp(address) as sock:
            for _ in range(5):
                sock.sendto(b"hello", (address, 9))
                time.sleep(0.05 * lib.PATIENCE)
        counting.wait(out_packets=5)
        west.module.flush()
    west.module.socket.sock.close()
    west.delete()


POINTS = [("larval: in tunnel mode", by_policy),
          ("larval: in tunnel mode, IPv6", ipv6),
          ("larval: IPv6 in IPv4", mixed),
          ("larval: in transport mode", transport),
          ("larval: in transport mode, IPv6", transport6),
          ("larval: in UDP", in_udp), ("larval: by a device", by_device),
          ("larval: an SA before its policy", alone),
          ("larval: under load", under_load), ("larval: bounds", bounds),
          ("larval: a promise that isn't kept", timeout),
          ("larval: a promise taken back", withdrawn),
          ("larval: others don't wait", others), ("larval: forged", forged),
          ("larval: what they wait for goes", goes),
          ("larval: refused", refused),
          ("larval: their namespace goes", namespace),
          ("larval: errors about our own ESP", no_echo)]


def main():
    # what nobody waits for is left to the kernel's own ESP
    lib.run("modprobe", "esp4")
    lab = Lab()
    lib.run_points(POINTS, lab, after=lab.clean)


if __name__ == "__main__":
    main()
