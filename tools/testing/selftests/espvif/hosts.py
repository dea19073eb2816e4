# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts that speak to each other, for the tests about policies, devices and
sizes: namespaces with our module in them, sockets of theirs, packets forged
on their wires and packets seen there.
"""

import atexit
import contextlib
import errno
import hashlib
import ipaddress
import os
import re
import signal
import socket
import struct
import subprocess
import threading

import lib
from lib import IN, OUT, TUNNEL, expect, expect_equal

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x3, 0x800, 0x86dd
PACKET_OUTGOING = 4
SO_RCVBUFFORCE = 33
IP_XFRM_POLICY, IPV6_XFRM_POLICY = 17, 35
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
UDP_SEGMENT, UDP_GRO = 103, 104
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_DO, IPV6_DONTFRAG = 10, 0, 2, 62
IPV6_MTU_DISCOVER, IP_MTU, IPV6_MTU = 23, 14, 24
TIMEOUT = 20 * lib.PATIENCE
# What makes an SA one of ESP in UDP, on the usual port
IN_UDP = {"encap": 2, "encap_sport": 4500, "encap_dport": 4500}


class Host(lib.Namespace):
    """A namespace with our module, and what a test does in it."""

    def __init__(self, name):
        super().__init__(name)
        self.module = lib.Module(self)

    def address(self, device, *addresses):
        self.ip_batch(*(f"address add {address} dev {device}" +
                        (" nodad" if ":" in address else "")
                        for address in addresses))

    def routes(self, *routes):
        self.ip_batch(*(f"route add {route}" for route in routes))

    def forwards(self):
        self.sysctl("ipv4/ip_forward", 1)
        self.sysctl("ipv6/conf/all/forwarding", 1)

    def rules(self, text):
        """An nftables ruleset, in place of any other."""
        with self:
            done = subprocess.run(["nft", "-f", "-"], text=True, check=False,
                                  input=f"flush ruleset\n{text}\n",
                                  capture_output=True)
        expect(not done.returncode, f"nft: {done.stderr}")

    def try_run(self, *command):
        """The status of a program; what it says is thrown away."""
        with self:
            return subprocess.run(command, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL,
                                  check=False).returncode

    def ping(self, address, *options, count=1):
        """Whether all echoes come back."""
        return not self.try_run("ping", "-n", "-q", "-i", "0.2", "-c",
                                str(count), "-w", "20", *options, address)

    def has_link(self, device):
        with self:
            return device in (name for _, name in socket.if_nameindex())

    def link(self, device):
        """(index, link address, MTU) of a device."""
        text = self.run("ip", "-o", "link", "show", "dev", device)
        address = re.search(r"link/ether (\S+)", text)
        return (int(text.split(":")[0]),
                bytes.fromhex(address[1].replace(":", "")) if address else b"",
                int(re.search(r"mtu (\d+)", text)[1]))

    def socket(self, family, kind, *rest):
        with self:
            made = socket.socket(family, kind, *rest)
        made.settimeout(TIMEOUT)
        return made

    def udp(self, address, port=0):
        """A datagram socket at an address of ours."""
        made = self.socket(family_of(address), socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        made.bind(socket_address(address, port))
        return made

    def takes_esp(self, address):
        """A socket that takes ESP in UDP off to the kernel, as IKE daemons' do."""
        made = self.udp(address, IN_UDP["encap_dport"])
        made.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
        return made

    def listen(self, address, port=0):
        made = self.socket(family_of(address), socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(socket_address(address, port))
        made.listen()
        return made

    def connect(self, address, port, source=None):
        made = self.socket(family_of(address), socket.SOCK_STREAM)
        if source:
            made.bind(socket_address(source, 0))
        made.connect(socket_address(address, port))
        return made


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def socket_address(address, port):
    """Also with a zone, as in fe80::1%2."""
    host, _, zone = address.partition("%")
    return (host, port, 0, int(zone or 0)) if ":" in host else (host, port)


def port_of(sock):
    return sock.getsockname()[1]


# ----- protecting ------------------------------------------------------------

def add_sas(one, other, name, ends, spi, mode, algorithm="aes128-gcm16",
            out=None, **values):
    """SAs of both directions at both hosts, called NAME-out and NAME-in.

    ends are the addresses of one and other, a host may be None; the second SPI
    is spi + 1; out is what only outbound SAs have.
    """
    for number, (source, destination) in enumerate((ends, ends[::-1])):
        key = key_of_sa(name, spi + number, algorithm)
        for host, direction in ((one, (OUT, IN)[number]),
                                (other, (IN, OUT)[number])):
            if not host:
                continue
            window = values.get("replay_window", lib.window(IN))
            host.module.add_sa(
                f"{name}-{'out' if direction == OUT else 'in'}", source,
                destination, spi + number, mode, key, direction=direction,
                **values | ({"replay_window": window} if direction == IN
                            else {"replay_window": None} | (out or {})))


def add_policies(one, other, name, prefixes, mode, sa=None, **values):
    """Policies of both directions at both hosts, called as the SAs that they
    use. Values that begin with s and d (ports) are turned round for the way
    back.
    """
    sa = sa or name
    for host, near, far, forth in ((one, *prefixes, True),
                                   (other, *prefixes[::-1], False)):
        if not host:
            continue
        for direction, way, suffix in ((OUT, (near, far), "out"),
                                       (IN, (far, near), "in")):
            as_given = forth == (direction == OUT)
            host.module.add_policy(
                f"{name}-{suffix}", direction, *way, mode=mode,
                sa=f"{sa}-{suffix}",
                **(values if as_given else turned(values)))


def turned(values):
    other = {"sport_min": "dport_min", "sport_max": "dport_max",
             "dport_min": "sport_min", "dport_max": "sport_max"}
    return {other.get(name, name): value for name, value in values.items()}


def protect(one, other, name, ends, spi, mode, prefixes=None, **values):
    """SAs and host policies between two hosts."""
    add_sas(one, other, name, ends, spi, mode)
    add_policies(one, other, name, prefixes or ends, mode, **values)


def key_of_sa(name, spi, algorithm="aes128-gcm16"):
    """What add_sas() gives the SA with that SPI."""
    return lib.Algorithm(algorithm, f"{name}{spi}")


# pylint: disable=too-many-arguments
def protect_by_xfrm(host, ends, spi, algorithms, nets, mode=TUNNEL,
                    selectors=("", ""), out=""):
    """The other host's half of add_sas() and add_policies(), by its kernel.

    algorithms and selectors are those of the way there and of the way back;
    out are further words for the state that it sends by.
    """
    words = "tunnel" if mode == TUNNEL else "transport"
    for number, (source, destination) in enumerate((ends, ends[::-1])):
        state = f"src {source} dst {destination} proto esp"
        way = nets[::-1] if number else nets
        host.ip_batch(
            f"xfrm state add {state} spi {spi + number} mode {words} "
            f"replay-window 1024 flag af-unspec "
            f"{algorithms[number].xfrm_words()} {out if number else ''}",
            f"xfrm policy add src {way[0]} dst {way[1]} {selectors[number]} "
            f"dir {'out' if number else 'in'} tmpl {state} mode {words}")


class Counting:
    """The counters of a host and how they change."""

    def __init__(self, host, spread=False):
        self.host = host
        self.spread = spread
        self.before = host.module.counters(spread)

    def changed(self):
        now = self.host.module.counters(self.spread)
        return {name: value - self.before.get(name, 0)
                for name, value in now.items()
                if value != self.before.get(name, 0)}

    def wait(self, **expected):
        """Until those counters have grown so; names with _ for -."""
        expected = {name.replace("_", "-"): value
                    for name, value in expected.items()}

        def arrived():
            changed = self.changed()
            return all(changed.get(name, 0) >= value
                       for name, value in expected.items())
        try:
            lib.wait_for(arrived, "counters")
        except lib.Failed:
            pass
        changed = self.changed()
        expect_equal("counters", {name: changed.get(name, 0)
                                  for name in expected}, expected)


# ----- speaking --------------------------------------------------------------

def deliver(sender, receiver, length=64, to=None):
    """One datagram from socket to socket, to an address of the receiver's."""
    data = os.urandom(length)
    sender.sendto(data, to or receiver.getsockname())
    try:
        got = receiver.recv(1 << 16)
    except TimeoutError:
        raise lib.Failed("the datagram didn't arrive") from None
    expect(got == data, f"{len(got)} bytes arrived that are not those sent")


def nothing_came(receiver):
    """A socket that must have got nothing."""
    receiver.setblocking(False)
    try:
        data, address = receiver.recvfrom(1 << 16)
    except BlockingIOError:
        return
    finally:
        receiver.settimeout(TIMEOUT)
    raise lib.Failed(f"{len(data)} bytes came from {address}")


def lengths_of_datagrams(here, there):
    """How what is sent at once in datagrams of 1,000 bytes (UDP_SEGMENT) arrives."""
    total, got = 30_000, []
    here.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 1000)
    here.sendto(bytes(total), there.getsockname())
    while sum(got) < total:
        got.append(len(there.recv(total)))
    return got


