# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP packets as an attacker makes them, and whether any of them got through.

Owns the host "mallory", who has the peer's keys or none, sends any frame and
no packet of its own; and the exact account of what each frame did to west: what
was delivered, what every counter says, what reached the IP layer.
"""

import contextlib
import os
import socket

import lib

try:
    from scapy.config import conf
    from scapy.layers.inet import IP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.ipsec import SecurityAssociation, ESP, _ESPPlain
    from scapy.packet import Raw, raw
except ImportError as error:
    lib.skip_all(f"no scapy: {error}")
if not conf.crypto_valid:
    lib.skip_all("no python3-cryptography for scapy")

HERE4, THERE4 = "192.0.2.1", "192.0.2.2"
HERE6, THERE6 = "2001:db8::1", "2001:db8::2"
PORT, BARRIER_PORT = 7777, 7778
TCP, UDP_NUMBER, IPIP, IPV6, ICMP, DUMMY = 6, 17, 4, 41, 1, 59
ETHERTYPES = {4: b"\x08\x00", 6: b"\x86\xdd"}
MTU = 9000
WEST, MALLORY = "02:00:00:00:00:01", "02:00:00:00:00:02"

# What drops a packet after its SA has accepted and counted it
AFTER_ACCEPTING = {"in-dummy", "in-wrong-mode", "in-inner-malformed", "in-ecn",
                   "in-no-policy", "in-policy-discard", "in-policy-other-sa",
                   "in-device-down"}


def outer4(**fields):
    return IP(src=THERE4, dst=HERE4, id=1, proto=50, **fields)


def outer6(**fields):
    return IPv6(src=THERE6, dst=HERE6, nh=50, **fields)


def udp(text, family=4, source=None, destination=None, port=PORT):
    """The bytes of a UDP datagram, its checksum for these addresses."""
    if family == 4:
        whole = IP(src=source or THERE4, dst=destination or HERE4) / \
            UDP(sport=1234, dport=port) / Raw(text)
    else:
        whole = IPv6(src=source or THERE6, dst=destination or HERE6) / \
            UDP(sport=1234, dport=port) / Raw(text)
    return raw(whole)[20 if family == 4 else 40:]


def packet(text, source, destination, port=PORT, **fields):
    """The bytes of an IP packet with a UDP datagram in it."""
    kind = IPv6 if ":" in source else IP
    return raw(kind(src=source, dst=destination, **fields) /
               UDP(sport=1234, dport=port) / Raw(text))


class Sender:
    """The peer's end of one of west's inbound SAs, with the right keys."""

    def __init__(self, name, spi, mode, algorithm="aes128-gcm16", outer=None):
        self.name, self.spi, self.mode = name, spi, mode
        self.algorithm = lib.Algorithm(algorithm, name)
        self.outer = outer or outer4()
        self.sequence = 0
        self.sa = SecurityAssociation(
            ESP, spi, crypt_algo=self.algorithm.scapy,
            crypt_key=self.algorithm.key or None,
            auth_algo=self.algorithm.scapy_integrity,
            auth_key=self.algorithm.integrity_key)

    def add_to(self, module, **values):
        """West's end."""
        module.add_sa(self.name, self.outer.src, self.outer.dst, self.spi,
                      self.mode, self.algorithm, direction=lib.IN, **values)

    # pylint: disable=too-many-arguments
    def esp(self, payload, next_header, sequence=None, padding=None,
            pad_length=None, epoch=None):
        """
        The bytes of an ESP packet with the next sequence number, or the one
        given; epoch is the upper half of an extended one.
        """
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        plain = _ESPPlain(spi=self.spi, seq=sequence, data=Raw(payload),
                          iv=self.sa.crypt_algo.generate_iv(), nh=next_header)
        plain = self.sa.crypt_algo.pad(plain)
        if padding is not None:
            plain.padding, plain.padlen = padding, len(padding)
        if pad_length is not None:
            plain.padlen = pad_length
        sealed = self.sa.crypt_algo.encrypt(
            self.sa, plain, self.sa.crypt_key,
            esn_en=epoch is not None, esn=epoch or 0)
        return raw(self.sa.auth_algo.sign(sealed, self.sa.auth_key))

    def wrap(self, esp):
        """ESP bytes behind the outer header."""
        return raw(self.outer / Raw(esp))

    def seal(self, payload, next_header=UDP_NUMBER, **how):
        """A whole packet around a payload."""
        return self.wrap(self.esp(payload, next_header, **how))

    def seal_text(self, text, **how):
        """In transport mode: a datagram for the listener."""
        return self.seal(udp(text, 6 if ":" in self.outer.src else 4), **how)

    def seal_packet(self, inner, **how):
        """In tunnel mode: a packet whose first byte tells what it is."""
        return self.seal(inner, IPV6 if inner[0] >> 4 == 6 else IPIP, **how)


