# SPDX-License-Identifier: GPL-2.0-or-later
"""What two daemons are put through, whoever they are.

Each case is a function of a Pair. In most the daemon that is tested begins, and
then its peer does.
"""

import functools
import re
import time

import lib
from flow import Flow
from lib import expect
from network import LAN, MORE, SIDES, WIRE, WIRE6, inside
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
        self.load_all((tunnel,), (peers or tunnel,))

    def load_all(self, tunnels, peers=None):
        """Both know some tunnels, by the same way; the peer may know others."""
        for daemon in self.daemons.values():
            daemon.load()
        self.network.translate(tunnels[0].nat)
        self.tested.load(*tunnels)
        self.peer.load(*peers or tunnels)
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
                daemon.configure()
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

BOTH = ("we", "they")


def works(pair, tunnel, peers=None, begins=BOTH):
    """Up, packets through it, and down again, for each who begins."""
    pair.load(tunnel, peers)
    for who in begins:
        carries(pair, tunnel.name, flows(tunnel), who)


def carries(pair, name, addresses, begins):
    """One of them brings a tunnel up, uses it, and takes it down."""
    beginner = pair.beginner(begins)
    beginner.up(name)
    pair.network.expect_protected(*addresses)
    beginner.down(name)
    if hasattr(pair.tested, "expect_clean"):
        pair.tested.expect_clean()


def with_keys(auth, key="", **more):
    """A tunnel whose sites prove themselves with certificates."""
    return between(**{side: End(f"@{side}", (LAN[side],), auth,
                                f"{side}-{key or auth}") for side in SIDES},
                   **more)


def raw_keys(pair):
    keys = pair.host_keys()
    works(pair, between(**{side: End(f"@{side}", (LAN[side],), "raw",
                                     keys[side]) for side in SIDES}))


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
            works, tunnel=between(ike=ike, esp=esp), begins=(begins,))))
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
    carries(pair, asked.name, flows(offered), begins)


# ----- several tunnels of the same sites ------------------------------------------

TWO = (between(), between("more", **{side: End(f"@{side}", MORE[side][:1])
                                     for side in SIDES}))
# What strongSwan takes for one: a connection with children for all of that
ONE = between(**{side: End(f"@{side}", (LAN[side], MORE[side][0]))
                 for side in SIDES}, swanctl={"unique": "replace"})


def shares(pair, begins, peers=TWO):
    """Both use one IKE SA; one goes, and the other doesn't notice."""
    first, second = TWO
    pair.load_all(TWO, peers)
    for tunnel in TWO:
        pair.beginner(begins).up(tunnel.name)
    pair.network.expect_protected(*flows(first), *flows(second))
    lib.expect_equal("IKE SAs", len(ike_sas(pair)), 1)
    before = pair.tested.spis()
    with Flow(pair.network, *flows(second)[0]) as flow:
        pair.tested.down(first.name)
        lib.wait_for(lambda: before - pair.tested.spis(), "the first one goes")
    flow.expect_whole()
    pair.network.expect_protected(*flows(second))
    for daemon in (pair.peer, pair.tested):
        daemon.down(second.name)


# ----- renewing -------------------------------------------------------------------

# How long an IKE SA lives at the side that authenticates anew
LIFE, MARGIN = 24, 12


def renews(pair, what, who, times=2):
    """A child SA or an IKE SA is renewed under traffic, as one side is told."""
    tunnel = between()
    pair.load(tunnel)
    side = pair.beginner(who)
    side.up(tunnel.name)
    with Flow(pair.network, *flows(tunnel)[0]) as flow:
        for _ in range(times):
            before = traces(pair, what)
            side.renew(what, tunnel.name)
            wait_for_others(pair, what, before)
    flow.expect_whole()
    pair.network.watch.expect_nothing_clear()
    side.down(tunnel.name)


def reauthenticates(pair, who):
    """An IKE SA is made anew, with its child SAs and under traffic, as one
    side's lifetime has it; that of the other side is long."""
    patient = between()
    tunnel = between(ike_life=LIFE, margin=MARGIN, reauth=True)
    ours, theirs = (tunnel, patient) if who == "we" else (patient, tunnel)
    pair.load(ours, theirs)
    side = pair.beginner(who)
    side.up(tunnel.name)
    with Flow(pair.network, *flows(tunnel)[0]) as flow:
        before = traces(pair, "IKE SA")
        wait_for_others(pair, "child", traces(pair, "child"))
        wait_for_others(pair, "IKE SA", before)
    if side.MAKES_BEFORE_BREAKING:
        flow.expect_whole()
        pair.network.watch.expect_nothing_clear()
    pair.network.watch.forget()
    pair.network.expect_protected(*flows(tunnel))
    side.down(tunnel.name)


def traces(pair, what):
    """By what SAs are told from those that take their place."""
    return pair.tested.spis() if what == "child" else ike_sas(pair)


def ike_sas(pair):
    """The numbers of all IKE SAs that were logged as established."""
    return set(re.findall(pair.tested.IKE_ESTABLISHED, pair.tested.news()))


def wait_for_others(pair, what, before):
    """Until others have come: of child SAs, the old ones must be gone."""
    def have_come():
        now = traces(pair, what)
        return now - before and (what != "child" or not now & before)
    lib.wait_for(have_come, f"another {what} than before", lib.DEADLINE * 2)


# ----- failures --------------------------------------------------------------------

def refused(pair, tunnel, peers, causes):
    """It doesn't come up, and our log says why: causes are patterns, of when
    we begin and of when the peer does. Whoever asks us for it is told."""
    pair.load(tunnel, peers.but(conf=peers.conf | {"keyingtries": "1"}))
    # The peer first: it tries once, we again and again
    for begins, cause in zip(("they", "we"), reversed(causes)):
        pair.tested.forget()
        begun = time.monotonic()
        done, said = pair.beginner(begins).try_up(tunnel.name)
        expect(not done, f"it came up: {said}")
        lib.say(f"{begins} are refused within {time.monotonic() - begun:.1f} s")
        pair.tested.wait_for(cause)
        expect(begins == "they" or re.search(cause, said),
               f"who asked for it isn't told: {said}")


def of_certificate(peers_key):
    """A tunnel whose peer has a certificate of its own kind."""
    return between(west=End("@west", (LAN["west"],), "ecdsa", "west-ecdsa"),
                   east=End("@east", (LAN["east"],), "ecdsa", peers_key))


def certificate_refused(pair, key, cause):
    """The peer has a certificate that is worth nothing to us."""
    if key == "east-revoked":
        pair.tested.use_crl()
    tunnel = of_certificate(key)
    # The peer does not ask for ours to be by the authority of its own
    refused(pair, tunnel, tunnel.but(conf={"leftca": None}), (cause, cause))


def lists_demanded(pair):
    """With crl-strict=yes no certificate counts without its authority's list."""
    tunnel = of_certificate("east-ecdsa")
    try:
        pair.tested.stop()
        pair.tested.setup = {"crl-strict": "yes"}
        pair.tested.drop_crl()
        pair.tested.configure()
        pair.tested.start()
        refused(pair, tunnel, tunnel, ("no revocation list",) * 2)
        pair.tested.use_crl()
        works(pair, tunnel)
    finally:
        pair.tested.setup = {}
        pair.tested.stop()


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
