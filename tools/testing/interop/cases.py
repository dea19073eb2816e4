# SPDX-License-Identifier: GPL-2.0-or-later
"""What two daemons are put through, whoever they are.

Each case is a function of a Pair. Most come twice: the daemon that is tested
begins, or its peer does.
"""

import functools
import re

import lib
import network as net
from lib import expect
from network import LAN, SIDES, WIRE, WIRE6, inside
from tunnel import End, between


class Pair:
    """The daemon that is tested, in west, and its peer, in east."""

    def __init__(self, network, tested, peer):
        self.network = network
        self.daemons = {"west": tested(network, "west"),
                        "east": peer(network, "east")}
        self.tested, self.peer = self.daemons.values()
        self.keys = {}

    def start(self):
        for daemon in self.daemons.values():
            daemon.start()

    def close(self):
        for daemon in self.daemons.values():
            daemon.close()

    def load(self, tunnel, peers=None):
        """Both know the tunnel; the peer may have another idea of it."""
        for daemon in self.daemons.values():
            daemon.load()
        self.network.translate(tunnel.nat)
        self.tested.load(tunnel)
        self.peer.load(peers or tunnel)
        for daemon in self.daemons.values():
            daemon.forget()
        self.network.watch.forget()

    def beginner(self, begins):
        return self.tested if begins == "we" else self.peer

    def tell_logs(self):
        for daemon in self.daemons.values():
            daemon.tell_log()

    def clean_up(self):
        """Behind each case, however it ended; who has died begins anew."""
        for daemon in self.daemons.values():
            if daemon.process and daemon.process.poll() is not None:
                daemon.process = None
            if not daemon.process:
                daemon.tunnels = {}
                daemon.start()

    def host_keys(self):
        """Raw public keys of both, made when they are needed first."""
        if not self.keys:
            self.keys = {side: daemon.new_host_key()
                         for side, daemon in self.daemons.items()}
        return self.keys


def flows(tunnel):
    """The pairs of addresses that a tunnel is for."""
    wire = WIRE6 if tunnel.six else WIRE
    ends = [[inside(subnet) for subnet in tunnel.end(side).subnets] or
            [wire[side]] for side in SIDES]
    return [(west, east) for west in ends[0] for east in ends[1]
            if (":" in west) == (":" in east)]


# ----- the usual case ------------------------------------------------------------

def works(pair, tunnel, begins, peers=None):
    """Up, packets through it, and down again."""
    pair.load(tunnel, peers)
    beginner = pair.beginner(begins)
    beginner.up(tunnel.name)
    pair.network.expect_protected(*flows(tunnel))
    beginner.down(tunnel.name)
    if hasattr(pair.tested, "expect_clean"):
        pair.tested.expect_clean()


def with_keys(auth, key="", **more):
    """A tunnel whose sites prove themselves with certificates."""
    return between(**{side: End(f"@{side}", (LAN[side],), auth,
                                f"{side}-{key or auth}") for side in SIDES},
                   **more)


def raw_keys(pair, begins):
    keys = pair.host_keys()
    works(pair, between(**{side: End(f"@{side}", (LAN[side],), "raw",
                                     keys[side]) for side in SIDES}), begins)


def to_hosts(**more):
    return between(subnets=False, **more)


def of_networks(west, east, **more):
    """A tunnel between several networks of each side."""
    return between(west=End("@west", west), east=End("@east", east), **more)


# IKE's suite, ESP's suite, and who of the peers can't do it
SUITES = (
    ("aes128 sha1 modp2048", "aes128 sha1", ()),
    ("aes192 sha256 modp3072", "aes192 sha256", ()),
    ("aes256 sha384 modp4096", "aes256 sha384", ()),
    ("aes128 sha512 ecp256", "aes128 sha512", ()),
    ("aes128 sha256 ecp384", "aes128 xcbc", ()),
    ("aes128 sha256 ecp521", "aes256 cmac", ()),
    ("aes256 sha512 x25519", "3des sha1", ()),
    ("3des sha1 modp2048", "chacha20", ()),
    ("aes128-gcm16 sha256 ecp256", "aes128-gcm16", ()),
    ("aes256-gcm16 sha512 ecp256", "aes256-gcm16", ()),
    ("aes256-ctr sha256 ecp256", "aes256-ctr sha256", ()),
    ("aes128 xcbc ecp256", "aes192-gcm12", ()),
    ("aes192-gcm8 sha256 ecp256", "aes256-gcm8", ()),
    ("aes128 sha256 ecp256 ", "aes128-ccm8", ()),
    ("aes128 sha256 ecp256 ", "aes192-ccm12", ()),
    ("aes128 sha256 ecp256 ", "aes256-ccm16", ()),
    ("chacha20 sha256 x448", "aes128-ctr sha1", ("Libreswan",)),
    ("aes128-ccm16 cmac ecp256", "aes192-ctr sha512", ("Libreswan",)),
)


