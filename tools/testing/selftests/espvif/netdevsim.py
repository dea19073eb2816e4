# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's simulated network card, for the tests about offload.

Owns loading its module, cards in namespaces, and what their driver says about the
SAs that it was given. It is told of SAs as any driver is, and counts the packets
that should be encrypted; it encrypts nothing.
"""

import atexit
import contextlib
import os
import pathlib
import re
import socket
import subprocess

import lib

BUS = pathlib.Path("/sys/bus/netdevsim")
DEBUG = pathlib.Path("/sys/kernel/debug/netdevsim")
# How many SAs a card has room for
ROOM = 33


def load():
    """As a module of this kernel, or as the laboratory has built it."""
    if BUS.exists():
        return
    if subprocess.run(["modprobe", "netdevsim"], stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        return
    cache = os.environ.get("ESPVIF_CACHE", "")
    module = pathlib.Path(cache, f"netdevsim-{os.uname().release}",
                          "netdevsim.ko")
    if not module.exists():
        lib.skip_all("no netdevsim: tools/testing/vm/build-lab-module makes it")
    lib.run("modprobe", "psample")
    lib.run("insmod", module)


class Port:
    """A card's one port, in a host's namespace, and up."""

    last_number = 0

    def __init__(self, host, name):
        Port.last_number += 1
        self.number, self.host, self.name = Port.last_number, host, name
        with host:
            before = set(socket.if_nameindex())
            (BUS / "new_device").write_text(f"{self.number} 1",
                                            encoding="ascii")
            self.index, found = self.wait_new(before)
        host.ip_batch(f"link set {found} name {name}", f"link set {name} up")
        self.there = True
        atexit.register(self.remove)

    @staticmethod
    def wait_new(before):
        """The device that has come, once it has a lasting name."""
        found = set()

        def came():
            found.clear()
            found.update(set(socket.if_nameindex()) - before)
            return found
        lib.wait_for(came, "the new card")
        return found.pop()

    def remove(self):
        """Pulls the card out."""
        if self.there:
            self.there = False
            (BUS / "del_device").write_text(str(self.number),
                                            encoding="ascii")


class Card(Port):
    """A card whose cable leads to another one, where the kernel has cables.

    Without one it has no carrier after it was down.
    """

    def __init__(self, host, name, beyond):
        super().__init__(host, name)
        self.other = Port(beyond, f"far{self.number}") if \
            (BUS / "link_device").exists() else None
        if self.other:
            (BUS / "link_device").write_text(
                f"{host.file}:{self.index} {beyond.file}:{self.other.index}",
                encoding="ascii")

    def remove(self):
        super().remove()
        if self.other:
            self.other.remove()

    def debug(self):
        # a card whose namespace ends is made anew elsewhere, its file perhaps
        # while we read it
        with contextlib.suppress(OSError):
            return (DEBUG / f"netdevsim{self.number}" / "ports" / "0" /
                    "ipsec").read_text(encoding="ascii")
        return "SA count=0 tx=0"

    def sas(self):
        """What the driver was told: {(way, spi): everything else}."""
        found = {}
        for block in re.split(r"(?m)^(?=sa\[\d+\] [rt]x)", self.debug())[1:]:
            way, address = re.search(r"([rt]x) ipaddr=(\S+)", block).groups()
            spi = int(re.search(r"spi=(\S+)", block)[1], 16)
            rest = re.findall(r"(proto|salt|crypt|key)=(.*?)(?= \w+=|$)",
                              block, re.MULTILINE)
            found[way, spi] = {"address": address, **dict(rest)}
        return found

    def count(self):
        """How many packets it was given to encrypt."""
        return int(re.search(r"tx=(\d+)", self.debug())[1])
