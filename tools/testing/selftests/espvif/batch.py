#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Batches: several changes whole or not at all.

    +--- here ----+                              +--- there ---+
    |  espvif     +--- 192.0.2.1    192.0.2.2 ---+   espvif    |
    +-------------+                              +-------------+

What a batch does is compared with what is listed and notified afterwards. For
every way to fail, at every place in a batch, nothing may have changed: no object,
no name or SPI that is taken, no notification, no packet that meets a policy.
The last points write batches as files, for `ipsec batch`.
"""

import contextlib
import errno
import pathlib
import re
import subprocess
import tempfile
import threading

import cli
import lib
from hosts import Host, deliver
from lib import DISCARD, IN, IPSEC, OUT, TRANSPORT, TUNNEL, expect
from lib import expect_equal

HERE, THERE = "192.0.2.1", "192.0.2.2"
KEY = lib.Algorithm("aes128-gcm16", "batch")
HEADERS = 20


def sa_new(name, spi, direction=OUT, to=THERE, mode=TRANSPORT):
    ends = (HERE, to) if direction == OUT else (to, HERE)
    return "sa-new", lib.sa_values(name, *ends, spi, mode, KEY,
                                   direction=direction)


def policy_new(name, *sas, direction=OUT, **values):
    ends = (HERE, THERE) if direction == OUT else (THERE, HERE)
    if sas:
        values |= {"sa": list(sas), "action": IPSEC, "mode": TRANSPORT}
    return "policy-new", lib.policy_values(name, direction, *ends, **values)


def policy_set(name, *sas):
    return "policy-set", {"name": name, "sa": list(sas)}


def sa_set(name, **values):
    return "sa-set", {"name": name} | values


def sa_del(name, **values):
    return "sa-del", {"name": name} | values


def policy_del(name, **values):
    return "policy-del", {"name": name} | values


class Lab:
    """Two hosts, and the first one's module."""

    def __init__(self):
        self.here, self.there = Host("here"), Host("there")
        lib.join(self.here, self.there)
        self.here.add_addresses("wire", f"{HERE}/24")
        self.there.add_addresses("wire", f"{THERE}/24")
        self.module = self.here.module

    def state(self):
        """All there is, as it is listed."""
        return self.module.sas(), self.module.policies()

    def start(self):
        """A pair of SAs with their policies, and an SA that is free."""
        self.module.batch(
            sa_new("out", 0x1000), sa_new("in", 0x1001, IN),
            sa_new("free", 0x1002), policy_new("sp-out", "out"),
            policy_new("sp-in", "in", direction=IN))


def makes_all(lab):
    """What later operations use, earlier ones make; counts are right."""
    lab.start()
    sas, policies = lab.state()
    expect_equal("SAs", {name: sa["policies"] for name, sa in sas.items()},
                 {"out": 1, "in": 1, "free": 0})
    expect_equal("policies", {name: policy["sa"] for name, policy
                              in policies.items()},
                 {"sp-out": ["out"], "sp-in": ["in"]})
    counts = lib.decode(lib.STATUS, lab.module.call("status-get"))
    expect_equal("counts", (counts["sas"], counts["policies"]), (3, 2))


def rekeys(lab):
    """New in, policies over, old out: told in that order."""
    lab.start()
    events = lib.Events(lab.here)
    lab.module.batch(
        sa_new("out2", 0x2000), policy_set("sp-out", "out2"), sa_del("out"),
        sa_new("in2", 0x2001, IN), policy_set("sp-in", "in2", "in"),
        policy_new("more", "free"), policy_del("more"))
    told = [(name, event["name"]) for name, event in events.pending()]
    expect_equal("notifications", told, [
        ("sa-new-ntf", "out2"), ("sa-new-ntf", "in2"),
        ("policy-set-ntf", "sp-out"), ("policy-set-ntf", "sp-in"),
        ("policy-new-ntf", "more"), ("policy-del-ntf", "more"),
        ("sa-del-ntf", "out")])
    sas, policies = lab.state()
    expect_equal("SAs", {name: sa["policies"] for name, sa in sas.items()},
                 {"in": 1, "free": 0, "out2": 1, "in2": 1})
    expect_equal("SAs of sp-in", policies["sp-in"]["sa"], ["in2", "in"])


