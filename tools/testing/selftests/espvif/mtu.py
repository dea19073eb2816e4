#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes: what is too long for the tunnel is told to its sender, or comes in
fragments of ESP, and connections get through either way.

    +- client -+      +----- gate -----+       +- router -+       +-- peer ---+
    | 10.1.0.2 | lan  | 10.1.0.1       | wire  |          | span  | 10.2.0.1  |
    | fd01::2  |------| fd01::1        |-------|          |-------| fd02::1   |
    +----------+      | 192.0.2.1      |       |          |       |           |
                      | 2001:db8:1::1  |       +----------+       |           |
                      +----------------+                198.51.100.2          |
                                                     2001:db8:2::2 +-----------+

Gate and peer have our module. The router is any router: where the link is too
narrow for an ESP packet that must not be cut, it says so to the gate.
"""

import contextlib
import errno
import functools
import socket
import struct

import lib
from hosts import (ESP, FRAGMENT, HOUSEKEEPING, ICMP, ICMP6, IN_UDP,
                   IPV6_MTU, IPV6_MTU_DISCOVER, IP_MTU, IP_MTU_DISCOVER,
                   IP_PMTUDISC_DONT, TCP, UDP, Counting, Host, Wire,
                   add_policies, add_sas, checksum, deliver, expect_too_long,
                   fitting, forbid_fragments, fragments, ip_packet, key_of_sa,
                   nothing_came, packed, port_of, protect, protect_by_xfrm,
                   protocol_of, transfer, udp_packet)
from lib import IN, IPSEC, OUT, TRANSPORT, TUNNEL, expect, expect_equal

OUTER = {4: ("192.0.2.1", "198.51.100.2"),
         6: ("2001:db8:1::1", "2001:db8:2::2")}
NETS = {4: ("10.1.0.0/24", "10.2.0.0/24"), 6: ("fd01::/64", "fd02::/64")}
NEAR = {4: "10.1.0.2", 6: "fd01::2"}
GATE_NEAR = {4: "10.1.0.1", 6: "fd01::1"}
FAR = {4: "10.2.0.1", 6: "fd02::1"}
HEADS = {4: 28, 6: 48}
COMBINATIONS = [(inner, outer) for inner in (4, 6) for outer in (4, 6)]


@contextlib.contextmanager
def tunnel(inner, outer, sa=None, **policy):
    """Host policies at both ends, from net to net."""
    add_sas(GATE, PEER, "net", OUTER[outer], 0x1000, TUNNEL, out=sa)
    add_policies(GATE, PEER, "net", NETS[inner], TUNNEL, **policy)
    try:
        yield
    finally:
        clean()


@contextlib.contextmanager
def path_mtu(mtu):
    """The link behind the router takes less."""
    for host in (ROUTER, PEER):
        host.ip_batch(f"link set span mtu {mtu}")
    try:
        yield
    finally:
        for host in (ROUTER, PEER):
            host.ip_batch("link set span mtu 1500")


def clean():
    """Nobody remembers the sizes that one test has found out."""
    for host in (GATE, PEER):
        host.module.flush()
    for host in (CLIENT, GATE, ROUTER, PEER):
        host.routes_again()


class Routed(Host):
    """A host whose routes can be made anew, and with them what they have
    learned."""

    def __init__(self, name):
        super().__init__(name)
        self.lines = ()

    def routes(self, *lines):
        self.lines = lines
        super().routes(*lines)

    def routes_again(self):
        self.ip_batch(*(f"route delete {line}" for line in self.lines))
        super().routes(*self.lines)


def known_mtu(sock):
    """What a connected socket knows of its path."""
    if sock.family == socket.AF_INET:
        return sock.getsockopt(socket.IPPROTO_IP, IP_MTU)
    return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)


def learn(sender, receiver, expected):
    """Datagrams that must not be cut, until their sender knows what fits."""
    forbid_fragments(sender)
    if sender.family == socket.AF_INET6:
        # without this the socket would cut what is too long by itself
        sender.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, 2)
    sender.connect(receiver.getsockname())
    head = HEADS[6 if sender.family == socket.AF_INET6 else 4]

    def told():
        try:
            sender.send(bytes(known_mtu(sender) - head))
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
        return known_mtu(sender) <= expected
    lib.wait_for(told, f"an MTU of {expected}")
    expect_equal("MTU", known_mtu(sender), expected)
    # the error that told it may be waiting still, and what did fit
    sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    receiver.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while receiver.recv(1 << 16):
            pass
    receiver.settimeout(lib.DEADLINE)


# ----- telling the sender ----------------------------------------------------

def sender_is_told(inner, outer, near_host, near):
    """The right size, and no more than one packet of ESP for that."""
    expected = fitting(outer)
    head = HEADS[inner]
    with tunnel(inner, outer), near_host().udp(near) as here, \
            PEER.udp(FAR[inner]) as there, Wire(GATE, "wire") as wire:
        counters = Counting(GATE)
        learn(here, there, expected)
        expect(counters.changed().get("out-too-big"), "not counted")
        wire.packets()
        deliver_connected(here, there, expected - head)
        sent = [packet for packet in wire.packets()
                if protocol_of(packet) not in HOUSEKEEPING]
        expect_equal("packets", len(sent), 1)
        expect(1496 < len(sent[0]) <= 1500, f"{len(sent[0])} bytes")
        expect_too_long(here, there, expected - head + 1)


def deliver_connected(sender, receiver, length):
    data = bytes(length)
    sender.send(data)
    expect_equal("length", len(receiver.recv(1 << 16)), length)


def tcp_recovers(inner, outer):
    """Where segments begin too long: both ways, without a fragment on the wire."""
    with tunnel(inner, outer, mss=0), Wire(GATE, "wire") as wire, \
            Wire(PEER, "span") as back:
        counters = Counting(GATE)
        transfer(CLIENT, PEER, FAR[inner], 300_000, both_ways=True)
        expect(counters.changed().get("out-too-big"), "nothing was too big")
        for seen in (wire.protocols(), back.protocols()):
            expect_equal("on the wire", seen, {ESP})


# ----- fragments -------------------------------------------------------------

BEFORE, AFTER = 2, 3
COPY_DF, SET_DF, CLEAR_DF = 1, 2, 3


def may_cut(sock):
    """Datagrams of this socket have no DF."""
    sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)


def has_df(packet):
    return bool(packet[6] & 0x40)


def may_be_cut(sa, cut_first, **policy):
    """Without DF a packet goes in pieces, cut before encryption or after."""
    pieces = {ESP} if cut_first else {(FRAGMENT, ESP)}
    with tunnel(4, 4, sa, **policy), CLIENT.udp(NEAR[4]) as here, \
            PEER.udp(FAR[4], 7000) as there, Wire(GATE, "wire") as wire:
        may_cut(here)
        may_cut(there)
        counters = Counting(GATE)
        for length, kinds in ((fitting(4) - 28, {ESP}),
                              (fitting(4) - 27, pieces), (1472, pieces),
                              (8000, {ESP} | pieces)):
            deliver(here, there, length)
            sent = wire.packets()
            expect({protocol_of(packet) for packet in sent} <= kinds,
                   f"with {length} bytes")
            expect(all(len(packet) <= 1500 for packet in sent), "too long")
            expect(not any(map(has_df, sent)), "with DF")
            deliver(there, here, length)
        changed = counters.changed()
        expect(set(changed) == {"in-packets", "out-packets"}, str(changed))


@contextlib.contextmanager
def tunnel_to_xfrm(sa=None, selectors=("", ""), **policy):
    """The peer's kernel knows nothing of us."""
    add_sas(GATE, None, "net", OUTER[4], 0x1000, TUNNEL, out=sa)
    add_policies(GATE, None, "net", NETS[4], TUNNEL, **policy)
    protect_by_xfrm(PEER, OUTER[4], 0x1000,
                    [key_of_sa("net", 0x1000 + way) for way in (0, 1)],
                    NETS[4], selectors=selectors)
    try:
        yield
    finally:
        PEER.ip_batch("xfrm policy flush", "xfrm state flush")
        clean()


