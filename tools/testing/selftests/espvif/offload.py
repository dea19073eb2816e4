#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Crypto by network cards, with the kernel's simulated one.

    +-------------- here ---------------+
    | nic0, nic1  192.0.2.1, 2001:db8::1|   somewhere behind the card:
    | pipe        198.51.100.1          |   192.0.2.2 and .3, 2001:db8::2 and ::3
    +----|------------------------------+
         |        +------ there -----+
         +--------| pipe             |
                  | 192.0.2.2        |
                  +------------------+

The card is told of SAs and counts the packets that it should encrypt, so on its
wire they can be seen as they left the host: all of ESP, but in the clear. XFRM's
offload on the same card tells what a driver is to be told. The pipe is for packets
that go another way in the last moment: a real peer must understand them.
"""

import contextlib
import struct

import cli
import lib
import netdevsim
from hosts import Counting, Host, Wire, add_policies, add_sas, deliver
from lib import OUT, TRANSPORT, TUNNEL, expect, expect_equal

AUTO, NO, CRYPTO, PACKET = 1, 2, 3, 4
HERE, PEER, GATEWAY, BEHIND = "192.0.2.1", "192.0.2.2", "192.0.2.3", "10.2.0.1"
HERE6, PEER6, GATEWAY6, BEHIND6 = ("2001:db8::1", "2001:db8::2",
                                   "2001:db8::3", "2001:db8:2::1")
LINK_ADDRESS = "02:00:00:00:00:02"
MARK = b"the card is to encrypt this"
ESP = 50

# Name, ends of the SAs, first SPI, mode, where packets go
PAIRS = [("transport4", (HERE, PEER), 0x1000, TRANSPORT, PEER),
         ("transport6", (HERE6, PEER6), 0x2000, TRANSPORT, PEER6),
         ("tunnel4", (HERE, GATEWAY), 0x3000, TUNNEL, BEHIND),
         ("tunnel6", (HERE6, GATEWAY6), 0x4000, TUNNEL, BEHIND6)]


def neighbours(device):
    """All that are behind a card; nobody there answers."""
    return [f"neighbour replace {address} lladdr {LINK_ADDRESS} "
            f"nud permanent dev {device}"
            for address in (PEER, GATEWAY, PEER6, GATEWAY6)]


def way(device):
    """The addresses and routes of a card, or of a bond."""
    SITE.address(device, f"{HERE}/24", f"{HERE6}/64")
    SITE.ip_batch(*neighbours(device),
                  f"route replace 10.2.0.0/16 via {GATEWAY} src {HERE}",
                  f"route replace 2001:db8:2::/64 via {GATEWAY6} src {HERE6}")


@contextlib.contextmanager
def card(name="nic0"):
    """One card to which everything leads."""
    made = netdevsim.Card(SITE, name, BEYOND)
    try:
        way(name)
        yield made
    finally:
        SITE.module.flush()
        made.remove()


def protect(pair, algorithm="aes128-gcm16", **values):
    name, ends, spi, mode, target = pair
    add_sas(SITE, None, name, ends, spi, mode, algorithm, **values)
    add_policies(SITE, None, name, (ends[0], target), mode)


def send(pair, count=1):
    """Datagrams with the mark that everybody can read."""
    with SITE.udp(pair[1][0]) as sock:
        for _ in range(count):
            sock.sendto(MARK, (pair[4], 4000))


class Seen:
    """An ESP packet as it left the host."""

    def __init__(self, packet):
        self.packet = packet
        self.esp = packet[20:] if packet[0] >> 4 == 4 else packet[40:]
        self.spi, self.number = struct.unpack_from("!II", self.esp)
        self.iv = self.esp[8:16]
        self.clear = MARK in packet


def watch_all(wire):
    """All ESP packets until now."""
    return [Seen(packet) for packet in wire.packets()
            if packet[9 if packet[0] >> 4 == 4 else 6] == ESP]


def watch(wire, count):
    """The next ESP packets on a wire."""
    found = []

    def came():
        found.extend(watch_all(wire))
        return len(found) >= count
    lib.wait_for(came, f"{count} packets on the wire")
    return found


def states(*names):
    """What is in force and by which device, of SAs."""
    sas = SITE.module.sas()
    return {name: (sas[name]["offload_state"],
                   sas[name].get("offload_ifname")) for name in names}


def wait_state(name, state, device=None):
    lib.wait_for(lambda: states(name)[name] == (state, device),
                 f"SA {name}: offload state {state} by {device}")


# ----- what the driver is told -------------------------------------------------

def told_as_by_xfrm():
    """Direction, address, SPI, key and salt, for all modes and families."""
    with card() as nic:
        for name, ends, spi, mode, _ in PAIRS:
            for number, (source, target) in enumerate((ends, ends[::-1])):
                algorithm = lib.Algorithm("aes128-gcm16",
                                          f"{name}{spi + number}")
                SITE.run("ip", "xfrm", "state", "add", "src", source, "dst",
                         target, "proto", "esp", "spi", str(spi + number),
                         "mode", "tunnel" if mode == TUNNEL else "transport",
                         *algorithm.xfrm_words().split(), "offload", "dev",
                         "nic0", "dir", "in" if number else "out")
        by_xfrm = nic.sas()
        SITE.run("ip", "xfrm", "state", "flush")
        lib.wait_for(lambda: not nic.sas(), "XFRM to take its states away")
        for pair in PAIRS:
            protect(pair)
        expect_equal("SAs", len(by_xfrm), 8)
        expect_equal("the driver was told", nic.sas(), by_xfrm)
        expect_equal("states", set(states(*SITE.module.sas()).values()),
                     {(CRYPTO, "nic0")})
        SITE.module.flush()
        lib.wait_for(lambda: not nic.sas(), "the SAs to be taken away")


def shown():
    """In lists, for people and programs."""
    with card(), SITE:
        protect(PAIRS[0])
        protect(PAIRS[2], offload=NO)
        found = cli.objects("sa")
        expect_equal("JSON", [[found[name][key] for key in (
            "offload", "offload_state", "offload_device")]
            for name in ("transport4-out", "tunnel4-in")],
            [["auto", "crypto", "nic0"], ["no", "no", None]])
        text = cli.accepted("sa", "list", "--verbose")
        for words in ("auto, now crypto by nic0", "no, now no"):
            expect(words in text, f"no '{words}' in\n{text}")


# ----- packets -----------------------------------------------------------------

def leave_complete():
    """All of ESP but the encryption; numbers and IVs that go on."""
    with card() as nic, Wire(SITE, "nic0") as wire:
        counters = Counting(SITE)
        for pair in PAIRS:
            protect(pair)
            send(pair, 3)
            seen = watch(wire, 3)
            check_esp(pair, seen)
        lib.wait_for(lambda: nic.count() == 3 * len(PAIRS),
                     "the driver to have counted")
        counters.wait(out_packets=12, out_offloaded=12, out_offload_missed=0)


def check_esp(pair, seen):
    """Packets in the clear, but otherwise as they should be."""
    name, _, spi, mode, _ = pair
    expect_equal("in the clear", [one.clear for one in seen], [True] * 3)
    expect_equal("SPIs", {one.spi for one in seen}, {spi})
    expect_equal("numbers", [one.number for one in seen], [1, 2, 3])
    ivs = [int.from_bytes(one.iv, "big") for one in seen]
    expect_equal("IVs", [(iv - ivs[0]) % 2**64 for iv in ivs], [0, 1, 2])
    for one in seen:
        payload = one.esp[16:-16]
        expect_equal("next header", payload[-1], 17 if mode == TRANSPORT else
                     4 if name[-1] == "4" else 41)
        expect_equal("padding", payload[-2 - payload[-2]:-2],
                     bytes(range(1, payload[-2] + 1)))
        expect_equal("multiple of 4", len(payload) % 4, 0)


def stay_in_software():
    """Algorithms and numbers that a card doesn't take; and by wish."""
    cases = [("aes128-gcm12", {}), ("chacha20-poly1305", {}),
             ("aes128-cbc/hmac-sha2-256", {}), ("aes128-gcm16", {"esn": True}),
             ("aes128-gcm16", {"offload": NO})]
    with card() as nic, Wire(SITE, "nic0") as wire:
        counters = Counting(SITE)
        for algorithm, values in cases:
            protect(PAIRS[0], algorithm, **values)
            send(PAIRS[0])
            expect(not watch(wire, 1)[0].clear, f"{algorithm} in the clear")
            expect_equal("offload", set(states(*SITE.module.sas()).values()),
                         {(NO, None)})
            expect_equal("the driver has", (nic.sas(), nic.count()), ({}, 0))
            SITE.module.flush()
        counters.wait(out_packets=len(cases), out_offloaded=0)


