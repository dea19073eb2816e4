# SPDX-License-Identifier: GPL-2.0-or-later
"""The paths that are compared: two hosts with one wire, and what protects the
traffic between them.

    10.1.0.1 +------+ 192.0.2.1      192.0.2.2 +------+ 10.2.0.1
             | west +---------- wire ----------+ east |
             +------+                          +------+

Owns how each path is set up: with the means of a user, fresh namespaces each time,
both ends alike, the same wire for all of them.
"""

import contextlib
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]
                       / "selftests/espvif"))

import lib  # noqa: E402 pylint: disable=C0413

INNER = {"west": "10.1.0.1", "east": "10.2.0.1"}
OUTER = {"west": "192.0.2.1", "east": "192.0.2.2"}
PEER = {"west": "east", "east": "west"}
SPI = {"west": 0x1001, "east": 0x1002}
# What fits into one IPv4 packet of 1500 bytes with AES-GCM or ChaCha20-Poly1305
TUNNEL_MTU = 1446
NAT_PORT = 4500
WIREGUARD_PORT = 51820
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
GCM, CHACHA = "aes128-gcm16", "chacha20-poly1305"
UDP = 2
# Of the policy that is used: what espvif takes if nobody says anything
PRIORITY = 1000
# The widest replay window that XFRM has without extended sequence numbers
LEGACY_WINDOW = 32


ETH_P_ALL, ETH_P_IP = 3, 0x800
# What echoes look like to the wire: protocol, and port of UDP
ON_WIRE = {"plain": (socket.IPPROTO_ICMP, None),
           "xfrm": (socket.IPPROTO_ESP, None),
           "xfrmi": (socket.IPPROTO_ESP, None),
           "wireguard": (socket.IPPROTO_UDP, WIREGUARD_PORT),
           "espvif": (socket.IPPROTO_ESP, None)}


def looks(frame):
    """(protocol, port of UDP) of a frame with IPv4, else nothing."""
    if int.from_bytes(frame[12:14], "big") != ETH_P_IP:
        return None
    protocol = frame[14 + 9]
    port = int.from_bytes(frame[14 + 22:14 + 24], "big") \
        if protocol == socket.IPPROTO_UDP else None
    return protocol, port


class Hosts:
    """Both hosts with their wire, until the end of `with`."""

    def __init__(self, window=LEGACY_WINDOW):
        self.window = window
        self.ends = {}
        self.closing = contextlib.ExitStack()

    def __enter__(self):
        for name in INNER:
            self.ends[name] = lib.Namespace(name, module=False)
            self.closing.callback(self.ends[name].delete)
        lib.join(*self.ends.values())
        for name, end in self.ends.items():
            end.add_addresses("wire", f"{OUTER[name]}/24")
            end.add_addresses("lo", f"{INNER[name]}/32")
        return self

    def __exit__(self, *_):
        self.closing.close()

    def each(self):
        """(name, name of the other, namespace)"""
        return [(name, PEER[name], end) for name, end in self.ends.items()]

    def expect_on_wire(self, path, traffic):
        """The east's answers look to the wire as the path's packets do. (What comes
        in may be seen there twice, as it is once more when it is decrypted.)
        """
        with self.ends["east"]:
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(ETH_P_ALL))
        with tap:
            tap.bind(("wire", ETH_P_ALL))
            traffic.echoes(1)
            tap.setblocking(False)
            seen = set()
            with contextlib.suppress(BlockingIOError):
                while True:
                    frame, address = tap.recvfrom(2048)
                    if address[2] == socket.PACKET_OUTGOING:
                        seen.add(looks(frame))
        seen.discard(None)
        lib.expect_equal(f"on the wire of {path}", seen,
                         {ON_WIRE[path.partition("-")[0]] if "natt" not in path
                          else (socket.IPPROTO_UDP, NAT_PORT)})

    def route_by_wire(self):
        for name, peer, end in self.each():
            end.ip_batch(f"route add {INNER[peer]} via {OUTER[peer]} "
                         f"src {INNER[name]}")

    def route_by(self, device, mtu=None):
        for name, peer, end in self.each():
            end.ip_batch(f"link set {device} up" + (f" mtu {mtu}" if mtu else ""),
                         f"route add {INNER[peer]} dev {device} "
                         f"src {INNER[name]}")

    def hold_nat_port(self):
        """As IKE daemons do, on both."""
        for _, _, end in self.each():
            with end:
                holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            holder.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP,
                              UDP_ENCAP_ESPINUDP)
            holder.bind(("", NAT_PORT))
            self.closing.callback(holder.close)


