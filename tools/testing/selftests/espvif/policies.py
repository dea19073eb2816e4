#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Host policies: what passes in the clear, what is dropped, what is protected
and what has to be, for packets of a host itself and for those it forwards.

    +--- client ---+        +------- gate -------+        +------- peer -------+
    |  10.1.0.2    |  lan   | 10.1.0.1           |  wire  | 192.0.2.2          |
    |  fd01::2     |--------| 192.0.2.1          |--------| 2001:db8::2        |
    |              |        | 2001:db8::1        |        | 10.2.0.1, fd02::1  |
    +--------------+        +--------------------+   +----|                    |
                                      |    wire2     |    +--------------------+
                                      +--------------+

Gate and peer have our module, the client knows nothing of it. Clear packets
that an attacker would send are put on the wire at the peer, behind all its
policies. That nothing came is known when the counter of the reason says so, or
when a later packet has arrived.
"""

import collections
import contextlib
import functools
import os
import pathlib
import socket
import struct

import lib
from hosts import (AH, ESP, ETH_P_ALL, FRAGMENT, ICMP, ICMP6, IN_UDP, ROUTING,
                   SO_RCVBUFFORCE, TCP, UDP, UDP_GRO, UDP_SEGMENT, Counting,
                   Host, Wire, add_policies, add_sas, bypass, captured,
                   deliver, fragments, ip_packet, lengths_of_datagrams,
                   nothing_came, packed, port_of, protect, protocol_of,
                   socket_address, transfer, udp_packet)
from lib import DISCARD, IN, IPSEC, NONE, OUT, TRANSPORT, TUNNEL, expect
from lib import expect_equal
from nfqueue import Queue

Family = collections.namedtuple(
    "Family", "name gate peer client far near_net far_net any icmp")
FOUR = Family("IPv4", "192.0.2.1", "192.0.2.2", "10.1.0.2", "10.2.0.1",
              "10.1.0.0/24", "10.2.0.0/24", "0.0.0.0/0", ICMP)
SIX = Family("IPv6", "2001:db8::1", "2001:db8::2", "fd01::2", "fd02::1",
             "fd01::/64", "fd02::/64", "::/0", ICMP6)
MODES = {"transport": TRANSPORT, "tunnel": TUNNEL}


def both_families(test):
    """Tried with IPv4, then with IPv6, each time in clean namespaces."""
    @functools.wraps(test)
    def twice():
        for family in (FOUR, SIX):
            try:
                test(family)
            except lib.Failed as failure:
                raise lib.Failed(f"{family.name}: {failure}") from None
            finally:
                clean()
    return twice


def once(test):
    @functools.wraps(test)
    def around():
        try:
            test()
        finally:
            clean()
    return around


def clean():
    for host in (GATE, PEER):
        host.module.flush()


def ends(family):
    return (family.gate, family.peer)


def policy(host, name, direction, source, destination, **values):
    host.module.add_policy(name, direction, source, destination, **values)


def clear_udp(source, destination, dport, data=b"in the clear", sport=4444):
    return ip_packet(source, destination, UDP,
                     udp_packet(source, destination, sport, dport, data))


def hits(host, name):
    reply = host.module.call("policy-get", lib.POLICY, {"name": name})
    return lib.decode(lib.POLICY, reply)["packets"]


# ----- the three actions (row E8) --------------------------------------------

@both_families
def none_passes(family):
    for host, near, far in ((GATE, family.gate, family.peer),
                            (PEER, family.peer, family.gate)):
        policy(host, "out", OUT, near, far, action=NONE, protocol=UDP)
        policy(host, "in", IN, far, near, action=NONE, protocol=UDP)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
            Wire(GATE, "wire") as wire:
        deliver(here, there)
        deliver(there, here)
        expect_equal("on the wire", wire.protocols(), {UDP})
    for host in (GATE, PEER):
        expect_equal("hits", (hits(host, "out"), hits(host, "in")), (1, 1))


@both_families
def discard_out(family):
    """Who sends is told; nothing reaches the wire."""
    policy(GATE, "out", OUT, family.gate, family.peer, action=DISCARD,
           protocol=UDP)
    counters = Counting(GATE)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
            Wire(GATE, "wire") as wire:
        for _ in range(3):
            try:
                here.sendto(b"stay", there.getsockname())
            except PermissionError:
                continue
            raise lib.Failed("it was sent")
        expect(GATE.ping(family.peer), "the echo didn't come back")
        expect(UDP not in wire.protocols(), "it is on the wire")
        nothing_came(there)
    counters.wait(out_policy_discard=3)


@both_families
def discard_in(family):
    policy(GATE, "in", IN, family.peer, family.gate, action=DISCARD,
           protocol=UDP)
    counters = Counting(GATE)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        for _ in range(3):
            there.sendto(b"stay out", here.getsockname())
        counters.wait(in_clear_discard=3)
        nothing_came(here)
        deliver(here, there)
        expect(GATE.ping(family.peer), "the echo didn't come back")


@both_families
def discard_forwarded(family):
    """Caught where it comes in and where it leaves."""
    with CLIENT.udp(family.client) as near, PEER.udp(family.far) as far:
        deliver(near, far)
        counters = Counting(GATE)
        policy(GATE, "in", IN, family.near_net, family.far_net,
               action=DISCARD)
        near.sendto(b"stay", far.getsockname())
        counters.wait(in_clear_discard=1)
        GATE.module.flush()
        policy(GATE, "out", OUT, family.near_net, family.far_net,
               action=DISCARD)
        near.sendto(b"stay", far.getsockname())
        counters.wait(out_policy_discard=1)
        nothing_came(far)
        GATE.module.flush()
        deliver(near, far)


def ipsec_local(mode, family):
    """Everything between two hosts, both ways, protected and nothing else."""
    protect(GATE, PEER, "all", ends(family), 0x1000, mode)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
            Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
        for length in (0, 1, 63, 1200):
            deliver(here, there, length)
            deliver(there, here, length)
        expect(GATE.ping(family.peer, count=2), "the echo didn't come back")
        wire.expect_esp()
        back.expect_esp()
    for host in (GATE, PEER):
        expect_equal("hits", (hits(host, "all-out"), hits(host, "all-in")),
                     (6, 6))


def ipsec_forwarded(family):
    protect(GATE, PEER, "net", ends(family), 0x1000, TUNNEL,
            (family.near_net, family.far_net))
    with CLIENT.udp(family.client) as near, PEER.udp(family.far) as far, \
            Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
        for length in (0, 1, 1200):
            deliver(near, far, length)
            deliver(far, near, length)
        expect(CLIENT.ping(family.far), "the echo didn't come back")
        wire.expect_esp()
        back.expect_esp()


def required_local(mode, family):
    """Clear packets that should have been protected are never delivered."""
    protect(GATE, PEER, "all", ends(family), 0x1000, mode)
    counters = Counting(GATE)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
            Wire(PEER, "wire", (GATE, "wire")) as wire:
        deliver(here, there)
        for _ in range(5):
            wire.inject(clear_udp(family.peer, family.gate, port_of(here),
                                  sport=port_of(there)))
        counters.wait(in_unprotected=5)
        deliver(there, here)
        nothing_came(here)


def required_forwarded(family):
    protect(GATE, PEER, "net", ends(family), 0x1000, TUNNEL,
            (family.near_net, family.far_net))
    counters = Counting(GATE)
    with CLIENT.udp(family.client) as near, PEER.udp(family.far) as far, \
            Wire(PEER, "wire", (GATE, "wire")) as wire:
        for _ in range(5):
            wire.inject(clear_udp(family.far, family.client, port_of(near)))
        counters.wait(in_unprotected=5)
        deliver(far, near)
        nothing_came(near)


@both_families
def removed(family):
    """Without its policy the traffic is in the clear again."""
    protect(GATE, PEER, "all", ends(family), 0x1000, TRANSPORT)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        deliver(here, there)
        clean()
        with Wire(GATE, "wire") as wire:
            deliver(here, there)
            deliver(there, here)
            expect_equal("on the wire", wire.protocols(), {UDP})


# ----- which policy decides --------------------------------------------------

@both_families
def clear_hole(family):
    """A policy with a lower priority number comes first."""
    protect(GATE, PEER, "all", ends(family), 0x1000, TRANSPORT)
    hole = {"action": NONE, "protocol": UDP, "priority": 10}
    for host, near, far, port in ((GATE, *ends(family), "dport"),
                                  (PEER, *ends(family)[::-1], "sport")):
        other = "sport" if port == "dport" else "dport"
        policy(host, "hole-out", OUT, near, far, **hole,
               **{f"{port}_min": 5000, f"{port}_max": 5000})
        policy(host, "hole-in", IN, far, near, **hole,
               **{f"{other}_min": 5000, f"{other}_max": 5000})
    with GATE.udp(family.gate) as here, \
            PEER.udp(family.peer, 5000) as clear, \
            PEER.udp(family.peer, 5001) as secret, \
            Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
        for there, protocol in ((clear, UDP), (secret, ESP)):
            deliver(here, there)
            deliver(there, here)
            expect_equal("to the peer", wire.protocols(), {protocol})
            expect_equal("to the gate", back.protocols(), {protocol})


@both_families
def equal_priorities(family):
    """Of two with the same priority the older decides."""
    wide = {"action": NONE, "protocol": UDP}
    policy(GATE, "older", OUT, family.any, family.peer, **wide)
    policy(GATE, "younger", OUT, family.gate, family.peer, action=DISCARD)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        deliver(here, there)
        expect_equal("hits", (hits(GATE, "older"), hits(GATE, "younger")),
                     (1, 0))
        GATE.module.delete_policy("older")
        policy(GATE, "youngest", OUT, family.any, family.peer, **wide)
        try:
            here.sendto(b"stay", there.getsockname())
        except PermissionError:
            pass
        expect_equal("hits", (hits(GATE, "younger"), hits(GATE, "youngest")),
                     (1, 0))


@both_families
def port_ranges(family):
    protect(GATE, PEER, "ports", ends(family), 0x1000, TRANSPORT,
            protocol=UDP, sport_min=2000, sport_max=2010, dport_min=1000,
            dport_max=1010)
    for sport, dport, protocol in (
            (2000, 1000, ESP), (2010, 1010, ESP), (2005, 1001, ESP),
            (2000, 999, UDP), (2000, 1011, UDP), (1999, 1005, UDP),
            (2011, 1005, UDP), (1005, 2005, UDP)):
        with GATE.udp(family.gate, sport) as here, \
                PEER.udp(family.peer, dport) as there, \
                Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
            deliver(here, there)
            deliver(there, here)
            expect_equal(f"from {sport} to {dport}", wire.protocols(),
                         {protocol})
            expect_equal(f"from {dport} to {sport}", back.protocols(),
                         {protocol})


@both_families
def protocols(family):
    """A policy about one protocol leaves the others alone."""
    tcp, icmp = (TCP, ESP), (family.icmp, ESP)
    for number in (TCP, family.icmp, UDP):
        protect(GATE, PEER, "one", ends(family), 0x1000, TRANSPORT,
                protocol=number)
        with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
                Wire(GATE, "wire") as wire:
            deliver(here, there)
            expect_equal(f"UDP with a policy about {number}",
                         wire.protocols(), {ESP if number == UDP else UDP})
            transfer(GATE, PEER, family.peer, 1000)
            expect_equal(f"TCP with a policy about {number}",
                         wire.protocols(), {tcp[number == TCP]})
            expect(GATE.ping(family.peer), "the echo didn't come back")
            seen = wire.protocols()
            expect_equal(f"ICMP with a policy about {number}", ESP in seen,
                         icmp[number == family.icmp] == ESP)
        clean()


@once
def protocol_number():
    """One that neither we nor the hosts know anything of."""
    protect(GATE, PEER, "odd", ends(FOUR), 0x1000, TRANSPORT, protocol=253)
    with GATE.socket(socket.AF_INET, socket.SOCK_RAW, 253) as here, \
            PEER.socket(socket.AF_INET, socket.SOCK_RAW, 253) as there, \
            Wire(GATE, "wire") as wire:
        here.sendto(b"experiment", (FOUR.peer, 0))
        expect_equal("data", there.recv(1000)[20:], b"experiment")
        expect_equal("on the wire", wire.protocols(), {ESP})


@both_families
def bundle(family):
    """Leaves by the first SA of a policy, may come in by any of them."""
    for number, name in enumerate(("first", "second")):
        add_sas(GATE, PEER, name, ends(family), 0x1000 + 16 * number,
                TRANSPORT)
    for host, near, far, order in ((GATE, *ends(family), 1),
                                   (PEER, *ends(family)[::-1], -1)):
        for direction, way, suffix in ((OUT, (near, far), "out"),
                                       (IN, (far, near), "in")):
            policy(host, suffix, direction, *way, action=IPSEC,
                   mode=TRANSPORT,
                   sa=[f"first-{suffix}", f"second-{suffix}"][::order])
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        for _ in range(3):
            deliver(here, there)
            deliver(there, here)
    used = {name: sa["packets"] for name, sa in GATE.module.sas().items()}
    expect_equal("packets", used, {"first-out": 3, "second-out": 0,
                                   "first-in": 0, "second-in": 3})


@both_families
def other_sas(family):
    """A live policy gets other SAs; the old ones can go then."""
    for number, name in enumerate(("first", "second")):
        add_sas(GATE, PEER, name, ends(family), 0x1000 + 16 * number,
                TRANSPORT)
    for host, near, far in ((GATE, *ends(family)),
                            (PEER, *ends(family)[::-1])):
        policy(host, "out", OUT, near, far, mode=TRANSPORT, sa="first-out")
        policy(host, "in", IN, far, near, mode=TRANSPORT, sa="first-in")
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        deliver(here, there)
        lost = Counting(PEER)
        GATE.module.set_policy("out", sa="second-out")
        here.sendto(b"the peer wants another SA", there.getsockname())
        lost.wait(in_policy_other_sa=1)
        nothing_came(there)
        PEER.module.set_policy("in", sa=["second-in", "first-in"])
        deliver(here, there)
        PEER.module.set_policy("in", sa=["second-in"])
        for host, name in ((GATE, "first-out"), (PEER, "first-in")):
            host.module.delete_sa(name)
        deliver(here, there)
        deliver(there, here)
    used = {name: sa["policies"] for name, sa in GATE.module.sas().items()}
    expect_equal("policies", used,
                 {"first-in": 1, "second-in": 0, "second-out": 1})


# ----- fragments -------------------------------------------------------------

def conntrack_on(host):
    """Rules that have conntrack look at every packet, and drop none."""
    host.rules("""table inet watch {
        chain watch {
            type filter hook input priority 0
            ct state new counter
        }
    }""")


def big_datagrams(conntrack, family):
    """Selectors with ports hold for what has to be sent in fragments."""
    if conntrack:
        for host in (GATE, PEER):
            conntrack_on(host)
    try:
        protect(GATE, PEER, "big", ends(family), 0x1000, TUNNEL, protocol=UDP,
                dport_min=7000, dport_max=7000)
        with GATE.udp(family.gate) as here, \
                PEER.udp(family.peer, 7000) as secret, \
                PEER.udp(family.peer, 7001) as clear, \
                Wire(GATE, "wire") as wire:
            for length in (3000, 9001):
                deliver(here, secret, length)
                wire.expect_esp()
                deliver(secret, here, length)
                wire.packets()
                deliver(here, clear, length)
                expect_equal("on the wire", wire.protocols(),
                             {(FRAGMENT, UDP)})
    finally:
        for host in (GATE, PEER):
            host.rules("")


def forwarded_fragments(family):
    """What the client had to cut is protected whole and cut again."""
    protect(GATE, PEER, "big", ends(family), 0x1000, TUNNEL,
            (family.near_net, family.far_net), protocol=UDP, dport_min=7000,
            dport_max=7000)
    with CLIENT.udp(family.client) as near, \
            PEER.udp(family.far, 7000) as far, Wire(GATE, "wire") as wire:
        for length in (3000, 9001):
            deliver(near, far, length)
            wire.expect_esp()
            deliver(far, near, length)


def forged_fragments(family):
    """In pieces a clear packet gets no further than whole."""
    protect(GATE, PEER, "big", ends(family), 0x1000, TUNNEL, protocol=UDP,
            sport_min=7000, sport_max=7000)
    counters = Counting(GATE)
    data = os.urandom(3000)
    with GATE.udp(family.gate, 7000) as secret, \
            GATE.udp(family.gate, 7001) as clear, \
            Wire(PEER, "wire", (GATE, "wire")) as wire:
        for number, there in enumerate((secret, clear)):
            whole = udp_packet(family.peer, family.gate, 4444,
                               port_of(there), data)
            wire.inject(*fragments(family.peer, family.gate, UDP, whole,
                                   0x77 + number))
        counters.wait(in_unprotected=1)
        expect_equal("what came to the port without a policy",
                     clear.recv(1 << 16), data)
        nothing_came(secret)


def big_echoes(family):
    protect(GATE, PEER, "ping", ends(family), 0x1000, TRANSPORT,
            protocol=family.icmp)
    with Wire(GATE, "wire") as wire:
        expect(GATE.ping(family.peer, "-s", "4000", count=2),
               "the echo didn't come back")
        wire.expect_esp()


# ----- what policies never catch ---------------------------------------------

@both_families
def neighbours(family):
    """A host whose everything is protected still finds its neighbours."""
    protect(GATE, PEER, "all", ends(family), 0x1000, TUNNEL,
            (family.any, family.any))
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there, \
            Wire(GATE, "wire") as wire:
        for host in (GATE, PEER):
            host.ip_batch("neighbour flush dev wire")
        deliver(here, there)
        deliver(there, here)
        for host in (GATE, PEER):
            host.ip_batch("neighbour flush dev wire")
        expect(GATE.ping(family.peer), "the echo didn't come back")
        seen = wire.packets()
    if family is SIX:
        kinds = {packet[40] for packet in seen if packet[6] == ICMP6}
        expect(135 in kinds, "no neighbour was solicited")
        expect(kinds <= {133, 134, 135, 136, 143}, f"ICMPv6 types {kinds}")
    others = {packet[9] if packet[0] >> 4 == 4 else packet[6]
              for packet in seen} - {0, ICMP6}
    expect_equal("what else was on the wire", others, {ESP})


@both_families
def bypassing_sockets(family):
    """A daemon's socket speaks in the clear where all others cannot."""
    add_sas(GATE, PEER, "all", ends(family), 0x1000, TRANSPORT)
    policy(GATE, "out", OUT, family.any, family.any, action=IPSEC,
           mode=TRANSPORT, sa="all-out")
    policy(GATE, "in", IN, family.any, family.any, action=IPSEC,
           mode=TRANSPORT, sa="all-in")
    # the peer doesn't protect anything that it sends
    with GATE.udp(family.gate) as daemon, GATE.udp(family.gate) as other, \
            PEER.udp(family.peer) as there, Wire(GATE, "wire") as wire:
        bypass(daemon)
        deliver(daemon, there)
        expect_equal("the daemon's", wire.protocols(), {UDP})
        deliver(there, daemon)

        deliver(other, there)
        expect_equal("another's", wire.protocols(), {ESP})
        counters = Counting(GATE)
        there.sendto(b"in the clear", other.getsockname())
        counters.wait(in_unprotected=1)
        nothing_came(other)
        # connected sockets are found by both ends
        daemon.connect(there.getsockname())
        deliver(there, daemon)


