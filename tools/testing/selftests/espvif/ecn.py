#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Outer headers: what they have of the packet inside, and what that gets back.

    +- mallory -+                   +---- west ----+     +-- east --+
    | scapy     | ESP of all kinds  |    espvif    | ESP |   XFRM   |
    | 192.0.2.2 +-------------------+ 192.0.2.1    |     |          |
    +-----------+ wire              | 198.51.100.1 +-----+ 198.51.100.2
    +- client --+ lan               | 2001:db8:5::1| span| 2001:db8:5::2
    | 10.1.0.2  +-------------------+ 10.1.0.1     |     | 10.2.0.1
    | fd01::2   |                   | fd01::1      |     | fd02::1  |
    +-----------+                   +--------------+     +----------+

mallory makes every combination of ECN, inside and outside. The client's packets go
through west to east, whose kernel knows nothing of us; the headers on the wire
between them are compared with what the SA says, and ESP is opened with the key.
"""

import contextlib
import functools
import socket
import struct

import forge  # first: it skips the test where there is no scapy
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6

import lib
from hosts import (ESP, FRAGMENT, Wire, add_policies, deliver, family_of,
                   fitting, protect_by_xfrm, protocol_of, socket_address)
from lib import IN, OUT, TRANSPORT, TUNNEL, expect, expect_equal

INNER = {4: ("10.0.2.1", "10.0.1.1"), 6: ("fd00:2::1", "fd00:1::1")}
OUTER = {4: ("198.51.100.1", "198.51.100.2"),
         6: ("2001:db8:5::1", "2001:db8:5::2")}
NETS = {4: ("10.1.0.0/24", "10.2.0.0/24"), 6: ("fd01::/64", "fd02::/64")}
NEAR = {4: "10.1.0.2", 6: "fd01::2"}
FAR = {4: "10.2.0.1", 6: "fd02::1"}
COMBINATIONS = [(inner, outer) for inner in (4, 6) for outer in (4, 6)]
NOT_ECT, ECT1, ECT0, CE = range(4)
NAMES = ("not-ECT", "ECT(1)", "ECT(0)", "CE")
# DSCPs where they stand in the header
EF, AF11 = 46 << 2, 10 << 2
IP_RECVTTL, IP_RECVTOS = 12, 13
LABEL_NO, LABEL_COPY, LABEL_HASH = 1, 2, 3
SPI = 0x5000


# ----- the way in -------------------------------------------------------------

class Arena(forge.Arena):
    """Hears the field of DSCP and ECN with each text."""

    def __init__(self):
        super().__init__()
        hear_headers(self.listener)
        self.west.add_addresses("lo", INNER[4][1], INNER[6][1])
        self.senders = {}
        for number, family in enumerate((4, 6)):
            outer = forge.outer4() if family == 4 else forge.outer6()
            for mode in (TUNNEL, TRANSPORT):
                sender = forge.Sender(f"ecn{family}{mode}",
                                      0x1000 + 2 * number + mode, mode,
                                      outer=outer)
                sender.add_to(self.module)
                self.senders[family, mode] = sender
        for family, (there, here) in INNER.items():
            self.module.add_policy(f"ecn{family}", IN, there, here, mode=TUNNEL,
                                   sa=["ecn42", "ecn62"])

    def heard(self):
        self.listener.settimeout(0)
        texts = []
        with contextlib.suppress(BlockingIOError):
            while True:
                text, field, _ = receive(self.listener)
                texts.append((text, field))
        return texts


def hear_headers(sock):
    sock.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)
    sock.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)


def receive(sock):
    """(data, field of DSCP and ECN, TTL or hop limit) of a datagram."""
    data, extra, *_ = sock.recvmsg(1 << 16, 1 << 10)
    values = {kind: payload[0] if len(payload) == 1 else
              struct.unpack("i", payload)[0] for _, kind, payload in extra}
    field = values.get(socket.IP_TOS, values.get(socket.IPV6_TCLASS))
    limit = values.get(socket.IP_TTL, values.get(socket.IPV6_HOPLIMIT))
    return data, field, limit


def told(inner, outer):
    """What RFC 6040 4.2 makes of ECN inside and outside; nothing for a drop."""
    if inner == NOT_ECT:
        return None if outer == CE else NOT_ECT
    if CE in (inner, outer):
        return CE
    return ECT1 if outer == ECT1 else inner


def seal(sender, field, *packet, **how):
    """A packet whose outer header has a field of DSCP and ECN."""
    plain = sender.outer
    sender.outer = plain.copy()
    setattr(sender.outer, "tos" if isinstance(plain, IP) else "tc", field)
    try:
        return sender.seal_packet(*packet, **how) \
            if sender.mode == TUNNEL else sender.seal_text(*packet, **how)
    finally:
        sender.outer = plain


def with_field(text, family, field):
    """An inner packet."""
    there, here = INNER[family]
    return forge.packet(text, there, here,
                        **{"tos" if family == 4 else "tc": field})


def decapsulated(arena, inner_family, outer_family):
    """All sixteen; DSCP inside stays, whatever there is outside."""
    sender = arena.senders[outer_family, TUNNEL]
    good, delivered, illegal = [], [], []
    for inner in range(4):
        for outer in range(4):
            text = f"{NAMES[inner]} in {NAMES[outer]}".encode()
            packet = seal(sender, EF | outer, with_field(text, inner_family,
                                                         AF11 | inner))
            if told(inner, outer) is None:
                illegal.append(packet)
            else:
                good.append(packet)
                delivered.append((text, AF11 | told(inner, outer)))
    expect_equal("combinations", (len(good), len(illegal)), (15, 1))
    arena.expect(sender, good, passed=15, delivered=delivered)
    arena.expect(sender, illegal, {"in-ecn": 1})


def transport_in(arena, family):
    """There is but one header, and what routers did to it stays."""
    sender = arena.senders[family, TRANSPORT]
    texts = [(f"{NAMES[ecn]} alone".encode(), EF | ecn) for ecn in range(4)]
    arena.expect(sender, [seal(sender, field, text) for text, field in texts],
                 passed=4, delivered=texts)


# ----- the way out ------------------------------------------------------------

class Network:
    """client, west with our module, and east with XFRM."""

    def __init__(self, west):
        self.west, self.east = west, lib.Namespace("east")
        self.client = lib.Namespace("client")
        self.module = lib.Module(west)
        lib.join(west, self.client, "lan")
        lib.join(west, self.east, "span")
        west.add_addresses("lan", "10.1.0.1/24", "fd01::1/64")
        west.add_addresses("span", f"{OUTER[4][0]}/24", f"{OUTER[6][0]}/64")
        self.client.add_addresses("lan", "10.1.0.2/24", "fd01::2/64")
        self.east.add_addresses("span", f"{OUTER[4][1]}/24",
                                f"{OUTER[6][1]}/64")
        self.east.add_addresses("lo", FAR[4], FAR[6])
        west.sysctl("ipv4/ip_forward", 1)
        west.sysctl("ipv6/conf/all/forwarding", 1)
        for host, via4, via6 in (
                (self.client, "10.1.0.1", "fd01::1"),
                (west, OUTER[4][1], OUTER[6][1]),
                (self.east, OUTER[4][0], OUTER[6][0])):
            host.ip_batch(f"route add default via {via4}",
                          f"route add default via {via6}")
        self.algorithm = lib.Algorithm("aes128-gcm16", "outer")

    @contextlib.contextmanager
    def tunnel(self, inner, outer, mode=TUNNEL, tfcpad=0, **options):
        """Between west and XFRM; options are those of west's outbound SA."""
        ends = OUTER[outer]
        nets = NETS[inner] if mode == TUNNEL else ends
        for number, name in enumerate(("net-out", "net-in")):
            self.module.add_sa(
                name, *(ends[::-1] if number else ends), SPI + number, mode,
                self.algorithm, direction=IN if number else OUT,
                **{} if number else options)
        add_policies(self, None, "net", nets, mode)
        protect_by_xfrm(self.east, ends, SPI, [self.algorithm] * 2, nets, mode,
                        out=f"tfcpad {tfcpad}" if tfcpad else "")
        try:
            yield
        finally:
            for name in ("net-out", "net-in"):
                self.module.delete_policy(name)
                self.module.delete_sa(name)
            self.east.ip_batch("xfrm policy flush", "xfrm state flush")

    def udp(self, host, address):
        with host:
            made = socket.socket(family_of(address), socket.SOCK_DGRAM)
        made.settimeout(lib.DEADLINE)
        made.bind(socket_address(address, 0))
        hear_headers(made)
        return made

    def socket(self, family, kind, *rest):
        """As a Wire asks its host for one."""
        with self.west:
            return socket.socket(family, kind, *rest)

    def wire(self):
        return Wire(self, "span")