def xfrm_and_pieces(sa, cut_first, selectors=("", ""), **policy):
    """What we cut XFRM puts together, and we what it cuts."""
    pieces = {ESP} if cut_first else {(FRAGMENT, ESP)}
    with tunnel_to_xfrm(sa, selectors, **policy), CLIENT.udp(NEAR[4]) as here, \
            PEER.udp(FAR[4], 7000) as there, Wire(GATE, "wire") as wire, \
            Wire(PEER, "span") as back:
        may_cut(here)
        may_cut(there)
        for length in (fitting(4) - 28, fitting(4) - 27, 1472, 8000):
            deliver(here, there, length)
            expect(wire.protocols() <= {ESP} | pieces, f"with {length} bytes")
            deliver(there, here, length)
        expect((FRAGMENT, ESP) in back.protocols(), "XFRM cuts nothing")


def pieces_from_xfrm():
    """Cut before XFRM encrypts, in no order, one twice, and ports decide."""
    with tunnel_to_xfrm(protocol=17, dport_min=7000, dport_max=7000), \
            CLIENT.udp(NEAR[4], 7001) as here, PEER.socket(
            socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw_socket:
        raw_socket.bind((FAR[4], 0))
        counters = Counting(GATE)
        for number, (sport, length) in enumerate(((7000, 3000), (7001, 3000))):
            data = bytes([number]) * length
            pieces = fragments(FAR[4], NEAR[4], UDP, udp_packet(
                FAR[4], NEAR[4], sport, 7001, data), 100 + number)
            for piece in (pieces[2], pieces[3], pieces[0], pieces[3],
                          pieces[1]):
                raw_socket.sendto(piece, (NEAR[4], 0))
            if sport == 7000:
                expect(here.recv(1 << 16) == data, "other bytes")
        # the first piece shows the wrong port; the others are left alone
        counters.wait(in_no_policy=1, in_packets=9)
        nothing_came(here)


def set_df(fragment):
    """No ESP packet may be fragmented, whatever is inside."""
    with tunnel(4, 4, {"df": SET_DF, "fragment": fragment}), \
            CLIENT.udp(NEAR[4]) as here, PEER.udp(FAR[4]) as there, \
            Wire(GATE, "wire") as wire:
        may_cut(here)
        deliver(here, there, 100)
        counters = Counting(GATE)
        if fragment == AFTER:
            here.sendto(bytes(1472), there.getsockname())
            counters.wait(out_too_big=1)
            deliver(here, there, fitting(4) - 28)
        else:
            deliver(here, there, 1472)
            deliver(here, there, 8000)
        sent = wire.packets()
        expect_equal("protocols", set(map(protocol_of, sent)), {ESP})
        expect(all(map(has_df, sent)), "without DF")


def clear_df(inner, outer):
    """Nothing is refused as too long, and nobody told anything."""
    # routers cut IPv4; the first hop is narrow enough for IPv6
    with path_mtu(1500 if outer == 6 else 1400), \
            tunnel(inner, outer, {"df": CLEAR_DF}), CLIENT.udp(NEAR[inner]) as here, PEER.udp(FAR[inner]) as there, \
            Wire(GATE, "wire") as wire:
        forbid_fragments(here)
        counters = Counting(GATE)
        for length in (64, 1500 - HEADS[inner]):
            deliver(here, there, length)
        sent = wire.packets()
        expect(outer == 6 or not any(map(has_df, sent)), "with DF")
        expect_equal("protocols", set(map(protocol_of, sent)) - HOUSEKEEPING,
                     {ESP, (FRAGMENT, ESP)})
        expect_equal("counters", set(counters.changed()), {"out-packets"})


def to_the_peer_itself(mode, family):
    """Between the two ends of an SA: the route must not shrink."""
    with path_mtu(1400):
        # segments are too long at first, and the path gets known
        protect(GATE, PEER, "direct", OUTER[family], 0x1000, mode, mss=0)
        try:
            transfer(GATE, PEER, OUTER[family][1], 300_000, both_ways=True)
            route = GATE.run("ip", "route", "get", OUTER[family][1])
            expect(" mtu " not in route or " mtu 1400" in route, route)
            with GATE.udp(OUTER[family][0]) as here, \
                    PEER.udp(OUTER[family][1]) as there:
                for length in (1400, 5000):
                    deliver(here, there, length)
                    deliver(there, here, length)
        finally:
            clean()


# ----- segments that fit from the first on -----------------------------------

SYN, TCP_MAXSEG, TIMESTAMPS = 2, 2, 12



@contextlib.contextmanager
def connection(client, address, source):
    """Both ends of a connection to an address of the peer's."""
    with PEER.listen(address) as listener:
        near = client.connect(address, port_of(listener), source)
        far, _ = listener.accept()
    with near, far:
        yield near, far


def segment(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, TCP_MAXSEG)


def clamped(inner, outer, client, near_mss=None, far_mss=None):
    """Either host alone takes care of both ways."""
    source = (GATE_NEAR if client() is GATE else NEAR)[inner]
    fits = fitting(outer) - HEADS[inner] - 12 - TIMESTAMPS
    with tunnel(inner, outer):
        for host, mss in ((GATE, near_mss), (PEER, far_mss)):
            if mss is None:
                continue
            for name in ("net-in", "net-out"):
                host.module.delete_policy(name)
            sides = (host, None) if host is GATE else (None, host)
            add_policies(*sides, "net", NETS[inner], TUNNEL, mss=mss)
        counters = Counting(GATE)
        with connection(client(), FAR[inner], source) as ends:
            wanted = (near_mss or far_mss or 0) - TIMESTAMPS
            for sock in ends:
                expect_equal("segments", segment(sock),
                             wanted if wanted > 0 else fits)
        transfer(client(), PEER, FAR[inner], 100_000, True, source)
        expect_equal("counters", set(counters.changed()),
                     {"in-packets", "out-packets"})


def tcp_packet(source, destination, options, flags=SYN, data=b"", words=None):
    """A TCP packet whose header may lie about its length, checksum and all."""
    words = (20 + len(options)) // 4 if words is None else words
    head = struct.pack("!HHIIBBHHH", 1000, 9, 1, 0, words << 4, flags, 1000,
                       0, 0) + options + data
    pseudo = packed(source) + packed(destination) + \
        struct.pack("!II", len(head), TCP)
    return head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]


