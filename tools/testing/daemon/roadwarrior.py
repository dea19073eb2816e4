#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers from anywhere (right=%any) come to a daemon of ours, two of them from
behind a NAT. Each gets an instance of the connection.

    +- west -+              +--- east ---+              +- gate -+             +- north -+
    |        |              |  10.2.0.1  |              |   NAT  +-.7.1   .7.2-+         |
    |        +-.2.1    .2.2-+ 192.0.2.0  |              |        |             +---------+
    +--------+              |198.51.100.0+-.2        .1-+        |             +- south -+
                            +------------+              |        +-.8.1   .8.2-+         |
                                                        +--------+ 192.168.x.0 +---------+
"""

import json
import subprocess

from daemons import Daemon, Host, lib
from lib import expect, expect_equal, run_points, wait_for

EAST = """config setup
	virtual-private=%v4:192.168.0.0/16
conn %default
	left=192.0.2.2
	leftid=@east
	leftsubnet=10.2.0.0/16
	authby=secret
	right=%any
conn rw
	leftupdown={script}
	auto=add
conn nets
	rightsubnetwithin=10.1.0.0/16
"""

CLIENT = """conn %default
	left=%defaultroute
	leftid=@{name}
	right=192.0.2.2
	rightid=@east
	rightsubnet=10.2.0.0/16
	authby=secret
conn east
	auto=start
conn net
	leftsubnet=10.1.{number}.0/24
conn strange
	leftsubnet=172.16.0.1/32
"""

SECRET = ': PSK "what all of them know"\n'

SCRIPT = """#!/bin/sh
echo "$PLUTO_VERB $PLUTO_CONNECTION $PLUTO_CONN_KIND $PLUTO_PEER" \
	"$PLUTO_PEER_CLIENT $PLUTO_PEER_ID" >>{directory}/told