def algorithms(peer):
    """Every algorithm that both have; in turns one or the other begins."""
    points = []
    for number, (ike, esp, without) in enumerate(SUITES):
        if peer in without:
            continue
        begins = ("we", "they")[(number + (peer == "Libreswan")) % 2]
        points.append((f"{ike.strip()} / {esp}, {begins} begin", functools.partial(
            works, tunnel=between(ike=ike, esp=esp), begins=begins)))
    return points


# ----- selectors ------------------------------------------------------------------

def narrows(pair, begins):
    """The responder has less to offer than the initiator asks for."""
    wide, narrow = "192.0.0.0/16", LAN["east"]
    asked = of_networks((LAN["west"],), (wide,), conf={"narrowing": "yes"})
    offered = of_networks((LAN["west"],), (narrow,),
                          conf={"narrowing": "yes"})
    ours, theirs = (asked, offered) if begins == "we" else (offered, asked)
    pair.load(ours, theirs)
    pair.beginner(begins).up(asked.name)
    pair.network.expect_protected(*flows(offered))
    pair.beginner(begins).down(asked.name)


# ----- renewing -------------------------------------------------------------------

# What is renewed, and how long it lives at the side that renews it
LIVES = {"child": {"child_life": 12}, "IKE SA": {"ike_life": 12},
         "reauthentication": {"ike_life": 12, "reauth": True}}
# What our log has of an IKE SA that took the place of another
TAKEN_OVER = "takes over from"


def renews(pair, what, who, times=2):
    """SAs are renewed under traffic, as one side's lifetimes have it; those of
    the other side live long."""
    patient = between()
    tunnel = between(**LIVES[what])
    ours, theirs = (tunnel, patient) if who == "we" else (patient, tunnel)
    pair.load(ours, theirs)
    pair.beginner(who).up(tunnel.name)
    west, east = flows(tunnel)[0]
    with net.Flow(pair.network, west, east) as flow:
        if what == "IKE SA":
            lib.wait_for(lambda: len(ike_sas(pair)) > times,
                         f"{times} IKE SAs more", lib.DEADLINE * 2)
        else:
            new_children(pair, times)
    expect(not flow.lost, f"{flow.lost} of {flow.sent} packets were lost")
    pair.network.watch.expect_nothing_clear()
    pair.beginner(who).down(tunnel.name)


def new_children(pair, times):
    before = pair.tested.spis()
    for _ in range(times):
        lib.wait_for(lambda: pair.tested.spis() - before and
                     not pair.tested.spis() & before,
                     "other SAs than before", lib.DEADLINE * 2)
        before |= pair.tested.spis()


def ike_sas(pair):
    """The SPIs of all IKE SAs that were logged as established."""
    return set(re.findall(pair.tested.IKE_ESTABLISHED, pair.tested.news()))


# ----- failures --------------------------------------------------------------------

def refused(pair, tunnel, peers, begins, cause):
    """It doesn't come up, and our log says why: the cause is a pattern."""
    once = {"keyingtries": "1", "retransmit-timeout": "10s"}
    pair.load(tunnel.but(conf=tunnel.conf | once),
              peers.but(conf=peers.conf | once))
    done, said = pair.beginner(begins).try_up(tunnel.name)
    expect(not done, f"it came up: {said}")
    pair.tested.wait_for(cause)
    expect(begins == "they" or re.search(cause, said),
           f"who asked for it isn't told: {said}")


def restarted(pair, victim, begins):
    """One side dies without a word, comes back and is connected again."""
    tunnel = between()
    pair.load(tunnel)
    pair.beginner(begins).up(tunnel.name)
    pair.network.expect_protected(*flows(tunnel))
    daemon = pair.beginner(victim)
    daemon.kill()
    daemon.start()
    daemon.up(tunnel.name)
    pair.network.expect_protected(*flows(tunnel))
    pair.beginner(begins).down(tunnel.name)