def mss(size):
    return b"\2\4" + size.to_bytes(2, "big")


def forged_syns(fits):
    """(options, what is to become of them, further fields)"""
    return [
        (mss(1460), mss(fits), {}),
        (mss(1460), mss(fits), {"data": b"early" * 20}),
        (mss(1460), mss(1460), {"flags": 16}),
        (mss(fits + 1), mss(fits), {"flags": 18}),
        (mss(fits), mss(fits), {}), (mss(400), mss(400), {}),
        (mss(0), mss(0), {}), (b"", b"", {}),
        # at an odd place
        (b"\1" + mss(0xfffe) + b"\1\1\1", b"\1" + mss(fits) + b"\1\1\1",
         {}),
        (b"\3\3\7" + mss(65535) + b"\0", b"\3\3\7" + mss(fits) + b"\0", {}),
        # twice; whoever reads it takes either
        (mss(1460) + b"\1\1" + mss(9000) + b"\1\1",
         mss(fits) + b"\1\1" + mss(fits) + b"\1\1", {}),
        # behind the end of options, behind nonsense, itself nonsense
        *((options, options, {}) for options in (
            b"\0\1\1\1" + mss(1460), b"\3\0\1\1" + mss(1460),
            b"\3\1\1\1" + mss(1460), b"\5\x20\1\1" + mss(1460),
            b"\1\1\1\2", b"\1\1\2\4", b"\1\2\4\xff", b"\2\3\xff\xff",
            b"\2\5\xff\xff\xff\0\0\0", b"\2\0\xff\xff",
            b"\x1e\xff" + bytes([255] * 38))),
        # a header that is shorter than possible, or longer than the packet
        (mss(1460), mss(1460), {"words": 4}), (mss(1460), mss(1460), {"words": 0}),
        (mss(1460), mss(1460), {"words": 15}),
        (b"", b"", {"words": 6, "data": mss(1460)[:2]}),
    ]