def peer_moves(lab):
    """A change of an SA waits with the others for the end of the batch."""
    lab.start()
    lab.module.batch(sa_set("free", peer_addr="192.0.2.3"),
                     sa_set("in", peer_addr="192.0.2.4"))
    expect_equal("peer", lab.module.sa("free")["daddr"], "192.0.2.3")
    # the SPI is free again towards where the peer was
    lab.module.batch(sa_new("again", 0x1002))


# What goes wrong: operations, error, words of the sentence, number at fault
FAILURES = {
    "a name that is taken": (
        [sa_new("free", 0x4000)], errno.EEXIST, "SA named free already"),
    "a name that the batch itself takes": (
        [sa_new("twice", 0x4000), sa_new("twice", 0x4001)], errno.EEXIST,
        "SA named twice already"),
    "an SPI that is taken": (
        [sa_new("new", 0x1000)], errno.EEXIST, "is taken by SA out"),
    "an SPI that the batch itself takes": (
        [sa_new("one", 0x4000), sa_new("two", 0x4000)], errno.EEXIST,
        "is taken by SA one"),
    "a key of the wrong length": (
        [("sa-new", sa_new("new", 0x4000)[1] | {"encr_key": b"short"})],
        errno.EINVAL, "key"),
    "an SA that is not there": ([sa_del("absent")], errno.ENOENT,
                                "no SA named absent"),
    "an SA that is gone by then": (
        [sa_del("free"), policy_set("sp-out", "free")], errno.ENOENT,
        "no SA named free"),
    "an SA removed twice": ([sa_del("free"), sa_del("free")], errno.ENOENT,
                            "no SA named free"),
    "an SA in use": ([sa_del("out")], errno.EBUSY, "used by policy sp-out"),
    "an SA that the batch brings to use": (
        [policy_set("sp-out", "free"), sa_del("free")], errno.EBUSY,
        "used by policy sp-out"),
    "an SA that a new policy uses": (
        [policy_new("new", "free"), sa_del("free")], errno.EBUSY,
        "policy of the same batch"),
    "an SA of another owner": ([sa_del("free", owner=lib.DAEMON)],
                               errno.EBUSY, "belongs to"),
    "a policy that is not there": ([policy_set("absent", "out")],
                                   errno.ENOENT, "no policy named absent"),
    "a policy changed twice": (
        [policy_set("sp-out", "free"), policy_set("sp-out", "out")],
        errno.EINVAL, "once"),
    "an SA changed twice": (
        [sa_set("free", peer_addr="192.0.2.7"),
         sa_set("free", peer_addr="192.0.2.8")], errno.EINVAL, "once"),
    "a peer whose SPI is taken": (
        [sa_new("other", 0x1002, to="192.0.2.7"),
         sa_set("free", peer_addr="192.0.2.7")], errno.EEXIST,
        "taken by SA other"),
    "an SA of the wrong direction": ([policy_set("sp-out", "in")],
                                     errno.EINVAL, "SA in is inbound"),
    "a policy removed twice": (
        [policy_del("sp-in"), policy_del("sp-in")], errno.ENOENT,
        "no policy named sp-in"),
    "no attributes": ([("policy-new", {})], errno.EINVAL, "lacks"),
    "an attribute that the command does not take": (
        [("sa-del", {"name": "free", "spi": 7})], errno.EINVAL, ""),
    "a command that changes nothing": ([("sa-get", {"name": "free"})],
                                       errno.EINVAL, "command"),
}

# What a batch that fails has done before
BEFORE = [
    sa_new("before", 0x5000), sa_new("before-in", 0x5001, IN),
    sa_set("in", peer_addr="192.0.2.9"),
    policy_new("discards", action=DISCARD),
    policy_new("protects", "before"),
    sa_new("bound", 0x5002, mode=TUNNEL),
]
AFTER = [policy_del("sp-in"), sa_del("in")]


def fails(lab, operations, error, says):
    """Refused with a sentence and a place; and nothing has happened."""
    lab.start()
    events = lib.Events(lab.here)
    state = lab.state()
    for before in ([], BEFORE):
        everything = [*before, *operations, *AFTER]
        number = len(before) + len(operations)
        reply = lab.module.try_batch(*everything)
        expect_equal(f"error of {reply}", reply.error, error)
        expect(f"operation {number} (" in reply.sentence and
               says in reply.sentence, f"{number}: {reply}")
        ends = [HEADERS]
        for operation in everything:
            ends.append(ends[-1] + len(lib.encode_operation(*operation)) + 4)
        expect(ends[number - 1] <= reply.offset < ends[number],
               f"operation {number} at {ends[number - 1]}: {reply}")
        expect_equal("what is there", lab.state(), state)
        expect_equal("notifications", events.pending(), [])
    # nothing that it took is taken
    lab.module.batch(*BEFORE)


