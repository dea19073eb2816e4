#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Crypto by a network card that really does it: the laboratory's own.

    +------- here --------+                 +------ there -------+
    | nic0                |                 | wire0              |
    |   192.0.2.1         |=================|   192.0.2.2        |
    |   2001:db8::1       |   ESP           |   2001:db8::2      |
    | 10.1.0.1, fd01::1   |                 | 10.2.0.1, fd02::1  |
    +---------------------+                 +--------------------+

Here the card encrypts and decrypts, there the module does it in software: whatever
one sends the other has to understand. Each SA and each size goes both ways. The
card can be told to do things wrong, and says what it was asked to do.
"""

import contextlib
import itertools
import os
import subprocess

import cardsim
import cli
import lib
from hosts import (Counting, Host, Wire, add_policies, add_sas, deliver,
                   nothing_came, transfer)
from lib import IN, TRANSPORT, TUNNEL, expect, expect_equal

NO, CRYPTO = 2, 3
ENDS, ENDS6 = ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")
NETS, NETS6 = ("10.1.0.1", "10.2.0.1"), ("fd01::1", "fd02::1")
# Name, ends of the SAs, first SPI, mode, ends of the traffic
PAIRS = [("transport4", ENDS, 0x1000, TRANSPORT, ENDS),
         ("transport6", ENDS6, 0x2000, TRANSPORT, ENDS6),
         ("tunnel4", ENDS, 0x3000, TUNNEL, NETS),
         ("tunnel6", ENDS6, 0x4000, TUNNEL, NETS6),
         ("four-in-six", ENDS6, 0x5000, TUNNEL, NETS),
         ("six-in-four", ENDS, 0x6000, TUNNEL, NETS6)]
T4, T6, TUN4 = PAIRS[0], PAIRS[1], PAIRS[2]
LENGTHS = (0, 1, 2, 3, 4, 100, 1300)


@contextlib.contextmanager
def card():
    """One card, and the way through it."""
    made = cardsim.Card(SITE, "nic0", THERE, "wire0")
    try:
        way(SITE, "nic0", 0, "192.0.2.2", "2001:db8::2")
        way(THERE, "wire0", 1, "192.0.2.1", "2001:db8::1")
        yield made
    finally:
        for host in (SITE, THERE):
            host.module.flush()
        made.remove()


def way(host, device, side, gateway, gateway6):
    """A host's addresses and routes."""
    host.address(device, f"{ENDS[side]}/24", f"{ENDS6[side]}/64")
    host.ip_batch(f"route replace {NETS[1 - side]}/32 via {gateway} "
                  f"src {NETS[side]}",
                  f"route replace {NETS6[1 - side]}/128 via {gateway6} "
                  f"src {NETS6[side]}")


def protect(pair, algorithm="aes128-gcm16", **values):
    """By the card here, in software there."""
    name, ends, spi, mode, traffic = pair
    add_sas(SITE, None, name, ends, spi, mode, algorithm, **values)
    add_sas(None, THERE, name, ends, spi, mode, algorithm, offload=NO, **values)
    add_policies(SITE, THERE, name, traffic, mode)
    for suffix in ("out", "in"):
        wait_state(f"{name}-{suffix}", CRYPTO, "nic0")


def wait_state(name, state, device=None):
    def settled():
        sa = SITE.module.sa(name)
        return (sa["offload_state"], sa.get("offload_ifname")) == (state,
                                                                   device)
    lib.wait_for(settled, f"SA {name}: offload state {state} by {device}")


@contextlib.contextmanager
def talk(pair):
    """Sockets at both ends of the traffic."""
    with SITE.udp(pair[4][0]) as here, THERE.udp(pair[4][1]) as there:
        yield here, there


def exchange(pair, lengths=LENGTHS):
    """Datagrams of those lengths there and back."""
    with talk(pair) as (here, there):
        for length in lengths:
            deliver(here, there, length)
            deliver(there, here, length)


