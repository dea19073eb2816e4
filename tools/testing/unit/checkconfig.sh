#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests what 'ipsec checkconfig' says of files as people write them, as a report
# in TAP. Neither root nor the module is needed.
#
# Usage: checkconfig.sh PROGRAM

set -u

ipsec=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
count=0
failures=0

# check NAME STATUS [PATTERN]...: what the files in $work get ends with STATUS,
# and each pattern matches a line of it.
check()
{
	local name=$1 wanted=$2 said status pattern missing=''
	shift 2

	said=$(cd "$work" && "$ipsec" checkconfig --config ipsec.conf \
		--secrets ipsec.secrets "${more[@]}" 2>&1)
	status=$?
	for pattern in "$@"; do
		grep -q -- "$pattern" <<<"$said" || missing+="# no: $pattern"$'\n'
	done
	count=$((count + 1))
	if [ $status -eq "$wanted" ] && [ -z "$missing" ]; then
		echo "ok $count - $name"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $count - $name"
	printf '%s# status %s instead of %s\n' "$missing" "$status" "$wanted"
	sed 's/^/# /' <<<"$said"
}

# secrets MODE, conf: standard input becomes the file.
secrets()
{
	rm -f "$work/ipsec.secrets"
	cat >"$work/ipsec.secrets"
	chmod "$1" "$work/ipsec.secrets"
}

conf()
{
	cat >"$work/ipsec.conf"
}

more=()
conf <<'CONF'
conn good
	left=192.0.2.1
	right=198.51.100.1
	authby=secret
CONF
secrets 600 <<<'@west @east : PSK "what only the two know"'
check 'good files' 0 '^Connections that can be used: 1; secrets: 1$'

secrets 644 <<<': PSK "what only the two know"'
check 'a secrets file that others can read' 1 \
	'^Connections that can be used: 1; secrets: 0$' \
	'^ipsec checkconfig: ipsec.secrets is open to other users (mode 0644): .* needs mode 0600$'
more=(--json)
check 'the same as JSON' 1 '"good"' 'open to other users'
more=()

rm "$work/ipsec.secrets"
check 'no secrets file where one was named' 1 \
	'^ipsec checkconfig: ipsec.secrets: cannot be opened: No such file'

secrets 600 <<<'@west @east : PKS "x"'
conf <<'CONF'
conn typing
	left=192.0.2.1
	leftsubent=10.1.0.0/24
	right=198.51.100.1
	rightsubnet=10.2.0.0/33
	ike=aes256-sha9
	type=tunel
conn typing
	left=10.1.1.300
	leftsubnet=10.0.0.1/24
	also=nowhere
CONF
check 'typing errors' 1 \
	"^ipsec.conf, line 3: error: .*'leftsubent'; did you mean 'leftsubnet'?$" \
	"^ipsec.conf, line 5: error: .*a number from 0 to 32$" \
	"^ipsec.conf, line 6: error: .*'sha9'; did you mean 'sha2'?$" \
	"^ipsec.conf, line 7: error: .*'tunel' is none of tunnel, transport" \
	"^ipsec.conf, line 8: error: .*'typing' already, in ipsec.conf, line 1$" \
	'^ipsec.secrets, line 1: error: .*none of PSK' \
	'^Connections that can be used: 0; secrets: 0$'

conf <<'CONF'
conn elsewhere
	left=10.1.1.300
	right=198.51.100.1
	leftsubnet=10.0.0.1/24
conn also
	also=nowhere
CONF
check 'wrong addresses and names' 1 \
	"^ipsec.conf, line 2: error: .*'10.1.1.300' is neither an address" \
	"^ipsec.conf, line 4: error: .*the prefix is 10.0.0.0/24$" \
	"^ipsec.conf, line 6: error: .*no connection 'nowhere'"

rm "$work/ipsec.conf"
check 'no configuration' 1 \
	'^ipsec checkconfig: ipsec.conf: cannot be opened: No such file'

echo "1..$count"
[ $failures -eq 0 ]