def forged_options(inner, near_mss, far_mss):
    """Options as nobody sends them, on the way out or in, are harmless."""
    ends = NEAR[inner], FAR[inner]
    with tunnel(inner, 4, mss=near_mss), Wire(
            CLIENT, "lan", (GATE, "lan")) as wire, PEER.socket(
            socket.AF_INET if inner == 4 else socket.AF_INET6,
            socket.SOCK_RAW, socket.IPPROTO_TCP) as raw_socket:
        for name in ("net-in", "net-out"):
            PEER.module.delete_policy(name)
        add_policies(None, PEER, "net", NETS[inner], TUNNEL, mss=far_mss)
        for options, wanted, fields in forged_syns(fitting(4) - HEADS[inner] -
                                                   12):
            wire.inject(ip_packet(*ends, TCP, tcp_packet(*ends, options,
                                                         **fields)))
            got = raw_socket.recv(1 << 16)[20 if inner == 4 else 0:]
            what = f"{options.hex()} with {fields}"
            expect(got == tcp_packet(*ends, wanted, **fields),
                   f"{what} became {got[20:].hex()}, checksum "
                   f"{got[16:18].hex()}")


# ----- a path with less room -------------------------------------------------

def narrow_path(inner, outer):
    """The router's word about ESP reaches the sender of what is inside."""
    expected = fitting(outer, path=1400)
    with path_mtu(1400), tunnel(inner, outer):
        with CLIENT.udp(NEAR[inner]) as here, PEER.udp(FAR[inner]) as there:
            learn(here, there, expected)
            deliver_connected(here, there, expected - HEADS[inner])
        transfer(CLIENT, PEER, FAR[inner], 200_000, both_ways=True)


