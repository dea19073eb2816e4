#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be seen of the module while it works: `ipsec monitor`, `ipsec
counters --watch`, tracepoints, reasons of drops, `ethtool -S`.

    +---- host ----+
    |    lo  espvif|
    +--------------+

Packets go to an address of the loopback device that a policy names.
"""

import contextlib
import json
import os
import pathlib
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

    def try_send(self, address):
        with self, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            with contextlib.suppress(OSError):
                sock.sendto(b"x", (address, 9))

    def every_counter(self):
        return json.loads(self.run("ipsec", "counters", "--all", "--json"))

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


def has_read_all(host, monitor):
    while select.select([monitor.output], [], [], 0)[0]:
        monitor.more()
    return not any(int(row["Rmem"])
                   for row in sockets(host, monitor.process.pid))


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
        # it goes on, once it has read all that there was room for
        lib.wait_for(lambda: has_read_all(host, monitor), "all is read")
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


# ----- tracepoints and statistics --------------------------------------------

TRACING = pathlib.Path("/sys/kernel/tracing")


class Trace:
    """Tracepoints that are on inside a `with`, and what they have told."""

    def __init__(self, *events):
        if not (TRACING / "events").is_dir():
            lib.run("mount", "-t", "tracefs", "none", str(TRACING))
        self.events = events

    def switch(self, to):
        for event in self.events:
            (TRACING / "events" / event / "enable").write_text(to)

    def __enter__(self):
        (TRACING / "trace").write_text("")
        self.switch("1")
        return self

    def __exit__(self, *_):
        self.switch("0")

    def lines(self):
        """(event, what it says) of each."""
        text = (TRACING / "trace").read_text(encoding="ascii")
        return re.findall(r"\d: (\w+): (.*)", text)


def inode(host):
    return os.fstat(host.file).st_ino


def life_is_traced(host):
    host.add_sa("other", 0x2000)
    with Trace("espvif/espvif_sa_add", "espvif/espvif_sa_expire",
               "espvif/espvif_sa_del") as trace:
        host.add_sa("sa", hard_seconds=1)
        lib.wait_for(lambda: len(trace.lines()) > 1, "it expires")
        host.module.flush()
        lines = trace.lines()
    net = f"net={inode(host)} "
    expect_equal("lines", lines, [
        ("espvif_sa_add", net + "sa=sa spi=0x1000 direction=out"),
        ("espvif_sa_expire", net + "sa=sa spi=0x1000 limit=hard"),
        ("espvif_sa_del", net + "sa=other spi=0x2000 direction=out"),
        ("espvif_sa_del", net + "sa=sa spi=0x1000 direction=out")])
    expect(ALGORITHM.key.hex() not in str(lines), "a key was shown")


def drops_are_traced(host):
    """With our reason, and with the kernel's."""
    host.add_discard()
    with Trace("espvif/espvif_drop", "espvif/espvif_policy_decide",
               "skb/kfree_skb") as trace:
        host.send(1)
        lines = trace.lines()
    net = f"net={inode(host)} "
    ours = [line for line in lines if line[0] != "kfree_skb"]
    expect_equal("lines", ours, [
        ("espvif_policy_decide",
         net + "policy=drop direction=out action=discard packets=1 len=29"),
        ("espvif_drop", net + "sa=- spi=0x0 reason=out-policy-discard len=29")])
    reasons = [re.search(r"reason: (\w+)", text)[1]
               for event, text in lines if event == "kfree_skb"]
    expect("XFRM_POLICY" in reasons, f"kfree_skb told {reasons}")


def drops_of_an_sa(host):
    """A peer that no route leads to."""
    host.add_sa("sa")
    host.module.add_policy("sp", OUT, NEAR, FAR, sa="sa", mode=TUNNEL)
    with Trace("espvif/espvif_drop", "skb/kfree_skb") as trace:
        host.send(1)
        lines = trace.lines()
    expect(("espvif_drop", f"net={inode(host)} sa=sa spi=0x1000 "
            "reason=out-no-route len=29") in lines, lines)
    expect(any("IP_OUTNOROUTES" in text for _, text in lines), lines)


def packets_are_traced(host):
    """Through a tunnel to ourselves, out and in again."""
    host.ip_batch("address add 192.0.2.1 dev lo", "address add 192.0.2.2 dev lo")
    try:
        host.add_sa("out")
        host.module.add_sa("in", "192.0.2.1", "192.0.2.2", 0x1001, TUNNEL,
                           ALGORITHM, direction=IN)
        host.module.add_policy("sp", OUT, NEAR, FAR, sa="out", mode=TUNNEL)
        with Trace("espvif/espvif_output_done") as trace:
            host.send(1)
            lines = trace.lines()
    finally:
        host.ip_batch("address delete 192.0.2.1/32 dev lo",
                      "address delete 192.0.2.2/32 dev lo")
    expect_equal("lines", lines, [
        ("espvif_output_done",
         f"net={inode(host)} sa=out spi=0x1000 len=29")])


def ethtool_shows_a_device(host):
    host.ip_batch("link add ipsec0 type espvif")
    host.sysctl("ipv6/conf/ipsec0/disable_ipv6", 1)
    host.ip_batch("address add 10.8.0.1 dev ipsec0", "link set ipsec0 up",
                  "route add 10.9.0.0/24 dev ipsec0")
    try:
        host.add_sa("sa", ifname="ipsec0")
        host.module.add_policy("sp", OUT, "0.0.0.0/0", "10.9.0.0/25", sa="sa",
                               mode=TUNNEL, ifname="ipsec0")
        for last in (1, 2, 200):
            host.try_send(f"10.9.0.{last}")
        found = statistics(host, "ipsec0")
        expect_equal("names", set(found), set(host.every_counter()))
        expect_equal("counters", {name: value
                                  for name, value in found.items() if value},
                     {"out-packets": 2, "out-no-route": 2, "out-no-policy": 1})
        text = host.run("ethtool", "-i", "ipsec0")
        expect("driver: espvif\n" in text, text)
    finally:
        host.ip_batch("link delete ipsec0")


def statistics(host, device):
    text = host.run("ethtool", "-S", device)
    return {name: int(value)
            for name, value in re.findall(r"^ +(\S+): (\d+)$", text, re.M)}


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
    ("tracepoints: SAs come, expire and go", life_is_traced),
    ("tracepoints: a policy drops, for the kernel too", drops_are_traced),
    ("tracepoints: an SA drops, for the kernel too", drops_of_an_sa),
    ("tracepoints: a packet is protected", packets_are_traced),
    ("ethtool: counters of a device", ethtool_shows_a_device),
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