def in_the_clear(lab):
    """A policy of a batch that fails has never decided."""
    with lab.here.udp(HERE) as ours, lab.there.udp(THERE) as theirs:
        for _ in range(3):
            reply = lab.module.try_batch(
                policy_new("discards", action=DISCARD), sa_del("absent"))
            expect_equal("error", reply.error, errno.ENOENT)
            deliver(ours, theirs)
    expect_equal("counters", lab.module.counters(), {})


def malformed(lab):
    """Batches that are broken as such."""
    lab.start()
    state = lab.state()
    good = lib.encode_operation(*sa_new("new", 0x4000))
    attribute, nested = lib.raw.attribute, lib.NESTED
    command = attribute(lib.OP_COMMAND, bytes([lib.COMMANDS["sa-new"]]))
    policy = attribute(lib.OP_POLICY | nested, b"")
    for what, body in (
            ("nothing", b""),
            ("an operation of nothing", attribute(lib.BATCH_OP | nested, b"")),
            ("no nest", attribute(lib.BATCH_OP, good)),
            ("no object", attribute(lib.BATCH_OP | nested, command)),
            ("the wrong object", attribute(lib.BATCH_OP | nested,
                                           command + policy)),
            ("two objects", attribute(lib.BATCH_OP | nested, good + policy)),
            ("a nest that is too long", attribute(
                lib.BATCH_OP | nested, command + b"\xff\0\2\x80")),
            ("another attribute", attribute(lib.BATCH_OP | nested, good) +
             attribute(7, b"")),
            ("another attribute inside", attribute(
                lib.BATCH_OP | nested, good + attribute(9, b"1234")))):
        reply = lab.module.socket.request(
            lab.module.family.id, lib.COMMANDS["batch"], body)
        expect(reply.error == errno.EINVAL and reply.sentence,
               f"{what}: {reply}")
        expect_equal(what, lab.state(), state)


def large(lab):
    """As many operations as a message takes."""
    lab.module.batch(*(sa_new(f"sa{number}", 0x1000 + number)
                       for number in range(400)))
    expect_equal("SAs", len(lab.module.sas()), 400)
    lab.module.batch(*(sa_del(f"sa{number}") for number in range(400)))
    expect_equal("SAs", len(lab.module.sas()), 0)


# Stands in for modprobe: says that it was asked, and waits; not for ever, or those
# who wait for it could not tell
HESITATE = """#!/bin/sh
: >{directory}/asked
waited=0
until [ -e {directory}/go ] || [ $waited -gt 200 ]; do
	waited=$((waited + 1))
	sleep 0.1
done
exec {modprobe} "$@"
"""


@contextlib.contextmanager
def slow_modules():
    """Modules that the kernel asks for come when the block ends; yields a
    function that waits until it has asked for one.
    """
    setting = pathlib.Path("/proc/sys/kernel/modprobe")
    modprobe = setting.read_text(encoding="ascii").strip()
    with tempfile.TemporaryDirectory() as directory:
        program = pathlib.Path(directory, "modprobe")
        program.write_text(HESITATE.format(directory=directory,
                                           modprobe=modprobe), encoding="ascii")
        program.chmod(0o755)
        setting.write_text(f"{program}\n", encoding="ascii")
        try:
            yield lambda: lib.wait_for(pathlib.Path(directory, "asked").exists,
                                       "the kernel to ask for a module")
        finally:
            setting.write_text(f"{modprobe}\n", encoding="ascii")
            pathlib.Path(directory, "go").touch()


def unheard_of():
    """An algorithm that the kernel has not been asked for yet."""
    known = pathlib.Path("/proc/crypto").read_text(encoding="ascii")
    for name, (_, _, words, _) in lib.INTEGRITIES.items():
        if f"authencesn({words.split()[0]},cbc(des3_ede))" not in known:
            return lib.Algorithm(f"3des-cbc/{name}", "slow")
    raise lib.Failed("the kernel knows all algorithms already")


