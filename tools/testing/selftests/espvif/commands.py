#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands `ipsec sa`, `ipsec sp`, `ipsec status` and `ipsec counters` as
users of manual keying type them, row by row (E1 to E11).

    +--------------- ours ---------------+        +------- peer --------+
    | wire  192.0.2.1                    | wire   | 192.0.2.2           |
    |       3ffe:501:ffff:0::a           |--------| 3ffe:501:ffff:1::1  |
    | ipsec0 (kind espvif)               |        |                     |
    +------------------------------------+        +---------------------+

Both are network namespaces of the test's own. The peer is there for what only
packets show: that two spellings are the same key, that hits are counted.
"""

import functools
import json
import os
import re
import socket
import subprocess
import tempfile

import lib
from cli import (KernelLog, accepted, ipsec, objects, refused, run,
                 words)
from lib import DAEMON, DISCARD, OUT, TUNNEL, expect
from lib import expect_equal as equal

OURS4, PEER4 = "192.0.2.1", "192.0.2.2"
OURS6, PEER6 = "3ffe:501:ffff:0::a", "3ffe:501:ffff:0001::1"

# Texts that cannot be anywhere by chance.
SECRET = "tell-nobody-this"
MAC_SECRET = "neither-tell-this-to-anybody-now"
DAEMON_ALGORITHM = lib.Algorithm("aes128-gcm16")
DAEMON_SECRET = "daemons-keep-secrets"
DAEMON_ALGORITHM.key = DAEMON_SECRET.encode()

# What the documentation of ESXi has as its example: the options of E3, with
# the text that the keys spell, and those of E11.
E3_KEY = "0x6970763672656164796c6f676f336465736362636f757432"
E3_MAC_KEY = "0x6970763672656164796c6f67736861316f757432"
E3_KEY_TEXT, E3_MAC_KEY_TEXT = (bytes.fromhex(key[2:]).decode()
                                for key in (E3_KEY, E3_MAC_KEY))
E3 = ("sa add --sa-source 3ffe:501:ffff:0::a "
      "--sa-destination 3ffe:501:ffff:0001::1 --sa-mode transport "
      "--sa-spi 0x1000 --encryption-algorithm 3des-cbc "
      f"--encryption-key {E3_KEY} --integrity-algorithm hmac-sha1 "
      f"--integrity-key {E3_MAC_KEY} --sa-name sa1").split()
E11 = ("sp add --sp-source=2001:db8:1::/64 "
       "--sp-destination=2002:db8:1::/64 --source-port=23 "
       "--destination-port=25 --upper-layer-protocol=tcp "
       "--flow-direction=out --action=ipsec --sp-mode=transport "
       "--sa-name=sa1 --sp-name=sp1").split()

# What the program has; names of ours that leave the length of the key open, with
# the mode that lists show then and the bytes of salt.
OPEN_ENCRYPTIONS = {"aes-cbc": ("cbc", 0), "aes-ctr": ("ctr", 4),
                    "aes-gcm": ("gcm16", 4), "aes-ccm": ("ccm16", 3),
                    "aes-gmac": ("gmac", 4)}


def is_aead(name):
    return any(part in name for part in ("gcm", "ccm", "gmac", "chacha"))


def hex_key(length, start=1):
    """Bytes that all differ, so that no cipher calls the key weak."""
    return "0x" + bytes((start + 7 * i) % 251 for i in range(length)).hex()


# ----- objects of the tests --------------------------------------------------

SA_DEFAULTS = {
    "sa-name": "sa", "sa-source": OURS4, "sa-destination": PEER4,
    "sa-mode": "transport", "sa-spi": "0x2000",
    "encryption-algorithm": "aes128-cbc", "encryption-key": SECRET,
    "integrity-algorithm": "hmac-sha2-256", "integrity-key": MAC_SECRET,
}
SP_DEFAULTS = {
    "sp-name": "sp", "sp-source": "198.51.100.0/24",
    "sp-destination": "203.0.113.0/24", "flow-direction": "out",
    "action": "discard",
}


def add_sa(**changes):
    accepted("sa", "add", *words(SA_DEFAULTS, changes))


def add_policy(**changes):
    accepted("sp", "add", *words(SP_DEFAULTS, changes))


def names(kind):
    return list(objects(kind))


def clean(test):
    """The test begins and ends without SAs and policies."""
    @functools.wraps(test)
    def around():
        try:
            test()
        finally:
            MODULE.flush()
    return around


# ----- E1: adding SAs --------------------------------------------------------

ALL_SA_OPTIONS = {
    "sa-name": "full", "sa-source": OURS4, "sa-destination": PEER4,
    "sa-mode": "tunnel", "sa-spi": "0xABCDEF01",
    "encryption-algorithm": "aes256-cbc", "encryption-key": hex_key(32),
    "integrity-algorithm": "hmac-sha2-512", "integrity-key": hex_key(64),
    "sa-direction": "in", "interface": "ipsec0", "replay-window": "1024",
    "lifetime-soft-bytes": "3k", "lifetime-hard-bytes": "5M",
    "lifetime-soft-packets": "7", "lifetime-hard-packets": "8",
    "lifetime-soft-seconds": "90000", "lifetime-hard-seconds": "100000",
    "encapsulation": "none", "offload": "auto",
}
ALL_SA_SHOWN = {
    "name": "full", "source_address": OURS4, "destination_address": PEER4,
    "spi": 0xabcdef01, "spi_hex": "0xabcdef01", "mode": "tunnel",
    "encryption_algorithm": "aes256-cbc", "encryption_key_bits": 256,
    "integrity_algorithm": "hmac-sha2-512", "direction": "in",
    "owner": "manual", "interface": "ipsec0", "esn": True,
    "replay_window": 1024,
    "lifetime_soft": {"bytes": 3072, "packets": 7, "seconds": 90000},
    "lifetime_hard": {"bytes": 5 << 20, "packets": 8, "seconds": 100000},
    "state": "valid", "sequence": 0, "last_used": 0, "policies": 0,
    "packets": 0, "bytes": 0, "drops": 0, "drop_reasons": {},
}


def shows(item, expected):
    for name, value in expected.items():
        equal(name, item[name], value)


@clean
def e1_separate():
    line = [word for option, value in ALL_SA_OPTIONS.items()
            for word in (f"--{option}", value)]
    accepted("sa", "add", "--esn", *line)
    shows(objects("sa")["full"], ALL_SA_SHOWN)


@clean
def e1_joined():
    line = [f"--{option}={value}" for option, value in ALL_SA_OPTIONS.items()]
    accepted("sa", "add", *line, "--esn")
    shows(objects("sa")["full"], ALL_SA_SHOWN)


@clean
def e1_families_and_modes():
    for mode in ("transport", "tunnel"):
        for source, destination in ((OURS4, PEER4), (OURS6, PEER6)):
            name = f"{mode}-{'six' if ':' in source else 'four'}"
            add_sa(sa_name=name, sa_mode=mode, sa_source=source,
                   sa_destination=destination,
                   sa_spi="0x300" if mode == "tunnel" else "0x301")
            equal(f"mode of {name}", objects("sa")[name]["mode"], mode)
    equal("IPv6 source", objects("sa")["tunnel-six"]["source_address"],
          "3ffe:501:ffff::a")


@clean
def e1_missing():
    for option in SA_DEFAULTS:
        line = words(SA_DEFAULTS, {option: None})
        refused(2, "sa", "add", *line, says=["missing", f"--{option}"])
    equal("SAs", names("sa"), [])


@clean
def e1_no_key_for_null():
    add_sa(encryption_algorithm="null", encryption_key=None)
    refused(2, "sa", "add",
            *words(SA_DEFAULTS, {"encryption-algorithm": "null"}),
            says=["--encryption-key", "null"])


@clean
def e1_aead_alone():
    aead = {"encryption_algorithm": "aes128-gcm16",
            "encryption_key": hex_key(20)}
    both = words(SA_DEFAULTS, aead)
    refused(2, "sa", "add", *both,
            says=["aes128-gcm16", "--integrity-algorithm",
                  "--integrity-key"])
    add_sa(integrity_algorithm=None, integrity_key=None, **aead)
    equal("integrity", objects("sa")["sa"]["integrity_algorithm"], None)


# ----- E1a: direction, device and what else is ours --------------------------

@clean
def e1a_direction_guessed():
    add_sa(sa_name="out4")
    add_sa(sa_name="in4", sa_source=PEER4, sa_destination=OURS4)
    add_sa(sa_name="out6", sa_source=OURS6, sa_destination=PEER6)
    add_sa(sa_name="in6", sa_source=PEER6, sa_destination=OURS6)
    for name, item in objects("sa").items():
        equal(f"direction of {name}", item["direction"], name[:-1])


@clean
def e1a_direction_told():
    add_sa(sa_name="in", sa_direction="in")
    add_sa(sa_name="out", sa_source=PEER4, sa_destination=OURS4,
           sa_direction="out")
    for name, item in objects("sa").items():
        equal(f"direction of {name}", item["direction"], name)


@clean
def e1a_interface():
    add_sa(sa_mode="tunnel", interface="ipsec0")
    equal("interface", objects("sa")["sa"]["interface"], "ipsec0")
    status = json.loads(accepted("status", "--json"))
    equal("SAs of the device", status["devices"][0]["sas"], 1)
    refused(2, "sa", "add",
            *words(SA_DEFAULTS, {"sa-name": "other", "interface": "ipsec0"}),
            says=["--interface", "tunnel"])
    refused(1, "sa", "add",
            *words(SA_DEFAULTS, {"sa-name": "other", "sa-mode": "tunnel",
                                 "sa-spi": "0x2001", "interface": "wire"}),
            says=["wire", "espvif"])


@clean
def e1a_replay():
    inbound = {"sa_source": PEER4, "sa_destination": OURS4}
    for number, (window, shown) in enumerate(
            ((None, 64), ("0", 0), ("4096", 4096))):
        add_sa(sa_name=f"sa{number}", sa_spi=hex(0x2000 + number),
               replay_window=window, **inbound)
        equal("window", objects("sa")[f"sa{number}"]["replay_window"], shown)
    add_sa(sa_name="esn", sa_spi="0x2003", esn=True)
    equal("esn", objects("sa")["esn"]["esn"], True)
    equal("no esn", objects("sa")["sa0"]["esn"], False)


@clean
def e1a_udp():
    add_sa(encapsulation="udp", encapsulation_source_port="4501",
           keepalive="20", sa_direction="out")
    equal("encapsulation", objects("sa")["sa"]["encapsulation"],
          {"type": "udp", "source_port": 4501, "destination_port": 4500,
           "keepalive": 20})
    add_sa(sa_name="bare", sa_spi="0x2002")
    equal("without", objects("sa")["bare"]["encapsulation"], None)
    accepted("sa", "set", "--sa-name=sa", "--peer-port=40001",
             "--peer-address", "192.0.2.77")
    moved = objects("sa")["sa"]
    equal("port", moved["encapsulation"]["destination_port"], 40001)
    equal("address", moved["destination_address"], "192.0.2.77")
    refused(1, "sa", "set", "--sa-name=bare", "--peer-port=1",
            says=["bare", "isn't encapsulated"])
    refused(1, "sa", "set", "--sa-name=none", "--peer-port=1",
            says=["no SA named none"])
    refused(2, "sa", "set", "--sa-name=bare", says=["--peer-address"])


OUTER = {"sa_mode": "tunnel", "df": "set", "dscp": "46", "ttl": "9",
         "fragmentation": "after", "tfc_padding": "1000"}
OUTER_SHOWN = {"df": "set", "dscp": 46, "ttl": 9, "flow_label": "no",
               "fragmentation": "after", "tfc_padding": 1000}
OUTER_DEFAULT = {"df": "copy", "dscp": None, "ttl": None, "flow_label": "no",
                 "fragmentation": "auto", "tfc_padding": 0}


@clean
def e1a_outer():
    add_sa(**OUTER)
    add_sa(sa_name="default", sa_spi="0x2001", sa_mode="tunnel")
    add_sa(sa_name="six", sa_spi="0x2002", sa_mode="tunnel", sa_source=OURS6,
           sa_destination=PEER6, flow_label="hash", df="clear", dscp="copy")
    add_sa(sa_name="transport", sa_spi="0x2003")
    add_sa(sa_name="in", sa_mode="tunnel", sa_source=PEER4,
           sa_destination=OURS4)
    shown = {name: item["outer_header"]
             for name, item in objects("sa").items()}
    equal("outer headers", shown, {
        "sa": OUTER_SHOWN, "default": OUTER_DEFAULT, "transport": None,
        "six": OUTER_DEFAULT | {"flow_label": "hash", "df": "clear"},
        "in": None})
    details = accepted("sa", "list", "--sa-name=sa", "--verbose")
    for line in ("Don't Fragment +set", "Fragmentation +after", "DSCP +46",
                 "TTL +9", "TFC Padding +1000 bytes"):
        expect(re.search(line, details), f"no {line} in\n{details}")
    # the direction is known to the module alone
    refused(1, "sa", "add", *words(SA_DEFAULTS, {
        "sa-name": "guessed", "sa-spi": "0x2009", "sa-mode": "tunnel",
        "sa-source": PEER4, "sa-destination": OURS4, "dscp": "1"}),
            says=["outbound", "inbound"])


@clean
def sp_mss():
    add_sa()
    for size, shown in ((None, "auto"), ("auto", "auto"), ("no", None),
                        ("88", 88), ("65534", 65534)):
        changes = {"sp_name": f"mss-{size}", "action": "ipsec",
                   "sp_mode": "transport", "sa_name": "sa"}
        add_policy(**changes, **{"mss": size} if size else {})
        equal("MSS", objects("sp")[f"mss-{size}"]["mss"], shown)
    details = accepted("sp", "list", "--sp-name=mss-88", "--verbose")
    expect(re.search("MSS +88", details), details)
    add_policy(sp_name="none")
    equal("MSS of discard", objects("sp")["none"]["mss"], None)


@clean
def sp_trap():
    """A trap needs no SA, gets one later; other policies are none."""
    tunnel = {"action": "ipsec", "sp_mode": "tunnel"}
    add_policy(sp_name="trap", trap=True, **tunnel)
    add_policy(sp_name="trap-in", trap=True, flow_direction="in", **tunnel)
    for name in ("trap", "trap-in"):
        shown = objects("sp")[name]
        equal(name, (shown["trap"], shown["held"], shown["sa_names"]),
              (True, 0, []))
    add_sa(sa_mode="tunnel", sa_direction="out")
    accepted("sp", "set", "--sp-name", "trap", "--sa-name", "sa")
    equal("SA", objects("sp")["trap"]["sa_names"], ["sa"])
    accepted("sp", "set", "--sp-name", "trap", "--no-sa")
    equal("no SA", objects("sp")["trap"]["sa_names"], [])
    accepted("sa", "remove", "--sa-name", "sa")
    add_sa(sa_name="none", sa_mode="tunnel", sa_direction="out")
    accepted("sp", "set", "--sp-name", "trap", "--sa-name", "none")
    equal("SA", objects("sp")["trap"]["sa_names"], ["none"])
    add_policy(sp_name="no-trap", sa_name="none", **tunnel)
    refused(1, "sp", "set", "--sp-name", "no-trap", "--no-sa",
            says=["no-trap is no trap: it cannot be without an SA"])
    details = accepted("sp", "list", "--sp-name=trap", "--verbose")
    expect(re.search("Trap +yes", details) and re.search("Held +0", details),
           details)
    refused(2, "sp", "add", *words(SP_DEFAULTS, {
        "sp-name": "no", "action": "none", "trap": True}),
            says=["--trap", "ipsec"])


@clean
def e1a_later():
    add_sa(encapsulation="none", offload="no")
    refused(1, "sa", "add", *words(SA_DEFAULTS, {
        "sa-name": "later", "sa-spi": "0x2001", "encapsulation": "tcp"}),
            says=["--encapsulation", "tcp", "not possible"])
    for value in ("crypto", "packet"):
        refused(1, "sa", "add", *words(SA_DEFAULTS, {
            "sa-name": "later", "sa-spi": "0x2001", "offload": value}),
                says=["--offload"])
    equal("SAs", names("sa"), ["sa"])
    equal("offload", [objects("sa")["sa"][name] for name in (
        "offload", "offload_state", "offload_device")], ["no", "no", None])


# ----- E2: algorithms --------------------------------------------------------

# What the SAs of these tests have to be listed with, by their names
E2_EXPECTED = {}


def sa_with(encryption, key, integrity="hmac-sha1", mac_key=hex_key(20, 3)):
    """Options of an SA with a name and an SPI of its own."""
    if is_aead(encryption):
        integrity = mac_key = None
    return words(SA_DEFAULTS, {
        "sa-name": f"sa-{len(E2_EXPECTED)}",
        "sa-spi": hex(0x10000 + len(E2_EXPECTED)),
        "encryption-algorithm": encryption, "encryption-key": key,
        "integrity-algorithm": integrity, "integrity-key": mac_key})


def add_with(encryption, key, shown, *rest):
    line = sa_with(encryption, key, *rest)
    accepted("sa", "add", *line)
    E2_EXPECTED[line[1]] = shown


def try_encryption(name, length):
    if not length:
        add_with(name, None, (name, "hmac-sha1"))
        return
    add_with(name, hex_key(length),
             (name, None if is_aead(name) else "hmac-sha1"))
    sentence = refused(2, "sa", "add", *sa_with(name, hex_key(length + 1)),
                       says=["--encryption-key"])
    numbers = re.findall(r"\b\d+\b", sentence.replace(name, ""))
    expect({str(length), str(length + 1)} <= set(numbers),
           f"not both lengths in: {sentence}")


def try_open_encryption(name, mode, salt):
    for bits in (128, 192, 256):
        add_with(name, hex_key(bits // 8 + salt),
                 (f"aes{bits}-{mode}", None if is_aead(name) else "hmac-sha1"))
    refused(2, "sa", "add", *sa_with(name, hex_key(17 + salt)), says=[
        "--encryption-key", f"{17 + salt} bytes", f"{16 + salt}, {24 + salt}",
        f"{32 + salt}"])


def try_integrity(name, length):
    add_with("aes128-cbc", hex_key(16), ("aes128-cbc", name), name,
             hex_key(length))
    refused(2, "sa", "add",
            *sa_with("null", None, name, hex_key(length - 1)),
            says=["--integrity-key", f"{length - 1} bytes", f"{length}"])


@clean
def e2_listed():
    found = {name: (item["encryption_algorithm"], item["integrity_algorithm"])
             for name, item in objects("sa").items()}
    equal("algorithms", found, E2_EXPECTED)


def e2_help():
    text = accepted("sa", "add", "--help")
    listed = text.partition("Encryption algorithms:")[2]
    encryptions, _, integrities = listed.partition("Integrity algorithms:")
    equal("encryption algorithms", sorted(encryptions.split()),
          sorted([*lib.ENCRYPTIONS, *OPEN_ENCRYPTIONS]))
    equal("integrity algorithms",
          sorted(integrities.partition("\n\n")[0].split()),
          sorted(lib.INTEGRITIES))


def e2_points():
    """A test point for each algorithm; they leave their SAs for the last."""
    points = [(f"E2 encryption {name}, {length} bytes of key",
               functools.partial(try_encryption, name, length))
              for name, (_, length, *_) in lib.ENCRYPTIONS.items()]
    points += [(f"E2 encryption {name}, keys of three lengths",
                functools.partial(try_open_encryption, name, *rest))
               for name, rest in OPEN_ENCRYPTIONS.items()]
    points += [(f"E2 integrity {name}, {length} bytes of key",
                functools.partial(try_integrity, name, length))
               for name, (_, length, *_) in lib.INTEGRITIES.items()]
    points += [("E2 lists tell the algorithms", e2_listed)]
    return points


# ----- E3, E4: keys and SPIs -------------------------------------------------

@clean
def e3_example():
    accepted(*E3)
    shows(objects("sa")["sa1"], {
        "source_address": "3ffe:501:ffff::a",
        "destination_address": "3ffe:501:ffff:1::1", "mode": "transport",
        "spi": 0x1000, "encryption_algorithm": "3des-cbc",
        "integrity_algorithm": "hmac-sha1", "direction": "out"})


def ping(address):
    return run("ping", "-n", "-c", "1", "-W", "5", address)


@clean
def e3_ascii_on_the_wire():
    """We have the example's keys in hexadecimal, the peer has them as text."""
    accepted(*E3)
    add_policy(sp_name="ping", sp_source=OURS6, sp_destination=PEER6,
               action="ipsec", sp_mode="transport", sa_name="sa1")
    text = [{E3_KEY: E3_KEY_TEXT, E3_MAC_KEY: E3_MAC_KEY_TEXT}.get(word, word)
            for word in E3]
    expect(E3_KEY_TEXT in text and E3_MAC_KEY_TEXT in text, "no text")
    with PEER:
        accepted(*text)
    try:
        equal("status of ping", ping(PEER6).status, 0)
        with PEER:
            shown = objects("sa")["sa1"]
        shows(shown, {"direction": "in", "packets": 1, "drops": 0})
    finally:
        with PEER:
            accepted("sa", "remove", "--remove-all")


