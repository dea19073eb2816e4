# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon of this tree, told by `ipsec`."""

import socket

import daemons
import lib
import tunnel as tunnels

SETUP = {"uniqueids": "yes"}


class Ours(daemons.Daemon):
    """What is tested."""

    COMMAND = ("iked", "--nofork", "--stderrlog", "--config",
               "/etc/ipsec.conf")
    READS_ALL = True
    IKE_ESTABLISHED = r"(#\d+): (?:\w+ )?established IKE SA"

    # Further settings of config setup, for the next start
    setup = {}

    def prepare(self):
        self.certificates = set()
        self.must("ipsec", "initnss")

    def configure(self):
        setup = "".join(f"    {word}={value}\n"
                        for word, value in (SETUP | self.setup).items())
        self.place.write("/etc/ipsec.conf", "\n".join(
            ["config setup", setup,
             *(tunnels.connection(tunnel, self.side)
               for tunnel in self.tunnels.values())]))
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
        self.must("ipsec", "import", f"/etc/ipsec.d/{name}.p12",
                  text=f"{daemons.password()}\n")

    def new_host_key(self):
        """Makes a raw RSA key; returns the public one as ipsec.conf has it."""
        said = self.must("ipsec", "newhostkey", "--bits", "2192")
        ckaid = said.partition("--ckaid ")[2].split()[0]
        said = self.must("ipsec", "showhostkey", "--left", "--ckaid", ckaid)
        return said.partition("leftrsasigkey=")[2].split()[0]

    def use_crl(self):
        self.copy_certificate("ca", "/etc/ipsec.d/crls", "crl")
        if self.process:
            self.must("ipsec", "auto", "--rereadall")

    def drop_crl(self):
        self.place.path("/etc/ipsec.d/crls/ca.crl").unlink(missing_ok=True)

    def is_ready(self):
        path = f"/proc/{self.process.pid}/root/run/pluto/pluto.ctl"
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)    # whoever accepts may never come
            return probe.connect_ex(path) == 0

    def add(self, tunnel):
        if self.process:
            self.must("ipsec", "auto", "--rereadsecrets")
            self.must("ipsec", "auto", "--add", tunnel.name)

    def remove(self, tunnel):
        if self.process:
            self.run("ipsec", "auto", "--delete", tunnel.name)

    def try_up(self, name):
        status, said = self.run("ipsec", "auto", "--up", name)
        return status == 0, f"status {status}\n{said}"

    def down(self, name):
        self.must("ipsec", "auto", "--down", name)

    def renew(self, what, name):
        word = {"child": "ipsec", "IKE SA": "ike"}[what]
        self.must("ipsec", "whack", f"--rekey-{word}", "--name", name)

    def sas(self):
        return self.run("ipsec", "trafficstatus")[1]

    def module(self):
        """The kernel module of its site."""
        return self.place.host.module

    def spis(self):
        return {sa["spi"] for sa in self.module().sas().values()}

    def expect_clean(self):
        """Nothing of a tunnel is left in the kernel."""
        module = self.module()
        lib.wait_for(lambda: not module.sas() and not module.policies(),
                     f"{self} takes its SAs and policies back")
