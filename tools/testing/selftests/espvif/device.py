#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Links of the kind espvif: what is routed into one comes out of its partner.

                     +------ left ------+          +------ right ------+
    +- client -+     |                  |          |                   |
    | 10.3.0.2 |-----| 10.3.0.1         |          |                   |
    +----------+ lan |   ipsec0         |          |   ipsec0          |
                     |     10.0.0.1     |==========|     10.0.0.2      |
                     |     fd00::1      |   ESP    |     fd00::2       |
                     |   wire           |          |   wire            |
                     |     192.0.2.1    |----------|     192.0.2.2     |
                     |     2001:db8::1  |          |     2001:db8::2   |
                     +------------------+          +-------------------+

Left and right have our module and make new devices for each test point; the
client knows nothing of it.
"""

import errno
import functools
import json
import os
import pathlib
import re
import socket
import struct
import subprocess

import lib
from hosts import (ESP, ETH_P_ALL, SHAPES, UDP, UDP_GRO, Counting, Host, Wire,
                   add_sas, captured, deliver, expect_too_long, fitting,
                   forbid_fragments, lengths_of_datagrams, nothing_came,
                   port_of, protocol_of, socket_address, transfer)
from lib import DISCARD, IN, IPSEC, NONE, OUT, TRANSPORT, TUNNEL, expect
from lib import expect_equal

OUTER = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
INNER = {4: ("10.0.0.1", "10.0.0.2"), 6: ("fd00::1", "fd00::2")}
EVERYTHING = {4: "0.0.0.0/0", 6: "::/0"}
IP_RECVERR, IPV6_RECVERR = 11, 25
TRACING = pathlib.Path("/sys/kernel/tracing")


def kernel():
    """Its version, as numbers."""
    return tuple(int(part) for part in os.uname().release.split(".")[:2])


class Tunnel:
    """A device at each end, with SAs, policies and addresses."""

    def __init__(self, outer=4, name="ipsec0", spi=0x1000, inner=INNER,
                 algorithm="aes128-gcm16", ipv6=True, policies=True):
        self.name = name
        self.made = []
        for number, host in enumerate((LEFT, RIGHT)):
            host.ip_batch(f"link add {name} type espvif")
            self.made.append(host)
            if ipv6:
                host.sysctl(f"ipv6/conf/{name}/router_solicitations", 0)
                # what is said of multicast groups isn't said again in between
                for version in 1, 2:
                    host.sysctl(f"ipv6/conf/{name}/mldv{version}"
                                "_unsolicited_report_interval", 3600000)
            else:
                host.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
            for family, addresses in inner.items():
                if family == 4 or ipv6:
                    length = 24 if family == 4 else 64
                    host.address(name, f"{addresses[number]}/{length}")
        add_sas(LEFT, RIGHT, name, OUTER[outer], spi, TUNNEL, algorithm,
                ifname=name)
        if policies:
            self.add_policies()
        for host in (LEFT, RIGHT):
            host.ip_batch(f"link set {name} up")

    def add_policies(self):
        """Everything that is routed into the device is for its SA."""
        for host in (LEFT, RIGHT):
            for family, prefix in EVERYTHING.items():
                for direction, suffix in ((OUT, "out"), (IN, "in")):
                    host.module.add_policy(
                        f"{self.name}-{suffix}{family}", direction, prefix,
                        prefix, action=IPSEC, mode=TUNNEL,
                        sa=f"{self.name}-{suffix}", ifname=self.name)

    def close(self):
        for host in self.made:
            host.ip_batch(f"link delete {self.name}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def statistics(host, device="ipsec0"):
    """(packets, bytes) received and sent, (received, sent) dropped."""
    shown = json.loads(host.run("ip", "-j", "-s", "link", "show", "dev",
                                device))[0]["stats64"]
    return ((shown["rx"]["packets"], shown["rx"]["bytes"]),
            (shown["tx"]["packets"], shown["tx"]["bytes"]),
            (shown["rx"]["dropped"], shown["tx"]["dropped"]))


def mtu(host, device="ipsec0"):
    return host.link(device)[2]


# ----- traffic ---------------------------------------------------------------

def comes_and_goes():
    for host in (LEFT, RIGHT):
        host.ip_batch("link add ipsec0 type espvif")
        shown = host.run("ip", "-d", "link", "show", "dev", "ipsec0")
        for word in ("espvif", "POINTOPOINT", "NOARP", "link/none"):
            expect(word in shown, f"no {word} in: {shown}")
        listed = host.run("ip", "-o", "link", "show", "type", "espvif")
        expect_equal("links of the kind", len(listed.splitlines()), 1)
        host.ip_batch("link delete ipsec0")


def carries(outer):
    """Echoes and datagrams of both families, nothing but ESP outside."""
    with Tunnel(outer), Wire(LEFT, "wire") as wire, \
            Wire(RIGHT, "wire") as back:
        for near, far in INNER.values():
            expect(LEFT.ping(far), f"no echo from {far}")
            expect(RIGHT.ping(near), f"no echo from {near}")
            with LEFT.udp(near) as here, RIGHT.udp(far) as there:
                for length in (0, 1, 1000, 5000):
                    deliver(here, there, length)
                    deliver(there, here, length)
        wire.expect_esp()
        back.expect_esp()


def counts():
    """ip -s link shows every packet of the inside, exactly."""
    with Tunnel(ipv6=False), LEFT.udp(INNER[4][0]) as here, \
            RIGHT.udp(INNER[4][1]) as there:
        for number in range(10):
            deliver(here, there, 100 * number)
        for number in range(7):
            deliver(there, here, 10)
        forth = (10, 10 * 28 + 4500)
        back = (7, 7 * 38)
        lib.wait_for(lambda: statistics(LEFT)[0] == back, "the last packet")
        expect_equal("left", statistics(LEFT), (back, forth, (0, 0)))
        expect_equal("right", statistics(RIGHT), (forth, back, (0, 0)))
        for host, packets in ((LEFT, (10, 7)), (RIGHT, (7, 10))):
            sas = host.module.sas()
            expect_equal("of SAs", (sas["ipsec0-out"]["packets"],
                                    sas["ipsec0-in"]["packets"]), packets)


def bulk(outer):
    """TCP both ways at once; what arrives is what was sent."""
    with Tunnel(outer):
        for near, far in INNER.values():
            transfer(LEFT, RIGHT, far, 1 << 20, both_ways=True)
            transfer(RIGHT, LEFT, near, 100_000)


def bulk_forwarded():
    """From a host behind one end, there and back."""
    with Tunnel():
        RIGHT.ip_batch("route add 10.3.0.0/24 dev ipsec0")
        transfer(CLIENT, RIGHT, INNER[4][1], 1 << 20)
        transfer(RIGHT, CLIENT, "10.3.0.2", 1 << 20)


def datagrams_forwarded():
    """In long packets, if the device is told so."""
    with Tunnel(), RIGHT.udp(INNER[4][1]) as here, \
            CLIENT.udp("10.3.0.2") as there, \
            CLIENT.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                          socket.htons(ETH_P_ALL)) as wire:
        RIGHT.ip_batch("route add 10.3.0.0/24 dev ipsec0")
        for state, fits in (("off", 1028), ("on", 30_028)):
            LEFT.run("ethtool", "-K", "ipsec0", "rx-udp-gro-forwarding", state)
            expect_equal("lengths", lengths_of_datagrams(here, there),
                         [1000] * 30)
            longest = max(len(packet) for packet in captured(wire, sent=False)
                          if protocol_of(packet) == UDP)
            expect(fits // 2 < longest <= fits, f"{state}: {longest}")


def link_local():
    """The device has an address of its own, which answers."""
    with Tunnel():
        found = []
        for host in (LEFT, RIGHT):
            def address(host=host):
                shown = json.loads(host.run(
                    "ip", "-j", "-6", "address", "show", "dev", "ipsec0",
                    "scope", "link"))
                return [info["local"] for item in shown
                        for info in item.get("addr_info", ())
                        if "local" in info]
            lib.wait_for(address, "a link-local address")
            found += address()
        for host, other in ((LEFT, found[1]), (RIGHT, found[0])):
            expect(other.startswith("fe80::"), other)
            expect(host.ping(f"{other}%ipsec0"), f"no echo from {other}")


def multicast():
    with Tunnel():
        for family, group in ((4, "239.1.2.3"), (6, "ff05::123")):
            near, far = INNER[family]
            with LEFT.udp(near) as here, \
                    RIGHT.udp("0.0.0.0" if family == 4 else "::") as there:
                index = RIGHT.link("ipsec0")[0]
                if family == 4:
                    there.setsockopt(
                        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        struct.pack("4s4si", socket.inet_aton(group),
                                    bytes(4), index))
                    here.setsockopt(
                        socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                        struct.pack("4s4si", bytes(4), bytes(4),
                                    LEFT.link("ipsec0")[0]))
                else:
                    there.setsockopt(
                        socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                        socket.inet_pton(socket.AF_INET6, group) +
                        struct.pack("i", index))
                    here.setsockopt(
                        socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                        LEFT.link("ipsec0")[0])
                deliver(here, there,
                        to=socket_address(group, port_of(there)))


def several():
    """Each device has SAs of its own, whatever the other carries."""
    second = {4: ("10.9.0.1", "10.9.0.2"), 6: ("fd09::1", "fd09::2")}
    with Tunnel(ipv6=False), Tunnel(6, "ipsec1", 0x2000, second,
                                    "aes256-cbc/hmac-sha2-256", ipv6=False):
        for ends, count in ((INNER, 3), (second, 5)):
            with LEFT.udp(ends[4][0]) as here, \
                    RIGHT.udp(ends[4][1]) as there:
                for _ in range(count):
                    deliver(here, there)
        packets = {name: sa["packets"]
                   for name, sa in RIGHT.module.sas().items()
                   if name.endswith("-in")}
        expect_equal("packets of SAs", packets,
                     {"ipsec0-in": 3, "ipsec1-in": 5})
        expect_equal("received by the devices", [
            statistics(RIGHT, name)[0][0] for name in ("ipsec0", "ipsec1")],
                     [3, 5])
        RIGHT.ip_batch("link set ipsec1 down")
        with LEFT.udp(INNER[4][0]) as here, RIGHT.udp(INNER[4][1]) as there:
            deliver(here, there)


def plain_inside():
    """tcpdump on the device shows the packets as they are inside."""
    with Tunnel(ipv6=False):
        with RIGHT:
            # pylint: disable-next=consider-using-with
            dump = subprocess.Popen(
                ["tcpdump", "-l", "-n", "-c", "2", "-i", "ipsec0", "icmp"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in dump.stderr:
            if "listening on" in line:
                break
        expect("RAW" in line, line)
        expect(LEFT.ping(INNER[4][1]), "no echo")
        shown, _ = dump.communicate(timeout=lib.DEADLINE)
    for text in ("10.0.0.1 > 10.0.0.2: ICMP echo request",
                 "10.0.0.2 > 10.0.0.1: ICMP echo reply"):
        expect(text in shown, f"no {text!r} in:\n{shown}")


# ----- sizes -----------------------------------------------------------------

def mtu_fits(outer):
    """A packet as long as the MTU leaves whole, a longer one doesn't."""
    for algorithm in SHAPES:
        expected = fitting(outer, algorithm)
        with Tunnel(outer, algorithm=algorithm), \
                Wire(LEFT, "wire") as wire:
            expect_equal(f"MTU with {algorithm}", (mtu(LEFT), mtu(RIGHT)),
                         (expected, expected))
            for family, ends in INNER.items():
                head = (28, 48)[family == 6]
                with LEFT.udp(ends[0]) as here, RIGHT.udp(ends[1]) as there:
                    forbid_fragments(here)
                    wire.packets()
                    deliver(here, there, expected - head)
                    sent = [packet for packet in wire.packets()
                            if len(packet) > 1000]
                    expect_equal("packets", len(sent), 1)
                    expect(1500 - SHAPES[algorithm][2] < len(sent[0]) <= 1500,
                           f"{len(sent[0])} bytes with {algorithm}")
                    expect_too_long(here, there, expected - head + 1)