@clean
def e3_key_file():
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(hex_key(16) + "\n")
        file.flush()
        line = words(SA_DEFAULTS, {"encryption-key": f"@{file.name}"})
        accepted("sa", "add", *line)
        os.chmod(file.name, 0o640)
        refused(1, "sa", "add", *line, says=[file.name, "0640", "0600"])


@clean
def e4_range():
    for spi, shown in (("0x100", "0x100"), ("0xffffffff", "0xffffffff"),
                       ("0x0000ABCD", "0xabcd")):
        add_sa(sa_name=f"spi-{shown}", sa_spi=spi)
        equal("SPI", objects("sa")[f"spi-{shown}"]["spi_hex"], shown)


@clean
def e4_outside():
    for spi in ("0x0", "0xff", "0x100000000", "256", "0x", "0x12g4", "-0x100",
                "", "0x 100"):
        refused(2, "sa", "add", *words(SA_DEFAULTS, {"sa-spi": spi}),
                says=["--sa-spi"])
    refused(2, "sa", "add", *words(SA_DEFAULTS, {"sa-spi": "0xff"}),
            says=["0x100", "0xffffffff"])
    equal("SAs", names("sa"), [])


@clean
def e4_clash():
    add_sa(sa_name="first")
    line = words(SA_DEFAULTS, {"sa-name": "second", "sa-mode": "tunnel",
                               "sa-source": "192.0.2.77"})
    refused(1, "sa", "add", *line, says=["0x00002000", PEER4, "SA first"])
    refused(1, "sa", "add", *words(SA_DEFAULTS, {
        "sa-name": "first", "sa-spi": "0x2001"}), says=["first", "already"])
    equal("SAs", names("sa"), ["first"])