def drops(host=None):
    """Counters that nothing but trouble moves, and XFRM's of that kind."""
    found = {name: value for name, value in
             (host or SITE).module.counters().items()
             if value and name.startswith("in-") and
             name not in ("in-packets", "in-offloaded")}
    xfrm = {name: value for name, value in
            (host or SITE).statistics("xfrm_stat").items() if value}
    return found, xfrm


def quiet(before, host=None):
    expect_equal("drops, ours and XFRM's", drops(host), before)


def strange(nic):
    expect_equal("packets that the card knew no SA for",
                 nic.counts()["strange"], 0)


# ----- both ways ---------------------------------------------------------------

def both_ways():
    """All modes and families: the card's ESP is what software understands."""
    with card() as nic, Wire(SITE, "nic0") as wire:
        before, before_there = drops(), drops(THERE)
        counters = Counting(SITE)
        for pair in PAIRS:
            protect(pair)
            exchange(pair)
            for host in (SITE, THERE):
                host.module.flush()
        count = len(PAIRS) * len(LENGTHS)
        counters.wait(out_packets=count, out_offloaded=count, in_packets=count,
                      in_offloaded=count, out_offload_missed=0)
        quiet(before)
        quiet(before_there, THERE)
        expect_equal("the card encrypted and decrypted",
                     [nic.counts()[what] for what in ("sealed", "opened")],
                     [count, count])
        strange(nic)
        wire.expect_esp()


def without_gro():
    """A driver that hands packets up one by one, and XFRM's ESP that is not there."""
    with card():
        before = drops()
        counters = Counting(SITE)
        protect(T4)
        SITE.run("ethtool", "-K", "nic0", "gro", "off")
        exchange(T4)
        SITE.run("ethtool", "-K", "nic0", "gro", "on")
        exchange(T4)
        counters.wait(in_offloaded=2 * len(LENGTHS))
        quiet(before)


def numbers(host, name):
    """Packets and bytes of an SA."""
    sa = host.module.sa(name)
    return sa["packets"], sa["bytes"]


def large():
    """TCP, in packets that the card segments."""
    for pair in PAIRS:
        with card() as nic:
            protect(pair)
            before, counters = drops(), Counting(SITE)
            server, client = pair[4][1], pair[4][0]
            transfer(SITE, THERE, server, source=client, both_ways=True,
                     length=1 << 19)
            changed, counts = counters.changed(), nic.counts()
            # another family inside is segmented in software; the longer they
            # are, the fewer
            expect_equal(f"{pair[0]}: packets were left to the card whole",
                         counts["supers"] > 4, (":" in pair[1][0]) ==
                         (":" in pair[4][0]))
            expect(counts["sealed"] > 2 * counts["supers"],
                   f"{pair[0]}: {counts}")
            expect_equal(f"{pair[0]}: sent, left to the card, encrypted by it",
                         [changed["out-packets"], changed["out-offloaded"]],
                         [counts["sealed"]] * 2)
            # the last one of all, which ends the connection, may be on its way
            lib.wait_for(lambda: numbers(THERE, f"{pair[0]}-in") ==
                         numbers(SITE, f"{pair[0]}-out"),
                         lambda: f"{pair[0]}: the peer counts as many: "
                         f"{numbers(THERE, f'{pair[0]}-in')} of "
                         f"{numbers(SITE, f'{pair[0]}-out')}")
            quiet(before)
            strange(nic)


# ----- what a card says wrongly ------------------------------------------------

@contextlib.contextmanager
def gro(state):
    """With GRO the kernel's own ESP sees what the card decrypted before we do."""
    SITE.run("ethtool", "-K", "nic0", "gro", state)
    try:
        yield
    finally:
        SITE.run("ethtool", "-K", "nic0", "gro", "on")


def dropped_at(host, sender, receiver, **counters):
    """One datagram, of which only a counter tells."""
    counting = Counting(host)
    sender.sendto(b"lost", receiver.getsockname())
    counting.wait(**counters)
    nothing_came(receiver)


