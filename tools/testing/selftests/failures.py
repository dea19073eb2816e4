#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is not to be had: for every request, at every allocation.

The kernel lets the first allocation of a request fail, then the second, and so on
until the request gets through without. Each time it is carried out whole or not at
all. The same for links, and for loading the module. Takes a kernel with fault
injection: vm/run --kernel debug. Words as arguments: only the test points that have
one of them in their name.
"""

import contextlib
import ctypes
import errno
import os
import pathlib
import socket
import struct
import subprocess
import sys
import traceback

import protocol
from protocol import Failed, Module, Request, SPEC, expect, raw

DEBUG = pathlib.Path("/sys/kernel/debug")
LIBC = ctypes.CDLL(None, use_errno=True)
SYS_FINIT_MODULE = 313
ELSEWHERE = bytes([192, 0, 2, 77])
# More allocations than any request makes
ENOUGH = 2000
# What calls the module's own part of loading it. Before that the kernel is on its
# own, and minds: it warns if it cannot describe an event to be traced, and drops a
# reference to it later that it has not taken.
INIT_CALLER = "do_init_module"
# What a reply cannot be expected to be equal in
PASSING = {"id", "add-time", "use-time"}


def text_of(function):
    """Where a function of the kernel begins, and the next one."""
    symbols = sorted(
        (int(address, 16), name) for address, _, name, *_ in map(
            str.split, pathlib.Path("/proc/kallsyms").read_text(
                encoding="ascii").splitlines()))
    start = next(address for address, name in symbols if name == function)
    return start, next(address for address, _ in symbols if address > start)


class Injector:
    """Lets the nth allocation of this thread fail, from now on."""

    def __init__(self):
        for name, settings in (
                ("failslab", {"ignore-gfp-wait": "N"}),
                ("fail_page_alloc", {"ignore-gfp-wait": "N",
                                     "min-order": "0"})):
            self.set(name, {**settings, "verbose": "0"})
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        self.injected = 0

    @staticmethod
    def set(name, settings):
        for key, value in settings.items():
            (DEBUG / name / key).write_text(value, encoding="ascii")

    @contextlib.contextmanager
    def only_below(self, function):
        """Lets fail what this function of the kernel calls."""
        start, end = text_of(function)
        for name in ("failslab", "fail_page_alloc"):
            self.set(name, {"require-start": f"{start:#x}",
                            "require-end": f"{end:#x}"})
        try:
            yield
        finally:
            for name in ("failslab", "fail_page_alloc"):
                self.set(name, {"require-start": "0",
                                "require-end": f"{2 ** 64 - 1:#x}"})

    def failing(self, number, operation):
        """Runs it; returns what it returns, and whether something failed."""
        os.pwrite(self.file, str(number).encode(), 0)
        try:
            result = operation()
        finally:
            left = int(os.pread(self.file, 16, 0))
            os.pwrite(self.file, b"0", 0)
        self.injected += not left
        return result, not left


def is_refused(operation):
    """Whether a request was refused, as far as its answer got here."""
    try:
        return bool(operation().error)
    except OSError as error:
        expect(error.errno in (errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN),
               f"the socket says {error}")
        return None


def is_promised(module):
    """Whether the SPI is that spi-new and spi-del are about, which nobody lists."""
    reply = module.do("spi-new", **protocol.PROMISE)
    if reply.error:
        expect(reply.error == errno.EEXIST, f"promising: {reply}")
        return True
    reply = module.do("spi-del", **protocol.PROMISE)
    expect(not reply.error, f"taking back: {reply}")
    return False


def state(module):
    """Everything that there is, but for what passes."""
    everything = {"promised": is_promised(module)}
    for kind in ("sa", "policy"):
        names = {number: name
                 for name, number in SPEC.numbers[kind].items()}
        everything[kind] = [
            [(names[number], payload)
             for number, payload in raw.attributes(body)
             if names[number] not in PASSING]
            for _, body in module.dump(f"{kind}-get").messages]
    return everything


def fresh(module, command):
    """Nothing but what the request refers to."""
    for kind in ("policy", "sa"):
        reply = module.do(f"{kind}-flush")
        expect(not reply.error, f"flushing: {reply}")
    if is_promised(module):
        reply = module.do("spi-del", **protocol.PROMISE)
        expect(not reply.error, f"taking back: {reply}")
    protocol.prepare(module, command)
    return state(module)


def fail_request(injector, command, mode):
    """One command, each of its allocations."""
    with protocol.new_namespace():
        module = Module()
        request = protocol.valid_request(command)
        if command == "sa-set":
            request = Request(command, {"name": "sa1", "peer-addr": ELSEWHERE})
        if mode == "dump":
            def operation():
                return module.dump(command)
        else:
            def operation():
                return module.send(request)
        before = fresh(module, command)
        refused = is_refused(operation)
        expect(not refused, f"{command} is refused, even with memory")
        done = state(module)
        for number in range(1, ENOUGH):
            fresh(module, command)
            refused, failed = injector.failing(
                number, lambda: is_refused(operation))
            if not failed:
                expect(not refused, f"{command} is refused without a failure")
                module.socket.sock.close()
                return number - 1
            drain(module.socket.sock)
            now = state(module)
            expect(now in (before, done) and
                   (refused is None or now == (before if refused else done)),
                   f"allocation {number} failed, {command} "
                   f"{'was refused' if refused else 'went well'}, and left "
                   f"{now}, not {before if refused else done}")
    raise Failed(f"{command} never ends")


def drain(sock):
    """What is left of answers must not be taken for the next one's."""
    sock.settimeout(0)
    with contextlib.suppress(OSError):
        while True:
            sock.recv(1 << 17)
    sock.settimeout(10)


