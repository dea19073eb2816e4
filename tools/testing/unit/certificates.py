#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes certificates, revocation lists and PKCS#12 files for the tests of
user/crypto and user/ike and prints them as arrays of C; with a directory, writes them there
as files to begin fuzzing with.

All is valid in 2030 unless its name says something else."""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

BEGIN = datetime.datetime(2025, 1, 1)
END = datetime.datetime(2035, 1, 1)
PASSWORD = b"secret"

made = {}


def name(common, **more):
    """C=CA, O=Example, CN=common, and more."""
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CA"),
                  x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
                  x509.NameAttribute(NameOID.COMMON_NAME, common)]
    attributes += [x509.NameAttribute(getattr(NameOID, key), value)
                   for key, value in more.items()]
    return x509.Name(attributes)


def alternatives(*names):
    kinds = {"@": x509.RFC822Name, ".": x509.DNSName}
    result = []
    for text in names:
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            result.append(kinds["@" if "@" in text else "."](text))
    return x509.SubjectAlternativeName(result)


def usage(**which):
    keys = ["digital_signature", "content_commitment", "key_encipherment",
            "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
            "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{key: which.get(key, False) for key in keys})


class Party:
    """A key, and a certificate for it that an issuer signs."""

    def __init__(self, subject, issuer=None, ca=False, key=None, begin=BEGIN,
                 end=END, extensions=()):
        self.subject = subject if isinstance(subject, x509.Name) else name(subject)
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.issuer = issuer or self
        builder = (x509.CertificateBuilder()
                   .subject_name(self.subject)
                   .issuer_name(self.issuer.subject)
                   .public_key(self.key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(begin).not_valid_after(end))
        if ca:
            builder = builder.add_extension(
                x509.BasicConstraints(ca=True, path_length=None), True)
            builder = builder.add_extension(
                usage(key_cert_sign=True, crl_sign=True), True)
        for extension in extensions:
            builder = builder.add_extension(
                extension, isinstance(extension, x509.NameConstraints))
        self.cert = builder.sign(self.issuer.key, digest(self.issuer.key))

    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)


def digest(key):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def crl(issuer, revoked, end=END):
    builder = (x509.CertificateRevocationListBuilder()
               .issuer_name(issuer.subject)
               .last_update(BEGIN).next_update(end))
    for party in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(party.cert.serial_number)
            .revocation_date(BEGIN).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(
        serialization.Encoding.DER)


def leaf(variable, subject, issuer, *extensions, **more):
    party = Party(subject, issuer, extensions=extensions, **more)
    made[variable] = party.der()
    return party


def authorities():
    root = Party("Root", ca=True)
    middle = Party("Middle", root, ca=True)
    made["root"] = root.der()
    made["middle"] = middle.der()
    made["cas_pem"] = b"the authorities\n" + root.pem() + middle.pem()
    return root, middle


def good_ones(root, middle):
    san = alternatives("west.example.com", "192.0.2.45", "2001:db8::45",
                       "west@example.com")
    west = leaf("west", "west", middle, san)
    leaf("west_rsa", "west", middle, san,
         key=rsa.generate_private_key(65537, 2048))
    leaf("west_ed25519", "west", middle, san,
         key=ed25519.Ed25519PrivateKey.generate())
    leaf("for_ike", "west", middle, san, usage(content_commitment=True),
         x509.ExtendedKeyUsage([ObjectIdentifier("1.3.6.1.5.5.7.3.17")]))
    leaf("without_san", "west.example.com", middle, key=west.key)
    leaf("star", "*", middle)
    leaf("wildcard", "*.example.com", middle, alternatives("*.example.com"))
    leaf("strange", name("we,st+\x01\"é*", EMAIL_ADDRESS="a@b.c"), middle,
         alternatives("west.example.com\0.evil.org", "a'b\n"))
    made["crl_middle_empty"] = crl(middle, [])
    made["crl_root_empty"] = crl(root, [])
    return west


def for_engines(root, middle, west):
    """The other side, and a long way to the root; all keys but that of east
    are west's."""
    east = leaf("east", "east", middle, alternatives("east.example.com"))
    made["key_east_pem"] = pem(east.key)
    lower = Party("Lower", middle, ca=True)
    made["lower"] = lower.der()
    leaf("west_lower", "west", lower, alternatives("west.example.com"),
         key=west.key)
    leaf("west_root", "west", root, alternatives("west.example.com"),
         key=west.key)


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM,
                             serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def bad_ones(root, middle, west):
    rogue = Party("Root", ca=True)
    leaf("by_rogue", "west", rogue, key=west.key)
    made["self_signed"] = Party("west", key=west.key).der()
    leaf("expired", "expired", middle, key=west.key,
         end=datetime.datetime(2026, 2, 3, 4, 5, 6))
    leaf("future", "future", middle, key=west.key,
         begin=datetime.datetime(2034, 1, 1))
    leaf("by_leaf", "east", west)
    leaf("tiny_rsa", "tiny", middle, key=rsa.generate_private_key(65537, 1024))
    leaf("for_encryption", "west", middle, usage(key_encipherment=True),
         key=west.key)
    leaf("for_code", "west", middle,
         x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]))
    damaged = bytearray(west.der())
    damaged[-1] ^= 1
    made["damaged"] = bytes(damaged)

    narrow = Party("Narrow", root, ca=True, extensions=[x509.NameConstraints(
        permitted_subtrees=[x509.DNSName("example.com")],
        excluded_subtrees=None)])
    made["narrow"] = narrow.der()
    leaf("inside", "inside", narrow, alternatives("a.example.com"))
    leaf("outside", "outside", narrow, alternatives("a.evil.org"))
    leaf("outside_by_name", "a.evil.org", narrow)

    revoked = leaf("revoked", "revoked", middle, key=west.key)
    made["crl_middle"] = crl(middle, [revoked])
    made["crl_middle_old"] = crl(middle, [revoked],
                                 datetime.datetime(2026, 1, 1))
    made["crl_rogue"] = crl(rogue, [middle, revoked])
    made["crl_root"] = crl(root, [middle])

    # two authorities that vouch for each other and for nobody else
    one, other = Party("Loop 1", ca=True), Party("Loop 2", ca=True)
    made["loop_1"] = Party("Loop 1", other, ca=True, key=one.key).der()
    made["loop_2"] = Party("Loop 2", one, ca=True, key=other.key).der()
    leaf("in_loop", "west", one)