@clean
def e4_other_destinations():
    add_sa(sa_name="one")
    add_sa(sa_name="two", sa_destination="192.0.2.3")
    add_sa(sa_name="three", sa_source=OURS6, sa_destination=PEER6)
    equal("SPIs", {item["spi"] for item in objects("sa").values()}, {0x2000})


# ----- E5, E6: listing and removing SAs --------------------------------------

def add_all_kinds():
    """SAs and policies of the administrator and of the daemon."""
    add_sa()
    add_sa(sa_name="other", sa_spi="0x2001")
    add_policy(sp_name="sp", action="ipsec", sp_mode="transport",
               sa_name="sa")
    MODULE.add_sa("daemon-sa", OURS4, "192.0.2.99", 0x3000, TUNNEL,
                  DAEMON_ALGORITHM, owner=DAEMON)
    MODULE.add_policy("daemon-sp", OUT, "0.0.0.0/0", "198.18.0.0/15",
                      action=DISCARD, owner=DAEMON)


@clean
def e5_owners():
    add_all_kinds()
    equal("owners", {name: item["owner"] for name, item
                     in objects("sa").items()},
          {"sa": "manual", "other": "manual", "daemon-sa": "daemon"})
    table = accepted("sa", "list", "--noheadings").splitlines()
    equal("owners in the table", [line.split()[9] for line in table],
          ["manual", "manual", "daemon"])
    verbose = accepted("sa", "list", "--verbose", "--sa-name", "daemon-sa")
    expect(re.search(r"^ *Owner +daemon$", verbose, re.M), verbose)


