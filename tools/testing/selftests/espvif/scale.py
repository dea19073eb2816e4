#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many SAs and policies in one namespace: all of them are there, packets find
theirs, and it all goes again.

    +---- host ----+                      +- far -+
    | espvif  wire +--- 192.0.2.2 ... ----+ wire  |
    +--------------+                      +-------+

Each pair of SAs belongs to a peer of its own, 172.16.0.0 and on; the policies of
the first ones are about 10.1.0.0 and on.

With SCALE=full there are 100,000 SAs and 10,000 policies, and XFRM gets as many
in the same boot; that is to be run by `make scale`, in a guest in which a
nanosecond is an instruction. Then what a packet costs must not depend on their
number, and what adding one costs hardly. That each packet goes by another SA than the one
before costs more, since routes are remembered; that is shown beside. The table goes into
Documentation/scale.rst.
"""

import ctypes
import json
import os
import pathlib
import socket
import statistics
import struct
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import lib
import netlink_raw as raw
from lib import IN, OUT, TUNNEL, expect, expect_equal

FULL = os.environ.get("SCALE") == "full"
SAS, POLICIES = (100_000, 10_000) if FULL else (4000, 1000)
PACKETS = 64
ROUNDS = 40
BATCH = 32
# Of what a packet costs with one SA: how much more it may be with all of them
GROWTH = 1.05
# The same for adding an SA, of the first tenth and the last
ADD_GROWTH = 1.5

PORT = 7777
LOCAL, NEAR = "192.0.2.2", "10.0.0.1"
PEER, REMOTE = 0xac100000, 0x0a010000
OUT_SPI, IN_SPI = 0x10000000, 0x20000000
KEY = lib.key_of(20, "scale")
ETH_P_IP = 0x800

NETLINK_XFRM = 6
F_CREATE = 0x400
XFRM_NEWSA, XFRM_NEWPOLICY, XFRM_FLUSHSA, XFRM_FLUSHPOLICY = \
    0x10, 0x13, 0x1c, 0x1d
XFRMA_TMPL, XFRMA_ALG_AEAD = 5, 18
# One for all: numbers in step with the addresses would fill few of its chains
REQID = 1
FOREVER = struct.pack("8Q", *[2 ** 64 - 1] * 4, 0, 0, 0, 0)


def number_of(address):
    return struct.unpack("!I", socket.inet_aton(address))[0]


def address_of(number):
    return socket.inet_ntoa(struct.pack("!I", number))


# ----- what is added ---------------------------------------------------------

class Espvif:
    """The module's SAs and policies, added many with one system call."""

    name = "espvif"

    def __init__(self, host):
        self.host = host
        self.module = lib.Module(host)
        self.sock = self.module.socket.sock
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)

    def message(self, command, attributes, values):
        body = lib.encode(attributes, values)
        return struct.pack("IHHIIBBH", raw.HEADERS + len(body),
                           self.module.family.id, raw.F_REQUEST, 0, 0,
                           lib.COMMANDS[command], 1, 0) + body

    def sa(self, number, direction):
        out = direction == OUT
        ends = (LOCAL, address_of(PEER + number))
        return self.message("sa-new", lib.SA, {
            "name": f"{'out' if out else 'in'}-{number:06}",
            "saddr": ends[0 if out else 1], "daddr": ends[1 if out else 0],
            "spi": (OUT_SPI if out else IN_SPI) + number, "mode": TUNNEL,
            "direction": direction, "encr": 20, "encr_key": KEY,
            "replay_window": None if out else 0})

    def policy(self, number, direction):
        out = direction == OUT
        ends = (NEAR, address_of(REMOTE + number))
        way = "out" if out else "in"
        return self.message("policy-new", lib.POLICY, {
            "name": f"{way}-{number:06}", "direction": direction,
            "src": ends[0 if out else 1], "src_prefixlen": 32,
            "dst": ends[1 if out else 0], "dst_prefixlen": 32,
            "action": lib.IPSEC, "mode": TUNNEL, "sa": f"{way}-{number:06}"})

    def add(self, messages):
        """Every request is answered with the object, or a refusal."""
        for begin in range(0, len(messages), BATCH):
            batch = messages[begin:begin + BATCH]
            self.sock.send(b"".join(batch))
            for _ in batch:
                reply = self.sock.recv(8192)
                expect(struct.unpack_from("IH", reply)[1] != raw.ERROR,
                       f"a refusal: {reply}")

    def flush(self):
        self.module.flush()


