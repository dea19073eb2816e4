# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams with numbers from one site to another, by which is seen what a
tunnel loses while something happens to it.
"""

import re
import struct
import threading
import time

import lib
from network import OTHER

# Seconds between two looks at what is due; an emulated processor that woke up
# for each datagram would do nothing else
TICK = 0.01
# Who was held up makes up for so many seconds; larger bursts would fill queues
LONGEST_BURST = 0.25
NUMBER = struct.Struct("!Q")


class Flow:
    """So many datagrams in a second, all the time.

    A with block; afterwards lost says how many never arrived, and refused how
    often the sender's own kernel would not take one, which was sent later.
    """

    def __init__(self, network, source, destination, sender="west", rate=50):
        self.receiver = network.sites[OTHER[sender]].udp(destination)
        self.receiver.setblocking(False)
        self.sender = network.sites[sender].udp(source)
        self.target = self.receiver.getsockname()
        self.rate, self.duration = rate, 0
        self.sent = self.received = self.lost = self.refused = 0
        self.arrived = bytearray()      # a byte for each number
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        begun = origin = time.monotonic()
        while not self.stopping.is_set():
            due = (time.monotonic() - origin) * self.rate - self.sent
            late = due / self.rate - LONGEST_BURST
            if late > 0:
                origin += late
                due -= late * self.rate
            self.send(int(due))
            self.receive()
            time.sleep(TICK)
        self.duration = time.monotonic() - begun
        self.receive_rest()

    def send(self, count):
        for _ in range(count):
            try:
                self.sender.sendto(NUMBER.pack(self.sent), self.target)
            except OSError:
                # As XFRM does for an SA that has just ended
                self.refused += 1
                return
            self.sent += 1

    def receive(self):
        """All that is there; whether something was."""
        before = self.received
        while True:
            try:
                number = NUMBER.unpack(self.receiver.recv(64))[0]
            except BlockingIOError:
                return self.received > before
            if number >= len(self.arrived):
                self.arrived.extend(bytes(number + 1 - len(self.arrived)))
            self.received += not self.arrived[number]
            self.arrived[number] = 1

    def receive_rest(self):
        """To the last one, or until none has come for long."""
        end = time.monotonic() + 3 * lib.PATIENCE
        while self.received < self.sent and time.monotonic() < end:
            if self.receive():
                end = time.monotonic() + 3 * lib.PATIENCE
            time.sleep(TICK)

    def expect_whole(self):
        missing = self.lost + self.refused
        lib.expect(not missing, f"{missing} of {self.sent} packets were lost")

    def gaps(self):
        """First number and length of each run that never arrived."""
        arrived = self.arrived + bytes(self.sent - len(self.arrived))
        return [(match.start(), match.end() - match.start())
                for match in re.finditer(b"\0+", arrived)]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.lost = self.sent - self.received
        self.sender.close()
        self.receiver.close()
