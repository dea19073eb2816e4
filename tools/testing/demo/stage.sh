# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a story is told with: hosts, commands shown as typed on one of them together
# with what they print, captures on the wire, and claims, each of which is
# checked.  Sourced, never run.

. "$(dirname -- "${BASH_SOURCE[0]}")/hosts.sh"

claims=0
capture_pid=''
output=''
status=0

if [ "${DEMO_COLOR:-no}" = yes ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
	bold='' green='' red='' plain=''
fi

# Ends the story: something that it says is not so.
give_up()
{
	printf '  %s!! %s%s\n' "$red" "$1" "$plain"
	if [ -n "$capture_pid" ]; then
		kill -INT "$capture_pid"
		wait "$capture_pid"
		cat -- "$capture_file.log"
	fi
	echo "demo: this does not hold: $1" >&2
	exit 1
}

heading()
{
	printf '\n%s%s%s\n%s\n' "$bold" "$1" "$plain" "${1//?/-}"
}

# Says the sentences on standard input.
tell()
{
	echo
	fmt -w 78
	echo
}

# Types the command line $2 on host $1, and shows what it prints.  Sets output
# and status; ends the story unless the status is $3 (default: 0).
type_on()
{
	local host=$1 command=$2 expected=${3-0}

	printf '%s%s# %s%s\n' "$bold" "$host" "$command" "$plain"
	output=$(on "$host" bash -c "$command" 2>&1)
	status=$?
	# The guest has no other user.
	output=${output#'Running as user "root" and group "root". This could be dangerous.'$'\n'}
	[ -z "$output" ] || printf '%s\n' "$output"
	[ $status -eq "$expected" ] ||
		give_up "'${command%%$'\n'*}' on $host ends with status $expected (it was $status)"
}

# Types a command on two hosts alike.
type_on_both()
{
	type_on west "$1"
	type_on east "$1"
}

# Checks the claim $1: the command that follows succeeds.
claim()
{
	local sentence=$1

	shift
	"$@" >/dev/null 2>&1 || give_up "$sentence"
	claims=$((claims + 1))
	printf '  %s=> %s%s\n' "$green" "$sentence" "$plain"
}

shows()
{
	grep -qE -- "$1" <<<"$output"
}

shows_not()
{
	! shows "$1"
}

# Waits until the command succeeds; the story ends if that takes too long.
wait_for()
{
	local what=$1 deadline=$((SECONDS + 60))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || give_up "$what within a minute"
		sleep 0.1
	done
}

listens()
{
	grep -q '^tcpdump: listening' "$1"
}

# Begins to capture on the router's wire to west into file $1.
start_capture()
{
	# A large buffer, for machines that do other things meanwhile.
	local command=(tcpdump -Z root --immediate-mode -U -B 65536 -i to-west -w "$1")

	capture_file=$1
	printf '%srouter# %s &%s\n' "$bold" "${command[*]}" "$plain"
	become router "${command[@]}" 2>"$capture_file.log" &
	capture_pid=$!
	wait_for "tcpdump listens" listens "$capture_file.log"
}

captured()
{
	local seen

	seen=$(tcpdump -r "$capture_file" -n "$2" 2>/dev/null | wc -l)
	[ "$seen" -ge "$1" ]
}

# Ends the capture when $1 packets that match the filter $2 are in it.
stop_capture()
{
	wait_for "$1 packets are on the wire that match '$2'" captured "$1" "$2"
	printf '%srouter# kill -INT %%1%s\n' "$bold" "$plain"
	kill -INT "$capture_pid"
	wait "$capture_pid"
	capture_pid=''
}