def faults():
    """Not authentic, broken, another SA's, and one that does nothing."""
    cases = [(cardsim.BAD_ICV, {"in_not_authentic": 1, "in_packets": 0}),
             (cardsim.BROKEN, {"in_crypto_error": 1, "in_packets": 0}),
             (cardsim.WRONG_SA, {"in_not_authentic": 1, "in_packets": 0})]
    with card() as nic:
        protect(T4)
        protect(T6)
        for state in ("on", "off"):
            for fault, counters in cases:
                for pair in (T4, T6):
                    with gro(state), talk(pair) as (here, there), \
                            nic.doing(fault):
                        dropped_at(SITE, there, here, **counters)
            with gro(state), nic.doing(cardsim.BLIND):
                counting = Counting(SITE)
                exchange(T4)
                counting.wait(in_packets=len(LENGTHS), in_offloaded=0)
        with talk(T4) as (here, there), nic.doing(cardsim.CLEAR):
            dropped_at(THERE, here, there, in_not_authentic=1, in_packets=0)
        exchange(T4)


def refused():
    """Who insists is told, who doesn't gets software."""
    options = {"sa-name": "sa", "sa-source": ENDS[0],
               "sa-destination": ENDS[1], "sa-mode": "transport",
               "sa-spi": "0x7000", "encryption-algorithm": "aes128-gcm16",
               "encryption-key": "0x" + "17" * 20}
    with card() as nic, SITE:
        with nic.doing(cardsim.REFUSE):
            cli.refused(1, "sa", "add", *cli.words(options,
                                                   {"offload": "crypto"}),
                        says=["nic0 refuses SA sa"])
            cli.accepted("sa", "add", *cli.words(options, {}))
            expect_equal("offload", SITE.module.sa("sa")["offload_state"], NO)
        expect_equal("the card has", nic.sas(), {})


def replayed():
    """What the card decrypted once more is still a replay."""
    with card() as nic, Wire(THERE, "wire0", (SITE, "nic0")) as wire:
        protect(TUN4)
        with talk(TUN4) as (here, there):
            deliver(there, here)
            packet = wire.wait_packet(lambda packet: packet[9] == 50)
            counting = Counting(SITE)
            wire.inject(packet)
            counting.wait(in_replay_seen=1, in_packets=0)
            nothing_came(here)
            # of which the first bit of the number was changed on the way
            forged = bytearray(packet)
            forged[27] += 2
            wire.inject(bytes(forged))
            counting.wait(in_not_authentic=1, in_packets=0)
        expect_equal("packets that the card decrypted", nic.counts()["opened"],
                     3)


def policies_decide():
    """What the card decrypted may still not pass."""
    with card():
        protect(TUN4)
        with talk(TUN4) as (here, there):
            deliver(there, here)
            SITE.module.delete_policy("tunnel4-in")
            dropped_at(SITE, there, here, in_offloaded=1, in_no_policy=1,
                       in_packets=0)
            add_sas(SITE, None, "other", ENDS, 0x7000, TUNNEL)
            SITE.module.add_policy("other", IN, f"{NETS[1]}/32",
                                   f"{NETS[0]}/32", mode=TUNNEL, sa="other-in")
            dropped_at(SITE, there, here, in_offloaded=1,
                       in_policy_other_sa=1, in_packets=0)


# ----- long numbers --------------------------------------------------------------

def advance(host, name, number):
    host.run("ipsec", "sa", "set", "--sa-name", name, "--sequence",
             str(number))


