#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of an SA that other CPUs encrypt and decrypt: none is lost, or overtaken.

The hosts of order.py. All packets come by one CPU; who does the crypto, spread= of
the module says.
"""

import os
import struct
import time

import lib
import order
from hosts import ESP, Counting, Wire, transfer
from lib import TRANSPORT, expect, expect_equal
from order import ENDS, FAR, NEAR, PORTS, SPIS

# the module looks at its load so often
WINDOW = 0.05


def receive_on_one_cpu(host):
    """Also what TCP sends from elsewhere, since it was received there."""
    host.run("unshare", "--mount", "sh", "-c", "mount -t sysfs sys /sys && "
             "echo 1 >/sys/class/net/wire/queues/rx-0/rps_cpus")


def spread(mode):
    """From the next packet on."""
    lib.spread(mode)
    time.sleep(2 * WINDOW)


def numbered(lab, count, source=NEAR, destination=FAR):
    """Datagrams that have to arrive in order.

    Returns how many of them others have encrypted, and decrypted.
    """
    out, back = (Counting(host, spread=True) for host in (lab.west, lab.east))
    order.exchange(lab, count, source, destination)
    out, back = out.changed(), back.changed()
    expect_equal("sent", out.pop("out-packets"), count)
    expect_equal("received", back.pop("in-packets"), count)
    others = out.pop("out-spread", 0), back.pop("in-spread", 0)
    expect_equal("anything else", (out, back), ({}, {}))
    return others


def by_others(lab, count, *ends):
    """Nearly all: where too much waits, a CPU does some itself, in order as well."""
    got = numbered(lab, count, *ends)
    expect(3 * count // 4 < min(got), f"by others: {got} of {count}")


def never(lab):
    lab.protect()
    spread("never")
    expect_equal("by others", numbered(lab, 500), (0, 0))


def always(lab):
    lab.protect()
    spread("always")
    by_others(lab, 2000)


def transport(lab):
    lab.protect(TRANSPORT)
    spread("always")
    by_others(lab, 500, *ENDS)


def back(lab):
    """Alone again, and the SA's packets go on where they come by."""
    lab.protect()
    for _ in range(3):
        spread("always")
        by_others(lab, 300)
        spread("never")
        expect_equal("by others", numbered(lab, 300), (0, 0))
        # as long as that it could be that others still receive for the SA
        time.sleep(0.6)
        expect_equal("by others", numbered(lab, 300), (0, 0))


def several(lab):
    """Packets of many SAs in turn."""
    sources = [f"10.1.1.{number}" for number in range(1, 12)]
    lab.west.address("lo", *(f"{source}/32" for source in sources))
    lab.east.routes(f"10.1.1.0/24 via {ENDS[0]}")
    for number, source in enumerate(sources):
        order.add_sas(lab.west, lab.east, f"sa{number}", ENDS, next(SPIS),
                      order.TUNNEL)
        order.add_policies(lab.west, lab.east, f"sa{number}", (source, FAR),
                           order.TUNNEL)
    spread("always")
    counts = [Counting(host, spread=True) for host in (lab.west, lab.east)]
    port = next(PORTS)
    with lab.east.udp(FAR, port) as receiver:
        senders = [lab.west.udp(source) for source in sources]
        for number in range(100):
            for sender in senders:
                sender.sendto(struct.pack("!I", number), (FAR, port))
            if number % 10 == 9:
                got = {}
                for _ in range(10 * len(senders)):
                    data, (address, _) = receiver.recvfrom(100)
                    got.setdefault(address, []).append(
                        struct.unpack("!I", data)[0])
                expect_equal("numbers", got, dict.fromkeys(
                    sources, list(range(number - 9, number + 1))))
        for sender in senders:
            sender.close()
    counts[0].wait(out_packets=1100, out_spread=1100)
    counts[1].wait(in_packets=1100, in_spread=1100)


def connection(lab):
    """GSO packets, both ways."""
    lab.protect()
    spread("always")
    counting = Counting(lab.east, spread=True)
    rose = order.overtaken(lab, lambda: transfer(
        lab.west, lab.east, FAR, 1 << 21, both_ways=True, source=NEAR))
    expect_equal("overtaken", rose, dict.fromkeys(rose, 0))
    changed = counting.changed()
    expect(changed["in-spread"] > 500 and changed["out-spread"] > 500,
           f"{changed}")


def change(lab):
    """The CPU begins to have others do it, and does it alone again, in mid-flow."""
    lab.protect()
    counting = Counting(lab.east, spread=True)

    def transfers():
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            transfer(lab.west, lab.east, FAR, 1 << 20, source=NEAR)
    with lib.spread_changing(7 * WINDOW):
        rose = order.overtaken(lab, transfers)
    expect_equal("overtaken", rose, dict.fromkeys(rose, 0))
    changed = counting.changed()
    expect(0 < changed["in-spread"] < changed["in-packets"] and
           0 < changed["out-spread"] < changed["out-packets"], f"{changed}")


