#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be seen of the module while it works: `ipsec monitor`, `ipsec
counters --watch`.

    +---- host ----+
    |    lo  espvif|
    +--------------+

Packets go to an address of the loopback device that a policy names.
"""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time

import lib
from lib import DISCARD, IN, OUT, TUNNEL, expect, expect_equal

NEAR, FAR = "127.0.0.7", "127.0.0.8"
ALGORITHM = lib.Algorithm("aes128-gcm16", "observe")
NOBODY = 65534


class Program:
    """A program of which each line is read when it has come."""

    def __init__(self, namespace, *words, terminal=False):
        ours, theirs = pty.openpty() if terminal else os.pipe()
        with namespace:
            self.process = subprocess.Popen(  # pylint: disable=R1732
                words, stdin=subprocess.DEVNULL, stdout=theirs,
                stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        self.output, self.unread = ours, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.close()

    def close(self):
        if self.output >= 0:
            os.close(self.output)
        self.output = -1

    def more(self):
        """Whether something has come before the deadline, and no end."""
        ready, _, _ = select.select([self.output], [], [], lib.DEADLINE)
        expect(ready, f"nothing came behind {self.unread}")
        try:
            data = os.read(self.output, 1 << 16)
        except OSError:  # how a terminal ends
            data = b""
        self.unread += data
        return bool(data)

    def line(self):
        while b"\n" not in self.unread:
            expect(self.more(), f"an end, behind {self.unread}: "
                   f"{self.process.poll()}")
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode().rstrip("\r")

    def text_with(self, pattern):
        """All that has come up to what a pattern matches."""
        while not re.search(pattern, self.unread.decode(), re.S):
            expect(self.more(), f"an end, behind {self.unread}")
        return self.unread.decode()

    def rest(self):
        """Lines up to the end."""
        while self.more():
            pass
        text, self.unread = self.unread.decode(), b""
        return text.splitlines()

    def expect_end(self, status=0, says=""):
        errors = self.process.communicate(timeout=lib.DEADLINE)[1]
        expect_equal("exit status", self.process.returncode, status)
        expect(says in errors if says else not errors, errors)


class Host(lib.Namespace):
    """The namespace in which all happens."""

    def __init__(self):
        super().__init__("host")
        self.module = lib.Module(self)

    def add_sa(self, name, spi=0x1000, **values):
        return self.module.add_sa(
            name, "192.0.2.1", "192.0.2.2", spi, TUNNEL, ALGORITHM,
            **{"direction": OUT} | values)

    def add_discard(self, name="drop"):
        return self.module.add_policy(name, OUT, NEAR, FAR, action=DISCARD)

    def send(self, number):
        """Datagrams for the policy of add_discard()."""
        with self, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((NEAR, 0))
            for _ in range(number):
                with contextlib.suppress(PermissionError):
                    sock.sendto(b"x", (FAR, 9))

    def monitor(self, *options):
        """A monitor that is listening already."""
        program = Program(self, "ipsec", "monitor", *options)
        first = program.line()
        expect("listening" in first or first.startswith(("Event", "Time")),
               first)
        return program

    def watch(self, *options, **kinds):
        return Program(self, "ipsec", "counters", "--watch", *options, **kinds)


# ----- ipsec monitor ---------------------------------------------------------

def objects_come_and_go(host):
    begun = time.time()
    with host.monitor("--json", "--count", "4") as monitor:
        host.add_sa("sa")
        host.module.add_policy("sp", IN, NEAR, FAR, action=DISCARD)
        host.module.flush()
        events = [json.loads(line) for line in monitor.rest()]
        monitor.expect_end()
    names = [event["event"] for event in events]
    expect_equal("events", names, ["sa-added", "policy-added",
                                   "policy-removed", "sa-removed"])
    expect_equal("keys", [set(event) for event in events],
                 [{"event", "time", kind}
                  for kind in ("sa", "policy", "policy", "sa")])
    for event in events:
        expect(begun - 1 <= event["time"] <= time.time() + 1, event)
    for event, kind in zip(events, ("sa", "policy", "policy", "sa")):
        expect_equal("name", event[kind]["name"],
                     "sp" if kind == "policy" else "sa")
    expect_equal("SPI", events[0]["sa"]["spi"], 0x1000)
    expect_equal("action", events[1]["policy"]["action"], "discard")
    expect(ALGORITHM.key.hex() not in str(events), "a key was shown")


def objects_change(host):
    host.add_sa("sa")
    host.add_sa("other", 0x2000)
    host.module.add_policy("sp", OUT, NEAR, FAR, sa="sa", mode=TUNNEL)
    with host.monitor("--json", "--count", "2") as monitor:
        host.run("ipsec", "sa", "set", "--sa-name", "sa", "--peer-address",
                 "192.0.2.3")
        host.run("ipsec", "sp", "set", "--sp-name", "sp", "--sa-name", "other")
        first, second = [json.loads(line) for line in monitor.rest()]
    expect_equal("events", (first["event"], second["event"]),
                 ("sa-changed", "policy-changed"))
    expect_equal("address", first["sa"]["destination_address"], "192.0.2.3")
    expect_equal("SA", second["policy"]["sa_names"], ["other"])


def lifetimes_end(host):
    with host.monitor("--json", "--count", "3") as monitor:
        host.add_sa("sa", soft_seconds=1, hard_seconds=1)
        events = [json.loads(line) for line in monitor.rest()]
        monitor.expect_end()
    expect_equal("events", [(event["event"], event.get("limit"))
                            for event in events],
                 [("sa-added", None), ("sa-expired", "soft"),
                  ("sa-expired", "hard")])
    expect_equal("state", events[2]["sa"]["state"], "expired")


def lines_are_aligned(host):
    with host.monitor("--timestamp") as monitor:
        host.add_sa("sa")
        host.add_discard("sp")
        lines = [monitor.line(), monitor.line()]
    expect(re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4}  sa-added +sa +"
        r"direction=out spi=0x1000 source=192.0.2.1 destination=192.0.2.2 "
        r"mode=tunnel owner=manual", lines[0]), lines[0])
    expect(f"action=discard source={NEAR}/32 destination={FAR}/32" in lines[1],
           lines[1])
    expect_equal("column", lines[0].index("direction="),
                 lines[1].index("direction="))


def nothing_but_events(host):
    with Program(host, "ipsec", "monitor", "--noheadings", "--count",
                 "1") as monitor:
        lib.wait_for(lambda: has_group(host, monitor.process.pid),
                     "it listens")
        host.add_sa("sa")
        lines = monitor.rest()
        monitor.expect_end()
    expect_equal("lines", len(lines), 1)
    expect(lines[0].startswith("sa-added "), lines)


def has_group(host, process):
    """Does a netlink socket of a process listen to a group?"""
    return any(row["Groups"] != "00000000" for row in sockets(host, process))


def sockets(host, process):
    """The netlink sockets of a process, as /proc shows them."""
    with host, open("/proc/thread-self/net/netlink", encoding="ascii") as file:
        names, *rows = [line.split() for line in file]
    rows = [dict(zip(names, row)) for row in rows]
    return [row for row in rows if int(row["Pid"]) == process]


def ends_by_signals(host):
    for number in (signal.SIGINT, signal.SIGTERM):
        for start in (host.monitor, host.watch):
            with start() as program:
                if start == host.watch:
                    program.line()
                program.process.send_signal(number)
                program.expect_end()


def ends_without_reader(host):
    """At once, not with the next event."""
    for start in (host.monitor, host.watch):
        with start("--json") as program:
            if start == host.watch:
                host.add_discard()
                host.send(1)
                program.line()
            program.close()
            program.expect_end()


def loss_is_told(host):
    """A monitor that is stopped, and more events than it has room for."""
    sas = [f"{number:063}" for number in range(16)]
    for number, name in enumerate(sas):
        host.add_sa(name, 0x1000 + number)
    with host.monitor("--json") as monitor:
        monitor.process.send_signal(signal.SIGSTOP)
        for _ in range(10000):
            host.module.add_policy("sp", OUT, NEAR, FAR, sa=sas, mode=TUNNEL)
            host.module.delete_policy("sp")
            if any(int(row["Drops"])
                   for row in sockets(host, monitor.process.pid)):
                break
        monitor.process.send_signal(signal.SIGCONT)
        told = "policy-added"
        while told.startswith("policy"):
            told = json.loads(monitor.line())["event"]
        expect_equal("event", told, "lost")
        # it goes on
        host.add_sa("sa", 0x2000)
        while told != "sa-added":
            told = json.loads(monitor.line())["event"]


def refused_without_right(host):
    with host:
        done = subprocess.run(["ipsec", "monitor"], capture_output=True,
                              text=True, check=False, user=NOBODY,
                              extra_groups=[], timeout=lib.DEADLINE)
    expect_equal("exit status", done.returncode, 1)
    expect_equal("output", done.stdout, "")
    expect("CAP_NET_ADMIN" in done.stderr, done.stderr)


# ----- ipsec counters --watch ------------------------------------------------

def changes_as_lines(host):
    host.add_discard()
    host.send(2)
    before = host.module.counters()["out-policy-discard"]
    with host.watch() as watch:
        expect_equal("headings", watch.line().split(),
                     ["Counter", "Packets", "Change"])
        line = watch.line()
        while not line.startswith("out-policy-discard"):
            line = watch.line()
        expect_equal("the first time", line.split(),
                     ["out-policy-discard", str(before), "-"])
        host.send(3)
        expect_equal("the change", watch.line().split(),
                     ["out-policy-discard", str(before + 3), "+3"])


def changes_as_json(host):
    host.add_discard()
    host.send(1)
    with host.watch("--json") as watch:
        first = json.loads(watch.line())
        before = first["counters"]["out-policy-discard"]
        host.send(4)
        expect_equal("change", json.loads(watch.line())["counters"],
                     {"out-policy-discard": before + 4})
    with host.watch("--json", "--all", "--count", "2") as watch:
        rounds = [json.loads(line) for line in watch.rest()]
        watch.expect_end()
    expect_equal("rounds", len(rounds), 2)
    expect(rounds[1]["time"] > rounds[0]["time"], "they came at once")
    expect(all(0 in each["counters"].values() for each in rounds), "--all")


def a_screen_is_redrawn(host):
    host.add_discard()
    host.send(1)
    with host.watch(terminal=True) as watch:
        watch.text_with("out-policy-discard")
        host.send(5)
        text = watch.text_with(r"out-policy-discard +\d+ +\+5\r\n")
        expect(text.count("\033[H\033[2J") > 1, text)
        expect_equal("headings", text.count("Counter "),
                     text.count("\033[H\033[2J"))


def of_an_sa(host):
    host.add_sa("sa")
    with host.watch("--sa", "sa", "--count", "1") as watch:
        expect_equal("lines", len(watch.rest()), 1)
        watch.expect_end()
    with host.watch("--sa", "sa") as watch:
        watch.line()
        host.module.flush()
        watch.expect_end(1, "there is no SA named sa")


# ----- all of them -----------------------------------------------------------

TESTS = (
    ("monitor: SAs and policies come and go", objects_come_and_go),
    ("monitor: they are changed", objects_change),
    ("monitor: lifetimes end", lifetimes_end),
    ("monitor: lines with times, aligned", lines_are_aligned),
    ("monitor: without headings, to the last of --count", nothing_but_events),
    ("monitor: lost notifications are told", loss_is_told),
    ("monitor: refused without the right to it", refused_without_right),
    ("counters --watch: changes as lines", changes_as_lines),
    ("counters --watch: changes as JSON", changes_as_json),
    ("counters --watch: a screen is redrawn", a_screen_is_redrawn),
    ("counters --watch: of an SA", of_an_sa),
    ("both end by signals, and that is no failure", ends_by_signals),
    ("both end when nobody reads them", ends_without_reader),
)


def main():
    report = lib.Report(len(TESTS))
    host = Host()
    for name, test in TESTS:
        with report.point(name):
            try:
                test(host)
            finally:
                host.module.flush()
    report.finish()


main()