@once
def too_many_kinds():
    """Each combination of prefix lengths costs packets a look: they are limited."""
    kinds = [(near, far) for near in range(33) for far in range(33)]

    def add(number):
        near, far = kinds[number]
        policy(GATE, f"kind{number}", OUT, f"0.0.0.0/{near}",
               f"0.0.0.0/{far}", action=NONE)

    for number in range(1024):
        add(number)
    try:
        add(1024)
    except lib.Failed as refusal:
        expect("1024 different combinations" in str(refusal), str(refusal))
    else:
        raise lib.Failed("there are 1025")
    policy(GATE, "another", OUT, "10.0.0.0/8", "10.0.0.0/8", action=NONE)


@both_families
def not_what_is_forwarded(family):
    """That such a socket is bound to no address says nothing of other hosts."""
    add_sas(GATE, PEER, "net", ends(family), 0x1000, TUNNEL)
    policy(GATE, "in", IN, family.far_net, family.near_net, action=IPSEC,
           mode=TUNNEL, sa="net-in")
    wildcard = {FOUR: "0.0.0.0", SIX: "::"}[family]
    with GATE.udp(wildcard) as daemon, CLIENT.udp(family.client) as behind, \
            GATE.udp(wildcard, port_of(behind)) as same_port, \
            PEER.udp(family.far) as there:
        for sock in (daemon, same_port):
            bypass(sock)
        counters = Counting(GATE)
        there.sendto(b"in the clear", behind.getsockname())
        counters.wait(in_unprotected=1)
        nothing_came(behind)