def bundles(root, middle, west):
    def bundle(party, others, label=b"west", password=PASSWORD):
        protection = (serialization.BestAvailableEncryption(password)
                      if password else serialization.NoEncryption())
        return pkcs12.serialize_key_and_certificates(
            label, party.key if party else None,
            party.cert if party else None, others, protection)

    made["bundle"] = bundle(west, [middle.cert, root.cert])
    made["bundle_unnamed"] = bundle(west, None, None)
    made["bundle_certs_only"] = bundle(None, [root.cert])
    made["bundle_tiny"] = bundle(
        Party("tiny", key=rsa.generate_private_key(65537, 1024)), None)
    made["key_pem"] = pem(west.key)
    made["key_protected_pem"] = west.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSWORD))


def print_arrays():
    print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
    print("/* Made by certificates.py */")
    print("#include <stdint.h>\n")
    for variable, data in made.items():
        print(f"static const uint8_t {variable}[] = {{")
        for i in range(0, len(data), 12):
            print("\t" + " ".join(f"0x{byte:02x}," for byte in data[i:i + 12]))
        print("};\n")


def write_files(directory):
    """Each with the byte in front by which the fuzzer chooses its reader."""
    for variable, data in made.items():
        choice = (3 if variable.startswith("bundle") else
                  1 if variable.startswith("crl") else
                  2 if variable.startswith("key") else 0)
        (directory / variable).write_bytes(bytes([choice]) + data)


def main():
    root, middle = authorities()
    west = good_ones(root, middle)
    bad_ones(root, middle, west)
    for_engines(root, middle, west)
    bundles(root, middle, west)
    if len(sys.argv) > 1:
        write_files(pathlib.Path(sys.argv[1]))
    else:
        print_arrays()


if __name__ == "__main__":
    main()
