#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Trap policies: the first packets wait for an SA that somebody is asked for.

    +- client -+      +------ west ------+                          +--- east ---+
    | 10.9.0.2 | lan  | 10.9.0.1         | wire                     |            |
    |          +------+ 10.1.0.1  ipsec0 +--- 192.0.2.1  192.0.2.2 --+ 10.2.0.1   |
    +----------+      +------------------+                          +------------+

What waits leaves once there is an SA, in order and only as ESP; there is one
notification each time that somebody has to act; what waits has bounds, and goes
with what it waits for.
"""

import itertools
import json
import socket
import struct
import subprocess
import threading

import lib
from hosts import (ESP, FRAGMENT, UDP, UDP_SEGMENT, Counting, Host, Wire,
                   ip_packet, transfer, udp_packet)
from lib import IN, OUT, POLICY, TUNNEL, expect, expect_equal

ENDS = ("192.0.2.1", "192.0.2.2")
NEAR, FAR = "10.1.0.1", "10.2.0.1"
FAR_DEVICE = "10.3.0.1"
CLIENT = "10.9.0.2"
POLICY_MAX, NET_MAX = 64, 1024
WAIT = 30
LATE = 7
SPIS = itertools.count(0x1000, 2)
PORTS = itertools.count(5000)


class Lab:
    """The hosts, with trap policies that have no SA yet."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        self.client = Host("client")
        lib.join(self.west, self.east)
        lib.join(self.client, self.west, "lan")
        self.west.forwards()
        for host, device, *addresses in (
                (self.west, "wire", "192.0.2.1/24"),
                (self.east, "wire", "192.0.2.2/24"),
                (self.west, "lan", "10.9.0.1/24"),
                (self.client, "lan", f"{CLIENT}/24"),
                (self.west, "lo", f"{NEAR}/32"),
                (self.east, "lo", f"{FAR}/32", f"{FAR_DEVICE}/32")):
            host.address(device, *addresses)
        self.west.routes(f"{FAR} via 192.0.2.2 src {NEAR}")
        self.client.routes("default via 10.9.0.1")
        self.east.routes(f"{NEAR} via 192.0.2.1 src {FAR}",
                         "10.9.0.0/24 via 192.0.2.1 src 10.2.0.1")
        self.wire = Wire(self.west, "wire")
        self.events = lib.Events(self.west)
        self.accepting = False

    def device(self):
        """ipsec0 with a trap for all that is routed there."""
        self.west.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up")
        self.west.routes(f"{FAR_DEVICE} dev ipsec0 src {NEAR}")
        self.trap("device", FAR_DEVICE, ifname="ipsec0")

    def trap(self, name, destination=FAR, source=NEAR, **values):
        self.west.module.add_policy(name, OUT, source, destination,
                                    mode=TUNNEL, trap=True, **values)

    def give(self, policy, ifname=None, **values):
        """What a daemon does that was asked: SAs, and the policy gets one."""
        spi = next(SPIS)
        name = f"sa{spi}"
        key = lib.Algorithm("aes128-gcm16", name)
        self.east.module.add_sa(name, *ENDS, spi, TUNNEL, key, direction=IN,
                                replay_window=lib.window(IN))
        self.accept()
        self.west.module.add_sa(name, *ENDS, spi, TUNNEL, key, direction=OUT,
                                ifname=ifname, **values)
        self.set(policy, [name])
        return name

    def accept(self):
        """East takes what comes by any SA that it has."""
        sas = [name for name, sa in self.east.module.sas().items()
               if sa["direction"] == IN]
        if self.accepting:
            self.east.module.call("policy-set", POLICY,
                                  {"name": "any", "sa": sas})
        else:
            self.east.module.add_policy("any", IN, "0.0.0.0/0", "10.0.0.0/8",
                                        mode=TUNNEL, sa=sas)
        self.accepting = True

    def set(self, policy, sas):
        self.west.module.call("policy-set", POLICY,
                              {"name": policy, "sa": sas})

    def held(self, name):
        return lib.decode(POLICY, self.west.module.call(
            "policy-get", POLICY, {"name": name}))["held"]

    def acquires(self):
        """Those asked for since the last call."""
        return acquires_of(self.events)

    def only_esp(self):
        seen = self.wire.protocols()
        expect(seen <= {ESP, (FRAGMENT, ESP)}, f"{seen} on the wire")

    def clean(self):
        """Nothing is left, of the host or the device."""
        if self.west.has_link("ipsec0"):
            self.west.ip_batch("link delete ipsec0")
        for host in (self.west, self.east):
            host.module.flush()
        self.accepting = False
        self.acquires()
        self.only_esp()