def narrow_path_in_udp(outer):
    """Of ESP in UDP the kernel tells the socket of the port, and we know too."""
    expected = fitting(outer, path=1400 - 8)
    with contextlib.ExitStack() as stack:
        stack.enter_context(path_mtu(1400))
        for host, address in zip((GATE, PEER), OUTER[outer]):
            stack.enter_context(host.takes_esp(address))
        stack.callback(clean)
        add_sas(GATE, PEER, "net", OUTER[outer], 0x1000, TUNNEL, **IN_UDP)
        add_policies(GATE, PEER, "net", NETS[4], TUNNEL)
        here = stack.enter_context(CLIENT.udp(NEAR[4]))
        there = stack.enter_context(PEER.udp(FAR[4]))
        learn(here, there, expected)
        deliver_connected(here, there, expected - HEADS[4])
        transfer(CLIENT, PEER, FAR[4], 50_000, both_ways=True)


def narrowest_ipv6():
    """Below what IPv6 asks of every link ESP comes in fragments."""
    with path_mtu(1280), tunnel(6, 6), Wire(GATE, "wire") as wire:
        with CLIENT.udp(NEAR[6]) as here, PEER.udp(FAR[6]) as there:
            learn(here, there, 1280)
            wire.packets()
            deliver_connected(here, there, 1280 - 48)
            expect_equal("on the wire", wire.protocols(), {(FRAGMENT, ESP)})
        transfer(CLIENT, PEER, FAR[6], 100_000, both_ways=True)


