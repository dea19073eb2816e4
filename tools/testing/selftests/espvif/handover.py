#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers of SAs go from one gateway to another, and come to their end.

    +--- first ---+   +--- second ---+            +---- peer ----+
    |   espvif    |   |    espvif    |            |     XFRM     |
    | 192.0.2.1   |   |  192.0.2.1   |            |  192.0.2.2   |
    +------+------+   +------+-------+            +------+-------+
           +--- one of them -+--------- wire ------------+

Both gateways have the same address; the peer's wire is plugged into one or the
other. The second takes over SAs with the numbers that the first shows. ESP is
seen and sent again on the wire of the peer.
"""

import errno
import socket

import lib
from hosts import ESP, Counting, Host, Wire, deliver, nothing_came
from lib import EXPIRED, IN, OUT, TRANSPORT, expect, expect_equal

OURS, PEER = "192.0.2.1", "192.0.2.2"
PORT = 7000
LAST, LAST_ESN = (1 << 32) - 1, (1 << 64) - (1 << 32)
SOFT = (1 << 32) // 8 * 7
UDP_SEGMENT, TOGETHER, SIZE = 103, 8, 100
KEYS = {OUT: lib.Algorithm("aes128-gcm16", "hand-over out"),
        IN: lib.Algorithm("aes128-gcm16", "hand-over in")}
SPIS = {OUT: 0x1000, IN: 0x1001}


class Lab:
    def __init__(self):
        # its module has nothing to do: SPIs that it does not know are XFRM's
        self.peer = Host("peer")
        self.gateways = [Host("first"), Host("second")]
        self.peer.add_addresses("lo", PEER)
        for number, gateway in enumerate(self.gateways):
            lib.join(gateway, self.peer, f"wire{number}")
            gateway.add_addresses(f"wire{number}", f"{OURS}/24")
            self.peer.sysctl(f"ipv4/conf/wire{number}/rp_filter", 0)
        self.peer.sysctl("ipv4/conf/all/rp_filter", 0)
        self.events = None

    def plug(self, number):
        """The peer finds our address at one of the gateways."""
        self.peer.ip_batch(f"route replace {OURS} dev wire{number} src {PEER}")
        return self.gateways[number]

    def add_peer(self, esn=False, sent=0, received=0):
        """The peer's SAs; it has sent and received so many already."""
        for direction, ends, last in ((OUT, (OURS, PEER), received),
                                      (IN, (PEER, OURS), sent)):
            kind = "oseq" if direction == IN else "seq"
            self.peer.ip_batch(
                f"xfrm state add src {ends[0]} dst {ends[1]} proto esp spi "
                f"{SPIS[direction]} mode transport "
                f"{KEYS[direction].xfrm_words()} replay-window 64 "
                f"{'flag esn ' if esn else ''}"
                f"replay-{kind} {last & LAST} "
                f"{f'replay-{kind}-hi {last >> 32}' if esn else ''}",
                f"xfrm policy add src {ends[0]} dst {ends[1]} dir "
                f"{'in' if direction == OUT else 'out'} tmpl proto esp "
                "mode transport")

    @staticmethod
    def add(gateway, out=None, inward=None, **values):
        """SAs and policies of a gateway, which go on with numbers."""
        for direction, ends, more in ((OUT, (OURS, PEER), out),
                                      (IN, (PEER, OURS), inward)):
            name = "out" if direction == OUT else "in"
            gateway.module.add_sa(name, *ends, SPIS[direction], TRANSPORT,
                                  KEYS[direction], direction=direction,
                                  **values | (more or {}))
            gateway.module.add_policy(name, direction, *ends, sa=name,
                                      mode=TRANSPORT)

    def clean(self):
        for gateway in self.gateways:
            gateway.module.flush()
        self.peer.ip_batch("xfrm state flush", "xfrm policy flush")


def numbers_of(gateway):
    """What another gateway needs to go on."""
    module = gateway.module
    state = module.sa("in")
    return ({"seq": module.sa("out")["seq"]},
            {"seq": state["seq"], "replay_state": state["replay_state"]})


def udp_at(namespace, address):
    with namespace:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, PORT))
    made.settimeout(lib.DEADLINE)
    return made


def talk(gateway, lab, count=5):
    """Datagrams both ways, one by one."""
    with udp_at(gateway, OURS) as ours, udp_at(lab.peer, PEER) as theirs:
        for _ in range(count):
            deliver(ours, theirs)
            deliver(theirs, ours)