@both_families
def ends_where_it_begins(family):
    """An SA taken the wrong way round: its ESP isn't answered for ever."""
    # for IPv4 the kernel has no route from an address that isn't the host's
    sent = {FOUR: {"out_no_route": 1},
            SIX: {"out_packets": 1, "out_route_loop": 1}}[family]
    for number, mode in enumerate((TUNNEL, TRANSPORT)):
        for name, values in (("plain", {}), ("udp", IN_UDP)):
            GATE.module.add_sa(name, family.peer, family.gate, 0x1000 + number,
                               mode, lib.Algorithm("aes128-gcm16"),
                               direction=OUT, **values)
            policy(GATE, "all", OUT, family.any, family.any, action=IPSEC,
                   mode=mode, sa=name)
            counters = Counting(GATE)
            with GATE.udp(family.gate) as here:
                here.sendto(bytes(1300), (family.peer, 9))
            counters.wait(**(sent if mode == TUNNEL else {"out_sa_address": 1}))
            clean()


# Addresses on a link of its own, and one that only a route makes the host's
SIDE = {FOUR: ("203.0.113.1", "203.0.113.2", "198.51.100.7", "24"),
        SIX: ("2001:db8:5::1", "2001:db8:5::2", "2001:db8:6::7", "64")}


@both_families
def bypassing_by_route(family):
    """Such a socket hears in a VRF, and at addresses that only a route gives."""
    near, far, routed, length = SIDE[family]
    wildcard = {FOUR: "0.0.0.0", SIX: "::"}[family]
    GATE.ip_batch(f"link add side type veth peer name side netns {PEER.name}",
                  "link add red type vrf table 75", "link set red up",
                  "link set side up")
    PEER.ip_batch("link set side up")
    try:
        GATE.address("side", f"{near}/{length}")
        PEER.address("side", f"{far}/{length}")
        GATE.ip_batch(f"route add local {routed} dev lo")
        PEER.ip_batch(f"route add {routed} via {near}")
        policy(GATE, "in", IN, family.any, family.any, action=DISCARD)
        with PEER.udp(far) as there:
            with GATE.udp(wildcard) as daemon:
                bypass(daemon)
                hears(daemon, there, near, routed)
            GATE.ip_batch("link set side master red")
            if family is SIX:
                # a device that is put into a VRF loses those
                GATE.address("side", f"{near}/{length}")
            for device in (b"red", b"side"):
                with GATE.udp(wildcard) as daemon:
                    daemon.setsockopt(socket.SOL_SOCKET,
                                      socket.SO_BINDTODEVICE, device)
                    bypass(daemon)
                    hears(daemon, there, near)
    finally:
        GATE.ip_batch("link delete red", "link delete side",
                      f"route delete local {routed} dev lo")


