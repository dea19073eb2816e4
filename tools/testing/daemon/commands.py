#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two daemons of ours do as users and programs tell them: 'ipsec auto', 'whack' and
what shows connections, in the words of Libreswan.

The hosts are those of tunnel.py.  Statuses are Libreswan's: 20 for what is loaded
already, 21 for what is not.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import time

from daemons import CLEAR, Pair
from lib import DEADLINE, expect, expect_equal, run_points, wait_for

CONN = """conn {name}
	left=192.0.2.1
	right=192.0.2.2
	leftid=@west
	rightid=@east
	authby=secret
	leftsubnet=10.1.0.0/24
	rightsubnet=10.2.0.0/24
	{more}
"""

# Longer than any key that the kernel would take
SECRETS = f'@west @east : PSK "{"what both of them know, " * 100}"\n'

KEYED = """config setup
	ipsecdir={store}
conn keyed
	left=192.0.2.1
	right=192.0.2.2
	leftid=@west
	rightid=@east
	authby=ecdsa
	leftcert=west
	rightecdsakey={key}
	auto=add
""" + CLEAR

# What 'openssl ca' needs for a revocation list
AUTHORITY = """[ca]
default_ca = west
[west]
database = {store}/index
default_md = sha256
default_crl_days = 30
"""
# As many connections as nobody waits for; figures in Documentation are of 1000
MANY = int(os.environ.get("ESPVIF_CONNECTIONS", "200"))


class Answer:
    """What a command says, and how it ends."""

    def __init__(self, daemon, *words, text=None):
        where = ("--ctlsocket", daemon.directory / "run" / "pluto.ctl")
        with daemon.host:
            done = subprocess.run(
                ["ipsec", *words, *where], check=False, text=True,
                input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                timeout=DEADLINE)
        self.words, self.status = words, done.returncode
        self.text, self.errors = done.stdout, done.stderr

    def __str__(self):
        return f"ipsec {' '.join(map(str, self.words))}: status " \
               f"{self.status}\n{self.text}{self.errors}"


def ask(daemon, *words, status=0, says="", text=None):
    """Has a daemon do something, which must end so and say this."""
    answer = Answer(daemon, *words, text=text)
    expect(answer.status == status, f"not {status}: {answer}")
    expect(says in answer.text + answer.errors, f"not '{says}': {answer}")
    return answer


def begin(pair, west="", east="", secrets=SECRETS):
    """Both daemons, new; neither does anything by itself."""
    launch(pair, CONN.format(name="west-east", more=west),
           CONN.format(name="west-east", more=f"{east}\n\tauto=add"), secrets)


def launch(pair, west, east, secrets=SECRETS):
    """Both daemons, new, with these configurations."""
    pair.stop()
    pair.west.configure(west, SECRETS)
    pair.east.configure(east, secrets)
    for daemon in (pair.east, pair.west):
        daemon.start()
        wait_for(lambda daemon=daemon: Answer(daemon, "auto", "--ready")
                 .status == 0, "the control socket")


def life_of_a_connection(pair):
    begin(pair)
    ask(pair.west, "auto", "--up", "west-east", status=21,
        says='"west-east"')
    ask(pair.west, "auto", "--add", "west-east", says='"west-east"')
    ask(pair.west, "auto", "--add", "west-east", status=20)
    answer = ask(pair.west, "auto", "--up", "west-east")
    expect(re.search(r'^\d{3} "west-east" #\d+: ', answer.text, re.M),
           f"no progress: {answer}")
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")
    ask(pair.west, "auto", "--up", "west-east", says="is up already")
    ask(pair.west, "down", "west-east", says="terminating SAs")
    wait_for(lambda: not pair.east.sas(), "east's SAs go")
    ask(pair.west, "down", "west-east", says="is not up")
    ask(pair.west, "delete", "west-east")
    ask(pair.west, "delete", "west-east", status=21, says='"west-east"')