def mtu_of_several_sas():
    """The MTU fits the SA with the least room, and stays when it is gone."""
    with Tunnel():
        best, worst = (fitting(4, name) for name in
                       ("aes128-gcm16", "aes256-cbc/hmac-sha2-512"))
        expect_equal("MTU", mtu(LEFT), best)
        key = lib.Algorithm("aes256-cbc/hmac-sha2-512", "more")
        LEFT.module.add_sa("more", *OUTER[4], 0x5000, TUNNEL, key,
                           ifname="ipsec0")
        expect_equal("MTU with a second SA", mtu(LEFT), worst)
        key = lib.Algorithm("null/hmac-sha2-256", "less")
        LEFT.module.add_sa("less", *OUTER[4], 0x5001, TUNNEL, key,
                           ifname="ipsec0")
        expect_equal("MTU with a third SA", mtu(LEFT), worst)


def mtu_by_hand():
    LEFT.ip_batch("link add ipsec0 type espvif", "link set ipsec0 mtu 1300",
                  "link add ipsec1 mtu 1290 type espvif")
    try:
        for number, name in enumerate(("ipsec0", "ipsec1")):
            LEFT.module.add_sa(f"{name}-sa", *OUTER[4], 0x1000 + number,
                               TUNNEL, lib.Algorithm("aes128-gcm16"),
                               ifname=name)
        expect_equal("MTU", (mtu(LEFT), mtu(LEFT, "ipsec1")), (1300, 1290))
        expect(LEFT.try_run("ip", "link", "set", "ipsec0", "mtu", "67"),
               "an MTU of 67 bytes was accepted")
    finally:
        LEFT.ip_batch("link delete ipsec0", "link delete ipsec1")


