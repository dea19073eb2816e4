#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SAs for one CPU each (RFC 9611): who sends decides by which SA it leaves.

    +--------- west ---------+                          +--- east ---+
    | 10.1.0.1  ipsec0  wire +--- 192.0.2.1  192.0.2.2 --+ 10.2.0.1   |
    +------------------------+                          +------------+

Each point binds itself to a CPU and sends; which SA was it, say the SPIs on the
wire, the counters of the SAs, and that the datagram arrived.
"""

import collections
import errno
import itertools
import json
import os
import struct

import cli
import lib
from hosts import ESP, Counting, Host, Wire, protocol_of
from lib import IN, IPSEC, NONE, OUT, POLICY, SA, TUNNEL, expect, expect_equal

ENDS = ("192.0.2.1", "192.0.2.2")
NEAR, FAR = "10.1.0.1", "10.2.0.1"
FAR_DEVICE = "10.3.0.1"
PORT = 5000
MOST = 48
AGAIN = 30
SPIS = itertools.count(0x1000)
# what ESP over IPv4 begins with
SPI_AT = 20


class Lab:
    """The hosts, and west's policy with the SAs that a point gives it."""

    def __init__(self):
        self.west, self.east = Host("west"), Host("east")
        lib.join(self.west, self.east)
        for host, device, *addresses in (
                (self.west, "wire", "192.0.2.1/24"),
                (self.east, "wire", "192.0.2.2/24"),
                (self.west, "lo", f"{NEAR}/32"),
                (self.east, "lo", f"{FAR}/32", f"{FAR_DEVICE}/32")):
            host.address(device, *addresses)
        self.west.routes(f"{FAR} via 192.0.2.2 src {NEAR}")
        self.east.routes(f"{NEAR} via 192.0.2.1 src {FAR}")
        self.wire = Wire(self.west, "wire")
        self.events = lib.Events(self.west)
        self.sender = self.west.udp(NEAR)
        self.receivers = {address: self.east.udp(address, PORT)
                          for address in (FAR, FAR_DEVICE)}
        self.spis = {}
        self.accepting = []

    def operations(self, name, cpu=None, **values):
        """What makes an SA at west, which east knows then."""
        spi = self.spis[name] = next(SPIS)
        key = lib.Algorithm("aes128-gcm16", f"{name}{spi}")
        self.east.module.add_sa(f"peer{spi}", *ENDS, spi, TUNNEL, key,
                                direction=IN, cpu=cpu,
                                replay_window=lib.window(IN))
        self.accepting.append(f"peer{spi}")
        return "sa-new", lib.sa_values(name, *ENDS, spi, TUNNEL, key,
                                       direction=OUT, cpu=cpu, **values)

    def add(self, name, cpu=None, **values):
        self.west.module.call("sa-new", SA,
                              self.operations(name, cpu, **values)[1])

    def policy(self, *sas, destination=FAR, name="net", **values):
        self.west.module.add_policy(name, OUT, NEAR, destination, mode=TUNNEL,
                                    sa=list(sas), **values)

    def accept(self):
        """East takes whatever came in by any of its SAs."""
        if "any" in self.east.module.policies():
            self.east.module.set_policy("any", self.accepting)
        else:
            self.east.module.add_policy("any", IN, "0.0.0.0/0", "10.0.0.0/8",
                                        mode=TUNNEL, sa=self.accepting)

    def usual(self, **values):
        """One SA for each of two CPUs, which are not first, and one for all."""
        self.add("all")
        self.add("zero", 0)
        self.add("one", 1)
        self.policy("all", "one", "zero", **values)

    def send(self, cpu, count=1, address=FAR):
        """By which SAs datagrams left that a CPU has sent: {name: packets}."""
        self.accept()
        self.wire.packets()
        before = self.packets()
        on(cpu, self.say, count, address)
        for number in range(count):
            expect_equal("datagram", self.receivers[address].recv(100),
                         struct.pack("!I", number))
        seen = collections.Counter(spi_of(packet)
                                   for packet in self.wire.packets()
                                   if protocol_of(packet) == ESP)
        sent = {name: count - before.get(name, 0)
                for name, count in self.packets().items()
                if count != before.get(name, 0)}
        expect_equal("SPIs on the wire", dict(seen), {
            self.spis[name]: count for name, count in sent.items()})
        return sent

    def say(self, count, address):
        for number in range(count):
            self.sender.sendto(struct.pack("!I", number), (address, PORT))

    def packets(self):
        return {name: sa["packets"]
                for name, sa in self.west.module.sas().items()}

    def explain(self, cpu, *options):
        return json.loads(self.west.run(
            "ipsec", "explain", "--source", NEAR, "--destination", FAR,
            "--protocol", "udp", "--destination-port", str(PORT), "--cpu",
            str(cpu), "--json", *options))

    def asked(self):
        """(policy, CPU) of those asked for since the last call."""
        return [(event["name"], event.get("cpu"))
                for name, event in self.events.pending()
                if name == "acquire-ntf"]

    def refused(self, command, values, sentence, code=errno.EINVAL):
        module = self.west.module
        attributes = SA if command.startswith("sa") else POLICY
        reply = module.socket.request(
            module.family.id, lib.COMMANDS[command],
            lib.encode(attributes, values))
        expect_equal(f"error ({sentence})", reply.error, code)
        expect(sentence in (reply.sentence or ""), f"{reply}")

    def clean(self):
        if self.west.has_link("ipsec0"):
            self.west.ip_batch("link delete ipsec0")
        for host in (self.west, self.east):
            host.module.flush()
        self.accepting.clear()
        self.spis.clear()
        self.asked()


