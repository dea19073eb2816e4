#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The netlink protocol of the running module, as root, with KTAP output.

Owns the live half of one promise: what uapi/linux/espvif.h and the YNL
specification say is what the module does.  The module's policies are compared
with the specification; YNL's own library drives it by our specification; and
messages that are wrong in one point each must be refused with a sentence and
the attribute at fault, changing nothing.
"""

import contextlib
import ctypes
import errno
import itertools
import os
import pathlib
import random
import subprocess
import sys
import time
import traceback

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE / "espvif"))

# pylint: disable=wrong-import-position
import netlink_raw as raw  # noqa: E402

SKIP = 4
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
NOBODY = 65534
LIBC = ctypes.CDLL(None, use_errno=True)

KEY = b"espvif-test-key!" b"salt"
MAC_KEY = b"integrity-key-of-32-bytes-here!!"
V4_HERE, V4_THERE = bytes([192, 0, 2, 1]), bytes([198, 51, 100, 1])
V6_HERE = bytes.fromhex("20010db8000000000000000000000001")

NESTED = 0x8000
SCALARS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


class Failed(Exception):
    """A test found what it must not."""


def expect(condition, sentence):
    if not condition:
        raise Failed(sentence)


# ----- the specification ---------------------------------------------------

def find_specification():
    """The YAML of our tree."""
    return HERE.parents[2] / "Documentation/netlink/espvif.yaml"


def find_ynl():
    """The YNL library that the laboratory keeps of the kernel's sources."""
    source = subprocess.run([HERE.parent / "vm/kernel-source", "6.12"],
                            capture_output=True, text=True, check=False)
    library = pathlib.Path(source.stdout.strip()) / "tools/net/ynl"
    expect((library / "lib/ynl.py").is_file(),
           f"no YNL library in {library}: {source.stderr}")
    return library


class Specification:
    """The YAML, with its names resolved to numbers."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as stream:
            spec = yaml.safe_load(stream)
        self.family = spec["name"]
        self.constants, self.enums = {}, {}
        for definition in spec["definitions"]:
            if definition["type"] == "const":
                self.constants[definition["name"]] = definition["value"]
            else:
                self.enums[definition["name"]] = dict(numbered(
                    definition["entries"], definition.get("value-start", 0)))
        self.sets = {s["name"]: {a["name"]: a for a in s["attributes"]}
                     for s in spec["attribute-sets"]}
        self.numbers = {s["name"]: dict(numbered(s["attributes"], 1))
                        for s in spec["attribute-sets"]}
        self.operations = {op["name"]: op for op in spec["operations"]["list"]}
        self.commands = dict(numbered(spec["operations"]["list"], 1))
        self.groups = [g["name"] for g in spec["mcast-groups"]["list"]]

    def calls(self):
        """(name, operation, "do" or "dump") of all that can be asked."""
        return [(name, op, mode) for name, op in self.operations.items()
                for mode in ("do", "dump") if mode in op]

    def requested(self, op, mode):
        return op[mode].get("request", {}).get("attributes", [])

    def limit(self, set_name, name, check):
        """A limit of an attribute as a number; enums limit theirs."""
        attribute = self.sets[set_name][name]
        value = attribute.get("checks", {}).get(check)
        if value is None and "enum" in attribute and check in ("min", "max"):
            values = self.enums[attribute["enum"]].values()
            value = min(values) if check == "min" else max(values)
        return self.constants.get(value, value)

    def header_number(self, set_name, name):
        """An attribute's number as its header has it."""
        nest = self.sets[set_name][name]["type"] == "nest"
        return self.numbers[set_name][name] | NESTED * nest

    def is_sparse(self, set_name, name):
        """Whether an enum has gaps, which no range can describe."""
        enum = self.sets[set_name][name].get("enum")
        values = self.enums[enum].values() if enum else []
        return bool(enum) and max(values) - min(values) + 1 != len(values)

    def encode(self, set_name, name, value):
        """A value of the tests as payload; bytes stand for themselves."""
        attribute = self.sets[set_name][name]
        if isinstance(value, bytes):
            return value
        if attribute["type"] == "string":
            return value.encode() + b"\0"
        if attribute["type"] == "flag":
            return b""
        if isinstance(value, str):
            value = self.enums[attribute["enum"]][value]
        return value.to_bytes(SCALARS[attribute["type"]], sys.byteorder)


def numbered(entries, value):
    """Yields (name, number) of a list that counts from value."""
    for entry in entries:
        entry = {"name": entry} if isinstance(entry, str) else entry
        value = entry.get("value", value)
        yield entry["name"], value
        value += 1


SPEC = Specification(find_specification())


# ----- requests and answers ------------------------------------------------

class Request:
    """A command with its attributes in order, and where each one begins."""

    def __init__(self, command, values):
        self.command = command
        self.set = SPEC.operations[command]["attribute-set"]
        self.entries = [(name, SPEC.header_number(self.set, name),
                         SPEC.encode(self.set, name, one))
                        for name, value in values.items()
                        for one in (value if isinstance(value, list)
                                    else [value])]

    def replaced(self, name, *payloads):
        """The same with other payloads for one attribute, put last."""
        number = SPEC.header_number(self.set, name)
        return self.without(name).extended(
            *[(name, number, payload) for payload in payloads])

    def without(self, name):
        return self.extended(without=name)

    def extended(self, *entries, without=None):
        other = Request(self.command, {})
        other.entries = [e for e in self.entries if e[0] != without]
        other.entries += entries
        return other

    def body(self):
        return b"".join(raw.attribute(number, payload)
                        for _, number, payload in self.entries)

    def offsets(self, name):
        """Where the attributes of that name begin in the message."""
        offset, found = raw.HEADERS, []
        for entry, number, payload in self.entries:
            if entry == name:
                found.append(offset)
            offset += len(raw.attribute(number, payload))
        return found