LISTINGS = (["sa", "list"], ["sa", "list", "--verbose"],
            ["sa", "list", "--json"], ["sp", "list"],
            ["sp", "list", "--verbose"], ["sp", "list", "--json"], ["status"],
            ["status", "--json"], ["counters", "--all"],
            ["counters", "--all", "--json"], ["counters", "--sa", "sa"])


@clean
def e5_no_key():
    log = KernelLog()
    add_all_kinds()
    secrets = [key for text in (SECRET, MAC_SECRET, DAEMON_SECRET)
               for key in (text, text.encode().hex(), text[:8],
                           text.encode()[:8].hex())]
    texts = [accepted(*listing) for listing in LISTINGS]
    # what is refused tells no key either
    for option, text in (("encryption-key", SECRET + "x"),
                         ("integrity-key", MAC_SECRET + "x"),
                         ("encryption-key", "0x" + SECRET)):
        answer = ipsec("sa", "add", *words(SA_DEFAULTS, {option: text}))
        equal("status", answer.status, 2)
        texts.append(answer.err)
    texts += [line for _, line in log.lines()]
    for text in texts:
        for secret in secrets:
            expect(secret.lower() not in text.lower(),
                   f"{secret} stands in:\n{text}")


@clean
def e6_used():
    add_sa()
    add_policy(sp_name="first", action="ipsec", sp_mode="transport",
               sa_name="sa")
    add_policy(sp_name="second", action="ipsec", sp_mode="transport",
               sa_name="sa")
    refused(1, "sa", "remove", "--sa-name", "sa",
            says=["SA sa", "used", "first", "second"])
    accepted("sp", "remove", "--sp-name", "first")
    sentence = refused(1, "sa", "remove", "--sa-name=sa", says=["second"])
    expect("first" not in sentence, sentence)
    accepted("sp", "remove", "--sp-name", "second")
    accepted("sa", "remove", "--sa-name=sa")
    refused(1, "sa", "remove", "--sa-name", "sa", says=["no SA named sa"])


@clean
def e6_all():
    add_all_kinds()
    refused(1, "sa", "remove", "--remove-all", says=["SA sa", "policy sp"])
    equal("SAs", names("sa"), ["sa", "other", "daemon-sa"])
    accepted("sp", "remove", "--sp-name", "sp")
    accepted("sa", "remove", "--remove-all")
    equal("SAs", names("sa"), ["daemon-sa"])