def on(cpu, function, *arguments):
    """Calls a function on a CPU."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        return function(*arguments)
    finally:
        os.sched_setaffinity(0, allowed)


def spi_of(packet):
    return struct.unpack_from("!I", packet, SPI_AT)[0]


def own_sa(lab):
    """Whatever the order in which the policy names them."""
    lab.usual()
    for cpu, name in ((0, "zero"), (1, "one"), (0, "zero")):
        expect_equal(f"from CPU {cpu}", lab.send(cpu, 5), {name: 5})
    for order in itertools.permutations(("all", "zero", "one")):
        lab.west.module.set_policy("net", order)
        for cpu, name in enumerate(("zero", "one")):
            expect_equal(f"CPU {cpu}, {order}", lab.send(cpu), {name: 1})


def fallback(lab):
    """A CPU without an SA of its own takes the first that is for all."""
    lab.add("one", 1)
    lab.add("all")
    lab.add("other")
    lab.policy("one", "all", "other")
    expect_equal("from CPU 0", lab.send(0, 3), {"all": 3})
    expect_equal("from CPU 1", lab.send(1, 3), {"one": 3})


def nothing_else(lab):
    """No packet is dropped while there is an SA at all."""
    lab.add("one", 1)
    lab.policy("one")
    expect_equal("from CPU 0", lab.send(0, 3), {"one": 3})
    expect_equal("explained", lab.explain(0)["sa"], "one")


def expiry(lab):
    """A CPU's SA ends, the one for all, then that of the other CPU."""
    lab.add("zero", 0, hard_packets=2)
    lab.add("one", 1, hard_packets=4)
    lab.add("all", hard_packets=2)
    lab.policy("one", "zero", "all")
    counting = Counting(lab.west)
    expect_equal("its own", lab.send(0, 2), {"zero": 2})
    expect_equal("for all", lab.send(0, 2), {"all": 2})
    expect_equal("the other's", lab.send(0, 3), {"one": 3})
    expect_equal("its own", lab.send(1), {"one": 1})
    on(1, lab.say, 2, FAR)
    counting.wait(out_packets=8, out_no_sa=2)


def second_of_cpu(lab):
    """A CPU may have several: the first usable one, then the next."""
    lab.add("all")
    lab.add("new", 0, hard_packets=1)
    lab.add("old", 0)
    lab.policy("all", "new", "old")
    expect_equal("first", lab.send(0), {"new": 1})
    expect_equal("second", lab.send(0, 2), {"old": 2})


