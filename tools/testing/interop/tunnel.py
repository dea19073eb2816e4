# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test wants of a tunnel, said once, and how each daemon is told so.

Owns the two dialects: ipsec.conf, for Libreswan and for ours, and VICI's, which
is that of swanctl.conf.
"""

import dataclasses

from network import LAN, OTHER, SIDES, address


# ----- algorithms ---------------------------------------------------------------

# Libreswan's word and strongSwan's; the empty ones are what AEADs do without
ENCRYPTIONS = {
    "3des": ("3des", "3des"),
    **{f"aes{bits}": (f"aes{bits}", f"aes{bits}") for bits in (128, 192, 256)},
    **{f"aes{bits}-ctr": (f"aes_ctr{bits}", f"aes{bits}ctr")
       for bits in (128, 192, 256)},
    **{f"aes{bits}-gcm{icv}": (f"aes_gcm_{icv}_{bits}" if icv < 16
                               else f"aes_gcm{bits}", f"aes{bits}gcm{icv}")
       for bits in (128, 192, 256) for icv in (8, 12, 16)},
    **{f"aes{bits}-ccm{icv}": (f"aes_ccm_{icv}_{bits}" if icv < 16
                               else f"aes_ccm{bits}", f"aes{bits}ccm{icv}")
       for bits in (128, 192, 256) for icv in (8, 12, 16)},
    "chacha20": ("chacha20_poly1305", "chacha20poly1305"),
}
HASHES = {
    "sha1": ("sha1", "sha1"), "sha256": ("sha2_256", "sha256"),
    "sha384": ("sha2_384", "sha384"), "sha512": ("sha2_512", "sha512"),
    "xcbc": ("aes_xcbc", "aesxcbc"), "cmac": ("aes_cmac", "aescmac"),
}
GROUPS = {
    "modp1024": ("modp1024", "modp1024"), "modp1536": ("modp1536", "modp1536"),
    **{f"modp{bits}": (f"modp{bits}", f"modp{bits}")
       for bits in (2048, 3072, 4096, 6144, 8192)},
    "ecp256": ("dh19", "ecp256"), "ecp384": ("dh20", "ecp384"),
    "ecp521": ("dh21", "ecp521"), "x25519": ("dh31", "curve25519"),
    "x448": ("dh32", "curve448"),
}
TABLES = (ENCRYPTIONS, HASHES, GROUPS)
LIBRESWAN, STRONGSWAN = 0, 1


def is_aead(encryption):
    return "gcm" in encryption or "ccm" in encryption or \
        encryption == "chacha20"


def suite(words, dialect, purpose):
    """A suite like "aes128 sha256 ecp256", as purpose (ike or esp) has it.

    The hash is the PRF too; an AEAD of ESP has none.
    """
    result = []
    for number, word in enumerate(words.split()):
        table = next(table for table in TABLES if word in table)
        spelt = table[word][dialect]
        if table is HASHES and dialect == STRONGSWAN and \
                purpose == "ike" and is_aead(words.split()[0]):
            spelt = f"prf{spelt}"
        if number and table is HASHES and purpose == "esp" and \
                is_aead(words.split()[0]):
            continue
        result.append(spelt)
    return "-".join(result)


# ----- tunnels ------------------------------------------------------------------

# Seconds before their end when SAs are renewed
MARGIN = 4


@dataclasses.dataclass
class End:
    """What a site has: its identity, its networks, by what it proves itself.

    auth is psk, rsa-sha1, rsa-pss, ecdsa, ed25519 or raw; key names a party
    of credentials.py, or is the public key of a raw one as ipsec.conf has it.
    """
    id: str
    subnets: tuple = ()
    auth: str = "psk"
    key: str = ""


@dataclasses.dataclass
class Tunnel:
    """Between west and east; conf and swanctl are further settings."""
    name: str
    west: End
    east: End
    ike: str = "aes128 sha256 ecp256"
    esp: str = "aes128-gcm16"
    mode: str = "tunnel"
    secret: str = "a secret of two sites"
    six: bool = False
    ike_life: int = 0
    child_life: int = 0
    reauth: bool = False
    margin: int = MARGIN
    nat: str = ""
    conf: dict = dataclasses.field(default_factory=dict)
    swanctl: dict = dataclasses.field(default_factory=dict)
    child: dict = dataclasses.field(default_factory=dict)

    def end(self, side):
        return getattr(self, side)

    def but(self, **changes):
        """The same with changes, as the other side may have it."""
        return dataclasses.replace(self, **changes)


def between(name="west-east", subnets=True, **more):
    """A tunnel by a pre-shared key, as most tests want it."""
    ends = {side: End(f"@{side}", (LAN[side],) if subnets else ())
            for side in SIDES}
    return Tunnel(name, **(ends | more))


# ----- ipsec.conf ---------------------------------------------------------------

AUTHBY = {"psk": "secret", "rsa-sha1": "rsa-sha1", "rsa-pss": "rsa-sha2",
          "raw": "rsasig", "ecdsa": "ecdsa", "ed25519": "eddsa"}
SIDE_WORDS = {"west": "left", "east": "right"}


def side_settings(tunnel, side, viewer):
    end = tunnel.end(side)
    settings = {"": address(side, viewer, tunnel.six, tunnel.nat), "id": end.id}
    if len(end.subnets) == 1:
        settings["subnet"] = end.subnets[0]
    elif end.subnets:
        settings["subnets"] = f"{{{','.join(end.subnets)}}}"
    if end.auth == "raw":
        settings["rsasigkey"] = end.key
    elif end.auth != "psk":
        if side == viewer:
            settings["cert"] = end.key
        else:
            settings["ca"] = "%same"
    return {SIDE_WORDS[side] + word: value for word, value in settings.items()}


def connection(tunnel, viewer, more=None):
    """The section of ipsec.conf for one of the sites, with more settings."""
    authentications = {tunnel.end(side).auth for side in SIDES}
    settings = {}
    for side in SIDES:
        settings |= side_settings(tunnel, side, viewer)
    if len(authentications) == 1:
        settings["authby"] = AUTHBY[authentications.pop()]
    else:
        for side in SIDES:
            settings[f"{SIDE_WORDS[side]}auth"] = \
                AUTHBY[tunnel.end(side).auth]
    settings |= {
        "ikev2": "insist", "auto": "add", "type": tunnel.mode,
        "ike": suite(tunnel.ike, LIBRESWAN, "ike"),
        "esp": suite(tunnel.esp, LIBRESWAN, "esp"),
        "reauth": "yes" if tunnel.reauth else None,
        "ikelifetime": f"{tunnel.ike_life}s" if tunnel.ike_life else None,
        "salifetime": f"{tunnel.child_life}s" if tunnel.child_life else None,
    }
    if tunnel.ike_life or tunnel.child_life:
        settings |= {"rekeymargin": f"{tunnel.margin}s", "rekeyfuzz": "0%"}
    settings |= (more or {}) | tunnel.conf
    lines = [f"    {word}={value}" for word, value in settings.items()
             if value is not None]
    return "\n".join([f"conn {tunnel.name}", *lines, ""])


def secrets(tunnel):
    if "psk" not in (tunnel.west.auth, tunnel.east.auth):
        return ""
    return f'{tunnel.west.id} {tunnel.east.id} : PSK "{tunnel.secret}"\n'


# ----- swanctl ------------------------------------------------------------------

SWAN_AUTH = {"psk": "psk", "rsa-sha1": "rsa-sha1", "rsa-pss": "rsa/pss-sha256",
             "ecdsa": "ecdsa-sha256", "ed25519": "pubkey"}


def swanctl_auth(tunnel, side, own):
    """How a site proves itself; names stand for files of certificates."""
    end = tunnel.end(side)
    settings = {"auth": SWAN_AUTH[end.auth] if own or end.auth == "psk"
                else "pubkey", "id": end.id}
    if end.auth != "psk":
        settings["certs" if own else "cacerts"] = [end.key if own else "ca"]
    return settings


def swanctl_children(tunnel, side):
    """A child for each pair of networks, as ipsec.conf would make them."""
    life = {}
    if tunnel.child_life:
        life = {"rekey_time": f"{tunnel.child_life - tunnel.margin}s",
                "life_time": f"{tunnel.child_life}s", "rand_time": "0s"}
    # Of the first child's keys there is no exchange of their own
    words = suite(tunnel.esp, STRONGSWAN, "esp")
    group = suite(tunnel.ike.split()[-1], STRONGSWAN, "esp")
    children = {}
    for mine in tunnel.end(side).subnets or ("dynamic",):
        for other in tunnel.end(OTHER[side]).subnets or ("dynamic",):
            name = f"{tunnel.name}-{len(children) + 1}" if children \
                else tunnel.name
            children[name] = {
                "local_ts": [mine], "remote_ts": [other], "mode": tunnel.mode,
                "esp_proposals": [f"{words}-{group}", words],
                "rekey_time": "0",
            } | life | tunnel.child
    return children


def swanctl(tunnel, side):
    """A connection as VICI has it, at one of the sites."""
    life = {"rekey_time": "0"}
    if tunnel.ike_life:
        word = "reauth_time" if tunnel.reauth else "rekey_time"
        life |= {word: f"{tunnel.ike_life - tunnel.margin}s", "rand_time": "0s",
                 "over_time": f"{tunnel.ike_life}s"}
    other = OTHER[side]
    return {tunnel.name: {
        "version": "2", "mobike": "no",
        "local_addrs": [address(side, side, tunnel.six)],
        "remote_addrs": [address(other, side, tunnel.six, tunnel.nat)],
        "proposals": [suite(tunnel.ike, STRONGSWAN, "ike")],
        "local": swanctl_auth(tunnel, side, True),
        "remote": swanctl_auth(tunnel, other, False),
        "children": swanctl_children(tunnel, side),
    } | life | tunnel.swanctl}