def forged_errors():
    """ICMP errors about ESP that we don't send, or that don't say it is too
    big, change nothing."""
    with tunnel(4, 4), CLIENT.udp(NEAR[4]) as here, \
            PEER.udp(FAR[4]) as there, \
            Wire(ROUTER, "wire", (GATE, "wire")) as attacker:
        learn(here, there, fitting(4))
        for spi, kind, code, mtu in ((0x7777, 3, 4, 600), (0x1001, 3, 4, 600),
                                     (0x1000, 3, 1, 0), (0x1000, 3, 13, 0),
                                     (0x1000, 11, 0, 0)):
            about = ip_packet(*OUTER[4], ESP, struct.pack("!II", spi, 1))
            error = struct.pack("!BBHHH", kind, code, 0, 0, mtu) + about
            error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
            attacker.inject(ip_packet("192.0.2.254", OUTER[4][0], ICMP,
                                      error))
        deliver_connected(here, there, fitting(4) - 28)
        route = GATE.run("ip", "route", "get", OUTER[4][1])
        expect(" mtu " not in route, route)


def impossible_mtu(inner):
    """An error about our own ESP that tells of less than any path has: it is
    taken for the least that the kernel knows, and traffic goes on."""
    route = ("ip", "route", "get", OUTER[4][1])
    with tunnel(inner, 4), CLIENT.udp(NEAR[inner]) as here, \
            PEER.udp(FAR[inner]) as there, \
            Wire(ROUTER, "wire", (GATE, "wire")) as attacker:
        deliver(here, there)
        about = ip_packet(*OUTER[4], ESP, struct.pack("!II", 0x1000, 1))
        error = struct.pack("!BBHHH", 3, 4, 0, 0, 68) + about
        error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
        attacker.inject(ip_packet("192.0.2.254", OUTER[4][0], ICMP, error))
        lib.wait_for(lambda: " mtu lock 552" in GATE.run(*route),
                     "the error acted upon")
        # IPv4 goes in pieces then, without DF; IPv6 in fragments of ESP
        if inner == 6:
            learn(here, there, 1280)
        else:
            may_cut(here)
        for length in (300, 450, 1000):
            deliver(here, there, length)
        transfer(CLIENT, PEER, FAR[inner], 20_000, both_ways=True)


def forged_errors6():
    with tunnel(6, 6), CLIENT.udp(NEAR[6]) as here, \
            PEER.udp(FAR[6]) as there, \
            Wire(ROUTER, "wire", (GATE, "wire")) as attacker:
        learn(here, there, fitting(6))
        for spi, kind, code, mtu in ((0x7777, 2, 0, 1280),
                                     (0x1001, 2, 0, 1280),
                                     (0x1000, 2, 0, 1279),
                                     (0x1000, 1, 0, 0), (0x1000, 3, 0, 0)):
            about = ip_packet(*OUTER[6], ESP, struct.pack("!II", spi, 1))
            ends = ("2001:db8:1::254", OUTER[6][0])
            error = struct.pack("!BBHI", kind, code, 0, mtu) + about
            pseudo = packed(ends[0]) + packed(ends[1]) + \
                struct.pack("!II", len(error), ICMP6)
            total = checksum(pseudo + error)
            attacker.inject(ip_packet(*ends, ICMP6, error[:2] +
                                      struct.pack("!H", total) + error[4:]))
        deliver_connected(here, there, fitting(6) - 48)
        route = GATE.run("ip", "route", "get", OUTER[6][1])
        expect(" mtu " not in route, route)


# ----- devices ---------------------------------------------------------------

