# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What all tests of this directory share: results in KTAP, network namespaces
# that vanish with the test, SAs and policies on our side and the same on that
# of the kernel's XFRM, captures, waiting for a condition. To be sourced by a
# bash script that has `set -u`.
#
# A test looks like this:
#
#	. "$(dirname -- "$0")/lib.sh"
#	need tcpdump
#	plan 2
#	make_namespaces west east
#	join west wire 192.0.2.1/24 2001:db8::1/64 east wire 192.0.2.2/24 2001:db8::2/64
#	check "the peer answers" in_ns west ping -c 1 192.0.2.2
#	fails() { ! in_ns west ping -c 1 192.0.2.9; }
#	check "nobody else does" fails
#	finish

# Where the test keeps its files; gone at the end.
work=$(mktemp -d "${TMPDIR:-/tmp}/espvif-test.XXXXXX") || exit 1
# Our namespaces are called so, with the name that the test gave behind.
ns_prefix=espvif-$$-

planned=0 passed=0 failed=0 skipped=0 finished=no
namespaces=()
background=()
module_loaded_here=no

# ----- results ---------------------------------------------------------------

# plan NUMBER: how many test points follow. The first thing a test prints.
plan()
{
	planned=$1
	echo "TAP version 13"
	echo "1..$planned"
}

pass()
{
	passed=$((passed + 1))
	echo "ok $((passed + failed + skipped)) $1"
}