def hears(daemon, there, *addresses):
    port = daemon.getsockname()[1]
    for address in addresses:
        there.sendto(b"in the clear", (address, port))
        try:
            daemon.recv(100)
        except TimeoutError:
            raise lib.Failed(f"nothing came to {address}") from None


LOOPBACK = {FOUR: ("127.0.0.1", "127.0.0.0/8"), SIX: ("::1", "::1/128")}


@both_families
def loopback(family):
    """A host's traffic with itself is only for policies that name it."""
    home, prefix = LOOPBACK[family]
    policy(GATE, "out", OUT, family.any, family.any, action=DISCARD)
    policy(GATE, "in", IN, family.any, family.any, action=DISCARD)
    for address in (home, family.gate):
        with GATE.udp(address) as one, GATE.udp(address) as other:
            deliver(one, other)
        transfer(GATE, GATE, address, 1000)

    counters = Counting(GATE)
    policy(GATE, "home", OUT, prefix, prefix, action=DISCARD)
    with GATE.udp(home) as one, GATE.udp(home) as other:
        try:
            one.sendto(b"stay", other.getsockname())
        except PermissionError:
            pass
        counters.wait(out_policy_discard=1)
        GATE.module.delete_policy("home")
        policy(GATE, "home", IN, prefix, prefix, action=DISCARD)
        one.sendto(b"stay", other.getsockname())
        counters.wait(in_clear_discard=1)
        nothing_came(other)
    with GATE.udp(family.gate) as one, GATE.udp(family.gate) as other:
        deliver(one, other)