@contextlib.contextmanager
def devices(outer):
    """A routed tunnel for both families; the nets are behind it."""
    for host in (GATE, PEER):
        host.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up")
    try:
        add_sas(GATE, PEER, "dev", OUTER[outer], 0x2000, TUNNEL,
                ifname="ipsec0")
        for inner, (near, far) in NETS.items():
            for host in (GATE, PEER):
                prefix = "0.0.0.0/0" if inner == 4 else "::/0"
                for direction, suffix in ((OUT, "out"), (IN, "in")):
                    host.module.add_policy(
                        f"dev-{suffix}{inner}", direction, prefix, prefix,
                        action=IPSEC, mode=TUNNEL, sa=f"dev-{suffix}",
                        ifname="ipsec0")
            GATE.ip_batch(f"route add {far} dev ipsec0 metric 1 "
                          f"src {GATE_NEAR[inner]}")
            PEER.ip_batch(f"route add {near} dev ipsec0 metric 1 "
                          f"src {FAR[inner]}")
        yield
    finally:
        for host in (GATE, PEER):
            host.ip_batch("link delete ipsec0")
        clean()


def device_narrow_path(outer):
    """The device's MTU fits the first hop, not the path behind it."""
    expected = fitting(outer, path=1400)
    with path_mtu(1400), devices(outer):
        expect_equal("MTU of the device", GATE.link("ipsec0")[2],
                     fitting(outer))
        for inner in (4, 6):
            for host, near in ((CLIENT, NEAR[inner]),
                               (GATE, GATE_NEAR[inner])):
                with host.udp(near) as here, PEER.udp(FAR[inner]) as there:
                    learn(here, there, expected)
                    deliver_connected(here, there, expected - HEADS[inner])
            counters = Counting(GATE)
            transfer(CLIENT, PEER, FAR[inner], 200_000, both_ways=True)
            with connection(CLIENT, FAR[inner], NEAR[inner]) as (near, _):
                expect_equal("segments", segment(near), expected -
                             HEADS[inner] - 12 - TIMESTAMPS)
            expect(not counters.changed().get("out-too-big"), "too big")


# ----- all of them -----------------------------------------------------------

TESTS = []
for _inner, _outer in COMBINATIONS:
    _name = f"IPv{_inner} in IPv{_outer}"
    TESTS += [
        (f"a sender behind is told, {_name}", functools.partial(
            sender_is_told, _inner, _outer, lambda: CLIENT, NEAR[_inner])),
        (f"a sender on the host is told, {_name}", functools.partial(
            sender_is_told, _inner, _outer, lambda: GATE,
            GATE_NEAR[_inner])),
        (f"TCP recovers, {_name}",
         functools.partial(tcp_recovers, _inner, _outer)),
        (f"a path with less room, {_name}",
         functools.partial(narrow_path, _inner, _outer))]
TESTS += [
    ("without DF in pieces", functools.partial(may_be_cut, None, True)),
    ("pieces of a flow whose policy names ports", functools.partial(
        may_be_cut, None, False, protocol=17, dport_min=7000, dport_max=7000)),
    ("cut before encryption though the policy names ports", functools.partial(
        may_be_cut, {"fragment": BEFORE}, True, protocol=17, dport_min=7000,
        dport_max=7000)),
    ("cut after encryption", functools.partial(
        may_be_cut, {"fragment": AFTER}, False)),
    ("cut before encryption, for XFRM", functools.partial(
        xfrm_and_pieces, None, True)),
    ("cut after encryption, for XFRM that looks at ports", functools.partial(
        xfrm_and_pieces, None, False,
        ("proto udp dport 7000", "proto udp sport 7000"), protocol=17,
        dport_min=7000, dport_max=7000)),
    ("pieces that XFRM has encrypted", pieces_from_xfrm),
    ("DF set, cut before encryption", functools.partial(set_df, BEFORE)),
    ("DF set, told to those that may be cut", functools.partial(set_df, AFTER)),
]
TESTS += [(f"segments fit, IPv{_inner} in IPv{_outer}", functools.partial(
    clamped, _inner, _outer, lambda: CLIENT)) for _inner, _outer in COMBINATIONS]