class Account:
    """What everybody who counts says at one moment.

    IPv6 speaks by itself, about neighbours and groups: its packets count only on
    devices where nobody else has a word to say.
    """

    def __init__(self, west, module, devices):
        self.counters = module.counters()
        self.sas = {name: (sa["packets"], sa.get("drop", {}))
                    for name, sa in module.sas().items()}
        self.xfrm = west.statistics("xfrm_stat")["XfrmInNoStates"]
        with west:
            with open("/proc/thread-self/net/snmp", encoding="ascii") as file:
                names, values = [line.split() for line in file
                                 if line.startswith("Ip:")]
        self.received = int(values[names.index("InReceives")]) + \
            sum(west.statistics(f"dev_snmp6/{device}")["Ip6InReceives"]
                for device in devices)


def difference(before, after):
    """What rose, by how much."""
    names = before.keys() | after.keys()
    return {name: after.get(name, 0) - before.get(name, 0) for name in names
            if after.get(name, 0) != before.get(name, 0)}


class Spy:
    """A packet socket: its packets share their buffers with the receiver's."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(0)

    def everything(self):
        """All IP packets so far."""
        packets = []
        while True:
            try:
                packets.append(self.sock.recv(1 << 16)[14:])
            except BlockingIOError:
                return packets


class Arena:
    """
    west with the module and a listener, mallory with a wire to it. One packet
    that must arrive, sent after those that must not, tells that these are over.
    """

    # What packets of mallory's come in by, before and after they are decrypted
    DEVICES = ("wire",)

    def __init__(self):
        # frames are handled one after the other, on this processor
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.west = lib.Namespace("west")
        self.mallory = lib.Namespace("mallory")
        self.mallory.sysctl("ipv6/conf/default/disable_ipv6", 1)
        lib.join(self.west, self.mallory)
        self.mallory.ip_batch(f"link set wire mtu {MTU} address {MALLORY}")
        self.west.ip_batch(
            f"link set wire mtu {MTU} address {WEST}",
            *(f"neighbour add {address} lladdr {MALLORY} dev wire"
              for address in (THERE4, THERE6)))
        self.west.add_addresses("wire", f"{HERE4}/24", f"{HERE6}/64")
        self.module = lib.Module(self.west)
        self.barrier = Sender("barrier", 0xba0001, lib.TRANSPORT)
        self.barrier.add_to(self.module)
        with self.west:
            self.listener = self.listen(PORT)
            self.barrier_listener = self.listen(BARRIER_PORT)
        with self.mallory:
            self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.wire.bind(("wire", 0))
        self.addresses = bytes.fromhex((WEST + MALLORY).replace(":", ""))

    @staticmethod
    def listen(port):
        listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        listener.bind(("::", port))
        listener.settimeout(lib.DEADLINE)
        return listener

    def send(self, *packets):
        """Puts IP packets onto the wire."""
        for one in packets:
            family = 6 if one[0] >> 4 == 6 else 4
            self.wire.send(self.addresses + ETHERTYPES[family] + one)

    def heard(self):
        """What has been delivered to the listener."""
        texts = []
        self.listener.settimeout(0)
        while True:
            try:
                texts.append(self.listener.recv(1 << 16))
            except BlockingIOError:
                return texts

    @contextlib.contextmanager
    def spy(self):
        """Captures on west's end of the wire."""
        with self.west:
            spy = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(3))
        spy.bind(("wire", 3))
        with spy:
            yield Spy(spy)

    def pass_barrier(self):
        self.send(self.barrier.seal(udp(b"barrier", port=BARRIER_PORT)))
        self.barrier_listener.recv(100)

    def account(self):
        return Account(self.west, self.module, self.DEVICES)

    # pylint: disable=too-many-arguments
    def expect(self, sender, packets, drops=None, passed=0, delivered=(),
               foreign=0):
        """
        Sends packets and settles the account: drops of sender's SA by reason,
        how many it passed to the IP layer, the texts that the listener got of
        these, how many were left to XFRM.
        """
        drops = drops or {}
        self.pass_barrier()
        before = self.account()
        self.send(*packets)
        self.settle(before, sum(drops.values()) + passed)
        self.pass_barrier()
        after = self.account()

        lib.expect_equal("delivered", self.heard(), list(delivered))
        rose = difference(before.counters, after.counters)
        lib.expect_equal("counters", rose, drops | {"in-packets": passed + 1})
        self.expect_of_sas(sender, before.sas, after.sas, drops, passed)
        lib.expect_equal("packets that XFRM knows no SA for",
                         after.xfrm - before.xfrm, foreign)
        lib.expect_equal("packets that the IP layer has seen",
                         after.received - before.received,
                         len(packets) + passed + 2)

    @staticmethod
    def expect_of_sas(sender, before, after, drops, passed):
        """The account of each SA; all but sender's and the barrier's rest."""
        accepted = passed + sum(number for reason, number in drops.items()
                                if reason in AFTER_ACCEPTING)
        for name, (packets, reasons) in after.items():
            mine = sender is not None and name == sender.name
            rose = difference(before[name][1], reasons)
            lib.expect_equal(f"drops of SA {name}", rose, drops if mine else {})
            lib.expect_equal(f"packets of SA {name}", packets - before[name][0],
                             accepted if mine else int(name == "barrier"))

    def settle(self, before, number):
        """Crypto may be done later, and by another processor."""
        def settled():
            rose = difference(before.counters, self.module.counters())
            return sum(rose.values()) >= number
        lib.wait_for(settled, f"{number} packets counted")