# ----- beside netfilter ------------------------------------------------------

@both_families
def source_nat(family):
    """Policies see the addresses that packets have on the wire."""
    which = "ip" if family is FOUR else "ip6"
    GATE.rules(f"""table {which} nat {{
        chain post {{
            type nat hook postrouting priority srcnat
            oifname "wire" masquerade
        }}
    }}""")
    try:
        protect(GATE, PEER, "nat", ends(family), 0x1000, TRANSPORT)
        with CLIENT.udp(family.client) as near, \
                PEER.udp(family.peer) as there, \
                Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
            data = b"from behind"
            near.sendto(data, there.getsockname())
            got, seen = there.recvfrom(1000)
            expect_equal("what came", (got, seen[0]), (data, family.gate))
            there.sendto(data[::-1], seen)
            got, seen = near.recvfrom(1000)
            expect_equal("what came back", (got, seen[0]),
                         (data[::-1], family.peer))
            transfer(CLIENT, PEER, family.peer, 100_000)
            wire.expect_esp()
            back.expect_esp()
            clear = Counting(GATE)
            with Wire(PEER, "wire", (GATE, "wire")) as attacker:
                attacker.inject(clear_udp(family.peer, family.gate,
                                          seen[1], sport=port_of(there)))
            clear.wait(in_unprotected=1)
            nothing_came(near)
    finally:
        GATE.rules("")


STATEFUL = """table inet filter {
    counter unasked { }
    chain input {
        type filter hook input priority filter; policy drop
        meta l4proto esp accept
        meta l4proto ipv6-icmp accept
        ct state established,related accept
        counter name unasked
    }
    chain forward {
        type filter hook forward priority filter; policy drop
        iifname "lan" accept
        ct state established,related accept
        counter name unasked
    }
}"""


@both_families
def stateful_rules(family):
    """Conntrack knows the flows inside: answers pass, nothing else does."""
    GATE.rules(STATEFUL)
    try:
        protect(GATE, PEER, "local", ends(family), 0x1000, TRANSPORT)
        protect(GATE, PEER, "net", ends(family), 0x2000, TUNNEL,
                (family.near_net, family.far_net))
        for host, near, far in ((GATE, family.gate, family.peer),
                                (CLIENT, family.client, family.far)):
            with host.udp(near) as asks, PEER.udp(far) as answers, \
                    host.udp(near) as never:
                answers.sendto(b"unasked", never.getsockname())
                deliver(asks, answers)
                deliver(answers, asks)
                transfer(host, PEER, far, 50_000)
                nothing_came(never)
        lib.wait_for(lambda: "packets 2 " in GATE.run(
            "nft", "list", "counters"), "two packets dropped by the rules")
    finally:
        GATE.rules("")