def load_ciphers():
    """As udev does on machines whose processor has the instructions. The kernel
    tests ciphers before it lets them be used; where idle time passes at once, it
    may first have waited in vain.
    """
    lib.run("modprobe", "-a", "aesni_intel", "ghash_clmulni_intel",
            "chacha_x86_64", "poly1305_x86_64", "seqiv", "esp4", "esp4_offload")
    host = lib.Namespace("ciphers", module=False)
    for cipher, driver in ((GCM, "aesni"), (CHACHA, "rfc7539esp")):
        lib.wait_for(lambda name=cipher: is_usable(host, name),
                     f"{cipher} can be used", 3600)
        lib.expect(driver in drivers(lib.Algorithm(cipher).xfrm_words().split()[1]),
                   f"{cipher} is not that of {driver}")
    host.delete()


def is_usable(host, cipher):
    try:
        host.ip_batch("xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 "
                      f"mode tunnel {lib.Algorithm(cipher).xfrm_words()}",
                      "xfrm state flush")
    except lib.Failed:
        return False
    return True


def drivers(name):
    """Names of what the kernel has for an algorithm, one text."""
    found = []
    for entry in pathlib.Path("/proc/crypto").read_text(
            encoding="ascii").split("\n\n"):
        fields = {key.strip(): value.strip() for key, _, value
                  in (line.partition(":") for line in entry.splitlines())}
        if fields.get("name") == name:
            found.append(fields["driver"])
    return " ".join(found)


# ----- XFRM ------------------------------------------------------------------

def xfrm_sas(hosts, words=""):
    replay = f"replay-window {hosts.window}"
    if hosts.window > LEGACY_WINDOW:
        replay += " flag esn"
    for name, peer, end in hosts.each():
        lines = []
        for one, other in ((name, peer), (peer, name)):
            aead = lib.Algorithm(GCM, SPI[one]).xfrm_words()
            lines.append(f"xfrm state add src {OUTER[one]} dst {OUTER[other]} "
                         f"proto esp spi {SPI[one]} reqid 1 mode tunnel "
                         f"{aead} {replay} {words}")
        end.ip_batch(*lines)


def xfrm_policies(hosts, words=""):
    for name, peer, end in hosts.each():
        end.ip_batch(*(
            f"xfrm policy add src {INNER[one]} dst {INNER[other]} dir {way} "
            f"priority {PRIORITY} {words} tmpl src {OUTER[one]} dst {OUTER[other]} proto esp "
            "reqid 1 mode tunnel"
            for way, one, other in (("out", name, peer), ("in", peer, name),
                                    ("fwd", peer, name))))


def plain(hosts):
    hosts.route_by_wire()


def xfrm(hosts):
    hosts.route_by_wire()
    xfrm_sas(hosts)
    xfrm_policies(hosts)


def xfrmi(hosts):
    for _, _, end in hosts.each():
        end.ip_batch("link add ipsec0 type xfrm dev wire if_id 7")
    hosts.route_by("ipsec0", TUNNEL_MTU)
    xfrm_sas(hosts, "if_id 7")
    xfrm_policies(hosts, "if_id 7")


def xfrm_natt(hosts):
    hosts.route_by_wire()
    hosts.hold_nat_port()
    xfrm_sas(hosts, f"encap espinudp {NAT_PORT} {NAT_PORT} 0.0.0.0")
    xfrm_policies(hosts)


# ----- WireGuard -----------------------------------------------------------------

def wireguard(hosts):
    private = {name: lib.run("wg", "genkey").strip() for name in INNER}
    public = {name: lib.run("wg", "pubkey", input=key).strip()
              for name, key in private.items()}
    for name, peer, end in hosts.each():
        end.ip_batch("link add wg0 type wireguard")
        with end:
            lib.run("wg", "set", "wg0", "listen-port", WIREGUARD_PORT,
                    "private-key", "/dev/stdin", "peer", public[peer],
                    "endpoint", f"{OUTER[peer]}:{WIREGUARD_PORT}",
                    "allowed-ips", f"{INNER[peer]}/32", input=private[name])
    hosts.route_by("wg0")


