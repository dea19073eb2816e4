#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands on the wire: ESP that tshark, with the same keys, can read.

    +---- west ----+                              +---- east ----+
    | espvif  wire +--- 192.0.2.1 ESP 192.0.2.2 --+ wire  espvif |
    +--------------+  2001:db8::1     2001:db8::2 +--------------+
               tcpdump

For each algorithm that tshark knows, west sends a sentence by UDP to a port of
its own, in transport mode and in a tunnel. The sentence must arrive, must not
be seen in the capture – but for null encryption, which shows that we would have
seen it –, and tshark must find it there, with a good ICV; with other keys it
must find no good one.
"""

import os
import socket
import subprocess
import tempfile

import lib
from lib import IN, OUT, TRANSPORT, TUNNEL

TSHARK_ENCRYPTIONS = {
    "null": "NULL", "3des-cbc": "TripleDES-CBC [RFC2451]",
    "cbc": "AES-CBC [RFC3602]", "ctr": "AES-CTR [RFC3686]",
    "gcm8": "AES-GCM with 8 octet ICV [RFC4106]",
    "gcm12": "AES-GCM with 12 octet ICV [RFC4106]",
    "gcm16": "AES-GCM with 16 octet ICV [RFC4106]",
}
TSHARK_INTEGRITIES = {
    "": "NULL", "hmac-sha1": "HMAC-SHA-1-96 [RFC2404]",
    "hmac-sha2-256": "HMAC-SHA-256-128 [RFC4868]",
    "hmac-sha2-384": "HMAC-SHA-384-192 [RFC4868]",
    "hmac-sha2-512": "HMAC-SHA-512-256 [RFC4868]",
}
NAMES = (
    "null/hmac-sha2-256", "3des-cbc/hmac-sha1", "aes128-cbc/hmac-sha1",
    "aes192-cbc/hmac-sha2-256", "aes256-cbc/hmac-sha2-384",
    "aes128-ctr/hmac-sha2-512", "aes256-ctr/hmac-sha1", "aes128-gcm8",
    "aes192-gcm12", "aes128-gcm16", "aes256-gcm16",
)
ADDRESSES = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}


class Case:
    """An algorithm in a mode, for UDP to one port."""

    def __init__(self, number, name, family, mode):
        self.algorithm = lib.Algorithm(name, str(number))
        self.name, self.mode = f"case{number}", mode
        self.spi, self.port, self.family = 0x1000 + number, 5000 + number, family
        self.source, self.destination = ADDRESSES[family]
        self.label = f"{name}, {'transport' if mode == TRANSPORT else 'tunnel'}" \
            f", IPv{family}"
        self.sentence = f"<<sentence number {number} for {name}>>".encode()

    def configure(self, module, direction):
        module.add_sa(self.name, self.source, self.destination, self.spi,
                      self.mode, self.algorithm, direction=direction)
        module.add_policy(self.name, direction, self.source, self.destination,
                          sa=self.name, mode=self.mode, protocol=17,
                          dport_min=self.port, dport_max=self.port)

    def tshark_line(self, algorithm):
        """A line of tshark's table of SAs."""
        kind = algorithm.encryption.removeprefix("aes128-") \
            .removeprefix("aes192-").removeprefix("aes256-")
        fields = (f"IPv{self.family}", self.source, self.destination,
                  hex(self.spi), TSHARK_ENCRYPTIONS[kind],
                  f"0x{algorithm.key.hex()}" if algorithm.key else "",
                  TSHARK_INTEGRITIES[algorithm.integrity],
                  f"0x{algorithm.integrity_key.hex()}"
                  if algorithm.integrity else "")
        return "uat:esp_sa:" + ",".join(f'"{field}"' for field in fields)

    def right_line(self):
        return self.tshark_line(self.algorithm)

    def wrong_line(self):
        return self.tshark_line(lib.Algorithm(self.algorithm.name, "other"))


def all_cases():
    kinds = ((4, TRANSPORT), (6, TUNNEL), (4, TUNNEL), (6, TRANSPORT))
    return [Case(2 * i + j, name, *kinds[(2 * i + j) % 4])
            for i, name in enumerate(NAMES) for j in range(2)]


def send(west, case):
    with west:
        sock = socket.socket(socket.AF_INET6 if case.family == 6
                             else socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.sendto(case.sentence, (case.destination, case.port))


def listen(east, case):
    with east:
        sock = socket.socket(socket.AF_INET6 if case.family == 6
                             else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((case.destination, case.port))
    sock.settimeout(lib.DEADLINE)
    return sock


def decrypt(file, lines):
    """What tshark reads: {SPI: (ICV is good, UDP payload)}."""
    options = ["esp.enable_encryption_decode:TRUE",
               "esp.enable_authentication_check:TRUE"]
    options += lines
    command = ["tshark", "-n", "-r", str(file), "-Y", "esp", "-T", "fields",
               "-e", "esp.spi", "-e", "esp.icv_good", "-e", "udp.payload"]
    for option in options:
        command += ["-o", option]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lib.expect(done.returncode == 0, f"tshark: {done.stderr}")
    read = {}
    for line in done.stdout.splitlines():
        # What wrong keys make of a packet may happen to look like ESP in ESP:
        # the outermost comes first.
        spi, good, payload = (field.split(",")[0] for field in line.split("\t"))
        read[int(spi, 16)] = (good in ("1", "True"), bytes.fromhex(payload))
    return read


def check_case(case, packets, read):
    esp = [packet for packet in packets
           if case.spi.to_bytes(4, "big") in packet]
    lib.expect_equal("packets with this SPI", len(esp), 1)
    seen = any(case.sentence in packet for packet in packets)
    lib.expect_equal("the sentence is to be read on the wire", seen,
                     case.algorithm.encryption == "null")
    lib.expect(case.spi in read, "tshark saw no such packet")
    good, payload = read[case.spi]
    lib.expect_equal("what tshark reads", payload, case.sentence)
    lib.expect(good, "tshark finds the ICV wrong")


def main():
    lib.need("tcpdump", "tshark")
    cases = all_cases()
    report = lib.Report(len(cases) + 1)
    west, east = lib.Namespace("west"), lib.Namespace("east")
    lib.join(west, east)
    for end, namespace in enumerate((west, east)):
        namespace.add_addresses(
            "wire", *(f"{pair[end]}/{(24, 64)[family == 6]}"
                      for family, pair in ADDRESSES.items()))
    for namespace, direction in ((west, OUT), (east, IN)):
        module = lib.Module(namespace)
        for case in cases:
            case.configure(module, direction)

    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "wire.pcap")
        # a receiver would see what it has decrypted, too
        capture = lib.Capture(west, file)
        for case in cases:
            with listen(east, case) as sock:
                send(west, case)
                lib.expect_equal("what arrives", sock.recv(1000), case.sentence)
        spis = [case.spi.to_bytes(4, "big") for case in cases]
        capture.wait_for(len(cases), lambda packet: any(spi in packet
                                                        for spi in spis))
        capture.end()
        read = decrypt(file, [case.right_line() for case in cases])
        misread = decrypt(file, [case.wrong_line() for case in cases])
        packets = capture.packets()
    for case in cases:
        with report.point(f"{case.label}: hidden, and tshark reads it"):
            check_case(case, packets, read)
    with report.point("with other keys tshark finds no ICV good"):
        lib.expect_equal("good ICVs", [hex(spi) for spi, (good, _)
                                       in misread.items() if good], [])
        lib.expect_equal("packets", len(misread), len(cases))
    report.finish()


if __name__ == "__main__":
    main()
