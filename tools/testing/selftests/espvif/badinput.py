#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Input that makes no sense, typed at `ipsec`: every wrong option, key, SPI,
prefix, port and name, clashes and objects that don't exist.

    +--------------- ours ---------------+
    | dummy0  192.0.2.1, 2001:db8::1     |      one network namespace, with
    | ipsec0  (kind espvif)              |      two SAs and a policy in it
    +------------------------------------+

Each is refused, with status 2 if the command line makes no sense and 1 if the
module refuses, with one sentence that says what is wrong. Nothing of it is
done: SAs and policies are afterwards what they were before. The kernel says
nothing. Then a random mutator, whose seed is told, writes hundreds of command
lines: what it is answered may be anything but a crash, and what was refused
must have changed nothing.
"""

import functools
import os
import random
import re

import lib
from cli import KernelLog, accepted, ipsec, refused, words
from lib import expect, expect_equal

KEY16, KEY32 = "0x" + "a5" * 16, "0x" + "5a" * 32
SA = {
    "sa-name": "new", "sa-source": "192.0.2.1", "sa-destination": "192.0.2.2",
    "sa-mode": "tunnel", "sa-spi": "0x5000",
    "encryption-algorithm": "aes128-cbc", "encryption-key": KEY16,
    "integrity-algorithm": "hmac-sha2-256", "integrity-key": KEY32,
}
SP = {
    "sp-name": "new", "sp-source": "198.51.100.0/24",
    "sp-destination": "203.0.113.0/24", "flow-direction": "out",
    "action": "ipsec", "sp-mode": "tunnel", "sa-name": "used",
}

# (options changed, what the sentence has to say), all wrong usage

SA_USAGE = [
    # names
    ({"sa_name": ""}, "1 to 63 characters, not 0"),
    ({"sa_name": "x" * 64}, "1 to 63 characters, not 64"),
    ({"sa_name": "two words"}, "character 4"),
    ({"sa_name": "tab\there"}, "character 4"),
    ({"sa_name": "ümlaut"}, "character 1"),
    ({"sa_name": "line\nend"}, "character 5"),
    # addresses
    ({"sa_source": "192.0.2.256"}, "not an IPv4 or IPv6 address"),
    ({"sa_source": "192.0.2"}, "not an IPv4 or IPv6 address"),
    ({"sa_source": "host.example"}, "not an IPv4 or IPv6 address"),
    ({"sa_source": ""}, "not an IPv4 or IPv6 address"),
    ({"sa_source": "192.0.2.1/24"}, "is a prefix"),
    ({"sa_source": "0.0.0.0"}, "not the address of a host"),
    ({"sa_destination": "::"}, "not the address of a host"),
    ({"sa_destination": "fe80::1%dummy0"}, "without its zone"),
    ({"sa_destination": "2001:db8::12345"}, "not an IPv4 or IPv6 address"),
    ({"sa_destination": "2001:db8::2"}, "both must be of one family"),
    ({"sa_destination": "224.0.0.1"}, "--sa-destination"),
    ({"sa_source": "2001:db8::1", "sa_destination": "ff02::1"},
     "--sa-destination"),
    # words
    ({"sa_mode": "beet"}, "transport or tunnel"),
    ({"sa_mode": "Tunnel"}, "transport or tunnel"),
    ({"sa_direction": "both"}, "in or out"),
    ({"encapsulation": "sctp"}, "none, udp or tcp"),
    ({"offload": "yes"}, "auto, no, crypto or packet"),
    # SPIs
    ({"sa_spi": "0xff"}, "0x100 to 0xffffffff"),
    ({"sa_spi": "0x100000000"}, "0x100 to 0xffffffff"),
    ({"sa_spi": "0x" + "f" * 100}, "0x100 to 0xffffffff"),
    ({"sa_spi": "4096"}, "write 0x first"),
    ({"sa_spi": "-1"}, "write 0x first"),
    ({"sa_spi": "0xspi"}, "hexadecimal digits follow"),
    # algorithms and keys
    ({"encryption_algorithm": "aes128cbc"}, "did you mean aes128-cbc?"),
    ({"encryption_algorithm": "rot13"}, "no encryption algorithm"),
    ({"encryption_algorithm": ""}, "no encryption algorithm"),
    ({"encryption_algorithm": "null"}, "leave its key out"),
    ({"encryption_algorithm": "aes128-gcm16", "encryption_key": "0x" + "11" *
      20}, "leave out --integrity-algorithm"),
    ({"encryption_key": None}, "missing: --encryption-key"),
    ({"encryption_key": ""}, "the key is empty"),
    ({"encryption_key": "0x"}, "--encryption-key"),
    ({"encryption_key": "0x123"}, "--encryption-key"),
    ({"encryption_key": "0xzz"}, "--encryption-key"),
    ({"encryption_key": KEY32}, "32 bytes, but aes128-cbc needs 16"),
    ({"encryption_key": "k" * 15}, "15 bytes, but aes128-cbc needs 16"),
    ({"encryption_key": "k" * 2000}, "longer than any key"),
    ({"encryption_key": "0x" + "ab" * 2000}, "--encryption-key"),
    ({"encryption_key": "schlüsselbund!!!"}, "not printable ASCII"),
    ({"integrity_algorithm": None}, "missing: --integrity-algorithm"),
    ({"integrity_algorithm": "hmac-md5"}, "no integrity algorithm"),
    ({"integrity_key": None}, "missing: --integrity-key"),
    ({"integrity_key": KEY16}, "16 bytes, but hmac-sha2-256 needs 32"),
    # the rest
    ({"interface": "a/b"}, "cannot be the name of a network device"),
    ({"interface": "sixteen-letters-"}, "1 to 15 characters, not 16"),
    ({"interface": "ipsec0", "sa_mode": "transport"}, "tunnel"),
    ({"replay_window": "4097"}, "from 0 to 4096"),
    ({"replay_window": "-1"}, "from 0 to 4096"),
    ({"replay_window": "0x40"}, "from 0 to 4096"),
    ({"replay_window": "64", "sa_direction": "out"}, "outbound"),
    ({"lifetime_soft_bytes": "2k", "lifetime_hard_bytes": "1k"},
     "must not be above --lifetime-hard-bytes"),
    ({"lifetime_soft_packets": "2", "lifetime_hard_packets": "1"},
     "must not be above --lifetime-hard-packets"),
    ({"lifetime_soft_seconds": "2", "lifetime_hard_seconds": "1"},
     "must not be above --lifetime-hard-seconds"),
    ({"lifetime_hard_bytes": "1T"}, "k, M or G"),
    ({"lifetime_hard_bytes": "18446744073709551615k"}, "below 2^64"),
    ({"lifetime_hard_packets": "18446744073709551616"}, "is not a number"),
    ({"lifetime_hard_seconds": "4294967296"}, "is not a number"),
    ({"lifetime_hard_seconds": "1.5"}, "is not a number"),
]

SP_USAGE = [
    ({"sp_name": ""}, "1 to 63 characters, not 0"),
    ({"sp_name": "x" * 64}, "1 to 63 characters, not 64"),
    ({"sp_name": "two words"}, "character 4"),
    ({"sp_source": "198.51.100.0/33"}, "from 0 to 32"),
    ({"sp_source": "198.51.100.0/"}, "from 0 to 32"),
    ({"sp_source": "198.51.100.0/-1"}, "from 0 to 32"),
    ({"sp_source": "198.51.100.0/255.255.255.0"}, "from 0 to 32"),
    ({"sp_source": "198.51.100.7/24"}, "198.51.100.0/24"),
    ({"sp_source": "nowhere"}, "is not a prefix"),
    ({"sp_source": ""}, "is not a prefix"),
    ({"sp_source": "2001:db8::/32"}, "both must be of one family"),
    ({"sp_source": "any6"}, "both must be of one family"),
    ({"sp_destination": "2001:db8::/129"}, "from 0 to 128"),
    ({"sp_destination": "2001:db8::1/64"}, "2001:db8::/64"),
    ({"flow_direction": "inout"}, "in or out"),
    ({"action": "pass"}, "none, discard or ipsec"),
    ({"action": "discard"}, "only a policy with --action ipsec"),
    ({"sp_mode": "bus"}, "transport or tunnel"),
    ({"sp_mode": None}, "missing: --sp-mode"),
    ({"sa_name": None}, "missing: --sa-name"),
    ({"sa_name": ["used", "used"]}, "given twice"),
    ({"sa_name": [f"sa{i}" for i in range(49)]}, "stands 49 times"),
    ({"sa_name": ""}, "1 to 63 characters, not 0"),
    ({"upper_layer_protocol": "tpc"}, "is not a protocol"),
    ({"upper_layer_protocol": "256"}, "is not a protocol"),
    ({"upper_layer_protocol": "icmp6"}, "icmp, not icmp6"),
    ({"upper_layer_protocol": "icmp", "sp_source": "any6",
      "sp_destination": "any6"}, "icmp6, not icmp"),
    ({"source_port": "80"}, "have ports"),
    ({"upper_layer_protocol": "icmp", "source_port": "80"}, "have ports"),
    ({"upper_layer_protocol": "tcp", "source_port": "65536"}, "0 to 65535"),
    ({"upper_layer_protocol": "tcp", "source_port": "-1"}, "0 to 65535"),
    ({"upper_layer_protocol": "tcp", "source_port": "http"}, "0 to 65535"),
    ({"upper_layer_protocol": "tcp", "destination_port": "1-2-3"},
     "0 to 65535"),
    ({"upper_layer_protocol": "tcp", "destination_port": "20-10"}, "10-20"),
    ({"priority": "4294967296"}, "from 0 to 4294967295"),
    ({"priority": "high"}, "from 0 to 4294967295"),
    ({"interface": "."}, "cannot be the name of a network device"),
]

# What only the module can know, and what it says

SA_REFUSED = [
    ({"sa_name": "used"}, "an SA named used already"),
    ({"sa_spi": "0x4000"}, "0x00004000 to 192.0.2.2 is taken by SA used"),
    ({"interface": "nothere"}, "ip link add nothere type espvif"),
    ({"interface": "dummy0"}, "dummy0 is not of type espvif"),
    ({"replay_window": "64"}, "outbound"),
    ({"sa_destination": "192.0.2.1", "replay_window": "0", "esn": True},
     "replay window"),
    ({"encapsulation": "tcp"}, "not possible"),
    ({"offload": "packet"}, "offers no packet offload"),
    ({"offload": "crypto"}, "cannot be left to a device"),
    ({"encryption_key": "@/nowhere/at-all"}, "/nowhere/at-all: No such file"),
    ({"encryption_key": "@/"}, "/ is not a regular file"),
    ({"encryption_key": "@/dev/zero"}, "/dev/zero is not a regular file"),
]

SP_REFUSED = [
    ({"sp_name": "there"}, "a policy named there already"),
    ({"sa_name": "nobody"}, "no SA named nobody"),
    ({"sa_name": ["used", "nobody"]}, "no SA named nobody"),
    ({"flow_direction": "in"}, "SA used is outbound"),
    ({"sp_mode": "transport"}, "SA used is for tunnel mode"),
    ({"interface": "ipsec0"}, "SA used isn't bound"),
    ({"interface": "dummy0"}, "dummy0 is not of type espvif"),
    ({"interface": "nothere"}, "no interface nothere"),
    ({"interface": "ipsec0", "action": "none", "sa_name": None},
     "in the clear"),
]

# (status, words, what the sentence says): other commands and odd lines
LINES = [
    (1, "sa remove --sa-name nobody", "no SA named nobody"),
    (1, "sa remove --sa-name used", "SA used is used by policy there"),
    (1, "sa remove --remove-all", "SA used is used by policy there"),
    (1, "sp remove --sp-name nobody", "no policy named nobody"),
    (1, "sp remove --sa-name used", "no policy named used"),
    (1, "sa list --sa-name nobody", "no SA named nobody"),
    (1, "sp list --sp-name nobody", "no policy named nobody"),
    (1, "counters --sa nobody", "no SA named nobody"),
    (1, "sa set --sa-name used --peer-address 224.0.0.1", "one host"),
    (1, "sa set --sa-name used --peer-address 0.0.0.0", "one host"),
    (2, "sa remove", "either --sa-name or --remove-all"),
    (2, "sa remove --remove-all --sa-name used", "only one"),
    (2, "sp remove", "either --sp-name or --remove-all"),
    (2, "sp remove --sp-name a --sa-name a", "only one of them"),
    (2, "sa remove --sa-name used --sa-name used", "given twice"),
    (2, "sa remove --sa-nam used", "did you mean --sa-name?"),
    (2, "sa remove --sa-name", "--sa-name needs a value"),
    (2, "sa remove --sa-name --remove-all", "--sa-name needs a value"),
    (2, "sa remove --remove-all=yes", "takes no value"),
    (2, "sa remove used", "belongs to no option"),
    (2, "sa remove --", "belongs to no option"),
    (2, "sa remove -a", "belongs to no option"),
    (2, "sa add used", "a word belongs to no option"),
    (2, "sa add", "missing: --sa-name"),
    (2, "sp add", "missing: --sp-name"),
    (2, "sa list --sa-name " + "x" * 64, "1 to 63 characters"),
    (2, "sa list --json=yes", "takes no value"),
    (2, "sa", "a command is missing"),
    (2, "sa ad", "did you mean 'sa add'?"),
    (2, "sa destroy", "no command 'sa destroy'"),
    (2, "as add", "no command 'as'"),
    (2, "add --sp-name sp1", "no command 'add'"),
    (2, "status now", "belongs to no option"),
    (2, "counters --sa=", "1 to 63 characters"),
    (2, "help nothing", "no command 'nothing'"),
]


def state(module):
    """All there is, by kind and number: it must not have changed."""
    policies = module.socket.dump(module.family.id, lib.COMMANDS["policy-get"])
    expect(not policies.error, str(policies))
    policies = [lib.decode(lib.POLICY, body) for _, body in policies.messages]
    return {**{("sa", item["id"]): item for item in module.sas().values()},
            **{("policy", item["id"]): item for item in policies}}


class BadInput:
    """A namespace with something in it, and what is tried there."""

    def __init__(self):
        self.ours = lib.Namespace("ours")
        self.module = lib.Module(self.ours)
        self.ours.ip_batch("link add dummy0 type dummy",
                           "address add 192.0.2.1/24 dev dummy0",
                           "address add 2001:db8::1/64 dev dummy0 nodad",
                           "link set dummy0 up", "link add ipsec0 type espvif")
        with self.ours:
            for name, spi in (("used", "0x4000"), ("free", "0x4001")):
                accepted("sa", "add", *words(SA, {"sa_name": name,
                                                  "sa_spi": spi}))
            accepted("sp", "add", *words(SP, {"sp_name": "there"}))
        self.log = KernelLog()

    def unchanged(self, test):
        """A test that leaves everything as it was, and the kernel quiet."""
        before = state(self.module)
        test()
        expect_equal("SAs and policies", state(self.module), before)
        self.log.expect_quiet()

    def refuse(self, status, command, defaults, changes, says):
        refused(status, *command, *words(defaults, changes), says=[says])

    def points(self):
        """(name, test) of every table's every row."""
        for table, status, command, defaults in (
                (SA_USAGE, 2, ["sa", "add"], SA),
                (SA_REFUSED, 1, ["sa", "add"], SA),
                (SP_USAGE, 2, ["sp", "add"], SP),
                (SP_REFUSED, 1, ["sp", "add"], SP)):
            for changes, says in table:
                yield (f"{' '.join(command)} {described(changes)}",
                       functools.partial(self.refuse, status, command,
                                         defaults, changes, says))
        for status, line, says in LINES:
            yield (line if len(line) < 60 else line[:57] + "...",
                   functools.partial(refused, status, *line.split(),
                                     says=[says]))
        yield "bytes that are no text", self.bytes_that_are_no_text
        yield "a command line of 100,000 bytes", self.very_long
        yield f"{MUTATIONS} random command lines, seed {SEED}", self.mutate

    def bytes_that_are_no_text(self):
        for command in (["sa", "list", "--sa-name", b"\xff\xfe"],
                        ["sa", b"\x80dd"], [b"\xc3\x28"],
                        ["sp", "add", b"--\xff\xff"],
                        ["sp", "remove", "--sp-name", b"\x1b[31mred"]):
            answer = ipsec(*command)
            expect_equal(f"status of {command}", answer.status, 2)

    def very_long(self):
        for option in words(SA, {})[::2]:
            refused(2, "sa", "add",
                    *words(SA, {option[2:]: "a" * 100_000}), says=[option])

    # ----- random command lines ----------------------------------------------

    def mutate(self):
        source = random.Random(SEED)
        seen = set()
        for number in range(MUTATIONS):
            line = mutant(source)
            before = state(self.module)
            answer = ipsec(*line)
            seen.add(answer.status)
            told = f"line {number}, {line}: status {answer.status}\n" \
                   f"{answer.err}"
            expect(answer.status in (0, 1, 2), told)
            if answer.status:
                expect(1 <= len(answer.err.splitlines()) <= 2, told)
                expect_equal(f"state after {told}", state(self.module),
                             before)
            else:
                expect(not answer.err, told)
                self.undo(state(self.module), before)
        expect(seen == {0, 1, 2}, f"only statuses {seen}")

    def undo(self, now, before):
        """Removes what a line that made sense has added."""
        for kind, number in sorted(set(now) - set(before)):
            delete = self.module.delete_sa if kind == "sa" else \
                self.module.delete_policy
            delete(now[kind, number]["name"])
        expect_equal("SAs and policies", state(self.module), before)