def set_field(sock, field):
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, field)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, field)


def header(packet):
    """(field of DSCP and ECN, TTL, flow label or nothing) of an IP packet."""
    if packet[0] >> 4 == 4:
        return packet[1], packet[8], None
    first = struct.unpack_from("!I", packet)[0]
    return first >> 20 & 0xff, packet[7], first & 0xfffff


def outer_of(wire):
    """The one ESP packet that was sent."""
    sent = [packet for packet in wire.packets()
            if protocol_of(packet) in (ESP, (FRAGMENT, ESP))]
    expect_equal("packets of ESP", len(sent), 1)
    expect_equal("protocol", protocol_of(sent[0]), ESP)
    return sent[0]


def encapsulated(network, inner, outer, dscp=None, ttl=None):
    """DSCP, ECN and TTL of the outer header; the inner one as it was."""
    with network.tunnel(inner, outer, dscp=dscp, hop_limit=ttl), \
            network.udp(network.client, NEAR[inner]) as near, \
            network.udp(network.east, FAR[inner]) as far, \
            network.wire() as wire:
        for field in [EF | ecn for ecn in range(4)] + [AF11 | ECT0, CE]:
            set_field(near, field)
            near.sendto(b"there", far.getsockname())
            # forwarded once, and not by the tunnel
            expect_equal("inside, there", receive(far), (b"there", field, 63))
            expected = field if dscp is None else dscp << 2 | field & CE
            expect_equal("outside", header(outer_of(wire))[:2],
                         (expected, ttl or 64))
            set_field(far, field)
            far.sendto(b"back", near.getsockname())
            expect_equal("inside, back", receive(near), (b"back", field, 63))