# ----- where a device may live -----------------------------------------------

def moved():
    """Plain packets in the new namespace, ESP in the one it came from."""
    inner = Host("inner")
    with Tunnel() as tunnel:
        LEFT.ip_batch(f"link set ipsec0 netns {inner.name}")
        tunnel.made.remove(LEFT)
        inner.address("ipsec0", "10.0.0.1/24", "fd00::1/64")
        inner.ip_batch("link set ipsec0 up")
        expect(LEFT.try_run("ip", "link", "show", "dev", "ipsec0"),
               "the device is where it was")
        with Wire(LEFT, "wire") as wire, Wire(inner, "ipsec0") as plain:
            for near, far in INNER.values():
                with inner.udp(near) as here, RIGHT.udp(far) as there:
                    deliver(here, there)
                    deliver(there, here)
                expect(RIGHT.ping(near), f"no echo from {near}")
                transfer(inner, RIGHT, far, 200_000, both_ways=True)
            wire.expect_esp()
            expect(UDP in plain.protocols(), "not plain inside")
        expect_equal("SAs", (len(LEFT.module.sas()), inner.module.sas()),
                     (2, {}))
        with LEFT:
            status = json.loads(lib.run("ipsec", "status", "--json"))
        expect_equal("device", [(item["name"], item["foreign"])
                                for item in status["devices"]],
                     [("ipsec0", True)])
        # its SAs and policies are still made at home
        LEFT.module.add_sa("late", *OUTER[4], 0x7000, TUNNEL,
                           lib.Algorithm("aes128-gcm16"), ifname="ipsec0")
        inner.ip_batch("link delete ipsec0")
        expect_equal("SAs and policies", left_over(LEFT), (0, 0))


