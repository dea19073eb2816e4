#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Holds a UDP socket that takes ESP in UDP off to the kernel, as an IKE daemon
# does on port 4500. Prints "ready", then each datagram that is left to the
# socket in hex: IKE, with its four zero bytes in front.

import socket
import sys

UDP_ENCAP = 100
UDP_ENCAP_ESPINUDP = 2


def main():
    family = socket.AF_INET6 if sys.argv[1:] == ["6"] else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_DGRAM)
    holder.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
    holder.bind(("", 4500))
    print("ready", flush=True)
    while True:
        print(holder.recv(65536).hex(), flush=True)


main()
