#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests the completion for bash, as a report in TAP: what it offers for the
# beginnings of command lines, with and without the lists of what there is.
#
# Usage: completion.sh ROOT-OF-THE-SOURCES

set -u

root=$1
count=0
failures=0
stub=$(mktemp -d) || exit 1
trap 'rm -rf "$stub"' EXIT

# shellcheck source=/dev/null
. "$root/tools/packaging/completion/ipsec"

# Stands for the program when names are asked for.
cat >"$stub/ipsec" <<'STUB'
#!/bin/sh
case "$*" in
"sa list --noheadings") printf 'sa1  192.0.2.1\nsa-two  192.0.2.2\n' ;;
"sp list --noheadings") printf 'sp1  192.0.2.0/24\n' ;;
connectionstatus) printf '000 Connection list:\n000  \n000 "%s": x\n' \
	west-east west-north other ;;
*) exit 1 ;;
esac
STUB
cat >"$stub/refused" <<'STUB'
#!/bin/sh
echo "only root may do this" >&2
exit 1
STUB
cat >"$stub/ip" <<'STUB'
#!/bin/sh
echo '7: ipsec0: <POINTOPOINT,NOARP,UP> mtu 1400 qdisc noqueue'
STUB
chmod +x "$stub"/*
PATH=$stub:$PATH

# offer EXPECTED LINE: completes LINE, whose last word is the one typed; a
# line that ends in a blank begins a new word.
offer()
{
	local expected=$1 line=$2 got

	# the way bash splits a line, = being a word break
	read -ra COMP_WORDS <<<"${line//=/ = }"
	[[ $line == *' ' ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	got=$(_ipsec 2>&1; echo "${COMPREPLY[*]}")
	count=$((count + 1))
	# $expected may be a pattern
	# shellcheck disable=SC2053
	if [[ $got == $expected ]]; then
		echo "ok $count - $line"
	else
		echo "not ok $count - $line"
		echo "# expected: $expected"
		echo "# offered: $got"
		failures=$((failures + 1))
	fi
}

offer 'sa sp batch status counters explain monitor checkconfig initnss checknss newhostkey showhostkey import start stop restart reload auto whack trafficstatus briefstatus connectionstatus shuntstatus add delete replace up down route unroute ondemand ready rereadsecrets rereadall help --help --version' 'ipsec '
offer 'sa sp status showhostkey start stop shuntstatus' 'ipsec s'
offer 'add list set remove --help' 'ipsec sa '
offer 'remove' 'ipsec sp r'
offer 'set' 'ipsec help sp s'
offer 'counters checkconfig checknss connectionstatus' 'ipsec help c'
offer 'add list set remove' 'ipsec help sa '
offer '--sa-name --sa-source --sa-destination --sa-mode --sa-spi --sa-direction' \
	'ipsec sa add --sa-'
offer '--sa-source --sa-destination --sa-mode --sa-spi --sa-direction' \
	'ipsec sa add --sa-name x --sa-'
offer '--sa-source --sa-destination --sa-mode --sa-spi --sa-direction' \
	'ipsec sa add --sa-name=x --sa-'
offer 'transport tunnel' 'ipsec sa add --sa-mode '
offer 'transport tunnel' 'ipsec sa add --sa-mode='
offer 'tunnel' 'ipsec sa add --sa-mode=tu'
offer 'aes256-cbc aes256-ctr aes256-gcm8 *' \
	'ipsec sa add --encryption-algorithm aes256'
offer 'hmac-sha2-256 hmac-sha2-384 hmac-sha2-512' \
	'ipsec sa add --esn --integrity-algorithm=hmac-sha2'
offer '--encryption-algorithm --encryption-key --esn --encapsulation *' \
	'ipsec sa add --e'
offer 'ipsec0' 'ipsec sa add --interface '
offer '' 'ipsec sa add --sa-name '
offer '' 'ipsec sa add --encryption-key '
offer 'sa1 sa-two' 'ipsec sa remove --sa-name '
offer 'sa-two' 'ipsec sa list --sa-name=sa-'
offer 'sp1' 'ipsec sp remove --sp-name '
offer 'sp1' 'ipsec sp remove --sa-name '
offer 'sa1 sa-two' 'ipsec counters --sa '
offer '--interval' 'ipsec counters --watch --i'
offer '--count --timestamp --noheadings --help' 'ipsec monitor --json --'
offer 'sa1 sa-two' 'ipsec sp add --sa-name '
offer '--sa-name' 'ipsec sp add --sa-name sa1 --sa-'
offer '--help' 'ipsec batch --'
offer "$stub/refused" "ipsec batch $stub/ref"
offer "$stub/refused" "ipsec import $stub/ref"
offer "$stub" "ipsec initnss --nssdir ${stub%?}"
offer 'ecdsa eddsa' 'ipsec newhostkey --keytype e'
offer 'ed25519 ed448' 'ipsec newhostkey --keytype eddsa --curve=ed'
offer '--left' 'ipsec showhostkey --ckaid 12 --le'
offer 'sa1 sa-two' 'ipsec sp set --sp-name sp1 --sa-name '
offer '--sa-name' 'ipsec sp set --sa-name sa1 --sa-'
offer '--no-sa' 'ipsec sp set --sp-name sp1 --no'
offer '--sp-name --sa-name --json --help' 'ipsec sp set --no-sa --'
offer 'sp1' 'ipsec sp set --sp-name='
offer 'none discard ipsec' 'ipsec sp add --action '
offer 'tcp' 'ipsec sp add --upper-layer-protocol=t'
offer 'in out' 'ipsec explain --direction '
offer 'ipsec0' 'ipsec explain --interface '
offer 'sa1 sa-two' 'ipsec explain --may-fragment --sa-name '
offer '--asynchronous' 'ipsec auto --up west --as'
offer '--listpubkeys --listpsks --listcerts *' 'ipsec auto --list'
offer '--initiate' 'ipsec whack --name west --init'
offer 'west-east west-north' 'ipsec up w'
offer 'west-east' 'ipsec auto --down west-e'
offer 'west-north' 'ipsec whack --initiate --name west-n'
offer 'other' 'ipsec trafficstatus o'
offer '--ctlsocket --json --help' 'ipsec status '
offer '--verbose' 'ipsec sa list --json --v'
offer '' 'ipsec frob '
offer '' 'ipsec sa frob '
# who may not list gets no names, and no error in the middle of the line
offer '' 'refused sa remove --sa-name '
offer '' '/nonexistent/ipsec sa remove --sa-name '
echo "1..$count"
[ $failures -eq 0 ]
