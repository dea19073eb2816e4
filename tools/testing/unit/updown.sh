#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests the usual updown command in a network namespace of its own: routes and
# addresses come and go, twice does no harm, and nobody else's are touched. A
# report in TAP.
#
# Usage: updown.sh ROOT-OF-THE-SOURCES

set -u

root=$1
updown=$root/tools/packaging/libexec/_updown
count=0
failures=0

if [ "${IN_NAMESPACE:-}" != yes ]; then
	if ! unshare --map-root-user --net \
		ip link add type veth 2>/dev/null; then
		echo 'ok 1 - updown # SKIP no network namespace here'
		echo '1..1'
		exit 0
	fi
	IN_NAMESPACE=yes exec unshare --map-root-user --net \
		"$BASH" "$0" "$root"
fi

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		ip route | sed 's/^/# /'
		ip addr | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

# run VERB [NAME=VALUE]... [-- ARGUMENT...]
run()
{
	local verb=$1 variables=()

	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	env -i "PATH=$PATH" PLUTO_VERB="$verb" PLUTO_CONNECTION=one \
		PLUTO_INTERFACE=eth0 PLUTO_VIRT_INTERFACE=eth0 \
		PLUTO_CONN_ADDRFAMILY=ipv4 PLUTO_ME=192.0.2.1 \
		PLUTO_PEER=198.51.100.1 PLUTO_NEXT_HOP=192.0.2.254 \
		PLUTO_MY_CLIENT=10.0.1.0/24 PLUTO_PEER_CLIENT=10.0.2.0/24 \
		PLUTO_PEER_CLIENT_NET=10.0.2.0 \
		"${variables[@]}" "$updown" "$@"
}

# routes [ARGUMENT]...: those that are ours
routes()
{
	ip "$@" route show proto 76 table all | sed 's/ *$//; s/ pref medium//'
}

is()
{
	[ "$1" = "$2" ] && return
	echo "# '$1' where '$2' was expected"
	return 1
}

v6=(PLUTO_CONN_ADDRFAMILY=ipv6 PLUTO_ME=2001:db8::1 PLUTO_PEER=2001:db8:1::1
	PLUTO_NEXT_HOP=2001:db8::fe PLUTO_MY_CLIENT=2001:db8:a::/64
	PLUTO_PEER_CLIENT=2001:db8:b::/64 PLUTO_PEER_CLIENT_NET=2001:db8:b::)

ip link set lo up
for device in eth0 ipsec1; do
	ip link add $device type veth peer name far-$device
	ip link set $device up
	ip link set far-$device up
done
ip addr add 192.0.2.1/24 dev eth0
ip addr add 2001:db8::1/64 dev eth0 nodad

run route-client && is "$(routes)" '10.0.2.0/24 via 192.0.2.254 dev eth0'
result $? 'without any route there is one'
run unroute-client && is "$(routes)" ''
result $? 'and it goes'

ip route add default via 192.0.2.254 dev eth0
ip -6 route add default via 2001:db8::fe dev eth0
run route-client && is "$(routes)" ''
result $? 'none is made where one is there'
run route-client -- --route yes &&
	is "$(routes)" '10.0.2.0/24 via 192.0.2.254 dev eth0'
result $? 'unless it is wanted'
run unroute-client && is "$(routes)" ''
result $? 'which goes as well'
run route-client PLUTO_MTU=1400 -- --route no && is "$(routes)" ''
result $? 'none is made if none is wanted'

for time in once twice; do
	run route-client PLUTO_MY_SOURCEIP=10.0.1.1 PLUTO_MTU=1400 \
		PLUTO_METRIC=7 &&
		is "$(routes)" '10.0.2.0/24 via 192.0.2.254 dev eth0 src 10.0.1.1 metric 7 mtu 1400' &&
		ip -o addr show to 10.0.1.1 | grep -q 'lo .*scope 50'
	result $? "source address, MTU and metric, $time"
done
run route-client PLUTO_MY_SOURCEIP=10.0.1.1 PLUTO_PEER_CLIENT=10.0.3.0/24
result $? 'a second connection with the same address'
for time in once twice; do
	run unroute-client PLUTO_MY_SOURCEIP=10.0.1.1 PLUTO_MTU=1400 \
		PLUTO_METRIC=7 &&
		is "$(routes)" '10.0.3.0/24 via 192.0.2.254 dev eth0 src 10.0.1.1' &&
		ip -o addr show to 10.0.1.1 | grep -q .
	result $? "the first goes, $time, and the address stays"