MUTATIONS = int(os.environ.get("ESPVIF_MUTATIONS", "200"))
SEED = int(os.environ.get("ESPVIF_SEED", "2406"))

# Values with which something went wrong somewhere
ODD_VALUES = ["", " ", "0", "-1", "1", "0x", "0x0", "0x100", "0xffffffff",
              "4294967296", "18446744073709551616", "%s%n", "../../etc", "@/",
              "@/dev/null", "any", "any6", "::", "0.0.0.0/0", "::/0",
              "255.255.255.255", "none", "ipsec", "in", "out", "tunnel",
              "transport", "used", "free", "there", "ipsec0", "lo", "tcp",
              "0-0", "65535", "=", "--", "--json", "null", "aes-gcm",
              "x" * 63, "x" * 64, "k" * 16, "k" * 32, KEY16, KEY32]


def mutant(source):
    """A command line near to one that makes sense."""
    kind, defaults = source.choice((("sa", SA), ("sp", SP)))
    line = [kind, "add", *words(defaults, {})]
    for _ in range(source.randint(0, 3)):
        place = source.randrange(2, len(line))
        choice = source.random()
        if choice < 0.5:
            line[place | 1] = source.choice(ODD_VALUES)
        elif choice < 0.6:
            del line[place]
        elif choice < 0.7:
            line.insert(place, source.choice(line))
        elif choice < 0.8:
            line[place] = scramble(source, line[place])
        else:
            other = source.choice(words({**SA, **SP, **MORE}, {}))
            line += [other, source.choice(ODD_VALUES)] \
                if other.startswith("--") else [other]
        if len(line) < 4:
            break
    return line


MORE = {"interface": "ipsec0", "priority": "7", "esn": True,
        "replay-window": "64", "sa-direction": "in",
        "upper-layer-protocol": "udp", "source-port": "1-2",
        "lifetime-hard-bytes": "1k", "lifetime-soft-packets": "9"}


def scramble(source, text):
    """One character removed, doubled or another."""
    if not text:
        return "x"
    place = source.randrange(len(text))
    middle = source.choice(["", text[place] * 2,
                            chr(source.randrange(1, 127))])
    return text[:place] + middle + text[place + 1:]


def described(changes):
    """The changed options for the name of a test point, shortened."""
    parts = []
    for name, value in changes.items():
        text = "absent" if value is None else \
            "given" if value is True else ascii(value)
        parts.append(f"{name.replace('_', '-')} "
                     f"{text if len(text) < 40 else text[:37] + '...'}")
    # a number sign would end the name
    return re.sub("#", "", ", ".join(parts))


def main():
    trial = BadInput()
    points = list(trial.points())
    report = lib.Report(len(points))
    with trial.ours:
        for name, test in points:
            with report.point(name):
                trial.unchanged(test)
    report.finish()


if __name__ == "__main__":
    main()