QUEUES = """
table inet filter {
	chain early { type filter hook prerouting priority -450; queue num 7; }
	chain arrive { type filter hook prerouting priority 0; queue num 7; }
	chain leave { type filter hook postrouting priority 300; queue num 7; }
}
"""


def queued(family):
    """Packets that a program has had come by our hooks in its context."""
    protect(GATE, PEER, "local", ends(family), 0x1000, TUNNEL)
    with Queue(GATE, 7) as ours, Queue(PEER, 7) as theirs, \
            Wire(GATE, "wire") as wire, GATE.udp(family.gate) as here, \
            PEER.udp(family.peer) as there:
        try:
            for host in (GATE, PEER):
                host.rules(QUEUES)
            for _ in range(20):
                deliver(here, there)
                deliver(there, here)
            transfer(GATE, PEER, family.peer, 200_000, both_ways=True)
        finally:
            for host in (GATE, PEER):
                host.rules("")
        wire.expect_esp()
        for queue in (ours, theirs):
            expect(queue.passed > 100, f"{queue.passed} packets")


# ----- amounts ---------------------------------------------------------------

def bulk(mode, family):
    """TCP hands down packets of 64 KB, which become many of ESP."""
    protect(GATE, PEER, "bulk", ends(family), 0x1000, mode)
    counters = Counting(GATE)
    with Wire(GATE, "wire") as wire, Wire(PEER, "wire") as back:
        transfer(GATE, PEER, family.peer, 1 << 20, both_ways=True)
        wire.expect_esp()
        back.expect_esp()
    changed = counters.changed()
    expect(set(changed) <= {"in-packets", "out-packets"}, str(changed))
    expect(changed["out-packets"] >= (1 << 20) / 1500, str(changed))


def merged(family):
    """What was decrypted goes up in long packets, captured once each.

    How long depends on how fast TCP finds the path: on a slow kernel it sends
    two segments at a time.
    """
    length = 1 << 20
    protect(GATE, PEER, "bulk", ends(family), 0x1000, TUNNEL)
    with PEER.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                     socket.htons(ETH_P_ALL)) as everywhere:
        everywhere.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        transfer(GATE, PEER, family.peer, length)
        lengths = [len(packet) for packet in captured(everywhere, sent=False)
                   if protocol_of(packet) == TCP]
    expect(max(lengths) > 2000, f"the longest packet has {max(lengths)} bytes")
    expect(length <= sum(lengths) < 3 * length // 2, f"{sum(lengths)} bytes")


@contextlib.contextmanager
def no_room_to_wait():
    """In the queue on the way up only one packet waits."""
    queue = pathlib.Path("/proc/sys/net/core/netdev_max_backlog")
    room = queue.read_text(encoding="ascii")
    # so segments come in batches, past the queue that this limits as well
    GATE.run("ethtool", "-K", "wire", "tso", "off")
    PEER.run("ethtool", "-K", "wire", "gro", "on")
    queue.write_text("0", encoding="ascii")
    try:
        yield
    finally:
        queue.write_text(room, encoding="ascii")
        PEER.run("ethtool", "-K", "wire", "gro", "off")
        GATE.run("ethtool", "-K", "wire", "tso", "on")


def too_many_wait(family):
    """What has no room in the queue on the way up is lost, and counted."""
    protect(GATE, PEER, "bulk", ends(family), 0x1000, TUNNEL)
    counting = Counting(PEER)
    with no_room_to_wait():
        transfer(GATE, PEER, family.peer)
        changed = counting.changed()
    expect(0 < changed.get("in-undelivered", 0) < changed["in-packets"],
           str(changed))


def bulk_forwarded(family):
    protect(GATE, PEER, "net", ends(family), 0x1000, TUNNEL,
            (family.near_net, family.far_net))
    with Wire(GATE, "wire") as wire:
        transfer(CLIENT, PEER, family.far, 1 << 20)
        transfer(PEER, CLIENT, family.client, 1 << 20, source=family.far)
        wire.expect_esp()


def udp_segments(mode, family):
    """One send of many datagrams (UDP_SEGMENT)."""
    protect(GATE, PEER, "gso", ends(family), 0x1000, mode)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as there:
        here.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 1000)
        data = os.urandom(30_300)
        here.sendto(data, there.getsockname())
        got = [there.recv(2000) for _ in range(31)]
        expect_equal("lengths", [len(part) for part in got],
                     [1000] * 30 + [300])
        expect(b"".join(got) == data, "other bytes, or another order")
    expect_equal("hits", hits(GATE, "gso-out"), 31)


def merged_datagrams(family):
    """Only where its socket wants it (UDP_GRO) a datagram waits for others."""
    protect(GATE, PEER, "gro", ends(family), 0x1000, TUNNEL)
    with GATE.udp(family.gate) as here, PEER.udp(family.peer) as wants, \
            PEER.udp(family.peer) as other:
        wants.setsockopt(socket.SOL_UDP, UDP_GRO, 1)
        expect(max(lengths_of_datagrams(here, wants)) > 2000, "not merged")
        expect_equal("lengths", lengths_of_datagrams(here, other), [1000] * 30)
        counting = Counting(PEER)
        with no_room_to_wait():
            expect_equal("lengths", lengths_of_datagrams(here, other),
                         [1000] * 30)
            expect_equal("lost", counting.changed().get("in-undelivered"), None)
            here.sendto(bytes(30_000), wants.getsockname())
            counting.wait(in_packets=60)
        expect(counting.changed().get("in-undelivered", 0) > 0, "none waited")