def long_numbers():
    """ESN across several halves of the number; the driver is told of each."""
    with card() as nic:
        protect(T4, esn=True)
        protect(TUN4, esn=True)
        counters, before = Counting(SITE), drops()
        count = 0
        for number in range(1, 12):
            for pair in (T4, TUN4):
                exchange(pair, (10, 100))
                count += 2
                # a packet has the lower half only: no step may be longer
                for host in (SITE, THERE):
                    advance(host, f"{pair[0]}-out", number << 30)
        counters.wait(in_offloaded=count, out_offloaded=count)
        sas = nic.sas()
        expect_equal("with ESN", {sa["esn"] for sa in sas.values()}, {"1"})
        expect(int(sas["rx", T4[2] + 1]["advances"]) >= 4,
               f"the driver was told too little: {sas}")
        quiet(before)


def wrapping_number():
    """From 2^32 - 2 on, both ways; TCP whose segments are on both sides."""
    with card() as nic:
        protect(T4, esn=True)
        for host in (SITE, THERE):
            advance(host, "transport4-out", 2**32 - 3)
            advance(host, "transport4-in", 2**32 - 3)
        # what a card was told of when it got the SA is not where it is now
        for state in ("off", "on"):
            SITE.run("ethtool", "-K", "nic0", "esp-hw-offload", state)
        wait_state("transport4-out", CRYPTO, "nic0")
        wait_state("transport4-in", CRYPTO, "nic0")
        before = drops()
        transfer(SITE, THERE, ENDS[1], source=ENDS[0], both_ways=True,
                 length=1 << 18)
        expect(nic.counts()["supers"], "no packet was left to the card whole")
        quiet(before)
        strange(nic)


# ----- what a card doesn't do ------------------------------------------------------

def less_able():
    """No segmentation, no checksums, no scatter-gather: done in software."""
    switches = [("tx-esp-segmentation", "supers"),
                ("esp-tx-csum-hw-offload", "summed"),
                ("tx-scatter-gather", None)]
    for switch, what in switches:
        with card() as nic:
            protect(TUN4)
            SITE.run("ethtool", "-K", "nic0", switch, "off")
            transfer(SITE, THERE, NETS[1], source=NETS[0], length=1 << 18)
            exchange(TUN4)
            counts = nic.counts()
            if what:
                expect_equal(f"{switch}: {what}", counts[what], 0)
            expect(counts["sealed"], f"{switch}: nothing was left to the card")
            strange(nic)


def with_limits():
    """An SA that ends after a number of packets is counted one by one."""
    with card() as nic:
        protect(TUN4, hard_packets=1 << 20)
        transfer(SITE, THERE, NETS[1], source=NETS[0], length=1 << 18)
        expect_equal("left to the card whole", nic.counts()["supers"], 0)
        expect(nic.counts()["sealed"], "nothing was left to the card")


# ----- at the last moment --------------------------------------------------------

def another_device():
    """What tc sends another way is segmented, summed and encrypted there."""
    SITE.ip_batch(f"link add pipe type veth peer name pipe netns {THERE.name}",
                  "link set pipe up")
    THERE.ip_batch("link set pipe up")
    address = THERE.link("pipe")[1].hex(":")
    for pair in PAIRS:
        with card() as nic:
            protect(pair)
            SITE.ip_batch(*(f"neighbour replace {end} lladdr {address} nud "
                            "permanent dev nic0" for end in (ENDS[1], ENDS6[1])))
            # nor do answers to those who look for the card leave by it any more
            back = SITE.link("nic0")[1].hex(":")
            THERE.ip_batch(*(f"neighbour replace {end} lladdr {back} nud "
                             "permanent dev wire0" for end in (ENDS[0], ENDS6[0])))
            for line in ("qdisc add dev nic0 clsact",
                         "filter add dev nic0 egress matchall action mirred "
                         "egress redirect dev pipe"):
                SITE.run("tc", *line.split())
            before, counters = drops(THERE), Counting(SITE)
            with talk(pair) as (here, there):
                for length in LENGTHS:
                    deliver(here, there, length)
            transfer(SITE, THERE, pair[4][1], source=pair[4][0],
                     length=1 << 18)
            changed = counters.changed()
            expect_equal(f"{pair[0]}: left to the card, and encrypted after all",
                         changed["out-offloaded"],
                         changed["out-offload-missed"])
            expect_equal(f"{pair[0]}: the card encrypted", nic.count(), 0)
            quiet(before, THERE)
    SITE.ip_batch("link delete pipe")


