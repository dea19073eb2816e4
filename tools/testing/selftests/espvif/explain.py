#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`ipsec explain` tells what the packet then confirms.

    +--------- west ---------+                          +--- east ---+
    | 10.1.0.1  ipsec0  wire +--- 192.0.2.1  192.0.2.2 --+ 10.2.0.1   |
    | fd01::1                |   2001:db8::1  2001:db8::2| fd02::1    |
    +------------------------+                          +------------+

For each flow west is asked first; then the packet is sent, and the counters of
west and what stands on the wire must be as the answer says.
"""

import contextlib
import errno
import json
import socket

import lib
from hosts import (ESP, FRAGMENT, HOUSEKEEPING, IP_MTU_DISCOVER,
                   IP_PMTUDISC_DO, IP_PMTUDISC_DONT, UDP, Counting, Host, Wire,
                   add_policies, add_sas, fitting, ip_packet, protocol_of,
                   udp_packet)
from lib import DISCARD, NONE, OUT, TRANSPORT, TUNNEL, expect, \
    expect_equal

ENDS = ("192.0.2.1", "192.0.2.2")
NEAR, FAR = "10.1.0.1", "10.2.0.1"
NEAR6, FAR6 = "fd01::1", "fd02::1"
CLEAR, DISCARDED, EXPIRED, ELSEWHERE, OTHER_SA, PORTS = 11, 12, 13, 14, 15, 16
PORT = 5000


class Lab:
    """The two hosts with all that the flows meet."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        lib.join(self.west, self.east)
        for host, end, near, near6, peer in (
                (self.west, 1, NEAR, NEAR6, 2), (self.east, 2, FAR, FAR6, 1)):
            host.address("wire", f"192.0.2.{end}/24", f"2001:db8::{end}/64")
            host.address("lo", f"{near}/32", f"{near6}/128")
            far, far6 = (FAR, FAR6) if end == 1 else (NEAR, NEAR6)
            host.routes(f"{far} via 192.0.2.{peer} src {near}",
                        f"{far6} via 2001:db8::{peer} src {near6}")
        self.policies()
        self.device()
        # nothing is to come back
        self.sinks = [self.east.udp(*end) for end in (
            (FAR, PORT), (FAR, CLEAR), (FAR, PORTS), (FAR6, PORT))]
        self.wire = Wire(self.west, "wire")
        self.far_wire = Wire(self.east, "wire", (self.west, "wire"))

    def policies(self):
        """Those of the host; the peer has what it takes to answer."""
        west = self.west.module
        add_sas(self.west, self.east, "net", ENDS, 0x1000, TUNNEL)
        add_policies(self.west, self.east, "net", (NEAR, FAR), TUNNEL)
        add_policies(self.west, self.east, "net6", (NEAR6, FAR6), TUNNEL,
                     sa="net")
        add_sas(self.west, self.east, "other", ENDS, 0x2000, TUNNEL)
        self.east.module.add_policy(
            "other", OUT, FAR, NEAR, mode=TUNNEL, sa="other-out", protocol=17,
            dport_min=OTHER_SA, dport_max=OTHER_SA, priority=10)
        key = lib.Algorithm("aes128-gcm16", "old")
        west.add_sa("old", *ENDS, 0x3000, TUNNEL, key, direction=OUT,
                    hard_packets=1)
        west.add_sa("ends", *ENDS, 0x3001, TRANSPORT, key, direction=OUT)
        for name, port, values in (
                ("hole", CLEAR, {"action": NONE}),
                ("no", DISCARDED, {"action": DISCARD}),
                ("ports", PORTS, {"sa": "net-out", "mode": TUNNEL}),
                ("old", EXPIRED, {"sa": "old", "mode": TUNNEL}),
                ("ends", ELSEWHERE, {"sa": "ends", "mode": TRANSPORT})):
            west.add_policy(name, OUT, NEAR, FAR, protocol=17, dport_min=port,
                            dport_max=port, priority=10, **values)

    def device(self):
        """ipsec0 with a policy for one address of two that are routed there."""
        self.west.ip_batch("link add ipsec0 type espvif")
        # it would have things of its own to send
        self.west.sysctl("ipv6/conf/ipsec0/disable_ipv6", 1)
        self.west.ip_batch("link set ipsec0 up")
        self.west.routes("10.3.0.0/24 dev ipsec0 src 10.1.0.1",
                         "10.4.0.1 via 192.0.2.2 src 10.1.0.1")
        self.west.module.add_sa(
            "dev", *ENDS, 0x4000, TUNNEL, lib.Algorithm("aes128-gcm16", "dev"),
            direction=OUT, ifname="ipsec0")
        for name, address in (("dev", "10.3.0.1"), ("elsewhere", "10.4.0.1")):
            self.west.module.add_policy(name, OUT, NEAR, address, mode=TUNNEL,
                                        sa="dev", ifname="ipsec0")

    def ask(self, source, destination, *options):
        """The answer, and that it is one sentence in the end for people."""
        answer = json.loads(self.west.run(
            "ipsec", "explain", "--source", source, "--destination",
            destination, "--json", *options))
        lib.say(f"{source} to {destination} {' '.join(options)}: "
                f"{answer['explanation']}")
        return answer