class Module:
    """The family of one network namespace, spoken to with raw messages."""

    def __init__(self):
        self.family = raw.Family(SPEC.family)
        self.socket = raw.Socket()

    def send(self, request):
        return self.socket.request(self.family.id,
                                   SPEC.commands[request.command],
                                   request.body())

    def do(self, command, **values):
        values = {name.replace("_", "-"): value
                  for name, value in values.items()}
        return self.send(Request(command, values))

    def dump(self, command, body=b""):
        return self.socket.dump(self.family.id, SPEC.commands[command], body)

    def names(self, kind):
        """Names of all SAs or policies."""
        number = SPEC.numbers[kind]["name"]
        return [raw.text_of(dict(raw.attributes(body))[number])
                for _, body in self.dump(f"{kind}-get").messages]


def succeed(reply, what):
    expect(reply.error == 0, f"{what}: {reply}")
    return reply


def refuse(reply, what, errors, request=None, fault=()):
    """The reply must be a refusal with a sentence and the place at fault."""
    errors = {errors} if isinstance(errors, int) else set(errors)
    expect(reply.error, f"{what}: was accepted")
    expect(reply.error in errors, f"{what}: {reply}")
    expect(reply.sentence, f"{what}: refused without a sentence ({reply})")
    if fault:
        places = {place for name in fault for place in request.offsets(name)}
        expect(reply.offset in places,
               f"{what}: {reply}, but {' or '.join(fault)} "
               f"begins at {sorted(places)}")


SA = {"name": "sa1", "direction": "in", "spi": 0x1000, "saddr": V4_THERE,
      "daddr": V4_HERE, "mode": "tunnel", "encr": "aes-cbc",
      "encr-key": KEY[:16], "integ": "hmac-sha2-256-128",
      "integ-key": MAC_KEY, "replay-window": 128, "owner": "manual",
      "limit-soft-bytes": 1 << 40, "limit-hard-bytes": 1 << 41,
      "limit-soft-packets": 1 << 33, "limit-hard-packets": 1 << 34,
      "limit-soft-seconds": 86400, "limit-hard-seconds": 90000, "esn": True}
SA_NEEDS = ["name", "spi", "saddr", "daddr", "mode", "encr", "encr-key",
            "integ", "integ-key"]
POLICY = {"name": "sp1", "direction": "in",
          "src": bytes([198, 51, 100, 0]), "src-prefixlen": 24,
          "dst": bytes([192, 0, 2, 0]), "dst-prefixlen": 24, "protocol": 6,
          "sport-min": 0, "sport-max": 65535, "dport-min": 80,
          "dport-max": 90, "action": "ipsec", "mode": "tunnel", "sa": ["sa1"],
          "priority": 7, "owner": "manual"}
QUESTION = {"direction": "out", "src": V4_HERE, "dst": V4_THERE}
PROMISE = {"spi": 0x1234, "daddr": V4_HERE}
POLICY_NEEDS = ["name", "direction", "src", "src-prefixlen", "dst",
                "dst-prefixlen", "action", "mode", "sa"]


def with_values(base, **changes):
    """A copy with changes; None takes an attribute away."""
    changes = {name.replace("_", "-"): value
               for name, value in changes.items()}
    return {name: value for name, value in {**base, **changes}.items()
            if value is not None}


def make(module, command, values, what=None):
    return succeed(module.send(Request(command, values)), what or command)


def nothing_is_left(module, kind="sa"):
    expect(module.names(kind) == [],
           f"a refused request left {module.names(kind)}")


# ----- namespaces and privileges -------------------------------------------

def unshare(flags):
    if LIBC.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