def acquires_of(events):
    return [(event["name"], event["flow"]) for name, event
            in events.pending() if name == "acquire-ntf"]


def send(sock, count, port, start=0, destination=FAR):
    for number in range(start, start + count):
        sock.sendto(struct.pack("!I", number), (destination, port))


def numbers(sock, count):
    """What came, which must be numbered from 0 on."""
    got = [struct.unpack_from("!I", sock.recv(200))[0] for _ in range(count)]
    expect_equal("numbers", got, list(range(count)))


def wait_asked(events):
    asked = []
    lib.wait_for(lambda: asked.extend(acquires_of(events)) or asked,
                 "the question")
    return asked


def asked_once(events, policy, shown):
    """Exactly one notification, with the first packet's flow."""
    expect_equal("asked", wait_asked(events), [(policy, shown)])


def flow(source, sock, destination, port):
    return {"src": source, "dst": destination, "protocol": 17,
            "sport": sock.getsockname()[1], "dport": port}


class Timeout:
    """Nobody brings an SA, at the client: begun first, looked at in the end."""

    def __init__(self, host):
        self.host, self.events = host, lib.Events(host)
        self.counting = Counting(host)
        host.module.add_policy("late", OUT, CLIENT, FAR, mode=TUNNEL,
                               trap=True, protocol=17, dport_min=LATE,
                               dport_max=LATE)
        with host.udp(CLIENT) as sock:
            send(sock, 3, LATE)
            asked_once(self.events, "late", flow(CLIENT, sock, FAR, LATE))
        self.counting.wait(out_held=3)

    def check(self):
        lib.wait_for(lambda: "out-held-timeout" in self.counting.changed(),
                     "the end of patience", WAIT + lib.DEADLINE)
        self.counting.wait(out_held=3, out_held_timeout=3)
        expect_equal("asked", acquires_of(self.events), [])
        with self.host.udp(CLIENT) as sock:
            send(sock, 1, LATE)
            asked_once(self.events, "late", flow(CLIENT, sock, FAR, LATE))
        self.host.module.delete_policy("late")
        self.counting.wait(out_held=4, out_held_timeout=3, out_held_removed=1)
        self.events.socket.sock.close()


def waits(lab, source_host=None, source=NEAR, policy="net", destination=FAR,
          ifname=None):
    """Ten packets wait, then go in order, and others go at once."""
    port, host = next(PORTS), source_host or lab.west
    counting = Counting(lab.west)
    with host.udp(source) as sock, \
            lab.east.udp(destination, port) as receiver:
        send(sock, 10, port, destination=destination)
        asked_once(lab.events, policy, flow(source, sock, destination, port))
        counting.wait(out_held=10)
        expect_equal("held", lab.held(policy), 10)
        expect_equal("on the wire", lab.wire.protocols(), set())
        lab.give(policy, ifname)
        lib.wait_for(lambda: not lab.held(policy), "release")
        send(sock, 10, port, 10, destination=destination)
        numbers(receiver, 20)
    counting.wait(out_held=10, out_packets=20)
    expect_equal("asked", lab.acquires(), [])
    lab.only_esp()


def host_policy(lab):
    lab.trap("net")
    listed = json.loads(lab.west.run("ipsec", "sp", "list", "--json"))[0]
    expect_equal("listed", (listed["trap"], listed["held"],
                            listed["sa_names"]), (True, 0, []))
    answer = json.loads(lab.west.run(
        "ipsec", "explain", "--source", NEAR, "--destination", FAR, "--json"))
    expect_equal("answer", (answer["verdict"], answer["policy"], answer["sa"]),
                 ("held", "net", None))
    waits(lab)


def forwarded(lab):
    lab.trap("net", source="10.9.0.0/24")
    waits(lab, lab.client, CLIENT)


def device_policy(lab):
    lab.device()
    waits(lab, policy="device", destination=FAR_DEVICE, ifname="ipsec0")


