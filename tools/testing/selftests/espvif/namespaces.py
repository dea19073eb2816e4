#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces: each has databases of its own, and may end at any moment
with everything in it in use. Who may look into them and change them.

       +------ near -------+  wire   +------- far -------+
       | 192.0.2.1         |---------| 192.0.2.2         |
       | ipsec0  10.0.0.1  |=========| ipsec0  10.0.0.2  |
       +-------------------+   ESP   +-------------------+

Pairs of namespaces like these are made and destroyed again and again. The far
one floods the near one with echoes, by the device and by host policies, so
that the near one receives and sends without a process in it.
"""

import contextlib
import json
import os
import threading

import cli
import lib
from hosts import (Counting, Flood, Host, add_policies, add_sas, deliver,
                   nothing_came)
from lib import IPSEC, OUT, TRANSPORT, TUNNEL, expect, expect_equal

OUTER = ("192.0.2.1", "192.0.2.2")
OUTER6 = ("2001:db8::1", "2001:db8::2")
INNER = ("10.0.0.1", "10.0.0.2")
EVERYTHING = ("0.0.0.0/0", "0.0.0.0/0")
ROUNDS = int(os.environ.get("ESPVIF_ROUNDS", "20"))


class Mortal(Host):
    """A namespace that ends when it is told to, and not with the test."""

    def end(self):
        """Nothing of ours holds the namespace after this."""
        self.module.socket.sock.close()
        self.delete()


def configure(near, far, key=""):
    """Devices, SAs and policies at two hosts; one of them may be None."""
    # keys follow from names and SPIs; who is new begins with number 1 again
    add_sas(near, far, f"device{key}", OUTER, 0x1000, TUNNEL,
            ifname="ipsec0", replay_window=0)
    add_policies(near, far, "device", EVERYTHING, TUNNEL, f"device{key}",
                 ifname="ipsec0")
    add_sas(near, far, f"host{key}", OUTER6, 0x2000, TRANSPORT,
            replay_window=0)
    add_policies(near, far, "host", OUTER6, TRANSPORT, f"host{key}")


def make(name, number):
    """A host of one end with its device; number is 0 for the near end."""
    host = Mortal(name)
    # devices have things of their own to send
    host.sysctl("ipv6/conf/default/disable_ipv6", 1)
    host.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up",
                  f"address add {INNER[number]}/24 dev ipsec0")
    host.sysctl("ipv6/conf/default/disable_ipv6", 0)
    return host


def connect(near, far):
    near.ip_batch(
        f"link add wire type veth peer name wire netns {far.name}",
        f"address add {OUTER[0]}/24 dev wire",
        f"address add {OUTER6[0]}/64 dev wire nodad", "link set wire up")
    far.ip_batch(
        f"address add {OUTER[1]}/24 dev wire",
        f"address add {OUTER6[1]}/64 dev wire nodad", "link set wire up")


def pair(name, key=""):
    """Two namespaces with a device and host policies between them."""
    near, far = make(f"near-{name}", 0), make(f"far-{name}", 1)
    connect(near, far)
    configure(near, far, key)
    return near, far


def echoes(host, *addresses):
    return Flood(*((host, address, length)
                   for address in addresses for length in (56, 3000)))


@contextlib.contextmanager
def flood(host, *addresses):
    """Nothing of it holds the host's namespace afterwards."""
    pings = echoes(host, *addresses)
    try:
        with pings:
            yield
    finally:
        pings.end()


def flows(host, at_least=20):
    """Packets come in and go out."""
    counters = Counting(host)
    lib.wait_for(lambda: all(
        counters.changed().get(name, 0) >= at_least
        for name in ("in-packets", "out-packets")), "traffic")


# ----- the end of a namespace ------------------------------------------------

def ends_under_traffic():
    log = cli.KernelLog()
    far = make("far-a", 1)
    configure(None, far)
    pings = echoes(far, INNER[0], OUTER6[0])
    for number in range(ROUNDS):
        near = make(f"near-a{number}", 0)
        lib.spread("always" if number % 2 else "never")
        connect(near, far)
        configure(near, None)
        with pings:
            flows(near)
            near.end()
            lib.wait_for(lambda: not far.has_link("wire"),
                         "the end of the wire")
        lib.say_now_and_then(number, "namespaces")
    lib.spread("auto")
    pings.end()
    far.end()
    log.expect_quiet()


def ends_while_sending():
    """Both ends at once, each sending as well."""
    log = cli.KernelLog()
    for number in range(3):
        near, far = pair(f"b{number}")
        with flood(far, INNER[0], OUTER6[0]), \
                flood(near, INNER[1], OUTER6[1]):
            flows(near)
            near.end()
            far.end()
    log.expect_quiet()