@contextlib.contextmanager
def new_namespace():
    """The body runs in a network namespace of its own."""
    with open("/proc/thread-self/ns/net", "rb") as home:
        unshare(CLONE_NEWNET)
        try:
            yield
        finally:
            if LIBC.setns(home.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")


def in_child(function):
    """Runs function in a child process; its exception becomes ours."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        sentence = b""
        try:
            function()
        except BaseException:
            sentence = traceback.format_exc().encode()
        os.write(writer, sentence[-4000:])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        sentence = stream.read().decode()
    os.waitpid(child, 0)
    expect(not sentence, sentence)


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def ip_link(*arguments):
    subprocess.run(["ip", "link", *arguments], check=True)


# ----- the tests -----------------------------------------------------------

def test_family(module):
    """family, version, group and operations are the specification's"""
    family = module.family
    expect(family.version == 1, f"version {family.version}")
    expect(sorted(family.groups) == sorted(SPEC.groups),
           f"groups {sorted(family.groups)}")
    wanted = {}
    for name, _, mode in SPEC.calls():
        bit = raw.OP_DO if mode == "do" else raw.OP_DUMP
        wanted[SPEC.commands[name]] = \
            wanted.get(SPEC.commands[name], 0) | bit
    shown = {command: flags & (raw.OP_DO | raw.OP_DUMP)
             for command, flags in family.operations.items()}
    expect(shown == wanted, f"operations {shown}, specified {wanted}")
    for command, flags in family.operations.items():
        expect(flags & raw.OP_UNS_ADMIN, f"anybody may call {command}")


def test_policies(module):
    """policies of every command are the specification's"""
    policies = module.family.policies()
    differences = []
    for name, op in SPEC.operations.items():
        set_name = op.get("attribute-set")
        # Doing and dumping share a policy: dumps refuse what is only for
        # doing by themselves, as test_unlisted_attributes sees.
        specified = {attribute for mode in ("do", "dump") if mode in op
                     for attribute in SPEC.requested(op, mode)}
        names = {number: attribute for attribute, number
                 in SPEC.numbers.get(set_name, {}).items()}
        for mode in ("do", "dump"):
            shown = policies.get((SPEC.commands[name], mode), {})
            differences += [
                f"{name} takes {names.get(number, number)} too"
                for number in shown if names.get(number) not in specified]
        if "do" not in op:
            continue
        shown = policies.get((SPEC.commands[name], "do"), {})
        for attribute in sorted(specified):
            differences += compare_policy(
                f"{name} {attribute}",
                shown.get(SPEC.numbers[set_name][attribute]), set_name,
                attribute)
    expect(not differences, "\n".join(differences))


def compare_policy(what, policy, set_name, attribute):
    """Differences between a dumped policy and the specification.

    Lengths that the kernel checks without telling its dump are left to
    test_wrong_lengths.
    """
    if policy is None:
        return [f"{what}: the module has no policy"]
    kind = SPEC.sets[set_name][attribute]["type"]
    wanted = {"type": kind}
    if kind in SCALARS:
        wanted["min"], wanted["max"] = 0, 256 ** SCALARS[kind] - 1
        if not SPEC.is_sparse(set_name, attribute):
            for check in ("min", "max"):
                limit = SPEC.limit(set_name, attribute, check)
                wanted[check] = wanted[check] if limit is None else limit
    for check in ("min-len", "max-len"):
        if check in policy:
            wanted[check] = SPEC.limit(set_name, attribute, check)
    return [] if policy == wanted else \
        [f"{what}: the module has {policy}, specified is {wanted}"]


def test_sa_with_ynl(module):
    """YNL makes, shows and removes an SA"""
    ynl = make_ynl()
    request = with_values(SA, esn=None)
    made = ynl.do("sa-new", request)
    shown = ynl.do("sa-get", {"name": "sa1"})
    for name, value in request.items():
        if name.endswith("key"):
            expect(name not in made and name not in shown, f"{name} shown")
            continue
        expect(number(shown[name]) == number(address(value)),
               f"{name} is {shown[name]}, not {value}")
    expect(shown["encr-key-bits"] == 128, f"bits: {shown['encr-key-bits']}")
    expect(shown["state"] == "valid" and shown["policies"] == 0 and
           shown["packets"] == shown["bytes"] == shown["use-time"] == 0,
           f"a new SA shows {shown}")
    expect(abs(shown["add-time"] - time.time()) < 3600,
           f"add-time {shown['add-time']}")
    expect("esn" not in shown, "esn shown of an SA without")
    expect(made == shown, f"sa-new replied {made}, sa-get {shown}")
    expect(ynl.do("sa-get", {"id": shown["id"]}) == shown, "by id")
    expect(ynl.dump("sa-get", {}) == [shown], "dump differs from get")
    ynl.do("sa-del", {"id": shown["id"]})
    expect(ynl.dump("sa-get", {}) == [], "removed SA still there")


def number(value):
    """What display-hint: hex made a string of is a number again."""
    return int(value, 16) if isinstance(value, str) and \
        value.startswith("0x") else value


def address(value):
    """Payload bytes of an address as YNL shows them."""
    return ".".join(str(byte) for byte in value) \
        if isinstance(value, bytes) and len(value) == 4 else value


def make_ynl(process_unknown=False):
    """YNL's library with our specification, in the present namespace."""
    library = find_ynl()
    if str(library) not in sys.path:
        sys.path.insert(0, str(library))
    from lib import YnlFamily
    return YnlFamily(str(SPEC.path), schema="",
                     process_unknown=process_unknown)


def test_policy_with_ynl(module):
    """YNL makes, shows and removes a policy"""
    ynl = make_ynl()
    for name in ("sa1", "sa2"):
        ynl.do("sa-new", with_values(SA, name=name, esn=None,
                                     spi=0x1000 + int(name[2])))
    request = with_values(POLICY, sa=["sa2", "sa1"])
    made = ynl.do("policy-new", request)
    shown = ynl.do("policy-get", {"name": "sp1"})
    for name, value in request.items():
        expect(shown[name] == address(value),
               f"{name} is {shown[name]}, not {value}")
    expect(made == shown, f"policy-new replied {made}, policy-get {shown}")
    expect(ynl.do("policy-get", {"id": shown["id"]}) == shown, "by id")
    expect(ynl.dump("policy-get", {}) == [shown], "dump differs from get")
    expect(ynl.do("sa-get", {"name": "sa1"})["policies"] == 1, "no user")
    ynl.do("policy-del", {"name": "sp1"})
    expect(ynl.dump("policy-get", {}) == [], "removed policy still there")
    expect(ynl.do("sa-get", {"name": "sa1"})["policies"] == 0, "ghost user")


def test_defaults(module):
    """what a request leaves out gets the documented default"""
    ynl = make_ynl()
    shown = ynl.do("sa-new", {name: SA[name]
                              for name in SA_NEEDS + ["direction"]})
    expect(shown["replay-window"] == SPEC.constants["replay-window-default"],
           f"replay window {shown['replay-window']}")
    expect(shown["owner"] == "manual", f"owner {shown['owner']}")
    for name, value in shown.items():
        expect(not name.startswith("limit") or value == 0, f"{name}: {value}")
    # Without a direction the addresses of the namespace decide.
    shown = ynl.do("sa-new", {**{n: SA[n] for n in SA_NEEDS}, "spi": 0x1001,
                              "name": "sa2"})
    expect(shown["direction"] == "out", "192.0.2.1 is no address of ours")
    subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"],
                   check=True)
    ip_link("set", "lo", "up")
    shown = ynl.do("sa-new", {**{n: SA[n] for n in SA_NEEDS}, "spi": 0x1002,
                              "name": "sa3"})
    expect(shown["direction"] == "in", "192.0.2.1 is an address of ours")
    shown = ynl.do("policy-new", {name: POLICY[name] for name in POLICY_NEEDS
                                  if name not in ("mode", "sa")} |
                   {"action": "none"})
    wanted = {"priority": SPEC.constants["priority-default"], "protocol": 0,
              "sport-min": 0, "sport-max": 65535, "dport-min": 0,
              "dport-max": 65535, "owner": "manual"}
    for name, value in wanted.items():
        expect(shown.get(name) == value, f"{name} is {shown.get(name)}")


def test_status_and_devices(module):
    """YNL shows status, counters and devices"""
    ynl = make_ynl()
    status = ynl.do("status-get", {})
    expect(status["version"] and (status["sas"], status["policies"]) ==
           (0, 0), f"status {status}")
    names = [counter["name"] for counter in status["counter"]]
    expect(names and len(names) == len(set(names)), f"counters {names}")
    expect(all(c["value"] == 0 for c in status["counter"]), "not zero")
    expect(ynl.dump("device-get", {}) == [], "a device without a link")
    ip_link("add", "ipsec7", "type", "espvif")
    ynl.do("sa-new", with_values(SA, ifname="ipsec7", esn=None))
    devices = ynl.dump("device-get", {})
    expect(len(devices) == 1 and devices[0]["ifname"] == "ipsec7" and
           devices[0]["sas"] == 1 and devices[0]["policies"] == 0 and
           devices[0]["mtu"] > 1000 and "running" not in devices[0] and
           "netns-foreign" not in devices[0], f"devices {devices}")
    expect(ynl.do("sa-get", {"name": "sa1"})["ifname"] == "ipsec7", "unbound")
    ip_link("set", "ipsec7", "up")
    expect(ynl.dump("device-get", {})[0].get("running"), "not running")
    expect(ynl.do("status-get", {})["sas"] == 1, "status counts no SA")