def numbers_of(*wires):
    """Of each ESP packet SPI and number, none of which protects two contents."""
    seen = {}
    for packet in (packet for wire in wires for packet in wire.arrived()):
        esp = packet[20:] if packet[0] >> 4 == 4 else packet[40:]
        expect_equal(f"SPI and number 0x{esp[:8].hex()}",
                     seen.setdefault(esp[:8], esp[8:]), esp[8:])
    return set(seen)


def copies():
    """What tc copies for another device has numbers of its own."""
    SITE.ip_batch(f"link add pipe type veth peer name pipe netns {THERE.name}",
                  "link set pipe up")
    THERE.ip_batch("link set pipe up")
    for pair in PAIRS:
        with card() as nic, Wire(THERE, "wire0") as wire, \
                Wire(THERE, "pipe") as pipe:
            protect(pair)
            for line in ("qdisc add dev nic0 clsact",
                         "filter add dev nic0 egress matchall action mirred "
                         "egress mirror dev pipe"):
                SITE.run("tc", *line.split())
            with talk(pair) as (here, there):
                for length in LENGTHS:
                    deliver(here, there, length)
            transfer(SITE, THERE, pair[4][1], source=pair[4][0],
                     length=1 << 18)
            counts, sent = nic.counts(), SITE.module.sa(f"{pair[0]}-out")["seq"]
            came = numbers_of(wire, pipe)
            expect_equal(f"{pair[0]}: packets, among their copies as well",
                         len(came), sent)
            if counts["supers"]:
                # one by one a copy is the packet itself once more
                expect(sent > counts["sealed"],
                       f"{pair[0]}: copies have the numbers of {counts}")
    SITE.ip_batch("link delete pipe")


@contextlib.contextmanager
def toggling(feature):
    """A feature of the card goes off and on meanwhile, and is on in the end."""
    def toggle(_):
        for state in ("off", "on"):
            subprocess.run(["ip", "netns", "exec", SITE.name, "ethtool", "-K",
                            "nic0", feature, state], check=False)
    with lib.meanwhile(toggle):
        yield


def busy():
    """What the card had no room for comes again, wherever its SA is then."""
    log = cli.KernelLog()
    # the second segments what the card would have segmented, as cake does
    shaper = "tbf rate 1gbit burst 1514 limit 4mb"
    for pair, queue in itertools.product(PAIRS, ("pfifo_fast", shaper)):
        with card() as nic, Wire(THERE, "wire0") as wire:
            SITE.run("tc", "qdisc", "replace", "dev", "nic0", "root",
                     *queue.split())
            protect(pair)
            before = drops(THERE)
            with nic.doing(cardsim.BUSY):
                exchange(pair)
                with toggling("esp-hw-offload"):
                    transfer(SITE, THERE, pair[4][1], source=pair[4][0],
                             length=1 << 18)
                wait_state(f"{pair[0]}-out", CRYPTO, "nic0")
                exchange(pair)
            expect(nic.counts()["busy"], f"{pair[0]}: the card always had room")
            if queue == shaper:
                # but for a few so short that they have the size of one frame
                expect(nic.counts()["supers"] < 5,
                       f"{pair[0]}: the card segmented: {nic.counts()}")
            numbers_of(wire)
            quiet(before, THERE)
            strange(nic)
    log.expect_quiet()


def on_and_off():
    """SAs leave the card and come back under TCP."""
    log = cli.KernelLog()
    with card() as nic:
        protect(TUN4)
        with toggling("esp-hw-offload"):
            for _ in range(5):
                transfer(SITE, THERE, NETS[1], source=NETS[0], both_ways=True,
                         length=1 << 18)
        strange(nic)
        wait_state("tunnel4-out", CRYPTO, "nic0")
    log.expect_quiet()


