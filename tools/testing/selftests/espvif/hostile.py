#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that mean harm: each counted under its reason, none delivered.

    +-- mallory --+                                +---- west ----+
    | scapy  wire +-- 192.0.2.2   ESP  192.0.2.1 --+ wire  espvif |
    +-------------+   2001:db8::2    2001:db8::1   | ipsec0       |
                                                   +--------------+

mallory knows the keys of west's inbound SAs where that makes a packet worse.
Every point sends some packets and then compares, exactly, what west's listener
got, every counter of the namespace, packets and drops of every SA, what was
left to XFRM and how many packets came out into the IP layer again.
"""

import random
import struct

import forge  # first: it skips the test where there is no scapy
from scapy.layers.inet import IP, IPOption_NOP, fragment
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                HBHOptUnknown, fragment6)
from scapy.packet import Raw, raw

import lib
from forge import (DUMMY, HERE4, HERE6, IPIP, IPV6, TCP, THERE4, THERE6,
                   UDP_NUMBER)
from lib import IN, OUT, TRANSPORT, TUNNEL

SEED = 4303
# A port that the listener hears nothing of
ELSEWHERE = 7779
INNER4 = ("10.0.2.1", "10.0.1.1")
INNER6 = ("fd00:2::1", "fd00:1::1")
POINTS = []


def point(name):
    """Makes a function one of the test points."""
    def add(function):
        POINTS.append((name, function))
        return function
    return add


class Victim(forge.Arena):
    """west with SAs of every kind."""

    DEVICES = ("wire", "ipsec0")

    def __init__(self):
        super().__init__()
        self.west.ip_batch("link add ipsec0 type espvif",
                           # it sends nothing of its own, then
                           "link set ipsec0 addrgenmode none",
                           "link set ipsec0 up")
        self.west.add_addresses("lo", INNER4[1], INNER6[1])
        make = self.make
        self.host4 = make("host4", 0x1000, TRANSPORT)
        self.host6 = make("host6", 0x1001, TRANSPORT, outer=forge.outer6())
        self.cbc = make("cbc", 0x1002, TRANSPORT, "aes128-cbc/hmac-sha1")
        self.null = make("null", 0x1003, TRANSPORT, "null/hmac-sha2-256")
        self.net4 = make("net4", 0x1004, TUNNEL)
        self.net6 = make("net6", 0x1005, TUNNEL, outer=forge.outer6())
        self.device = make("device", 0x1006, TUNNEL, ifname="ipsec0")
        self.other = make("other", 0x1007, TUNNEL)
        self.udp = make("udp", 0x1008, TRANSPORT)
        self.add_policies()

    def make(self, name, spi, mode, algorithm="aes128-gcm16", outer=None, **values):
        sender = forge.Sender(name, spi, mode, algorithm, outer)
        sender.add_to(self.module, **values)
        return sender

    def add_policies(self):
        add = self.module.add_policy
        for family, (there, here) in ((4, INNER4), (6, INNER6)):
            add(f"net-{family}", IN, there, here, sa=["net4", "net6"],
                mode=TUNNEL)
            add(f"device-{family}", IN, there, here, sa="device", mode=TUNNEL,
                ifname="ipsec0")
        add("other", IN, "10.0.3.1", INNER4[1], sa="other", mode=TUNNEL)
        add("never", IN, "10.0.4.1", INNER4[1], action=lib.DISCARD)
        add("clear", IN, "10.0.5.1", INNER4[1], action=lib.NONE)
        add("ports", IN, "10.0.6.1", INNER4[1], sa="net4", mode=TUNNEL,
            protocol=UDP_NUMBER, dport_min=forge.PORT, dport_max=forge.PORT)
        add("udp", IN, THERE4, HERE4, sa="udp", mode=TRANSPORT,
            protocol=UDP_NUMBER, dport_min=ELSEWHERE, dport_max=ELSEWHERE)

    def expect_drop(self, sender, reason, *packets):
        """None of the packets gets through, all for the same reason."""
        self.expect(sender, packets, {reason: len(packets)})

    def expect_pass(self, sender, *packets, delivered=()):
        self.expect(sender, packets, passed=len(packets), delivered=delivered)


    def expect_counted(self, sender, packets):
        """None gets through; each is one drop of the SA, whatever the reason."""
        before = self.account()
        self.send(*packets)
        self.settle(before, len(packets))
        self.pass_barrier()
        after = self.account()
        drops = forge.difference(before.sas[sender.name][1],
                                 after.sas[sender.name][1])
        rose = forge.difference(before.counters, after.counters)
        lib.expect_equal("delivered", self.heard(), [])
        lib.expect_equal("drops", sum(drops.values()), len(packets))
        lib.expect_equal("counters", rose, drops | {"in-packets": 1})
        lib.expect_equal("packets that the IP layer has seen",
                         after.received - before.received, len(packets) + 2)

    def received_by_device(self):
        return self.west.received_bytes("ipsec0")


def flipped(data, position, bits=0x80):
    return data[:position] + bytes([data[position] ^ bits]) + data[position + 1:]


# ----- what is right arrives: without this, silence would prove nothing ----------

@point("valid packets of every SA are delivered")
def valid(victim):
    for sender in (victim.host4, victim.host6, victim.cbc, victim.null):
        text = f"by {sender.name}".encode()
        victim.expect_pass(sender, sender.seal_text(text), delivered=[text])
    for sender in (victim.net4, victim.net6, victim.device):
        for there, here in (INNER4, INNER6):
            text = f"{there} by {sender.name}".encode()
            victim.expect_pass(
                sender, sender.seal_packet(forge.packet(text, there, here)),
                delivered=[text])


# ----- tampering -----------------------------------------------------------------

@point("a packet sent again is in-replay-seen")
def replayed(victim):
    packet = victim.host4.seal_text(b"once")
    victim.expect(victim.host4, [packet] * 4, {"in-replay-seen": 3}, 1, [b"once"])


def tamper_with_each_byte(victim, sender, first, text):
    """Flips a bit in every byte behind the ESP header; then the real one."""
    packet = sender.seal_text(text)
    forged = [flipped(packet, position, 1 << position % 8)
              for position in range(first + 8, len(packet))]
    victim.expect_drop(sender, "in-not-authentic", *forged)
    victim.expect_pass(sender, packet, delivered=[text])


@point("a bit changed in any byte of IV, ciphertext, ICV is in-not-authentic")
def tampered(victim):
    tamper_with_each_byte(victim, victim.host4, 20, b"AES-GCM")
    tamper_with_each_byte(victim, victim.host6, 40, b"AES-GCM, IPv6")
    tamper_with_each_byte(victim, victim.cbc, 20, b"AES-CBC, HMAC-SHA-1")
    tamper_with_each_byte(victim, victim.null, 20, b"null, HMAC-SHA-256")


@point("a changed sequence number is in-not-authentic and moves no window")
def tampered_sequence(victim):
    sender = victim.host4
    sender.sequence += 100
    packet = sender.seal_text(b"true number")
    # further bits lead to numbers that were seen or are too old
    forged = [flipped(packet, 24, 1 << bit) for bit in range(8)]
    forged += [flipped(packet, 25, 1 << bit) for bit in range(8)]
    victim.expect_drop(sender, "in-not-authentic", *forged)
    victim.expect_pass(sender, packet, delivered=[b"true number"])


@point("a changed SPI is not ours, or is in-not-authentic with another SA")
def tampered_spi(victim):
    packet = victim.host4.seal_text(b"the true SPI")
    foreign = [flipped(packet, 20 + byte, 1 << bit) for byte in range(3)
               for bit in range(8) if (byte, bit) != (2, 4)]
    victim.expect(None, foreign, foreign=len(foreign))
    of_other = packet[:23] + b"\x02" + packet[24:]
    victim.expect_drop(victim.cbc, "in-malformed", of_other)
    of_other = packet[:23] + b"\x07" + packet[24:]
    victim.other.sequence = victim.host4.sequence
    victim.expect_drop(victim.other, "in-not-authentic", of_other)
    victim.expect_pass(victim.host4, packet, delivered=[b"the true SPI"])


@point("SPIs 0 to 255 and unknown ones are left to XFRM")
def foreign_spis(victim):
    esp = victim.host4.esp(forge.udp(b"never"), UDP_NUMBER)
    packets = [victim.host4.wrap(struct.pack("!I", spi) + esp[4:])
               for spi in (*range(256), 0x1100, 0xffffffff)]
    victim.expect(None, packets, foreign=len(packets))
    packet = victim.host6.wrap(struct.pack("!I", 0x1000) + esp[4:])
    victim.expect(None, [packet], foreign=1)


@point("truncated at every length: in-malformed or in-not-authentic")
def truncated(victim):
    for sender, text, fixed, align in (
            (victim.host4, b"x" * 40, 8 + 8 + 16, 4),
            (victim.cbc, b"x" * 40, 8 + 16 + 12, 16)):
        esp = sender.esp(forge.udp(text), UDP_NUMBER)
        cut = {length: sender.wrap(esp[:length]) for length in range(len(esp))}
        fit = [packet for length, packet in cut.items()
               if length >= fixed + 2 and (length - fixed) % align == 0]
        # shorter than an ESP header: without SPI and number it is nobody's
        short = [cut[length] for length in range(8)]
        rest = [packet for packet in cut.values()
                if packet not in fit and packet not in short]
        victim.expect_drop(sender, "in-not-authentic", *fit)
        victim.expect_drop(sender, "in-malformed", *rest)
        victim.expect(None, short)
        victim.expect_pass(sender, sender.wrap(esp), delivered=[text])


@point("longer than sealed: in-malformed or in-not-authentic")
def lengthened(victim):
    esp = victim.host4.esp(forge.udp(b"never"), UDP_NUMBER)
    longer = [victim.host4.wrap(esp + bytes(length)) for length in range(1, 13)]
    victim.expect_drop(victim.host4, "in-not-authentic", *longer[3::4])
    victim.expect_drop(victim.host4, "in-malformed", *(
        packet for packet in longer if packet not in longer[3::4]))


# ----- sealed with the right key, and wrong inside -----------------------------------

@point("sequence number 0 is in-replay-zero")
def number_zero(victim):
    victim.expect_drop(victim.host4, "in-replay-zero",
                       victim.host4.seal_text(b"never", sequence=0))


@point("padding longer than the packet is in-padding")
def too_much_padding(victim):
    for sender in (victim.host4, victim.cbc, victim.null, victim.net4):
        payload = forge.udp(b"never")
        victim.expect_drop(sender, "in-padding", *(
            sender.seal(payload, pad_length=pad_length)
            for pad_length in (128, 200, 255)))
        # 2 bytes are all there is
        victim.expect_drop(sender, "in-padding", *(
            sender.seal(b"", padding=bytes(14), pad_length=pad_length)
            for pad_length in (15, 16, 255)))


@point("padding of 255 bytes, or not counting 1, 2, 3, is accepted")
def odd_padding(victim):
    text = b"in front of padding"
    length = len(forge.udp(text)) + 2
    packets = [victim.host4.seal_text(text, padding=padding) for padding in (
        bytes(range(1, 1 + -length % 4 + 64)), bytes(-length % 4),
        b"\xff" * (255 - (length + 255) % 4))]
    victim.expect_pass(victim.host4, *packets, delivered=[text] * 3)


@point("next header 59 is in-dummy, and takes its number")
def dummy(victim):
    for sender in (victim.host4, victim.net4, victim.device):
        packet = sender.seal(b"anything", DUMMY)
        victim.expect_drop(sender, "in-dummy", packet, sender.seal(b"", DUMMY))
        victim.expect_drop(sender, "in-replay-seen", packet)


@point("no IP packet in a tunnel is in-wrong-mode")
def wrong_mode(victim):
    payload = forge.packet(b"never", *INNER4)
    for sender in (victim.net4, victim.net6, victim.device):
        victim.expect_drop(sender, "in-wrong-mode", *(
            sender.seal(payload, number)
            for number in (0, 1, TCP, UDP_NUMBER, 50, 51, 58, 255)))


@point("inner versions that are not what the next header says are in-inner-malformed")
def inner_version(victim):
    inner4 = forge.packet(b"never", *INNER4)
    inner6 = forge.packet(b"never", *INNER6)
    for sender in (victim.net4, victim.net6, victim.device):
        packets = [sender.seal(bytes([version << 4 | 5]) + inner4[1:], IPIP)
                   for version in range(16) if version != 4]
        packets += [sender.seal(bytes([version << 4]) + inner6[1:], IPV6)
                    for version in range(16) if version != 6]
        packets += [sender.seal(inner4, IPV6), sender.seal(inner6, IPIP)]
        victim.expect_drop(sender, "in-inner-malformed", *packets)


def with_length4(inner, length):
    return inner[:2] + struct.pack("!H", length) + inner[4:]


def with_length6(inner, length):
    return inner[:4] + struct.pack("!H", length) + inner[6:]


@point("inner lengths that cannot be are in-inner-malformed")
def inner_length(victim):
    inner4 = forge.packet(b"never", *INNER4)
    inner6 = forge.packet(b"never", *INNER6)
    for sender in (victim.net4, victim.device):
        packets = [sender.seal(with_length4(inner4, length), IPIP) for length in
                   (0, 1, 19, len(inner4) + 1, 1500, 0xffff)]
        packets += [sender.seal(bytes([0x40 | words]) + inner4[1:], IPIP)
                    for words in (*range(5), 15)]
        packets += [sender.seal(with_length6(inner6, length), IPV6) for length in
                    (len(inner6) - 39, 1500, 0xffff)]
        # cut in the middle of their headers
        packets += [sender.seal(inner4[:length], IPIP) for length in (0, 1, 19)]
        packets += [sender.seal(inner6[:length], IPV6) for length in (0, 1, 39)]
        victim.expect_drop(sender, "in-inner-malformed", *packets)


@point("what follows the inner packet is accepted and cut off")
def traffic_flow_padding(victim):
    for there, here in (INNER4, INNER6):
        for length in (1, 100, 1300):
            text = f"{length} bytes follow".encode()
            inner = forge.packet(text, there, here)
            before = victim.received_by_device()
            victim.expect_pass(victim.device,
                               victim.device.seal_packet(inner + bytes(length)),
                               delivered=[text])
            lib.expect_equal("bytes that ipsec0 got",
                             victim.received_by_device() - before, len(inner))
            victim.expect_pass(victim.net4,
                               victim.net4.seal_packet(inner + b"\xff" * length),
                               delivered=[text])


@point("an inner header that only the IP layer can refuse reaches nobody")
def inner_checksum(victim):
    inner = forge.packet(b"never", *INNER4)
    wrong = inner[:10] + bytes([inner[10] ^ 1]) + inner[11:]
    victim.expect_pass(victim.net4, victim.net4.seal_packet(wrong))
    victim.expect_pass(victim.device, victim.device.seal_packet(wrong))


@point("congestion that the inner packet cannot be told of is in-ecn")
def congestion(victim):
    for sender in (victim.net4, victim.net6):
        for there, here in (INNER4, INNER6):
            packet = sender.seal_packet(forge.packet(b"never", there, here))
            victim.expect_drop(sender, "in-ecn", with_congestion(packet))


def with_congestion(packet):
    """The outer header marked by a router on the way."""
    if packet[0] >> 4 == 6:
        return packet[:1] + bytes([packet[1] | 0x30]) + packet[2:]
    header = IP(packet)
    header.tos |= 3
    del header.chksum
    return raw(header)


# ----- policies: what an SA may carry ---------------------------------------------

@point("an inner packet that no policy is about is in-no-policy")
def outside_selectors(victim):
    for sender in (victim.net4, victim.net6, victim.device):
        victim.expect_drop(sender, "in-no-policy", *(
            sender.seal_packet(forge.packet(b"never", there, here))
            for there, here in (("10.9.9.9", INNER4[1]), (INNER4[0], HERE4),
                                (INNER4[1], INNER4[0]), (THERE4, HERE4),
                                ("fd00:9::9", INNER6[1]), (INNER6[0], HERE6))))
    victim.expect_drop(victim.net4, "in-no-policy", victim.net4.seal_packet(
        forge.packet(b"never", "10.0.6.1", INNER4[1], port=ELSEWHERE)))
    victim.expect_drop(victim.udp, "in-no-policy",
                       victim.udp.seal_text(b"never"),
                       victim.udp.seal(b"never", TCP))
    victim.expect_pass(victim.net4, victim.net4.seal_packet(
        forge.packet(b"right port", "10.0.6.1", INNER4[1])),
                       delivered=[b"right port"])


@point("an inner packet of another SA's policy is in-policy-other-sa")
def other_sa(victim):
    for sender in (victim.net4, victim.net6):
        victim.expect_drop(sender, "in-policy-other-sa", sender.seal_packet(
            forge.packet(b"never", "10.0.3.1", INNER4[1])))
    victim.expect_drop(victim.other, "in-policy-other-sa", *(
        victim.other.seal_packet(forge.packet(b"never", there, here))
        for there, here in (INNER4, INNER6)))
    # a policy that wants it in the clear has no SA at all
    victim.expect_drop(victim.net4, "in-policy-other-sa",
                       victim.net4.seal_packet(
                           forge.packet(b"never", "10.0.5.1", INNER4[1])))
    victim.expect_drop(victim.host4, "in-policy-other-sa", victim.host4.seal(
        forge.udp(b"never", port=ELSEWHERE)))
    victim.expect_pass(victim.other, victim.other.seal_packet(
        forge.packet(b"its own", "10.0.3.1", INNER4[1])), delivered=[b"its own"])


@point("an inner packet that a policy discards is in-policy-discard")
def discarded(victim):
    for sender in (victim.net4, victim.other):
        victim.expect_drop(sender, "in-policy-discard", sender.seal_packet(
            forge.packet(b"never", "10.0.4.1", INNER4[1])))


# ----- outer packets of every shape --------------------------------------------------

@point("ESP in fragments is put together and accepted")
def fragmented(victim):
    text = bytes(range(256)) * 8
    whole = victim.host4.seal_text(text)
    parts = [raw(part) for part in fragment(IP(whole), 500)]
    lib.expect(len(parts) > 3, "fragments")
    victim.expect(victim.host4, parts, passed=1, delivered=[text])
    # in any order
    whole = victim.host4.seal_text(text)
    parts = [raw(part) for part in fragment(IP(whole), 500)][::-1]
    victim.expect(victim.host4, parts, passed=1, delivered=[text])

    whole = victim.host6.seal_text(text)
    parts = [raw(part) for part in fragment6(
        IPv6(src=THERE6, dst=HERE6) / IPv6ExtHdrFragment(nh=50, id=7) /
        Raw(whole[40:]), 600)]
    lib.expect(len(parts) > 3, "fragments")
    victim.expect(victim.host6, parts, passed=1, delivered=[text])


@point("fragments put together wrongly are in-not-authentic")
def mixed_fragments(victim):
    wholes = [victim.host4.seal_text(b"x" * 2000) for _ in range(2)]
    parts = [[raw(part) for part in fragment(IP(whole), 504)]
             for whole in wholes]
    victim.expect(victim.host4, [parts[0][0], *parts[1][1:]],
                  {"in-not-authentic": 1})


@point("fragments that overlap put nothing together that was not sent so")
def overlapping_fragments(victim):
    text = b"x" * 2000

    def cut(number):
        whole = IP(victim.host4.seal_text(text))
        whole.id = number
        return fragment(whole, 504)

    def forged(part, offset, length):
        evil = IP(src=part.src, dst=part.dst, id=part.id, proto=50, flags="MF",
                  frag=offset // 8)
        return evil / Raw(b"y" * length)

    # inside what is there: not listened to
    for number, place in enumerate(((504, 504), (496, 512)), 200):
        parts = cut(number)
        lib.expect(len(parts) > 3, "fragments")
        packets = (*parts[:2], forged(parts[0], *place), *parts[2:])
        victim.expect(victim.host4, list(map(raw, packets)), passed=1,
                      delivered=[text])
    # over the edge of it: the end of the whole
    for number, place in enumerate(((1000, 16), (0, 1600)), 300):
        parts = cut(number)
        packets = (*parts[:2], forged(parts[0], *place), *parts[2:])
        victim.expect(victim.host4, list(map(raw, packets)))
    # instead of the true one
    parts = cut(400)
    packets = (parts[0], forged(parts[0], 504, 504), *parts[1:])
    victim.expect(victim.host4, list(map(raw, packets)), {"in-not-authentic": 1})

    whole = victim.host6.seal_text(text)
    parts = fragment6(IPv6(src=THERE6, dst=HERE6) /
                      IPv6ExtHdrFragment(nh=50, id=8) / Raw(whole[40:]), 600)
    evil = parts[1].copy()
    evil[IPv6ExtHdrFragment].offset -= 1
    victim.expect(victim.host6, [raw(part) for part in
                                 (parts[0], evil, *parts[1:])])


@point("a fragment that is left alone is nothing")
def lonely_fragments(victim):
    whole = IP(victim.host4.seal_text(b"x" * 2000))
    whole.id = 99
    parts = fragment(whole, 504)
    victim.expect(victim.host4, [raw(parts[1]), raw(parts[2])])


@point("jumbo frames are accepted")
def jumbo(victim):
    text = bytes(range(256)) * 34
    for sender in (victim.host4, victim.cbc, victim.host6):
        victim.expect_pass(sender, sender.seal_text(text), delivered=[text])
    inner = forge.packet(text, *INNER4)
    victim.expect_pass(victim.device, victim.device.seal_packet(inner),
                       delivered=[text])


@point("IP options and extension headers in front of ESP stay there")
def with_options(victim):
    for sender, outer in (
            (victim.host4, forge.outer4(options=[IPOption_NOP()] * 8)),
            (victim.host6, IPv6(src=THERE6, dst=HERE6) / IPv6ExtHdrDestOpt(
                nh=50, options=[HBHOptUnknown(otype=0x1e, optdata=bytes(12))]))):
        esp = sender.esp(forge.udp(b"options", 6 if sender is victim.host6
                                   else 4), UDP_NUMBER)
        victim.expect_pass(sender, raw(outer / Raw(esp)), delivered=[b"options"])


@point("whoever captures beside us keeps the packet as it came")
def shared_buffer(victim):
    packets = [victim.host4.seal_text(b"shared"), victim.cbc.seal_text(b"shared"),
               victim.net4.seal_packet(forge.packet(b"shared", *INNER4))]
    with victim.spy() as spy:
        for sender, packet in zip((victim.host4, victim.cbc, victim.net4),
                                  packets):
            victim.expect_pass(sender, packet, delivered=[b"shared"])
        seen = spy.everything()
    for packet in packets:
        lib.expect_equal("captured as it was sent", seen.count(packet), 1)


@point("an outer length that the frame does not hold reaches nobody")
def outer_length(victim):
    header = IP(victim.host4.seal_text(b"never"))
    header.len += 8
    del header.chksum
    victim.expect(victim.host4, [raw(header)])


# ----- our own packets ---------------------------------------------------------------

@point("our own packets sent back to us are not ours to read")
def looped_back(victim):
    out = forge.Sender("out", 0x2000, TRANSPORT, outer=IP(
        src=HERE4, dst=THERE4, proto=50))
    here = forge.Sender("here", 0x2001, TRANSPORT, outer=IP(
        src=THERE4, dst=HERE4, proto=50))
    for sender in (out, here):
        victim.module.add_sa(sender.name, sender.outer.src, sender.outer.dst,
                             sender.spi, TRANSPORT, sender.algorithm,
                             direction=OUT)
    mirrored = IP(src=THERE4, dst=HERE4, proto=50) / Raw(
        out.esp(forge.udp(b"never"), UDP_NUMBER))
    # as it went out, with its addresses exchanged, and with an SA out to us
    victim.expect(None, [out.seal_text(b"never")])
    victim.expect(None, [raw(mirrored)], foreign=1)
    victim.expect(None, [here.seal_text(b"never")], foreign=1)
    for sender in (out, here):
        victim.module.delete_sa(sender.name)


# ----- whatever ------------------------------------------------------------------------

@point("300 packets of sealed noise: every one counted, none delivered")
def noise(victim):
    chance = random.Random(SEED)
    for sender in (victim.net4, victim.net6, victim.device):
        packets = [sender.seal(chance.randbytes(chance.randrange(200)),
                               chance.choice((IPIP, IPV6, chance.randrange(256))))
                   for _ in range(100)]
        victim.expect_counted(sender, packets)


@point("300 packets with random damage: every one counted, none delivered")
def damage(victim):
    chance = random.Random(SEED)
    for sender in (victim.host4, victim.cbc, victim.null):
        packets = []
        for _ in range(100):
            esp = bytearray(sender.esp(forge.udp(b"never"), UDP_NUMBER))
            for _ in range(chance.randrange(1, 5)):
                esp[chance.randrange(8, len(esp))] ^= chance.randrange(1, 256)
            esp = esp[:chance.randrange(8, len(esp))] if chance.random() < .3 \
                else esp
            packets.append(sender.wrap(bytes(esp)))
        victim.expect_counted(sender, packets)


def main():
    report = lib.Report(len(POINTS))
    lib.run("modprobe", "-a", "esp4", "esp6")
    victim = Victim()
    for name, function in POINTS:
        with report.point(name):
            function(victim)
    report.finish()


if __name__ == "__main__":
    main()