def collect_events(ynl, count, seconds=10):
    """Waits for that many notifications."""
    deadline = time.monotonic() + seconds
    while len(ynl.async_msg_queue) < count:
        expect(time.monotonic() < deadline,
               f"only {ynl.async_msg_queue} within {seconds} s")
        ynl.check_ntf()
        time.sleep(0.01)
    events = [(event["name"], event["msg"])
              for event in ynl.async_msg_queue]
    ynl.async_msg_queue.clear()
    return events


def test_notifications(module):
    """every change is announced, as its GET shows the object"""
    ynl, listener = make_ynl(), make_ynl()
    listener.ntf_subscribe("events")
    sa = ynl.do("sa-new", with_values(SA, esn=None))
    policy = ynl.do("policy-new", POLICY)
    ynl.do("policy-del", {"name": "sp1"})
    ynl.do("sa-del", {"name": "sa1"})
    ynl.do("sa-new", with_values(SA, esn=None))
    ynl.do("sa-flush", {})
    events = collect_events(listener, 6)
    expect([name for name, _ in events] ==
           ["sa-new-ntf", "policy-new-ntf", "policy-del-ntf", "sa-del-ntf",
            "sa-new-ntf", "sa-del-ntf"], f"events {events}")
    expect(events[0][1] == sa, f"{events[0]} is not {sa}")
    expect(events[1][1] == policy, f"{events[1]} is not {policy}")
    expect(events[3][1]["name"] == "sa1", f"{events[3]}")


def test_change_notifications(module):
    """what is changed is announced as it is then"""
    ynl = make_ynl()
    for name in ("sa1", "sa2"):
        ynl.do("sa-new", with_values(SA, name=name, esn=None,
                                     spi=0x1000 + int(name[2])))
    ynl.do("policy-new", POLICY)
    listener = make_ynl()
    listener.ntf_subscribe("events")
    ynl.do("policy-set", {"name": "sp1", "sa": ["sa2", "sa1"]})
    ynl.do("sa-set", {"name": "sa1", "peer-addr": V4_THERE})
    events = collect_events(listener, 2)
    expect([name for name, _ in events] == ["policy-set-ntf", "sa-set-ntf"],
           f"events {events}")
    shown = ynl.do("policy-get", {"name": "sp1"})
    expect(shown["sa"] == ["sa2", "sa1"], f"SAs {shown['sa']}")
    expect(events[0][1] == shown, f"{events[0]} is not {shown}")
    expect(events[1][1] == ynl.do("sa-get", {"name": "sa1"}),
           f"{events[1]} is another SA")


def test_expiry(module):
    """soft and hard expiry are announced once each"""
    ynl, listener = make_ynl(), make_ynl()
    listener.ntf_subscribe("events")
    ynl.do("sa-new", {**with_values(SA, esn=None), "limit-soft-seconds": 1,
                      "limit-hard-seconds": 2})
    events = collect_events(listener, 3)
    expect([(name, "hard" in event) for name, event in events] ==
           [("sa-new-ntf", False), ("sa-expire-ntf", False),
            ("sa-expire-ntf", True)], f"events {events}")
    expect(events[2][1]["state"] == "expired", f"{events[2]}")
    expect(ynl.do("sa-get", {"name": "sa1"})["state"] == "expired",
           "an expired SA must stay listed")


def test_keys_stay_inside(module):
    """no reply and no notification carries a key"""
    with raw.Socket() as listener:
        listener.join(module.family.groups["events"])
        replies = [make(module, "sa-new", SA),
                   module.do("sa-get", name="sa1"), module.dump("sa-get"),
                   module.do("sa-del", name="sa1")]
        bodies = [body for reply in replies for _, body in reply.messages]
        bodies += [listener.next_event(module.family.id)[1]
                   for _ in range(2)]
    expect(len(bodies) == 5, f"{len(bodies)} messages")
    for body in bodies:
        present = {number for number, _ in raw.attributes(body)}
        for name in ("encr-key", "integ-key"):
            expect(SA[name] not in body and SA[name][:8] not in body and
                   SPEC.numbers["sa"][name] not in present, f"{name} leaked")


def test_admin_only(module):
    """without CAP_NET_ADMIN every command is refused"""
    inherited = module.socket

    def as_nobody():
        become_nobody()
        for sock in (raw.Socket(), inherited):
            for name, _, mode in SPEC.calls():
                flags = raw.F_ACK if mode == "do" else raw.F_DUMP
                reply = sock.request(module.family.id, SPEC.commands[name],
                                     flags=flags)
                expect(reply.error == errno.EPERM, f"{name}: {reply}")
        try:
            raw.Socket().join(module.family.groups["events"])
        except PermissionError:
            return
        raise Failed("nobody listens to the events")

    make(module, "sa-new", SA)
    in_child(as_nobody)


def test_user_namespace(module):
    """the root of a user namespace rules its own network, no other"""
    def as_other_root():
        become_nobody()
        before = raw.Socket()
        unshare(CLONE_NEWUSER)
        expect(before.request(module.family.id,
                              SPEC.commands["status-get"]).error ==
               errno.EPERM, "the outer namespace answers")
        unshare(CLONE_NEWNET)
        inner = Module()
        make(inner, "sa-new", SA)
        expect(inner.names("sa") == ["sa1"], "its SA is not there")

    in_child(as_other_root)
    nothing_is_left(module)