@clean
def e6_daemon():
    add_all_kinds()
    refused(1, "sa", "remove", "--sa-name", "daemon-sa",
            says=["daemon-sa", "IKE daemon"])
    expect("daemon-sa" in names("sa"), "it is gone")


@clean
def e6_what():
    for line in (["--sa-name", "a", "--remove-all"], []):
        refused(2, "sa", "remove", *line,
                says=["--sa-name", "--remove-all"])


# ----- E7, E8: adding policies -----------------------------------------------

ALL_SP_OPTIONS = {
    "sp-source": "10.0.0.0/9", "sp-destination": "10.200.1.2/32",
    "source-port": "1000-2000", "destination-port": "53",
    "upper-layer-protocol": "udp", "flow-direction": "out",
    "action": "ipsec", "sp-mode": "tunnel", "sa-name": "bound",
    "sp-name": "full", "interface": "ipsec0", "priority": "77",
}
ALL_SP_SHOWN = {
    "name": "full", "source_address": "10.0.0.0/9",
    "destination_address": "10.200.1.2/32", "source_port_min": 1000,
    "source_port_max": 2000, "destination_port_min": 53,
    "destination_port_max": 53, "protocol": "udp", "protocol_number": 17,
    "flow_direction": "out", "action": "ipsec", "mode": "tunnel",
    "sa_names": ["bound"], "priority": 77, "interface": "ipsec0",
    "owner": "manual", "hits": 0, "bytes": 0, "last_used": 0,
}


@clean
def e7_separate():
    add_sa(sa_name="bound", sa_mode="tunnel", interface="ipsec0")
    accepted("sp", "add", *words(ALL_SP_OPTIONS, {}))
    shows(objects("sp")["full"], ALL_SP_SHOWN)


@clean
def e7_joined():
    add_sa(sa_name="bound", sa_mode="tunnel", interface="ipsec0")
    accepted("sp", "add", *[f"--{option}={value}" for option, value
                            in ALL_SP_OPTIONS.items()])
    shows(objects("sp")["full"], ALL_SP_SHOWN)


@clean
def e7_missing():
    for option in SP_DEFAULTS:
        refused(2, "sp", "add", *words(SP_DEFAULTS, {option: None}),
                says=["missing", f"--{option}"])
    add_sa()
    full = {"action": "ipsec", "sp-mode": "transport", "sa-name": "sa"}
    for option in ("sp-mode", "sa-name"):
        refused(2, "sp", "add", *words(SP_DEFAULTS, {**full, option: None}),
                says=["missing", f"--{option}"])
    equal("policies", names("sp"), [])


@clean
def e7_protocols():
    six = {"sp_source": "any6", "sp_destination": "any6"}
    cases = [(word, number, {}) for word, number in
             (("any", 0), ("tcp", 6), ("udp", 17), ("icmp", 1),
              ("sctp", 132), ("89", 89), ("0", 0), ("255", 255))]
    cases += [("icmp6", 58, six), ("58", 58, six)]
    for word, number, rest in cases:
        add_policy(upper_layer_protocol=word, **rest)
        equal(word, objects("sp")["sp"]["protocol_number"], number)
        accepted("sp", "remove", "--sp-name", "sp")
    add_policy()
    equal("without", objects("sp")["sp"]["protocol"], "any")
    for word, rest in (("icmp", six), ("icmp6", {}), ("256", {}),
                       ("ggp", {}), ("-1", {})):
        refused(2, "sp", "add", *words(SP_DEFAULTS, {
            "sp-name": "wrong", "upper-layer-protocol": word, **rest}),
                says=["--upper-layer-protocol"])


@clean
def e7_ports():
    for text, low, high in (("0", 0, 65535), ("1", 1, 1),
                            ("65535", 65535, 65535), ("5-10", 5, 10),
                            ("0-65535", 0, 65535)):
        add_policy(upper_layer_protocol="tcp", source_port=text)
        shows(objects("sp")["sp"], {
            "source_port_min": low, "source_port_max": high,
            "destination_port_min": 0, "destination_port_max": 65535})
        accepted("sp", "remove", "--sp-name", "sp")
    add_policy(source_port="0", destination_port="0")
    refused(2, "sp", "add", *words(SP_DEFAULTS, {
        "sp-name": "wrong", "destination-port": "80"}),
            says=["--destination-port", "--upper-layer-protocol"])


@clean
def e7_prefixes():
    for text, shown in (("any", "0.0.0.0/0"), ("0.0.0.0/0", "0.0.0.0/0"),
                        ("192.0.2.7", "192.0.2.7/32"), ("any6", "::/0"),
                        ("2001:DB8::/33", "2001:db8::/33"),
                        ("::1", "::1/128")):
        add_policy(sp_source=text,
                   sp_destination="any6" if ":" in shown else "any")
        equal(text, objects("sp")["sp"]["source_address"], shown)
        accepted("sp", "remove", "--sp-name", "sp")


@clean
def e7_sa_names():
    for number in range(48):
        add_sa(sa_name=f"sa{number}", sa_spi=hex(0x2000 + number))
    bundle = [f"sa{number}" for number in range(48)]
    add_policy(sp_name="many", action="ipsec", sp_mode="transport",
               sa_name=bundle)
    equal("SAs", objects("sp")["many"]["sa_names"], bundle)
    for action in ("none", "discard"):
        refused(2, "sp", "add", *words(SP_DEFAULTS, {
            "action": action, "sa-name": "sa0"}),
                says=["--sa-name", "ipsec"])
    refused(1, "sp", "add", *words(SP_DEFAULTS, {
        "action": "ipsec", "sp-mode": "transport", "sa-name": "nobody"}),
            says=["no SA named nobody"])


@clean
def e7_fits_its_sa():
    """A policy and its SA agree in direction, mode, device and family."""
    add_sa(sa_name="out")
    add_sa(sa_name="in", sa_spi="0x2001", sa_direction="in")
    add_sa(sa_name="tunnel", sa_spi="0x2002", sa_mode="tunnel")
    add_sa(sa_name="bound", sa_spi="0x2003", sa_mode="tunnel",
           interface="ipsec0")
    right = {"action": "ipsec", "sp-mode": "transport", "sa-name": "out"}
    for changes, says in (
            ({"sa-name": "in"}, "inbound"),
            ({"flow-direction": "in"}, "outbound"),
            ({"sa-name": "tunnel"}, "mode"),
            ({"sp-mode": "tunnel"}, "mode"),
            ({"sp-mode": "tunnel", "sa-name": "bound"}, "interface"),
            ({"sp-source": "any6", "sp-destination": "any6"}, "famil")):
        refused(1, "sp", "add", *words(SP_DEFAULTS, {**right, **changes}),
                says=["SA ", says])
    equal("policies", names("sp"), [])


