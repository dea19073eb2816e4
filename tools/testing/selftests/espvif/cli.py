# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the program `ipsec` share: running it and judging what it
answers, options as dictionaries, what it lists, and the kernel's log.
"""

import collections
import json
import os
import re
import subprocess

from lib import expect, expect_equal

Answer = collections.namedtuple("Answer", "status out err")


def run(*words, **options):
    """A program's status, negative for a signal, and what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL,
                          errors="backslashreplace", **options)
    return Answer(done.returncode, done.stdout, done.stderr)


def ipsec(*words):
    return run("ipsec", *words)


def accepted(*command):
    """What a command printed that had to succeed."""
    answer = ipsec(*command)
    expect(not answer.status, f"ipsec {' '.join(command)}\n{answer.err}")
    expect_equal("standard error", answer.err, "")
    return answer.out


def refused(status, *command, says=()):
    """The sentence of a refusal; every text in says has to be in it.

    It is the only line, but for the hint to the help after wrong usage.
    """
    answer = ipsec(*command)
    line = f"ipsec {' '.join(command)}"
    expect_equal(f"status of {line}", answer.status, status)
    expect_equal("standard output", answer.out, "")
    lines = answer.err.splitlines()
    expect(lines and lines[0].startswith("ipsec"), f"{line}\n{answer.err}")
    expect_equal("lines on standard error", len(lines), status)
    if status == 2:
        expect(lines[1].startswith("Try 'ipsec"), answer.err)
    for text in says:
        expect(text in lines[0], f"no {text!r} in: {lines[0]}")
    return lines[0]


def words(defaults, changes):
    """Options as words: changed, added, or None to be left out.

    Names may have underscores for dashes.
    """
    changes = {name.replace("_", "-"): value
               for name, value in changes.items()}
    line = []
    for name, value in {**defaults, **changes}.items():
        if value is True:
            line += [f"--{name}"]
        elif isinstance(value, list):
            line += [word for item in value for word in (f"--{name}", item)]
        elif value is not None:
            line += [f"--{name}", value]
    return line


def objects(kind, *options):
    """SAs ("sa") or policies ("sp") as --json lists them, by their names."""
    found = json.loads(accepted(kind, "list", "--json", *options))
    return {item["name"]: item for item in found}


class KernelLog:
    """What the kernel says from now on."""

    def __init__(self):
        self.file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.file, 0, os.SEEK_END)

    def lines(self):
        """Yields (level, line); the numbers of levels are syslog's."""
        while True:
            try:
                record = os.read(self.file, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:
                continue
            prefix, _, text = record.partition(";")
            yield int(prefix.split(",")[0]) & 7, text.splitlines()[0]

    def expect_quiet(self, *harmless):
        """Nothing of level warning or worse, but about the guest's clock, and
        what matches one of the regular expressions.
        """
        loud = [text for level, text in self.lines() if level <= 4 and
                not text.startswith(("clocksource:", "hrtimer:")) and
                not any(re.search(each, text) for each in harmless)]
        expect(not loud, "the kernel said:\n" + "\n".join(loud))