"""


class Roads:
    """East, and those who come to it."""

    def __init__(self):
        names = ("west", "east", "gate", "north", "south")
        west, east, gate, north, south = map(Host, names)
        lib.join(west, east)
        lib.join(east, gate, "outer")
        lib.join(gate, north, "inner7")
        lib.join(gate, south, "inner8")
        west.address("wire", "192.0.2.1/24")
        west.address("lo", "10.1.1.1/32")
        east.address("wire", "192.0.2.2/24")
        east.address("outer", "198.51.100.2/24")
        east.address("lo", "10.2.0.1/32")
        gate.address("outer", "198.51.100.1/24")
        for host, number in ((north, 7), (south, 8)):
            gate.address(f"inner{number}", f"192.168.{number}.1/24")
            host.address(f"inner{number}", f"192.168.{number}.2/24")
            host.routes(f"default via 192.168.{number}.1")
        gate.forwards()
        gate.routes("default via 198.51.100.2")
        gate.rules("""table ip nat {
            chain post {
                type nat hook postrouting priority srcnat;
                oifname "outer" masquerade
            }
        }""")
        west.routes("default via 192.0.2.2 src 192.0.2.1")
        east.routes("default via 198.51.100.1", "10.1.0.0/16 via 192.0.2.1")
        self.east = Daemon(east)
        self.clients = {"west": Daemon(west), "north": Daemon(north),
                        "south": Daemon(south)}
        self.logs = [self.east, *self.clients.values()]

    def said(self):
        return "\n".join(f"{daemon.host.name}:\n{daemon.said()}"
                         for daemon in self.logs)

    def start(self):
        script = self.east.directory / "script"
        script.write_text(SCRIPT.format(directory=self.east.directory),
                          encoding="ascii")
        script.chmod(0o755)
        self.east.configure(EAST.format(script=script), SECRET)
        self.east.start()
        for number, (name, daemon) in enumerate(self.clients.items(), 1):
            daemon.configure(CLIENT.format(name=name, number=number), SECRET)

    def come(self, name, count):
        """A client starts; east has so many SAs then."""
        self.clients[name].start()
        self.has_sas(count)

    def has_sas(self, count):
        wait_for(lambda: len(self.east.sas()) == count,
                 f"{count} SAs at east\n{self.said()}")

    def reaches(self, name, source):
        """Until an answer comes from east, by ESP."""
        daemon = self.clients[name]
        with daemon.host:
            wait_for(lambda: not subprocess.run(
                ["ping", "-c1", "-W1", "-I", source, "10.2.0.1"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                check=False).returncode, f"ping from {name}\n{self.said()}")
        expect(all(sa["packets"] for sa in daemon.sas()),
               "no SA has carried the packets")


def ask(daemon, *words):
    """What a daemon says."""
    socket = daemon.directory / "run" / "pluto.ctl"
    with daemon.host:
        done = subprocess.run(["ipsec", *words, "--ctlsocket", socket],
                              check=False, text=True, timeout=lib.DEADLINE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def children(roads):
    """Child SAs of east: number of the instance, identity, networks."""
    shown = json.loads(ask(roads.east, "trafficstatus", "--json"))
    return sorted((sa["instance"], sa["peer_id"], sa["their_selectors"])
                  for sa in shown["child-sa"])


def come(roads):
    roads.start()
    roads.come("west", 2)
    roads.reaches("west", "192.0.2.1")
    roads.come("north", 4)
    roads.reaches("north", "192.168.7.2")
    roads.come("south", 6)
    roads.reaches("south", "192.168.8.2")
    roads.reaches("north", "192.168.7.2")


def are_shown(roads):
    said = ask(roads.east, "trafficstatus")
    for words in ('"rw"[1] 192.0.2.1, type=ESP', "id='@west'",
                  '"rw"[2] 198.51.100.1, type=ESP', '"rw"[3] 198.51.100.1,'):
        expect(words in said, f"not '{words}': {said}")
    expect('"rw"[2] 198.51.100.1:' in ask(roads.east, "briefstatus"),
           ask(roads.east, "briefstatus"))
    said = ask(roads.east, "status")
    for words in ('000 "rw": 10.2.0.0/16===192.0.2.2[@east]...%any; unrouted;',
                  '000 "rw"[1] 192.0.2.1: 10.2.0.0/16===192.0.2.2[@east]'
                  '...192.0.2.1[@west]; erouted;',
                  '198.51.100.1[@north]===192.168.7.2/32; erouted;',
                  "loaded 4, active 3"):
        expect(words in said, f"not '{words}': {said}")
    expect('"rw"[3] 198.51.100.1 #' in roads.east.said(), roads.east.said())


def told(roads):
    path = roads.east.directory / "told"
    return path.read_text(encoding="ascii").splitlines() \
        if path.exists() else []


def updown_is_told(roads):
    expected = [f"{verb} rw CK_INSTANCE {peer}"
                for peer in ("192.0.2.1 192.0.2.1/32 @west",
                             "198.51.100.1 192.168.7.2/32 @north",
                             "198.51.100.1 192.168.8.2/32 @south")
                for verb in ("prepare-client", "route-client", "up-client")]
    wait_for(lambda: len(told(roads)) >= 9, f"nine commands: {told(roads)}")
    expect_equal("what the command was told", told(roads), expected)


def goes(roads):
    """Its instance goes with it, and the others stay."""
    roads.clients["north"].stop()
    roads.has_sas(4)
    wait_for(lambda: '"rw"[2]' not in ask(roads.east, "status"),
             "the instance goes")
    wait_for(lambda: told(roads)[9:] ==
             [f"{verb}-client rw CK_INSTANCE 198.51.100.1 192.168.7.2/32 @north"
              for verb in ("down", "unroute")], f"commands: {told(roads)}")
    roads.reaches("west", "192.0.2.1")


def comes_again(roads):
    """A client that was killed gets what it had, and nothing is left."""
    roads.clients["west"].stop(9)
    roads.clients["west"].start()
    wait_for(lambda: roads.east.said().count("authenticated peer @west") == 2,
             f"west comes again\n{roads.said()}")
    roads.has_sas(4)
    roads.reaches("west", "192.0.2.1")
    roads.come("north", 6)
    expect_equal("child SAs of east",
                 sorted(networks for _, *networks in children(roads)),
                 [["@north", ["192.168.7.2/32"]],
                  ["@south", ["192.168.8.2/32"]],
                  ["@west", ["192.0.2.1/32"]]])


def another_address(roads):
    """What virtual-private= doesn't allow is refused."""
    ask(roads.clients["south"], "auto", "--down", "east")
    roads.has_sas(4)
    ask(roads.clients["south"], "auto", "--add", "strange")
    said = ask(roads.clients["south"], "auto", "--up", "strange")
    expect("TS_UNACCEPTABLE" in said, said)
    expect("one address of the networks of virtual-private=" in
           roads.east.said(), roads.east.said())
    ask(roads.clients["south"], "auto", "--delete", "strange")


def is_deleted(roads):
    """All instances go with their connection."""
    ask(roads.east, "auto", "--delete", "rw")
    roads.has_sas(0)
    expect_equal("policies", roads.east.policies(), [])
    for name in ("west", "north"):
        ask(roads.clients[name], "auto", "--delete", "east")


def networks_within(roads):
    """rightsubnetwithin=: each peer brings its own network along."""
    ask(roads.east, "auto", "--add", "nets")
    ask(roads.clients["west"], "auto", "--add", "net")
    ask(roads.clients["west"], "auto", "--up", "net")
    roads.has_sas(2)
    roads.reaches("west", "10.1.1.1")
    expect_equal("child SAs of east", children(roads),
                 [(1, "@west", ["10.1.1.0/24"])])


run_points([
    ("several peers at once, two of them behind one NAT", come),
    ("each has an instance, which is shown", are_shown),
    ("updown commands are told of each", updown_is_told),
    ("a peer goes: so does its instance", goes),
    ("a peer comes again", comes_again),
    ("an address that no peer may have", another_address),
    ("the connection is deleted: all of them go", is_deleted),
    ("rightsubnetwithin: peers with networks", networks_within),
], Roads())