def waits_alone(lab, as_batch):
    """While an SA waits for its algorithm, other changes are carried out."""
    lab.start()
    values = lib.sa_values("slow", HERE, THERE, 0x4000, TRANSPORT,
                           unheard_of(), direction=OUT, esn=True)
    patient = lib.Module(lab.here)
    patient.socket.sock.settimeout(lib.DEADLINE)
    thread = threading.Thread(
        target=patient.batch if as_batch else patient.call,
        args=[("sa-new", values)] if as_batch else ["sa-new", lib.SA, values])
    with slow_modules() as wait_asked:
        thread.start()
        wait_asked()
        lab.module.batch(sa_new("quick", 0x4001), sa_del("free"))
        lab.module.add_policy("clear", OUT, HERE, "192.0.2.77")
        expect_equal("SAs", sorted(lab.module.sas()), ["in", "out", "quick"])
    thread.join()
    expect_equal("SAs", sorted(lab.module.sas()),
                 ["in", "out", "quick", "slow"])


class Lines:
    """A file of lines, while it is needed, for `ipsec batch` at a host."""

    def __init__(self, host, *lines):
        self.host = host
        # pylint: disable-next=consider-using-with
        self.file = tempfile.NamedTemporaryFile("w", suffix=".batch")
        self.file.write("".join(f"{line}\n" for line in lines))
        self.file.flush()

    def accepted(self):
        with self.file, self.host:
            expect_equal("output", cli.accepted("batch", self.file.name), "")

    def refused(self, status, *says):
        with self.file, self.host:
            return cli.refused(status, "batch", self.file.name, says=says)


def sa_line(name, spi, direction=OUT, ends=(HERE, THERE)):
    return (f"sa add --sa-name {name} --sa-spi {spi:#x} --sa-mode transport "
            f"--sa-source {ends[0]} --sa-destination {ends[1]} "
            f"--sa-direction {'out' if direction == OUT else 'in'} "
            f"{' '.join(KEY.our_options())}")


def sp_line(name, direction, ends, sa):
    return (f"sp add --sp-name {name} --sp-source {ends[0]} "
            f"--sp-destination {ends[1]} --flow-direction {direction} "
            f"--action ipsec --sp-mode transport --sa-name {sa}")


def file_makes_all(lab):
    """Every command that a file can have."""
    lab.start()
    events = lib.Events(lab.here)
    Lines(lab.here, "# the next pair", sa_line("out2", 0x2000),
          sa_line("in2", 0x2001, IN, (THERE, HERE)), "",
          "sp set --sp-name sp-out \\", "  --sa-name out2",
          "sp set --sp-name sp-in --sa-name in2 --sa-name in # both",
          "sa set --sa-name free --peer-address 192.0.2.9",
          sp_line("more", "out", ("192.0.2.1", "192.0.2.77"), "out2"),
          "sp remove --sp-name more", "sa remove --sa-name out").accepted()
    told = [(name, event["name"]) for name, event in events.pending()]
    expect_equal("notifications", told, [
        ("sa-new-ntf", "out2"), ("sa-new-ntf", "in2"),
        ("sa-set-ntf", "free"),
        ("policy-set-ntf", "sp-out"), ("policy-set-ntf", "sp-in"),
        ("policy-new-ntf", "more"), ("policy-del-ntf", "more"),
        ("sa-del-ntf", "out")])
    sas, policies = lab.state()
    expect_equal("SAs", sorted(sas), ["free", "in", "in2", "out2"])
    expect_equal("peer", sas["free"]["daddr"], "192.0.2.9")
    expect_equal("SAs of sp-in", policies["sp-in"]["sa"], ["in2", "in"])
    expect_equal("SAs of sp-out", policies["sp-out"]["sa"], ["out2"])


def file_fails(lab):
    """The line is named; what the lines before ask for has not happened."""
    lab.start()
    events = lib.Events(lab.here)
    state = lab.state()
    before = ["# the first three", sa_line("new", 0x4000), "",
              sp_line("to-new", "out", (HERE, "192.0.2.77"), "new")]
    after = ["sp remove --sp-name sp-in"]
    for line, *says in (
            ("sa remove --sa-name absent", "operation 3 (sa-del absent)",
             "no SA named absent"),
            (sa_line("other", 0x1000), "operation 3 (sa-new other)",
             "is taken by SA out"),
            ("sp set --sp-name sp-in --sa-name new",
             "operation 3 (policy-set sp-in)", "SA new is outbound"),
            ("sa remove --sa-name \\\n new", "operation 3 (sa-del new)",
             "policy of the same batch")):
        Lines(lab.here, *before, line, *after).refused(1, ", line 5: ", *says)
        expect_equal("what is there", lab.state(), state)
    Lines(lab.here, *before, *after, "sa list").refused(
        2, ", line 6: 'sa list' cannot be part of it")
    expect_equal("what is there", lab.state(), state)
    expect_equal("notifications", events.pending(), [])