def check(answer, **expected):
    """Members of an answer; None is JSON's null."""
    expect_equal("answer", {name: answer[name] for name in expected}, expected)


def payload(length, head=28):
    return bytes(length - head)


def send(lab, port, length, destination=FAR, source=NEAR, discover=None):
    """One datagram of so many bytes with its headers."""
    with lab.west.udp(source) as sock:
        if discover is not None:
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, discover)
        sock.sendto(payload(length, 48 if ":" in source else 28),
                    (destination, port))


def goes(lab, answer, *arguments, **options):
    """The packet leaves as the answer says, and only so."""
    lab.wire.packets()
    counting = Counting(lab.west)
    send(lab, *arguments, **options)
    kinds = {"clear": {UDP}, "protected": {ESP}}[answer["verdict"]]
    whole = not answer["esp_length"] or answer["esp_length"] <= 1500
    if not whole:
        kinds = {(FRAGMENT, kind) for kind in kinds}
    packet = lab.wire.wait_packet(
        lambda packet: protocol_of(packet) not in HOUSEKEEPING)
    expect(protocol_of(packet) in kinds, f"{protocol_of(packet)} on the wire")
    if answer["verdict"] == "protected":
        if whole:
            expect_equal("bytes of ESP", len(packet), answer["esp_length"])
        expect_equal("bytes of the path", answer["path_mtu"], 1500)
    pieces = 1 + (whole and answer["fragmented"])
    if answer["verdict"] == "protected":
        counting.wait(out_packets=pieces)
    expect_equal("counters", counting.changed(), {"out-packets": pieces}
                 if answer["verdict"] == "protected" else {})
    expect_equal("link", answer["link"], "wire")
    expect_equal("counter", answer["counter"], None)


def dropped(lab, answer, *arguments, **options):
    """Nothing leaves, and the counter that the answer names counts it."""
    lab.wire.packets()
    counting = Counting(lab.west)
    # a device tells the sender at once
    with contextlib.suppress(OSError):
        send(lab, *arguments, **options)
    counting.wait(**{answer["counter"]: 1})
    expect_equal("counters", counting.changed(), {answer["counter"]: 1})
    expect_equal("on the wire", lab.wire.protocols(), set())


UDP_TO = ("--protocol", "udp", "--destination-port")


def protected(lab):
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(PORT), "--length", "500")
    check(answer, verdict="protected", policy="net-out", action="ipsec",
          sa="net-out", sa_state="valid", interface=None, gateway=None,
          inner_mtu=fitting(4), fragmented=False)
    goes(lab, answer, PORT, 500)


def protected6(lab):
    answer = lab.ask(NEAR6, FAR6, *UDP_TO, str(PORT), "--length", "501")
    check(answer, verdict="protected", policy="net6-out", sa="net-out")
    goes(lab, answer, PORT, 501, destination=FAR6, source=NEAR6)


def clear(lab):
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(CLEAR))
    check(answer, verdict="clear", policy="hole", action="none", sa=None,
          esp_length=None, gateway="192.0.2.2")
    goes(lab, answer, CLEAR, 100)