@clean
def e8_listed():
    add_sa()
    for action in ("none", "discard"):
        for direction in ("in", "out"):
            add_policy(sp_name=f"{action}-{direction}", action=action,
                       flow_direction=direction)
    add_policy(sp_name="ipsec-out", action="ipsec", sp_mode="transport",
               sa_name="sa")
    for name, item in objects("sp").items():
        equal(name, f"{item['action']}-{item['flow_direction']}", name)
    refused(2, "sp", "add", *words(SP_DEFAULTS, {"action": "permit"}),
            says=["--action", "none, discard or ipsec"])


# ----- E9: listing policies --------------------------------------------------

@clean
def e9_order():
    """Host policies by priority, then age; those of a device after them."""
    add_sa(sa_name="bound", sa_mode="tunnel", interface="ipsec0")
    for name, priority in (("c", None), ("d", None), ("a", "5"),
                           ("e", "4294967295"), ("b", "999")):
        add_policy(sp_name=name, priority=priority)
    add_policy(sp_name="f", action="ipsec", sp_mode="tunnel",
               sa_name="bound", interface="ipsec0", priority="1")
    equal("order in JSON", names("sp"), list("abcdef"))
    table = accepted("sp", "list", "--noheadings").splitlines()
    equal("order in the table", [line.split()[0] for line in table],
          list("abcdef"))
    verbose = accepted("sp", "list", "--verbose")
    equal("order in --verbose", re.findall(r"^(\S+)$", verbose, re.M),
          list("abcdef"))
    equal("one alone", names("sp") and list(objects("sp", "--sp-name", "c")), ["c"])