def wishes():
    """Who insists is told why not."""
    options = {"sa-name": "sa", "sa-source": HERE, "sa-destination": PEER,
               "sa-mode": "transport", "sa-spi": "0x1000",
               "encryption-algorithm": "aes128-gcm16",
               "encryption-key": "0x" + "17" * 20, "offload": "crypto"}
    refusals = [
        ({"encryption-algorithm": "aes128-gcm12"}, "nic0 refuses SA sa"),
        ({"encryption-algorithm": "chacha20-poly1305",
          "encryption-key": "0x" + "17" * 36}, "isn't AES-GCM"),
        ({"esn": True}, "extended sequence numbers"),
        ({"encapsulation": "udp"}, "encapsulated"),
        ({"sa-destination": "198.51.100.2", "sa-source": "198.51.100.1"},
         "pipe, to which the route to the peer leads, cannot encrypt"),
        ({"sa-destination": "203.0.113.1"}, "no route to the peer"),
        ({"offload": "packet"}, "nic0, to which the route to the peer leads, "
         "offers no packet offload"),
    ]
    with card() as nic, SITE:
        for changes, sentence in refusals:
            cli.refused(1, "sa", "add", *cli.words(options, changes),
                        says=[sentence])
        expect_equal("the driver has", nic.sas(), {})
        expect_equal("SAs", cli.objects("sa"), {})
        cli.accepted("sa", "add", *cli.words(options, {}))
        expect_equal("the driver has", set(nic.sas()), {("tx", 0x1000)})