class Xfrm:
    """The same for XFRM."""

    name = "XFRM"

    def __init__(self, host):
        self.host = host
        with host:
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      NETLINK_XFRM)
        self.sock.bind((0, 0))

    @staticmethod
    def message(kind, body):
        return struct.pack("IHHII", 16 + len(body), kind,
                           raw.F_REQUEST | F_CREATE, 0, 0) + body

    @staticmethod
    def selector(source, destination, bits):
        return struct.pack("16s16sHHHHHBBB3xiI",
                           destination, source, 0, 0, 0, 0, socket.AF_INET,
                           bits, bits, 0, 0, 0)

    @staticmethod
    def ends(number, direction, base, local):
        pair = (socket.inet_aton(local), socket.inet_aton(
            address_of(base + number)))
        return pair if direction == OUT else pair[::-1]

    def sa(self, number, direction):
        source, destination = self.ends(number, direction, PEER, LOCAL)
        spi = (OUT_SPI if direction == OUT else IN_SPI) + number
        body = self.selector(b"", b"", 0) + \
            struct.pack("!16sIB3x", destination, spi, socket.IPPROTO_ESP) + \
            struct.pack("16s", source) + FOREVER + bytes(32 + 12) + \
            struct.pack("=IIHBBB7x", 0, REQID, socket.AF_INET, 1, 0, 0)
        aead = struct.pack("64sII", b"rfc4106(gcm(aes))", len(KEY) * 8, 128)
        return self.message(XFRM_NEWSA, body +
                            raw.attribute(XFRMA_ALG_AEAD, aead + KEY))

    def policy(self, number, direction):
        source, destination = self.ends(number, direction, REMOTE, NEAR)
        body = self.selector(source, destination, 32) + FOREVER + \
            bytes(32) + struct.pack("=IIBBBB4x", 1000, 0,
                                    1 if direction == OUT else 0, 0, 0, 0)
        source, destination = self.ends(number, direction, PEER, LOCAL)
        template = struct.pack("16sIB3xH2x16sIBBBxIII", destination, 0,
                               socket.IPPROTO_ESP, socket.AF_INET, source,
                               REQID, 1, 0, 0, *[2 ** 32 - 1] * 3)
        return self.message(XFRM_NEWPOLICY, body +
                            raw.attribute(XFRMA_TMPL, template))

    def add(self, messages):
        """Only the last one of many is answered, and those refused."""
        for begin in range(0, len(messages), BATCH):
            batch = messages[begin:begin + BATCH]
            last = bytearray(batch[-1])
            struct.pack_into("H", last, 6, raw.F_REQUEST | F_CREATE |
                             raw.F_ACK)
            self.sock.send(b"".join(batch[:-1]) + last)
            reply = self.sock.recv(8192)
            expect_equal("error of XFRM",
                         struct.unpack_from("i", reply, 16)[0], 0)

    def flush(self):
        for kind, body in ((XFRM_FLUSHPOLICY, b""),
                           (XFRM_FLUSHSA, struct.pack("B7x", 0))):
            message = bytearray(self.message(kind, body))
            struct.pack_into("H", message, 6, raw.F_REQUEST | raw.F_ACK)
            self.sock.send(message)
            self.sock.recv(8192)


# A number whose bytes stand nowhere else in a message
MODEL = 0x5a5a5


def variants(number):
    """What is different in messages about another number."""
    little, big = struct.Struct("<I"), struct.Struct(">I")
    return [f"-{number:06}".encode(),
            *(kind.pack(base + number) for kind in (little, big)
              for base in (OUT_SPI, IN_SPI, PEER, REMOTE))]


def pairs(of, numbers):
    """Messages made of one, because making each anew takes too long."""
    models = [of(MODEL, OUT), of(MODEL, IN)]
    marks = [[(i, mark) for i, mark in enumerate(variants(MODEL))
              if mark in model] for model in models]
    messages = []
    for number in numbers:
        changes = variants(number)
        for model, places in zip(models, marks):
            for i, mark in places:
                model = model.replace(mark, changes[i])
            messages.append(model)
    return messages


