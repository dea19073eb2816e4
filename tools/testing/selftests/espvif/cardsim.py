# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory's own network card, which really does ESP, for the tests about
offload.

Owns loading its module, cards with a plain other end of their cable, what they have
and did, and what they are told to do wrong.
"""

import contextlib
import pathlib
import re

import lib

DEBUG = pathlib.Path("/sys/kernel/debug/cardsim")
# As enum cardsim_fault of the module has them
(FINE, BAD_ICV, BROKEN, WRONG_SA, BLIND, REFUSE, CLEAR, BUSY) = range(8)


def load():
    """As the laboratory has built it for this kernel."""
    lib.load_lab_module("cardsim")


class Card:
    """A card in one host's namespace, the other end of its cable in another's."""

    def __init__(self, host, name, other, wire):
        self.host, self.name = host, name
        host.ip_batch(f"link add {name} type cardsim",
                      f"link set {name}-wire netns {other.name} name {wire}",
                      f"link set {name} up")
        other.ip_batch(f"link set {wire} up")
        self.directory = DEBUG / name

    def remove(self):
        if self.host.has_link(self.name):
            self.host.ip_batch(f"link delete {self.name}")

    @contextlib.contextmanager
    def doing(self, fault):
        """Does something wrong meanwhile."""
        file = self.directory / "fault"
        file.write_text(str(fault), encoding="ascii")
        try:
            yield
        finally:
            file.write_text(str(FINE), encoding="ascii")

    def debug(self):
        return (self.directory / "sas").read_text(encoding="ascii")

    def sas(self):
        """What the driver has: {(way, spi): {everything else}}."""
        found = {}
        for line in self.debug().splitlines()[1:]:
            way, rest = line.split(maxsplit=1)
            values = dict(pair.split("=") for pair in rest.split())
            found[way, int(values.pop("spi"), 16)] = values
        return found

    def counts(self):
        """What it did, by name: {"sealed": packets it encrypted, …}"""
        return {name: int(value) for name, value in
                re.findall(r"(\w+)=(\d+)", self.debug().splitlines()[0])}

    def count(self):
        return self.counts()["sealed"]