def in_a_vrf():
    """Routes of the device are those of its VRF only."""
    with Tunnel():
        LEFT.ip_batch("link add red type vrf table 75", "link set red up",
                      "link set ipsec0 master red",
                      "address replace 10.0.0.1/24 dev ipsec0",
                      "address replace fd00::1/64 dev ipsec0 nodad")
        try:
            for near, far in INNER.values():
                expect(LEFT.ping(far, "-I", "red"), f"no echo from {far}")
                expect(RIGHT.ping(near), f"no echo from {near}")
            with LEFT.udp("0.0.0.0") as outside:
                try:
                    outside.sendto(b"?", (INNER[4][1], 9))
                except OSError as error:
                    expect_equal("error", error.errno, errno.ENETUNREACH)
                else:
                    raise lib.Failed("there is a route outside the VRF")
            with LEFT.udp("0.0.0.0") as there, \
                    RIGHT.udp(INNER[4][1]) as here:
                there.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                                 b"red")
                there.setsockopt(socket.SOL_UDP, UDP_GRO, 1)
                there.connect(here.getsockname())
                longest = max(lengths_of_datagrams(here, there))
                # before 6.6 the kernel looks for sockets outside the VRF only
                if kernel() >= (6, 6):
                    expect(longest > 2000, "not merged")
        finally:
            LEFT.ip_batch("link delete red")


