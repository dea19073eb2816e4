#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that was booted with ipv6.disable=1 has no IPv6, but our module.

What its functions for IPv6 look at isn't there: the module must not ask them. For a
guest: vm/run --boot ipv6.disable=1 -- this.
"""

import pathlib
import socket
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent / "espvif"))

# pylint: disable=wrong-import-position
import cli  # noqa: E402
import lib  # noqa: E402
from hosts import Counting, Host, deliver, ip_packet, protect  # noqa: E402
from lib import DISCARD, IPSEC, OUT, TUNNEL, expect  # noqa: E402

ENDS, ENDS6 = ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")
UDP, ETH_P_IPV6 = 17, 0x86dd
REFUSAL = "this kernel does without IPv6"


def set_up():
    lib.join(LEFT, RIGHT)
    LEFT.address("wire", f"{ENDS[0]}/24")
    RIGHT.address("wire", f"{ENDS[1]}/24")


def no_sas():
    """Neither an SA nor a promised SPI; the sentence says why."""
    options = {"sa-name": "six", "sa-source": ENDS6[0],
               "sa-destination": ENDS6[1], "sa-mode": "tunnel",
               "sa-spi": "0x1000", "encryption-algorithm": "aes128-gcm16",
               "encryption-key": "0x" + "17" * 20}
    with LEFT:
        cli.refused(1, "sa", "add", *cli.words(options, {}), says=[REFUSAL])
    try:
        LEFT.module.call("spi-new", lib.SPI,
                         {"spi": 0x1000, "daddr": ENDS6[1]})
    except lib.Failed as refusal:
        expect(REFUSAL in str(refusal), str(refusal))
    else:
        raise lib.Failed("an SPI was promised")


def no_questions():
    with LEFT:
        cli.refused(1, "explain", "--source", ENDS6[0], "--destination",
                    ENDS6[1], says=[REFUSAL])


def as_ever():
    """Policies for IPv6 do no harm to what there is."""
    protect(LEFT, RIGHT, "pair", ENDS, 0x1000, TUNNEL)
    LEFT.module.add_policy("six", OUT, "::/0", "::/0", action=DISCARD)
    with LEFT.udp(ENDS[0]) as here, RIGHT.udp(ENDS[1]) as there:
        deliver(here, there)
        deliver(there, here)
    LEFT.module.flush()
    RIGHT.module.flush()


def sent(length):
    """A program sends a packet of IPv6 into a device all the same."""
    packet = ip_packet(*ENDS6, UDP, bytes(length))
    with LEFT.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as program:
        program.sendto(packet, ("ipsec0", ETH_P_IPV6, 0, 0, b""))


def no_errors():
    """It gets no error, as nobody could send it: nothing says what may pass, or
    it is too long."""
    LEFT.ip_batch("link add ipsec0 mtu 9000 type espvif", "link set ipsec0 up")
    counters = Counting(LEFT)
    sent(100)
    counters.wait(out_no_policy=1)
    LEFT.module.add_sa("out", *ENDS, 0x1000, TUNNEL,
                       lib.Algorithm("aes128-gcm16"), ifname="ipsec0",
                       direction=OUT)
    LEFT.module.add_policy("out", OUT, "::/0", "::/0", action=IPSEC,
                           mode=TUNNEL, sa="out", ifname="ipsec0")
    sent(100)
    counters.wait(out_packets=1)
    sent(4000)
    counters.wait(out_too_big=1)


if __name__ == "__main__":
    if pathlib.Path("/proc/sys/net/ipv6").exists():
        lib.skip_all("this kernel has IPv6")
    LEFT, RIGHT = Host("left"), Host("right")
    set_up()
    lib.run_points([
        ("no SAs for IPv6", no_sas),
        ("no questions about IPv6", no_questions),
        ("IPv4 is protected as ever", as_ever),
        ("no errors for packets of IPv6", no_errors),
    ])
