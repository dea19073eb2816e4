# SPDX-License-Identifier: GPL-2.0-or-later
"""Libreswan's pluto, told by its own addconn and whack.

What its shell scripts would do takes an emulated processor seconds, so the
programs below them are called.
"""

import re

import daemons
import lib
import tunnel as tunnels

TREE = daemons.PEERS / "libreswan"
SETUP = """config setup
    uniqueids=yes
    dnssec-enable=no
    nhelpers=0
"""


# Its script takes seconds, and the sites have their routes
UPDOWN = {"leftupdown": '""', "rightupdown": '""'}


class Libreswan(daemons.Daemon):
    """The peer whose dialect we speak."""

    TREES = ((TREE / "usr/libexec/ipsec", "/usr/libexec/ipsec"),)
    ENVIRONMENT = {"LD_LIBRARY_PATH": f"{TREE}/usr/lib/x86_64-linux-gnu",
                   "PATH": f"{TREE}/usr/sbin:{TREE}/usr/bin:/usr/sbin:"
                           "/usr/bin:/sbin:/bin"}
    NSS = "/var/lib/ipsec/nss"
    COMMAND = ("/usr/libexec/ipsec/pluto", "--nofork", "--stderrlog",
               "--config", "/etc/ipsec.conf", "--nssdir", NSS)
    # It begins when the lifetime is over, and deletes the old one meanwhile
    MAKES_BEFORE_BREAKING = False

    def prepare(self):
        self.certificates = set()
        self.place.path(self.NSS).mkdir()
        self.must("certutil", "-N", "-d", f"sql:{self.NSS}",
                  "--empty-password")

    def configure(self):
        self.place.write("/etc/ipsec.conf", SETUP + "\n" + "\n".join(
            tunnels.connection(tunnel, self.side, UPDOWN)
            for tunnel in self.tunnels.values()))
        self.place.write("/etc/ipsec.secrets", "".join(
            map(tunnels.secrets, self.tunnels.values())))
        for tunnel in self.tunnels.values():
            end = tunnel.end(self.side)
            if end.auth not in ("psk", "raw"):
                self.import_certificate(end.key)

    def import_certificate(self, name):
        """With its key, and the authority."""
        if name in self.certificates:
            return
        self.certificates.add(name)
        self.copy_certificate(name, "/etc/ipsec.d", "p12")
        self.copy_certificate("ca", "/etc/ipsec.d", "pem")
        self.must("pk12util", "-i", f"/etc/ipsec.d/{name}.p12", "-d",
                  f"sql:{self.NSS}", "-W", daemons.password(), "-K", "")
        self.must("certutil", "-A", "-n", "ca", "-t", "CT,,", "-d",
                  f"sql:{self.NSS}", "-i", "/etc/ipsec.d/ca.pem")

    def new_host_key(self):
        """Makes a raw RSA key; returns the public one as ipsec.conf has it."""
        said = self.must("/usr/libexec/ipsec/rsasigkey", "--nssdir",
                         self.NSS, "2192")
        ckaid = re.search(r"CKAID ([0-9a-fA-F]+)", said, re.IGNORECASE)
        daemons.expect(ckaid, f"rsasigkey: {said}")
        said = self.must("/usr/libexec/ipsec/showhostkey", "--nssdir",
                         self.NSS, "--left", "--ckaid", ckaid[1])
        return re.search(r"leftrsasigkey=(\S+)", said)[1]

    def whack(self, *words):
        return self.run("/usr/libexec/ipsec/whack", *words)

    def is_ready(self):
        return self.said("listening for IKE messages") and \
            self.said("forgetting secrets|loading secrets") or \
            self.listen()

    def listen(self):
        """What `ipsec setup` tells it."""
        if not self.place.path("log").exists() or \
                not self.said("running|Starting|starting"):
            return False
        return self.whack("--listen")[0] == 0

    def add(self, tunnel):
        if self.process:
            self.whack("--rereadsecrets")
            self.must("/usr/libexec/ipsec/addconn", "--config",
                      "/etc/ipsec.conf", tunnel.name)

    def remove(self, tunnel):
        if self.process:
            self.whack("--delete", "--name", tunnel.name)

    def try_up(self, name):
        status, said = self.whack("--initiate", "--name", name)
        return "established Child SA" in said, f"status {status}\n{said}"

    def down(self, name):
        self.whack("--terminate", "--name", name)

    def renew(self, what, name):
        word = {"child": "ipsec", "IKE SA": "ike"}[what]
        self.must("/usr/libexec/ipsec/whack", f"--rekey-{word}", "--name", name)

    def sas(self):
        return self.whack("--trafficstatus")[1]

    def stop(self, *signals):
        if self.process and not signals:
            self.whack("--shutdown")
            lib.wait_for(lambda: self.process.poll() is not None,
                         f"{self} shuts down")
            self.process = None
            return
        super().stop(*signals)