# ----- what does not pass ----------------------------------------------------

def is_down():
    with Tunnel(ipv6=False), LEFT.udp(INNER[4][0]) as here, \
            RIGHT.udp(INNER[4][1]) as there:
        deliver(there, here)
        counters = Counting(LEFT)
        LEFT.ip_batch("link set ipsec0 down")
        for _ in range(3):
            there.sendto(b"anybody?", here.getsockname())
        counters.wait(in_device_down=3)
        expect_equal("dropped", statistics(LEFT)[2], (3, 0))
        nothing_came(here)
        LEFT.ip_batch("link set ipsec0 up")
        deliver(there, here)


def unreachable(sock, target):
    """Who sends there is told that it cannot be reached."""
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    sock.connect(target)
    sock.send(b"anybody?")
    try:
        sock.recv(100)
    except OSError as error:
        expect(error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH),
               str(error))
        return
    raise lib.Failed("something came back")


def without_policy():
    with Tunnel(policies=False), Wire(LEFT, "wire") as wire:
        counters = Counting(LEFT)
        dropped = statistics(LEFT)[2][1]
        for near, far in INNER.values():
            with LEFT.udp(near) as here:
                unreachable(here, socket_address(far, 5000))
        changed = counters.changed()
        expect(changed["out-no-policy"] >= 2, str(changed))
        expect(statistics(LEFT)[2][1] >= dropped + 2, "not counted there")
        # the client too hears of it
        LEFT.sysctl("ipv4/conf/all/send_redirects", 0)
        with CLIENT.udp("10.3.0.2") as near:
            unreachable(near, (INNER[4][1], 5000))
        expect_equal("on the wire", ESP in wire.protocols(), False)


def policy_discards():
    with Tunnel(ipv6=False), LEFT.udp(INNER[4][0]) as here, \
            RIGHT.udp(INNER[4][1], 6000) as there:
        LEFT.module.add_policy(
            "no", OUT, EVERYTHING[4], EVERYTHING[4], action=DISCARD,
            protocol=UDP, dport_min=6000, dport_max=6000, priority=1,
            ifname="ipsec0")
        counters = Counting(LEFT)
        unreachable(here, there.getsockname())
        expect_equal("counters", counters.changed(),
                     {"out-policy-discard": 1})
        nothing_came(there)
        with LEFT.udp(INNER[4][0]) as other:
            deliver(there, other)
            RIGHT.module.add_policy(
                "no", OUT, EVERYTHING[4], EVERYTHING[4], action=IPSEC,
                mode=TUNNEL, sa="ipsec0-out", priority=1, ifname="ipsec0")
            LEFT.module.add_policy(
                "never", IN, EVERYTHING[4], EVERYTHING[4], action=DISCARD,
                protocol=UDP, priority=1, ifname="ipsec0")
            counters = Counting(LEFT)
            there.sendto(b"no", other.getsockname())
            counters.wait(in_policy_discard=1)
            nothing_came(other)


def refusals():
    """What makes no sense with a device is refused, and says so."""
    with Tunnel():
        for values, says in (
                ({"mode": TRANSPORT}, "tunnel"),
                ({"ifname": "wire"}, "not of type espvif"),
                ({"ifname": "ipsec7"}, "ip link add ipsec7 type espvif")):
            wanted = {"mode": TUNNEL, "ifname": "ipsec0"} | values
            try:
                LEFT.module.add_sa("no", *OUTER[4], 0x9000,
                                   wanted["mode"],
                                   lib.Algorithm("aes128-gcm16"),
                                   ifname=wanted["ifname"])
            except lib.Failed as refusal:
                expect(says in str(refusal), str(refusal))
                continue
            raise lib.Failed(f"{values} was accepted")
        try:
            LEFT.module.add_policy("no", OUT, EVERYTHING[4], EVERYTHING[4],
                                   action=NONE, ifname="ipsec0")
        except lib.Failed as refusal:
            expect("in the clear" in str(refusal), str(refusal))
        else:
            raise lib.Failed("a policy lets pass in the clear")
        expect_equal("SAs", sorted(LEFT.module.sas()),
                     ["ipsec0-in", "ipsec0-out"])