def discarded(lab):
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(DISCARDED))
    check(answer, verdict="dropped", policy="no", action="discard", sa=None,
          counter="out-policy-discard")
    dropped(lab, answer, DISCARDED, 100)


def no_sa(lab):
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(ELSEWHERE))
    check(answer, verdict="dropped", policy="ends", sa="ends",
          counter="out-sa-address")
    dropped(lab, answer, ELSEWHERE, 100)


def expired(lab):
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(EXPIRED))
    check(answer, verdict="protected", policy="old", sa="old",
          sa_state="valid")
    send(lab, EXPIRED, 100)
    lib.wait_for(lambda: lab.west.module.sa("old")["state"] == lib.EXPIRED,
                 "the end of the SA")
    answer = lab.ask(NEAR, FAR, *UDP_TO, str(EXPIRED))
    check(answer, verdict="dropped", policy="old", sa="old",
          sa_state="expired", counter="out-no-sa")
    dropped(lab, answer, EXPIRED, 100)


def held(lab):
    lab.west.module.add_policy("trap", OUT, NEAR, "10.4.0.1", mode=TUNNEL,
                               trap=True)
    answer = lab.ask(NEAR, "10.4.0.1", *UDP_TO, str(PORT))
    check(answer, verdict="held", policy="trap", sa=None, counter=None)
    lab.wire.packets()
    counting = Counting(lab.west)
    send(lab, PORT, 100, destination="10.4.0.1")
    counting.wait(out_held=1)
    expect_equal("on the wire", lab.wire.protocols(), set())
    lab.west.module.delete_policy("trap")
    counting.wait(out_held=1, out_held_removed=1)


def by_device(lab):
    answer = lab.ask(NEAR, "10.3.0.1", *UDP_TO, str(PORT), "--length", "300")
    check(answer, verdict="protected", policy="dev", sa="dev",
          interface="ipsec0", inner_mtu=fitting(4))
    goes(lab, answer, PORT, 300, destination="10.3.0.1")


def wrong_interface(lab):
    answer = lab.ask(NEAR, "10.3.0.2", *UDP_TO, str(PORT))
    check(answer, verdict="dropped", policy=None, interface="ipsec0",
          counter="out-no-policy")
    dropped(lab, answer, PORT, 100, destination="10.3.0.2")
    answer = lab.ask(NEAR, "10.4.0.1", *UDP_TO, str(PORT))
    check(answer, verdict="clear", policy=None, interface=None)
    goes(lab, answer, PORT, 100, destination="10.4.0.1")
    answer = lab.ask(NEAR, "10.4.0.1", "--interface", "ipsec0")
    check(answer, verdict="protected", policy="elsewhere", sa="dev",
          interface="ipsec0")


def too_big(lab):
    length = fitting(4) + 1
    options = (*UDP_TO, str(PORT), "--length", str(length))
    answer = lab.ask(NEAR, FAR, *options, "--may-fragment")
    check(answer, verdict="protected", fragmented=True)
    goes(lab, answer, PORT, length, discover=IP_PMTUDISC_DONT)
    # by a policy with ports, the ESP packet is fragmented instead
    port = ("--protocol", "udp", "--destination-port", str(PORTS))
    answer = lab.ask(NEAR, FAR, *port, "--length", str(length),
                     "--may-fragment")
    check(answer, verdict="protected", policy="ports", fragmented=True)
    goes(lab, answer, PORTS, length, discover=IP_PMTUDISC_DONT)
    answer = lab.ask(NEAR, FAR, *options)
    check(answer, verdict="too-big", inner_mtu=fitting(4),
          counter="out-too-big")
    dropped(lab, answer, PORT, length, discover=IP_PMTUDISC_DO)
    # from now on the route knows
    answer = lab.ask(NEAR, FAR, *options)
    check(answer, verdict="too-big", inner_mtu=fitting(4), counter=None)
    try:
        send(lab, PORT, length, discover=IP_PMTUDISC_DO)
    except OSError as error:
        expect_equal("error", error.errno, errno.EMSGSIZE)
    else:
        raise lib.Failed("it was sent")
    fits = lab.ask(NEAR, FAR, *UDP_TO, str(PORT), "--length",
                   str(fitting(4)))
    goes(lab, fits, PORT, fitting(4), discover=IP_PMTUDISC_DO)


