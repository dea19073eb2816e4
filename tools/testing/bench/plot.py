#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws bench.json: for each traffic, what a packet costs on each path.

A bar is the instructions of a packet; its grey part is what the packet would cost
without protection. Prints SVG.
"""

import json
import sys
from xml.sax.saxutils import escape

import report

WIDTH, LEFT, RIGHT, ROW, HEAD, GAP = 760, 120, 170, 20, 34, 14
COLORS = {"plain": "#9aa0a6", "xfrm": "#4c78a8", "wireguard": "#b07aa1",
          "espvif": "#e4572e"}
STYLE = "font-family:sans-serif;font-size:12px"


def text(left, top, words, **attributes):
    more = "".join(f' {name.replace("_", "-")}="{value}"'
                   for name, value in attributes.items())
    return f'<text x="{left}" y="{top}"{more}>{escape(words)}</text>'


def box(left, top, width, color):
    return f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" ' \
        f'height="{ROW - 6}" fill="{color}"/>'


def panel(figures, traffic, title, top):
    """Elements of one traffic, and where the next begins."""
    paths = figures.paths(traffic)
    scale = (WIDTH - LEFT - RIGHT) / max(
        figures.packet(path, traffic) for path in paths)
    elements = [text(0, top + 16, title, font_weight="bold")]
    top += HEAD - 8
    for path in paths:
        cost = figures.packet(path, traffic)
        bare = min(figures.packet("plain", traffic) or 0, cost)
        color = next(color for name, color in COLORS.items()
                     if path.startswith(name))
        elements += [text(LEFT - 8, top + 11, path, text_anchor="end"),
                     box(LEFT, top, cost * scale, color),
                     box(LEFT, top, bare * scale, COLORS["plain"]),
                     text(f"{LEFT + cost * scale + 6:.1f}", top + 11,
                          f"{cost:,} · "
                          f"{figures.speed(path, traffic):,.0f} Mb/s")]
        top += ROW
    return elements, top + GAP


def draw(content):
    figures, elements, top = report.Figures(content["rows"]), [], 24
    for traffic, title in report.TRAFFICS.items():
        if figures.paths(traffic):
            more, top = panel(figures, traffic, title, top)
            elements += more
    release = content["kernel"]
    head = text(0, 14, f"Linux {release}: instructions per packet, and speed at "
                "1,000 million instructions per second")
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" '
        f'width="{WIDTH}" height="{top}" style="{STYLE}">',
        f'<rect width="{WIDTH}" height="{top}" fill="white"/>',
        head, *elements, "</svg>"])


def main():
    if len(sys.argv) != 2:
        sys.exit("Usage: plot.py BENCH.JSON >PLOT.SVG")
    with open(sys.argv[1], encoding="ascii") as file:
        print(draw(json.load(file)))


main()