def two_share(pair):
    """Two connections of the same hosts have one IKE SA, and one goes alone."""
    first = CONN.format(name="west-east", more="auto=add")
    second = CONN.format(name="second", more="auto=add") \
        .replace("10.1.0.0", "10.1.1.0").replace("10.2.0.0", "10.2.1.0")
    launch(pair, first + second, first + second)

    def shown():
        """The numbers of all IKE SAs, and the connections of child SAs."""
        lists = json.loads(ask(pair.west, "auto", "--status", "--json").text)
        return ([sa["serial"] for sa in lists["ike-sa"] if sa["established"]],
                sorted(sa["connection"] for sa in lists["child-sa"]))

    ask(pair.west, "up", "west-east")
    ask(pair.west, "up", "second", says='"second"')
    pair.has_sas(4)
    before, children = shown()
    expect_equal("IKE SAs", len(before), 1)
    for name in ("west-east", "second"):
        ask(pair.west, "connectionstatus", name,
            says=f'000 "{name}":   newest IKE SA: #{before[0]};')
    expect_equal("child SAs", children, ["second", "west-east"])
    # it is of the other one, and serves this one as well
    ask(pair.west, "whack", "--rekey-ike", "--name", "second")
    wait_for(lambda: len(shown()[0]) == 1 and shown()[0] != before,
             "another IKE SA")
    ask(pair.west, "down", "west-east")
    pair.has_sas(2)
    pair.ping("10.1.1.1", "10.2.1.1")
    expect_equal("what is left", shown()[1], ["second"])
    # west, where somebody has brought it up, soon brings it up again
    left = {sa["spi"] for sa in pair.west.sas()}
    ask(pair.east, "down", "second")
    wait_for(lambda: not left & {sa["spi"] for sa in pair.west.sas()},
             "west's SAs go")


def one_of_several(pair):
    """Child SAs go up and down one by one, by the names that status has of them."""
    text = CONN.format(name="nets", more="auto=add") \
        .replace("leftsubnet=10.1.0.0/24", "leftsubnets={10.1.0.0/24,10.1.1.0/24}")
    launch(pair, text, text)
    ask(pair.west, "up", "nets/2x0", says='"nets" #')
    pair.has_sas(2)
    pair.ping("10.1.1.1", "10.2.0.1")
    ask(pair.west, "trafficstatus", "nets/2x0", says='"nets/2x0", type=ESP')
    expect_equal("what it shows of the other",
                 ask(pair.west, "trafficstatus", "nets/1x0").text, "")
    ask(pair.west, "connectionstatus", "nets/1x0",
        says='"nets/1x0": 10.1.0.0/24===')
    before = {sa["spi"] for sa in pair.west.sas()}
    ask(pair.west, "whack", "--rekey-ipsec", "--name", "nets/2x0")
    wait_for(lambda: not before & {sa["spi"] for sa in pair.west.sas()},
             "its keys are renewed")
    ask(pair.west, "up", "nets")
    pair.has_sas(4)
    ask(pair.west, "down", "nets/2x0")
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")
    for verb in ("delete", "route", "unroute"):
        ask(pair.west, verb, "nets/1x0", status=21, says='part of connection "nets"')
    ask(pair.west, "up", "nets/3x0", status=21)
    # with the last one the IKE SA goes, too
    ask(pair.west, "down", "nets/1x0")
    text = ask(pair.west, "briefstatus").text
    expect("ESTABLISHED_IKE_SA" not in text, f"there is an IKE SA:\n{text}")
    pair.has_sas(0)


def is_shown(pair):
    begin(pair)
    ask(pair.west, "add", "west-east")
    ask(pair.west, "connectionstatus", "west-east",
        says='000 "west-east": 10.1.0.0/24===192.0.2.1[@west]...'
        "192.0.2.2[@east]===10.2.0.0/24; unrouted; eroute owner: #0\n")
    ask(pair.west, "up", "west-east")
    pair.ping("10.1.0.1", "10.2.0.1")
    answer = ask(pair.west, "trafficstatus")
    found = re.fullmatch(r'006 #(\d+): "west-east", type=ESP, '
                         r"add_time=\d{9,}, inBytes=(\d+), outBytes=(\d+), "
                         r"maxBytes=2\^63B, id='@east'\n", answer.text)
    expect(found and int(found[2]) >= 84 and int(found[3]) >= 84,
           f"{answer}")
    times = {re.search(r"add_time=\d+", ask(pair.west, "trafficstatus").text)[0]
             for _ in range(15)}
    expect_equal("times at which it was made", len(times), 1)
    text = ask(pair.west, "status").text
    for words in (f"; erouted; eroute owner: #{found[1]}\n",
                  "Total IPsec connections: loaded 1, active 1\n",
                  f'#{found[1]}: "west-east":500 STATE_V2_ESTABLISHED_CHILD_SA'):
        expect(words in text, f"not '{words}':\n{text}")
    shown = json.loads(ask(pair.west, "auto", "--status", "--json").text)
    expect_equal("names", [one["name"] for one in shown["connection"]],
                 ["west-east"])
    expect_equal("number", str(shown["child-sa"][0]["serial"]), found[1])