def replay(lab):
    """A window of 32 packets, and each packet a second time."""
    lab.protect(replay_window=32)
    spread("always")
    with Wire(lab.west, "wire", (lab.east, "wire")) as wire:
        numbered(lab, 500)
        again = [packet for packet in wire.packets()
                 if order.protocol_of(packet) == ESP][-100:]
        counting = Counting(lab.east, spread=True)
        for packet in again:
            wire.inject(packet)
        counting.wait(**{"in-replay-old": 68, "in-replay-seen": 32})


def forged(lab):
    """What isn't authentic is dropped when its turn comes; others go on."""
    lab.protect()
    spread("always")
    counting = Counting(lab.east, spread=True)
    order.mix_with_forged(lab, 200)
    counting.wait(in_packets=200, in_not_authentic=200, in_spread=400)


def late(lab):
    """An accelerator takes its time for some of a job's packets."""
    lib.load_lab_module("late")
    try:
        lab.protect()
        spread("always")
        for percent in (100, 30):
            order.late(percent, percent)
            by_others(lab, 500)
    finally:
        order.late()


def removed(lab):
    """SAs, and then a namespace, go while their packets are with others."""
    spread("always")
    counting = Counting(lab.west, spread=True)
    for _ in range(20):
        lab.protect()
        with lab.west.udp(NEAR) as sender:
            for _ in range(100):
                sender.sendto(bytes(1000), (FAR, 9))
            for host in (lab.east, lab.west):
                host.module.flush()
    expect(counting.changed().get("out-spread", 0) >= 1000,
           f"{counting.changed()}")
    other = order.neighbour(lab)
    with lab.east.udp(order.SIDE[1]) as sender:
        for _ in range(100):
            sender.sendto(bytes(100), (order.SIDE[0], 9))
    other.module.socket.sock.close()
    other.delete()
    lib.wait_for(lambda: not lab.east.has_link("side"), "the end of its wire")


def flood(lab, seconds):
    """As many datagrams as one CPU sends and receives."""
    deadline = time.monotonic() + seconds
    with lab.west.udp(NEAR) as sender:
        while time.monotonic() < deadline:
            for _ in range(500):
                sender.sendto(bytes(1000), (FAR, 9))


def trickle(lab, count):
    """Datagrams between which there is nothing to do."""
    with lab.west.udp(NEAR) as sender:
        for _ in range(count):
            sender.sendto(bytes(100), (FAR, 9))
            time.sleep(WINDOW * lib.PATIENCE)


def by_itself(lab):
    """Others take part once a CPU has no time left, and don't any more later.

    The algorithm is a slow one: on kernels that watch themselves, others are little
    beside all else.
    """
    lab.protect(algorithm="3des-cbc/hmac-sha1")
    spread("auto")
    counts = [Counting(host, spread=True) for host in (lab.west, lab.east)]
    flood(lab, 3 * lib.PATIENCE)
    out, back = (counting.changed() for counting in counts)
    expect(out.get("out-spread", 0) > 100 or back.get("in-spread", 0) > 100,
           f"{out}, {back}")
    trickle(lab, 8)
    counts = [Counting(host, spread=True) for host in (lab.west, lab.east)]
    trickle(lab, 8)
    out, back = (counting.changed() for counting in counts)
    expect_equal("by others", (out.get("out-spread", 0),
                               back.get("in-spread", 0)), (0, 0))


def refusals(_):
    """What spread= doesn't know."""
    try:
        lib.spread("sometimes")
    except OSError as error:
        expect_equal("error", error.errno, 22)
    else:
        expect(False, "taken")
    spread("never")
    expect_equal("mode", lib.SPREAD.read_text(encoding="ascii"), "never\n")


POINTS = [("spread: never", never), ("spread: always", always),
          ("spread: transport mode", transport), ("spread: and back", back),
          ("spread: several SAs", several),
          ("spread: a connection", connection),
          ("spread: begins and ends in mid-flow", change),
          ("spread: replay", replay), ("spread: forged", forged),
          ("spread: SAs and namespaces go", removed),
          ("spread: by itself", by_itself), ("spread: refusals", refusals),
          ("spread: crypto that is done later", late)]


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    lab = order.Lab()
    for host in (lab.west, lab.east):
        receive_on_one_cpu(host)

    def clean():
        lib.spread("auto")
        for host in (lab.west, lab.east):
            host.module.flush()

    lib.run_points(POINTS, lab, after=clean)


if __name__ == "__main__":
    main()
