#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the keys and certificates of both sites, into a directory given.

Runs on the host, where making RSA keys takes no time. Each PARTY gets
PARTY.pem (certificate), PARTY.key (PKCS#8) and PARTY.p12 (both, and the CA, with
the password in the file password); ca.pem and ca.crl are the authority's.
"""

import datetime
import pathlib
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "unit"))
import certificates as made  # noqa: E402  pylint: disable=wrong-import-position

PASSWORD = "interop"
NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)


def rsa_key(bits=2048):
    return rsa.generate_private_key(65537, bits)


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def party(name, issuer, key, *names, **more):
    """A certificate for the site that the name begins with, and other names."""
    side = name.partition("-")[0]
    return made.Party(made.name(name), issuer, key=key, extensions=(
        made.alternatives(side, *names), made.usage(digital_signature=True)),
        **more)


def parties(authority):
    """All of them by name."""
    found = {}
    for side in ("west", "east"):
        found |= {
            f"{side}-rsa": party(f"{side}-rsa", authority, rsa_key()),
            f"{side}-ecdsa": party(f"{side}-ecdsa", authority, ec_key()),
            f"{side}-ed25519": party(
                f"{side}-ed25519", authority,
                ed25519.Ed25519PrivateKey.generate()),
            # So many names that it needs several fragments
            f"{side}-large": party(
                f"{side}-large", authority, rsa_key(4096),
                *(f"{number}.a-name-of-{side}.example.org"
                  for number in range(60))),
        }
        found |= {
            f"{side}-expired": party(
                f"{side}-expired", authority, ec_key(),
                begin=NOW - 20 * DAY, end=NOW - 10 * DAY),
            f"{side}-revoked": party(f"{side}-revoked", authority, ec_key()),
        }
    stranger = made.Party("A stranger", ca=True)
    for side in ("west", "east"):
        name = f"{side}-stranger"
        found[name] = party(name, stranger, ec_key())
    return found


def write(directory, name, some, authority):
    files = {
        "pem": some.pem(),
        "key": some.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()),
        "p12": pkcs12.serialize_key_and_certificates(
            name.encode(), some.key, some.cert, [authority.cert],
            serialization.BestAvailableEncryption(PASSWORD.encode())),
    }
    for suffix, content in files.items():
        path = directory / f"{name}.{suffix}"
        path.touch(0o600)
        path.write_bytes(content)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    authority = made.Party("Interop CA", ca=True, key=rsa_key())
    everybody = parties(authority)
    for name, some in everybody.items():
        write(directory, name, some, authority)
    (directory / "password").write_text(PASSWORD, encoding="ascii")
    (directory / "ca.pem").write_bytes(authority.pem())
    (directory / "ca.crl").write_bytes(made.crl(
        authority, [some for name, some in everybody.items()
                    if name.endswith("-revoked")]))


if __name__ == "__main__":
    main()