def test_other_namespace(module):
    """another namespace sees, changes and hears nothing"""
    make(module, "sa-new", SA)
    make(module, "policy-new", POLICY)
    with new_namespace():
        other, listener = Module(), raw.Socket()
        listener.join(other.family.groups["events"])
    for kind in ("sa", "policy"):
        nothing_is_left(other, kind)
        for verb in ("get", "del"):
            expect(other.do(f"{kind}-{verb}", name=f"s{kind[0]}1").error ==
                   errno.ENOENT, f"{kind}-{verb} reaches across")
        succeed(other.do(f"{kind}-flush"), "flush")
    expect(module.names("sa") == ["sa1"] and
           module.names("policy") == ["sp1"], "flushed across")
    # What comes first in the other namespace is its own.
    make(other, "sa-new", with_values(SA, name="other"))
    command, body = listener.next_event(other.family.id)
    expect(command == SPEC.commands["sa-new-ntf"] and b"other\0" in body,
           "heard of the first namespace")


def valid_request(name):
    """A request of that command that has everything it needs."""
    values = {"sa-new": SA, "policy-new": POLICY, "explain": QUESTION,
              "spi-new": PROMISE, "spi-del": PROMISE,
              "policy-set": {"name": "sp1", "sa": ["sa1"]},
              "batch": {"op": operation("sa-del", "sa", {"name": "sa1"})},
              }.get(name)
    if values is None:
        set_name = SPEC.operations[name]["attribute-set"]
        values = {"name": "sa1" if set_name == "sa" else "sp1"} \
            if name.endswith(("-del", "-get", "-set")) and \
            set_name in ("sa", "policy") else {}
    return Request(name, values)


def operation(command, kind, values):
    """One change of a batch as payload."""
    return raw.attribute(SPEC.numbers["op"]["command"],
                         bytes([SPEC.commands[command]])) + \
        raw.attribute(SPEC.header_number("op", kind),
                      Request(command, values).body())


def prepare(module, name):
    """Makes what valid_request() of that command refers to."""
    if name in ("policy-new", "policy-get", "policy-set", "policy-del",
                "sa-get", "sa-del", "sa-set", "batch"):
        make(module, "sa-new", SA)
    if name in ("policy-get", "policy-set", "policy-del"):
        make(module, "policy-new", POLICY)
    if name == "spi-del":
        succeed(module.do("spi-new", **PROMISE), "spi-new")


def all_names(module):
    return module.names("sa"), module.names("policy")


def test_unlisted_attributes(module):
    """attributes that a command does not list are refused"""
    for name, op, mode in SPEC.calls():
        with new_namespace():
            inner = Module()
            prepare(inner, name)
            before = all_names(inner)
            listed = {SPEC.numbers[op["attribute-set"]][attribute]
                      for attribute in SPEC.requested(op, mode)}
            highest = max(SPEC.numbers[op["attribute-set"]].values())
            base = valid_request(name) if mode == "do" else Request(name, {})
            for unlisted in range(1, highest + 2):
                if unlisted not in listed:
                    check_unlisted(inner, base, mode, unlisted)
            check_unlisted(inner, base, mode, 200)
            expect(all_names(inner) == before, f"{name} changed something")


def check_unlisted(module, base, mode, unlisted):
    request = base.extended(("unlisted", unlisted, bytes(4)))
    reply = module.socket.request(
        module.family.id, SPEC.commands[request.command], request.body(),
        raw.F_ACK if mode == "do" else raw.F_DUMP)
    # The end of a dump has room for a sentence, not on all kernels for more.
    anywhere = mode == "dump" and reply.offset is None
    refuse(reply, f"{request.command} ({mode}) with attribute {unlisted}",
           errno.EINVAL, request, () if anywhere else ("unlisted",))


def test_missing_attributes(module):
    """each attribute that is needed is missed by name"""
    for name in SA_NEEDS:
        check_missing(module, Request("sa-new", SA), name)
    nothing_is_left(module)
    make(module, "sa-new", SA)
    for name in POLICY_NEEDS:
        check_missing(module, Request("policy-new", POLICY), name)
    nothing_is_left(module, "policy")
    for name in QUESTION:
        check_missing(module, Request("explain", QUESTION), name)
    for name, command in itertools.product(PROMISE, ("spi-new", "spi-del")):
        check_missing(module, Request(command, PROMISE), name)
    for kind in ("sa", "policy"):
        for verb in ("get", "del"):
            refuse(module.do(f"{kind}-{verb}"), f"{kind}-{verb} of nothing",
                   errno.EINVAL)


def check_missing(module, request, name):
    """The refusal tells which attribute is missing, one way or the other."""
    reply = module.send(request.without(name))
    what = f"{request.command} without {name}"
    refuse(reply, what, errno.EINVAL)
    number = SPEC.numbers[request.set][name]
    expect(reply.missing in (None, number), f"{what}: misses {reply.missing}")
    words = reply.sentence.lower().replace("_", "-")
    expect(reply.missing == number or name.split("-")[0] in words or
           WORDS.get(name, name) in words, f"{what}: {reply}")


# How a sentence may call an attribute by another name than the protocol's.
WORDS = {"saddr": "source", "daddr": "destination", "src": "source",
         "dst": "destination", "src-prefixlen": "prefix",
         "dst-prefixlen": "prefix", "encr": "encryption",
         "integ": "integrity", "encr-key": "key", "integ-key": "key"}


def wrong_payloads(set_name, name):
    """Payloads that no attribute of that type may have."""
    attribute = SPEC.sets[set_name][name]
    longest = SPEC.limit(set_name, name, "max-len")
    kind = attribute["type"]
    if kind in SCALARS:
        size = SCALARS[kind]
        return [b"", b"\1" * (size - 1), b"\1" * (size + 1), b"\1" * 16]
    if kind == "flag":
        return [b"\1", b"\1\0\0\0"]
    if kind == "string":
        return [b"", b"\0", b"unterminated", b"x" * (longest + 1) + b"\0",
                b"x" * 1000 + b"\0"]
    if attribute.get("display-hint"):
        return [b"\1" * size for size in (0, 1, 3, 5, 8, 15, 17, 64)]
    if kind == "nest":
        return [b""]
    return [b"\1" * size for size in (0, longest + 1, 1000)]


