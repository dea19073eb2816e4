# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of this directory written in Python share.

Owns results in KTAP, network namespaces that vanish with the test, the module
as a namespace's netlink sees it, algorithms with the names that the module,
XFRM and scapy have for them, and waiting for a condition. lib.sh is the same
for scripts.
"""

import atexit
import contextlib
import ctypes
import hashlib
import ipaddress
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback

import netlink_raw as raw

SKIP_STATUS = 4
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
# On slow kernels everything takes longer
PATIENCE = int(os.environ.get("ESPVIF_PATIENCE", "1"))
DEADLINE = 30 * PATIENCE
HERE = pathlib.Path(__file__).resolve().parent


# ----- results -----------------------------------------------------------------

class Failed(Exception):
    """A test found what it must not."""


def expect(condition, sentence):
    if not condition:
        raise Failed(sentence)


def expect_equal(what, actual, expected):
    expect(actual == expected, f"{what}: {actual}, expected {expected}")


def say(text):
    """Lines for people, none of the results."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def say_now_and_then(number, what):
    """So far done, for who waits for hundreds of them on a slow kernel."""
    if number % 20 == 19:
        say(f"so far: {number + 1} {what}")


class Report:
    """The KTAP report of one test; its plan is told at the beginning."""

    def __init__(self, planned):
        self.planned, self.passed, self.failed = planned, 0, 0
        print(f"TAP version 13\n1..{planned}", flush=True)

    @contextlib.contextmanager
    def point(self, name):
        """A test point: passes if its block doesn't raise."""
        try:
            yield
        except Exception as error:  # pylint: disable=broad-except
            self.failed += 1
            print(f"not ok {self.passed + self.failed} {name}", flush=True)
            say(error if isinstance(error, Failed)
                else traceback.format_exc())
        else:
            self.passed += 1
            print(f"ok {self.passed + self.failed} {name}", flush=True)

    def finish(self):
        """Ends the test; the exit status tells the result."""
        print(f"# Totals: pass:{self.passed} fail:{self.failed} "
              "xfail:0 xpass:0 skip:0 error:0")
        done = self.passed + self.failed
        if done != self.planned:
            say(f"planned {self.planned} test points, but made {done}")
        sys.exit(1 if self.failed or done != self.planned else 0)


def run_points(points, *args, after=None):
    """All of a test: each point is a name and a function, which takes args.

    after() is called behind each, however it ended.
    """
    report = Report(len(points))
    for name, function in points:
        with report.point(name):
            function(*args)
        if after:
            after()
    report.finish()


def skip_all(reason):
    """Something that the test needs is missing."""
    print(f"TAP version 13\n1..0 # SKIP {reason}", flush=True)
    sys.exit(SKIP_STATUS)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip_all(f"{program} is not installed")


def wait_for(condition, what, limit=DEADLINE):
    """Until condition() is true; the only way to wait for something. What was waited
    for can be a function, if it tells how things are in the end.
    """
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited in vain: {what() if callable(what) else what}")
        time.sleep(0.01)


# ----- namespaces --------------------------------------------------------------

def run(*command, **options):
    """Runs a program that must succeed, returns what it printed."""
    command = list(map(str, command))
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          **options)
    expect(done.returncode == 0,
           f"{' '.join(command)}: status {done.returncode}\n"
           f"{done.stdout}")
    return done.stdout