def from_standard_input(pair):
    """As NetworkManager does it: without a newline at the end."""
    begin(pair)
    text = CONN.format(name="b9b5b6c2-uuid", more="").rstrip()
    ask(pair.west, "auto", "--replace", "--config", "-", "b9b5b6c2-uuid",
        text=text)
    ask(pair.west, "auto", "--up", "b9b5b6c2-uuid")
    pair.ping("10.1.0.1", "10.2.0.1")
    ask(pair.west, "auto", "--delete", "b9b5b6c2-uuid")
    wait_for(lambda: not pair.east.sas(), "east's SAs go")


def not_done_but_told(pair):
    begin(pair)
    for words, status in ((("--add",), 0), (("--delete",), 21),
                          (("--up",), 21)):
        ask(pair.west, "auto", "--showonly", *words, "west-east",
            status=status, says="--ctlsocket")
    ask(pair.west, "auto", "--showonly", "--add", "nobody", status=21,
        says="nobody")
    expect('"west-east"' not in ask(pair.west, "status").text,
           "it was added")
    ask(pair.west, "auto", "--add", "west-east")
    ask(pair.west, "auto", "--showonly", "--add", "west-east", status=20)


def reasons(pair):
    """Why a connection does not come up is told to who asked for it."""
    begin(pair, west="ike=aes256-sha2_512-dh20", east="ike=aes128-sha2_256-dh19")
    ask(pair.west, "add", "west-east")
    answer = Answer(pair.west, "up", "west-east")
    expect(answer.status == 33 and
           re.search("NO_PROPOSAL_CHOSEN.*AES_CBC_256", answer.text), f"{answer}")
    # the other side has seen both proposals
    expect(re.search("NO_PROPOSAL_CHOSEN.*AES_CBC", pair.east.said()),
           pair.east.said())
    begin(pair, secrets=SECRETS.replace("both", "none"))
    ask(pair.west, "add", "west-east")
    answer = Answer(pair.west, "up", "west-east")
    expect(answer.status == 33 and
           re.search("AUTHENTICATION_FAILED.*@west", answer.text), f"{answer}")
    expect("@west" in re.search("AUTHENTICATION_FAILED.*",
                                pair.east.said())[0], pair.east.said())


def nobody_waits(pair):
    """The other side is not there, and an answer is."""
    begin(pair)
    pair.east.stop()
    ask(pair.west, "add", "west-east")
    ask(pair.west, "auto", "--asynchronous", "--up", "west-east")
    # east itself says so, by ICMP
    line = r'"west-east" #\d+: a packet to 192\.0\.2\.2 port 500 did not ' \
        r"arrive, says 192\.0\.2\.2: .* \(errno 111, ICMP type 3 code 3\)"
    wait_for(lambda: re.search(line, pair.west.said()), "the ICMP error")
    ask(pair.west, "down", "west-east")