def test_wrong_lengths(module):
    """an attribute of the wrong length is refused at its place"""
    for name, op, mode in SPEC.calls():
        for attribute in SPEC.requested(op, mode):
            with new_namespace():
                inner = Module()
                prepare(inner, name)
                before = all_names(inner)
                for payload in wrong_payloads(op["attribute-set"], attribute):
                    request = valid_request(name).replaced(attribute, payload)
                    refuse(inner.send(request), f"{name} with {attribute} "
                           f"of {len(payload)} bytes",
                           (errno.EINVAL, errno.ERANGE) +
                           # What is called nothing is nowhere.
                           (errno.ENOENT, errno.ENODEV) * (payload == b"\0"),
                           request, (attribute,))
                expect(all_names(inner) == before, f"{name} changed something")


def test_doubled_attributes(module):
    """of two attributes of a kind none escapes the checks"""
    for name, op, mode in SPEC.calls():
        if mode != "do":
            continue
        base = valid_request(name)
        with new_namespace():
            inner = Module()
            prepare(inner, name)
            before = all_names(inner)
            for attribute in SPEC.requested(op, mode):
                good = [payload for entry, _, payload in base.entries
                        if entry == attribute][:1]
                # wrong by itself: an empty key is only so if it is the last
                bad = wrong_payloads(op["attribute-set"], attribute)[-1]
                for payloads in ([*good, bad], [bad, *good]):
                    request = base.replaced(attribute, *payloads)
                    refuse(inner.send(request), f"{name} with {attribute} "
                           "twice", (errno.EINVAL, errno.ERANGE), request,
                           (attribute,))
            expect(all_names(inner) == before, f"{name} changed something")


def test_wrong_values(module):
    """a value outside its range is refused at its place"""
    make(module, "sa-new", with_values(SA, name="there", spi=0x2000))
    for name in ("sa-new", "policy-new", "sa-flush", "policy-flush",
                 "explain", "spi-new", "spi-del"):
        op = SPEC.operations[name]
        for attribute in SPEC.requested(op, "do"):
            for value in wrong_values(op["attribute-set"], attribute):
                request = valid_request(name).replaced(
                    attribute, SPEC.encode(op["attribute-set"], attribute,
                                           value))
                refuse(module.send(request), f"{name} with {attribute} "
                       f"{value}", (errno.EINVAL, errno.ERANGE,
                                    errno.EOPNOTSUPP), request, (attribute,))
    expect(module.names("sa") == ["there"], f"{module.names('sa')}")
    nothing_is_left(module, "policy")


def wrong_values(set_name, name):
    """Values that the specification does not allow."""
    attribute = SPEC.sets[set_name][name]
    if name == "name":
        return ["with blank", "tab\tbed", "new\nline", b"\xc3\xa9\0",
                b"\x7f\0"]
    if attribute["type"] not in SCALARS:
        return []
    low, high = (SPEC.limit(set_name, name, c) for c in ("min", "max"))
    values = [] if low in (None, 0) else [low - 1]
    values += [] if high is None else [high + 1]
    if "enum" in attribute:
        known = SPEC.enums[attribute["enum"]].values()
        values += [v for v in range(min(known), max(known)) if v not in known]
    return values


# What is well formed and yet makes no sense: command, changes, errors and the
# attributes that may be named as being at fault.
SENSELESS = [
    ("sa-new", {"saddr": V6_HERE}, errno.EINVAL, ("saddr", "daddr")),
    ("sa-new", {"direction": "out"}, errno.EINVAL, ("replay-window",)),
    ("sa-new", {"encr-key": KEY[:15]}, errno.EINVAL, ("encr-key",)),
    ("sa-new", {"integ-key": MAC_KEY[:31]}, errno.EINVAL, ("integ-key",)),
    ("sa-new", {"encr": "null"}, errno.EINVAL, ("encr-key",)),
    ("sa-new", {"encr": "aes-gcm-16", "encr-key": KEY}, errno.EINVAL,
     ("integ", "integ-key")),
    ("sa-new", {"encr": "aes-gcm-16", "encr-key": KEY[:16], "integ": None,
                "integ-key": None}, errno.EINVAL, ("encr-key",)),
    ("sa-new", {"ifname": "absent0"}, errno.ENODEV, ("ifname",)),
    ("sa-new", {"ifname": "lo"}, (errno.EINVAL, errno.ENODEV), ("ifname",)),
    ("policy-new", {"dst": V6_HERE, "dst-prefixlen": 128}, errno.EINVAL,
     ("src", "dst")),
    ("policy-new", {"src-prefixlen": 33}, (errno.EINVAL, errno.ERANGE),
     ("src-prefixlen",)),
    ("policy-new", {"dst-prefixlen": 33}, (errno.EINVAL, errno.ERANGE),
     ("dst-prefixlen",)),
    ("policy-new", {"src-prefixlen": 16}, errno.EINVAL,
     ("src", "src-prefixlen")),
    ("policy-new", {"dst-prefixlen": 16}, errno.EINVAL,
     ("dst", "dst-prefixlen")),
    ("policy-new", {"dport-min": 91}, errno.EINVAL,
     ("dport-min", "dport-max")),
    ("policy-new", {"sport-min": 2, "sport-max": 1}, errno.EINVAL,
     ("sport-min", "sport-max")),
    ("policy-new", {"protocol": 1}, errno.EINVAL,
     ("protocol", "dport-min", "dport-max")),
    ("policy-new", {"action": "none"}, errno.EINVAL, ("sa", "mode", "action")),
    ("policy-new", {"sa": ["absent"]}, errno.ENOENT, ("sa",)),
    ("policy-new", {"sa": ["there", "there"]}, (errno.EINVAL, errno.EEXIST),
     ("sa",)),
    ("policy-new", {"sa": ["there"] * 17}, (errno.EINVAL, errno.E2BIG),
     ("sa",)),
    ("policy-new", {"sa": ["there"], "direction": "out"}, errno.EINVAL,
     ("sa", "direction")),
    ("policy-new", {"sa": ["there"], "mode": "transport"}, errno.EINVAL,
     ("sa", "mode")),
    ("policy-new", {"sa": ["there"], "ifname": "absent0"}, errno.ENODEV,
     ("ifname",)),
    ("policy-set", {"sa": ["absent"]}, errno.ENOENT, ("sa",)),
    ("policy-set", {"sa": ["there", "there"]}, errno.EINVAL, ("sa",)),
    ("policy-set", {"sa": ["there"] * 17}, (errno.EINVAL, errno.E2BIG),
     ("sa",)),
    ("policy-set", {"sa": ["there", "outbound"]}, errno.EINVAL, ("sa",)),
    ("policy-set", {"name": "clear"}, errno.EINVAL, ("sa",)),
    ("policy-set", {"sa": None}, errno.EINVAL, ()),
    ("policy-new", {"action": "none", "sa": None, "mode": None, "trap": True},
     errno.EINVAL, ("trap",)),
    ("explain", {"dst": V6_HERE}, errno.EINVAL, ("src", "dst")),
    ("explain", {"dport": 53}, errno.EINVAL, ("dport",)),
    ("explain", {"length": 27}, errno.EINVAL, ("length",)),
    ("explain", {"ifname": "absent0"}, errno.ENODEV, ("ifname",)),
    ("explain", {"sa": "there"}, errno.EINVAL, ("sa",)),
    ("explain", {"direction": "in", "sa": "absent"}, errno.ENOENT, ("sa",)),
    ("explain", {"direction": "in", "sa": "outbound"}, errno.EINVAL, ("sa",)),
    ("explain", {"direction": "in", "sa": "there", "ifname": "lo"},
     errno.EINVAL, ("ifname",)),
]