# ----- addresses -------------------------------------------------------------

def ip_counter(host, name):
    """One of /proc/net/snmp or netstat, by its long name."""
    return int(host.run("nstat", "-asz", name).split()[-2])


@once
def esp_for_others():
    """ESP for a host itself needs no policy; what it forwards does, ESP as well."""
    protect(GATE, PEER, "local", ends(FOUR), 0x1000, TUNNEL, priority=1000)
    policy(GATE, "rest", IN, FOUR.any, FOUR.any, action=DISCARD, priority=2000)
    counters = Counting(GATE)
    with PEER.udp(FOUR.peer) as there, GATE.udp(FOUR.gate) as here, \
            Wire(PEER, "wire", (GATE, "wire")) as wire, \
            Wire(GATE, "lan") as lan:
        for _ in range(3):
            deliver(there, here)
        expect_equal("discarded", counters.changed().get("in-clear-discard"),
                     None)
        wire.inject(ip_packet(FOUR.peer, FOUR.client, ESP, bytes(64)))
        # if it were passed on, what the client answers would be discarded next
        counters.wait(in_clear_discard=1)
        expect_equal("passed on", lan.protocols(), set())
        deliver(there, here)


@once
def ah_that_leads_on():
    """AH of IPv6 may be what it likes where this host verifies it, only there."""
    policy(GATE, "rest", IN, SIX.any, SIX.any, action=DISCARD)
    inside = struct.pack("!BBHII", UDP, 1, 0, 0x1000, 1) + bytes(8)
    way = struct.pack("!BBBBI", AH, 4, 4, 1, 1 << 24) + \
        packed(SIX.client) + packed(SIX.gate)
    counters = Counting(GATE)
    with Wire(PEER, "wire", (GATE, "wire")) as wire:
        for _ in range(2):
            wire.inject(ip_packet(SIX.peer, SIX.gate, AH, inside),
                        ip_packet(SIX.peer, SIX.gate, ROUTING, way + inside))
        counters.wait(in_clear_discard=2)


def remembered_routes(encapsulation):
    """The way in that one packet took is the next one's only as long as it is right."""
    add_sas(GATE, PEER, "net", ends(FOUR), 0x1000, TUNNEL, **encapsulation)
    add_policies(GATE, PEER, "net", (FOUR.near_net, FOUR.far_net), TUNNEL)
    with CLIENT.udp(FOUR.client) as here, PEER.udp("0.0.0.0") as there, \
            GATE.takes_esp(FOUR.gate), PEER.takes_esp(FOUR.peer):
        target = (FOUR.far, port_of(there))

        def refused(counter):
            before = ip_counter(PEER, counter)
            here.sendto(b"for nobody", target)
            lib.wait_for(lambda: ip_counter(PEER, counter) > before,
                         f"{counter} at the peer")

        deliver(here, there, to=target)
        PEER.ip_batch("address delete 10.2.0.1/24 dev far")
        try:
            refused("IpInAddrErrors")
        finally:
            PEER.address("far", "10.2.0.1/24")
        deliver(here, there, to=target)

        PEER.ip_batch(f"route add {FOUR.gate}/32 dev far")
        try:
            deliver(here, there, to=target)
            # no route changes, but now the source of ESP is looked at
            PEER.sysctl("ipv4/conf/wire/rp_filter", 1)
            refused("TcpExtIPReversePathFilter")
        finally:
            PEER.sysctl("ipv4/conf/wire/rp_filter", 0)
            PEER.ip_batch(f"route delete {FOUR.gate}/32 dev far")
        deliver(here, there, to=target)


@once
def link_local():
    """Delivered on the device that it came in on, also where both devices
    have the same addresses."""
    near, far = "fe80::a", "fe80::b"
    for device in ("wire", "wire2"):
        GATE.address(device, f"{near}/64")
        PEER.address(device, f"{far}/64")
    protect(GATE, PEER, "ll", (near, far), 0x1000, TRANSPORT)
    try:
        for device in ("wire", "wire2", "wire"):
            ours, theirs = GATE.link(device)[0], PEER.link(device)[0]
            with GATE.udp(f"{near}%{ours}") as here, \
                    PEER.udp(f"{far}%{theirs}") as there, \
                    Wire(GATE, device) as wire:
                deliver(here, there,
                        to=socket_address(f"{far}%{ours}", port_of(there)))
                here.sendto(b"which", (far, port_of(there), 0, ours))
                _, seen = there.recvfrom(100)
                expect_equal("zone", seen[3], theirs)
                deliver(there, here,
                        to=socket_address(f"{near}%{theirs}", port_of(here)))
                expect_equal("on the wire", wire.protocols(), {ESP})
            expect(GATE.ping(f"{far}%{device}"), "the echo didn't come back")
    finally:
        for device in ("wire", "wire2"):
            GATE.ip_batch(f"address delete {near}/64 dev {device}")
            PEER.ip_batch(f"address delete {far}/64 dev {device}")


@both_families
def addresses_of_sa(family):
    """In transport mode an SA is for its own two addresses only."""
    add_sas(GATE, PEER, "sa", ends(family), 0x1000, TRANSPORT)
    policy(GATE, "out", OUT, family.any, family.far_net, action=IPSEC,
           mode=TRANSPORT, sa="sa-out")
    counters = Counting(GATE)
    with GATE.udp(family.gate) as here, PEER.udp(family.far) as there, \
            Wire(GATE, "wire") as wire:
        here.sendto(b"misled", there.getsockname())
        counters.wait(out_sa_address=1)
        expect_equal("on the wire", wire.protocols(), set())
        nothing_came(there)
    drops = GATE.module.sa("sa-out")["drop"]
    expect_equal("drops of the SA", drops, {"out-sa-address": 1})