def esp(packets):
    """(number, packet) of those that are ESP."""
    return [(int.from_bytes(packet[24:28], "big"), packet)
            for packet in packets if packet[9] == ESP]


def hand_over(lab, way):
    """The second gateway goes on where the first one was."""
    first, second = lab.plug(0), lab.gateways[1]
    lab.add_peer()
    lab.add(first)
    with Wire(first, "wire0") as sent, Wire(lab.peer, "wire0") as theirs:
        talk(first, lab)
        numbers = [number for number, _ in esp(sent.packets())]
        replays = [packet for _, packet in esp(theirs.packets())]
    expect_equal("numbers of the first", numbers, [1, 2, 3, 4, 5])
    out, inward = numbers_of(first)
    expect_equal("state", (out["seq"], inward["seq"],
                           inward["replay_state"]),
                 (5, 5, b"\x1f".ljust(8, b"\0")))
    take_over(second, lab, out, inward, way)
    first.module.flush()
    lab.plug(1)
    with Wire(second, "wire1") as sent, \
            Wire(lab.peer, "wire1", (second, "wire1")) as theirs, \
            udp_at(second, OURS) as ours:
        theirs.inject(*replays)
        lib.wait_for(lambda: sum(second.module.sa("in").get(
            "drop", {}).values()) >= len(replays), "replays dropped")
        expect_equal("replays", second.module.sa("in")["drop"],
                     {"in-replay-seen": 5})
        nothing_came(ours)
        ours.close()
        talk(second, lab)
        numbers = [number for number, _ in esp(sent.packets())]
    expect_equal("numbers of the second", numbers, [6, 7, 8, 9, 10])


def take_over(second, lab, out, inward, way):
    """Made with the numbers, or there before and told of them."""
    if way == "made":
        lab.add(second, out, inward)
        return
    if way == "program":
        lab.add(second)
        second.run("ipsec", "sa", "set", "--sa-name", "out", "--sequence",
                   str(out["seq"]))
        second.run("ipsec", "sa", "set", "--sa-name", "in", "--sequence",
                   str(inward["seq"]), "--replay-state",
                   f"0x{inward['replay_state'].hex()}")
        return
    lab.add(second)
    for name, numbers in (("out", out), ("in", inward)):
        second.module.call("sa-set", lib.SA, {"name": name} | numbers)


def hole(lab):
    """A number that the first has not received, the second accepts once."""
    first, second = lab.plug(0), lab.gateways[1]
    lab.add_peer()
    lab.add(first)
    with Wire(lab.peer, "wire0") as theirs:
        talk(first, lab)
        packets = dict(esp(theirs.packets()))
    out, inward = numbers_of(first)
    inward["replay_state"] = bytes([0x1b])
    lab.add(second, out, inward)
    lab.plug(1)
    with Wire(lab.peer, "wire1", (second, "wire1")) as theirs, \
            udp_at(second, OURS) as ours:
        theirs.inject(packets[3], packets[3], packets[2])
        expect(ours.recv(1000), "number 3 is missing")
        lib.wait_for(lambda: second.module.sa("in").get("drop"), "a drop")
        lib.wait_for(lambda: second.module.sa("in")["drop"].get(
            "in-replay-seen") == 2, "both replays dropped")
        nothing_came(ours)
    expect_equal("state", second.module.sa("in")["replay_state"][0], 0x1f)


def only_forward(lab):
    """Numbers never go back, nor beyond their end, nor into no window."""
    gateway = lab.gateways[0]
    lab.add(gateway, {"seq": 1000}, {"seq": 1000})
    expect_equal("what was received", gateway.module.sa("in")["replay_state"],
                 b"\xff" * 8)
    for name, numbers, error, says in (
            ("out", {"seq": 999}, errno.EINVAL, "never used twice"),
            ("in", {"seq": 999}, errno.EINVAL, "only go forward"),
            ("out", {"seq": LAST + 1}, errno.ERANGE, "end at 4294967295"),
            ("in", {"seq": 1 << 40}, errno.ERANGE, "end at 4294967295"),
            ("out", {"seq": 2000, "replay_state": b"\1"}, errno.EINVAL,
             "no replay state"),
            ("in", {"replay_state": b"\1"}, errno.EINVAL, "highest number"),
            ("in", {"seq": 2000, "replay_state": b"\1" * 9}, errno.EINVAL,
             "9 bytes")):
        module = gateway.module
        reply = module.socket.request(
            module.family.id, lib.COMMANDS["sa-set"],
            lib.encode(lib.SA, {"name": name} | numbers))
        expect(reply.error == error and says in reply.sentence,
               f"{numbers}: {reply}")
    expect_equal("numbers", [gateway.module.sa(name)["seq"]
                             for name in ("out", "in")], [1000, 1000])
    gateway.module.call("sa-set", lib.SA, {"name": "in", "seq": 1004,
                                           "replay_state": b"\5"})
    # 1004 and 1002 came, 1001 and 1003 did not, all below as before
    expect_equal("what was received",
                 gateway.module.sa("in")["replay_state"],
                 b"\xf5" + b"\xff" * 7)