def connection(lab):
    """A connection begins while there is no SA; GSO packets wait, too."""
    lab.device()
    lab.west.module.add_policy("in", IN, FAR_DEVICE, NEAR, mode=TUNNEL,
                               trap=True, ifname="ipsec0")
    port = next(PORTS)
    with lab.west.udp(NEAR) as sock, \
            lab.east.udp(FAR_DEVICE, port) as receiver:
        sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, 100)
        sock.sendto(b"".join(struct.pack("!I96x", number)
                             for number in range(20)), (FAR_DEVICE, port))
        asked_once(lab.events, "device", flow(NEAR, sock, FAR_DEVICE, port))
        expect_equal("held", lab.held("device"), 1)
        lab.give("device", "ipsec0")
        numbers(receiver, 20)
    back(lab, "in", FAR_DEVICE)
    lab.set("device", [])
    trouble = []
    opening = threading.Thread(target=transfer_in_thread, args=(lab, trouble))
    opening.start()
    expect_equal("protocol", [shown["protocol"] for _, shown
                              in wait_asked(lab.events)], [6])
    lab.give("device", "ipsec0")
    opening.join()
    expect(not trouble, f"{trouble}")
    lab.only_esp()


def transfer_in_thread(lab, trouble):
    try:
        transfer(lab.west, lab.east, FAR_DEVICE, 1 << 17, source=NEAR)
    except (OSError, lib.Failed) as error:
        trouble.append(error)


def back(lab, policy, source):
    """An SA for the way back."""
    spi = next(SPIS)
    key = lib.Algorithm("aes128-gcm16", f"back{spi}")
    lab.east.module.add_sa("back", *ENDS[::-1], spi, TUNNEL, key,
                           direction=OUT)
    lab.east.module.add_policy("back", OUT, source, NEAR, mode=TUNNEL,
                               sa="back")
    lab.west.module.add_sa("back", *ENDS[::-1], spi, TUNNEL, key, direction=IN,
                           ifname="ipsec0", replay_window=lib.window(IN))
    lab.set(policy, ["back"])


def flood(lab):
    """10,000 packets for one policy, and 20 policies that want to hold 60."""
    lab.trap("net")
    port, counting = next(PORTS), Counting(lab.west)
    # as many as a slow kernel sends before the first have waited too long
    count = 10000 // lib.PATIENCE ** 2
    with lab.west.udp(NEAR) as sock, lab.east.udp(FAR, port) as receiver:
        send(sock, count, port)
        asked_once(lab.events, "net", flow(NEAR, sock, FAR, port))
        counting.wait(out_held=POLICY_MAX, out_held_full=count - POLICY_MAX)
        lab.give("net")
        numbers(receiver, POLICY_MAX)
    lab.west.module.flush()
    counting = Counting(lab.west)
    with lab.west.udp(NEAR) as sock:
        for port in range(100, 120):
            lab.trap(f"port{port}", protocol=17, dport_min=port,
                     dport_max=port)
            send(sock, 60, port)
    counting.wait(out_held=NET_MAX, out_held_full=20 * 60 - NET_MAX)
    expect_equal("held", sum(lab.held(f"port{port}")
                             for port in range(100, 120)), NET_MAX)
    expect_equal("asked", len(lab.acquires()), 20)
    lab.west.module.flush()
    counting.wait(out_held_removed=NET_MAX)
    # there is room again
    lab.trap("net")
    with lab.west.udp(NEAR) as sock:
        send(sock, POLICY_MAX, port)
    expect_equal("held", lab.held("net"), POLICY_MAX)


def sa_ends(lab):
    """An SA that ends under a trap policy is asked for again."""
    lab.trap("net")
    port = next(PORTS)
    with lab.west.udp(NEAR) as sock, lab.east.udp(FAR, port) as receiver:
        send(sock, 1, port)
        asked_once(lab.events, "net", flow(NEAR, sock, FAR, port))
        lab.give("net", hard_packets=3)
        lib.wait_for(lambda: not lab.held("net"), "release")
        send(sock, 5, port, 1)
        asked_once(lab.events, "net", flow(NEAR, sock, FAR, port))
        expect_equal("held", lab.held("net"), 3)
        # one that ends before all could go by it
        lab.give("net", hard_packets=1)
        asked_once(lab.events, "net", flow(NEAR, sock, FAR, port))
        expect_equal("held", lab.held("net"), 2)
        lab.give("net")
        numbers(receiver, 6)