def daemon_takes_its_own():
    """Policies leave a device that is up only by the hand of a daemon."""
    with Tunnel():
        module = LEFT.module
        for name, owner in (("manual", lib.MANUAL), ("daemon", lib.DAEMON)):
            module.add_policy(name, OUT, EVERYTHING[4], EVERYTHING[4],
                              action=IPSEC, mode=TUNNEL, trap=True,
                              owner=owner, ifname="ipsec0")
        for values in ({"name": "daemon"},
                       {"name": "manual", "owner": lib.DAEMON},
                       {"name": "manual", "owner": lib.MANUAL}):
            try:
                module.call("policy-del", lib.POLICY, values)
            except lib.Failed:
                continue
            raise lib.Failed(f"{values} was accepted")
        module.call("policy-del", lib.POLICY,
                    {"name": "daemon", "owner": lib.DAEMON})
        module.add_policy("daemon", OUT, EVERYTHING[4], EVERYTHING[4],
                          action=IPSEC, mode=TUNNEL, trap=True,
                          owner=lib.DAEMON, ifname="ipsec0")
        module.call("policy-flush", lib.POLICY, {"owner": lib.DAEMON})
        expect("daemon" not in module.policies(), "it is still there")
        expect("manual" in module.policies(), "it is gone")


def left_over(host):
    """How many SAs and policies a host has."""
    reply = host.module.call("status-get")
    status = lib.decode(lib.STATUS, reply)
    return status["sas"], status["policies"]


def deletion():
    """SAs and policies of a device go with it, no others."""
    host_policy = {"action": DISCARD, "protocol": 99}
    with Tunnel(name="ipsec1", spi=0x3000,
                inner={4: ("10.8.0.1", "10.8.0.2")}):
        LEFT.module.add_policy("host", OUT, EVERYTHING[4], EVERYTHING[4],
                               **host_policy)
        with Tunnel():
            expect_equal("SAs and policies", left_over(LEFT), (4, 9))
        expect_equal("SAs and policies", left_over(LEFT), (2, 5))
        with Tunnel():
            expect(LEFT.ping(INNER[4][1]), "no echo through the new one")
    expect_equal("SAs and policies", left_over(LEFT), (0, 1))
    LEFT.module.flush()