# ----- espvif -----------------------------------------------------------------

def espvif_pairs(hosts, cipher, device=None, **more):
    """SAs and policies of both hosts, bound to a device if there is one."""
    lib.load_module()
    for name, peer, end in hosts.each():
        module = lib.Module(end)
        for one, other, way in ((name, peer, lib.OUT), (peer, name, lib.IN)):
            module.add_sa(one, OUTER[one], OUTER[other], SPI[one], lib.TUNNEL,
                          lib.Algorithm(cipher, SPI[one]), direction=way,
                          ifname=device, esn=hosts.window > LEGACY_WINDOW,
                          replay_window=hosts.window if way == lib.IN else None,
                          **more)
            module.add_policy(one, way, INNER[one], INNER[other],
                              mode=lib.TUNNEL, sa=one, ifname=device)


def espvif_policy(hosts, cipher=GCM, **more):
    hosts.route_by_wire()
    espvif_pairs(hosts, cipher, **more)


def espvif_device(hosts):
    lib.load_module()
    for _, _, end in hosts.each():
        end.ip_batch("link add ipsec0 type espvif")
    espvif_pairs(hosts, GCM, "ipsec0")
    hosts.route_by("ipsec0")


def espvif_natt(hosts):
    hosts.hold_nat_port()
    espvif_policy(hosts, encap=UDP, encap_sport=NAT_PORT, encap_dport=NAT_PORT)


def espvif_chacha(hosts):
    espvif_policy(hosts, CHACHA)


# ----- many policies ------------------------------------------------------------

def other_selector(number, near):
    """Source, destination and protocol of a policy that is about others: as hosts
    have them, of several kinds.
    """
    kind, number = number % 4, number // 4
    if kind == 0:
        return f"{near}/32", f"{address_of(0x14000000 + number)}/32", None
    if kind == 1:
        return "10.1.0.0/16", f"{address_of(0x15000000 + (number << 8))}/24", None
    if kind == 2:
        return "0.0.0.0/0", f"{address_of(0x17000000 + (number << 4))}/28", None
    return f"{near}/32", f"{address_of(0x18000000 + number)}/32", "udp"


def address_of(number):
    return socket.inet_ntoa(number.to_bytes(4, "big"))


def other_policies(name, first, last):
    """(number, direction, source, destination, protocol, SA) of each. They are
    looked at before the one that is used.
    """
    for number in range(first, last):
        near, far, protocol = other_selector(number, INNER[name])
        yield number, "out", near, far, protocol, name
        yield number, "in", far, near, protocol, PEER[name]


def add_policies(hosts, path, there, count):
    """Until there are so many in each direction."""
    for name, peer, end in hosts.each():
        policies = other_policies(name, there, count)
        if path == "xfrm":
            ends = {"out": (OUTER[name], OUTER[peer]),
                    "in": (OUTER[peer], OUTER[name])}
            end.ip_batch(*(
                f"xfrm policy add src {source} dst {destination} "
                f"{f'proto {protocol}' if protocol else ''} dir {way} "
                f"priority {PRIORITY - 1} tmpl src {ends[way][0]} "
                f"dst {ends[way][1]} proto esp reqid 1 mode tunnel"
                for _, way, source, destination, protocol, _ in policies))
            continue
        with end:
            lib.run("ipsec", "batch", "-", input="".join(
                f"sp add --sp-name {way}-{number} --flow-direction {way} "
                f"--sp-source {source} --sp-destination {destination} "
                f"--upper-layer-protocol {protocol or 'any'} --action ipsec "
                f"--sp-mode tunnel --sa-name {sa} --priority {PRIORITY - 1}\n"
                for number, way, source, destination, protocol, sa in policies))


# Those of espvif come last: its module is loaded with the first of them, and costs
# the others nothing.
PATHS = {"plain": plain, "xfrm": xfrm, "xfrmi": xfrmi, "xfrm-natt": xfrm_natt,
         "wireguard": wireguard, "espvif-policy": espvif_policy,
         "espvif-device": espvif_device, "espvif-natt": espvif_natt,
         "espvif-chacha": espvif_chacha}
