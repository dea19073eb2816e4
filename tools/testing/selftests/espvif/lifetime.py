#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lifetimes in packets, bytes and seconds: told once each, and final.

    +---- west ----+                              +---- east ----+
    | espvif  wire +--- 192.0.2.1 ESP 192.0.2.2 --+ wire  espvif |
    +--------------+                              +--------------+

For each point an SA from west to east has a limit at one end; west sends
datagrams, one waiting for the other, until long after the limit. The packets
that arrive, the notifications, the listed state and the counters are compared
exactly: the packet that reaches a limit is the last one. That holds, too, when
two processors send at once, and for packets that are cut into segments.
"""

import os
import socket

import lib
from hosts import SO_RCVBUFFORCE, UDP_SEGMENT
from lib import EXPIRED, IN, OUT, TRANSPORT, TUNNEL, VALID

HERE, THERE = "192.0.2.1", "192.0.2.2"
INNER = {TRANSPORT: (HERE, THERE), TUNNEL: ("10.0.1.1", "10.0.2.1")}
PORT = 7777
TEXT = b"x" * 72
# What of a datagram counts for a limit of bytes: what ESP protects
LENGTH = {TRANSPORT: 8 + len(TEXT), TUNNEL: 20 + 8 + len(TEXT)}


class Lab:
    """Two hosts, and what they make of an SA between them."""

    def __init__(self):
        self.west, self.east = lib.Namespace("west"), lib.Namespace("east")
        lib.join(self.west, self.east)
        self.west.ip_batch(f"address add {HERE}/24 dev wire",
                           f"address add {INNER[TUNNEL][0]} dev lo",
                           f"route add {INNER[TUNNEL][1]} via {THERE}")
        self.east.ip_batch(f"address add {THERE}/24 dev wire",
                           f"address add {INNER[TUNNEL][1]} dev lo",
                           f"route add {INNER[TUNNEL][0]} via {HERE}")
        self.sender = lib.Module(self.west)
        self.receiver = lib.Module(self.east)
        self.socket = None
        with self.east:
            self.listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listener.bind(("", PORT))
        self.listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        self.mode = None

    def open(self, mode):
        """What west sends from, with no memory of what became of others."""
        self.mode = mode
        with self.west:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((INNER[mode][0], 0))

    def protect(self, mode, out=None, inward=None):
        """SAs with limits for the way out of west, or into east."""
        self.open(mode)
        here, there = INNER[mode]
        algorithm = lib.Algorithm("aes128-gcm16", "lifetime")
        for module, direction, limits in ((self.sender, OUT, out),
                                          (self.receiver, IN, inward)):
            module.add_sa("sa", HERE, THERE, 0x1000, mode, algorithm,
                          direction=direction, **(limits or {}))
            module.add_policy("sp", direction, here, there, sa="sa", mode=mode)

    def release(self):
        self.sender.flush()
        self.receiver.flush()
        self.socket.close()
        self.received()

    def received(self):
        """How many datagrams have arrived since it was asked last."""
        number = 0
        self.listener.settimeout(0)
        while True:
            try:
                number += self.listener.recv(100) == TEXT
            except BlockingIOError:
                return number

    def send(self, number):
        """Sends datagrams one by one; returns how many arrived."""
        for _ in range(number):
            before = self.fates()
            self.socket.sendto(TEXT, (INNER[self.mode][1], PORT))
            lib.wait_for(lambda before=before: self.fates() > before,
                         "the datagram is dropped or received")
        return self.received()

    def fates(self):
        """Datagrams of which it is decided what becomes of them."""
        out = self.sender.counters()
        inward = self.receiver.counters()
        lost = sum(number for name, number in out.items()
                   if name != "out-packets")
        return lost + sum(inward.values())


def of_sa(drops):
    """Where a policy found no usable SA, there is none to count the drop; an SA
    counts it only if its last packet went while this one was on its way.
    """
    return {reason: number for reason, number in drops.items()
            if reason != "out-no-sa"}


class Watch:
    """Counters and notifications of one end, from when it was made."""

    def __init__(self, namespace, module):
        self.module, self.events = module, lib.Events(namespace)
        self.before = module.counters()

    def expect(self, state, packets, drops, told, in_order=True):
        """
        The SA's state and packets, what was dropped, and which of its limits
        the kernel has told: "soft" and "hard", in order if there is one.
        """
        sa = self.module.sa("sa")
        lib.expect_equal("state", sa["state"], state)
        lib.expect_equal("packets", sa["packets"], packets)
        lib.expect_equal("drops", of_sa(sa.get("drop", {})), of_sa(drops))
        lib.expect_equal("counters", self.drops(), drops)
        heard = ["hard" if event.get("hard") else "soft"
                 for name, event in self.events.pending()
                 if name == "sa-expire-ntf" and event["name"] == "sa"]
        if not in_order:
            heard.sort(reverse=True)
        lib.expect_equal("notifications", heard, told)

    def drops(self):
        """What was dropped since then, by reason."""
        counters = {name: number - self.before.get(name, 0) for name, number
                    in self.module.counters().items()}
        return {name: number for name, number in counters.items()
                if number and not name.endswith("-packets")}


def limited_traffic(lab, mode, end, limits, packets, told):
    """Of twice as many packets as a limit allows, so many pass."""
    out = end == "out"
    watch = Watch(lab.west if out else lab.east,
                  lab.sender if out else lab.receiver)
    lab.protect(mode, **{end: limits})
    sent = 2 * packets
    ended = "hard" in told
    lib.expect_equal("arrived", lab.send(sent), packets if ended else sent)
    lost = sent - packets if ended else 0
    reason = "out-no-sa" if out else "in-sa-expired"
    watch.expect(EXPIRED if ended else VALID, sent - lost,
                 {reason: lost} if lost else {}, told)


def traffic_points():
    """Name and function of each point about packets and bytes."""
    for mode, text in ((TRANSPORT, "transport"), (TUNNEL, "tunnel")):
        length = LENGTH[mode]
        for end, way in (("out", "out"), ("inward", "in")):
            for name, limits, packets, told in (
                    ("hard packets 7", {"hard_packets": 7}, 7, ["hard"]),
                    ("hard packets 1", {"hard_packets": 1}, 1, ["hard"]),
                    ("soft packets 5", {"soft_packets": 5}, 5, ["soft"]),
                    ("soft packets 3, hard packets 6",
                     {"soft_packets": 3, "hard_packets": 6}, 6,
                     ["soft", "hard"]),
                    ("hard bytes of 5 packets", {"hard_bytes": 5 * length}, 5,
                     ["hard"]),
                    ("hard bytes one more than 5 packets",
                     {"hard_bytes": 5 * length + 1}, 6, ["hard"]),
                    ("soft bytes, hard packets 4",
                     {"soft_bytes": 1, "hard_packets": 4}, 4,
                     ["soft", "hard"])):
                yield (f"{text} {way}: {name}", lambda lab, m=mode, e=end,
                       li=limits, p=packets, t=told:
                       limited_traffic(lab, m, e, li, p, t))


def rush(lab, each):
    """Sends datagrams from two processors at once, if there are two."""
    processors = sorted(os.sched_getaffinity(0))
    begin, go = os.pipe()
    children = []
    for number in range(2):
        child = os.fork()
        if not child:
            os.close(go)
            os.sched_setaffinity(0, {processors[number % len(processors)]})
            # until the other one is ready, too
            os.read(begin, 1)
            for _ in range(each):
                lab.socket.sendto(TEXT, (INNER[lab.mode][1], PORT))
            os._exit(0)
        children.append(child)
    os.close(go)
    for child in children:
        lib.expect_equal("status of a sender", os.waitpid(child, 0)[1], 0)
    os.close(begin)


EACH = 300


def at_once(lab, mode, end, limits):
    """Of what two processors send, the first half passes."""
    out = end == "out"
    watch = Watch(lab.west if out else lab.east,
                  lab.sender if out else lab.receiver)
    # a processor that is held up sends numbers from long ago
    inward = {"replay_window": lib.window(IN)}
    lab.protect(mode, out=limits if out else {},
                inward=inward if out else inward | limits)
    before = lab.fates()
    rush(lab, EACH)
    lib.wait_for(lambda: lab.fates() >= before + 2 * EACH,
                 "all datagrams are dropped or received")
    lib.expect_equal("arrived", lab.received(), EACH)
    watch.expect(EXPIRED, EACH, {"out-no-sa" if out else "in-sa-expired": EACH},
                 ["soft", "hard"], in_order=False)


SEGMENTS, LAST = 10, 25


def segmented(lab, mode, limits):
    """Four packets of ten segments meet a limit that is inside the third."""
    watch = Watch(lab.west, lab.sender)
    lab.protect(mode, out=limits)
    lab.socket.setsockopt(socket.SOL_UDP, UDP_SEGMENT, len(TEXT))
    before = lab.receiver.counters().get("in-packets", 0)
    for _ in range(4):
        lab.socket.sendto(TEXT * SEGMENTS, (INNER[mode][1], PORT))
    lib.wait_for(lambda: lab.receiver.counters().get("in-packets", 0) >=
                 before + LAST, "segments received")
    lib.expect_equal("arrived", lab.received(), LAST)
    drops = watch.drops()
    lib.expect_equal("reasons", set(drops), {"out-no-sa"})
    watch.expect(EXPIRED, LAST, drops, ["soft", "hard"])


def hard_points():
    """Those at which many packets are on their way when a limit comes."""
    for mode, text in ((TRANSPORT, "transport"), (TUNNEL, "tunnel")):
        length = LENGTH[mode]
        for what, unit, more in (("packets", 1, 0), ("bytes", length, 1)):
            for end, way in (("out", "out"), ("inward", "in")):
                limits = {f"soft_{what}": EACH // 2 * unit,
                          f"hard_{what}": (EACH - more) * unit + more}
                yield (f"{text} {way}: two processors and a limit of {what}",
                       lambda lab, m=mode, e=end, li=limits:
                       at_once(lab, m, e, li))
            limits = {f"soft_{what}": LAST // 2 * unit,
                      f"hard_{what}": (LAST - more) * unit + more}
            yield (f"{text} out: segments and a limit of {what}",
                   lambda lab, m=mode, li=limits: segmented(lab, m, li))


def next_expiry(events):
    for name, event in events:
        if name == "sa-expire-ntf":
            return event


def seconds(lab):
    """Ends without traffic too; nothing passes any more."""
    for end, namespace, module, reason in (
            ("out", lab.west, lab.sender, "out-no-sa"),
            ("inward", lab.east, lab.receiver, "in-sa-expired")):
        events = lib.Events(namespace)
        lab.protect(TRANSPORT, **{end: {"soft_seconds": 1, "hard_seconds": 2}})
        event = next_expiry(events)
        lib.expect(event["name"] == "sa" and "hard" not in event,
                   f"the soft limit is told first: {event}")
        event = next_expiry(events)
        lib.expect(event["name"] == "sa" and event.get("hard"),
                   f"the hard limit is told: {event}")
        lib.expect_equal("arrived", lab.send(3), 0)
        sa = module.sa("sa")
        lib.expect_equal("state", sa["state"], EXPIRED)
        lib.expect_equal("drops", sa.get("drop", {}), of_sa({reason: 3}))
        told = [name for name, _ in events.pending() if "expire" in name]
        lib.expect_equal("further notifications", told, [])
        lab.release()


def soft_seconds(lab):
    """Told, and it goes on."""
    events = lib.Events(lab.west)
    lab.protect(TRANSPORT, out={"soft_seconds": 1})
    event = next_expiry(events)
    lib.expect("hard" not in event, f"the soft limit is told: {event}")
    lib.expect_equal("arrived", lab.send(3), 3)
    lib.expect_equal("state", lab.sender.sa("sa")["state"], VALID)


def next_sa(lab):
    """A policy with two SAs goes on with the second."""
    lab.open(TRANSPORT)
    algorithm = lib.Algorithm("aes128-gcm16", "lifetime")
    for module, direction in ((lab.sender, OUT), (lab.receiver, IN)):
        for number, name in enumerate(("first", "second")):
            limit = 3 if direction == OUT and name == "first" else None
            module.add_sa(name, HERE, THERE, 0x1000 + number, TRANSPORT,
                          algorithm, direction=direction, hard_packets=limit)
        module.add_policy("sp", direction, HERE, THERE, mode=TRANSPORT,
                          sa=["first", "second"])
    lib.expect_equal("arrived", lab.send(8), 8)
    packets = {name: sa["packets"] for name, sa in lab.receiver.sas().items()}
    lib.expect_equal("packets", packets, {"first": 3, "second": 5})
    lib.expect_equal("state", lab.sender.sa("first")["state"], EXPIRED)


def listed(lab):
    """`ipsec sa list` shows that an SA has ended."""
    lab.protect(TRANSPORT, out={"hard_packets": 2})
    lib.expect_equal("arrived", lab.send(4), 2)
    line = lab.west.run("ipsec", "sa", "list", "--noheadings")
    lib.expect("expired" in line.split(), f"listed as expired: {line}")
    line = lab.west.run("ipsec", "sa", "list", "--noheadings", "--verbose")
    lib.expect("expired" in line.lower(), f"listed as expired: {line}")


POINTS = [*traffic_points(), *hard_points(),
          ("seconds: soft, then hard, each told once", seconds),
          ("soft seconds: told, and traffic goes on", soft_seconds),
          ("a policy goes on with its next SA", next_sa),
          ("an SA that has ended is listed so", listed)]


def main():
    lab = Lab()
    lib.run_points(POINTS, lab, after=lab.release)


if __name__ == "__main__":
    main()
