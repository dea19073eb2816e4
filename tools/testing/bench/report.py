#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What figures say: tables for people, and the ratios that espvif is to reach.

A figure is what measure.py prints of a path and a traffic. Started with files like
build/bench.json, shows them again.
"""

import json
import statistics
import sys

# What bench.json tells of a row
FIELDS = ("path", "traffic", "mbps", "instructions_per_packet")
TRAFFICS = {"tcp": "TCP, one stream", "tcp4": "TCP, four streams",
            "udp1300": "UDP, 1,300 bytes", "udp64": "UDP, 64 bytes"}
# What a path is compared with: XFRM set up likewise
COUNTERPARTS = {"espvif-natt": "xfrm-natt"}
COLUMNS = (("path", 14), ("Mb/s", 9), ("instr./packet", 13), ("x XFRM", 7),
           ("x WireGuard", 11), ("protection", 10), ("of XFRM's", 9))
FENCE = "  ".join("=" * width for _, width in COLUMNS)

# (what, path, what it is compared with, traffics, least or most)
SPEEDS = (("espvif-policy", "xfrm", ("tcp",), 1.8),
          ("espvif-device", "xfrm", ("tcp",), 1.8),
          ("espvif-natt", "xfrm-natt", ("tcp",), 2.0),
          ("espvif-chacha", "wireguard", ("tcp",), 1.5))
COSTS = (("espvif-policy", "xfrm", ("udp1300", "udp64"), 0.6),
         ("espvif-device", "xfrm", ("udp1300", "udp64"), 0.6))


class Figures:
    """Rows of one kernel, found by path and traffic."""

    def __init__(self, rows):
        self.rows = {(row["path"], row["traffic"]): row for row in rows}

    def speed(self, path, traffic):
        row = self.rows.get((path, traffic))
        return row and row["mbps"]

    def packet(self, path, traffic):
        row = self.rows.get((path, traffic))
        return row and row["instructions_per_packet"]

    def protection(self, path, traffic):
        """Instructions per packet less those without protection."""
        cost, bare = self.packet(path, traffic), self.packet("plain", traffic)
        return cost and bare and path != "plain" and cost - bare

    def paths(self, traffic):
        return [path for path, other in self.rows if other == traffic]


def ratio(one, other):
    return one / other if one and other else None


def cell(value, width):
    if value is None or value is False:
        text = ""
    elif isinstance(value, float):
        text = f"{value:.2f}"
    else:
        text = f"{value:,}"
    return text.rjust(width)


def table(figures, traffic):
    """Lines of a table, as reStructuredText has them."""
    lines = [FENCE, "  ".join(title.ljust(width) for title, width
                              in COLUMNS).rstrip(), FENCE]
    for path in figures.paths(traffic):
        other = COUNTERPARTS.get(path, "xfrm")
        cost = figures.protection(path, traffic)
        values = (f"{figures.speed(path, traffic):,.1f}",
                  figures.packet(path, traffic),
                  ratio(figures.speed(path, traffic),
                        figures.speed(other, traffic)),
                  ratio(figures.speed(path, traffic),
                        figures.speed("wireguard", traffic)),
                  cost, ratio(cost, figures.protection(other, traffic)))
        widths = [width for _, width in COLUMNS]
        first = values[0].rjust(widths[1])
        lines.append("  ".join([path.ljust(widths[0]), first, *(
            cell(value, width)
            for value, width in zip(values[1:], widths[2:]))]).rstrip())
    return [*lines, FENCE]


def goals(figures):
    """Lines that compare with what is to be reached, where both were measured."""
    lines = []
    for kind, entries, value, sign in (
            ("speed", SPEEDS, figures.speed, ">="),
            ("protection", COSTS, figures.protection, "<=")):
        for path, other, traffics, goal in entries:
            for traffic in traffics:
                found = ratio(value(path, traffic), value(other, traffic))
                if found is None:
                    continue
                met = found >= goal if sign == ">=" else found <= goal
                lines.append(f"{path:14} {traffic:8} {kind:10} "
                             f"{found:5.2f} of {other:10} {sign} {goal:4}"
                             f"  {'reached' if met else 'not reached'}")
    return lines


def show_policies(entries):
    """How much more a packet costs where there are more policies."""
    first = {}
    for entry in entries:
        cost = entry["instructions_per_packet"]
        first.setdefault(entry["path"], cost)
        print(f"{entry['path']:14} {entry['policies']:6,} policies "
              f"{cost:8,} instructions per packet  "
              f"{cost / first[entry['path']] - 1:+7.1%}")


def show_latency(entries):
    for entry in entries:
        print(line("latency", entry))


def show_cores(entries):
    """The ratios of each path, and how far they are apart."""
    found = {}
    for entry in entries:
        found.setdefault(entry["path"], []).append(entry["ratio"])
    for path, ratios in found.items():
        print(f"{path:14} median {statistics.median(ratios):.2f}, from "
              f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds")


PARTS = {"policies": ("UDP of 64 bytes, where there are more policies in each "
                      "direction", show_policies),
         "latency": ("Echoes: microseconds; with one processor, thousands of "
                     "instructions", show_latency),
         "cores": ("TCP, four streams, one SA: speed of two processors over "
                   "that of one", show_cores)}


def show(content):
    """Everything about one kernel."""
    print(f"\nLinux {content['kernel']}; instr. are instructions, protection is "
          "what a packet costs more than plain")
    figures = Figures(content["rows"])
    for traffic, title in TRAFFICS.items():
        if figures.paths(traffic):
            print(f"\n{title}")
            print("\n".join(table(figures, traffic)))
    for part, (title, show_part) in PARTS.items():
        if part in content:
            print(f"\n{title}")
            show_part(content[part])
    lines = goals(figures)
    if lines:
        print("\nGoals")
        print("\n".join(lines))


def line(part, entry):
    """A figure, as it comes."""
    if part == "rows":
        return f"{entry['path']:14} {entry['traffic']:8} " \
            f"{entry['mbps']:9,.1f} Mb/s " \
            f"{entry['instructions_per_packet']:8,} instructions per packet"
    if part == "policies":
        return f"{entry['path']:14} {entry['policies']:6,} policies " \
            f"{entry['instructions_per_packet']:8,} instructions per packet"
    if part == "latency":
        return f"{entry['path']:14} {entry['state']:6} " \
            f"{entry['processors']} CPU: median {entry['median']:8,.1f}, " \
            f"99th percentile {entry['percentile_99']:8,.1f}"
    return f"{entry['path']:14} two processors: {entry['ratio']:.2f} of one"


def show_profiles(rows, top):
    """Functions, with their share and what they have of a packet's instructions."""
    for row in rows:
        samples = sum(count for _, count in row["functions"])
        print(f"\n{row['path']}, {row['traffic']}: {samples:,} samples\n"
              "  share  instr./packet  function")
        for name, count in row["functions"][:top]:
            share = count / samples
            print(f"{share:7.1%}  "
                  f"{share * row['instructions_per_packet']:13,.0f}  {name}")


def main():
    for name in sys.argv[1:]:
        with open(name, encoding="ascii") as file:
            show(json.load(file))


if __name__ == "__main__":
    main()
