#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ESP in UDP (RFC 3948) through a NAT, against the kernel's XFRM:
#
#      inside                  nat                    outside
#   10.9.0.2/24 ------ 10.9.0.1   192.0.2.1 ------ 192.0.2.2/24
#   fd09::2/64         fd09::1    2001:db8::1      2001:db8::2/64
#   10.1.0.1 (lo)        masquerades, as port       10.2.0.1 (lo)
#                        40001, then 40002
#
# We are inside and XFRM outside, then the other way round. The tunnel between
# 10.1.0.1 and 10.2.0.1 goes on when the NAT gives the inside another port, and
# the side outside follows it. Around that: what stays with the socket, keepalives,
# and what must not be taken for a peer that has moved.

set -u
. "$(dirname -- "$0")/lib.sh"
here=$(dirname -- "$0")

need nft conntrack python3 tcpdump
plan 23
make_namespaces inside nat outside
join inside wire 10.9.0.2/24 fd09::2/64 nat lan 10.9.0.1/24 fd09::1/64
join nat wan 192.0.2.1/24 2001:db8::1/64 outside wire 192.0.2.2/24 2001:db8::2/64
forward_in nat
ip_in inside route add default via 10.9.0.1
ip_in inside route add default via fd09::1
set_up inside lo 10.1.0.1/32
set_up outside lo 10.2.0.1/32
ip_in outside route add 10.1.0.1 dev wire src 10.2.0.1
ip_in inside route add 10.2.0.1 via 10.9.0.1 src 10.1.0.1

# map_to PORT: what the outside sees port 4500 of the inside as, from now on
map_to()
{
	in_ns nat nft -f - <<-RULES || return
	table inet nat
	delete table inet nat
	table inet nat {
		chain out {
			type nat hook postrouting priority srcnat
			oifname "wan" udp sport 4500 masquerade to :$1
			oifname "wan" masquerade
		}
	}
	RULES
	in_ns nat conntrack -F 2>/dev/null
	in_ns nat conntrack -F -f ipv6 2>/dev/null
	return 0
}

# hold_socket NAMESPACE FAMILY: the number of the process is in $holder
hold_socket()
{
	in_background in_ns "$1" "$here/udp_encap.py" "$2"
	holder=$!
	wait_for grep -q ready "$work/background-$holder"
}

ping_through()
{
	in_ns inside ping -c 2 -i 0.2 -W 5 -I 10.1.0.1 10.2.0.1
}

ping_back()
{
	in_ns outside ping -c 2 -i 0.2 -W 5 -I 10.2.0.1 10.1.0.1
}

# set_addresses FAMILY: of the inside, the NAT and the outside
set_addresses()
{
	if [ "$1" = 4 ]; then
		inside=10.9.0.2 mapped=192.0.2.1 outside=192.0.2.2 any=0.0.0.0
	else
		inside=fd09::2 mapped=2001:db8::1 outside=2001:db8::2 any=::
	fi
}

# our_end NAMESPACE SOURCE PEER PORT OUT-SPI IN-SPI FROM TO
our_end()
{
	our_sa "$1" out "$2" "$3" "$5" tunnel aes128-gcm16 --encapsulation udp \
		--encapsulation-destination-port "$4" --sa-direction out || return
	our_sa "$1" in "$3" "$2" "$6" tunnel aes128-gcm16 --encapsulation=udp \
		--encapsulation-source-port="$4" --sa-direction in || return
	our_policy "$1" out out "$7" "$8" --sp-mode tunnel --sa-name out || return
	our_policy "$1" in in "$8" "$7" --sp-mode tunnel --sa-name in
}

# xfrm_end NAMESPACE SOURCE PEER PORT OUT-SPI IN-SPI FROM TO
xfrm_end()
{
	xfrm_sa "$1" "$2" "$3" "$5" tunnel aes128-gcm16 \
		encap espinudp 4500 "$4" "$any" flag af-unspec || return
	xfrm_sa "$1" "$3" "$2" "$6" tunnel aes128-gcm16 \
		encap espinudp "$4" 4500 "$any" flag af-unspec || return
	xfrm_policy "$1" out "$7" "$8" tunnel "$2" "$3" || return
	xfrm_policy "$1" in "$8" "$7" tunnel "$3" "$2"
}

# set_up_ends OURS FAMILY: the namespace that is ours; XFRM has the other
set_up_ends()
{
	set_addresses "$2"
	if [ "$1" = inside ]; then
		our_end inside "$inside" "$outside" 4500 0x1001 0x1002 10.1.0.1 10.2.0.1 &&
		xfrm_end outside "$outside" "$mapped" 40001 0x1002 0x1001 10.2.0.1 10.1.0.1
	else
		xfrm_end inside "$inside" "$outside" 4500 0x1001 0x1002 10.1.0.1 10.2.0.1 &&
		our_end outside "$outside" "$mapped" 40001 0x1002 0x1001 10.2.0.1 10.1.0.1
	fi
}

