# SPDX-License-Identifier: GPL-2.0-or-later
"""IKE daemons of ours in namespaces, for the tests of this directory: their files,
their start and end, and what the module has of theirs.
"""

import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "selftests" / "espvif"))

# pylint: disable=wrong-import-position
import lib                                                  # noqa: E402
from hosts import Host                                      # noqa: E402
from lib import expect                                      # noqa: E402

# The one with sanitizers, where it was built
SANITIZED = HERE.parents[2] / "build" / "unit" / "iked"
PROGRAM = str(SANITIZED) if SANITIZED.exists() else "iked"

# A connection of the hosts of Pair that protects nothing
CLEAR = """conn clear
	left=192.0.2.1
	right=192.0.2.2
	leftsubnet=10.1.7.0/24
	rightsubnet=10.2.7.0/24
	type=passthrough
	authby=never
	auto=ondemand
"""


class Daemon:
    """An IKE daemon of a namespace, and its files."""

    def __init__(self, host, directory=None):
        self.host, self.process = host, None
        self.directory = directory or pathlib.Path(
            tempfile.mkdtemp(prefix="espvif-daemon-"))
        if not directory:
            atexit.register(shutil.rmtree, self.directory,
                            ignore_errors=True)
        self.log = self.directory / "log"

    def configure(self, text, secrets):
        (self.directory / "ipsec.conf").write_text(text, encoding="ascii")
        path = self.directory / "ipsec.secrets"
        path.write_text(secrets, encoding="ascii")
        path.chmod(0o600)

    def command(self):
        return [PROGRAM, "--nofork", "--stderrlog",
                "--config", self.directory / "ipsec.conf",
                "--secretsfile", self.directory / "ipsec.secrets",
                "--rundir", self.directory / "run"]

    def start(self):
        with open(self.log, "ab") as log, self.host:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(self.command(), stdin=log,
                                            stdout=log, stderr=log)
        atexit.register(self.stop, signal.SIGKILL)

    def start_in_vain(self):
        """What it says when it refuses to start."""
        with self.host:
            done = subprocess.run(self.command(), text=True, check=False,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT,
                                  timeout=lib.DEADLINE)
        expect(done.returncode == 1, f"status {done.returncode}")
        return done.stdout

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Ends it; it must end well, unless it is killed."""
        atexit.unregister(self.stop)
        if not self.process:
            return
        process, self.process = self.process, None
        if number == signal.SIGKILL:
            kill_children(process)
        process.send_signal(number)
        status = process.wait(lib.DEADLINE)
        expect(number == signal.SIGKILL or status == 0,
               f"the daemon ends with {status}:\n{self.said()}")

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace") \
            if self.log.exists() else ""

    def sas(self):
        return json.loads(self.host.run("ipsec", "sa", "list", "--json"))

    def policies(self):
        return json.loads(self.host.run("ipsec", "sp", "list", "--json"))

    def sends_to(self, network):
        """Is there a policy for it?"""
        return any(policy["destination_address"] == network
                   for policy in self.policies())


def kill_children(process):
    """First, while it stands still: else they would still tidy up."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGSTOP)
    listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for child in listed.read_text(encoding="ascii").split():
        os.kill(int(child), signal.SIGKILL)


class Pair:
    """Two hosts with a daemon each, and networks behind them."""

    def __init__(self, *names):
        hosts = [Host(name) for name in names]
        lib.join(*hosts)
        for number, host in enumerate(hosts, 1):
            host.address("wire", f"192.0.2.{number}/24",
                         f"2001:db8::{number}/64")
            host.address("lo", f"10.{number}.0.1/32", f"10.{number}.1.1/32")
        self.west, self.east = map(Daemon, hosts)
        self.routes()

    def routes(self, way=None):
        for number, daemon in enumerate((self.west, self.east), 1):
            peer = 3 - number
            daemon.host.ip_batch(f"route replace 10.{peer}.0.0/16 "
                                 f"{way or f'via 192.0.2.{peer}'}")

    def stop(self):
        for daemon in (self.west, self.east):
            daemon.stop()
            daemon.log.unlink(missing_ok=True)

    def ping(self, source, destination):
        """Until an answer comes."""
        with self.west.host:
            lib.wait_for(lambda: not subprocess.run(
                ["ping", "-c1", "-W1", "-I", source, destination],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                check=False).returncode,
                         lambda: f"ping from {source} to {destination}\n"
                         f"west:\n{self.west.said()}\n"
                         f"east:\n{self.east.said()}")

    def has_sas(self, count):
        """Until both hosts have so many."""
        for daemon in (self.west, self.east):
            lib.wait_for(lambda daemon=daemon: len(daemon.sas()) == count,
                         lambda daemon=daemon:
                         f"{count} SAs at {daemon.host.name}\n"
                         f"west:\n{self.west.said()}\n"
                         f"east:\n{self.east.said()}")

    def carried(self):
        """How many packets west's SAs have carried."""
        return sum(sa["packets"] for sa in self.west.sas())
