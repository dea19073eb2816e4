# SPDX-License-Identifier: GPL-2.0-or-later
"""What figures say: tables for people, and the ratios that espvif is to reach.

A figure is what measure.py prints of a path and a traffic.
"""

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


def show(release, figures):
    """Everything about one kernel."""
    print(f"\nLinux {release}; instr. are instructions, protection is what a "
          "packet costs more than plain")
    for traffic, title in TRAFFICS.items():
        if figures.paths(traffic):
            print(f"\n{title}")
            print("\n".join(table(figures, traffic)))
    lines = goals(figures)
    if lines:
        print("\nGoals")
        print("\n".join(lines))