TESTS += [
    ("segments of the host itself fit",
     functools.partial(clamped, 4, 4, lambda: GATE)),
    ("the peer leaves segments alone",
     functools.partial(clamped, 6, 4, lambda: CLIENT, far_mss=0)),
    ("we leave segments alone, the peer does not",
     functools.partial(clamped, 4, 6, lambda: CLIENT, near_mss=0)),
    ("segments of a size that was given",
     functools.partial(clamped, 4, 4, lambda: CLIENT, near_mss=700,
                       far_mss=0)),
]
TESTS += [(f"forged options of TCP, IPv{_inner}, on the way {_way}",
           functools.partial(forged_options, _inner, *_mss))
          for _inner in (4, 6)
          for _way, _mss in (("out", (None, 0)), ("in", (0, None)))]
TESTS += [(f"DF clear, IPv{_inner} in IPv{_outer}",
           functools.partial(clear_df, _inner, _outer))
          for _inner, _outer in ((4, 4), (6, 4), (4, 6))]
TESTS += [(f"to the peer itself, {_name} mode, IPv{_family}",
           functools.partial(to_the_peer_itself, _mode, _family))
          for _name, _mode in (("transport", TRANSPORT), ("tunnel", TUNNEL))
          for _family in (4, 6)]
TESTS += [
    ("ESP in UDP on a path with less room, IPv4",
     functools.partial(narrow_path_in_udp, 4)),
    ("ESP in UDP on a path with less room, IPv6",
     functools.partial(narrow_path_in_udp, 6)),
    ("a path that takes no more than IPv6 must", narrowest_ipv6),
    ("forged ICMP errors", forged_errors),
    ("forged ICMPv6 errors", forged_errors6),
    ("a path MTU that cannot be, IPv4 inside",
     functools.partial(impossible_mtu, 4)),
    ("a path MTU that cannot be, IPv6 inside",
     functools.partial(impossible_mtu, 6)),
    ("a device over a path with less room, IPv4 outside",
     functools.partial(device_narrow_path, 4)),
    ("a device over a path with less room, IPv6 outside",
     functools.partial(device_narrow_path, 6)),
]


def set_up():
    lib.join(CLIENT, GATE, "lan")
    lib.join(GATE, ROUTER, "wire")
    lib.join(ROUTER, PEER, "span")
    CLIENT.address("lan", "10.1.0.2/24", "fd01::2/64")
    GATE.address("lan", "10.1.0.1/24", "fd01::1/64")
    GATE.address("wire", "192.0.2.1/24", "2001:db8:1::1/64")
    ROUTER.address("wire", "192.0.2.254/24", "2001:db8:1::254/64")
    ROUTER.address("span", "198.51.100.254/24", "2001:db8:2::254/64")
    PEER.address("span", "198.51.100.2/24", "2001:db8:2::2/64")
    PEER.ip_batch("link add far type dummy", "link set far up")
    PEER.address("far", "10.2.0.1/24", "fd02::1/64")
    for host in (GATE, ROUTER):
        host.forwards()
    # many errors in a row are what is tested here
    for host in (GATE, ROUTER, PEER):
        host.sysctl("ipv4/icmp_ratelimit", 0)
        host.sysctl("ipv6/icmp/ratelimit", 0)
    CLIENT.routes("default via 10.1.0.1", "default via fd01::1")
    GATE.routes("default via 192.0.2.254", "default via 2001:db8:1::254")
    PEER.routes("default via 198.51.100.254", "default via 2001:db8:2::254")


if __name__ == "__main__":
    CLIENT, GATE, ROUTER, PEER = (Routed(name) for name in
                                  ("client", "gate", "router", "peer"))
    set_up()
    lib.run_points(TESTS)