def home_ends():
    """A device that lives elsewhere goes with the namespace it is from."""
    for number in range(3):
        near, far = pair(f"c{number}")
        guest = Mortal(f"guest-c{number}")
        near.ip_batch(f"link set ipsec0 netns {guest.name}")
        guest.address("ipsec0", f"{INNER[0]}/24")
        guest.ip_batch("link set ipsec0 up")
        with flood(far, INNER[0], OUTER6[0]):
            flows(near)
            near.end()
            lib.wait_for(lambda host=guest: not host.has_link("ipsec0"),
                         "the end of the device")
        guest.end()
        far.end()


def away_ends():
    """And with the namespace that it was moved to; its SAs go too."""
    for number in range(3):
        near, far = pair(f"d{number}")
        guest = Mortal(f"guest-d{number}")
        near.ip_batch(f"link set ipsec0 netns {guest.name}")
        guest.address("ipsec0", f"{INNER[0]}/24")
        guest.ip_batch("link set ipsec0 up")
        with flood(far, INNER[0], OUTER6[0]):
            flows(near)
            guest.end()
            lib.wait_for(lambda host=near: sorted(host.module.sas()) ==
                         ["host-in", "host-out"], "the end of the SAs")
            flows(near)
        near.end()
        far.end()


# ----- each for itself -------------------------------------------------------

def apart():
    """The same addresses, SPIs and names, with other keys."""
    first, second = pair("e0"), pair("e1", "2")
    ends = (INNER, OUTER6)
    try:
        for near, far in (first, second):
            for one, other in ends:
                with near.udp(one) as here, far.udp(other) as there:
                    for _ in range(3):
                        deliver(here, there)
                        deliver(there, here)
            packets = {name: sa["packets"]
                       for name, sa in near.module.sas().items()}
            expect_equal("packets", sorted(packets.values()), [3] * 4)
            expect_equal("reasons", set(near.module.counters()),
                         {"in-packets", "out-packets"})
        near, far = first
        near.ip_batch("link delete ipsec0")
        near.module.flush()
        expect_equal("SAs", (len(near.module.sas()),
                             len(second[0].module.sas())), (0, 4))
        for one, other in ends:
            with second[0].udp(one) as here, second[1].udp(other) as there:
                deliver(here, there)
    finally:
        for host in first + second:
            host.end()


def other_key_other_namespace():
    """What one namespace decrypts is nothing for another."""
    near, far = pair("f0")
    other, other_far = pair("f1", "2")
    try:
        # the far end of one pair gets the SAs of the other's
        far.module.delete_policy("host-out")
        far.module.delete_sa("host-out")
        far.module.add_sa("host-out", *OUTER6[::-1], 0x2001, TRANSPORT,
                          lib.Algorithm("aes128-gcm16", "host28193"))
        far.module.add_policy("host-out", OUT, *OUTER6[::-1], action=IPSEC,
                              mode=TRANSPORT, sa="host-out")
        counters = Counting(near)
        with near.udp(OUTER6[0]) as here, far.udp(OUTER6[1]) as there:
            there.sendto(b"wrong key", here.getsockname())
            counters.wait(in_not_authentic=1)
            nothing_came(here)
        expect_equal("in the other", other.module.counters(), {})
    finally:
        for host in (near, far, other, other_far):
            host.end()


# ----- lists while much changes ----------------------------------------------

class Changes(threading.Thread):
    """Adds and removes SAs and policies until it is told to stop."""

    def __init__(self, host):
        super().__init__()
        self.module = lib.Module(host)
        self.stopped = threading.Event()
        self.rounds = 0
        self.trouble = None

    def run(self):
        key = lib.Algorithm("aes128-gcm16")
        try:
            while not self.stopped.is_set():
                for number in range(20):
                    name = f"passing{number}"
                    self.module.add_sa(name, *OUTER, 0x100 + number, TUNNEL,
                                       key, direction=OUT)
                    self.module.add_policy(
                        name, OUT, f"10.1.{number}.0/24", "10.2.0.0/16",
                        action=IPSEC, mode=TUNNEL, sa=name)
                for number in range(20):
                    name = f"passing{number}"
                    self.module.delete_policy(name)
                    self.module.delete_sa(name)
                self.rounds += 1
        except lib.Failed as trouble:
            self.trouble = trouble

    def stop(self):
        self.stopped.set()
        self.join()
        self.module.socket.sock.close()
        expect(not self.trouble, str(self.trouble))