def fill(side, sas, policies):
    """Adds pairs up to those numbers; nanoseconds per SA, by tenths."""
    costs = []
    step = max(sas // 20, 1)
    for begin in range(0, sas // 2, step):
        messages = pairs(side.sa, range(begin, min(begin + step, sas // 2)))
        start = time.monotonic_ns()
        side.add(messages)
        costs.append((time.monotonic_ns() - start) // len(messages))
    for begin in range(0, policies // 2, step):
        side.add(pairs(side.policy, range(begin, min(begin + step,
                                                     policies // 2))))
    return costs


# ----- packets -----------------------------------------------------------------

class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("namelen", ctypes.c_uint),
                ("iov", ctypes.POINTER(Iovec)), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("pad", ctypes.c_int),
                ("sent", ctypes.c_uint)]


class Volley:
    """Packets that go with one system call, so that the kernel's share of the
    time is nearly all of it.
    """

    def __init__(self, sock, packets, addresses=None):
        self.sock, self.count = sock, len(packets)
        self.headers = (Header * self.count)()
        self.iovecs = (Iovec * self.count)()
        self.keep = (packets, addresses)
        for i, packet in enumerate(packets):
            self.iovecs[i] = Iovec(packet, len(packet))
            self.headers[i].iov = ctypes.pointer(self.iovecs[i])
            self.headers[i].iovlen = 1
            if addresses:
                self.headers[i].name = addresses[i]
                self.headers[i].namelen = len(addresses[i])

    def send(self):
        """Nanoseconds for each."""
        start = time.monotonic_ns()
        sent = lib.LIBC.sendmmsg(self.sock.fileno(), self.headers,
                                 self.count, 0)
        end = time.monotonic_ns()
        if sent < self.count:
            sent = max(sent, 0)
            lib.LIBC.sendmmsg(self.sock.fileno(),
                              ctypes.byref(self.headers[sent]), 1, 0)
            error = os.strerror(ctypes.get_errno())
            expect(False, f"packet {sent} of {self.count}: {error}")
        return (end - start) / self.count


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(source, destination, protocol, payload):
    header = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), 0, 0, 64,
                         protocol, 0, source, destination)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + \
        payload


def esp_packet(number):
    """From a peer, with a datagram for us inside."""
    text = bytes(64)
    datagram = struct.pack("!HHHH", PORT, PORT, 8 + len(text), 0) + text
    inner = ip_packet(REMOTE + number, number_of(NEAR), socket.IPPROTO_UDP,
                      datagram)
    fill_bytes = -(len(inner) + 2) % 4
    inner += bytes(range(1, fill_bytes + 1)) + bytes((fill_bytes, 4))
    head = struct.pack("!II", IN_SPI + number, 1)
    nonce = struct.pack("!Q", 1)
    sealed = AESGCM(KEY[:16]).encrypt(KEY[16:] + nonce, inner, head)
    return ip_packet(PEER + number, number_of(LOCAL), socket.IPPROTO_ESP,
                     head + nonce + sealed)


class Lab:
    """A host and the far end of its wire."""

    def __init__(self):
        self.host, self.far = lib.Namespace("host"), lib.Namespace("far")
        lib.join(self.host, self.far)
        self.macs = [self.mac(end) for end in (self.host, self.far)]
        self.host.ip_batch(
            f"address add {LOCAL}/24 dev wire", f"address add {NEAR} dev lo",
            f"neighbour add 192.0.2.1 lladdr {self.macs[1].hex(':')} "
            "dev wire nud permanent", "route add default via 192.0.2.1")
        self.host.sysctl("ipv4/conf/all/rp_filter", 0)
        self.host.sysctl("ipv4/conf/wire/rp_filter", 0)
        with self.host:
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.bind((NEAR, PORT))
        self.sender.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)
        with self.far:
            self.injector = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.injector.bind(("wire", 0))

    @staticmethod
    def mac(end):
        with end:
            text = lib.run("ip", "-j", "link", "show", "wire")
        return bytes.fromhex(json.loads(text)[0]["address"].replace(":", ""))

    def outward(self, numbers):
        return Volley(self.sender, [bytes(64)] * len(numbers), [
            struct.pack("=H", socket.AF_INET) +
            struct.pack("!HI8x", PORT, REMOTE + number) for number in numbers])

    def inward(self, numbers):
        link = self.macs[0] + self.macs[1] + struct.pack("!H", ETH_P_IP)
        return Volley(self.injector,
                      [link + esp_packet(number) for number in numbers])

    def received(self):
        """Datagrams that came in since it was asked last."""
        count = 0
        self.sender.setblocking(False)
        try:
            while True:
                self.sender.recv(200)
                count += 1
        except BlockingIOError:
            return count
        finally:
            self.sender.setblocking(True)

    def expect_protected(self, numbers):
        """Each leaves by its SA, and what its peer sends arrives."""
        self.received()
        with self.far:
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(ETH_P_IP))
        with tap:
            tap.bind(("wire", ETH_P_IP))
            tap.settimeout(lib.DEADLINE)
            self.outward(numbers).send()
            seen = set()
            while len(seen) < len(set(numbers)):
                frame, address = tap.recvfrom(2000)
                expect(address[2] == 4 or frame[23] == socket.IPPROTO_ESP,
                       f"in the clear: {frame.hex()}")
                if address[2] != 4:
                    seen.add(struct.unpack_from("!I", frame, 34)[0] - OUT_SPI)
        expect_equal("SAs that packets left by", seen, set(numbers))
        self.inward(numbers).send()
        came = []

        def arrived():
            came.append(self.received())
            return sum(came) >= len(numbers)
        lib.wait_for(arrived, "what the peers send arrives")

    def cost(self, volley):
        """Nanoseconds per packet, once everything has its route."""
        for _ in range(3):
            volley.send()
        costs = []
        for _ in range(ROUNDS):
            costs.append(volley.send())
            self.received()
        return round(statistics.median(costs))


def spread(count):
    """Some of the pairs that have policies."""
    return [i * count // PACKETS for i in range(PACKETS)]


# ----- memory ------------------------------------------------------------------

def memory():
    """Bytes in use, and those of them that are per CPU."""
    # what waits for a grace period or a workqueue goes first
    time.sleep(1)
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    time.sleep(1)
    found = memory_info()
    return found["MemTotal"] - found["MemAvailable"]


def memory_info():
    lines = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
    return {line.split(":")[0]: int(line.split()[1]) * 1024
            for line in lines.splitlines()}


def objects():
    """Bytes of objects. Pages that were theirs may lie ready for the next, and
    count neither as free nor as theirs.
    """
    found = memory_info()
    return found["SUnreclaim"] + found["Percpu"]


# ----- what is measured ----------------------------------------------------------

def has_algorithm(side):
    """Its modules are loaded now; where idle time passes at once, in vain at first."""
    try:
        side.add([side.sa(0, OUT)])
    except lib.Failed:
        return False
    return True


def measure(lab, side):
    """Figures of one side, by name."""
    figures = {}
    lib.wait_for(lambda: has_algorithm(side), "the algorithm is there", 3600)
    side.flush()
    side.add(pairs(side.sa, [0]) + pairs(side.policy, [0]))
    lab.expect_protected([0])
    figures["out, one"] = lab.cost(lab.outward([0] * PACKETS))
    figures["in, one"] = lab.cost(lab.inward([0] * PACKETS))
    side.flush()

    start = memory()
    costs = fill(side, SAS, 0)
    figures["add, first"], figures["add, last"] = costs[0], costs[-1]
    figures["bytes of an SA"] = (memory() - start) // SAS
    start = memory()
    fill_policies = pairs(side.policy, range(POLICIES // 2))
    begin = time.monotonic_ns()
    side.add(fill_policies)
    figures["add a policy"] = (time.monotonic_ns() - begin) // POLICIES
    figures["bytes of a policy"] = (memory() - start) // POLICIES

    some = spread(POLICIES // 2)
    lab.expect_protected(some)
    same = some[PACKETS // 2:PACKETS // 2 + 1] * PACKETS
    figures["out, one of all"] = lab.cost(lab.outward(same))
    figures["in, one of all"] = lab.cost(lab.inward(same))
    figures["out, all"] = lab.cost(lab.outward(some))
    figures["in, all"] = lab.cost(lab.inward(some))
    begin = time.monotonic_ns()
    side.flush()
    figures["remove"] = (time.monotonic_ns() - begin) // (SAS + POLICIES)
    lib.say(f"{side.name}: {figures}")
    return figures


ROWS = (
    ("a packet out, 1 SA and 1 policy each way", "out, one"),
    ("the same, among all SAs and policies", "out, one of all"),
    ("the same, each packet by another SA", "out, all"),
    ("a packet in, 1 SA and 1 policy each way", "in, one"),
    ("the same, among all SAs and policies", "in, one of all"),
    ("the same, each packet by another SA", "in, all"),
    ("adding an SA, the first tenth", "add, first"),
    ("adding an SA, the last tenth", "add, last"),
    ("adding a policy", "add a policy"),
    ("removing one, when all are flushed", "remove"),
    ("bytes of an SA", "bytes of an SA"),
    ("bytes of a policy", "bytes of a policy"),
)


def show(ours, theirs):
    lib.say(f"{os.uname().release}, {SAS:,} SAs, {POLICIES:,} policies")
    fence = f"{'=' * 45}  {'=' * 10}  {'=' * 10}"
    lib.say(f"{fence}\n{'instructions, or bytes':45}  {'espvif':>10}  "
            f"{'XFRM':>10}\n{fence}")
    for title, name in ROWS:
        lib.say(f"{title:45}  {ours[name]:10,}  {theirs[name]:10,}")
    lib.say(fence)


def full(report, lab):
    ours = measure(lab, Espvif(lab.host))
    theirs = measure(lab, Xfrm(lab.host))
    show(ours, theirs)
    for way in ("out", "in"):
        with report.point(f"a packet {way} costs the same among all of them"):
            one, among = (ours[f"{way}, {how}"] for how in ("one", "one of all"))
            expect(among <= GROWTH * one, f"{one} became {among}")
    with report.point("adding the last ones costs what the first ones did"):
        expect(ours["add, last"] <= ADD_GROWTH * ours["add, first"],
               f"{ours['add, first']} became {ours['add, last']}")


# ----- functions only ---------------------------------------------------------

def listed_once(host):
    """As the module dumps them, and as the program lists them."""
    module = lib.Module(host)
    reply = module.socket.dump(module.family.id, lib.COMMANDS["sa-get"])
    found = [lib.decode(lib.SA, body)["name"] for _, body in reply.messages]
    expected = {f"{way}-{i:06}" for i in range(SAS // 2) for way in ("in", "out")}
    expect_equal("SAs", len(found), SAS)
    expect(set(found) == expected, "other SAs than were made")
    for kind, number in (("sa", SAS), ("sp", POLICIES)):
        lines = host.run("ipsec", kind, "list", "--noheadings").splitlines()
        expect_equal(kind, len({line.split()[0] for line in lines}), number)
        expect_equal("lines", len(lines), number)


def found_by_name(host):
    module = lib.Module(host)
    for number in spread(SAS // 2):
        expect_equal("SPI", module.sa(f"in-{number:06}")["spi"],
                     IN_SPI + number)


def quick(report, lab):
    side = Espvif(lab.host)
    # what this program takes for itself it has taken before
    lab.inward(spread(POLICIES // 2))
    before = objects()
    with report.point(f"{SAS} SAs and {POLICIES} policies are made"):
        fill(side, SAS, POLICIES)
    used = objects() - before
    with report.point("each is listed, once"):
        listed_once(lab.host)
    with report.point("SAs are found by their names"):
        found_by_name(lab.host)
    with report.point("packets find their SAs, out and in"):
        lab.expect_protected(spread(POLICIES // 2))
    with report.point("all of them go, with their memory"):
        side.flush()
        status = lib.decode(lib.STATUS, side.module.call("status-get"))
        expect_equal("left", (status["sas"], status["policies"]), (0, 0))
        lib.wait_for(lambda: objects() - before < used / 5,
                     "the memory is given back")
        lib.say(f"{objects() - before} of {used} bytes are left")


def main():
    report = lib.Report(3 if FULL else 5)
    lab = Lab()
    if FULL:
        full(report, lab)
    else:
        quick(report, lab)
    report.finish()


main()