def send(port, count, address=PEER4):
    """UDP datagrams of 100 bytes; nobody needs to take them."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(count):
        # the peer's answer that nobody listens would fail the next one
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto(bytes(100), (address, port))
            except PermissionError:
                pass


@clean
def e9_hits():
    udp = {"sp_source": "any", "sp_destination": PEER4,
           "upper_layer_protocol": "udp"}
    add_policy(sp_name="hole", action="none", destination_port="5000",
               priority="1", **udp)
    add_policy(sp_name="drop", action="discard",
               destination_port="5000-5001", **udp)
    add_policy(sp_name="rest", action="none", priority="2000", **udp)
    for port, count in ((5000, 3), (5001, 2), (5002, 4)):
        send(port, count)
    found = objects("sp")
    equal("hits", {name: item["hits"] for name, item in found.items()},
          {"hole": 3, "drop": 2, "rest": 4})
    equal("bytes", {name: item["bytes"] for name, item in found.items()},
          {"hole": 384, "drop": 256, "rest": 512})
    expect(found["hole"]["last_used"], "it was never used")
    table = accepted("sp", "list", "--noheadings").splitlines()
    equal("hits in the table", [line.split()[-2] for line in table],
          ["3", "2", "4"])


# ----- changing policies -----------------------------------------------------

@clean
def other_sas():
    for number in range(3):
        add_sa(sa_name=f"sa{number}", sa_spi=f"0x200{number}")
    add_policy(sp_name="sp", action="ipsec", sp_mode="transport",
               sa_name="sa0")
    add_policy(sp_name="clear")
    accepted("sp", "set", "--sp-name", "sp", "--sa-name", "sa2",
             "--sa-name=sa1")
    equal("SAs", objects("sp")["sp"]["sa_names"], ["sa2", "sa1"])
    equal("policies", {name: item["policies"] for name, item
                       in objects("sa").items()},
          {"sa0": 0, "sa1": 1, "sa2": 1})
    accepted("sa", "remove", "--sa-name", "sa0")
    shown = json.loads(accepted("sp", "set", "--sp-name", "sp", "--sa-name",
                                "sa1", "--json"))
    equal("JSON", shown, [objects("sp")["sp"]])
    equal("SAs", shown[0]["sa_names"], ["sa1"])
    for policy, sa, says in (("sp", "sa0", "no SA named sa0"),
                             ("no", "sa1", "no policy named no"),
                             ("clear", "sa1", "clear has not the action")):
        refused(1, "sp", "set", "--sp-name", policy, "--sa-name", sa,
                says=[says])
    equal("SAs", objects("sp")["sp"]["sa_names"], ["sa1"])


# ----- E10: removing policies ------------------------------------------------

@clean
def e10_names():
    add_policy(sp_name="one")
    add_policy(sp_name="two")
    add_policy(sp_name="three")
    accepted("sp", "remove", "--sp-name", "one")
    accepted("sp", "remove", "--sa-name", "two")
    accepted("sp", "remove", "--sp-name=three")
    refused(1, "sp", "remove", "--sp-name", "one",
            says=["no policy named one"])
    for line in (["--sp-name", "a", "--sa-name", "a"], [],
                 ["--sp-name", "a", "--remove-all"]):
        refused(2, "sp", "remove", *line, says=["--sp-name"])


@clean
def e10_all():
    add_all_kinds()
    add_policy(sp_name="another", sp_source="any6", sp_destination="any6")
    accepted("sp", "remove", "--remove-all")
    equal("policies", names("sp"), ["daemon-sp"])


@clean
def e10_daemon():
    add_all_kinds()
    equal("owners", {name: item["owner"] for name, item
                     in objects("sp").items()},
          {"sp": "manual", "daemon-sp": "daemon"})
    refused(1, "sp", "remove", "--sp-name", "daemon-sp",
            says=["daemon-sp", "IKE daemon"])
    expect("daemon-sp" in names("sp"), "it is gone")


@clean
def e10_interface_up():
    add_sa(sa_name="bound", sa_mode="tunnel", interface="ipsec0")
    add_policy(sp_name="host")
    add_policy(sp_name="device", action="ipsec", sp_mode="tunnel",
               sa_name="bound", interface="ipsec0")
    OURS.ip_batch("link set ipsec0 up")
    try:
        refused(1, "sp", "remove", "--sp-name", "device", says=[
            "policy device", "ipsec0", "up", "ip link set ipsec0 down"])
        refused(1, "sp", "remove", "--remove-all",
                says=["policy device", "up"])
        equal("policies", names("sp"), ["host", "device"])
    finally:
        OURS.ip_batch("link set ipsec0 down")
    accepted("sp", "remove", "--sp-name", "device")
    equal("policies", names("sp"), ["host"])


# ----- E11: the documented policy --------------------------------------------

@clean
def e11_example():
    accepted(*E3)
    accepted(*E11)
    shows(objects("sp")["sp1"], {
        "source_address": "2001:db8:1::/64",
        "destination_address": "2002:db8:1::/64", "source_port_min": 23,
        "source_port_max": 23, "destination_port_min": 25,
        "destination_port_max": 25, "protocol": "tcp",
        "flow_direction": "out", "action": "ipsec", "mode": "transport",
        "sa_names": ["sa1"]})
    refused(1, "sa", "remove", "--sa-name", "sa1",
            says=["sa1", "used", "sp1"])


@clean
def e11_without_sp():
    accepted(*E3)
    refused(2, *E11[1:], says=["did you mean 'sp add'?"])
    equal("policies", names("sp"), [])


# ----- lists as people and programs read them --------------------------------

SA_HEADINGS = ("Name", "Source Address", "Destination Address", "State",
               "SPI", "Mode", "Encryption Algorithm", "Integrity Algorithm",
               "Direction", "Owner", "Interface", "Packets", "Bytes", "Drops")
SP_HEADINGS = ("Name", "Source Address", "Destination Address", "Source Port",
               "Destination Port", "Protocol", "Flow Direction", "Action",
               "Mode", "SA Name", "Priority", "Interface", "Owner", "Hits",
               "Held")


@clean
def lists_columns():
    add_all_kinds()
    add_sa(sa_name="n" * 63, sa_spi="0x2009", sa_source=OURS6,
           sa_destination=PEER6)
    for kind, headings in (("sa", SA_HEADINGS), ("sp", SP_HEADINGS)):
        lines = accepted(kind, "list").splitlines()
        equal("headings", tuple(re.split(r"  +", lines[0])), headings)
        for line in lines[1:]:
            equal(f"columns of {line}", len(line.split()), len(headings))
        equal("--noheadings",
              accepted(kind, "list", "--noheadings").splitlines(), lines[1:])


@clean
def lists_in_a_pipe():
    add_all_kinds()
    for kind in ("sa", "sp"):
        wide = accepted(kind, "list")
        for environment in ({"COLUMNS": "20"}, {"TERM": "xterm-256color"},
                            {"LC_ALL": "C"}, {"COLUMNS": "0", "TERM": ""}):
            answer = run("ipsec", kind, "list",
                              env={**os.environ, **environment})
            equal(f"ipsec {kind} list with {environment}", answer.out, wide)
        expect("\x1b" not in wide, "it is coloured")


def types_are(item, **types):
    equal("members", sorted(item), sorted(types))
    for name, kind in types.items():
        kinds = kind if isinstance(kind, tuple) else (kind,)
        expect(type(item[name]) in kinds,
               f"{name} is {item[name]!r}, a {type(item[name]).__name__}")


@clean
def lists_json():
    equal("no SA", json.loads(accepted("sa", "list", "--json")), [])
    equal("no policy", json.loads(accepted("sp", "list", "--json")), [])
    add_all_kinds()
    nothing = type(None)
    for item in objects("sa").values():
        types_are(item, id=int, name=str, source_address=str,
                  destination_address=str, spi=int, spi_hex=str, mode=str,
                  encapsulation=nothing, cpu=nothing, offload=str,
                  offload_state=str,
                  offload_device=nothing, outer_header=(dict, nothing),
                  encryption_algorithm=str, encryption_key_bits=int,
                  integrity_algorithm=(str, nothing), direction=str,
                  owner=str, interface=(str, nothing), esn=bool,
                  replay_window=int, lifetime_soft=dict, lifetime_hard=dict,
                  state=str, sequence=int, added=int, last_used=int,
                  policies=int, packets=int, bytes=int, drops=int,
                  drop_reasons=dict)
        for limit in ("lifetime_soft", "lifetime_hard"):
            types_are(item[limit], bytes=int, packets=int, seconds=int)
    for item in objects("sp").values():
        types_are(item, id=int, name=str, source_address=str,
                  destination_address=str, source_port_min=int,
                  source_port_max=int, destination_port_min=int,
                  destination_port_max=int, protocol=str,
                  protocol_number=int, flow_direction=str, action=str,
                  mode=(str, nothing), sa_names=list, priority=int,
                  interface=(str, nothing), owner=str, hits=int, bytes=int,
                  last_used=int, mss=(str, int, nothing), trap=bool, held=int,
                  cpu_acquire=bool)


@clean
def lists_names():
    """A name as odd as allowed, listed as it is and found again."""
    for name in ('"quoted"', "back\\slash", "a,b=c;d", "~!@#$%^&*()[]{}<>|?/",
                 "x" * 63):
        add_sa(sa_name=name)
        equal("SA", list(objects("sa", "--sa-name", name)), [name])
        accepted("sa", "remove", "--sa-name", name)
        add_policy(sp_name=name)
        equal("policy", list(objects("sp", "--sp-name", name)), [name])
        accepted("sp", "remove", "--sp-name", name)


@clean
def status():
    add_all_kinds()
    add_sa(sa_name="bound", sa_spi="0x2005", sa_mode="tunnel",
           interface="ipsec0")
    found = json.loads(accepted("status", "--json"))
    types_are(found, loaded=bool, version=str, sas=int, policies=int,
              promised_spis=int, devices=list, daemon=type(None))
    equal("counts", (found["loaded"], found["sas"], found["policies"]),
          (True, 4, 2))
    types_are(found["devices"][0], name=str, index=int, up=bool,
              foreign=bool, mtu=int, sas=int, policies=int)
    shows(found["devices"][0], {"name": "ipsec0", "up": False,
                                "foreign": False, "sas": 1, "policies": 0})
    text = accepted("status")
    expect(re.search(r"^ipsec0 +down +\d+ +1 +0 +this$", text, re.M), text)
    expect(re.search(r"^ *Security Associations +4$", text, re.M), text)


@clean
def counters():
    every = json.loads(accepted("counters", "--all", "--json"))
    expect(all(type(value) is int for value in every.values()), every)
    expect({"in-packets", "in-unprotected", "out-packets",
            "out-no-policy"} <= set(every), every)
    before = every["out-policy-discard"]
    add_policy(sp_source="any", sp_destination=PEER4)
    send(5000, 3)
    shown = json.loads(accepted("counters", "--json"))
    equal("discarded", shown["out-policy-discard"], before + 3)
    expect(0 not in shown.values(), "one that is 0 is shown")
    table = dict(line.split() for line in
                 accepted("counters", "--all", "--noheadings").splitlines())
    equal("all of them", sorted(table), sorted(every))
    equal("in the table", table["out-policy-discard"], str(before + 3))


@clean
def counters_of_an_sa():
    """An SA in transport mode has no business with other addresses."""
    add_sa(sa_source="192.0.2.77")
    add_policy(sp_source="any", sp_destination=PEER4, action="ipsec",
               sp_mode="transport", sa_name="sa")
    send(5000, 2)
    equal("drops", json.loads(accepted("counters", "--sa", "sa", "--json")),
          {"out-sa-address": 2})
    shows(objects("sa")["sa"], {"drops": 2, "packets": 0,
                                "drop_reasons": {"out-sa-address": 2}})
    refused(1, "counters", "--sa", "nobody", says=["no SA named nobody"])


COMMANDS = ("sa add", "sa list", "sa set", "sa remove", "sp add", "sp list",
            "sp set", "sp remove", "status", "counters", "monitor")


def helps():
    overview = accepted("--help")
    for command in COMMANDS:
        expect(re.search(rf"^  {command} ", overview, re.M), overview)
        text = accepted(*command.split(), "--help")
        expect(text.startswith(f"Usage: ipsec {command} "), text)
        equal(f"help {command}", accepted("help", *command.split()), text)
        expect(max(map(len, text.splitlines())) < 80, f"{command}: too wide")
    equal("help", accepted("help"), overview)


def statuses():
    equal("a list", ipsec("sa", "list").status, 0)
    equal("a refusal", ipsec("sa", "list", "--sa-name", "no").status, 1)
    equal("usage", ipsec("sa", "list", "--nothing").status, 2)
    equal("no command", ipsec().status, 2)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(["ipsec", "status"], stdout=full,
                                   stderr=subprocess.PIPE, text=True,
                                   check=False)
    equal("a full disk", done.returncode, 1)
    expect("No space left" in done.stderr, done.stderr)


def completion_file():
    """The completion of our tree, or an installed one, or None."""
    for place in (lib.HERE / "../../../packaging/completion/ipsec",
                  "/usr/local/share/bash-completion/completions/ipsec",
                  "/usr/share/bash-completion/completions/ipsec"):
        if os.path.isfile(place):
            return str(place)
    return None


def complete(*line):
    """What bash offers for the last word of a line."""
    script = """
. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
call=$(complete -p ipsec); call=${call#*-F }
${call%% *} 2>&1
printf '%s\\n' "${COMPREPLY[@]}"
"""
    answer = run("bash", "-c", script, "bash", completion_file(), *line)
    return set(answer.out.split())


@clean
def completion():
    add_sa(sa_name="alpha")
    add_sa(sa_name="beta", sa_spi="0x2001")
    add_policy(sp_name="gamma")
    for line, offered in (
            (["ipsec", "cou"], {"counters"}),
            (["ipsec", "sa", ""], {"add", "list", "set", "remove"}),
            (["ipsec", "sa", "add", "--sa-mode", "tr"], {"transport"}),
            (["ipsec", "sa", "remove", "--sa-name", ""], {"alpha", "beta"}),
            (["ipsec", "sp", "remove", "--sp-name", "g"], {"gamma"}),
            (["ipsec", "sp", "add", "--interface", "ip"], {"ipsec0"}),
            (["ipsec", "sa", "add", "--encryption-algorithm", "aes256-gcm"],
             {"aes256-gcm8", "aes256-gcm12", "aes256-gcm16"})):
        found = complete(*line)
        expect(offered <= found and len(found) <= len(offered) + 1,
               f"{' '.join(line)}: {found}")


# ----- all of them -----------------------------------------------------------

TESTS = [
    ("E1 every option as --option value", e1_separate),
    ("E1 every option as --option=value", e1_joined),
    ("E1 both address families, both modes", e1_families_and_modes),
    ("E1 a missing option is named", e1_missing),
    ("E1 null takes no encryption key", e1_no_key_for_null),
    ("E1 AEADs take no integrity options", e1_aead_alone),
    ("E1a the direction follows from the destination", e1a_direction_guessed),
    ("E1a --sa-direction overrides", e1a_direction_told),
    ("E1a --interface binds to a device", e1a_interface),
    ("E1a --replay-window and --esn", e1a_replay),
    ("E1a --encapsulation udp, and a peer that moves", e1a_udp),
    ("E1a sizes and outer headers", e1a_outer),
    ("E1a --encapsulation and --offload", e1a_later),
    ("E2 the help lists every algorithm", e2_help),
    *e2_points(),
    ("E3 the documented example", e3_example),
    ("E3 text and hexadecimal are the same key", e3_ascii_on_the_wire),
    ("E3 a key in a file of its owner's", e3_key_file),
    ("E4 SPIs from 0x100 to 0xffffffff", e4_range),
    ("E4 other SPIs are refused", e4_outside),
    ("E4 clash names the SA", e4_clash),
    ("E4 the SPI again to another destination", e4_other_destinations),
    ("E5 SAs of administrator and daemon are told apart", e5_owners),
    ("E5 no key in any list, refusal or kernel log", e5_no_key),
    ("E6 a used SA stays, its policies are named", e6_used),
    ("E6 --remove-all: all but the daemon's, or none", e6_all),
    ("E6 an SA of the daemon's stays", e6_daemon),
    ("E6 either a name or --remove-all", e6_what),
    ("E7 every option as --option value", e7_separate),
    ("E7 every option as --option=value", e7_joined),
    ("E7 a missing option is named", e7_missing),
    ("E7 protocols by name and number", e7_protocols),
    ("E7 port 0 is any port; ranges", e7_ports),
    ("E7 prefixes of both families", e7_prefixes),
    ("E7 --sa-name for ipsec only, up to 48 times", e7_sa_names),
    ("E7 policy and SA must agree", e7_fits_its_sa),
    ("E8 the three actions in both directions", e8_listed),
    ("E9 listed in the order of evaluation", e9_order),
    ("E9 hits and bytes are counted", e9_hits),
    ("sp add --mss", sp_mss),
    ("sp add --trap", sp_trap),
    ("sp set gives a policy other SAs", other_sas),
    ("E10 --sp-name, or --sa-name as an alias", e10_names),
    ("E10 --remove-all: all but the daemon's", e10_all),
    ("E10 a policy of the daemon's stays", e10_daemon),
    ("E10 refused while the interface is up", e10_interface_up),
    ("E11 the documented example", e11_example),
    ("E11 without the word sp it is no command", e11_without_sp),
    ("lists: every row has every column", lists_columns),
    ("lists: the same whatever the terminal", lists_in_a_pipe),
    ("lists: JSON with the right types", lists_json),
    ("lists: odd names", lists_names),
    ("status shows what there is", status),
    ("counters of the namespace", counters),
    ("counters of an SA", counters_of_an_sa),
    ("every command has --help", helps),
    ("statuses: 0 done, 1 refused, 2 usage", statuses),
]
if completion_file():
    TESTS.append(("completion knows words and objects", completion))



def set_up():
    lib.join(OURS, PEER)
    OURS.ip_batch("link add ipsec0 type espvif",
                  f"address add {OURS4}/24 dev wire",
                  f"address add {OURS6}/48 dev wire nodad")
    PEER.ip_batch(f"address add {PEER4}/24 dev wire",
                  f"address add {PEER6}/48 dev wire nodad")


def main():
    report = lib.Report(len(TESTS))
    set_up()
    with OURS:
        for name, test in TESTS:
            with report.point(name):
                test()
    report.finish()


if __name__ == "__main__":
    lib.need("ping", "bash")
    OURS, PEER = lib.Namespace("ours"), lib.Namespace("peer")
    MODULE = lib.Module(OURS)
    main()