def transfer(client, server, address, length=1 << 20, both_ways=False,
             source=None):
    """A TCP connection that carries random bytes; their sums have to agree."""
    with server.listen(address) as listener:
        sender = client.connect(address, port_of(listener), source)
        receiver, _ = listener.accept()
    receiver.settimeout(TIMEOUT)
    with sender, receiver:
        ways = [(sender, receiver)] + [(receiver, sender)] * both_ways
        threads = [Transfer(*way, length) for way in ways]
        for thread in threads:
            thread.check()
        # ended on both sides: nothing of it comes later
        for one, other in ((sender, receiver), (receiver, sender)):
            one.shutdown(socket.SHUT_WR)
            expect_equal("behind the end", other.recv(1), b"")


class Flood:
    """Echoes as fast as they come back, in a `with` block.

    Between blocks the programs that send them are stopped, not ended: on a slow
    kernel beginning costs more than all else. They leave time for the test.
    """

    def __init__(self, *ways):
        """ways: (host, address, bytes)"""
        self.pings = {way: None for way in ways}
        atexit.register(self.end)

    def __enter__(self):
        for way, ping in self.pings.items():
            if ping and ping.poll() is None:
                ping.send_signal(signal.SIGCONT)
            else:
                self.pings[way] = self.begin(*way)
        return self

    def __exit__(self, *_):
        for ping in self.pings.values():
            ping.send_signal(signal.SIGSTOP)
        for ping in self.pings.values():
            # One that has ended by itself is reaped by the signal's sending already.
            if ping.returncode is None:
                os.waitid(os.P_PID, ping.pid,
                          os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    @staticmethod
    def begin(host, address, length):
        with host:
            ping = subprocess.Popen(
                ["ping", "-f", "-q", "-s", str(length), address],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.setpriority(os.PRIO_PROCESS, ping.pid, 5)
        return ping

    def end(self):
        """Nothing of them holds a namespace any more."""
        for way, ping in self.pings.items():
            if ping:
                ping.kill()
                ping.wait()
            self.pings[way] = None


class Transfer:
    """Bytes on their way through a connection, in threads of their own."""

    def __init__(self, source, sink, length):
        self.data = os.urandom(1 << 16) * (length >> 16) + \
            os.urandom(length & 0xffff)
        self.sum = hashlib.sha256()
        self.trouble = []
        self.threads = [
            threading.Thread(target=self.run, args=(self.send, source)),
            threading.Thread(target=self.run, args=(self.receive, sink))]
        for thread in self.threads:
            thread.start()

    def run(self, way, sock):
        try:
            way(sock)
        except OSError as error:
            self.trouble.append(f"{way.__name__}: {error}")

    def send(self, sock):
        sock.sendall(self.data)

    def receive(self, sock):
        left = len(self.data)
        while left:
            got = sock.recv(min(left, 1 << 18))
            if not got:
                raise OSError(f"{left} bytes are missing")
            self.sum.update(got)
            left -= len(got)

    def check(self):
        for thread in self.threads:
            thread.join()
        expect(not self.trouble, ", ".join(self.trouble))
        expect(self.sum.digest() == hashlib.sha256(self.data).digest(),
               "the bytes that arrived are not those sent")


def bypass(sock):
    """Tells the kernel that IPsec policies are not for a socket.

    That is struct xfrm_userpolicy_info with the action allow and nothing
    else, for each direction; XFRM's netlink module reads it.
    """
    six = sock.family == socket.AF_INET6
    for direction in (0, 1):
        info = struct.pack("=16x16x8xHBBB3xii", sock.family, 0, 0, 0, 0, 0)
        info += struct.pack("=4Q32x", *[(1 << 64) - 1] * 4)
        info += struct.pack("=32xIIBBBB4x", 0, 0, direction, 0, 0, 0)
        sock.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP,
                        IPV6_XFRM_POLICY if six else IP_XFRM_POLICY, info)


# ----- sizes ----------------------------------------------------------------

# Bytes of IV, ICV, and what the rest is aligned to
SHAPES = {"aes128-gcm16": (8, 16, 4), "aes256-cbc/hmac-sha2-512": (16, 32, 16),
          "3des-cbc/hmac-sha1": (8, 12, 8), "aes128-ctr/aes-xcbc": (8, 12, 4),
          "null/hmac-sha2-256": (0, 16, 4), "aes128-ccm8": (8, 8, 4)}


def fitting(outer, algorithm="aes128-gcm16", path=1500):
    """The longest inner packet whose ESP in IPv4 or IPv6 (4 or 6) fits."""
    iv, icv, align = SHAPES[algorithm]
    room = path - (40 if outer == 6 else 20) - 8 - iv - icv
    return room // align * align - 2


def forbid_fragments(sock):
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_DONTFRAG, 1)