class Freed:
    """In a `with`, counts links whose memory the kernel has got back."""

    name = "espvif_freed"

    @staticmethod
    def write(file, text):
        # nothing that others have set there is to go, and the file has no end
        out = os.open(TRACING / file, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(out, text.encode())
        finally:
            os.close(out)

    def __enter__(self):
        if not (TRACING / "events").is_dir():
            lib.run("mount", "-t", "tracefs", "none", str(TRACING))
        self.write("kprobe_events", f"p:{self.name} netdev_release\n")
        self.write(f"events/kprobes/{self.name}/enable", "1")
        return self

    def __exit__(self, *_):
        self.write(f"events/kprobes/{self.name}/enable", "0")
        self.write("kprobe_events", f"-:{self.name}\n")

    def count(self):
        text = (TRACING / "kprobe_profile").read_text(encoding="ascii")
        return int(re.search(rf"{self.name}\s+(\d+)", text)[1])


def memory():
    """Links that have been used are gone, not only out of sight."""
    with Freed() as freed:
        with Tunnel():
            with LEFT.udp(INNER[4][0]) as here, RIGHT.udp(INNER[4][1]) as there:
                deliver(here, there)
            expect_equal("links freed so far", freed.count(), 0)
        lib.wait_for(lambda: freed.count() == 2, "two links are freed")


def host_policies_apart():
    """What goes through a device is for its policies, not for the host's."""
    with Tunnel():
        for host in (LEFT, RIGHT):
            for direction in (IN, OUT):
                for family, prefix in EVERYTHING.items():
                    host.module.add_policy(
                        f"host-{direction}-{family}", direction, prefix,
                        prefix, action=DISCARD, priority=1)
        try:
            for near, far in INNER.values():
                expect(LEFT.ping(far), f"no echo from {far}")
                transfer(LEFT, RIGHT, far, 50_000)
            expect(not LEFT.ping(OUTER[4][1], "-w", "1"),
                   "an echo from outside")
        finally:
            for host in (LEFT, RIGHT):
                for direction in (IN, OUT):
                    for family in EVERYTHING:
                        host.module.delete_policy(
                            f"host-{direction}-{family}")


def route_loop():
    """The peer routed into the device itself: dropped, and known why."""
    for outer, way in ((4, f"{OUTER[4][1]}/32"), (6, f"{OUTER[6][1]}/128")):
        with Tunnel(outer, ipv6=outer == 6):
            near, far = INNER[4]
            with LEFT.udp(near) as here, RIGHT.udp(far) as there:
                deliver(here, there)
                LEFT.routes(f"{way} dev ipsec0")
                counters = Counting(LEFT)
                for _ in range(5):
                    here.sendto(b"round and round", there.getsockname())
                counters.wait(out_route_loop=5)
                nothing_came(there)
                LEFT.ip_batch(f"route delete {way} dev ipsec0")
                deliver(here, there)


def two_in_a_circle():
    """Two devices, each of which has its peer behind the other."""
    second = {4: ("10.9.0.1", "10.9.0.2")}
    with Tunnel(ipv6=False), \
            Tunnel(6, "ipsec1", 0x2000, second, ipv6=False):
        LEFT.routes(f"{OUTER[4][1]}/32 dev ipsec1")
        LEFT.sysctl("ipv6/conf/ipsec0/disable_ipv6", 0)
        LEFT.routes(f"{OUTER[6][1]}/128 dev ipsec0")
        with LEFT.udp(INNER[4][0]) as here, RIGHT.udp(INNER[4][1]) as there:
            for _ in range(20):
                try:
                    here.sendto(os.urandom(500), there.getsockname())
                except OSError:
                    pass
            LEFT.ip_batch(f"route delete {OUTER[4][1]}/32 dev ipsec1",
                          f"route delete {OUTER[6][1]}/128 dev ipsec0")
            nothing_came(there)
            deliver(here, there)


# ----- all of them -----------------------------------------------------------

TESTS = [
    ("a link of the kind espvif comes and goes", comes_and_goes),
    ("both families inside IPv4", functools.partial(carries, 4)),
    ("both families inside IPv6", functools.partial(carries, 6)),
    ("ip -s link counts exactly", counts),
    ("TCP both ways inside IPv4", functools.partial(bulk, 4)),
    ("TCP both ways inside IPv6", functools.partial(bulk, 6)),
    ("TCP of a host behind", bulk_forwarded),
    ("UDP of a host behind", datagrams_forwarded),
    ("IPv6 link-local addresses", link_local),
    ("multicast", multicast),
    ("several devices with different SAs", several),
    ("tcpdump on the device sees plain packets", plain_inside),
    ("the MTU fits, IPv4 outside", functools.partial(mtu_fits, 4)),
    ("the MTU fits, IPv6 outside", functools.partial(mtu_fits, 6)),
    ("the MTU fits the SA with the least room", mtu_of_several_sas),
    ("an MTU set by hand stays", mtu_by_hand),
    ("moved to another namespace", moved),
    ("in a VRF", in_a_vrf),
    ("a device that is down", is_down),
    ("no policy: unreachable", without_policy),
    ("a policy that discards", policy_discards),
    ("refused: transport mode, other devices, clear traffic", refusals),
    ("a daemon takes its policies from a device that is up",
     daemon_takes_its_own),
    ("deletion takes SAs and policies along", deletion),
    ("deletion gives the memory back", memory),
    ("host policies leave the device's traffic alone", host_policies_apart),
    ("a route to the peer through the device", route_loop),
    ("two devices in a circle", two_in_a_circle),
]


def set_up():
    lib.join(LEFT, RIGHT, "wire")
    lib.join(CLIENT, LEFT, "lan")
    for number, host in enumerate((LEFT, RIGHT)):
        host.address("wire", f"{OUTER[4][number]}/24",
                     f"{OUTER[6][number]}/64")
    LEFT.address("lan", "10.3.0.1/24")
    CLIENT.address("lan", "10.3.0.2/24")
    CLIENT.routes("default via 10.3.0.1")
    LEFT.forwards()


if __name__ == "__main__":
    lib.need("ping", "tcpdump", "ethtool")
    CLIENT, LEFT, RIGHT = (Host(name) for name in ("client", "left", "right"))
    set_up()
    lib.run_points(TESTS)