@once
def options_and_extensions():
    """IP options and extension headers stay in front of the ESP header."""
    protect(GATE, PEER, "v4", ends(FOUR), 0x1000, TRANSPORT)
    protect(GATE, PEER, "v6", ends(SIX), 0x1000, TRANSPORT)
    with GATE.udp(FOUR.gate) as here, PEER.udp(FOUR.peer) as there, \
            Wire(GATE, "wire") as wire:
        here.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\1\1\1\0")
        deliver(here, there)
        packet = wire.wait_packet(lambda packet: packet[0] == 0x46)
        expect_equal("protocol", packet[9], ESP)
    with GATE.udp(SIX.gate) as here, PEER.udp(SIX.peer) as there, \
            Wire(GATE, "wire") as wire:
        # destination options that mean nothing: PadN of four bytes
        here.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS,
                        struct.pack("BBBB4x", 0, 0, 1, 4))
        deliver(here, there)
        wire.wait_packet(lambda packet: ESP in (
            packet[6], packet[40] if packet[6] == 60 else 0))


# ----- all of them -----------------------------------------------------------

def matrix(name, test, **named):
    """A test point for each value of one argument and each family."""
    return [(f"{name}, {word}, {family.name}",
             once(functools.partial(test, value, family)))
            for word, value in named.items() for family in (FOUR, SIX)]


def families(name, test):
    return [(f"{name}, {family.name}",
             once(functools.partial(test, family)))
            for family in (FOUR, SIX)]


TESTS = [
    ("E8 none lets pass in the clear", none_passes),
    ("E8 discard drops on the way out", discard_out),
    ("E8 discard drops on the way in", discard_in),
    ("E8 discard drops what is forwarded", discard_forwarded),
    *matrix("E8 ipsec protects", ipsec_local, **MODES),
    *families("E8 ipsec protects what is forwarded", ipsec_forwarded),
    *matrix("E8 ipsec requires protection", required_local, **MODES),
    *families("E8 ipsec requires protection of what is forwarded",
              required_forwarded),
    ("without the policy the traffic is in the clear again", removed),
    ("a hole in the clear by priority", clear_hole),
    ("E9 of equal priorities the older decides", equal_priorities),
    ("E7 ranges of ports", port_ranges),
    ("E7 protocols", protocols),
    ("E7 a protocol by number", protocol_number),
    ("several SAs: out by the first, in by any", bundle),
    ("a live policy gets other SAs", other_sas),
    *matrix("ports of big datagrams", big_datagrams,
            **{"without conntrack": False, "with conntrack": True}),
    *families("ports of fragments forwarded", forwarded_fragments),
    *families("ports of clear fragments", forged_fragments),
    *families("big echoes", big_echoes),
    ("any to any leaves neighbour discovery alone", neighbours),
    ("sockets with a bypass policy speak in the clear", bypassing_sockets),
    ("selectors of too many kinds", too_many_kinds),
    ("a bypass policy is not about what is forwarded", not_what_is_forwarded),
    ("a bypass policy, a VRF and local routes", bypassing_by_route),
    ("an SA that ends where it begins", ends_where_it_begins),
    ("loopback is only for policies that name it", loopback),
    ("addresses behind source NAT", source_nat),
    ("a stateful firewall sees the flows inside", stateful_rules),
    *families("packets that user space has had in a queue", queued),
    *matrix("TCP with segmentation", bulk, **MODES),
    *families("TCP with segmentation, forwarded", bulk_forwarded),
    *families("TCP goes up in long packets", merged),
    *families("too many wait on the way up", too_many_wait),
    *matrix("UDP with segmentation", udp_segments, **MODES),
    *families("UDP waits for others only where it is wanted", merged_datagrams),
    ("ESP for this host and for others", esp_for_others),
    ("AH in front of a way on", ah_that_leads_on),
    ("routes that are remembered",
     once(functools.partial(remembered_routes, {}))),
    ("routes that are remembered, in UDP",
     once(functools.partial(remembered_routes, IN_UDP))),
    ("link-local addresses in transport mode", link_local),
    ("an SA for other addresses", addresses_of_sa),
    ("IP options and extension headers", options_and_extensions),
]


def set_up():
    lib.join(CLIENT, GATE, "lan")
    lib.join(GATE, PEER, "wire")
    lib.join(GATE, PEER, "wire2")
    CLIENT.address("lan", "10.1.0.2/24", "fd01::2/64")
    GATE.address("lan", "10.1.0.1/24", "fd01::1/64")
    GATE.address("wire", "192.0.2.1/24", "2001:db8::1/64")
    PEER.address("wire", "192.0.2.2/24", "2001:db8::2/64")
    PEER.ip_batch("link add far type dummy", "link set far up")
    PEER.address("far", "10.2.0.1/24", "fd02::1/64")
    GATE.forwards()
    CLIENT.routes("default via 10.1.0.1", "default via fd01::1")
    GATE.routes("10.2.0.0/24 via 192.0.2.2", "fd02::/64 via 2001:db8::2")
    PEER.routes("10.1.0.0/24 via 192.0.2.1", "fd01::/64 via 2001:db8::1")


if __name__ == "__main__":
    lib.need("ping", "nft", "ethtool", "nstat")
    # the socket options for bypass policies are read by XFRM's netlink module
    lib.run("modprobe", "xfrm_user")
    CLIENT, GATE, PEER = (Host(name) for name in ("client", "gate", "peer"))
    set_up()
    lib.run_points(TESTS)
