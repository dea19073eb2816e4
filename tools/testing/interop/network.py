# SPDX-License-Identifier: GPL-2.0-or-later
"""Two sites and what lies between them, for the tests against other daemons.

    west                    middle                     east
    192.0.1.254 (lan)       a router that answers      192.0.2.254 (lan)
    192.1.2.23  (wire) ──── ARP for the other side, ── 192.1.2.45  (wire)
                            now and then with NAT

Owns the addresses, and the watch that nothing passes the middle in the clear.
Each host has IPv6, too.
"""

import pathlib
import socket
import struct
import tempfile

import hosts
import lib
from lib import expect

SIDES = ("west", "east")
OTHER = {"west": "east", "east": "west"}
WIRE = {"west": "192.1.2.23", "east": "192.1.2.45"}
WIRE6 = {"west": "2001:db8:1:2::23", "east": "2001:db8:1:2::45"}
# What the other side sees of a site behind NAT
NATTED = {"west": "192.1.2.123", "east": "192.1.2.145"}
LAN = {"west": "192.0.1.0/24", "east": "192.0.2.0/24"}
LAN6 = {"west": "2001:db8:0:1::/64", "east": "2001:db8:0:2::/64"}
# Further networks of each site
MORE = {"west": ("192.0.11.0/24", "192.0.12.0/24"),
        "east": ("192.0.21.0/24", "192.0.22.0/24")}

# What may be seen in the middle: ESP, IKE, and neighbours finding each other, or
# being told that a link-local address isn't known beyond the link
HARMLESS = ("esp or udp port 500 or udp port 4500 or arp "
            "or (icmp6 and ip6[40] >= 133 and ip6[40] <= 137) "
            "or (icmp6 and ip6[40] == 1 and src net fe80::/10) "
            "or (ip6 and ip6[6] == 0)")
MARK = 0x88b5


def inside(prefix):
    """The address that a site has in a network of its own."""
    network, _, length = prefix.partition("/")
    if int(length) in (32, 128):
        return network
    return network + "254" if ":" in prefix else \
        network.rpartition(".")[0] + ".254"


def address(side, viewer, six=False, nat=None):
    """What viewer calls a site; nat names the one behind NAT."""
    if six:
        return WIRE6[side]
    return NATTED[side] if side == nat != viewer else WIRE[side]


class Middle(hosts.Host):
    """The router between the two sites, who take themselves for neighbours."""

    def connect(self):
        self.forwards()
        for side in SIDES:
            self.sysctl(f"ipv4/conf/{side}/proxy_arp", 1)
            self.sysctl(f"ipv6/conf/{side}/proxy_ndp", 1)
            self.sysctl(f"ipv4/neigh/{side}/proxy_delay", 0)
            self.sysctl(f"ipv6/neigh/{side}/proxy_delay", 0)
            self.ip_batch(
                f"link set {side} up",
                f"route add {WIRE[side]}/32 dev {side}",
                f"route add {WIRE6[side]}/128 dev {side}",
                f"neigh add proxy {WIRE6[OTHER[side]]} dev {side}",
                f"route add {LAN[side]} via {WIRE[side]} dev {side} onlink",
                f"route add {LAN6[side]} via {WIRE6[side]} dev {side} onlink",
                f"address add {NATTED[side]}/32 dev {OTHER[side]}")

    def translate(self, inner):
        """Puts NAT in front of a site, or takes it away; the ports of IKE
        lead inwards."""
        outer, rules = OTHER.get(inner), ""
        if inner:
            rules = f"""
table ip nat {{
    chain out {{
        type nat hook postrouting priority srcnat
        oifname "{outer}" ip saddr {WIRE[inner]} snat to {NATTED[inner]}
    }}
    chain in {{
        type nat hook prerouting priority dstnat
        ip daddr {NATTED[inner]} udp dport {{ 500, 4500 }} dnat to {WIRE[inner]}
    }}
}}
"""
        self.rules(rules)
        self.forget_flows()

    def forget_flows(self):
        """As if the NAT device were switched off and on."""
        self.try_run("conntrack", "-F")


class Network:
    """West, middle and east; a second one has another prefix of names."""

    def __init__(self, prefix=""):
        self.middle = Middle(f"{prefix}middle")
        self.nat = None
        self.sites = {side: hosts.Host(f"{prefix}{side}")
                      for side in SIDES}
        for side, host in self.sites.items():
            self.middle.ip_batch(f"link add {side} type veth peer name wire "
                                 f"netns {host.name}")
            self.equip(side, host)
        self.middle.connect()
        for side, host in self.sites.items():
            # Whatever isn't protected would leave by the wire
            host.routes(f"default via {WIRE[OTHER[side]]}",
                        f"default via {WIRE6[OTHER[side]]}")
        self.watch = Watch(self.middle, "east")

    def equip(self, side, host):
        lans = (LAN[side], LAN6[side], *MORE[side])
        host.ip_batch("link set wire up", "link add lan type dummy",
                      "link set lan up")
        host.address("wire", f"{WIRE[side]}/24", f"{WIRE6[side]}/64")
        host.address("lan", *(f"{inside(lan)}/{lan.partition('/')[2]}"
                              for lan in lans))
        host.forwards()

    def translate(self, nat):
        """nat names the site that is behind NAT from now on, or none."""
        if nat != self.nat:
            self.middle.translate(nat)
            self.nat = nat

    def delete(self):
        self.watch.end()
        for host in (*self.sites.values(), self.middle):
            host.delete()

    def ping(self, source, destination, side="west", count=1):
        """Whether all echoes come back from an address of the other side."""
        return self.sites[side].ping(destination, "-I", source, count=count)

    def expect_protected(self, *pairs, count=1):
        """Pairs of addresses, of west and of east, reach each other, and not
        in the clear."""
        for west, east in pairs:
            expect(self.ping(west, east, count=count),
                   f"no echo from {east} to {west}")
        self.watch.expect_nothing_clear()


class Watch:
    """What passes the middle and isn't harmless."""

    def __init__(self, middle, device):
        self.file = tempfile.mkstemp(suffix=".pcap")[1]
        self.capture = lib.Capture(middle, self.file, device,
                                   f"not ({HARMLESS})")
        with middle:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.socket.bind((device, MARK))
        self.marks = self.forgotten = 0

    def seen(self):
        """All packets that aren't harmless, since those to be forgotten."""
        self.marks += 1
        mark = bytes(12) + struct.pack("!HQ", MARK, self.marks) + bytes(46)
        self.socket.send(mark)
        self.capture.wait_for(1, lambda packet: packet == mark)
        packets = [packet for packet in self.capture.packets()
                   if packet[12:14] != MARK.to_bytes(2, "big")]
        return packets[self.forgotten:]

    def expect_nothing_clear(self):
        seen = self.seen()
        expect(not seen, f"{len(seen)} packets in the clear, the first: "
               f"{seen[0].hex() if seen else ''}")

    def forget(self):
        """What was in the clear so far is nothing to worry about."""
        self.forgotten += len(self.seen())

    def end(self):
        self.socket.close()
        self.capture.end()
        pathlib.Path(self.file).unlink()