def fill_store(daemon):
    """Authority, revocation list and certificate; the public half of a key."""
    store, run = daemon.directory / "store", daemon.host.run
    run("ipsec", "initnss", "--nssdir", str(store))
    run("ipsec", "newhostkey", "--nssdir", str(store), "--keytype", "ecdsa")
    make = ("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256")
    run(*make, "-subj", "/CN=authority", "-keyout", f"{store}/key", "-out",
        f"{store}/cacerts/authority.pem")
    run(*make, "-subj", "/CN=west", "-addext",
        "basicConstraints=critical,CA:FALSE", "-keyout", f"{store}/west.key",
        "-out", f"{store}/certs/west.pem", "-set_serial", "0x1234")
    (store / "index").write_text("", encoding="ascii")
    (store / "ca.conf").write_text(AUTHORITY.format(store=store),
                                   encoding="ascii")
    run("openssl", "ca", "-gencrl", "-config", f"{store}/ca.conf", "-keyfile",
        f"{store}/key", "-cert", f"{store}/cacerts/authority.pem", "-out",
        f"{store}/crls/authority.pem")
    shown = run("ipsec", "showhostkey", "--nssdir", str(store), "--right",
                "--ckaid", re.search(r"ckaid: ([0-9a-f]+)", run(
                    "ipsec", "showhostkey", "--nssdir", str(store),
                    "--list"))[1])
    return re.search(r"right\w+key=(\S+)", shown)[1]


def lists(pair):
    """Keys, certificates, secrets, policies: what there is, and nothing secret."""
    pair.stop()
    key = fill_store(pair.west)
    pair.west.configure(KEYED.format(store=pair.west.directory / "store",
                                     key=key), SECRETS)
    pair.west.start()
    wait_for(lambda: Answer(pair.west, "auto", "--ready").status == 0,
             "the control socket")
    text = ask(pair.west, "auto", "--listall").text
    for words in (r"000 List of Public Keys:",
                  r"\d\d \d\d:\d\d:\d\d UTC \d{4},  256 ECDSA Key \S{9} "
                  r"\(no private key\), until .* UTC \d{4} ok",
                  r"000        ID_FQDN '@east'",
                  r"000        Issuer 'CN=west'",
                  r"000 List of Pre-shared secrets \(from .*/ipsec.secrets\)",
                  r"000     1: PSK @west @east",
                  r'000 End certificate "west" - SN: 0x1234',
                  r"000   subject: CN=west",
                  r'000 Root CA certificate "CN=authority" - SN: 0x',
                  r"000 List of CRLs:", r"000 revoked certs: 0"):
        expect(re.search(words, text), f"not '{words}':\n{text}")
    expect("what both" not in text, "a secret is shown")
    ask(pair.west, "whack", "--checkpubkeys", says="")
    for option, words in (("--listcerts", "CN=west"),
                          ("--listcacerts", "CN=authority"),
                          ("--listcrls", "CN=authority"),
                          ("--listpsks", "@east")):
        text = ask(pair.west, "whack", option, says=words).text
        expect_equal(f"lists of {option}", text.count("000 List of "), 1)
    shown = json.loads(ask(pair.west, "auto", "--listall", "--json").text)
    expect_equal("types", [one["type"] for one in shown["public-key"]],
                 ["ECDSA", "ECDSA"])
    ask(pair.west, "shuntstatus",
        says="000 10.1.7.0/24:0 -0-> 10.2.7.0/24:0 => %pass    clear\n")
    ask(pair.west, "status", says="000 interface wire UDP 192.0.2.1:500\n")
    (pair.west.directory / "store" / "crls" / "authority.pem").unlink()
    ask(pair.west, "auto", "--rereadcrls")
    expect_equal("after it is gone",
                 ask(pair.west, "auto", "--listcrls").text, "")


def first_packet(pair):
    begin(pair)
    ask(pair.west, "ondemand", "west-east")
    ask(pair.west, "status", says="; prospective erouted; ")
    expect_equal("SAs", pair.west.sas(), [])
    pair.ping("10.1.0.1", "10.2.0.1")
    ask(pair.west, "unroute", "west-east")


