# SPDX-License-Identifier: GPL-2.0-or-later
"""Generic netlink by hand, for tests that must send what no library would.

Owns messages as bytes, their answers taken apart with every detail of the
extended acknowledgement, and the questions one can ask the kernel about a
family: its operations, groups and policies.
"""

import errno
import os
import socket
import struct
import sys

SOL_NETLINK = 270
ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, GET_STRICT_CHK = 1, 10, 11, 12

ERROR, DONE = 2, 3
F_REQUEST, F_MULTI, F_ACK, F_DUMP_INTR = 0x1, 0x2, 0x4, 0x10
F_DUMP, F_CAPPED, F_ACK_TLVS = 0x300, 0x100, 0x200

# Where the attributes of a generic netlink message begin.
HEADERS = 20

CONTROL = 0x10
GETFAMILY, GETPOLICY = 3, 10
FAMILY_ID, FAMILY_NAME, VERSION, OPS, GROUPS, POLICY, OP_POLICY = \
    1, 2, 3, 6, 7, 8, 9
# Capabilities of an operation as the control family tells them.
OP_DO, OP_DUMP, OP_POLICIED, OP_UNS_ADMIN = 0x2, 0x4, 0x8, 0x10

POLICY_TYPES = {1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64",
                10: "binary", 11: "string-unterminated", 12: "string",
                13: "nest"}


def attribute(number, payload):
    """One attribute with its padding."""
    return struct.pack("HH", len(payload) + 4, number) + payload + \
        bytes(-len(payload) % 4)


def attributes(data):
    """Yields (number, payload) of each attribute in data."""
    while len(data) >= 4:
        length, number = struct.unpack_from("HH", data)
        yield number & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def number_of(payload):
    return int.from_bytes(payload, sys.byteorder)


def text_of(payload):
    return payload.rstrip(b"\0").decode("ascii", "backslashreplace")


class Reply:
    """What came back: the verdict, and the messages before it.

    error is the errno, positive; sentence, offset and missing are those of
    the extended acknowledgement or None; messages are (command, attributes as
    bytes).
    """

    def __init__(self):
        self.error = None
        self.sentence = self.offset = self.missing = None
        self.messages = []
        self.interrupted = False

    def take(self, kind, flags, body):
        """Adds one message; true once the verdict is in."""
        self.interrupted |= bool(flags & F_DUMP_INTR)
        if kind not in (ERROR, DONE):
            self.messages.append((body[0], body[4:]))
            return False
        self.error = -struct.unpack_from("i", body)[0] if body else 0
        if flags & F_ACK_TLVS:
            self._take_extended(kind, flags, body)
        return True

    def _take_extended(self, kind, flags, body):
        if kind == DONE:
            start = 4
        elif flags & F_CAPPED or not self.error:
            start = 4 + 16
        else:
            start = 4 + ((struct.unpack_from("I", body, 4)[0] + 3) & ~3)
        for number, payload in attributes(body[start:]):
            if number == 1:
                self.sentence = text_of(payload)
            elif number == 2:
                self.offset = number_of(payload)
            elif number == 5:
                self.missing = number_of(payload)

    def __str__(self):
        name = errno.errorcode.get(self.error, self.error) \
            if self.error else "success"
        return f"{name}, {self.sentence!r} at offset {self.offset}"


class Socket:
    """A generic netlink socket of the namespace it was made in."""

    def __init__(self, timeout=10):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        for option in (CAP_ACK, EXT_ACK, GET_STRICT_CHK):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.sock.bind((0, 0))
        self.sock.settimeout(timeout)
        self.sequence = 0
        self.buffer = 1 << 17

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, family, command, body=b"", flags=F_ACK, version=1):
        """Sends one message, its sequence number is returned."""
        self.sequence += 1
        self.sock.send(struct.pack(
            "IHHIIBBH", HEADERS + len(body), family, F_REQUEST | flags,
            self.sequence, 0, command, version, 0) + body)
        return self.sequence

    def send_bytes(self, family, after_length, length=None):
        """Sends a message that may be wrong in every way."""
        self.sequence += 1
        rest = struct.pack("HHII", family, F_REQUEST | F_ACK, self.sequence,
                           0) + after_length
        length = len(rest) + 4 if length is None else length
        self.sock.send(struct.pack("I", length) + rest)
        return self.sequence

    def receive(self):
        """Yields (kind, flags, sequence, body) out of one datagram."""
        data = self.sock.recv(self.buffer)
        while len(data) >= 16:
            length, kind, flags, sequence, _ = struct.unpack_from("IHHII",
                                                                  data)
            yield kind, flags, sequence, data[16:length]
            data = data[(length + 3) & ~3:]

    def answer(self, sequence):
        """The whole answer to the request of that number."""
        reply = Reply()
        while True:
            for kind, flags, answered, body in self.receive():
                if answered == sequence and reply.take(kind, flags, body):
                    return reply

    def request(self, family, command, body=b"", flags=F_ACK):
        return self.answer(self.send(family, command, body, flags))

    def dump(self, family, command, body=b""):
        return self.request(family, command, body, F_DUMP)

    def join(self, group):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

    def next_event(self, family):
        """The next (command, attributes as bytes) of a group joined."""
        while True:
            for kind, _, _, body in self.receive():
                if kind == family:
                    return body[0], body[4:]


class Family:
    """What the kernel says of a family: id, version, operations, groups."""

    def __init__(self, name):
        with Socket() as control:
            reply = control.request(
                CONTROL, GETFAMILY,
                attribute(FAMILY_NAME, name.encode() + b"\0"))
        if reply.error:
            raise OSError(reply.error, os.strerror(reply.error), name)
        found = dict(attributes(reply.messages[0][1]))
        self.name = name
        self.id = number_of(found[FAMILY_ID])
        self.version = number_of(found[VERSION])
        self.operations = {}
        for _, entry in attributes(found.get(OPS, b"")):
            entry = dict(attributes(entry))
            self.operations[number_of(entry[1])] = number_of(entry[2])
        self.groups = {}
        for _, entry in attributes(found.get(GROUPS, b"")):
            entry = dict(attributes(entry))
            self.groups[text_of(entry[1])] = number_of(entry[2])

    def policies(self):
        """{(command, "do" or "dump"): {attribute: policy}} as dumped.

        A policy has "type", and where the kernel tells them "min", "max",
        "min-len", "max-len".
        """
        with Socket() as control:
            reply = control.dump(CONTROL, GETPOLICY,
                                 attribute(FAMILY_ID,
                                           struct.pack("H", self.id)))
        if reply.error:
            raise OSError(reply.error, os.strerror(reply.error), "policies")
        used, tables = {}, {}
        for _, body in reply.messages:
            found = dict(attributes(body))
            for command, modes in attributes(found.get(OP_POLICY, b"")):
                for mode, index in attributes(modes):
                    used[command, {1: "do", 2: "dump"}[mode]] = \
                        number_of(index)
            for index, entries in attributes(found.get(POLICY, b"")):
                for number, entry in attributes(entries):
                    tables.setdefault(index, {})[number] = policy_of(entry)
        return {key: tables.get(index, {}) for key, index in used.items()}


def policy_of(entry):
    """One attribute's policy out of the control family's dump."""
    names = {4: "min", 5: "max", 6: "min-len", 7: "max-len"}
    policy = {}
    for number, payload in attributes(entry):
        if number == 1:
            kind = number_of(payload)
            policy["type"] = POLICY_TYPES.get(kind, kind)
        elif number in names:
            policy[names[number]] = number_of(payload)
    return policy