# fail NAME [WHY]
fail()
{
	failed=$((failed + 1))
	echo "not ok $((passed + failed + skipped)) $1"
	[ $# -lt 2 ] || diag "$2"
}

# skip NAME REASON: one test point. For the whole test: skip_all.
skip()
{
	skipped=$((skipped + 1))
	echo "ok $((passed + failed + skipped)) $1 # SKIP $2"
}

# diag TEXT: lines for people, none of the results
diag()
{
	local line

	while IFS= read -r line; do
		echo "# $line"
	done <<<"$*"
}

# check NAME COMMAND [ARGUMENT...]: a test point that passes if COMMAND
# succeeds; shows what it printed if not. COMMAND may be a function, and
# what it sets stays set.
check()
{
	local name=$1 status
	shift

	"$@" >"$work/check-output" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		pass "$name"
		return 0
	fi
	fail "$name"
	diag "$(printf '%s ' "$@")ended with status $status"
	[ ! -s "$work/check-output" ] || diag "$(tail -n 40 "$work/check-output")"
	return 1
}

# equal WHAT ACTUAL EXPECTED: says what differs; for functions given to check
equal()
{
	[ "$2" = "$3" ] && return
	echo "$1: $2, expected $3"
	return 1
}

# skip_all REASON: something that the test needs is missing
skip_all()
{
	[ "$planned" -gt 0 ] || echo "TAP version 13"
	echo "1..0 # SKIP $1"
	finished=yes
	exit 4
}

# Ends the test; its status tells the result.
finish()
{
	local points=$((passed + failed + skipped))

	finished=yes
	echo "# Totals: pass:$passed fail:$failed xfail:0 xpass:0 skip:$skipped error:0"
	if [ $points -ne "$planned" ]; then
		diag "planned $planned test points, but made $points"
		exit 1
	fi
	[ $failed -eq 0 ] || exit 1
	[ $skipped -lt "$planned" ] || exit 4
	exit 0
}

# ----- what a test needs -------------------------------------------------------

# need PROGRAM...: skips the test if one is not installed
need()
{
	local program

	for program in "$@"; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
}

# Loads the module if it isn't there; then it is unloaded at the end too.
load_module()
{
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	need ip nsenter ipsec
	[ ! -d /sys/module/espvif ] || return 0
	modprobe espvif 2>/dev/null || skip_all "no module espvif"
	module_loaded_here=yes
}

# wait_for [-t SECONDS] COMMAND [ARGUMENT...]: until COMMAND succeeds; fails
# after SECONDS (30). The only way to wait for something.
wait_for()
{
	local limit=30

	if [ "$1" = -t ]; then
		limit=$2
		shift 2
	fi
	limit=$((SECONDS + limit))
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $limit ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.05
	done
}

# ----- clean-up ----------------------------------------------------------------

# in_background COMMAND [ARGUMENT...]: runs until the end of the test, at the
# latest; its number is in $! and its output in $work/background-$!.
in_background()
{
	local output

	# a function would run in a shell of its own, which is what is ended then
	[ "$1" != in_ns ] || set -- nsenter --net="/run/netns/$ns_prefix$2" "${@:3}"
	output=$(mktemp "$work/background-XXXXXX")
	"$@" >"$output" 2>&1 </dev/null &
	background+=($!)
	ln -s "$output" "$work/background-$!"
}

# stop PID [SIGNAL]: ends what in_background started, and waits for its end
stop()
{
	kill "-${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# shellcheck disable=SC2317  # the trap calls it
clean_up()
{
	local status=$? pid name

	trap - EXIT
	for pid in ${background[@]+"${background[@]}"}; do
		stop "$pid" KILL
	done
	for name in ${namespaces[@]+"${namespaces[@]}"}; do
		ip netns delete "$ns_prefix$name" 2>/dev/null
	done
	if [ $module_loaded_here = yes ] && [ -d /sys/module/espvif ] &&
	   ! rmmod espvif; then
		echo "Bail out! the module cannot be unloaded"
		status=1
	fi
	rm -rf "$work"
	if [ $finished = no ]; then
		echo "Bail out! the test ended early"
		[ $status -ne 0 ] || status=1
	fi
	exit $status
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# ----- namespaces and links ------------------------------------------------------

# make_namespaces NAME...: with the loopback device up, and IPv6 addresses of
# links ready at once. Loads the module.
make_namespaces()
{
	local name

	load_module
	for name in "$@"; do
		ip netns add "$ns_prefix$name" || skip_all "no network namespaces"
		namespaces+=("$name")
		ip -n "$ns_prefix$name" link set lo up
		sysctl_in "$name" ipv6.conf.all.accept_dad=0 \
			ipv6.conf.default.accept_dad=0
	done
}

# What `ip netns` knows a namespace of the test by
ns()
{
	echo "$ns_prefix$1"
}

# in_ns NAME PROGRAM [ARGUMENT...]: runs a program in a namespace
in_ns()
{
	local name=$1
	shift

	nsenter --net="/run/netns/$ns_prefix$name" "$@"
}

# ip_in NAME ARGUMENT...: ip in a namespace
ip_in()
{
	local name=$1
	shift

	ip -n "$ns_prefix$name" "$@"
}

# sysctl_in NAME KEY=VALUE...: keys begin behind net.; a / stands for itself,
# for devices with a dot in their names
sysctl_in()
{
	local name=$1 setting key script=''
	shift

	for setting in "$@"; do
		key=${setting%%=*}
		[[ $key = */* ]] || key=${key//.//}
		script+="echo '${setting#*=}' >'/proc/sys/net/$key' || exit; "
	done
	in_ns "$name" sh -c "$script"
}

# forward_in NAME...: makes routers of namespaces
forward_in()
{
	local name

	for name in "$@"; do
		sysctl_in "$name" ipv4.ip_forward=1 ipv6.conf.all.forwarding=1
	done
}

# set_up NAME DEVICE [ADDRESS/LENGTH...]: addresses, ready for use at once
set_up()
{
	local name=$1 device=$2 address
	shift 2

	{
		for address in "$@"; do
			case $address in
			*:*) echo "address add $address dev $device nodad" ;;
			*) echo "address add $address dev $device" ;;
			esac
		done
		echo "link set $device up"
	} | ip -n "$ns_prefix$name" -batch -
}

# join NAME DEVICE [ADDRESS/LENGTH...] NAME DEVICE [ADDRESS/LENGTH...]: a wire
# between two namespaces
join()
{
	local one=("$1" "$2")
	shift 2

	while [ $# -gt 0 ] && [[ $1 = */* ]]; do
		one+=("$1")
		shift
	done
	ip -n "$ns_prefix${one[0]}" link add "${one[1]}" type veth \
		peer name "$2" netns "$ns_prefix$1" || return
	set_up "${one[@]}"
	set_up "$@"
}

# ----- SAs, ours and XFRM's --------------------------------------------------------

# set_key BYTES SEED: puts a key into $key, always the same for the same SEED
set_key()
{
	local i code state=2166136261

	for ((i = 0; i < ${#2}; i++)); do
		printf -v code %d "'${2:i:1}"
		state=$(((state ^ code) * 16777619 % 4294967296))
	done
	key=0x
	for ((i = 0; i < $1; i++)); do
		state=$(((state * 1103515245 + 12345) % 2147483648))
		printf -v key '%s%02x' "$key" $((state >> 16 & 255))
	done
}

# hex_key BYTES [SEED]: prints that key
hex_key()
{
	local key

	set_key "$1" "${2:-espvif}"
	echo "$key"
}

# set_encryption_key ALGORITHM SEED: puts a key, with its salt, into $key
set_encryption_key()
{
	local bits=${1#aes} salt=0

	case $1 in
	null) key=''; return ;;
	3des-cbc) bits=192 ;;
	chacha20-poly1305) bits=256 salt=4 ;;
	aes*-cbc) ;;
	aes*-ccm*) salt=3 ;;
	*) salt=4 ;;
	esac
	set_key $((${bits%%-*} / 8 + salt)) "encryption $2"
}

# set_integrity_key ALGORITHM SEED: likewise
set_integrity_key()
{
	case $1 in
	hmac-sha1) set_key 20 "integrity $2" ;;
	hmac-sha2-*) set_key $((${1##*-} / 8)) "integrity $2" ;;
	aes-xcbc|aes-cmac) set_key 16 "integrity $2" ;;
	esac
}

# our_algorithm ALGORITHM SEED: options of `ipsec sa add`, in the array
# algorithm_options. ALGORITHM is an AEAD's name, or ENCRYPTION/INTEGRITY.
our_algorithm()
{
	local encryption=${1%/*} integrity=${1#*/} key

	set_encryption_key "$encryption" "$2"
	algorithm_options=(--encryption-algorithm "$encryption"
			   ${key:+--encryption-key "$key"})
	[[ $1 = */* ]] || return 0
	set_integrity_key "$integrity" "$2"
	algorithm_options+=(--integrity-algorithm "$integrity"
			    --integrity-key "$key")
}

# xfrm_algorithm ALGORITHM SEED: the same for `ip xfrm state`
xfrm_algorithm()
{
	local encryption=${1%/*} integrity=${1#*/} key

	set_encryption_key "$encryption" "$2"
	case $encryption in
	null) algorithm_options=(enc 'ecb(cipher_null)' '') ;;
	3des-cbc) algorithm_options=(enc 'cbc(des3_ede)' "$key") ;;
	aes*-cbc) algorithm_options=(enc 'cbc(aes)' "$key") ;;
	aes*-ctr) algorithm_options=(enc 'rfc3686(ctr(aes))' "$key") ;;
	aes*-gcm*) algorithm_options=(aead 'rfc4106(gcm(aes))' "$key"
				      $((${encryption##*-gcm} * 8))) ;;
	aes*-ccm*) algorithm_options=(aead 'rfc4309(ccm(aes))' "$key"
				      $((${encryption##*-ccm} * 8))) ;;
	aes*-gmac) algorithm_options=(aead 'rfc4543(gcm(aes))' "$key" 128) ;;
	chacha20-poly1305)
		algorithm_options=(aead 'rfc7539esp(chacha20,poly1305)' "$key" 128) ;;
	esac
	[[ $1 = */* ]] || return 0
	set_integrity_key "$integrity" "$2"
	case $integrity in
	hmac-sha1) algorithm_options+=(auth-trunc 'hmac(sha1)' "$key" 96) ;;
	hmac-sha2-256) algorithm_options+=(auth-trunc 'hmac(sha256)' "$key" 128) ;;
	hmac-sha2-384) algorithm_options+=(auth-trunc 'hmac(sha384)' "$key" 192) ;;
	hmac-sha2-512) algorithm_options+=(auth-trunc 'hmac(sha512)' "$key" 256) ;;
	aes-xcbc) algorithm_options+=(auth-trunc 'xcbc(aes)' "$key" 96) ;;
	aes-cmac) algorithm_options+=(auth-trunc 'cmac(aes)' "$key" 96) ;;
	esac
}

# our_sa NAMESPACE NAME SOURCE DESTINATION SPI MODE ALGORITHM [OPTION...]: the key
# follows from the SPI, so the peer's SA has the same
our_sa()
{
	local namespace=$1 name=$2 source=$3 destination=$4 spi=$5 mode=$6
	local algorithm_options

	our_algorithm "$7" "$((spi))"
	in_ns "$namespace" ipsec sa add --sa-name "$name" --sa-source "$source" \
		--sa-destination "$destination" --sa-spi "$spi" --sa-mode "$mode" \
		"${algorithm_options[@]}" "${@:8}"
}

# xfrm_sa NAMESPACE SOURCE DESTINATION SPI MODE ALGORITHM [WORD...]
xfrm_sa()
{
	local namespace=$1 source=$2 destination=$3 spi=$4 mode=$5
	local algorithm_options

	xfrm_algorithm "$6" "$((spi))"
	ip_in "$namespace" xfrm state add src "$source" dst "$destination" \
		proto esp spi "$spi" mode "$mode" "${algorithm_options[@]}" "${@:7}"
}

# our_policy NAMESPACE NAME DIRECTION SOURCE DESTINATION [OPTION...]: action is
# ipsec if an SA is named, else the options tell
our_policy()
{
	local action=()

	[[ " ${*:6} " != *' --sa-name '* ]] || action=(--action ipsec)
	in_ns "$1" ipsec sp add --sp-name "$2" --flow-direction "$3" \
		--sp-source "$4" --sp-destination "$5" \
		${action[@]+"${action[@]}"} "${@:6}"
}

# xfrm_policy NAMESPACE DIRECTION SOURCE DESTINATION MODE [OUTER-SOURCE
# OUTER-DESTINATION [WORD...]]
xfrm_policy()
{
	local template=(proto esp mode "$5")

	[ $# -lt 7 ] || template=(src "$6" dst "$7" "${template[@]}")
	ip_in "$1" xfrm policy add dir "$2" src "$3" dst "$4" \
		"${@:8}" tmpl "${template[@]}"
}

# ----- counters ------------------------------------------------------------------

# counters_of NAMESPACE [SA]: all that are not 0, as lines "NAME VALUE"
counters_of()
{
	local name value

	in_ns "$1" ipsec counters --noheadings ${2+--sa "$2"} |
		while read -r name value; do
			echo "$name $value"
		done
}

# counter NAMESPACE NAME [SA]: its value
counter()
{
	local name value

	while read -r name value; do
		if [ "$name" = "$2" ]; then
			echo "$value"
			return
		fi
	done < <(in_ns "$1" ipsec counters --noheadings ${3+--sa "$3"})
	echo 0
}

# counters_are NAMESPACE SA|- [NAME=VALUE...]: exactly these are not 0, of an SA
# or of the namespace
counters_are()
{
	local namespace=$1 sa=$2
	shift 2

	[ "$sa" != - ] || sa=''
	printf '%s\n' "${@/=/ }" | sed '/^$/d' | sort |
		diff - <(counters_of "$namespace" ${sa:+"$sa"} | sort)
}

# ----- captures ------------------------------------------------------------------

# capture NAMESPACE DEVICE FILE [FILTER...]: begins to capture; the number of
# the process is in $capture_pid. Returns when it has begun.
capture()
{
	local namespace=$1 device=$2 file=$3

	in_background in_ns "$namespace" tcpdump -n -U --immediate-mode -s 0 \
		-Z root -i "$device" -w "$file" "${@:4}"
	capture_pid=$!
	wait_for grep -q 'listening on' "$work/background-$capture_pid"
}

# captured FILE [FILTER...]: how many packets are there already. What was sent
# is there a little later: wait for as many as there must be.
captured()
{
	tcpdump -n -r "$1" "${@:2}" 2>/dev/null | wc -l
}

# has_captured NUMBER FILE [FILTER...]: at least so many; for wait_for
has_captured()
{
	[ "$(captured "${@:2}")" -ge "$1" ]
}

# end_capture [PID]
end_capture()
{
	stop "${1:-$capture_pid}"
}
