#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""GSO packets that espvif cuts are, bit by bit, what the kernel would make of them.

                 +---------- west -----------+                          +- east -+
    tun: any     | tun 10.9.0.1  ipsec0 wire +--- 192.0.2.1  192.0.2.2 --+        |
    GSO packet --+                           |                          |        |
                 +---------------------------+                          +--------+

Packets come out of a TUN device with whatever header and size of segments a test
wants, and west forwards them twice: in the clear, so that the kernel cuts them in
front of the wire, which can't; and by an SA that encrypts nothing. What was in the
ESP packets has to be what went in the clear. What must be so of both is computed
here: a kernel may err, too.
"""

import fcntl
import hashlib
import hmac
import os
import random
import struct

import lib
from hosts import ESP, TCP, UDP, Host, Wire, checksum, packed, protocol_of
from lib import OUT, TUNNEL, expect, expect_equal

ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
SOURCE = {4: "10.9.0.2", 6: "fd09::2"}
FAR = {4: "10.2.0.1", 6: "fd02::1"}
HEADER = {4: 20, 6: 40}
SPI, PORT = 0x1000, 4500
ICV = 16
# what stands in front of packets of a TUN device
NEEDS_CSUM, GSO = 1, {4: 1, 6: 4}
GSO_ECN = 0x80
TUNSETIFF, IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x400454ca, 1, 0x1000, 0x4000
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
TIMESTAMPS = bytes([1, 1, 8, 10]) + struct.pack("!II", 123456789, 987654321)
SACK = bytes([1, 1, 5, 34]) + bytes(range(32)) + bytes(4)
CHECKSUM_AT, FLAGS_AT, SEQ_AT = 16, 13, 4


class Tun:
    """A device of a host out of which packets come as a test writes them."""

    def __init__(self, host, name):
        with host:
            self.file = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.file, TUNSETIFF, struct.pack(
                "16sH22x", name.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))

    def send(self, packet, mss, linear=0):
        """A packet whose TCP checksum is of its pseudo header only."""
        family = packet[0] >> 4
        start = HEADER[family]
        length = start + (packet[start + 12] >> 4) * 4
        ecn = GSO_ECN if packet[start + FLAGS_AT] & CWR else 0
        head = struct.pack("=BBHHHH", NEEDS_CSUM, GSO[family] | ecn,
                           length + linear, mss, start, CHECKSUM_AT)
        os.write(self.file, head + packet)


class Lab:
    """West forwards to east, which throws all away."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        lib.join(self.west, self.east)
        self.west.forwards()
        self.tun = Tun(self.west, "tun")
        self.west.address("tun", "10.9.0.1/24", "fd09::1/64")
        self.west.ip_batch("link set tun up mtu 65535")
        for host, end in ((self.west, 1), (self.east, 2)):
            host.address("wire", f"192.0.2.{end}/24", f"2001:db8::{end}/64")
            # whatever is sent is cut, and has its checksums, before it is seen
            host.run("ethtool", "-K", "wire", "tso", "off", "gso", "off",
                     "tx", "off", "tx-udp-segmentation", "off",
                     "tx-gso-list", "off")
        self.wire = Wire(self.west, "wire")
        self.west.ping(ENDS[4][1])
        self.west.ping(ENDS[6][1])
        self.keys = {}

    def routes(self, words):
        for family, far in FAR.items():
            self.west.ip_batch(f"route replace {far} {words[family]}")

    def clear_routes(self):
        self.routes({family: f"via {ENDS[family][1]}" for family in (4, 6)})

    def protect(self, outer, device=None, **values):
        key = lib.Algorithm("null/hmac-sha2-256", f"{outer}")
        self.keys[outer] = key.integrity_key
        self.west.module.add_sa("sa", *ENDS[outer], SPI + outer, TUNNEL, key,
                                direction=OUT, ifname=device, **values)
        for family in (4, 6):
            bits = "0.0.0.0/0" if family == 4 else "::/0"
            self.west.module.add_policy(
                f"net{family}", OUT, bits, FAR[family], mode=TUNNEL, sa="sa",
                ifname=device, mss=0)

    def cut(self, packet, mss, linear, count):
        """What becomes of a packet on the wire, once there are so many."""
        self.wire.packets()
        self.tun.send(packet, mss, linear)
        found = []

        def came():
            found.extend(seen for seen in self.wire.packets()
                         if protocol_of(seen) in (TCP, ESP, UDP))
            return len(found) >= count
        lib.wait_for(came, f"{count} packets of {len(packet)} bytes")
        expect_equal("packets", len(found), count)
        return found

    def clean(self):
        if self.west.has_link("ipsec0"):
            self.west.ip_batch("link delete ipsec0")
        self.west.module.flush()


