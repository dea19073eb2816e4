# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks VICI, strongSwan's control protocol, as its documentation has it.

An emulated processor takes a second to start swanctl, so the tests do without.
Messages are dictionaries of texts (or bytes), lists and dictionaries.
"""

import socket
import struct

REQUEST, RESPONSE, UNKNOWN, REGISTER, _, CONFIRM, _, EVENT = range(8)
SECTION, SECTION_END, VALUE, LIST, ITEM, LIST_END = range(1, 7)


class Refused(Exception):
    """What charon didn't want."""


def named(kind, name):
    return bytes([kind, len(name)]) + name.encode()


def sized(value):
    data = value if isinstance(value, bytes) else str(value).encode()
    return struct.pack("!H", len(data)) + data


def encode(message):
    data = b""
    for name, value in message.items():
        if isinstance(value, dict):
            data += named(SECTION, name) + encode(value) + bytes([SECTION_END])
        elif isinstance(value, (list, tuple)):
            data += named(LIST, name)
            data += b"".join(bytes([ITEM]) + sized(item) for item in value)
            data += bytes([LIST_END])
        elif value is not None:
            data += named(VALUE, name) + sized(value)
    return data


class Reader:
    """A message as it came."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        self.at += length
        return self.data[self.at - length:self.at]

    def name(self):
        return self.take(self.take(1)[0]).decode()

    def value(self):
        return self.take(struct.unpack("!H", self.take(2))[0]).decode(
            "utf-8", "replace")

    def items(self):
        found = []
        while self.take(1)[0] == ITEM:
            found.append(self.value())
        return found

    def section(self):
        found = {}
        while self.at < len(self.data):
            kind = self.take(1)[0]
            if kind == SECTION_END:
                break
            name = self.name()
            found[name] = {SECTION: self.section, VALUE: self.value,
                           LIST: self.items}[kind]()
        return found


class Session:
    """A connection to charon."""

    def __init__(self, path, patience):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(str(path))

    def send(self, kind, name, message=None):
        data = named(kind, name) + encode(message or {})
        self.socket.sendall(struct.pack("!I", len(data)) + data)

    def exactly(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise Refused("charon closed the connection")
            data += more
        return data

    def receive(self):
        """(kind, message)"""
        data = self.exactly(struct.unpack("!I", self.exactly(4))[0])
        reader = Reader(data)
        kind = reader.take(1)[0]
        if kind == EVENT:
            reader.name()
        return kind, reader.section()

    def call(self, command, message=None):
        """The answer to a command; raises Refused."""
        self.send(REQUEST, command, message)
        kind, answer = self.receive()
        if kind != RESPONSE or answer.get("success", "yes") != "yes":
            raise Refused(f"{command}: {answer.get('errmsg', kind)}")
        return answer

    def listed(self, command, event, message=None):
        """What a command tells by events before it answers."""
        self.send(REGISTER, event)
        self.receive()
        self.send(REQUEST, command, message)
        found = []
        while True:
            kind, answer = self.receive()
            if kind != EVENT:
                return found
            found.append(answer)

    def close(self):
        self.socket.close()