def full():
    """More SAs than the card has room for."""
    with card() as nic:
        for number in range(netdevsim.ROOM + 5):
            SITE.module.add_sa(f"sa{number}", HERE, PEER, 0x5000 + number,
                               TUNNEL, lib.Algorithm("aes128-gcm16"),
                               direction=OUT)
        expect_equal("the driver has", len(nic.sas()), netdevsim.ROOM)
        by_state = [sa["offload_state"] for sa in SITE.module.sas().values()]
        expect_equal("by the card, in software",
                     (by_state.count(CRYPTO), by_state.count(NO)),
                     (netdevsim.ROOM, 5))
        SITE.module.add_policy("rest", OUT, f"{HERE}/32", f"{BEHIND}/32",
                               mode=TUNNEL, sa=f"sa{netdevsim.ROOM + 4}")
        with Wire(SITE, "nic0") as wire:
            send(PAIRS[2])
            expect(not watch(wire, 1)[0].clear, "in the clear")


# ----- devices that come and go --------------------------------------------------

def down_and_up():
    """Software at once, and the card again when it is back."""
    with card() as nic:
        protect(PAIRS[0])
        for _ in range(3):
            wait_state("transport4-out", CRYPTO, "nic0")
            SITE.ip_batch("link set nic0 down")
            expect_equal("the driver has", nic.sas(), {})
            expect_equal("offload", states("transport4-out", "transport4-in"),
                         {"transport4-out": (NO, None),
                          "transport4-in": (NO, None)})
            SITE.ip_batch("link set nic0 up", *neighbours("nic0"))
            lib.wait_for(lambda: len(nic.sas()) == 2, "the card has them")
        before = nic.count()
        with Wire(SITE, "nic0") as wire:
            send(PAIRS[0])
            expect(watch(wire, 1)[0].clear, "in software")
        expect_equal("given to the card", nic.count(), before + 1)