# ----- links --------------------------------------------------------------------

NEW_LINK, DELETE_LINK = 16, 17


def link_message(kind, name, up=False, new=False):
    body = struct.pack("BxHiII", 0, 0, 0, int(up), int(up))
    body += raw.attribute(3, name.encode() + b"\0")
    if new:
        body += raw.attribute(18 | 0x8000, raw.attribute(1, b"espvif\0"))
    flags = 0x5 | (0x600 if new else 0)
    return struct.pack("IHHII", 16 + len(body), kind, flags, 1, 0) + body


def ask_about_link(sock, message):
    try:
        sock.send(message)
        answer = sock.recv(1 << 16)
    except OSError as error:
        expect(error.errno in (errno.ENOBUFS, errno.ENOMEM), str(error))
        return None
    return -struct.unpack_from("i", answer, 16)[0]


def has_link(name):
    return name in (each for _, each in socket.if_nameindex())


def fail_link(injector, message, prepared, wanted):
    """A request about ipsec0; wanted: whether it is there afterwards."""
    with protocol.new_namespace(), \
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.settimeout(10)
        for number in range(1, ENOUGH):
            drain(sock)
            if has_link("ipsec0"):
                ask_about_link(sock, link_message(DELETE_LINK, "ipsec0"))
            if prepared:
                protocol.ip_link("add", "ipsec0", "type", "espvif")
            error, failed = injector.failing(
                number, lambda: ask_about_link(sock, message))
            if not failed:
                expect(error == 0, f"refused without a failure: {error}")
                return number - 1
            expect(error is None or
                   has_link("ipsec0") == (prepared if error else wanted),
                   f"allocation {number} failed, error {error}, and ipsec0 "
                   f"is {'' if has_link('ipsec0') else 'not '}there")
    raise Failed("it never ends")


# ----- the module ----------------------------------------------------------------

def fail_loading(injector):
    """Loading fails cleanly, or works."""
    file = subprocess.run(["modinfo", "-n", "espvif"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    subprocess.run(["rmmod", "espvif"], check=True)
    loaded = pathlib.Path("/sys/module/espvif")
    with open(file, "rb") as module, injector.only_below(INIT_CALLER):
        def load():
            return LIBC.syscall(SYS_FINIT_MODULE, module.fileno(), b"", 0)
        for number in range(1, ENOUGH):
            result, failed = injector.failing(number, load)
            expect(loaded.is_dir() == (result == 0),
                   f"allocation {number} failed, and the module is "
                   f"{'' if loaded.is_dir() else 'not '}there")
            if not failed:
                expect(result == 0, "not loaded without a failure")
                return number - 1
            if not result:
                subprocess.run(["rmmod", "espvif"], check=True)
    raise Failed("it never ends")


def points():
    """(name, function of an injector that returns how many failed)"""
    for name, _, mode in SPEC.calls():
        yield (f"{name} ({mode})",
               lambda injector, name=name, mode=mode:
               fail_request(injector, name, mode))
    new = link_message(NEW_LINK, "ipsec0", new=True)
    yield "a link is made", lambda i: fail_link(i, new, False, True)
    up = link_message(NEW_LINK, "ipsec0", up=True)
    yield "a link is set up", lambda i: fail_link(i, up, True, True)
    gone = link_message(DELETE_LINK, "ipsec0")
    yield "a link is removed", lambda i: fail_link(i, gone, True, False)
    yield "the module is loaded", fail_loading


def main():
    tests = [(name, test) for name, test in points()
             if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    print("KTAP version 1")
    if os.geteuid() or not (DEBUG / "failslab").is_dir():
        print("1..0 # SKIP needs root and a kernel with fault injection")
        return protocol.SKIP
    subprocess.run(["modprobe", "espvif"], check=True)
    injector = Injector()
    print(f"1..{len(tests)}", flush=True)
    failures = 0
    for count, (name, test) in enumerate(tests, 1):
        try:
            number = test(injector)
        except Exception as problem:  # pylint: disable=broad-except
            failures += 1
            text = str(problem) if isinstance(problem, Failed) else \
                traceback.format_exc()
            print("\n".join(f"# {line}" for line in text.splitlines()))
            print(f"not ok {count} {name}", flush=True)
        else:
            print(f"ok {count} {name}: {number} allocations", flush=True)
    print(f"# {injector.injected} failures injected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
