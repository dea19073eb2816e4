# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Two hosts and the router between them, made in a guest: each has a network of
# its own, and its own ipsec.conf, ipsec.secrets, ipsec.d and daemon under the
# usual names.  Sourced, never run.
#
#	west ------------ router ------------ east
#	192.0.2.1		198.51.100.1
#	10.1.0.1			    10.2.0.1

declare -A holder=()	# the process that keeps a host's files in their places

make_host()
{
	local host=$1 pipe ready

	ip netns add "$host"
	ip -n "$host" link set lo up
	exec {pipe}< <(exec ip netns exec "$host" \
		unshare --mount --propagation private sh -ec '
		mkdir -p /etc/ipsec.d /run/pluto
		touch /etc/ipsec.conf /etc/ipsec.secrets
		mount -t tmpfs own /mnt
		mkdir -m 700 /mnt/ipsec.d
		touch /mnt/ipsec.conf
		(umask 077; touch /mnt/ipsec.secrets)
		for file in ipsec.d ipsec.conf ipsec.secrets; do
			mount --bind /mnt/$file /etc/$file
		done
		mount -t tmpfs run /run/pluto
		echo ready
		exec sleep infinity')
	holder[$host]=$!
	read -r ready <&"$pipe" && [ "$ready" = ready ]
}

# Runs a command on host $1.
on()
{
	(become "$@")
}

# The same, without coming back: for commands in the background.
become()
{
	local host=$1

	shift
	exec nsenter --target "${holder[$host]}" --net --mount "--wdns=$PWD" -- "$@"
}

# Prints where the file $2 of host $1 is, for who is on none of them.
file_of()
{
	echo "/proc/${holder[$1]}/root$2"
}

make_hosts()
{
	local host

	for host in west router east; do
		make_host $host || return
	done
	for host in west east; do
		ip -n router link add to-$host type veth peer name eth0 netns $host
		ip -n router link set to-$host up
		ip -n $host link set eth0 up
		ip -n $host link add lan type dummy
		ip -n $host link set lan up
	done
	ip -n router address add 192.0.2.254/24 dev to-west
	ip -n router address add 198.51.100.254/24 dev to-east
	ip -n west address add 192.0.2.1/24 dev eth0
	ip -n west address add 10.1.0.1/24 dev lan
	ip -n east address add 198.51.100.1/24 dev eth0
	ip -n east address add 10.2.0.1/24 dev lan
	on router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	ip -n west route add default via 192.0.2.254
	ip -n east route add default via 198.51.100.254
}