def test_senseless_requests(module):
    """requests that contradict themselves or the namespace are refused"""
    make(module, "sa-new", with_values(SA, name="there", spi=0x2000))
    make(module, "sa-new", with_values(SA, name="outbound", spi=0x2001,
                                       direction="out", replay_window=None))
    make(module, "policy-new", with_values(POLICY, name="uses", sa=["there"]))
    make(module, "policy-new", with_values(POLICY, name="clear", sa=None,
                                           mode=None, action="none"))
    problems = []
    for command, changes, errors, fault in SENSELESS:
        base = {"sa-new": SA, "policy-new": {**POLICY, "sa": ["there"]},
                "policy-set": {"name": "uses", "sa": ["there"]},
                "explain": QUESTION}
        request = Request(command, {
            name: value for name, value in {**base[command],
                                            **changes}.items()
            if value is not None})
        try:
            refuse(module.send(request), f"{command} with {changes}", errors,
                   request, fault)
        except Failed as problem:
            problems.append(str(problem))
            module.do("sa-del", name="sa1")
            module.do("policy-del", name="sp1")
    expect(not problems, "\n".join(problems))
    expect(all_names(module) == (["there", "outbound"], ["uses", "clear"]),
           f"{all_names(module)}")


def test_clashes(module):
    """names and SPIs that are taken, objects in use, objects that are not"""
    make(module, "sa-new", SA)
    make(module, "policy-new", POLICY)
    for values, fault in ((with_values(SA, spi=0x1001), ("name",)),
                          (with_values(SA, name="sa2"), ("spi", "daddr"))):
        request = Request("sa-new", values)
        refuse(module.send(request), "sa-new of what is there", errno.EEXIST,
               request, fault)
    request = Request("policy-new", POLICY)
    refuse(module.send(request), "policy-new of what is there", errno.EEXIST,
           request, ("name",))
    refuse(module.do("sa-del", name="sa1"), "sa-del of one in use",
           errno.EBUSY)
    refuse(module.do("sa-flush"), "sa-flush of one in use", errno.EBUSY)
    for kind in ("sa", "policy"):
        for verb in ("get", "del"):
            for values in ({"name": "absent"}, {"id": 0xffffffff}):
                request = Request(f"{kind}-{verb}", values)
                refuse(module.send(request), f"{kind}-{verb} of {values}",
                       errno.ENOENT, request, tuple(values))
    expect(all_names(module) == (["sa1"], ["sp1"]), f"{all_names(module)}")
    # The same SPI towards another address is another SA.
    make(module, "sa-new", with_values(SA, name="sa2", daddr=V4_THERE))


def test_flush(module):
    """flush takes what owner and device say, or nothing"""
    ip_link("add", "ipsec7", "type", "espvif")
    for count, values in enumerate(({}, {"owner": "daemon"},
                                    {"ifname": "ipsec7"})):
        make(module, "sa-new", {**SA, "name": f"sa{count}",
                                "spi": 0x1000 + count, **values})
        make(module, "policy-new", {**POLICY, "name": f"sp{count}",
                                    "sa": [f"sa{count}"], **values})
    refuse(module.do("sa-flush", owner="daemon"), "sa-flush in use",
           errno.EBUSY)
    for kind, letter in (("policy", "p"), ("sa", "a")):
        succeed(module.do(f"{kind}-flush", owner="daemon"), "flush owner")
        expect(module.names(kind) == [f"s{letter}0", f"s{letter}2"],
               f"after the daemon's: {module.names(kind)}")
        succeed(module.do(f"{kind}-flush", ifname="ipsec7"), "flush device")
        expect(module.names(kind) == [f"s{letter}0"],
               f"after the device's: {module.names(kind)}")
        request = Request(f"{kind}-flush", {"ifname": "absent0"})
        refuse(module.send(request), "flush of no device", errno.ENODEV,
               request, ("ifname",))
        succeed(module.do(f"{kind}-flush"), "flush all")
        nothing_is_left(module, kind)