def inbound(lab):
    """What comes in the clear is dropped, whether there is an SA or not."""
    lab.west.module.add_policy("in", IN, FAR, NEAR, mode=TUNNEL, trap=True)
    counting, port = Counting(lab.west), next(PORTS)
    with Wire(lab.east, "wire", (lab.west, "wire")) as far:
        far.inject(ip_packet(FAR, NEAR, UDP,
                             udp_packet(FAR, NEAR, port, port, b"hello")))
        counting.wait(in_unprotected=1)
    expect_equal("asked", lab.acquires(), [])
    policy = lib.decode(POLICY, lab.west.module.call("policy-get", POLICY,
                                                     {"name": "in"}))
    expect(policy["trap"] and "held" not in policy and "sa" not in policy,
           f"listed as {policy}")


def hold_three(lab, policy, destination=FAR):
    with lab.west.udp(NEAR) as sock:
        send(sock, 3, LATE, destination=destination)
    expect_equal("held", lab.held(policy), 3)


def removal(lab):
    """The policy goes, the device that packets are for, the one they leave by."""
    counting = Counting(lab.west)
    lab.trap("net")
    hold_three(lab, "net")
    lab.west.module.delete_policy("net")
    counting.wait(out_held=3, out_held_removed=3)
    lab.device()
    hold_three(lab, "device", FAR_DEVICE)
    lab.west.ip_batch("link delete ipsec0")
    counting.wait(out_held=6, out_held_removed=6)
    lab.west.ip_batch("link add leaving type dummy",
                      "address add 10.5.0.1/24 dev leaving",
                      "link set leaving up")
    lab.trap("leaving", "10.5.0.0/24")
    hold_three(lab, "leaving", "10.5.0.2")
    lab.west.ip_batch("link delete leaving")
    lab.give("leaving")
    counting.wait(out_held=9, out_held_removed=9)


def namespace(lab):
    """A namespace ends with packets held, and does not wait for anything."""
    other = Host("other")
    lib.join(other, lab.east, "side")
    other.address("side", "192.0.3.1/24")
    other.routes("default via 192.0.3.2")
    other.module.add_policy("net", OUT, "192.0.3.1", "10.0.0.0/8",
                            mode=TUNNEL, trap=True)
    with other.udp("192.0.3.1") as sock:
        send(sock, 3, LATE)
    expect_equal("counters", other.module.counters()["out-held"], 3)
    other.module.socket.sock.close()
    other.delete()
    # sooner than what it held would have been dropped anyway
    lib.wait_for(lambda: not lab.east.has_link("side"), "the end of its wire",
                 WAIT - 5)


def unload(lab):
    """The module goes with packets held."""
    lab.trap("net")
    hold_three(lab, "net")
    for host in (lab.west, lab.east, lab.client):
        host.module.socket.sock.close()
    lab.events.socket.sock.close()
    lib.wait_for(lambda: subprocess.run(
        ["rmmod", "espvif"], stderr=subprocess.DEVNULL,
        check=False).returncode == 0, "the module goes")
    lib.run("modprobe", "espvif")
    lab.only_esp()


POINTS = [("by a host policy", host_policy), ("forwarded", forwarded),
          ("by a device", device_policy),
          ("GSO, and a connection that begins", connection),
          ("bounds, in a flood", flood), ("an SA that ends", sa_ends),
          ("inbound", inbound), ("what they wait for goes", removal),
          ("their namespace goes", namespace)]


def main():
    report = lib.Report(len(POINTS) + 3)
    lab = Lab()
    with report.point("acquire: packets wait, and somebody is asked"):
        timeout = Timeout(lab.client)
    for name, function in POINTS:
        with report.point(f"acquire: {name}"):
            try:
                function(lab)
            finally:
                lab.clean()
    with report.point("acquire: no SA comes: dropped, and asked again"):
        timeout.check()
    with report.point("acquire: the module is unloaded"):
        unload(lab)
    report.finish()


if __name__ == "__main__":
    main()