def request(daemon, **members):
    """What 'ipsec' asks, without starting a program; the exit status."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(DEADLINE)
        connection.connect(str(daemon.directory / "run" / "pluto.ctl"))
        connection.sendall(json.dumps(members).encode() + b"\n")
        with connection.makefile() as answer:
            for line in answer:
                if "exit" in json.loads(line):
                    return json.loads(line)["exit"]
    return None


def reads(daemon):
    """How often it has read a file of connections."""
    text = ask(daemon, "whack", "--globalstatus").text
    return int(re.search(r"configurations_read=(\d+)", text)[1])


def many(auto):
    """Names of many connections, and a configuration of them."""
    names = [f"many-{number}" for number in range(MANY)]
    return names, "".join(
        CONN.format(name=name, more=f"auto={auto}").replace(
            "10.2.0.0/24", f"10.{100 + number // 250}.{number % 250}.0/24")
        for number, name in enumerate(names))


def one_by_one(pair):
    """Many connections of one file, which is read once for all of them."""
    begin(pair)
    names, text = many("ignore")
    pair.west.configure(text, SECRETS)
    # what was written this second may be written again without being seen
    written = (pair.west.directory / "ipsec.conf").stat().st_mtime
    wait_for(lambda: time.time() > written + 3, "the file is not new any more")
    before, begun = reads(pair.west), time.monotonic()
    for name in names:
        expect_equal(f"status of {name}",
                     request(pair.west, operation="add", name=name), 0)
    print(f"# {MANY} connections were added in "
          f"{time.monotonic() - begun:.1f} s")
    expect_equal("times the file was read", reads(pair.west) - before, 1)
    ask(pair.west, "status", says=f"loaded {MANY}, active 0\n")
    for name in names:
        request(pair.west, operation="delete", name=name)
    ask(pair.west, "status", says="loaded 0, active 0\n")


def at_start(pair):
    pair.stop()
    pair.west.configure(many("add")[1], SECRETS)
    begun = time.monotonic()
    pair.west.start()
    wait_for(lambda: Answer(pair.west, "auto", "--ready").status == 0,
             "the control socket")
    ask(pair.west, "status", says=f"loaded {MANY}, active 0\n")
    memory = max(map(int, pair.west.host.run(
        "ps", "--ppid", str(pair.west.process.pid), "-o", "rss=").split()))
    print(f"# {MANY} connections were loaded at start, and shown, in "
          f"{time.monotonic() - begun:.1f} s; the engine has {memory} KiB")


def the_end(pair):
    begin(pair)
    ask(pair.west, "add", "west-east")
    ask(pair.west, "up", "west-east")
    ask(pair.west, "whack", "--shutdown")
    # when that is told, the module has nothing of it any more
    expect_equal("SAs", pair.west.sas(), [])
    ask(pair.west, "auto", "--status", status=1, says="Pluto is not running")
    pair.west.start()
    wait_for(lambda: Answer(pair.west, "auto", "--ready").status == 0,
             "it runs again")


def as_a_service(pair):
    """Where systemd is not: the daemon in the background, from its usual files."""
    pair.stop()
    pathlib.Path("/etc/ipsec.conf").write_text(
        CONN.format(name="usual", more="auto=add"), encoding="ascii")

    def ipsec(*words, status=0, says=""):
        with pair.west.host:
            done = subprocess.run(["ipsec", *words], check=False, text=True,
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT,
                                  timeout=DEADLINE)
        expect(done.returncode == status and says in done.stdout,
               f"ipsec {' '.join(words)}: {done.returncode}\n{done.stdout}")

    ipsec("auto", "--status", status=1)
    ipsec("start")
    ipsec("auto", "--status", says='"usual"')
    ipsec("start", says="running already")
    ipsec("restart")
    ipsec("reload")
    ipsec("auto", "--status", says='"usual"')
    ipsec("stop")
    ipsec("stop", says="not running")
    ipsec("--status", says="Module")


run_points([
    ("add, up, down, delete", life_of_a_connection),
    ("two connections share an IKE SA", two_share),
    ("one child SA of several", one_of_several),
    ("status and trafficstatus", is_shown),
    ("a configuration on standard input", from_standard_input),
    ("--showonly does nothing, and ends as it would", not_done_but_told),
    ("a connection that does not come up: why", reasons),
    ("--asynchronous, and an ICMP error", nobody_waits),
    ("keys, certificates, secrets and shunts are listed", lists),
    ("ondemand, and the first packet", first_packet),
    (f"{MANY} connections, one by one", one_by_one),
    (f"{MANY} connections at start", at_start),
    ("whack --shutdown", the_end),
    ("start, restart, stop", as_a_service),
], Pair("west", "east"))