done
run unroute-client PLUTO_MY_SOURCEIP=10.0.1.1 PLUTO_PEER_CLIENT=10.0.3.0/24 &&
	is "$(routes)" '' && is "$(ip -o addr show to 10.0.1.1)" ''
result $? 'the second goes, and the address'

run route-client PLUTO_MY_SOURCEIP=192.0.2.1 &&
	run unroute-client PLUTO_MY_SOURCEIP=192.0.2.1 &&
	ip -o addr show to 192.0.2.1 | grep -q eth0
result $? 'an address that was there stays'

ip route add 10.0.2.0/24 via 192.0.2.253 dev eth0 metric 5
run unroute-client && ip route show 10.0.2.0/24 | grep -q 192.0.2.253
result $? "somebody else's route stays"
ip route del 10.0.2.0/24 metric 5

device=(PLUTO_XFRMI_ROUTE=yes PLUTO_VIRT_INTERFACE=ipsec1)
run route-client "${device[@]}" && is "$(routes)" '10.0.2.0/24 dev ipsec1 scope link'
result $? 'into a device'
run unroute-client "${device[@]}" && is "$(routes)" ''
result $? 'and out of it'
run route-client "${device[@]}" && run route-client -- --route yes &&
	is "$(routes)" '10.0.2.0/24 via 192.0.2.254 dev eth0' &&
	run route-client "${device[@]}" &&
	is "$(routes)" '10.0.2.0/24 dev ipsec1 scope link' &&
	run unroute-client "${device[@]}" && is "$(routes)" ''
result $? 'one destination has one route, that of the latest'
run route-client "${device[@]}" PLUTO_PEER_CLIENT=0.0.0.0/0 \
	PLUTO_PEER_CLIENT_NET=0.0.0.0 PLUTO_MY_SOURCEIP=10.0.9.1 &&
	is "$(routes | sort)" '0.0.0.0/1 dev ipsec1 scope link src 10.0.9.1
128.0.0.0/1 dev ipsec1 scope link src 10.0.9.1
198.51.100.1 via 192.0.2.254 dev eth0' &&
	ip -o addr show to 10.0.9.1 | grep -q ipsec1
result $? 'everything into a device, but its own packets'
run unroute-client "${device[@]}" PLUTO_PEER_CLIENT=0.0.0.0/0 \
	PLUTO_MY_SOURCEIP=10.0.9.1 &&
	is "$(routes)" '' && is "$(ip -o addr show to 10.0.9.1)" ''
result $? 'and out again'

for time in once twice; do
	run route-client PLUTO_PEER_CLIENT=0.0.0.0/0 -- --table 75 &&
		is "$(routes)" 'default via 192.0.2.254 dev eth0 table 75' &&
		is "$(ip rule | grep -c '32345:.*lookup 75')" 1
	result $? "a table of its own, with a rule, $time"
done
for time in once twice; do
	run unroute-client PLUTO_PEER_CLIENT=0.0.0.0/0 -- --table 75 &&
		is "$(routes)" '' && is "$(ip rule | grep -c 'lookup 75')" 0
	result $? "and without, $time"
done

run route-client-v6 "${v6[@]}" PLUTO_MY_SOURCEIP=2001:db8:a::1 &&
	is "$(routes -6)" '2001:db8:b::/64 via 2001:db8::fe dev eth0 src 2001:db8:a::1 metric 1024' &&
	ip -6 -o addr show to 2001:db8:a::1 | grep -q lo
result $? 'IPv6'
run unroute-client-v6 "${v6[@]}" PLUTO_MY_SOURCEIP=2001:db8:a::1 &&
	is "$(routes -6)" '' && is "$(ip -6 -o addr show to 2001:db8:a::1)" ''
result $? 'and no IPv6'

# what comes from a peer never reaches a shell
# shellcheck disable=SC2016
run up-client PLUTO_PEER_ID='$(ip link del eth0)' \
	PLUTO_MY_SOURCEIP='10.0.0.1; ip link del eth0' 2>/dev/null
ip link show eth0 >/dev/null
result $? 'values are values'

run sideways-client 2>/dev/null
is $? 1
result $? 'no such verb'
run up-client PLUTO_CONN_ADDRFAMILY=ipx 2>/dev/null
is $? 1
result $? 'no such family'
run up-client -- --bogus 2>/dev/null
is $? 1
result $? 'no such option'
for verb in prepare-host prepare-client-v6 up-host up-client down-host-v6 \
	down-client; do
	run $verb
	result $? "$verb"
done

echo "1..$count"
[ $failures -eq 0 ]