def file_large(lab):
    """More than a socket sends at once by default."""
    Lines(lab.here, *(sa_line(f"sa{number}", 0x1000 + number)
                      for number in range(2000))).accepted()
    expect_equal("SAs", len(lab.module.sas()), 2000)
    Lines(lab.here, *(f"sa remove --sa-name sa{number}"
                      for number in range(2000)), "sa remove --sa-name sa7"
          ).refused(1, ", line 2001: ", "no SA named sa7")
    expect_equal("SAs", len(lab.module.sas()), 2000)
    Lines(lab.here, *(f"sa remove --sa-name sa{number}"
                      for number in range(2000))).accepted()
    expect_equal("SAs", len(lab.module.sas()), 0)


def spi_of(generation, way):
    return 0x1000 + 2 * generation + way


def file_rekey(lab, generation, ended):
    """Both ways get new keys, in three steps: in, out, and away.

    The last waits until the way before is empty, or the ping has ended.
    """
    old, new = generation - 1, generation
    sides = ((lab.here, 0, (HERE, THERE)), (lab.there, 1, (THERE, HERE)))
    for host, way, ends in sides:
        Lines(host, sa_line(f"in{new}", spi_of(new, 1 - way), IN, ends[::-1]),
              f"sp set --sp-name in --sa-name in{new} --sa-name in{old}"
              ).accepted()
    for host, way, ends in sides:
        Lines(host, sa_line(f"out{new}", spi_of(new, way), OUT, ends),
              f"sp set --sp-name out --sa-name out{new}",
              f"sa remove --sa-name out{old}").accepted()
    for host, _, _ in sides:
        lib.wait_for(lambda host=host: ended() or
                     host.module.sa(f"in{new}")["packets"],
                     f"a packet of in{new}")
        Lines(host, f"sp set --sp-name in --sa-name in{new}",
              f"sa remove --sa-name in{old}").accepted()


def file_rekeys(lab):
    """A ping goes on, and loses nothing."""
    for host, way, ends in ((lab.here, 0, (HERE, THERE)),
                            (lab.there, 1, (THERE, HERE))):
        Lines(host, sa_line("out0", spi_of(0, way), OUT, ends),
              sa_line("in0", spi_of(0, 1 - way), IN, ends[::-1]),
              sp_line("out", "out", ends, "out0"),
              sp_line("in", "in", ends[::-1], "in0")).accepted()
    with lab.here, subprocess.Popen(
            ["ping", "-n", "-q", "-i", "0.01", "-c", "400", THERE],
            stdout=subprocess.PIPE, text=True) as ping:
        generation = 0
        while ping.poll() is None and generation < 20:
            generation += 1
            file_rekey(lab, generation, lambda: ping.poll() is not None)
        told = ping.communicate()[0]
    lib.say(f"{generation} times new keys: {told.splitlines()[-2]}")
    expect(re.search(r"400 packets transmitted, 400 received", told), told)
    for host in (lab.here, lab.there):
        expect_equal("SAs", sorted(host.module.sas()),
                     [f"in{generation}", f"out{generation}"])
    lab.there.module.flush()


POINTS = [
    ("what later operations use, earlier ones make", makes_all),
    ("a rekey, told in the order it happens", rekeys),
    ("the peer of an SA moves", peer_moves),
    *((f"not at all: {name}", lambda lab, failure=failure: fails(lab, *failure))
      for name, failure in FAILURES.items()),
    ("a policy of a batch that fails never decides", in_the_clear),
    ("broken batches are refused", malformed),
    ("400 operations", large),
    ("an SA whose algorithm is being loaded keeps nobody waiting",
     lambda lab: waits_alone(lab, as_batch=False)),
    ("nor does a batch with such an SA",
     lambda lab: waits_alone(lab, as_batch=True)),
    ("a file: every command", file_makes_all),
    ("a file: not at all, and the line is named", file_fails),
    ("a file: 2000 lines", file_large),
    ("a file: new keys under a ping", file_rekeys),
]


def main():
    lib.need("ping")
    lab = Lab()
    lib.run_points(POINTS, lab, after=lab.module.flush)


if __name__ == "__main__":
    main()
