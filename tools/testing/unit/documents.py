#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the program's help with its manual pages and its completion.

Every option and every algorithm that one of them names, the others must name
too; and every command line that a manual page shows must be one that the
program understands.  Reports in TAP.

Usage: documents.py PROGRAM ROOT-OF-THE-SOURCES
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys

# The program forbids to be traced for its keys; the leak detector would.
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")


class Report:
    """Counts results as it prints them."""

    def __init__(self):
        self.count = 0
        self.failures = 0

    def result(self, good, name, *details):
        """Prints one result, and what is behind it if it is a bad one."""
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good:
            self.failures += 1
            for detail in details:
                print(f"# {detail}")

    def same(self, name, left_name, left, right_name, right):
        """Compares two sets of words."""
        self.result(left == right, name,
                    f"only in {left_name}: {sorted(left - right)}",
                    f"only in {right_name}: {sorted(right - left)}")


def output(*command):
    """Returns what a command prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, env=ENVIRONMENT).stdout


def help_of(program, command):
    """Returns the options that a command's help lists."""
    text = output(program, *command.split(), "--help")
    return set(re.findall(r"^  --([a-z-]+)", text, re.M))


def algorithms_of(program):
    """Returns the two sets of algorithms that the help of 'sa add' lists."""
    text = output(program, "sa", "add", "--help")
    found = re.search(r"Encryption algorithms:\n(.*?)\n\nIntegrity "
                      r"algorithms:\n(.*?)\n\n", text, re.S)
    return set(found[1].split()), set(found[2].split())


def counters_of(root):
    """Returns the names of the module's counters."""
    text = (root / "kmod/counters.c").read_text()
    return set(re.findall(r'^\t\[ESPVIF_\w+\] = "([a-z-]+)"', text, re.M))


def page_of(root, command):
    """Returns the manual page of a command."""
    name = command.split()[0]
    return (root / f"Documentation/man/ipsec_{name}.8").read_text()


def section_of(page, command):
    """Returns the part of a page about a command."""
    if " " not in command:
        return page
    parts = re.split(rf"^\.Ss ipsec {command}$", page, flags=re.M)
    return re.split(r"^\.S[sh] ", parts[1], flags=re.M)[0] \
        if len(parts) == 2 else ""


def documented(section):
    """Returns the options that a part of a page describes."""
    return set(re.findall(r"^\.It Fl -([a-z-]+)", section, re.M))


def completed(root):
    """Returns the tables of the completion: options and values."""
    script = r'''. "$1"
        for key in "${!_ipsec_options[@]}"; do
            echo "options|$key|"${_ipsec_options[$key]}
        done
        for key in "${!_ipsec_values[@]}"; do
            echo "values|$key|"${_ipsec_values[$key]}
        done'''
    tables = {"options": {}, "values": {}}
    text = output("bash", "-c", script, "-",
                  str(root / "tools/packaging/completion/ipsec"))
    for line in text.splitlines():
        table, key, words = line.split("|")
        tables[table][key] = set(words.split())
    return tables


def examples(page):
    """Returns the command lines of a page's displays."""
    lines = []
    for display in re.findall(r"^\.Bd [^\n]*\n(.*?)^\.Ed$", page,
                              re.M | re.S):
        display = display.replace("\\\\\n", " ").replace("\\e\n", " ")
        lines += re.findall(r"^# (ipsec [^|\n]*)", display, re.M)
    return [" ".join(line.split()) for line in lines]


def understood(program, line):
    """Runs an example where it can do no harm: in a namespace of its own, with
    an /etc that is empty and forgotten afterwards."""
    unshare = [*(["unshare", "-nm"] if os.geteuid() == 0 else
                 ["unshare", "-rnm"]),
               "sh", "-c", 'mount -t tmpfs none /etc && exec "$@"', "-"]
    # those that wait for something to happen are not waited for
    run = subprocess.run(["timeout", "5", *unshare, program,
                          *shlex.split(line)[1:]],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
                         check=False)
    return run.returncode != 2, run.stderr


def main():
    """Runs the comparisons."""
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    report = Report()
    commands = re.findall(r"^  ((?:sa |sp )?[a-z]+)  ",
                          output(program, "--help"), re.M)
    commands.remove("help")
    tables = completed(root)
    pages = {}

    for command in commands:
        options = help_of(program, command)
        pages[command.split()[0]] = page_of(root, command)
        section = section_of(pages[command.split()[0]], command)
        report.same(f"{command}: manual page", "the help", options,
                    "the page", documented(section))
        report.same(f"{command}: completion", "the help",
                    {f"--{option}" for option in options}, "the completion",
                    tables["options"].get(command, set()))
    for kind, names in zip(("encryption", "integrity"),
                           algorithms_of(program)):
        report.same(f"{kind} algorithms: completion", "the help", names,
                    "the completion",
                    tables["values"][f"--{kind}-algorithm"])
        missing = {name for name in names
                   if not re.search(rf"^\.It Cm .*\b{re.escape(name)}\b",
                                    pages["sa"], re.M)}
        report.result(not missing, f"{kind} algorithms: manual page",
                      f"not there: {sorted(missing)}")
    report.same("counters: manual page", "the module", counters_of(root),
                "the page", set(re.findall(r"^\.It Li ([a-z-]+)",
                                           pages["counters"], re.M)))
    table = subprocess.run(
        [root / "tools/documentation/keyword-table", "--check", program,
         root / "Documentation/man/ipsec.conf.5"], stderr=subprocess.PIPE,
        text=True, env=ENVIRONMENT, check=False)
    report.result(table.returncode == 0, "ipsec.conf(5) has the program's table",
                  table.stderr)
    overview = (root / "Documentation/man/ipsec.8").read_text()
    for name in sorted(pages):
        report.result(f".Xr ipsec_{name} 8" in overview,
                      f"ipsec(8) names ipsec_{name}(8)")
    for name, page in [("", overview), *sorted(pages.items())]:
        lines = examples(page)
        report.result(bool(lines), f"ipsec{name and '_'}{name}(8) has examples")
        for line in lines:
            good, errors = understood(program, line)
            report.result(good, f"example: {line}", errors)
    print(f"1..{report.count}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