def lists_under_change():
    """What is there all the time is in every list, once."""
    host = Mortal("lists")
    key = lib.Algorithm("aes128-gcm16")
    lasting = [f"lasting{number}" for number in range(150)]
    for number, name in enumerate(lasting):
        host.module.add_sa(name, *OUTER, 0x10000 + number, TUNNEL, key,
                           direction=OUT)
        host.module.add_policy(name, OUT, f"10.3.{number}.0/24",
                               "10.2.0.0/16", action=IPSEC, mode=TUNNEL,
                               sa=name)
    changes = Changes(host)
    changes.start()
    try:
        dumps = 0
        while dumps < 40 or changes.rounds < 10:
            for command, attributes in (("sa-get", lib.SA),
                                        ("policy-get", lib.POLICY)):
                reply = host.module.socket.dump(host.module.family.id,
                                                lib.COMMANDS[command])
                expect(not reply.error, str(reply))
                items = [lib.decode(attributes, body)
                         for _, body in reply.messages]
                expect_equal("lasting ones", [
                    item["name"] for item in items
                    if item["name"].startswith("lasting")], lasting)
                numbers = [item["id"] for item in items]
                expect(numbers == sorted(set(numbers)), "not in order")
            dumps += 1
            expect(not changes.trouble, str(changes.trouble))
    finally:
        changes.stop()
    with host:
        listed = json.loads(cli.accepted("sa", "list", "--json"))
    expect_equal("listed", [item["name"] for item in listed], lasting)
    host.end()


def traffic_under_change():
    """Policies and SAs come and go around those that carry traffic."""
    near, far = pair("g")
    changes = Changes(near)
    try:
        with flood(far, INNER[0], OUTER6[0]):
            changes.start()
            lib.wait_for(lambda: changes.rounds >= 10, "changes")
            flows(near)
            changes.stop()
        expect_equal("reasons", set(near.module.counters()) -
                     {"in-packets", "out-packets"}, set())
    finally:
        changes.stopped.set()
        for host in (near, far):
            host.end()


# ----- rights ----------------------------------------------------------------

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
KEY = "0x" + "5a" * 20
ADD = ["ipsec", "sa", "add", "--sa-name", "own", "--sa-source", "192.0.2.1",
       "--sa-destination", "192.0.2.2", "--sa-mode", "tunnel", "--sa-spi",
       "0x1000", "--encryption-algorithm", "aes128-gcm16",
       "--encryption-key", KEY]


def unprivileged():
    """Without CAP_NET_ADMIN one may do nothing, not even look."""
    for command in (ADD, ["ipsec", "sa", "list"], ["ipsec", "sp", "list"],
                    ["ipsec", "sa", "remove", "--remove-all"],
                    ["ipsec", "sp", "remove", "--remove-all"],
                    ["ipsec", "counters"]):
        answer = cli.run(*NOBODY, *command)
        expect_equal(f"status of {command}", answer.status, 1)
        expect_equal("standard output", answer.out, "")
        expect(len(answer.err.splitlines()) == 1 and
               ("root" in answer.err or "ermission" in answer.err or
                "permitted" in answer.err), answer.err)
        dropped = cli.run("setpriv", "--bounding-set=-net_admin",
                          "--inh-caps=-net_admin", *command)
        expect_equal(f"status of root without the capability, {command}",
                     dropped.status, 1)


def own_user_namespace():
    """Who has a user namespace is master of its network namespaces."""
    script = " ".join(ADD) + """ && ip link add ipsec0 type espvif &&
        ipsec sa list --noheadings && ip link show dev ipsec0"""
    answer = cli.run(*NOBODY, "unshare", "--user", "--map-root-user",
                     "--net", "sh", "-c", script)
    expect_equal(f"status ({answer.err})", answer.status, 0)
    expect("own" in answer.out and "ipsec0" in answer.out, answer.out)
    # but not of others
    answer = cli.run(*NOBODY, "unshare", "--user", "--map-root-user",
                     "sh", "-c", " ".join(ADD))
    expect_equal("status in a foreign namespace", answer.status, 1)
    expect("own" not in lib.Module(HERE).sas(), "it is there all the same")


TESTS = [
    (f"{ROUNDS} namespaces end under traffic", ends_under_traffic),
    ("both ends of a wire end, sending", ends_while_sending),
    ("the home of a moved device ends", home_ends),
    ("the namespace a device was moved to ends", away_ends),
    ("equal SPIs and names don't disturb each other", apart),
    ("SAs of another namespace decrypt nothing", other_key_other_namespace),
    ("lists while much changes", lists_under_change),
    ("traffic while much changes", traffic_under_change),
    ("unprivileged users are refused", unprivileged),
    ("root of a user namespace has its own", own_user_namespace),
]


def main():
    report = lib.Report(len(TESTS))
    with HERE:
        for name, test in TESTS:
            with report.point(name):
                test()
    report.finish()


if __name__ == "__main__":
    lib.need("ping", "setpriv", "unshare")
    HERE = Host("here")
    main()