def other_route():
    """The SA follows the packets, and none is in the clear without a card."""
    other = netdevsim.Card(SITE, "nic1", BEYOND)
    with card() as nic, Wire(SITE, "nic0") as first, \
            Wire(SITE, "nic1") as second:
        protect(PAIRS[0])
        SITE.ip_batch(f"neighbour add {PEER} lladdr {LINK_ADDRESS} "
                      "nud permanent dev nic1")
        for device, wire, user in (("nic1", second, other),
                                   ("nic0", first, nic)) * 2:
            SITE.ip_batch(f"route replace {PEER}/32 dev {device} src {HERE}")
            before = user.count()
            send(PAIRS[0])
            seen = watch(wire, 1)
            wait_state("transport4-out", CRYPTO, device)
            send(PAIRS[0])
            seen += watch(wire, 1)
            expect(seen[-1].clear, "still in software")
            expect_equal("in the clear and given to the card",
                         sum(one.clear for one in seen),
                         user.count() - before)
        expect_equal("outbound SAs at the cards",
                     [sorted(spi for way, spi in made.sas() if way == "tx")
                      for made in (nic, other)], [[0x1000], []])
    other.remove()


def late_reroute():
    """What another device gets after all is encrypted there."""
    with card() as nic:
        protect(PAIRS[0])
        address = THERE.link("pipe")[1].hex(":")
        SITE.ip_batch(f"neighbour replace {PEER} lladdr {address} "
                      "nud permanent dev nic0")
        name, ends, spi, mode, _ = PAIRS[0]
        add_sas(None, THERE, name, ends, spi, mode)
        add_policies(None, THERE, name, ends, mode)
        counters = Counting(SITE)
        try:
            for line in ("qdisc add dev nic0 clsact",
                         "filter add dev nic0 egress matchall action mirred "
                         "egress redirect dev pipe"):
                SITE.run("tc", *line.split())
            with SITE.udp(HERE) as sender, THERE.udp(PEER) as receiver, \
                    Wire(SITE, "pipe") as wire:
                for length in (1, 100, 1400):
                    deliver(sender, receiver, length)
                wire.expect_esp()
            counters.wait(out_offloaded=3, out_offload_missed=3)
            expect_equal("given to the card", nic.count(), 0)
        finally:
            THERE.module.flush()


@contextlib.contextmanager
def flood(pair):
    """Packets all the time, from another thread."""
    with SITE.udp(pair[1][0]) as sock:
        def send(_):
            with contextlib.suppress(OSError):
                sock.sendto(MARK, (pair[4], 4000))
        with lib.meanwhile(send):
            yield


def flows(counters, count=20):
    lib.wait_for(lambda: counters.changed().get("out-offloaded", 0) >= count,
                 "packets for the card")


def removed_under_traffic():
    """SAs come and go while packets wait in a queue; the driver never gets one
    whose SA it has lost.
    """
    log = cli.KernelLog()
    with card() as nic:
        SITE.run("tc", *"qdisc add dev nic0 root netem delay 5ms".split())
        with flood(PAIRS[0]):
            for _ in range(10):
                counters = Counting(SITE)
                protect(PAIRS[0])
                flows(counters)
                SITE.module.flush()
        lib.wait_for(lambda: not nic.sas(), "the SAs to be taken away")
    log.expect_quiet()


def pulled_out():
    """The card goes with SAs in it, under traffic."""
    log = cli.KernelLog()
    for _ in range(2):
        with card() as nic, flood(PAIRS[0]):
            counters = Counting(SITE)
            protect(PAIRS[0])
            flows(counters)
            nic.remove()
            expect_equal("offload", states("transport4-out"),
                         {"transport4-out": (NO, None)})
    log.expect_quiet()


