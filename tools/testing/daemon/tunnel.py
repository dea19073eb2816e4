#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two daemons of ours bring up tunnels between two namespaces.

    +----- west -----+                          +----- east -----+
    | 10.1.0.1       | wire                     |       10.2.0.1 |
    | 10.1.1.1       +--- 192.0.2.1  192.0.2.2 -+       10.2.1.1 |
    |                |    2001:db8::1 2001:db8::2                |
    +----------------+                          +----------------+

What they negotiate, packets take; what goes, goes on both sides; what a killed one
has left is gone when it starts again.
"""

import signal

from daemons import CLEAR, Daemon, Pair
from lib import expect, expect_equal, run_points, wait_for

PSK = """conn %default
	left=192.0.2.1
	right=192.0.2.2
	leftid=@west
	rightid=@east
	authby=secret
	retransmit-timeout=4s
conn west-east
	leftsubnet=10.1.0.0/24
	rightsubnet=10.2.0.0/24
	auto={auto}
conn six
	left=2001:db8::1
	right=2001:db8::2
	auto={auto}
conn broken
	also=nowhere
	auto=start
"""

DEVICE = """conn routed
	left=192.0.2.1
	right=192.0.2.2
	leftid=@west
	rightid=@east
	authby=secret
	leftsubnet=10.1.0.0/16
	rightsubnet=10.2.0.0/16
	ipsec-interface=1
	auto={auto}
""" + CLEAR

SECRETS = '@west @east : PSK "what both of them know"\n'


def restart(pair, west="start", east="add"):
    """Both daemons, new."""
    pair.stop()
    pair.west.configure(PSK.format(auto=west), SECRETS)
    pair.east.configure(PSK.format(auto=east), SECRETS)
    pair.east.start()
    pair.west.start()


def come_up(pair):
    """Both tunnels of both daemons, new."""
    restart(pair)
    pair.has_sas(4)


def comes_up(pair):
    come_up(pair)
    pair.ping("10.1.0.1", "10.2.0.1")
    pair.ping("2001:db8::1", "2001:db8::2")


def is_protected(pair):
    """Nothing of it is in the clear, and what comes in the clear is dropped."""
    before = pair.carried()
    pair.ping("10.1.0.1", "10.2.0.1")
    expect(pair.carried() > before, "no SA has carried the packets")


def ends_at_both(pair):
    pair.west.stop()
    expect_equal("west's SAs", pair.west.sas(), [])
    expect_equal("west's policies", pair.west.policies(), [])
    wait_for(lambda: not pair.east.sas() and not pair.east.policies(),
             "east's SAs and policies go")
    expect(pair.east.is_running(), "east has ended")


def killed(pair):
    comes_up(pair)
    pair.west.stop(signal.SIGKILL)
    expect_equal("what it leaves", len(pair.west.sas()), 4)
    left = {sa["name"] + str(sa["spi"]) for sa in pair.west.sas()}
    pair.west.start()
    wait_for(lambda: not left & {sa["name"] + str(sa["spi"])
                                 for sa in pair.west.sas()},
             "what it left is gone")
    pair.has_sas(4)
    pair.ping("10.1.0.1", "10.2.0.1")


def on_demand(pair):
    restart(pair, west="ondemand")
    wait_for(lambda: len(pair.west.policies()) == 2, "west's traps")
    expect_equal("SAs of west", pair.west.sas(), [])
    pair.ping("10.1.0.1", "10.2.0.1")
    pair.has_sas(2)


def address_moves(pair):
    """An address goes and comes: the connection goes down and up."""
    come_up(pair)
    pair.west.host.ip_batch("address del 192.0.2.1/24 dev wire")
    wait_for(lambda: len(pair.west.sas()) == 2, "the SAs of IPv4 go")
    pair.west.host.address("wire", "192.0.2.1/24")
    pair.routes()
    pair.has_sas(4)
    pair.ping("10.1.0.1", "10.2.0.1")


def reloads(pair):
    """What has not changed stays; what has is loaded anew."""
    come_up(pair)
    before = {sa["name"] for sa in pair.west.sas()}
    pair.west.configure(PSK.format(auto="start")
                        .replace("rightsubnet=10.2.0.0/24",
                                 "rightsubnet=10.2.1.0/24"), SECRETS)
    pair.east.configure(PSK.format(auto="add")
                        .replace("rightsubnet=10.2.0.0/24",
                                 "rightsubnet=10.2.1.0/24"), SECRETS)
    pair.east.send(signal.SIGHUP)
    pair.west.send(signal.SIGHUP)
    wait_for(lambda: pair.west.sends_to("10.2.1.0/24"), "the other network")
    pair.has_sas(4)
    pair.ping("10.1.0.1", "10.2.1.1")
    after = {sa["name"] for sa in pair.west.sas()}
    expect_equal("SAs that stay", {name for name in before if "six" in name},
                 {name for name in after if "six" in name})
    expect(not {name for name in before & after if "west-east" in name},
           "the SAs of the connection that has changed are still there")


def by_a_device(pair):
    """ipsec-interface=1 makes a device, and takes it away."""
    pair.stop()
    for daemon, auto in ((pair.east, "add"), (pair.west, "start")):
        daemon.configure(DEVICE.format(auto=auto), SECRETS)
        daemon.start()
    pair.has_sas(2)
    expect_equal("the device of the SAs",
                 {sa["interface"] for sa in pair.west.sas()}, {"ipsec1"})
    expect_equal("policies that let pass",
                 {policy["name"] for policy in pair.west.policies()
                  if policy["action"] == "none"}, {"clear-out", "clear-in"})
    pair.routes("dev ipsec1")
    pair.ping("10.1.0.1", "10.2.0.1")
    expect(pair.carried() > 0, "no SA has carried the packets")
    # what a killed one has left, the next takes over: the route stays, too
    pair.west.stop(signal.SIGKILL)
    expect("ipsec1" in pair.west.host.run("ip", "route"), "the route went")
    pair.west.start()
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")
    # or removes, if no connection is bound to it any more
    pair.west.stop(signal.SIGKILL)
    pair.west.configure(PSK.format(auto="ignore"), SECRETS)
    pair.west.start()
    wait_for(lambda: "ipsec1" not in pair.west.host.run("ip", "link"),
             "the device goes")
    pair.stop()
    for daemon in (pair.west, pair.east):
        expect("ipsec1" not in daemon.host.run("ip", "link"),
               "the device is still there")
    pair.routes()


def two_at_once(pair):
    """One directory, one daemon."""
    other = Daemon(pair.west.host, pair.west.directory)
    said = other.start_in_vain()
    expect("another daemon is running" in said, f"it says: {said}")


run_points([
    ("auto=start brings tunnels up; a bad connection stops nobody", comes_up),
    ("packets take them", is_protected),
    ("a second daemon is refused", two_at_once),
    ("SIGTERM ends them on both sides", ends_at_both),
    ("what a killed daemon left is gone when it starts again", killed),
    ("auto=ondemand: the first packet brings a tunnel up", on_demand),
    ("an address goes and comes back", address_moves),
    ("SIGHUP: what has not changed stays", reloads),
    ("ipsec-interface: a device of its own", by_a_device),
], Pair("west", "east"))
