# SPDX-License-Identifier: GPL-2.0-or-later
"""IKE daemons as the tests see them: each begins, learns tunnels, brings them
up, is killed, and says in its log what it thinks.

Owns the place where a daemon runs: its site's network with files of its own
under the usual names, so that two of them don't share /etc and /run.
"""

import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import lib
from lib import expect

# What a daemon has to itself
DIRECTORIES = ("/etc/ipsec.d", "/etc/swanctl", "/var/lib/ipsec")
FILES = ("/etc/ipsec.conf", "/etc/ipsec.secrets", "/etc/strongswan.conf")
CERTIFICATES = pathlib.Path(os.environ.get("ESPVIF_CERTIFICATES", "."))
PEERS = pathlib.Path(os.environ.get("ESPVIF_CACHE", "."), "peers")


def password():
    """That of the PKCS#12 files."""
    return (CERTIFICATES / "password").read_text(encoding="ascii")


class Place:
    """A site's network with files of its own; trees are (from, to) of
    directories to be seen there, too."""

    def __init__(self, network, side, trees=()):
        self.network, self.side = network, side
        self.host = network.sites[side]
        self.files = pathlib.Path(tempfile.mkdtemp(prefix=f"{side}-"))
        lines = [self.bind(self.files / name[1:], name)
                 for name in DIRECTORIES + FILES]
        lines += [self.bind(source, name) for source, name in trees]
        lines += ["mount -t tmpfs -o mode=755 run /run", "mkdir /run/pluto",
                  "echo ready", "exec sleep infinity"]
        with self.host:
            # Holds the mounts
            self.holder = subprocess.Popen(  # pylint: disable=R1732
                ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                 "\n".join(lines)], stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)
        expect(self.holder.stdout.readline() == "ready\n",
               f"no place for a daemon in {side}")

    @staticmethod
    def bind(source, name):
        """The command that shows source under name; makes what is missing."""
        for path in map(pathlib.Path, (source, name)):
            if name in FILES:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(0o600)
            else:
                path.mkdir(parents=True, exist_ok=True)
        return f"mount --bind {source} {name}"

    def path(self, name):
        """Where a file of the place is, seen from outside."""
        return self.files / name.lstrip("/")

    def write(self, name, text):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")

    def command(self, *command):
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt",
                *map(str, command)]

    def start(self, log, *command, **environment):
        """A program that goes on; its output goes to a file."""
        with self.host, open(log, "ab") as output:
            return subprocess.Popen(  # pylint: disable=R1732
                self.command(*command), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
                env=os.environ | environment)

    def run(self, *command, text="", **environment):
        """(status, what it said) of a program that reads text."""
        with self.host:
            done = subprocess.run(
                self.command(*command), input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False, timeout=lib.DEADLINE * 4,
                env=os.environ | environment)
        return done.returncode, done.stdout

    def close(self):
        atexit.unregister(self.close)
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        shutil.rmtree(self.files, ignore_errors=True)


class Daemon:
    """What all have in common. A kind says how it is called, by

    COMMAND, ENVIRONMENT  what runs, in the foreground
    configure(tunnels)    writes its files
    is_ready()            whether it can be told something
    reload(), up(), down()
    """

    COMMAND, ENVIRONMENT = (), {}
    TREES = ()
    # A new IKE SA is there before the one that it replaces goes
    MAKES_BEFORE_BREAKING = True
    # When it begins, it loads its tunnels
    READS_ALL = False

    def __init__(self, network, side):
        self.network, self.side = network, side
        self.place = Place(network, side, self.TREES)
        self.log = self.place.files / "log"
        self.log.touch()
        self.process = None
        self.tunnels = {}
        self.seen = 0
        self.prepare()
        self.configure()
        atexit.register(self.close)

    # ----- for the kinds ----------------------------------------------------

    def prepare(self):
        """Once, before it runs."""

    def configure(self):
        """Writes the configuration of self.tunnels."""

    def is_ready(self):
        raise NotImplementedError

    def add(self, tunnel):
        """Tells it about a tunnel that is configured."""

    def remove(self, tunnel):
        """Makes it forget a tunnel."""

    def run(self, *command, text=""):
        return self.place.run(*command, text=text, **self.ENVIRONMENT)

    def must(self, *command, text=""):
        status, said = self.run(*command, text=text)
        expect(status == 0, f"{command}: status {status}\n{said}")
        return said

    # ----- its life -----------------------------------------------------------

    def start(self):
        self.forget()
        self.process = self.place.start(self.log, *self.COMMAND,
                                        **self.ENVIRONMENT)
        lib.wait_for(self.is_up, f"{self} is ready")
        if not self.READS_ALL:
            for tunnel in self.tunnels.values():
                self.add(tunnel)

    def is_up(self):
        expect(self.process.poll() is None,
               f"{self} has ended: {self.process.poll()}")
        return self.is_ready()

    def stop(self, number=signal.SIGTERM):
        """The usual end, or as the signal has it."""
        if not self.process:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(lib.DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise lib.Failed(f"{self} did not end") from None
        finally:
            self.process = None

    def kill(self):
        """As a crash would."""
        self.stop(signal.SIGKILL)

    def close(self):
        atexit.unregister(self.close)
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
        self.place.close()

    # ----- tunnels -----------------------------------------------------------

    def load(self, *tunnels):
        """These and no others."""
        for tunnel in self.tunnels.values():
            self.remove(tunnel)
        self.tunnels = {tunnel.name: tunnel for tunnel in tunnels}
        self.configure()
        for tunnel in tunnels:
            self.add(tunnel)

    def try_up(self, name):
        """(whether it is up, what was said)"""
        raise NotImplementedError

    def up(self, name):
        done, said = self.try_up(name)
        expect(done, f"{self} did not bring {name} up:\n{said}")

    def down(self, name):
        raise NotImplementedError

    def spis(self):
        """Those of all SAs that its kernel has."""
        states = self.place.host.run("ip", "xfrm", "state")
        return {int(spi, 16) for spi in re.findall(r"spi (0x\w+)", states)}

    # ----- its log ------------------------------------------------------------

    def forget(self):
        """What was said so far doesn't count for said() any more."""
        self.seen = self.log.stat().st_size

    def news(self):
        with open(self.log, "rb") as file:
            file.seek(self.seen)
            return file.read().decode("utf-8", "replace")

    def said(self, pattern):
        return re.search(pattern, self.news())

    def wait_for(self, pattern, times=1):
        """Until a line of the log matches, or so many do."""
        lib.wait_for(lambda: len(re.findall(pattern, self.news())) >= times,
                     f"{self} says {pattern}, {times} times")

    def tell_log(self, lines=60):
        """The end of the log, for the report of a failure."""
        lib.say(f"--- log of {self}")
        for line in self.news().splitlines()[-lines:]:
            lib.say(f"  {line[:300]}")

    def __str__(self):
        return f"{type(self).__name__} in {self.side}"

    def copy_certificate(self, name, directory, suffix):
        shutil.copy(CERTIFICATES / f"{name}.{suffix}",
                    self.place.path(directory))