def by_device(lab):
    lab.west.ip_batch("link add ipsec0 type espvif", "link set ipsec0 up")
    lab.west.routes(f"{FAR_DEVICE} dev ipsec0 src {NEAR}")
    for name, cpu in (("all", None), ("one", 1)):
        lab.add(name, cpu, ifname="ipsec0")
    lab.policy("all", "one", destination=FAR_DEVICE, ifname="ipsec0",
               cpu_acquire=True)
    for cpu, name in ((0, "all"), (1, "one")):
        expect_equal(f"from CPU {cpu}", lab.send(cpu, 4, FAR_DEVICE),
                     {name: 4})
    expect_equal("asked", lab.asked(), [("net", 0)])


def acquire(lab):
    """Once for each CPU that has none, and the packet goes nevertheless."""
    lab.add("all")
    lab.policy("all", cpu_acquire=True)
    lab.accept()
    expect_equal("from CPU 1", lab.send(1, 20), {"all": 20})
    events = [event for name, event in lab.events.pending()
              if name == "acquire-ntf"]
    expect_equal("how many", len(events), 1)
    expect_equal("asked", {name: events[0][name]
                           for name in ("name", "cpu", "flow")},
                 {"name": "net", "cpu": 1, "flow": {
                     "src": NEAR, "dst": FAR, "protocol": 17,
                     "sport": lab.sender.getsockname()[1], "dport": PORT}})
    lab.add("one", 1, hard_packets=2)
    lab.west.module.set_policy("net", ["all", "one"])
    expect_equal("from CPU 1", lab.send(1, 2), {"one": 2})
    lab.asked()
    # one that ends is asked for again at once
    expect_equal("from CPU 1", lab.send(1, 5), {"all": 5})
    expect_equal("asked", lab.asked(), [("net", 1)])
    expect_equal("from CPU 0", lab.send(0, 5), {"all": 5})
    expect_equal("asked", lab.asked(), [("net", 0)])


def not_asked(lab):
    """Without the flag, and by questions that send nothing, nobody is."""
    lab.usual()
    lab.west.module.set_policy("net", ["all"])
    lab.send(1, 3)
    lab.west.module.delete_policy("net")
    lab.policy("all", cpu_acquire=True)
    expect_equal("explained", lab.explain(1)["sa"], "all")
    expect_equal("asked", lab.asked(), [])


def asked_again(lab):
    """Nobody has brought an SA."""
    lab.add("all")
    lab.policy("all", cpu_acquire=True)
    asked = []

    def another():
        lab.send(1)
        asked.extend(lab.asked())
        return len(asked) > 1
    lib.wait_for(another, "the second question", AGAIN + lib.DEADLINE)
    expect_equal("asked", asked, [("net", 1)] * 2)


def trap(lab):
    """A trap waits for its first SA, and asks for those of CPUs from then on."""
    lab.west.module.add_policy("net", OUT, NEAR, FAR, mode=TUNNEL, trap=True,
                               cpu_acquire=True)
    on(1, lab.say, 2, FAR)
    expect_equal("asked", lab.asked(), [("net", None)])
    lab.add("all")
    lab.accept()
    lab.west.module.set_policy("net", ["all"])
    for number in range(2):
        expect_equal("held", lab.receivers[FAR].recv(100),
                     struct.pack("!I", number))
    lib.wait_for(lambda: not lab.west.module.policies()["net"]["held"],
                 "release")
    expect_equal("from CPU 1", lab.send(1, 2), {"all": 2})
    expect_equal("asked", lab.asked(), [("net", 1)])


def replaced(lab):
    """All SAs of a policy get others in one batch, under traffic."""
    lab.usual()
    old = dict(lab.spis)
    made = [lab.operations(f"new-{name}", cpu)
            for name, cpu in (("all", None), ("zero", 0), ("one", 1))]
    lab.accept()
    lab.wire.packets()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.sched_setaffinity(0, {1})
            lab.say(200, FAR)
            status = 0
        finally:
            os._exit(status)
    received = [lab.receivers[FAR].recv(100)]
    lab.west.module.batch(
        *made, ("policy-set", {"name": "net",
                               "sa": ["new-all", "new-zero", "new-one"]}),
        *(("sa-del", {"name": name}) for name in ("all", "zero", "one")))
    expect_equal("sender's status", os.waitpid(child, 0)[1], 0)
    received += [lab.receivers[FAR].recv(100) for _ in range(199)]
    expect_equal("datagrams", received,
                 [struct.pack("!I", number) for number in range(200)])
    seen = {spi_of(packet) for packet in lab.wire.packets()
            if protocol_of(packet) == ESP}
    expect(seen <= {old["one"], lab.spis["new-one"]}, f"SPIs {seen}")
    expect_equal("from CPU 0", lab.send(0), {"new-zero": 1})
    expect_equal("from CPU 1", lab.send(1), {"new-one": 1})