def expiries(events):
    return ["hard" if event.get("hard") else "soft"
            for name, event in events.pending() if name == "sa-expire-ntf"]


def exhausted(lab, together, esn):
    """The last number is used once, and nothing behind it."""
    gateway = lab.plug(0)
    last = LAST_ESN if esn else LAST
    lab.add(gateway, {"seq": last - 3}, {"seq": 0}, esn=esn)
    events, counting = lib.Events(gateway), Counting(gateway)
    with Wire(gateway, "wire0") as wire, udp_at(gateway, OURS) as ours:
        if together:
            ours.setsockopt(socket.SOL_UDP, UDP_SEGMENT, SIZE)
        for _ in range(3 if together else 8):
            ours.sendto(bytes(SIZE * (TOGETHER if together else 1)),
                        (PEER, PORT))
        lib.wait_for(lambda: gateway.module.sa("out")["packets"] == 3,
                     "the last packets")
        numbers = [number for number, _ in esp(wire.packets())]
    expect_equal("numbers", numbers,
                 [(last - 2 + i) & LAST for i in range(3)])
    sa = gateway.module.sa("out")
    expect_equal("the SA", (sa["state"], sa["seq"]), (EXPIRED, last))
    drops = {name: number for name, number in counting.changed().items()
             if name.startswith("out-") and name != "out-packets"}
    expect_equal("drops", drops, {"out-sequence-exhausted": TOGETHER - 3,
                                  "out-no-sa": 2} if together else
                 {"out-no-sa": 5})
    expect_equal("told", expiries(events), ["hard"] if esn else
                 ["soft", "hard"])


def warned(lab):
    """Without ESN seven eighths of all numbers are a warning, told once."""
    gateway = lab.plug(0)
    lab.add(gateway, {"seq": SOFT - 2})
    lab.add_peer(received=SOFT - 2)
    events = lib.Events(gateway)
    talk(gateway, lab, 1)
    expect_equal("told", expiries(events), [])
    talk(gateway, lab, 4)
    expect_equal("told", expiries(events), ["soft"])


def beyond(lab):
    """With ESN numbers go on beyond 2^32, both ways."""
    gateway = lab.plug(0)
    start = LAST - 2
    lab.add_peer(esn=True, sent=start, received=start)
    lab.add(gateway, {"seq": start}, {"seq": start}, esn=True)
    talk(gateway, lab, 6)
    expect_equal("numbers", [gateway.module.sa(name)["seq"]
                             for name in ("out", "in")], [start + 6] * 2)


POINTS = [
    ("a gateway takes over: SAs made with the numbers",
     lambda lab: hand_over(lab, "made")),
    ("a gateway takes over: SAs told of the numbers",
     lambda lab: hand_over(lab, "told")),
    ("a gateway takes over: told by ipsec sa set",
     lambda lab: hand_over(lab, "program")),
    ("what has not come may come once", hole),
    ("numbers only go forward", only_forward),
    ("the numbers end: datagrams", lambda lab: exhausted(lab, False, False)),
    ("the numbers end: segments", lambda lab: exhausted(lab, True, False)),
    ("extended numbers end: datagrams",
     lambda lab: exhausted(lab, False, True)),
    ("extended numbers end: segments", lambda lab: exhausted(lab, True, True)),
    ("a warning before the end", warned),
    ("extended numbers go on beyond 2^32", beyond),
]


def main():
    lab = Lab()
    lib.run_points(POINTS, lab, after=lab.clean)


if __name__ == "__main__":
    main()
