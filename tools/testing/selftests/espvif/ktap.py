# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests in Python share: results in KTAP, the module, a network
namespace of their own, and the commands `ipsec` and `ip`.

A test is a list of pairs, the name of a test point and a function that raises
Failed, or anything else, if it doesn't hold:

    import ktap
    ktap.own_namespace()
    ktap.main([("one is one", lambda: ktap.equal("one", 1, 1))])
"""

import collections
import ctypes
import os
import subprocess
import sys
import time
import traceback

SKIP = 4
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

Answer = collections.namedtuple("Answer", "status out err")


class Failed(Exception):
    """A test point doesn't hold."""


class Skipped(Exception):
    """A test point cannot be tried here."""


def expect(condition, sentence):
    if not condition:
        raise Failed(sentence)


def equal(what, actual, expected):
    expect(actual == expected, f"{what}: {actual!r}, expected {expected!r}")


def diag(text):
    for line in str(text).splitlines():
        print(f"# {line}")


def skip_all(reason):
    """Ends the whole test: something that it needs is missing."""
    print(f"TAP version 13\n1..0 # SKIP {reason}")
    sys.exit(SKIP)


# ----- what a test needs -----------------------------------------------------

_loaded_here = False


def load_module():
    """Loads the module if it isn't there; main() unloads it then."""
    global _loaded_here
    if os.geteuid():
        skip_all("needs root")
    if os.path.isdir("/sys/module/espvif"):
        return
    if run("modprobe", "espvif").status:
        skip_all("no module espvif")
    _loaded_here = True


def own_namespace():
    """Moves into a new network namespace, with the module there."""
    load_module()
    if LIBC.unshare(CLONE_NEWNET):
        skip_all("no network namespaces")
    ip("link set lo up")


def run(*words, **options):
    """A command's status, negative for a signal, and what it printed."""
    try:
        done = subprocess.run(words, capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL,
                              errors="backslashreplace", **options)
    except FileNotFoundError:
        return Answer(127, "", f"{words[0]} is not installed")
    return Answer(done.returncode, done.stdout, done.stderr)


def must(*words):
    """A command that has to succeed; what it printed."""
    answer = run(*words)
    expect(not answer.status,
           f"{' '.join(words)}: status {answer.status}\n{answer.err}")
    return answer.out


def ip(line):
    """ip with the words of a line."""
    return must("ip", *line.split())


def ipsec(*words):
    return run("ipsec", *words)


def wait_for(condition, seconds=30):
    """Until condition() is true, or Failed after some seconds."""
    limit = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < limit, "waited in vain")
        time.sleep(0.05)


class Peer:
    """Another network namespace, at the other end of a wire."""

    def __init__(self):
        # pylint: disable-next=consider-using-with  # close() ends it
        self.process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up; echo; cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def join(self, device, ours, theirs):
        """A wire between us and the peer, with addresses at its ends."""
        ip(f"link add {device} type veth peer name {device} "
           f"netns {self.process.pid}")
        for run_ip, addresses in ((ip, ours), (self.ip, theirs)):
            for address in addresses:
                nodad = "nodad" if ":" in address else ""
                run_ip(f"address add {address} dev {device} {nodad}")
            run_ip(f"link set {device} up")

    def run(self, *words):
        return run("nsenter", f"--net=/proc/{self.process.pid}/ns/net",
                   *words)

    def ip(self, line):
        answer = self.run("ip", *line.split())
        expect(not answer.status, f"peer: ip {line}: {answer.err}")
        return answer.out

    def ipsec(self, *words):
        return self.run("ipsec", *words)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class KernelLog:
    """What the kernel says from now on."""

    def __init__(self):
        self.file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.file, 0, os.SEEK_END)

    def lines(self):
        """Yields (level, line), the numbers of levels are syslog's."""
        while True:
            try:
                record = os.read(self.file, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:
                continue
            prefix, _, text = record.partition(";")
            yield int(prefix.split(",")[0]) & 7, text.splitlines()[0]

    def expect_quiet(self):
        """Nothing of level warning or worse."""
        loud = [text for level, text in self.lines() if level <= 4]
        expect(not loud, "the kernel said:\n" + "\n".join(loud))


# ----- results ---------------------------------------------------------------

def try_point(test):
    """("ok", "not ok" or "skip", why) of one test function."""
    try:
        test()
    except Failed as failure:
        return "not ok", str(failure)
    except Skipped as reason:
        return "skip", str(reason)
    except Exception:  # pylint: disable=broad-except
        return "not ok", traceback.format_exc()
    return "ok", ""


def main(tests):
    """Tries all test points and ends the program."""
    counts = collections.Counter()
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests, 1):
        result, why = try_point(test)
        counts[result] += 1
        if result == "skip":
            print(f"ok {number} {name} # SKIP {why}")
        else:
            print(f"{result} {number} {name}")
            diag(why)
        sys.stdout.flush()
    if _loaded_here and run("rmmod", "espvif").status:
        print("Bail out! the module cannot be unloaded")
        sys.exit(1)
    print(f"# Totals: pass:{counts['ok']} fail:{counts['not ok']} xfail:0 "
          f"xpass:0 skip:{counts['skip']} error:0")
    if counts["not ok"]:
        sys.exit(1)
    sys.exit(SKIP if counts["skip"] == len(tests) else 0)
