# SPDX-License-Identifier: GPL-2.0-or-later
"""strongSwan's charon, told by VICI."""

import contextlib
import pathlib

import daemons
import lib
import tunnel as tunnels
import vici

TREE = daemons.PEERS / "strongswan"

# No TPM and no LDAP here; what is left are its own defaults
PLUGINS = ("random nonce aes sha1 sha2 hmac kdf pem pkcs1 pkcs8 pkcs12 x509 "
           "revocation constraints pubkey openssl gmp curve25519 gcm ccm ctr "
           "chapoly cmac xcbc drbg mgf1 kernel-netlink socket-default vici")

CONFIG = f"""
charon {{
  load = {PLUGINS}
  make_before_break = yes
  retransmit_timeout = 2
  retransmit_tries = 4
  filelog {{
    stderr {{
      default = 1
      ike = 2
      cfg = 2
      flush_line = yes
    }}
  }}
  plugins {{
    vici {{
      socket = unix:///run/charon.vici
    }}
  }}
}}
"""


class StrongSwan(daemons.Daemon):
    """The peer whose key exchange and data plane are not ours."""

    TREES = ((TREE / "usr/lib/ipsec", "/usr/lib/ipsec"),)
    ENVIRONMENT = {"LD_LIBRARY_PATH": f"{TREE}/usr/lib/x86_64-linux-gnu"}
    COMMAND = ("/usr/lib/ipsec/charon",)

    def prepare(self):
        self.place.write("/etc/strongswan.conf", CONFIG)

    def path(self):
        return pathlib.Path(f"/proc/{self.process.pid}/root/run/charon.vici")

    def is_ready(self):
        if not self.path().exists():
            return False
        try:
            self.session().close()
        except OSError:
            return False
        return True

    def session(self):
        return vici.Session(self.path(), lib.DEADLINE * 3)

    def call(self, command, message):
        """Raises vici.Refused."""
        session = self.session()
        try:
            return session.call(command, message)
        finally:
            session.close()

    # ----- tunnels -------------------------------------------------------------

    def add(self, tunnel):
        if not self.process:
            return
        self.load_credentials(tunnel)
        connection = tunnels.swanctl(tunnel, self.side)
        for side in ("local", "remote"):
            for which in ("certs", "cacerts"):
                settings = connection[tunnel.name][side]
                if which in settings:
                    settings[which] = [self.file(name, "pem")
                                       for name in settings[which]]
        self.call("load-conn", connection)

    def load_credentials(self, tunnel):
        if tunnel.end(self.side).auth != "psk":
            self.call("load-key", {"type": "any", "data": self.file(
                tunnel.end(self.side).key, "key")})
        if "psk" in (tunnel.west.auth, tunnel.east.auth):
            self.call("load-shared", {
                "id": tunnel.name, "type": "IKE", "data": tunnel.secret,
                "owners": [tunnel.west.id, tunnel.east.id]})

    def remove(self, tunnel):
        if not self.process:
            return
        self.down(tunnel.name)
        with contextlib.suppress(vici.Refused):     # never got that far
            self.call("unload-conn", {"name": tunnel.name})
        self.call("clear-creds", {})

    @staticmethod
    def file(name, suffix):
        return (daemons.CERTIFICATES / f"{name}.{suffix}").read_bytes()

    def use_crl(self):
        self.call("load-cert",
                  {"type": "X509_CRL", "data": self.file("ca", "crl")})

    def try_up(self, name):
        try:
            for child in tunnels.swanctl_children(self.tunnels[name],
                                                  self.side):
                self.call("initiate", {"child": child, "timeout": "60000"})
        except vici.Refused as refusal:
            return False, str(refusal)
        return True, ""

    def down(self, name):
        with contextlib.suppress(vici.Refused):     # none is up
            self.call("terminate", {"ike": name, "timeout": "20000"})

    def states(self, name):
        """Of all IKE SAs of a connection."""
        session = self.session()
        try:
            return [sa[name]["state"] for sa
                    in session.listed("list-sas", "list-sa") if name in sa]
        finally:
            session.close()

    def renew(self, what, name):
        # an IKE SA that it is just leaving has the same name, and takes the order along
        lib.wait_for(lambda: self.states(name) == ["ESTABLISHED"],
                     f"{self} has one IKE SA")
        self.call("rekey", {"child" if what == "child" else "ike": name})