def load_module():
    """Loads the module if it isn't there; then it is unloaded at the end."""
    if os.geteuid():
        skip_all("needs root")
    need("ip", "ipsec")
    if os.path.isdir("/sys/module/espvif"):
        return
    if subprocess.run(["modprobe", "espvif"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        skip_all("no module espvif")
    atexit.register(unload_module)


def load_lab_module(name):
    """One that tests need, as the laboratory has built it for this kernel."""
    if pathlib.Path("/sys/module", name).exists():
        return
    module = pathlib.Path(__file__).resolve().parents[4] / "build" / \
        f"{name}-{os.uname().release}" / f"{name}.ko"
    if not module.exists():
        skip_all(f"no {name}: tools/testing/vm/build-lab-module makes it")
    run("insmod", module)
    atexit.register(subprocess.run, ["rmmod", name], check=False)


SPREAD = pathlib.Path("/sys/module/espvif/parameters/spread")


def spread(mode):
    """Whether other CPUs do the crypto: the module looks at it all 0.05 s."""
    SPREAD.write_text(mode, encoding="ascii")


@contextlib.contextmanager
def meanwhile(action):
    """action() again and again, by another thread. It gets the event that ends it,
    which it can wait for, and finishes what it has begun.
    """
    ended = threading.Event()

    def act():
        while not ended.is_set():
            action(ended)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def spread_changing(seconds):
    """Other CPUs do the crypto, and don't, in turn."""
    def change(ended):
        for mode in ("always", "never"):
            spread(mode)
            ended.wait(seconds)

    try:
        with meanwhile(change):
            yield
    finally:
        spread("auto")


@contextlib.contextmanager
def without_autoload():
    """The kernel loads no modules by itself, and doesn't even try."""
    path = pathlib.Path("/proc/sys/kernel/modprobe")
    program = path.read_text(encoding="ascii")
    try:
        path.write_text("\n", encoding="ascii")
        yield
    finally:
        path.write_text(program, encoding="ascii")


def unload_module():
    if subprocess.run(["rmmod", "espvif"], check=False).returncode:
        print("Bail out! the module cannot be unloaded", flush=True)


def end_by_signals():
    """So that namespaces go, whatever ends the test."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))


class Namespace:
    """A network namespace of the test; `with` works inside it."""

    def __init__(self, name, module=True):
        if module:
            load_module()
        end_by_signals()
        self.name = f"espvif-{os.getpid()}-{name}"
        self.outside = []
        run("ip", "netns", "add", self.name)
        atexit.register(self.delete)
        self.file = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        if os.path.isdir("/proc/sys/net/ipv6"):
            # addresses are ready at once
            self.sysctl("ipv6/conf/all/accept_dad", 0)
            self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.ip_batch("link set lo up")

    def delete(self):
        atexit.unregister(self.delete)
        os.close(self.file)
        subprocess.run(["ip", "netns", "delete", self.name], check=False)

    def __enter__(self):
        self.outside.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        set_namespace(self.file)
        return self

    def __exit__(self, *_):
        file = self.outside.pop()
        set_namespace(file)
        os.close(file)

    def run(self, *command):
        with self:
            return run(*command)

    def add_addresses(self, device, *addresses):
        """Ready for use at once: a length may stand behind each."""
        self.ip_batch(*(f"address add {address} dev {device}"
                        f"{' nodad' if ':' in address else ''}"
                        for address in addresses))

    def ip_batch(self, *lines):
        """Many ip commands at once, without the word ip."""
        run("ip", "-n", self.name, "-batch", "-",
            input="".join(f"{line}\n" for line in lines))

    def sysctl(self, key, value):
        """Sets /proc/sys/net/KEY."""
        with self:
            pathlib.Path("/proc/sys/net", key).write_text(str(value),
                                                          encoding="ascii")

    def statistics(self, file):
        """A file like /proc/net/xfrm_stat: names with numbers."""
        with self:
            lines = pathlib.Path("/proc/thread-self/net", file).read_text(
                encoding="ascii").splitlines()
        return {name: int(value) for name, value in map(str.split, lines)}


    def received_bytes(self, device):
        """What a device has received."""
        with self, open("/proc/thread-self/net/dev", encoding="ascii") as file:
            for line in file:
                name, _, numbers = line.partition(":")
                if name.strip() == device:
                    return int(numbers.split()[0])
        raise Failed(f"no device {device}")


def set_namespace(file):
    if LIBC.setns(file, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def join(one, other, device="wire"):
    """A wire between two namespaces, called the same in both."""
    one.ip_batch(f"link add {device} type veth "
                 f"peer name {device} netns {other.name}",
                 f"link set {device} up")
    other.ip_batch(f"link set {device} up")


# ----- algorithms --------------------------------------------------------------

IN, OUT = 1, 2
TRANSPORT, TUNNEL = 1, 2
NONE, DISCARD, IPSEC = 1, 2, 3
MANUAL, DAEMON = 1, 2
VALID, EXPIRED = 1, 2

# Number, bytes of key and salt, XFRM's words, scapy's name
ENCRYPTIONS = {
    "3des-cbc": (3, 24, "enc cbc(des3_ede) {key}", "3DES"),
    "null": (11, 0, 'enc ecb(cipher_null) ""', "NULL"),
    "chacha20-poly1305":
        (28, 36, "aead rfc7539esp(chacha20,poly1305) {key} 128", None),
}
for _bits in (128, 192, 256):
    _bytes = _bits // 8
    ENCRYPTIONS |= {
        f"aes{_bits}-cbc": (12, _bytes, "enc cbc(aes) {key}", "AES-CBC"),
        f"aes{_bits}-ctr":
            (13, _bytes + 4, "enc rfc3686(ctr(aes)) {key}", "AES-CTR"),
        f"aes{_bits}-gmac":
            (21, _bytes + 4, "aead rfc4543(gcm(aes)) {key} 128",
             "AES-NULL-GMAC"),
    }
    for _number, _icv in enumerate((8, 12, 16)):
        ENCRYPTIONS |= {
            f"aes{_bits}-ccm{_icv}":
                (14 + _number, _bytes + 3,
                 f"aead rfc4309(ccm(aes)) {{key}} {_icv * 8}", "AES-CCM"),
            f"aes{_bits}-gcm{_icv}":
                (18 + _number, _bytes + 4,
                 f"aead rfc4106(gcm(aes)) {{key}} {_icv * 8}", "AES-GCM"),
        }

INTEGRITIES = {
    "hmac-sha1": (2, 20, "hmac(sha1) {key} 96", "HMAC-SHA1-96"),
    "aes-xcbc": (5, 16, "xcbc(aes) {key} 96", None),
    "aes-cmac": (8, 16, "cmac(aes) {key} 96", "AES-CMAC-96"),
    "hmac-sha2-256": (12, 32, "hmac(sha256) {key} 128", "SHA2-256-128"),
    "hmac-sha2-384": (13, 48, "hmac(sha384) {key} 192", "SHA2-384-192"),
    "hmac-sha2-512": (14, 64, "hmac(sha512) {key} 256", "SHA2-512-256"),
}


class Algorithm:
    """An AEAD, or ENCRYPTION/INTEGRITY, with a key that follows from a seed."""

    def __init__(self, name, seed=""):
        self.name = name
        self.encryption, _, self.integrity = name.partition("/")
        self.encr, length, self._xfrm, self.scapy = \
            ENCRYPTIONS[self.encryption]
        self.key = key_of(length, f"encryption {seed}")
        self.integ = self.scapy_integrity = None
        self.integrity_key = b""
        if self.integrity:
            self.integ, length, words, self.scapy_integrity = \
                INTEGRITIES[self.integrity]
            self.integrity_key = key_of(length, f"integrity {seed}")
            self._xfrm += f" auth-trunc {words}".replace("{key}",
                                                         "{integrity}")

    def xfrm_words(self):
        return self._xfrm.format(key=f"0x{self.key.hex()}",
                                 integrity=f"0x{self.integrity_key.hex()}")

    def our_options(self):
        """Options of `ipsec sa add`."""
        options = ["--encryption-algorithm", self.encryption]
        if self.key:
            options += ["--encryption-key", f"0x{self.key.hex()}"]
        if self.integrity:
            options += ["--integrity-algorithm", self.integrity,
                        "--integrity-key", f"0x{self.integrity_key.hex()}"]
        return options


def key_of(length, seed):
    return hashlib.shake_256(seed.encode()).digest(length)


# ----- the module ----------------------------------------------------------------

COMMANDS = {name: number for number, name in enumerate((
    "sa-new", "sa-del", "sa-get", "sa-flush", "policy-new", "policy-del",
    "policy-get", "policy-flush", "status-get", "device-get", "sa-new-ntf",
    "sa-del-ntf", "sa-expire-ntf", "policy-new-ntf", "policy-del-ntf",
    "sa-peer-ntf", "sa-set", "policy-set", "batch", "sa-set-ntf",
    "policy-set-ntf", "explain", "acquire-ntf", "spi-new", "spi-del"), 1)}
COMMAND_NAMES = {number: name for name, number in COMMANDS.items()}

# Attributes in the order of their numbers, with their types
SA = {name: (number, kind) for number, (name, kind) in enumerate((
    ("id", "u32"), ("name", "text"), ("direction", "u8"), ("spi", "u32"),
    ("saddr", "address"), ("daddr", "address"), ("mode", "u8"),
    ("encr", "u16"), ("encr_key", "bytes"), ("encr_key_bits", "u16"),
    ("integ", "u16"), ("integ_key", "bytes"), ("esn", "flag"),
    ("replay_window", "u32"), ("owner", "u8"), ("ifname", "text"),
    ("soft_bytes", "u64"), ("hard_bytes", "u64"), ("soft_packets", "u64"),
    ("hard_packets", "u64"), ("soft_seconds", "u32"), ("hard_seconds", "u32"),
    ("state", "u8"), ("seq", "u64"), ("packets", "u64"), ("bytes", "u64"),
    ("add_time", "u64"), ("use_time", "u64"), ("policies", "u32"),
    ("drop", "counter"), ("hard", "flag"), ("encap", "u8"),
    ("encap_sport", "u16"), ("encap_dport", "u16"), ("keepalive", "u32"),
    ("peer_addr", "address"), ("peer_port", "u16"),
    ("replay_state", "bytes"),
    ("df", "u8"), ("dscp", "u8"), ("hop_limit", "u8"), ("flow_label", "u8"),
    ("fragment", "u8"), ("tfc", "u16"), ("offload", "u8"),
    ("offload_state", "u8"), ("offload_ifname", "text"), ("cpu", "u32")), 1)}
POLICY = {name: (number, kind) for number, (name, kind) in enumerate((
    ("id", "u32"), ("name", "text"), ("direction", "u8"), ("src", "address"),
    ("src_prefixlen", "u8"), ("dst", "address"), ("dst_prefixlen", "u8"),
    ("protocol", "u8"), ("sport_min", "u16"), ("sport_max", "u16"),
    ("dport_min", "u16"), ("dport_max", "u16"), ("action", "u8"),
    ("mode", "u8"), ("sa", "text"), ("priority", "u32"), ("owner", "u8"),
    ("ifname", "text"), ("packets", "u64"), ("bytes", "u64"),
    ("use_time", "u64"), ("mss", "u16"), ("trap", "flag"), ("held", "u32"),
    ("flow", "flow"), ("cpu_acquire", "flag"), ("cpu", "u32")), 1)}
FLOW = {name: (number, kind) for number, (name, kind) in enumerate((
    ("src", "address"), ("dst", "address"), ("protocol", "u8"),
    ("sport", "u16"), ("dport", "u16")), 1)}
STATUS = {"version": (1, "text"), "sas": (2, "u32"), "policies": (3, "u32"),
          "counter": (4, "counter"), "spis": (5, "u32")}
SPI = {name: (number, kind) for number, (name, kind) in enumerate((
    ("spi", "u32"), ("daddr", "address"), ("timeout", "u32")), 1)}
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def encode(attributes, values):
    """Attributes of a request; None stands for an absent one."""
    body = b""
    for name, value in values.items():
        number, kind = attributes[name]
        if value is None or value is False:
            continue
        for one in value if isinstance(value, (list, tuple)) else [value]:
            body += raw.attribute(number, encode_one(kind, one))
    return body


def encode_one(kind, value):
    if kind == "text":
        return value.encode() + b"\0"
    if kind == "address":
        return ipaddress.ip_address(value).packed
    if kind == "flag":
        return b""
    if kind == "bytes":
        return value
    return value.to_bytes(SIZES[kind], sys.byteorder)


def decode(attributes, body):
    """A reply as a dictionary; counters as {name: value}."""
    names = {number: (name, kind)
             for name, (number, kind) in attributes.items()}
    values = {}
    for number, payload in raw.attributes(body):
        name, kind = names.get(number, (None, None))
        if kind == "text":
            values[name] = raw.text_of(payload)
        elif kind == "address":
            values[name] = str(ipaddress.ip_address(payload))
        elif kind == "flag":
            values[name] = True
        elif kind == "flow":
            values[name] = decode(FLOW, payload)
        elif kind == "bytes":
            values[name] = payload
        elif kind == "counter":
            nest = dict(raw.attributes(payload))
            values.setdefault(name, {})[raw.text_of(nest[1])] = \
                raw.number_of(nest[2])
        elif kind:
            values[name] = raw.number_of(payload)
    return values


BATCH_OP, NESTED = 1, 0x8000
OP_COMMAND, OP_SA, OP_POLICY = 1, 2, 3


def encode_operation(command, values):
    """What a batch has of one change."""
    number, attributes = (OP_POLICY, POLICY) \
        if command.startswith("policy") else (OP_SA, SA)
    return raw.attribute(OP_COMMAND, bytes([COMMANDS[command]])) + \
        raw.attribute(number | NESTED, encode(attributes, values))


def sa_values(name, saddr, daddr, spi, mode, algorithm, **values):
    """Attributes of an SA: algorithm is an Algorithm, values are others."""
    return {"name": name, "saddr": saddr, "daddr": daddr, "spi": spi,
            "mode": mode, "encr": algorithm.encr,
            "encr_key": algorithm.key or None, "integ": algorithm.integ,
            "integ_key": algorithm.integrity_key or None} | values


def policy_values(name, direction, source, destination, **values):
    """Attributes of a policy between prefixes."""
    source, destination = map(ipaddress.ip_network, (source, destination))
    return {"name": name, "direction": direction,
            "src": source.network_address, "src_prefixlen": source.prefixlen,
            "dst": destination.network_address,
            "dst_prefixlen": destination.prefixlen,
            "action": IPSEC if {"sa", "trap"} & set(values) else NONE} | values


def window(direction):
    """The widest replay window, for the side that has one.

    For SAs under load: when the machine below takes a processor away from the
    guest, packets on the other one overtake hundreds of those it had.
    """
    return 4096 if direction == IN else None


class Module:
    """The module as a namespace sees it."""

    def __init__(self, namespace):
        with namespace:
            self.family = raw.Family("espvif")
            self.socket = raw.Socket(10 * PATIENCE)

    def call(self, command, attributes=None, values=None):
        reply = self.socket.request(self.family.id, COMMANDS[command],
                                    encode(attributes or {}, values or {}))
        expect(not reply.error, f"{command} {values}: {reply}")
        return reply.messages[0][1] if reply.messages else b""

    def add_sa(self, *words, **values):
        """What sa_values() takes."""
        return decode(SA, self.call("sa-new", SA,
                                    sa_values(*words, **values)))

    def add_policy(self, name, direction, source, destination, **values):
        """source and destination are prefixes."""
        return decode(POLICY, self.call("policy-new", POLICY, policy_values(
            name, direction, source, destination, **values)))

    def try_batch(self, *operations):
        """The reply to a batch of (command, values)."""
        body = b"".join(
            raw.attribute(BATCH_OP | NESTED, encode_operation(*operation))
            for operation in operations)
        return self.socket.request(self.family.id, COMMANDS["batch"], body)

    def batch(self, *operations):
        """Several changes together, each (command, values)."""
        reply = self.try_batch(*operations)
        expect(not reply.error, f"batch: {reply}")

    def set_policy(self, name, sa):
        """Gives a policy other SAs: a name or several."""
        self.call("policy-set", POLICY, {"name": name, "sa": sa})

    def sa(self, name):
        return decode(SA, self.call("sa-get", SA, {"name": name}))

    def sas(self):
        """All SAs by name."""
        reply = self.socket.dump(self.family.id, COMMANDS["sa-get"])
        expect(not reply.error, f"dump of SAs: {reply}")
        sas = [decode(SA, body) for _, body in reply.messages]
        return {sa["name"]: sa for sa in sas}

    def policies(self):
        """All policies by name, with the SAs of each."""
        reply = self.socket.dump(self.family.id, COMMANDS["policy-get"])
        expect(not reply.error, f"dump of policies: {reply}")
        found = {}
        for _, body in reply.messages:
            policy = decode(POLICY, body)
            policy["sa"] = [raw.text_of(payload) for number, payload
                            in raw.attributes(body)
                            if number == POLICY["sa"][0]]
            found[policy["name"]] = policy
        return found

    def delete_sa(self, name):
        self.call("sa-del", SA, {"name": name})

    def delete_policy(self, name):
        self.call("policy-del", POLICY, {"name": name})

    def flush(self):
        """All policies and SAs of the namespace that no device has up."""
        self.call("policy-flush")
        self.call("sa-flush")

    def counters(self, spread=False):
        """Those of the namespace that are not 0.

        Which CPU decrypted them is nothing that becomes of packets: it depends on
        how busy the machine is.
        """
        counters = decode(STATUS, self.call("status-get"))["counter"]
        return {name: value for name, value in counters.items()
                if value and (spread or name not in ("in-spread",
                                                  "out-spread"))}


class Events:
    """Notifications of a namespace, from the moment this is made."""

    def __init__(self, namespace):
        with namespace:
            self.family = raw.Family("espvif")
            self.socket = raw.Socket(timeout=DEADLINE)
        self.socket.join(self.family.groups["events"])

    def __iter__(self):
        return self

    def __next__(self):
        """(name of the notification, its attributes)"""
        command, body = self.socket.next_event(self.family.id)
        name = COMMAND_NAMES[command]
        return name, decode(
            POLICY if name.startswith(("policy", "acquire")) else SA, body)

    def pending(self):
        """All that have come already."""
        events = []
        self.socket.sock.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                events.append(next(self))
        self.socket.sock.settimeout(DEADLINE)
        return events


# ----- captures -------------------------------------------------------------------

class Capture:
    """tcpdump on a device of a namespace, begun when this is made.

    With a buffer (KiB) packets are written when it suits tcpdump, so that it
    keeps up with many.
    """

    def __init__(self, namespace, file, device="wire", what="", snap=0,
                 buffer=0):
        self.file = pathlib.Path(file)
        pace = ["-B", str(buffer)] if buffer else ["--immediate-mode"]
        with namespace:
            self.process = subprocess.Popen(  # pylint: disable=R1732
                ["tcpdump", "-n", "-U", *pace, "-s", str(snap), "-Z", "root",
                 "-i", device, "-w", file, *what.split()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True)
        atexit.register(self.end)
        for line in self.process.stderr:
            if "listening on" in line:
                return
            self.complaint = line
        raise Failed(f"tcpdump: {self.complaint}")

    def packets(self):
        """Those captured so far, from their link-layer headers on."""
        data = self.file.read_bytes()
        offset, packets = 24, []
        while offset + 16 <= len(data):
            length = struct.unpack_from("I", data, offset + 8)[0]
            packets.append(data[offset + 16:offset + 16 + length])
            offset += 16 + length
        return packets

    def wait_for(self, number, matches=lambda packet: True):
        """Until so many packets of a kind were captured; returns them."""
        found = []

        def enough():
            found[:] = filter(matches, self.packets())
            return len(found) >= number
        wait_for(enough, f"{number} packets captured")
        return found

    def finish(self, size):
        """Ends it once the file is that long; how many packets it has missed."""
        wait_for(lambda: self.file.stat().st_size >= size,
                 f"{size} bytes captured")
        self.process.terminate()
        said = self.process.stderr.read()
        self.process.wait()
        missed = re.search(r"(\d+) packets? dropped by kernel", said)
        expect(missed, f"tcpdump: {said}")
        return int(missed[1])

    def end(self):
        atexit.unregister(self.end)
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