def restored(lab):
    """What lists show makes the same again; peers' numbers of CPUs, too."""
    lab.usual(cpu_acquire=True)
    sas = lab.west.module.sas()
    policy = lab.west.module.policies()["net"]
    expect_equal("CPUs", {name: sa.get("cpu") for name, sa in sas.items()},
                 {"all": None, "zero": 0, "one": 1})
    expect_equal("inbound", sorted(
        (sa.get("cpu", -1) for sa in lab.east.module.sas().values())),
        [-1, 0, 1])
    expect(policy["cpu_acquire"], f"policy {policy}")
    lab.west.module.flush()
    for name, sa in sas.items():
        key = lib.Algorithm("aes128-gcm16", f"{name}{sa['spi']}")
        lab.west.module.add_sa(name, sa["saddr"], sa["daddr"], sa["spi"],
                               TUNNEL, key, direction=sa["direction"],
                               cpu=sa.get("cpu"), seq=sa["seq"])
    lab.policy(*policy["sa"], cpu_acquire=policy["cpu_acquire"])
    for cpu, name in enumerate(("zero", "one")):
        expect_equal(f"from CPU {cpu}", lab.send(cpu, 2), {name: 2})


def lists(lab):
    """`ipsec` takes the options and shows what they made."""
    run = lab.west.run
    for name, cpu in (("all", ()), ("one", ("--cpu", "1"))):
        run("ipsec", "sa", "add", "--sa-name", name, "--sa-source", ENDS[0],
            "--sa-destination", ENDS[1], "--sa-mode", "tunnel", "--sa-spi",
            hex(next(SPIS)), "--sa-direction", "out", *cpu,
            *lib.Algorithm("aes128-gcm16", name).our_options())
    run("ipsec", "sp", "add", "--sp-name", "net", "--sp-source", NEAR,
        "--sp-destination", FAR, "--flow-direction", "out", "--action",
        "ipsec", "--sp-mode", "tunnel", "--sa-name", "all", "--sa-name",
        "one", "--cpu-acquire")
    listed = {sa["name"]: sa["cpu"]
              for sa in json.loads(run("ipsec", "sa", "list", "--json"))}
    expect_equal("CPUs", listed, {"all": None, "one": 1})
    expect_equal("asks", [sp["cpu_acquire"] for sp in
                          json.loads(run("ipsec", "sp", "list", "--json"))],
                 [True])
    text = run("ipsec", "sa", "list", "--verbose")
    expect_equal("lines", [line.split() for line in text.splitlines()
                           if "CPU" in line], [["CPU", "1"]])
    text = run("ipsec", "sp", "list", "--verbose")
    expect_equal("lines", [line.split() for line in text.splitlines()
                           if "CPU" in line], [["CPU", "Acquire", "yes"]])
    with lab.west:
        cli.refused(2, "explain", "--source", FAR, "--destination", NEAR,
                    "--direction", "in", "--cpu", "1", says=["--cpu"])
        cli.refused(2, "sp", "add", "--sp-name", "in", "--sp-source", FAR,
                    "--sp-destination", NEAR, "--flow-direction", "in",
                    "--action", "ipsec", "--sp-mode", "tunnel", "--trap",
                    "--cpu-acquire", says=["--cpu-acquire", "out"])