# ----- what goes in ----------------------------------------------------------

def tcp_packet(family, payload, flags=ACK, options=b"", seq=0x12345678,
               number=7, flag_df=True, dscp=0):
    """A packet that is not cut yet, with the sum that GSO packets have."""
    source, destination = SOURCE[family], FAR[family]
    length = 20 + len(options) + len(payload)
    pseudo = packed(source) + packed(destination) + \
        struct.pack("!HH", length, TCP)
    tcp = struct.pack("!HHIIBBHHH", 40000, 443, seq, 0xcafebabe,
                      (20 + len(options)) << 2, flags, 501,
                      checksum(pseudo) ^ 0xffff, 9 if flags & URG else 0) + \
        options
    if family == 6:
        return struct.pack("!IHBB", 6 << 28 | dscp << 20 | 0xabcde, length,
                           TCP, 64) + \
            packed(source) + packed(destination) + tcp + payload
    head = struct.pack("!BBHHHBBH", 0x45, dscp, 20 + length, number,
                       0x4000 if flag_df else 0, 64, TCP, 0) + \
        packed(source) + packed(destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + \
        tcp + payload


def expected(packet, mss):
    """The segments of a packet that has been forwarded."""
    family = packet[0] >> 4
    start = HEADER[family]
    headers = start + (packet[start + 12] >> 4) * 4
    payload = packet[headers:]
    parts = [payload[at:at + mss] for at in range(0, len(payload), mss)]
    return [segment(packet, headers, number, part, number * mss,
                    number == len(parts) - 1)
            for number, part in enumerate(parts)]


def segment(packet, headers, number, part, offset, is_last):
    family = packet[0] >> 4
    start = HEADER[family]
    ip, tcp = bytearray(packet[:start]), bytearray(packet[start:headers])
    seq = struct.unpack_from("!I", tcp, SEQ_AT)[0]
    struct.pack_into("!I", tcp, SEQ_AT, (seq + offset) & 0xffffffff)
    if not is_last:
        tcp[FLAGS_AT] &= ~(FIN | PSH)
    if number:
        tcp[FLAGS_AT] &= ~CWR
    tcp[CHECKSUM_AT:CHECKSUM_AT + 2] = bytes(2)
    length = len(tcp) + len(part)
    if family == 4:
        addresses = ip[12:20]
        first = struct.unpack_from("!H", ip, 4)[0]
        struct.pack_into("!HH", ip, 2, start + length,
                         (first + number) & 0xffff)
        ip[8] -= 1
        ip[10:12] = bytes(2)
        struct.pack_into("!H", ip, 10, checksum(bytes(ip)))
    else:
        addresses = ip[8:40]
        struct.pack_into("!H", ip, 4, length)
        ip[7] -= 1
    pseudo = bytes(addresses) + struct.pack("!HH", length, TCP)
    struct.pack_into("!H", tcp, CHECKSUM_AT,
                     checksum(pseudo + bytes(tcp) + part))
    return bytes(ip) + bytes(tcp) + part


# ----- what comes out --------------------------------------------------------

def opened(lab, packets, outer, encapsulated, first):
    """What is in ESP packets, all of whose own fields have to be right."""
    inner, numbers = [], set()
    for place, packet in enumerate(packets):
        start = HEADER[outer]
        expect_equal("protocol", protocol_of(packet),
                     UDP if encapsulated else ESP)
        if outer == 4:
            expect_equal("checksum of IP", checksum(packet[:20]), 0)
            expect_equal("length", struct.unpack_from("!H", packet, 2)[0],
                         len(packet))
            numbers.add(struct.unpack_from("!H", packet, 4)[0])
        else:
            expect_equal("length", struct.unpack_from("!H", packet, 4)[0],
                         len(packet) - 40)
        if encapsulated:
            ports = struct.unpack_from("!HHH", packet, start)
            expect_equal("UDP", ports, (PORT, PORT, len(packet) - start))
            check_udp(packet, outer)
            start += 8
        esp, icv = packet[start:-ICV], packet[-ICV:]
        expect_equal("SPI and number", struct.unpack_from("!II", esp),
                     (SPI + outer, first + place))
        expect_equal("ICV", icv, hmac.new(lab.keys[outer], esp,
                                          hashlib.sha256).digest()[:ICV])
        pad = esp[-2]
        expect_equal("padding", esp[-2 - pad:-2], bytes(range(1, pad + 1)))
        expect_equal("alignment", (len(esp) - 8) % 4, 0)
        expect_equal("next header", esp[-1],
                     4 if esp[8] >> 4 == 4 else 41)
        inner.append(esp[8:-2 - pad])
    return inner


def check_udp(packet, outer):
    """No checksum, or with IPv6 a right one, or none (RFC 6935)."""
    start = HEADER[outer]
    if packet[start + 6:start + 8] == bytes(2):
        return
    addresses = packet[12:20] if outer == 4 else packet[8:40]
    expect_equal("checksum of UDP", checksum(
        addresses + struct.pack("!HH", len(packet) - start, UDP) +
        packet[start:]), 0)


# ----- the points ------------------------------------------------------------

def variations(family):
    """(packet, size of segments, bytes behind the headers that are linear)"""
    data = random.Random(family).randbytes(60000)
    yield tcp_packet(family, data[:5000]), 1000, 0
    yield tcp_packet(family, data[:5001], PSH | ACK), 1000, 0
    yield tcp_packet(family, data[:4999], FIN | PSH | ACK), 1000, 7
    yield tcp_packet(family, data[:1001], ACK), 1000, 0
    yield tcp_packet(family, data[:4000], CWR | ECE | PSH | ACK), 999, 333
    yield tcp_packet(family, data[:3000], ECE | ACK, dscp=0xb8), 501, 0
    yield tcp_packet(family, data[:3333], ACK, TIMESTAMPS), 1003, 1
    yield tcp_packet(family, data[:9999], FIN | ACK, SACK), 1200, 1111
    yield tcp_packet(family, data[:3000], URG | ACK), 700, 0
    yield tcp_packet(family, data[:300], PSH | ACK), 9, 11
    yield tcp_packet(family, data[:6000], ACK, seq=0xfffff800,
                     number=0xfffd), 1000, 3
    yield tcp_packet(family, data[:6000], ACK, number=0xffff,
                     flag_df=False), 1000, 0
    yield tcp_packet(family, bytes(5000), ACK), 1000, 0
    yield tcp_packet(family, b"\xff" * 5000, ACK), 999, 1
    yield tcp_packet(family, data[:60000], PSH | ACK, TIMESTAMPS), 1201, 500


def compared(lab, family, outer, device=None, encapsulated=False):
    """All packets of a family, by the kernel and by an SA."""
    lab.clear_routes()
    clear = []
    for packet, mss, linear in variations(family):
        wanted = expected(packet, mss)
        clear.append(lab.cut(packet, mss, linear, len(wanted)))
        expect(clear[-1] == wanted, f"the kernel cuts {len(packet)} bytes to "
               f"segments of {mss} otherwise")
    if device:
        lab.west.ip_batch(f"link add {device} type espvif",
                          f"link set {device} up")
    values = {"encap": 2, "encap_sport": PORT, "encap_dport": PORT} \
        if encapsulated else {}
    lab.protect(outer, device, **values)
    if device:
        lab.routes({4: f"dev {device}", 6: f"dev {device}"})
    number = 1
    for (packet, mss, linear), wanted in zip(variations(family), clear):
        got = opened(lab, lab.cut(packet, mss, linear, len(wanted)), outer,
                     encapsulated, number)
        number += len(wanted)
        for place, (one, other) in enumerate(zip(got, wanted)):
            expect(one == other, f"segment {place} of {len(wanted)}, "
                   f"of {mss} bytes: {one[:80].hex()} instead of "
                   f"{other[:80].hex()}, {len(one)} and {len(other)} bytes")


def kinds():
    for family in (4, 6):
        for outer in (4, 6):
            for device in (None, "ipsec0"):
                for encapsulated in (False, True):
                    yield family, outer, device, encapsulated


def name_of(family, outer, device, encapsulated):
    return f"IPv{family} in IPv{outer}, by a " + \
        ("device" if device else "host policy") + \
        (", in UDP" if encapsulated else "")


def main():
    lib.need("ethtool")
    points = list(kinds())
    report = lib.Report(len(points))
    lib.run("modprobe", "tun")
    lab = Lab()
    for point in points:
        with report.point(f"segments: {name_of(*point)}"):
            try:
                compared(lab, *point)
            finally:
                lab.clean()
    report.finish()


if __name__ == "__main__":
    main()