def comes(lab, answer, packet=None, port=PORT):
    """A packet comes in, forged in the clear or sent by the other host."""
    counting = Counting(lab.west)
    with lab.west.udp(NEAR, port) as receiver:
        if packet:
            lab.far_wire.inject(packet)
        else:
            with lab.east.udp(FAR) as sender:
                sender.sendto(b"hello", (NEAR, port))
        if answer["verdict"] == "dropped":
            counting.wait(**{answer["counter"]: 1})
            expect_equal("counters", counting.changed(),
                         {answer["counter"]: 1})
        else:
            expect_equal("what arrives", receiver.recv(100), b"hello")
            expect_equal("counters", counting.changed(), {"in-packets": 1})


INBOUND = ("--direction", "in", *UDP_TO)


def inbound(lab):
    answer = lab.ask(FAR, NEAR, *INBOUND, str(PORT), "--sa-name", "net-in")
    check(answer, verdict="protected", policy="net-in", sa="net-in",
          counter=None)
    comes(lab, answer)


def inbound_unprotected(lab):
    answer = lab.ask(FAR, NEAR, *INBOUND, str(PORT))
    check(answer, verdict="dropped", policy="net-in", sa=None,
          counter="in-unprotected")
    comes(lab, answer, ip_packet(FAR, NEAR, UDP, udp_packet(
        FAR, NEAR, PORT, PORT, b"hello")))


def inbound_other_sa(lab):
    answer = lab.ask(FAR, NEAR, *INBOUND, str(OTHER_SA), "--sa-name",
                     "other-in")
    check(answer, verdict="dropped", policy="net-in", sa="other-in",
          counter="in-policy-other-sa")
    comes(lab, answer, port=OTHER_SA)


def nowhere(lab):
    answer = lab.ask(NEAR, "203.0.113.1")
    check(answer, verdict="unreachable", policy=None, link=None)
    try:
        send(lab, PORT, 100, destination="203.0.113.1")
    except OSError as error:
        expect_equal("error", error.errno, errno.ENETUNREACH)
    else:
        raise lib.Failed("it was sent")
    answer = lab.ask("127.0.0.1", "127.0.0.2")
    check(answer, verdict="clear", loopback=True, link="lo")
    answer = lab.ask("fe80::1", "ff02::1", "--interface", "wire",
                     "--protocol", "udp")
    check(answer, verdict="clear", link="wire")


def refusals(lab):
    """Questions that make no sense, and nobody else's namespace."""
    inward = ("--direction", "in")
    for sentence, options in (
            ("there is no SA named none", (*inward, "--sa-name", "none")),
            ("SA net-out is outbound", (*inward, "--sa-name", "net-out")),
            ("there is no interface none", ("--interface", "none")),
            ("delivers only what its SAs decrypt",
             (*inward, "--interface", "ipsec0")),
            ("at least 28 bytes", ("--length", "27"))):
        with lab.west:
            done = lib.subprocess.run(
                ["ipsec", "explain", "--source", NEAR, "--destination", FAR,
                 *options], capture_output=True, text=True, check=False)
        expect_equal(f"status ({sentence})", done.returncode, 1)
        expect(sentence in done.stderr, done.stderr)
    text = lab.west.run("ipsec", "explain", "--source", NEAR, "--destination",
                        FAR, "--length", "100")
    expect(text.endswith("\nSA net-out protects it, as policy net-out says.\n"),
           text)


POINTS = [("protected", protected), ("protected, IPv6", protected6),
          ("in the clear", clear), ("discarded", discarded),
          ("no SA for its addresses", no_sa), ("its SA has expired", expired),
          ("by a device", by_device), ("wrong interface", wrong_interface),
          ("trap", held), ("too big, and in fragments", too_big), ("inbound", inbound),
          ("inbound unprotected", inbound_unprotected),
          ("inbound with the wrong SA", inbound_other_sa),
          ("no route, loopback", nowhere), ("refusals", refusals)]


def main():
    report = lib.Report(len(POINTS))
    lab = Lab()
    for name, function in POINTS:
        with report.point(f"explain: {name}"):
            function(lab)
    report.finish()


if __name__ == "__main__":
    main()