def explained(lab):
    """What is answered for a CPU is what it does then."""
    lab.add("all")
    lab.add("one", 1, hard_packets=3)
    lab.policy("all", "one")
    for sends in ({"one": 3}, {"all": 3}):
        for cpu in (0, 1):
            answer = lab.explain(cpu)
            expect_equal("CPU", answer["cpu"], cpu)
            expect_equal(f"CPU {cpu}", lab.send(cpu, 3),
                         {answer["sa"]: 3} if cpu == 0 else sends)
            expect(cpu == 0 or answer["sa"] in sends, f"{answer}")
    # who doesn't say which is where it asks
    command = ("ipsec", "explain", "--source", NEAR, "--destination", FAR,
               "--json")
    for cpu in (0, 1):
        answer = on(cpu, lambda: json.loads(lab.west.run(*command)))
        expect_equal("CPU that asks", answer["cpu"], cpu)
    lab.west.module.set_policy("net", ["all"])
    expect_equal("the same for all", lab.explain(1)["cpu"], None)


def most(lab):
    """As many as a policy may have, in lists and notifications as well."""
    names = [f"{'n' * 60}{number:03}" for number in range(MOST)]
    for number, name in enumerate(names):
        lab.add(name, number % 2 if number > 1 else None)
    lab.policy(*names)
    event = [event for kind, event in lab.events.pending()
             if kind == "policy-new-ntf"]
    expect_equal("notified", [event["name"] for event in event], ["net"])
    expect_equal("listed", lab.west.module.policies()["net"]["sa"], names)
    shown = json.loads(lab.west.run("ipsec", "sp", "list", "--json"))
    expect_equal("shown", shown[0]["sa_names"], names)
    for cpu in (0, 1):
        expect_equal(f"from CPU {cpu}", lab.send(cpu), {names[2 + cpu]: 1})
    lab.add("more")
    lab.refused("policy-set", {"name": "net", "sa": [*names, "more"]},
                f"at most {MOST} SAs", errno.E2BIG)


def refusals(lab):
    key = lib.Algorithm("aes128-gcm16", "refused")
    for cpu in (os.cpu_count(), 8191, 0xffffffff):
        lab.refused("sa-new", lib.sa_values(
            "sa", *ENDS, 0x100, TUNNEL, key, direction=OUT, cpu=cpu),
            f"there can be no CPU {cpu} here")
    expect_equal("SAs", lab.west.module.sas(), {})
    lab.add("zero", 0)
    lab.refused("policy-new", lib.policy_values(
        "in", IN, FAR, NEAR, trap=True, mode=TUNNEL, cpu_acquire=True),
        "only outbound policies")
    lab.refused("policy-new", lib.policy_values(
        "clear", OUT, NEAR, FAR, cpu_acquire=True) | {"action": NONE},
        "only outbound policies")
    lab.refused("policy-new", lib.policy_values(
        "net", OUT, NEAR, FAR, mode=TUNNEL, sa=["zero", "zero"]),
        "SA zero is given twice")
    lab.refused("policy-new", lib.policy_values(
        "net", OUT, NEAR, FAR, mode=TUNNEL, cpu_acquire=True)
        | {"action": IPSEC}, "lacks the policy's SA")
    expect_equal("policies", lab.west.module.policies(), {})
    with lab.west:
        cli.refused(1, "explain", "--source", NEAR, "--destination", FAR,
                    "--cpu", "8000", says=["there can be no CPU 8000"])
        cli.refused(2, "sa", "add", "--sa-name", "sa", "--sa-source", ENDS[0],
                    "--sa-destination", ENDS[1], "--sa-mode", "tunnel",
                    "--sa-spi", "0x100", "--cpu", "x", *key.our_options(),
                    says=["--cpu"])


POINTS = [("each CPU sends by its own SA", own_sa),
          ("a CPU without one takes the one for all", fallback),
          ("nothing but the SA of another CPU", nothing_else),
          ("SAs that end", expiry), ("two SAs of a CPU", second_of_cpu),
          ("by a device", by_device),
          ("a CPU asks for its SA, once", acquire),
          ("nobody is asked in vain", not_asked),
          ("asked again after a while", asked_again), ("a trap", trap),
          ("replaced by a batch", replaced), ("restored", restored),
          ("options and lists", lists),
          ("explained as it is sent", explained),
          ("as many as there may be", most), ("refusals", refusals)]


def main():
    report = lib.Report(len(POINTS))
    lab = Lab()
    for name, function in POINTS:
        with report.point(f"percpu: {name}"):
            try:
                function(lab)
            finally:
                lab.clean()
    report.finish()


if __name__ == "__main__":
    main()
