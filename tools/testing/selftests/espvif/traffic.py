# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic between namespaces out of one process.

Owns echoes and TCP transfers that say what went wrong. Starting a program takes
an emulated guest longer than either.
"""

import contextlib
import hashlib
import os
import socket
import struct
import threading

import lib

PORT = 4000
# How long to wait for an echo; where nothing works that shortens
ECHO_LIMIT, ECHO_LIMIT_MIN = 10, 0.5


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Patience:
    """Halves with every echo that does not come, until one does."""

    limit = ECHO_LIMIT

    @classmethod
    def wait(cls, sock):
        """The next message, or nothing."""
        sock.settimeout(cls.limit)
        try:
            message = sock.recv(1024)
        except TimeoutError:
            cls.limit = max(cls.limit / 2, ECHO_LIMIT_MIN)
            return b""
        cls.limit = ECHO_LIMIT
        return message


def echo(namespace, source, destination):
    """One ICMP echo request whose reply must come."""
    family = family_of(source)
    request, protocol = (8, socket.IPPROTO_ICMP) \
        if family == socket.AF_INET else (128, socket.IPPROTO_ICMPV6)
    message = struct.pack("!BBHHH", request, 0, 0, 0, 1) + os.urandom(56)
    namespace.sysctl("ipv4/ping_group_range", "0 0")
    with namespace:
        sock = socket.socket(family, socket.SOCK_DGRAM, protocol)
    with sock:
        sock.bind((source, 0))
        sock.sendto(message, (destination, 0))
        reply = Patience.wait(sock)
    lib.expect(reply[8:] == message[8:], f"{source} has no echo of {destination}")


class Mirror(threading.Thread):
    """A TCP server that sends back what it got, once it got all."""

    def __init__(self, namespace, port=PORT):
        super().__init__(daemon=True)
        with namespace:
            self.listener = socket.create_server(
                ("::", port), family=socket.AF_INET6, dualstack_ipv6=True,
                backlog=16)
        self.start()

    def run(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    @staticmethod
    def serve(sock):
        with sock, contextlib.suppress(OSError):
            sock.settimeout(lib.DEADLINE)
            sock.sendall(receive_all(sock))


def receive_all(sock):
    """Everything until the other end has finished."""
    parts = []
    while part := sock.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def connect(namespace, source, destination, port=PORT):
    """A TCP connection from a namespace."""
    with namespace:
        sock = socket.socket(family_of(source))
    sock.settimeout(lib.DEADLINE)
    sock.bind((source, 0))
    sock.connect((destination, port))
    return sock


def transfer(namespace, source, destination, payload, port=PORT):
    """A TCP connection to a mirror, whose bytes must come back as they were."""
    with connect(namespace, source, destination, port) as sock:
        sock.sendall(payload)
        sock.shutdown(socket.SHUT_WR)
        data = receive_all(sock)
    lib.expect_equal("length of what came back by TCP", len(data), len(payload))
    lib.expect_equal("SHA-256 of what came back by TCP",
                     hashlib.sha256(data).hexdigest(),
                     hashlib.sha256(payload).hexdigest())


class Transfer(threading.Thread):
    """A transfer beside others; result() tells how it ended."""

    def __init__(self, namespace, source, destination, payload, port=PORT):
        super().__init__(daemon=True)
        self.sock = connect(namespace, source, destination, port)
        self.payload, self.data, self.error = payload, None, None
        self.start()

    def run(self):
        try:
            with self.sock:
                self.sock.sendall(self.payload)
                self.sock.shutdown(socket.SHUT_WR)
                self.data = receive_all(self.sock)
        except OSError as error:
            self.error = error

    def result(self):
        """Waits for the end of the transfer, which must be a good one."""
        self.join(4 * lib.DEADLINE)
        lib.expect(not self.is_alive(), "the transfer does not end")
        lib.expect(not self.error, f"the transfer failed: {self.error}")
        lib.expect(self.data == self.payload, "other bytes came back by TCP")