def transport_out(network, family):
    """The header that goes out is the packet's own."""
    with network.tunnel(family, family, TRANSPORT), \
            network.udp(network.west, OUTER[family][0]) as near, \
            network.udp(network.east, OUTER[family][1]) as far, \
            network.wire() as wire:
        for field in [EF | ecn for ecn in range(4)]:
            set_field(near, field)
            near.sendto(b"there", far.getsockname())
            expect_equal("there", receive(far), (b"there", field, 64))
            expect_equal("on the wire", header(outer_of(wire))[0], field)


def flow_labels(network, inner, rule):
    """Whether the outer label is 0, that of the inner packet, or one per flow."""
    with network.tunnel(inner, 6, flow_label=rule), \
            network.udp(network.east, FAR[inner]) as far, \
            network.wire() as wire:
        labels = []
        for _ in range(4):
            with network.udp(network.client, NEAR[inner]) as near:
                seen = set()
                for _ in range(3):
                    near.sendto(b"there", far.getsockname())
                    receive(far)
                    packet = outer_of(wire)
                    inside = header(opened(network, packet))[2]
                    seen.add((header(packet)[2], inside))
                expect_equal("labels of one flow", len(seen), 1)
                labels.append(seen.pop())
        if rule == LABEL_HASH:
            expect(len({label for label, _ in labels}) > 1,
                   f"one label for all flows: {labels}")
        else:
            expected = [inside if rule == LABEL_COPY else 0
                        for _, inside in labels]
            expect_equal("labels", [label for label, _ in labels],
                         [label or 0 for label in expected])
            if rule == LABEL_COPY and inner == 6:
                expect(any(expected), "no label inside")