def moved_away():
    """The card goes to another namespace; its SAs stay here, in software."""
    with card() as nic:
        protect(PAIRS[0])
        SITE.ip_batch(f"link set nic0 netns {THERE.name}")
        expect_equal("offload", states("transport4-out", "transport4-in"),
                     {"transport4-out": (NO, None),
                      "transport4-in": (NO, None)})
        expect_equal("the driver has", nic.sas(), {})


def namespace_ends():
    log = cli.KernelLog()
    host = Host("mortal")
    nic = netdevsim.Card(host, "nic0", BEYOND)
    host.address("nic0", f"{HERE}/24")
    add_sas(host, None, "mortal", (HERE, PEER), 0x1000, TUNNEL)
    expect_equal("SAs at the card", len(nic.sas()), 2)
    host.module.socket.sock.close()
    host.delete()
    lib.wait_for(lambda: not nic.sas(), "the SAs to be taken away")
    nic.remove()
    log.expect_quiet()


def unloaded():
    """The module goes with SAs in the card and packets in its queue."""
    log = cli.KernelLog()
    for _ in range(2):
        with card() as nic:
            SITE.run("tc", *"qdisc add dev nic0 root netem delay 20ms".split())
            counters = Counting(SITE)
            protect(PAIRS[0])
            with flood(PAIRS[0]):
                flows(counters)
                for host in (SITE, THERE):
                    host.module.socket.sock.close()
                lib.run("rmmod", "espvif")
                expect_equal("the driver has", nic.sas(), {})
            lib.run("modprobe", "espvif")
            for host in (SITE, THERE):
                host.module = lib.Module(host)
    log.expect_quiet()


# ----- bonds ---------------------------------------------------------------------

@contextlib.contextmanager
def bond():
    """Two cards under a bond, the first of them active."""
    cards = [netdevsim.Card(SITE, f"nic{number}", BEYOND) for number in range(2)]
    try:
        # given its mode while it is made, a bond of 6.1 offers no offload
        SITE.ip_batch("link add bond0 address 02:00:00:00:00:10 type bond",
                      "link set bond0 type bond mode active-backup",
                      *(f"link set nic{number} down" for number in range(2)),
                      *(f"link set nic{number} master bond0"
                        for number in range(2)),
                      "link set bond0 up",
                      "link set bond0 type bond active_slave nic0")
        lib.wait_for(lambda: SITE.run("ip", "-d", "link", "show", "bond0")
                     .find("active_slave nic0") > 0, "nic0 to be active")
        way("bond0")
        yield cards
    finally:
        SITE.module.flush()
        SITE.ip_batch("link delete bond0")
        for made in cards:
            made.remove()


def failover():
    """SAs follow the active card; every packet is one that a card was to encrypt,
    or is encrypted.
    """
    with bond() as cards, Wire(SITE, "nic0") as first, \
            Wire(SITE, "nic1") as second:
        protect(PAIRS[0])
        wires = (first, second)
        for turn in (0, 1, 0, 1):
            SITE.ip_batch(f"link set bond0 type bond active_slave nic{turn}")
            wait_state("transport4-out", CRYPTO, f"nic{turn}")
            lib.wait_for(lambda turn=turn: len(cards[turn].sas()) == 2,
                         "both SAs at the active card")
            expect_equal("SAs at the other card", cards[1 - turn].sas(), {})
            before = cards[turn].count()
            send(PAIRS[0], 3)
            seen = watch(wires[turn], 3)
            expect_equal("in the clear", [one.clear for one in seen],
                         [True] * 3)
            expect_equal("given to the card", cards[turn].count() - before, 3)


def feature():
    """Who switches the feature off takes the SAs off the card."""
    with bond() as cards:
        protect(PAIRS[0])
        for _ in range(2):
            wait_state("transport4-out", CRYPTO, "nic0")
            SITE.run("ethtool", "-K", "bond0", "esp-hw-offload", "off")
            expect_equal("offload", states("transport4-out"),
                         {"transport4-out": (NO, None)})
            expect_equal("SAs at the card", cards[0].sas(), {})
            SITE.run("ethtool", "-K", "bond0", "esp-hw-offload", "on")


