# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that decides about packets (NFQUEUE): it lets all pass.

What it has had goes on through the hooks in its own context, not in a softirq.
"""

import socket
import struct
import threading

from netlink_raw import F_REQUEST, attribute, attributes

NETLINK_NETFILTER = 12
PACKET, VERDICT, CONFIG = (3 << 8 | number for number in range(3))
CFG_CMD, CFG_PARAMS = 1, 2
PACKET_HDR, VERDICT_HDR = 1, 2
BIND, COPY_META, ACCEPT = 1, 1, 1


class Queue:
    """Serves a queue of a host's namespace for as long as it is entered."""

    def __init__(self, host, number):
        self.number = number
        self.passed = 0
        with host:
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      NETLINK_NETFILTER)
        self.sock.bind((0, 0))
        self.sock.settimeout(0.1)
        self._send(CONFIG, CFG_CMD, struct.pack("!BxH", BIND, 0))
        self._send(CONFIG, CFG_PARAMS, struct.pack("!IB", 0, COPY_META))
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._serve)

    def _send(self, kind, number, payload):
        body = struct.pack("!BBH", 0, 0, self.number) + \
            attribute(number, payload)
        self.sock.send(struct.pack("IHHII", 16 + len(body), kind, F_REQUEST,
                                   0, 0) + body)

    def _serve(self):
        while not self.ended.is_set():
            try:
                data = self.sock.recv(1 << 16)
            except TimeoutError:
                continue
            if struct.unpack_from("H", data, 4)[0] != PACKET:
                continue
            number = dict(attributes(data[20:]))[PACKET_HDR][:4]
            self._send(VERDICT, VERDICT_HDR,
                       struct.pack("!I", ACCEPT) + number)
            self.passed += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.sock.close()