tear_down_ends()
{
	local name

	for name in inside outside; do
		in_ns "$name" ipsec sp remove --remove-all
		in_ns "$name" ipsec sa remove --remove-all
		ip_in "$name" xfrm policy flush
		ip_in "$name" xfrm state flush
	done
}

# follow OURS: the side outside sends to the NAT's new port
follow()
{
	if [ "$1" = outside ]; then
		in_ns outside ipsec sa set --sa-name out --peer-port 40002
	else
		ip_in outside xfrm policy flush &&
		ip_in outside xfrm state flush &&
		xfrm_end outside "$outside" "$mapped" 40002 0x1002 0x1001 \
			10.2.0.1 10.1.0.1
	fi
}

no_drops()
{
	! counters_of "$1" | grep -vE '^(in|out)-packets '
}

# through_nat OURS FAMILY: four test points
through_nat()
{
	local ours=$1 family=$2 what="IPv$2, we are $1:"

	map_to 40001 || return
	hold_socket inside "$family"
	local inside_holder=$holder
	hold_socket outside "$family"
	local outside_holder=$holder

	set_up_ends "$ours" "$family" || diag "the ends cannot be set up"
	check "$what a tunnel from the inside" ping_through
	check "$what and from the outside" ping_back
	map_to 40002
	# XFRM begins to count anew when its SA is made again, which we refuse
	if [ "$ours" = inside ]; then
		in_ns inside ipsec sp remove --remove-all
		in_ns inside ipsec sa remove --remove-all
		our_end inside "$inside" "$outside" 4500 0x1001 0x1002 10.1.0.1 10.2.0.1
	fi
	in_ns inside ping -c 1 -W 1 -I 10.1.0.1 10.2.0.1 >/dev/null
	follow "$ours"
	check "$what the NAT changed the port, and the outside followed" ping_through
	check "$what nothing was dropped here" no_drops "$ours"

	stop "$inside_holder"
	stop "$outside_holder"
	tear_down_ends
}

through_nat inside 4
through_nat outside 4
through_nat inside 6
through_nat outside 6

# ----- the socket, keepalives, the wire -------------------------------------

map_to 40001
hold_socket inside 4
inside_holder=$holder
hold_socket outside 4
set_up_ends outside 4

send_ike()
{
	in_ns inside python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes(4) + b"IKE", ("192.0.2.2", 4500))'
	wait_for grep -q 00000000494b45 "$work/background-$holder"
}
check "IKE stays with the socket" send_ike
check "ESP does not" equal "lines from the socket" \
	"$(wc -l <"$work/background-$holder")" 2

capture outside wire "$work/wire.pcap" udp port 4500
in_ns outside ipsec sp remove --remove-all
in_ns outside ipsec sa remove --remove-all
our_sa outside out 192.0.2.2 192.0.2.1 0x1002 tunnel aes128-gcm16 --encapsulation udp \
	--encapsulation-destination-port 40001 --keepalive 1
check "a silent SA sends keepalives" wait_for has_captured 2 "$work/wire.pcap" \
	'udp dst port 40001 and udp[4:2] = 9 and udp[8] = 0xff'
check "which are counted" wait_for sh -c \
	"nsenter --net=/run/netns/$(ns outside) ipsec counters --noheadings | grep -q '^out-keepalives '"
end_capture
in_ns outside ipsec sa remove --remove-all

# A peer is only where an authentic packet came from.
set_up_ends_outside_only()
{
	our_end outside 192.0.2.2 192.0.2.1 40001 0x1002 0x1001 10.2.0.1 10.1.0.1
}
set_up_ends_outside_only
in_background in_ns outside ipsec monitor --json
listener=$!
wait_for grep -q listening "$work/background-$listener"
in_ns inside python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes.fromhex("00001001" + "00000001") + bytes(64), ("192.0.2.2", 4500))'
check "a forged packet is dropped" wait_for counters_are outside in in-not-authentic=1
check "a forged packet does not move the peer" equal "notifications" \
	"$(grep -c sa-peer-moved "$work/background-$listener")" 0
map_to 40002
in_ns inside ping -c 1 -W 1 -I 10.1.0.1 10.2.0.1 >/dev/null
check "an authentic one is told, once, with its port" \
	wait_for grep -q '"sa-peer-moved".*"address": "192.0.2.1", "port": 40002' \
	"$work/background-$listener"
stop "$inside_holder"
finish