def failover_under_traffic():
    """No packet is on a wire in the clear that no card was to encrypt."""
    log = cli.KernelLog()
    with bond() as cards, Wire(SITE, "nic0") as first, \
            Wire(SITE, "nic1") as second:
        protect(PAIRS[0])
        counters = Counting(SITE)
        with flood(PAIRS[0]):
            flows(counters)
            for turn in (1, 0, 1, 0):
                SITE.ip_batch("link set bond0 type bond "
                              f"active_slave nic{turn}")
                wait_state("transport4-out", CRYPTO, f"nic{turn}")
                flows(Counting(SITE))
        sent = counters.changed()["out-packets"]
        seen = [watch_all(wire) for wire in (first, second)]
        clear = [sum(one.clear for one in each) for each in seen]
        expect_equal("in the clear and given to the cards", clear,
                     [made.count() for made in cards])
        expect_equal("packets on the wires", sum(map(len, seen)), sent)
        numbers = [one.number for each in seen for one in each]
        expect_equal("numbers used once", len(set(numbers)), len(numbers))
    log.expect_quiet()


def bond_changes():
    """Members leave, the last too; the bond goes with SAs."""
    log = cli.KernelLog()
    with bond() as cards:
        protect(PAIRS[0])
        wait_state("transport4-out", CRYPTO, "nic0")
        SITE.ip_batch("link set nic0 nomaster")
        wait_state("transport4-out", CRYPTO, "nic1")
        lib.wait_for(lambda: not cards[0].sas(), "the SAs to leave nic0")
        SITE.ip_batch("link set nic1 nomaster")
        wait_state("transport4-out", NO)
        lib.wait_for(lambda: not cards[1].sas(), "the SAs to leave nic1")
        SITE.ip_batch("link set nic0 down", "link set nic0 master bond0")
        wait_state("transport4-out", CRYPTO, "nic0")
        cards[0].remove()
        wait_state("transport4-out", NO)
    log.expect_quiet()


TESTS = [
    ("the driver is told as by XFRM", told_as_by_xfrm),
    ("lists show it", shown),
    ("packets leave complete, for the card to encrypt", leave_complete),
    ("what no card takes stays in software", stay_in_software),
    ("--offload crypto and packet", wishes),
    ("the card is full", full),
    ("the card goes down and up", down_and_up),
    ("another route, another card", other_route),
    ("another device in the last moment", late_reroute),
    ("SAs are removed under traffic", removed_under_traffic),
    ("the card is pulled out under traffic", pulled_out),
    ("the card goes to another namespace", moved_away),
    ("a namespace with a card", namespace_ends),
    ("the module is unloaded under traffic", unloaded),
    ("a bond fails over", failover),
    ("the feature is switched off and on", feature),
    ("a bond fails over under traffic", failover_under_traffic),
    ("a bond loses members, and ends", bond_changes),
]


def main():
    report = lib.Report(len(TESTS))
    BEYOND.sysctl("ipv6/conf/default/disable_ipv6", 1)
    SITE.ip_batch(f"link add pipe type veth peer name pipe netns {THERE.name}",
                  "link set pipe up", "address add 198.51.100.1/24 dev pipe")
    THERE.ip_batch("link set pipe up", f"address add {PEER}/24 dev pipe")
    for name, test in TESTS:
        with report.point(name):
            test()
    report.finish()


if __name__ == "__main__":
    lib.need("ip", "ethtool", "tc", "modprobe", "insmod", "rmmod")
    lib.load_module()
    netdevsim.load()
    lib.run("modprobe", "-a", "esp4_offload", "esp6_offload", "bonding",
            "sch_netem")
    SITE, THERE, BEYOND = Host("here"), Host("there"), Host("beyond")
    main()