def expect_too_long(sender, receiver, length):
    try:
        sender.sendto(bytes(length), receiver.getsockname())
    except OSError as error:
        expect_equal("error", error.errno, errno.EMSGSIZE)
        return
    raise lib.Failed(f"{length} bytes were sent")


# ----- packets on the wire ---------------------------------------------------

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return 0xffff - ((total & 0xffff) + (total >> 16))


def packed(address):
    return ipaddress.ip_address(address).packed


def udp_packet(source, destination, sport, dport, data):
    length = 8 + len(data)
    head = struct.pack("!HHH", sport, dport, length)
    pseudo = packed(source) + packed(destination) + \
        struct.pack("!HH", length, 17)
    total = checksum(pseudo + head + b"\0\0" + data)
    return head + struct.pack("!H", total or 0xffff) + data


def ip_packet(source, destination, protocol, payload, fragment=None):
    """fragment: (identification, offset in bytes, more to come)"""
    if ":" in source:
        head = b""
        if fragment:
            head = struct.pack("!BBHI", protocol, 0,
                               fragment[1] | fragment[2], fragment[0])
            protocol = 44
        return struct.pack("!IHBB", 6 << 28, len(head) + len(payload),
                           protocol, 64) + \
            packed(source) + packed(destination) + head + payload

    number, offset, more = fragment or (0, 0, False)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number,
                       more << 13 | offset >> 3, 64, protocol, 0) + \
        packed(source) + packed(destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def fragments(source, destination, protocol, payload, number, size=1000):
    """The packets of a payload cut into pieces; size is a multiple of 8."""
    return [ip_packet(source, destination, protocol,
                      payload[offset:offset + size],
                      (number, offset, offset + size < len(payload)))
            for offset in range(0, len(payload), size)]


def captured(sock, sent):
    """IP packets that a packet socket has: those sent, or those that came."""
    found = []
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            data, (_, kind, way, *_) = sock.recvfrom(1 << 17)
            if kind in (ETH_P_IP, ETH_P_IPV6) and \
                    (way == PACKET_OUTGOING) == sent:
                found.append(data)
    sock.settimeout(TIMEOUT)
    return found


class Wire:
    """One end of a wire: what a host sends there, and what is put on it.

    What comes in at an end would show decrypted packets too. Packets are put on
    the wire behind everything that could hold them back at this host, as any
    machine on that wire could do.
    """

    def __init__(self, host, device, target=None):
        """target: (host, device) at the other end, for inject()"""
        self.socket = host.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.bind((device, ETH_P_ALL))
        self.device = device
        self.link_address = target[0].link(target[1])[1] if target else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def inject(self, *packets):
        for packet in packets:
            kind = ETH_P_IP if packet[0] >> 4 == 4 else ETH_P_IPV6
            self.socket.sendto(packet, (self.device, kind, 0, 0,
                                        self.link_address))

    def packets(self):
        """IP packets that were sent since the last call."""
        return captured(self.socket, sent=True)

    def arrived(self):
        """IP packets that came since the last call, at a host that sees ESP."""
        return [packet for packet in captured(self.socket, sent=False)
                if protocol_of(packet) == ESP]

    def protocols(self):
        """What those were: (protocol, type of ICMPv6), without doubles."""
        return {protocol_of(packet) for packet in self.packets()} - \
            HOUSEKEEPING

    def expect_esp(self):
        """All that was sent was ESP, whole or in fragments."""
        seen = self.protocols()
        expect(seen and seen <= {ESP, (FRAGMENT, ESP)},
               f"protocols {seen} on the wire")

    def wait_packet(self, wanted, limit=lib.DEADLINE):
        """The next packet for which wanted() is true."""
        found = []

        def came():
            found.extend(packet for packet in self.packets()
                         if wanted(packet))
            return found
        lib.wait_for(came, "a packet on the wire", limit)
        return found[0]


ESP, AH, UDP, TCP, ICMP, ICMP6, FRAGMENT = 50, 51, 17, 6, 1, 58, "fragment"
ROUTING = 43


def protocol_of(packet):
    """Its protocol number; (58, type) for ICMPv6, (FRAGMENT, protocol)."""
    if packet[0] >> 4 == 4:
        if struct.unpack_from("!H", packet, 6)[0] & 0x3fff:
            return FRAGMENT, packet[9]
        return packet[9]
    protocol, start = packet[6], 40
    while protocol in (0, 43, 60):
        protocol, start = packet[start], start + 8 * (packet[start + 1] + 1)
    if protocol == 44:
        return FRAGMENT, packet[start]
    return (protocol, packet[start]) if protocol == ICMP6 else protocol


# Neighbour and multicast listener discovery, router solicitations
HOUSEKEEPING = {(ICMP6, kind) for kind in (130, 131, 132, 133, 134, 135, 136,
                                           137, 143)}
