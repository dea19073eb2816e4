#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sequence numbers: each at most once, none from behind the window.

    +-- mallory --+                                +---- west ----+
    | scapy  wire +-- 192.0.2.2   ESP  192.0.2.1 --+ wire  espvif |
    +-------------+                                +--------------+

mallory has the right keys and sends packets with the numbers she likes, also
extended ones (RFC 4303 appendix A). For windows of several sizes, what is
delivered and what every counter says is compared exactly with what a plain
model of RFC 4303 3.4.3 expects; so is a seeded random walk.
"""

import random

import forge
import lib
from lib import TRANSPORT

SEED = 6479
HALF = 1 << 32


class Model:
    """Anti-replay as the RFC tells it, with all numbers ever accepted."""

    def __init__(self, window):
        self.window, self.highest, self.seen = window, 0, set()

    def verdict(self, number):
        """Takes a number; returns why it is dropped, None if it is not."""
        if self.window and number == 0:
            return "in-replay-zero"
        if self.window and number <= self.highest - self.window:
            return "in-replay-old"
        if self.window and number in self.seen:
            return "in-replay-seen"
        self.seen.add(number)
        self.highest = max(self.highest, number)
        return None


class Run:
    """An SA with a window, and the model of it."""

    count = 0

    def __init__(self, arena, window, esn=False):
        Run.count += 1
        self.arena, self.esn, self.model = arena, esn, Model(window)
        self.sender = forge.Sender(f"run{Run.count}", 0x1000 + Run.count,
                                   TRANSPORT)
        self.sender.add_to(arena.module, replay_window=window, esn=esn)

    def seal(self, number):
        """The packet with a number, and the text in it."""
        text = f"number {number}".encode()
        return self.sender.seal_text(
            text, sequence=number % HALF,
            epoch=number // HALF if self.esn else None), text

    def send(self, *numbers):
        """Sends packets with these numbers; they must meet the model's fate."""
        packets, drops, texts = [], {}, []
        for number in numbers:
            packet, text = self.seal(number)
            packets.append(packet)
            reason = self.model.verdict(number)
            if reason:
                drops[reason] = drops.get(reason, 0) + 1
            else:
                texts.append(text)
        self.arena.expect(self.sender, packets, drops, len(texts), texts)
        self.expect_highest()

    def expect_highest(self):
        lib.expect_equal("highest number", self.arena.module.sa(
            self.sender.name)["seq"], self.model.highest)

    def send_misread(self, *numbers):
        """
        Numbers whose upper half the receiver takes for another one: their ICV
        is wrong then.
        """
        packets = [self.seal(number)[0] for number in numbers]
        self.arena.expect(self.sender, packets,
                          {"in-not-authentic": len(packets)})
        self.expect_highest()


def edges(arena, window):
    """All that can happen to a number around a window of that size."""
    run = Run(arena, window)
    run.send(0)
    run.send(1, 1, 2, 2, 1)
    # the whole window is open behind a jump, and nothing more
    top = 10 * window
    run.send(top)
    run.send(top, top - 1, top - 1, top - window + 1, top - window + 1)
    run.send(top - window, top - window - 1, 1, 0)
    # one step takes the left edge along
    run.send(top + 1, top - window + 1, top - window + 2)
    run.send(top + 1 + window, top + 1, top + 2, top + 1 + window)
    # far ahead, and to the very end of the numbers
    run.send(top + (1 << 31), top + (1 << 31) - 1, top + window)
    run.send(HALF - 2, HALF - 1, HALF - 1, HALF - window, HALF - window - 1)


def forged_jump(arena):
    """A number far ahead with a wrong ICV opens no window."""
    run = Run(arena, 64)
    run.send(*range(1, 6))
    packet, _ = run.seal(1 << 31)
    forged = packet[:-1] + bytes([packet[-1] ^ 1])
    arena.expect(run.sender, [forged], {"in-not-authentic": 1})
    run.expect_highest()
    run.send(6, 5, 7)


def no_check(arena):
    run = Run(arena, 0)
    run.send(5, 5, 0, 1, 5, HALF - 1, 0, 2)


def esn_wraps(arena):
    """From the end of one half into the next, and once more."""
    run = Run(arena, 64, esn=True)
    run.send(1, 1 << 31, HALF - 10, HALF - 9)
    run.send(HALF - 1, HALF, HALF + 1, HALF + 1, HALF)
    # a window over the border
    run.send(HALF - 1, HALF - 2, HALF - 3, HALF + 5, HALF - 4, HALF - 4)
    # its left edge
    run.send(HALF + 20, HALF + 20 - 63, HALF + 20 - 63)
    # left of it a number is taken for one of the next half
    run.send_misread(HALF + 20 - 64, HALF + 20 - 65, 30)
    run.send(HALF + (1 << 30), 2 * HALF - 100, 2 * HALF - 1, 2 * HALF,
             2 * HALF + 7, 2 * HALF - 1, 2 * HALF - 2)


def esn_limits(arena):
    """What RFC 4303 appendix A cannot tell apart fails the check of the ICV."""
    run = Run(arena, 64, esn=True)
    run.send(100)
    # half a space ahead is in reach, another whole one is not
    run.send(HALF + 36, HALF + 37)
    run.send_misread(2 * HALF + 200, 3 * HALF + 38, 10 * HALF)
    run.send(HALF + 38)


def esn_zero(arena):
    """Number 0 begins no SA, but every later half."""
    run = Run(arena, 64, esn=True)
    run.send(0)
    # at the start these would be in the half before the first
    packets = [run.seal(number)[0] for number in (HALF - 1, HALF - 63)]
    arena.expect(run.sender, packets, {"in-replay-zero": 2})
    run.send(1 << 31, HALF - 1, HALF, HALF)


def walk(arena, window, esn):
    """A seeded walk with gaps, repetitions and returns."""
    chance = random.Random(SEED + window)
    run = Run(arena, window, esn)
    position = HALF - 40 if esn else 1
    if esn:
        run.send(1 << 31, position)
    numbers = []
    for _ in range(150):
        if chance.random() < .1:
            position += chance.randrange(3 * window)
        numbers.append(max(1, position + chance.randrange(-window, 3)))
        position = max(position, numbers[-1])
    if esn:
        # behind the window they would be misread
        highest, kept = 0, []
        for number in numbers:
            highest = max(highest, number)
            if number > highest - window:
                kept.append(number)
        numbers = kept
    run.send(*numbers)


POINTS = [(f"edges of a window of {window}", lambda arena, window=window:
           edges(arena, window)) for window in (1, 32, 63, 64, 65, 1000, 4096)]
POINTS += [
    ("a forged packet far ahead moves nothing", forged_jump),
    ("window 0 checks nothing", no_check),
    ("extended numbers wrap, twice", esn_wraps),
    ("extended numbers too far away are not authentic", esn_limits),
    ("extended number 0", esn_zero),
]
POINTS += [(f"a random walk with a window of {window}" + ", ESN" * esn,
            lambda arena, window=window, esn=esn: walk(arena, window, esn))
           for window, esn in ((64, False), (500, False), (64, True))]


def main():
    report = lib.Report(len(POINTS))
    lib.run("modprobe", "-a", "esp4", "esp6")
    arena = forge.Arena()
    for name, function in POINTS:
        with report.point(name):
            function(arena)
    report.finish()


if __name__ == "__main__":
    main()