# ----- a bond ----------------------------------------------------------------------

@contextlib.contextmanager
def bond():
    """Two cards under a bond here, a bridge of their wires there."""
    cards = [cardsim.Card(SITE, f"nic{number}", THERE, f"wire{number}")
             for number in range(2)]
    try:
        THERE.ip_batch("link add bridge0 type bridge",
                       *(f"link set wire{number} master bridge0"
                         for number in range(2)), "link set bridge0 up")
        # given its mode while it is made, a bond of 6.1 offers no offload
        SITE.ip_batch("link add bond0 address 02:00:00:00:00:10 type bond",
                      "link set bond0 type bond mode active-backup",
                      *(f"link set nic{number} down" for number in range(2)),
                      *(f"link set nic{number} master bond0"
                        for number in range(2)),
                      "link set bond0 up",
                      "link set bond0 type bond active_slave nic0")
        way(SITE, "bond0", 0, "192.0.2.2", "2001:db8::2")
        way(THERE, "bridge0", 1, "192.0.2.1", "2001:db8::1")
        yield cards
    finally:
        for host in (SITE, THERE):
            host.module.flush()
        SITE.ip_batch("link delete bond0")
        THERE.ip_batch("link delete bridge0")
        for made in cards:
            made.remove()


def failover():
    """The active card has the SAs, and every packet arrives."""
    with bond() as cards:
        protect_bond(TUN4)
        for turn in (0, 1, 0, 1):
            SITE.ip_batch(f"link set bond0 type bond active_slave nic{turn}")
            for suffix in ("out", "in"):
                wait_state(f"tunnel4-{suffix}", CRYPTO, f"nic{turn}")
            before = [made.counts() for made in cards]
            exchange(TUN4)
            transfer(SITE, THERE, NETS[1], source=NETS[0], length=1 << 17)
            after = [made.counts() for made in cards]
            expect_equal("at the other card", after[1 - turn],
                         before[1 - turn])
            for what in ("sealed", "opened"):
                expect(after[turn][what] - before[turn][what] >= len(LENGTHS),
                       f"{what} {before[turn]} {after[turn]}")
        for made in cards:
            strange(made)


def protect_bond(pair):
    name, ends, spi, mode, traffic = pair
    add_sas(SITE, None, name, ends, spi, mode)
    add_sas(None, THERE, name, ends, spi, mode, offload=NO)
    add_policies(SITE, THERE, name, traffic, mode)


TESTS = [
    ("both ways, all modes and families", both_ways),
    ("without GRO", without_gro),
    ("TCP, segmented by the card", large),
    ("a card that says wrong things", faults),
    ("a card that refuses", refused),
    ("replays of what a card decrypts", replayed),
    ("policies after the card", policies_decide),
    ("long numbers", long_numbers),
    ("long numbers across 2^32", wrapping_number),
    ("a card that does less", less_able),
    ("an SA with limits", with_limits),
    ("another device in the last moment", another_device),
    ("a copy for another device", copies),
    ("a card that is busy", busy),
    ("the feature goes off and on under TCP", on_and_off),
    ("a bond fails over", failover),
]


def main():
    chosen = os.environ.get("CARD_POINTS", "").split()
    points = [point for point in TESTS
              if not chosen or point[1].__name__ in chosen]
    report = lib.Report(len(points))
    for side, host in enumerate((SITE, THERE)):
        host.address("lo", f"{NETS[side]}/32", f"{NETS6[side]}/128")
    for name, test in points:
        with report.point(name):
            test()
    report.finish()


if __name__ == "__main__":
    lib.need("ip", "ethtool", "tc", "modprobe", "insmod", "rmmod")
    lib.load_module()
    cardsim.load()
    lib.run("modprobe", "-a", "esp4_offload", "esp6_offload", "bonding",
            "sch_netem", "sch_tbf")
    SITE, THERE = Host("here"), Host("there")
    main()