# ----- padding ----------------------------------------------------------------

def opened(network, packet):
    """What was sealed in an ESP packet: the inner packet and what follows it."""
    sa = forge.SecurityAssociation(
        forge.ESP, SPI, crypt_algo=network.algorithm.scapy,
        crypt_key=network.algorithm.key)
    kind = IP if packet[0] >> 4 == 4 else IPv6
    outer = kind(packet)
    encrypted = forge.ESP(bytes(outer.payload))
    plain = sa.crypt_algo.decrypt(sa, encrypted, sa.crypt_key,
                                  sa.crypt_algo.icv_size, False, 0)
    return bytes(plain.data)


def inner_length(packet):
    return struct.unpack_from("!H", packet, 2)[0] if packet[0] >> 4 == 4 \
        else 40 + struct.unpack_from("!H", packet, 4)[0]


def padded(network, inner, outer, wanted):
    """Up to a length, but never beyond what fits, and XFRM cuts it off."""
    head = 28 if inner == 4 else 48
    fits = fitting(outer)
    with network.tunnel(inner, outer, tfc=wanted), \
            network.udp(network.client, NEAR[inner]) as near, \
            network.udp(network.east, FAR[inner]) as far, \
            network.wire() as wire:
        for length in (head, head + 1, 500, 999, 1000, 1001, fits - 1, fits):
            deliver(near, far, length - head)
            packet = outer_of(wire)
            expect(len(packet) <= 1500, f"{len(packet)} bytes")
            plain = opened(network, packet)
            expect_equal("inner length", inner_length(plain), length)
            expect_equal("padded", len(plain), max(min(wanted, fits), length))
            expect(not any(plain[length:]), "padding that isn't zero")
            deliver(far, near, length - head)
        sa = network.module.sa("net-out")
        expect_equal("drops", sa.get("drop", {}), {})


def padded_by_xfrm(network, inner, outer):
    """The peer pads, and nobody here sees it."""
    with network.tunnel(inner, outer, tfcpad=1000), \
            network.udp(network.client, NEAR[inner]) as near, \
            network.udp(network.east, FAR[inner]) as far:
        before = network.module.sa("net-in")["bytes"]
        for length in (0, 1, 100, 1300):
            deliver(far, near, length)
        expect(network.module.sa("net-in")["bytes"] - before > 4000,
               "the peer does not pad")


def points(arena, network):
    """(name, function) of all test points."""
    some = functools.partial
    for inner, outer in COMBINATIONS:
        name = f"IPv{inner} in IPv{outer}"
        yield (f"all of ECN coming in, {name}",
               some(decapsulated, arena, inner, outer))
        yield (f"DSCP, ECN and TTL going out, {name}",
               some(encapsulated, network, inner, outer))
        yield (f"a DSCP and a TTL of the SA's own, {name}",
               some(encapsulated, network, inner, outer, 10, 7))
    for family in (4, 6):
        yield (f"transport mode comes in as it is, IPv{family}",
               some(transport_in, arena, family))
        yield (f"transport mode goes out as it is, IPv{family}",
               some(transport_out, network, family))
    for inner in (4, 6):
        for name, rule in (("no", LABEL_NO), ("copy", LABEL_COPY),
                           ("hash", LABEL_HASH)):
            yield (f"flow label of IPv{inner}: {name}",
                   some(flow_labels, network, inner, rule))
    for inner, outer, wanted in ((4, 4, 1000), (6, 6, 1000), (4, 6, 65535),
                                 (6, 4, 1)):
        yield (f"padding to {wanted} bytes, IPv{inner} in IPv{outer}",
               some(padded, network, inner, outer, wanted))
    yield "padding of the peer's", some(padded_by_xfrm, network, 4, 4)
    yield "padding of the peer's, IPv6", some(padded_by_xfrm, network, 6, 6)


def main():
    # XFRM pads no packet that passes these
    lib.run("modprobe", "-r", "esp4_offload", "esp6_offload")
    arena = Arena()
    network = Network(arena.west)
    lib.run_points(list(points(arena, network)))


if __name__ == "__main__":
    main()