def test_dump_under_change(module):
    """a dump shows what stays from begin to end, once, in order"""
    total = 200
    for count in range(total):
        make(module, "sa-new", with_values(
            SA, name=f"sa{count}", spi=0x1000 + count))
    with raw.Socket() as dumper:
        # The kernel makes parts as large as what it was last read with.
        dumper.buffer = 8192
        sequence = dumper.send(module.family.id, SPEC.commands["sa-get"],
                               flags=raw.F_DUMP)
        reply, datagrams, done = raw.Reply(), 0, False
        while not done:
            for kind, flags, answered, body in dumper.receive():
                expect(answered == sequence, "another answer")
                done = reply.take(kind, flags, body)
            datagrams += 1
            # Every third goes, some before and some after their turn. Not
            # for ever: what is new is shown too.
            for count in range(total - 3 * datagrams, 0, -40):
                module.do("sa-del", name=f"sa{count - count % 3}")
            if datagrams < 5:
                make(module, "sa-new", with_values(
                    SA, name=f"new{datagrams}", spi=0x8000 + datagrams))
    expect(not reply.error and datagrams > 5, f"{reply}, {datagrams} parts")
    number = SPEC.numbers["sa"]
    seen = [dict(raw.attributes(body)) for _, body in reply.messages]
    ids = [raw.number_of(one[number["id"]]) for one in seen]
    expect(ids == sorted(set(ids)), "not once each in the order of ids")
    names = {raw.text_of(one[number["name"]]) for one in seen}
    stayed = {f"sa{count}" for count in range(total) if count % 3}
    expect(stayed <= names, f"the dump left out {sorted(stayed - names)}")


def test_ids_are_not_reused(module):
    """an id names one object only, ever"""
    seen = set()
    for _ in range(3):
        reply = make(module, "sa-new", SA)
        found = dict(raw.attributes(reply.messages[0][1]))
        seen.add(found[SPEC.numbers["sa"]["id"]])
        succeed(module.do("sa-del", name="sa1"), "sa-del")
    expect(len(seen) == 3, f"ids {seen}")


def test_malformed_messages(module):
    """messages that are broken as such are refused"""
    sock, family = module.socket, module.family.id
    called = {SPEC.commands[name] for name, _, _ in SPEC.calls()}
    unknown = set(range(max(SPEC.commands.values()) + 2)) - called
    expect(len(unknown) > 2, f"notifications are missing: {unknown}")
    for command in [*sorted(unknown), 255]:
        reply = sock.request(family, command)
        expect(reply.error == errno.EOPNOTSUPP, f"command {command}: {reply}")
    new = SPEC.commands["sa-new"]
    good = Request("sa-new", SA).body()
    header = bytes([new, 1, 0, 0])
    broken = {
        "no generic header": b"",
        "attribute longer than the message": header + b"\xff\0\2\0" + good,
        "attribute shorter than its header": header + b"\3\0\2\0" + good,
        "trailing bytes": header + good + b"\1\0\0",
        "a nest for a number": header + good +
        raw.attribute(SPEC.numbers["sa"]["mode"] | 0x8000, b"\1"),
    }
    for what, message in broken.items():
        reply = sock.answer(sock.send_bytes(family, message))
        expect(reply.error == errno.EINVAL, f"{what}: {reply}")
    nothing_is_left(module)


def mutate(body, rng):
    """A copy of a message that is wrong somewhere, or not."""
    body = bytearray(body)
    for _ in range(rng.randrange(1, 5)):
        kind = rng.randrange(4)
        place = rng.randrange(len(body))
        if kind == 0:
            body[place] = rng.randrange(256)
        elif kind == 1:
            body[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del body[place & ~3:(place & ~3) + 4 * rng.randrange(1, 6)]
        else:
            body[place & ~3:place & ~3] = rng.randbytes(4)
        if not body:
            return b"\4\0\0\0"
    return bytes(body)


def test_mutations(module):
    """thousands of damaged requests leave a module that works"""
    rng = random.Random(4303)
    requests = [Request("sa-new", SA), Request("policy-new", POLICY),
                Request("sa-flush", {"owner": "manual"}),
                Request("policy-get", {"name": "sp1"}),
                Request("policy-set", {"name": "sp1", "sa": ["sa1"]}),
                Request("batch", {"op": [
                    operation("sa-new", "sa", with_values(
                        SA, name="sa2", spi=0x3000)),
                    operation("policy-set", "policy",
                              {"name": "sp1", "sa": ["sa2"]}),
                    operation("sa-del", "sa", {"name": "sa1"})]}),
                Request("sa-del", {"name": "sa1"})]
    for _ in range(3000):
        request = rng.choice(requests)
        reply = module.socket.request(
            module.family.id, SPEC.commands[request.command],
            mutate(request.body(), rng))
        expect(reply.error is not None, "no answer")
    succeed(module.do("policy-flush"), "policy-flush")
    succeed(module.do("sa-flush"), "sa-flush")
    expect(all_names(module) == ([], []), f"{all_names(module)}")
    make(module, "sa-new", SA)


def test_kernel_log_is_quiet(module):
    """nothing above made the module write a warning"""
    del module
    lines = []
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    while True:
        try:
            record = os.read(log, 8192).decode(errors="replace")
        except BlockingIOError:
            break
        except BrokenPipeError:
            continue
        priority, _, text = record.partition(";")
        level = int(priority.split(",")[0]) & 7
        # The kernel's netlink code warns of wrong lengths by itself, and any
        # module from outside its tree taints it.
        if level <= 4 and "espvif" in text and "netlink:" not in text and \
                "taint" not in text and "signature" not in text:
            lines.append(text.splitlines()[0])
    os.close(log)
    expect(not lines, "\n".join(lines))


TESTS = [value for name, value in list(globals().items())
         if name.startswith("test_")]


def run_test(test):
    """Runs one test in a namespace of its own."""
    with new_namespace():
        module = Module()
        try:
            test(module)
        finally:
            module.socket.sock.close()


def main():
    print("KTAP version 1")
    if os.geteuid():
        print("1..0 # SKIP needs root")
        return SKIP
    if subprocess.run(["modprobe", "espvif"], check=False).returncode:
        print("1..0 # SKIP no module espvif")
        return SKIP
    wanted = sys.argv[1:]
    tests = [test for test in TESTS
             if not wanted or test.__name__.removeprefix("test_") in wanted]
    print(f"1..{len(tests)}", flush=True)
    failures = 0
    for count, test in enumerate(tests, 1):
        verdict = "ok"
        try:
            run_test(test)
        except Failed as problem:
            verdict, sentence = "not ok", str(problem)
        except Exception:
            verdict, sentence = "not ok", traceback.format_exc()
        if verdict == "not ok":
            failures += 1
            print("\n".join("# " + line for line in sentence.splitlines()))
        print(f"{verdict} {count} protocol: {test.__doc__}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
