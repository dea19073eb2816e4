#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two daemons of ours prove who they are with certificates out of PKCS#12 files that
have passwords, and get other ones while they run. The topology is that of tunnel.py.
"""

from daemons import Pair
from lib import expect, expect_equal, run_points, wait_for

CONFIG = """config setup
	ipsecdir={directory}/store
conn certified
	left=192.0.2.1
	right=192.0.2.2
	leftid={id}
	rightid=@east
	leftsubnet=10.1.0.0/24
	rightsubnet=10.2.0.0/24
	authby=ecdsa
	{side}cert={directory}/own.p12
	retransmit-timeout=4s
	auto={auto}
"""

SECRETS = ': P12 {directory}/own.p12 "{password}"\n'
PASSWORDS = {"west": "what west knows", "east": "what east knows"}

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """Somebody who signs certificates."""

    def __init__(self, daemon, name):
        self.run, self.base = daemon.host.run, daemon.directory / name
        self.run("openssl", "req", "-x509", *NEW_KEY, "-subj", f"/CN={name}",
                 "-keyout", f"{self.base}.key", "-out", f"{self.base}.pem")

    def certify(self, name, path, password):
        """A key with a certificate, and all on the way to the root, in a file."""
        made = f"{self.base}-{name}"
        self.run("openssl", "req", *NEW_KEY, "-subj", f"/CN={name}", "-addext",
                 f"subjectAltName=DNS:{name}", "-keyout", f"{made}.key",
                 "-out", f"{made}.csr")
        self.run("openssl", "x509", "-req", "-in", f"{made}.csr", "-CA",
                 f"{self.base}.pem", "-CAkey", f"{self.base}.key",
                 "-copy_extensions", "copy", "-out", f"{made}.pem")
        self.run("openssl", "pkcs12", "-export", "-inkey", f"{made}.key",
                 "-in", f"{made}.pem", "-certfile", f"{self.base}.pem",
                 "-passout", f"pass:{password}", "-out", str(path))
        path.chmod(0o600)

    def is_trusted_by(self, daemon):
        """By it alone."""
        store = daemon.directory / "store"
        for path in (store / "cacerts").iterdir():
            path.unlink()
        self.run("cp", f"{self.base}.pem", f"{store}/cacerts/authority.pem")


def ipsec(daemon, *words):
    """What 'ipsec' says when it asks a daemon for something."""
    socket = daemon.directory / "run" / "pluto.ctl"
    return daemon.host.run("ipsec", *words, "--ctlsocket", str(socket))


def configure(pair, west_id="@west", passwords=None):
    for daemon, side, auto in ((pair.east, "right", "add"),
                               (pair.west, "left", "start")):
        name = "west" if side == "left" else "east"
        daemon.configure(
            CONFIG.format(directory=daemon.directory, side=side, auto=auto,
                          id=west_id),
            SECRETS.format(directory=daemon.directory,
                           password=(passwords or PASSWORDS)[name]))


def begin(pair, **more):
    """Both with a certificate by the same authority."""
    pair.stop()
    authority = Authority(pair.west, "authority")
    for name, daemon in (("west", pair.west), ("east", pair.east)):
        store = daemon.directory / "store"
        if not store.exists():
            daemon.host.run("ipsec", "initnss", "--nssdir", str(store))
        authority.is_trusted_by(daemon)
        authority.certify(name, daemon.directory / "own.p12", PASSWORDS[name])
    configure(pair, **more)
    pair.east.start()
    pair.west.start()


def comes_up(pair):
    begin(pair)
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")


def wrong_password(pair):
    """The log says what is wrong, and reading the right one mends it."""
    begin(pair, passwords=PASSWORDS | {"west": "something else"})
    wait_for(lambda: "own.p12: the password of the file is wrong" in
             pair.west.said(), "a line about the password")
    expect_equal("SAs", pair.west.sas(), [])
    configure(pair)
    ipsec(pair.west, "auto", "--rereadall")
    pair.has_sas(2)


def spis(daemon):
    return {sa["spi"] for sa in daemon.sas()}


def renewed(pair):
    """Another certificate and key, by another authority; what is up stays up."""
    begin(pair)
    pair.has_sas(2)
    before = spis(pair.west)
    other = Authority(pair.west, "another-authority")
    other.certify("west", pair.west.directory / "own.p12", PASSWORDS["west"])
    other.is_trusted_by(pair.east)
    for daemon in (pair.west, pair.east):
        ipsec(daemon, "auto", "--rereadcerts")
    expect('"certified": has another certificate' in pair.west.said(),
           pair.west.said())
    expect_equal("SAs that stay", spis(pair.west), before)
    pair.ping("10.1.0.1", "10.2.0.1")
    # east trusts nobody any more who has signed the first one
    ipsec(pair.west, "down", "certified")
    ipsec(pair.west, "up", "certified")
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")
    # nothing has changed
    before = spis(pair.west)
    ipsec(pair.west, "whack", "--rereadcerts")
    expect_equal("times that it was another one",
                 pair.west.said().count("has another certificate"), 1)
    # and one that cannot be read changes nothing
    (pair.west.directory / "own.p12").write_bytes(b"nonsense")
    ipsec(pair.west, "auto", "--rereadcerts")
    expect("keeps its certificate: " in pair.west.said(), pair.west.said())
    expect_equal("SAs that stay", spis(pair.west), before)


run_points([
    ("PKCS#12 files with passwords", comes_up),
    ("a wrong password, and then the right one", wrong_password),
    ("--rereadcerts: other certificates", renewed),
], Pair("west", "east"))
