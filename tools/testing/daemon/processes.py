#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes of a daemon: who signs, who runs updown commands, what each has
given up, and what comes of it when one dies. The topology is that of tunnel.py.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess

from daemons import Pair
from lib import expect, expect_equal, run_points, wait_for

CONFIG = """config setup
	ipsecdir={directory}/store
conn west-east
	left=192.0.2.1
	right=192.0.2.2
	leftid=@west
	rightid=@east
	authby=rsasig
	leftrsasigkey={west}
	rightrsasigkey={east}
	leftsubnet=10.1.0.0/24
	rightsubnet=10.2.0.0/24
	leftupdown={directory}/script
	rightupdown=%disabled
	auto={auto}
conn brief
	also=west-east
	leftid=@brief-west
	rightid=@brief-east
	rightsubnet=10.2.1.0/24
	leftupdown={directory}/held
	rekey=no
	ipsec-max-packets=1
	auto=add
"""

SCRIPT = """#!/bin/sh
echo "$PLUTO_VERB $PLUTO_ME $PLUTO_PEER $PLUTO_PEER_CLIENT $PLUTO_PEER_ID" \\
	>>{directory}/told
echo "told $PLUTO_VERB"
"""

# One that takes its time
HELD = """#!/bin/sh
while [ -e {directory}/hold ]; do sleep 0.1; done
"""


def host_key(daemon):
    """Makes a key; the configuration's name of its public half."""
    store = daemon.directory / "store"
    run = daemon.host.run
    run("ipsec", "initnss", "--nssdir", str(store))
    run("ipsec", "newhostkey", "--nssdir", str(store), "--bits", "2048")
    said = run("ipsec", "showhostkey", "--nssdir", str(store), "--list")
    ckaid = re.search(r"ckaid: ([0-9a-f]{40})", said)
    expect(ckaid, f"showhostkey says {said}")
    shown = run("ipsec", "showhostkey", "--nssdir", str(store), "--left",
                "--ckaid", ckaid.group(1))
    return re.search(r"leftrsasigkey=(\S+)", shown).group(1)


def ports_are_taken(pair):
    """Another IKE daemon is running: ours says so rather than share its ports."""
    with pair.west.host, socket.socket(socket.AF_INET,
                                       socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("", 500))
        pair.west.configure("", "")
        said = pair.west.start_in_vain()
    expect("UDP port 500 is in use, maybe by another IKE daemon" in said, said)


def start(pair):
    """Both daemons, with a key each."""
    daemons = (pair.west, pair.east)
    keys = [host_key(daemon) for daemon in daemons]
    for daemon, auto in zip(daemons, ("start", "add")):
        daemon.configure(CONFIG.format(directory=daemon.directory, auto=auto,
                                       west=keys[0], east=keys[1]), "")
        for name, text in (("script", SCRIPT), ("held", HELD)):
            script = daemon.directory / name
            script.write_text(text.format(directory=daemon.directory),
                              encoding="ascii")
            script.chmod(0o755)
    pair.east.start()
    pair.west.start()


def signs(pair):
    """The keys process signs, and the tunnel comes up."""
    start(pair)
    pair.has_sas(2)
    pair.ping("10.1.0.1", "10.2.0.1")
    expect("private keys read: 1" in pair.west.said(), pair.west.said())


def told(daemon):
    path = daemon.directory / "told"
    return path.read_text(encoding="ascii").splitlines() \
        if path.exists() else []


def verbs(daemon):
    return [line.split()[0] for line in told(daemon)]


def runs_updown(pair):
    """West's commands are run in their order, and their output is logged."""
    expected = [f"{verb}-client 192.0.2.1 192.0.2.2 10.2.0.0/24 @east"
                for verb in ("prepare", "route", "up")]
    wait_for(lambda: len(told(pair.west)) >= 3, "three commands")
    expect_equal("what west was told", told(pair.west), expected)
    wait_for(lambda: "up-client output: told up-client" in pair.west.said(),
             "their output")
    expect_equal("what east was told", told(pair.east), [])


def auto(pair, *words):
    """A command to west's daemon"""
    return ("ipsec", "auto", *words, "--ctlsocket",
            str(pair.west.directory / "run" / "pluto.ctl"))


def up_waits(pair):
    """Who brings a connection up can use it: its updown commands have ended."""
    script = pair.west.directory / "script"
    text = script.read_text(encoding="ascii")
    script.write_text(text.replace("#!/bin/sh\n", "#!/bin/sh\nsleep 1\n"),
                      encoding="ascii")
    try:
        pair.west.host.run(*auto(pair, "--down", "west-east"))
        before = len(told(pair.west))
        pair.west.host.run(*auto(pair, "--up", "west-east"))
        expect("up-client" in "".join(told(pair.west)[before:]),
               f"west was told {told(pair.west)}")
    finally:
        script.write_text(text, encoding="ascii")


def up_is_told(pair):
    """What goes down while its updown commands run isn't waited for."""
    hold = pair.west.directory / "hold"
    hold.touch()
    with pair.west.host:
        # pylint: disable=consider-using-with
        up = subprocess.Popen(auto(pair, "--up", "brief"), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: pair.west.sends_to("10.2.1.0/24") or
                 up.poll() is not None, "the connection")
        expect(up.poll() is None, f"--up has ended:\n{pair.west.said()}")
        with pair.west.host:
            subprocess.run(["ping", "-c3", "-i.2", "-W1", "-I", "10.1.0.1",
                            "10.2.1.1"], stdout=subprocess.DEVNULL, check=False)
        wait_for(lambda: up.poll() is not None, "the end of --up")
        expect(up.returncode and "cannot be brought up" in up.stdout.read(),
               f"status {up.returncode}")
    finally:
        up.kill()
        up.wait()
        hold.unlink()
        pair.west.host.run(*auto(pair, "--delete", "brief"))


def children(daemon):
    """By what they are: the engine keeps capabilities, the keys process none."""
    found = {}
    done = subprocess.run(["pgrep", "-P", str(daemon.process.pid)],
                          stdout=subprocess.PIPE, text=True, check=False)
    for process in done.stdout.split():
        try:
            status = pathlib.Path(f"/proc/{process}/status").read_text(
                encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            # an updown command that has ended meanwhile
            continue
        fields = dict(line.split(":\t", 1) for line in status.splitlines()
                      if ":\t" in line)
        if fields["State"].startswith("Z") or fields["Name"] != "iked":
            continue
        name = "keys" if int(fields["CapPrm"], 16) == 0 else "engine"
        found[name] = int(process), fields
    return found


def gives_up(pair):
    """No process has more than it needs."""
    found = children(pair.west)
    expect_equal("processes", sorted(found), ["engine", "keys"])
    engine, keys = found["engine"][1], found["keys"][1]
    # CAP_NET_BIND_SERVICE and CAP_NET_ADMIN
    expect_equal("the engine's capabilities", int(engine["CapPrm"], 16),
                 0x1400)
    expect_equal("the engine's bounding set", int(engine["CapBnd"], 16), 0)
    expect(not keys["Uid"].startswith("0\t"), "the keys process is root")
    for fields in engine, keys:
        expect_equal("NoNewPrivs", fields["NoNewPrivs"], "1")
    expect_equal("the filter of the keys process", keys["Seccomp"], "2")
    hidden = f"/proc/{found['engine'][0]}/root{pair.west.directory}" \
        "/store/private"
    expect_equal("keys that the engine sees", os.listdir(hidden), [])
    seen = os.listdir(pair.west.directory / "store" / "private")
    expect_equal("keys that there are", len(seen), 1)


def is_locked(pair):
    """Memory with keys is neither swapped out, nor dumped, nor seen by others."""
    for process, fields in children(pair.west).values():
        expect(fields["VmLck"].split()[0] != "0", "no memory is locked")
        limits = pathlib.Path(f"/proc/{process}/limits").read_text(
            encoding="ascii")
        expect(re.search(r"^Max core file size +0 +0 ", limits, re.M), limits)
        # whoever is root as well, and no more
        done = subprocess.run(["setpriv", "--bounding-set", "-sys_ptrace",
                               "cat", f"/proc/{process}/environ"],
                              capture_output=True, check=False)
        expect(done.returncode, "its memory can be looked into")


def occurrences(process, what):
    """How often some bytes are in the memory of a process."""
    count = 0
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, \
            open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            area, rights = line.split()[:2]
            first, end = (int(word, 16) for word in area.split("-"))
            if rights.startswith("rw") and end - first < 1 << 28:
                memory.seek(first)
                count += memory.read(end - first).count(what)
    return count


def forgets(pair):
    """A secret that is no longer in the file is in no process either."""
    secret = "never to be seen again, " * 3
    path = pair.west.directory / "ipsec.secrets"
    engine = children(pair.west)["engine"][0]
    path.write_text(f'@west @nobody : PSK "{secret}"\n', encoding="ascii")
    pair.west.send(signal.SIGHUP)
    wait_for(lambda: occurrences(engine, secret.encode()), "the secret")
    path.write_text("", encoding="ascii")
    pair.west.send(signal.SIGHUP)
    wait_for(lambda: not occurrences(engine, secret.encode()),
             "the secret to be forgotten")
    for process in [pair.west.process.pid] + \
            [child[0] for child in children(pair.west).values()]:
        expect_equal("how often it is left",
                     occurrences(process, secret.encode()), 0)


def keys_die(pair):
    """Another keys process takes over, and signs."""
    # a file that was read again has let others take over before
    before = pair.west.said().count("private keys read: 1")
    os.kill(children(pair.west)["keys"][0], signal.SIGKILL)
    wait_for(lambda: pair.west.said().count("private keys read: 1") > before,
             "another keys process")
    expect("the keys process was ended by signal 9" in pair.west.said(),
           pair.west.said())


def engine_dies(pair):
    """Another engine cleans up and brings the tunnel up again."""
    engine = children(pair.west)["engine"][0]
    before = {sa["spi"] for sa in pair.west.sas()}
    ups = verbs(pair.west).count("up-client")
    os.kill(engine, signal.SIGKILL)
    wait_for(lambda: pair.west.sas() and not before &
             {sa["spi"] for sa in pair.west.sas()}, "other SAs",)
    pair.ping("10.1.0.1", "10.2.0.1")
    expect("the engine process was ended by signal 9" in pair.west.said(),
           pair.west.said())
    # packets don't wait for updown commands, what comes next does
    wait_for(lambda: verbs(pair.west).count("up-client") == ups + 1,
             "the updown commands")


def ends(pair):
    """What was told of its coming is told of its going."""
    (pair.west.directory / "told").unlink()
    pair.west.stop()
    expect_equal("what west was told", verbs(pair.west),
                 ["down-client", "unroute-client"])
    expect(not (pair.west.directory / "run" / "pluto.pid").exists(),
           "the process number is left")


run_points([
    ("the ports are taken", ports_are_taken),
    ("a tunnel with raw RSA keys", signs),
    ("updown commands", runs_updown),
    ("up waits for updown commands", up_waits),
    ("what goes down while updown runs", up_is_told),
    ("what the processes have given up", gives_up),
    ("memory is kept off the disk", is_locked),
    ("secrets are forgotten", forgets),
    ("the keys process is killed", keys_die),
    ("the engine is killed", engine_dies),
    ("SIGTERM", ends),
], Pair("west", "east"))
