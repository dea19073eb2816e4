#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests what ipsec says to command lines that make no sense, as a report in
# TAP: status 2 and a sentence for usage, 1 for what is refused.  None of this
# reaches the kernel, so neither root nor the module is needed.
#
# Usage: usage.sh PROGRAM

set -u

ipsec=$1
count=0
failures=0
# The leak detector needs to trace a process that forbids it for its keys.
export ASAN_OPTIONS=detect_leaks=0

result()
{
	count=$((count + 1))
	if [ "$1" = ok ]; then
		echo "ok $count - $2"
	else
		failures=$((failures + 1))
		echo "not ok $count - $2"
	fi
}

# expect STATUS SENTENCE [WORD]...: the rest is the command line.
expect()
{
	local wanted=$1 sentence=$2 status output errors
	shift 2

	errors=$("$ipsec" "$@" 2>&1 >/dev/null)
	status=$?
	output=$("$ipsec" "$@" 2>/dev/null)
	if [ $status -eq "$wanted" ] && [ -z "$output" ] &&
	   [[ $(head -n 1 <<<"$errors") == *"$sentence"* ]] &&
	   { [ "$wanted" -ne 2 ] || [[ $errors == *"Try 'ipsec"* ]]; }; then
		result ok "$sentence"
	else
		result failed "$sentence"
		echo "# ipsec $*"
		echo "# status $status instead of $wanted"
		echo "# stderr: ${errors//$'\n'/$'\n# '}"
		echo "# stdout: ${output//$'\n'/$'\n# '}"
	fi
}

# succeed WORDS [WORD]...: ends with 0, nothing on stderr, WORDS on stdout.
succeed()
{
	local words=$1 output status
	shift

	output=$("$ipsec" "$@" 2>&1)
	status=$?
	if [ $status -eq 0 ] && [[ $output == *"$words"* ]]; then
		result ok "ipsec $*"
	else
		result failed "ipsec $*"
		echo "# status $status"
	fi
}

# The options of a good SA; later ones are left out if an option of the same
# name is among the arguments, and so are those named with a minus sign.
sa()
{
	local wanted=$1 sentence=$2 words=() default name argument
	shift 2

	for default in sa-source=192.0.2.1 sa-destination=192.0.2.2 \
		sa-mode=tunnel sa-spi=0x1000 sa-name=sa1 \
		encryption-algorithm=aes128-cbc \
		encryption-key=0123456789abcdef \
		integrity-algorithm=hmac-sha1 \
		integrity-key=0123456789abcdef0123; do
		name=${default%%=*}
		for argument in "$@"; do
			[[ $argument == --$name=* || $argument == -$name ]] &&
				continue 2
		done
		words+=("--$default")
	done
	for argument in "$@"; do
		[[ $argument == --* ]] && words+=("$argument")
	done
	expect "$wanted" "ipsec sa add: $sentence" sa add "${words[@]}"
}

# Likewise for a policy.
sp()
{
	local wanted=$1 sentence=$2 words=() default name argument
	shift 2

	for default in sp-source=192.0.2.0/24 sp-destination=198.51.100.0/24 \
		source-port=23 destination-port=25 upper-layer-protocol=tcp \
		flow-direction=out action=ipsec sp-mode=tunnel sa-name=sa1 \
		sp-name=sp1; do
		name=${default%%=*}
		for argument in "$@"; do
			[[ $argument == --$name=* || $argument == -$name ]] &&
				continue 2
		done
		words+=("--$default")
	done
	for argument in "$@"; do
		[[ $argument == --* ]] && words+=("$argument")
	done
	expect "$wanted" "ipsec sp add: $sentence" sp add "${words[@]}"
}

test_words()
{
	local command
	# a word that one command does take
	local -A batch=([batch]=-)

	succeed 'Linux espvif 0.1 (Libreswan 4.10 compatible)' --version
	succeed 'sa add' --help
	succeed 'sp remove' -h
	succeed 'counters' help
	succeed 'sa list' sa --help
	succeed 'sa list' help sa
	for command in 'sa add' 'sa list' 'sa set' 'sa remove' 'sp add' 'sp list' \
		'sp set' 'sp remove' batch status counters explain monitor; do
		# shellcheck disable=SC2086 # two words
		succeed "Usage: ipsec $command" $command --help
		# shellcheck disable=SC2086
		succeed "Usage: ipsec $command" help $command
		# shellcheck disable=SC2086
		expect 2 "ipsec $command: there is no option --no-such" \
			$command --no-such
		# shellcheck disable=SC2086
		expect 2 "'stray' belongs to no option" ${command/sa add/sp add} \
			${batch[$command]-} stray
	done
	succeed aes256-gcm16 sa add --help
	expect 2 "ipsec: there is no command 'frob'" frob
	expect 2 "ipsec: there is no command 'statsu'; did you mean 'status'?" \
		statsu
	expect 2 "ipsec sa: there is no command 'sa ad'; did you mean 'sa add'?" \
		sa ad
	expect 2 "ipsec sp: there is no command 'sp frob'" sp frob
	expect 2 "ipsec sa: a command is missing" sa
	expect 2 "ipsec help: 'more' is too much" help sa add more
	# what ESXi's documentation has in its example is not a command
	expect 2 "ipsec: there is no command 'insert'" insert --sp-source=::/0
}

# The IKE daemon is asked, and none runs.
test_daemon()
{
	local nobody='Pluto is not running (no "/nonexistent/pluto.ctl")'
	local socket=--ctlsocket=/nonexistent/pluto.ctl

	expect 1 "ipsec auto: $nobody" auto $socket --up west
	expect 1 "ipsec auto: $nobody" up west $socket
	expect 1 "ipsec auto: $nobody" auto --status $socket
	expect 1 "ipsec whack: $nobody" whack --rundir /nonexistent --shutdown
	expect 1 "ipsec trafficstatus: $nobody" trafficstatus $socket
	expect 1 "ipsec trafficstatus: $nobody" traffic $socket
	expect 1 "ipsec auto: $nobody" secrets $socket
	expect 1 "ipsec auto: $nobody" crls $socket
	expect 1 "ipsec whack: $nobody" fips $socket
	succeed 'The IKE daemon is not running' setup --stop $socket
	succeed 'Module' setup status $socket
	expect 2 "ipsec: there is no command 'setup'" setup
	succeed 'Libreswan 4.10' version
	expect 1 "ipsec reload: $nobody" reload $socket
	expect 2 'ipsec auto: what is to be done?' auto west
	expect 2 'ipsec auto: --up and --down: one at a time' \
		auto --up --down west
	expect 2 "ipsec auto: 'east' belongs to no option" auto --up west east
	expect 2 "ipsec auto: 'west' and 'east': one connection at a time" \
		auto --name west --up east
	expect 2 "ipsec auto: 'up' needs the name of a connection" auto --up
	expect 2 "ipsec auto: 'ready' is about no single connection" ready west
	expect 2 "ipsec auto: --config: 'up' reads no configuration" \
		auto --config /etc/ipsec.conf --up west
	expect 1 'ipsec auto: /nonexistent: cannot be opened' \
		auto --config /nonexistent --add west
	expect 2 "ipsec auto: 'down' cannot be asynchronous" \
		down --asynchronous west
	expect 2 'characters that cannot be printed' up $'a\033[1mb'
	succeed 'The IKE daemon is not running' stop $socket
	succeed 'Usage: ipsec auto' up --help
	succeed 'Make the key store' --initnss --help
	succeed '"daemon": null' status --json $socket
}

test_sa()
{
	sa 2 'missing: --sa-name' -sa-name
	sa 2 'missing: --sa-source, --sa-destination' -sa-source -sa-destination
	sa 2 'missing: --sa-mode' -sa-mode
	sa 2 'missing: --sa-spi' -sa-spi
	sa 2 'missing: --encryption-algorithm' -encryption-algorithm
	sa 2 'missing: --encryption-key, which aes128-cbc needs' -encryption-key
	sa 2 'missing: --integrity-algorithm, because aes128-cbc' \
		-integrity-algorithm
	sa 2 'missing: --integrity-key, because aes128-cbc' -integrity-key
	sa 2 "--sa-source: 'west' is not an IPv4 or IPv6 address" \
		--sa-source=west
	sa 2 "--sa-source: '192.0.2.0/24' is a prefix" --sa-source=192.0.2.0/24
	sa 2 "--sa-destination: '0.0.0.0' is not the address of a host" \
		--sa-destination=0.0.0.0
	sa 2 "--sa-source: '224.0.0.1' is not the address of a host" \
		--sa-source=224.0.0.1
	sa 2 '--sa-source is IPv6 and --sa-destination IPv4' --sa-source=::1
	sa 2 "--sa-mode: 'beet' is not transport or tunnel" --sa-mode=beet
	sa 2 "--sa-spi: '0xff' is not an SPI from 0x100 to 0xffffffff" \
		--sa-spi=0xff
	sa 2 "--sa-spi: '0x100000000' is not an SPI from 0x100" \
		--sa-spi=0x100000000
	sa 2 "--sa-spi: '4096' is not an SPI in hexadecimal: write 0x first" \
		--sa-spi=4096
	sa 2 '--sa-name: a name has 1 to 63 characters, not 64' \
		"--sa-name=$(printf '%064d' 0)"
	sa 2 '--sa-name: a name has only printable ASCII characters and no blank' \
		'--sa-name=a b'
	sa 2 '--sa-name: a name has 1 to 63 characters, not 0' --sa-name=
	sa 2 "--sa-direction: 'both' is not in or out" --sa-direction=both
	sa 2 '--sa-spi is given twice' --sa-spi=0x1000 --sa-spi=0x1001
	sa 2 'there is no option --replay-win; did you mean --replay-window?' \
		--replay-win=64
	sa 2 "--interface: a name has 1 to 15 characters" \
		--interface=0123456789abcdef
	sa 2 "--interface: 'a/b' cannot be the name of a network device" \
		--interface=a/b
	sa 2 '--interface: only an SA of --sa-mode tunnel' \
		--interface=ipsec0 --sa-mode=transport
	sa 2 "--replay-window: '4097' is not a number from 0 to 4096" \
		--replay-window=4097
	sa 2 '--replay-window: an outbound SA receives nothing' \
		--replay-window=64 --sa-direction=out
	sa 2 '--esn takes no value' --esn=yes
	sa 2 "--sequence: '-1' is not a number" --sequence=-1
	sa 2 'missing: --sequence, to which --replay-state is relative' \
		--replay-state=0x01
	for state in 0x 0x1 01 0xg1 12345; do
		sa 2 '--replay-state: ' --sequence=1 --replay-state=$state
	done
	expect 2 'ipsec sa set: --peer-address, --peer-port or --sequence is needed' \
		sa set --sa-name=sa1
}

test_sa_keys()
{
	local hidden=0011223344556677889900

	sa 2 "--encryption-algorithm: 'rc4' is no encryption algorithm" \
		--encryption-algorithm=rc4
	sa 2 "--encryption-algorithm: 'aes-128-cbc' is no encryption algorithm; did you mean aes128-cbc?" \
		--encryption-algorithm=aes-128-cbc
	sa 2 "--integrity-algorithm: 'hmac-md5' is no integrity algorithm" \
		--integrity-algorithm=hmac-md5
	sa 2 '--encryption-key: the key has 15 bytes, but aes128-cbc needs 16' \
		--encryption-key=0123456789abcde
	sa 2 '--encryption-key: the key has 16 bytes, but 3des-cbc needs 24' \
		--encryption-algorithm=3des-cbc
	sa 2 '--encryption-key: the key has 17 bytes, but aes-cbc needs 16, 24 or 32' \
		--encryption-algorithm=aes-cbc \
		--encryption-key=0123456789abcdef0
	sa 2 '--encryption-key: the key has 16 bytes, but aes256-gcm16 needs 36 (32 of key and 4 of salt)' \
		--encryption-algorithm=aes256-gcm16 -integrity-key \
		-integrity-algorithm
	sa 2 '--integrity-key: the key has 19 bytes, but hmac-sha1 needs 20' \
		--integrity-key=0123456789abcdef012
	sa 2 '--integrity-key: the key has 20 bytes, but hmac-sha2-512 needs 64' \
		--integrity-algorithm=hmac-sha2-512
	sa 2 '--encryption-key: 3 hexadecimal digits' --encryption-key=0x123
	sa 2 '--encryption-key: only hexadecimal digits may follow 0x, and character 4 is none' \
		"--encryption-key=0x1z$hidden"
	sa 2 '--encryption-key: hexadecimal digits must follow 0x' \
		--encryption-key=0x
	sa 2 '--encryption-key: the key is empty' --encryption-key=
	sa 2 '--encryption-key: character 5 is not printable ASCII' \
		"--encryption-key=$(printf '0123\t56789abcdef')"
	sa 1 '--encryption-key: /nonexistent: No such file or directory' \
		--encryption-key=@/nonexistent
	sa 1 '--encryption-key: /dev/null is not a regular file' \
		--encryption-key=@/dev/null
	sa 2 '--encryption-key: null encrypts nothing' \
		--encryption-algorithm=null
	sa 2 'aes128-gcm16 protects integrity itself' \
		--encryption-algorithm=aes128-gcm16 \
		--encryption-key=0123456789abcdefsalt
	sa 2 'a word belongs to no option: a value with blanks needs quotes' \
		--sa-name=sa1 --
	if "$ipsec" sa add --encryption-key "0x$hidden" --sa-name=x \
		--sa-spi=1 2>&1 | grep -q "$hidden"; then
		result failed 'no key in a sentence'
	else
		result ok 'no key in a sentence'
	fi
}

test_sa_limits()
{
	local kind

	for kind in bytes packets seconds; do
		sa 2 "--lifetime-soft-$kind must not be above --lifetime-hard-$kind" \
			"--lifetime-soft-$kind=2" "--lifetime-hard-$kind=1"
	done
	sa 2 "--lifetime-hard-bytes: '1T' is not a number of bytes, with k, M or G behind it" \
		--lifetime-hard-bytes=1T
	sa 2 "--lifetime-hard-packets: '1k' is not a number from 0 to" \
		--lifetime-hard-packets=1k
	sa 2 "--lifetime-soft-seconds: '4294967296' is not a number from 0 to 4294967295" \
		--lifetime-soft-seconds=4294967296
	sa 1 "--encapsulation: 'tcp' is not possible in this version, only none and udp" \
		--encapsulation=tcp
	sa 2 '--keepalive is for --encapsulation udp only' --keepalive=20
	sa 2 '--encapsulation-source-port is for --encapsulation udp only' \
		--encapsulation=none --encapsulation-source-port=4500
	sa 2 '--encapsulation-destination-port:' --encapsulation=udp \
		--encapsulation-destination-port=0
	sa 2 '--encapsulation-source-port:' --encapsulation=udp \
		--encapsulation-source-port=65536
	sa 2 '--keepalive:' --encapsulation=udp --keepalive=3601
	sa 2 "--encapsulation: 'gre' is not none, udp or tcp" \
		--encapsulation=gre
	test_sa_outer
	sa 2 "--offload: 'full' is not auto, no, crypto or packet" \
		--offload=full
}

test_sa_outer()
{
	local option

	for option in df=set dscp=1 ttl=1 flow-label=no fragmentation=after \
			tfc-padding=1; do
		sa 2 "--${option%=*} is for --sa-mode tunnel only" \
			"--$option" --sa-mode=transport
		sa 2 "--${option%=*} is for outbound SAs only" \
			"--$option" --sa-direction=in
	done
	sa 2 "--df: 'keep' is not copy, set or clear" --df=keep
	sa 2 "--dscp: '64' is not a number from 0 to 63" --dscp=64
	sa 2 "--ttl: '0' is not a number from 1 to 255" --ttl=0
	sa 2 "--ttl: '256' is not a number from 1 to 255" --ttl=256
	sa 2 "--flow-label: 'yes' is not no, copy or hash" --flow-label=yes
	sa 2 "--flow-label: only IPv6 headers have one" --flow-label=hash
	sa 2 "--fragmentation: 'never' is not auto, before or after" \
		--fragmentation=never
	sa 2 "--tfc-padding: '65536' is not a number from 0 to 65535" \
		--tfc-padding=65536
}

test_sp()
{
	local number names=()

	sp 2 'missing: --sp-name, --sp-source' -sp-name -sp-source
	sp 2 'missing: --sp-destination' -sp-destination
	sp 2 'missing: --flow-direction' -flow-direction
	sp 2 'missing: --action' -action
	sp 2 'missing: --sp-mode, because --action ipsec needs it' -sp-mode
	sp 2 'missing: --sa-name, because --action ipsec needs an SA' -sa-name
	sp 2 '--trap: only a policy with --action ipsec is a trap' \
		--action=none --trap -sa-name
	sp 2 '--sa-name: only a policy with --action ipsec has an SA' \
		--action=discard
	sp 2 '--mss is for --action ipsec only' --action=none -sa-name \
		--mss=auto
	sp 2 "--mss: '87' is not a number from 88 to 65534" --mss=87
	sp 2 "--mss: 'yes' is not a number" --mss=yes
	sp 2 "--action: 'drop' is not none, discard or ipsec" --action=drop
	sp 2 "--sp-mode: 'beet' is not transport or tunnel" --sp-mode=beet
	sp 2 "--flow-direction: 'fwd' is not in or out" --flow-direction=fwd
	sp 2 "--sp-source: '192.0.2.1/24' has bits set behind its prefix length; the prefix is 192.0.2.0/24" \
		--sp-source=192.0.2.1/24
	sp 2 "--sp-source: '192.0.2.0/33': the length of an IPv4 prefix is a number from 0 to 32" \
		--sp-source=192.0.2.0/33
	sp 2 "--sp-destination: 'east' is not a prefix like" \
		--sp-destination=east
	sp 2 '--sp-source is IPv6 and --sp-destination IPv4' --sp-source=any6
	sp 2 "--source-port: '65536' is not a port from 0 to 65535" \
		--source-port=65536
	sp 2 "--destination-port: 'smtp' is not a port" --destination-port=smtp
	sp 2 "--destination-port: '9-8' ends before it begins: write 8-9" \
		--destination-port=9-8
	sp 2 '--source-port: only tcp, udp, sctp, dccp and udplite have ports' \
		--upper-layer-protocol=any
	sp 2 "--upper-layer-protocol: 'igmp' is not a protocol: any, tcp, udp, icmp, icmp6" \
		--upper-layer-protocol=igmp
	sp 2 "--upper-layer-protocol: '256' is not a protocol" \
		--upper-layer-protocol=256
	sp 2 '--upper-layer-protocol: between IPv4 prefixes there is icmp, not icmp6' \
		--upper-layer-protocol=icmp6 --source-port=0 \
		--destination-port=0
	sp 2 '--upper-layer-protocol: between IPv6 prefixes there is icmp6, not icmp' \
		--upper-layer-protocol=1 --sp-source=any6 \
		--sp-destination=any6 --source-port=0 --destination-port=0
	sp 2 "--priority: '-1' is not a number from 0 to 4294967295" \
		--priority=-1
	sp 2 "--interface: 'a:b' cannot be the name" --interface=a:b
	sp 2 "--sa-name: 'sa1' is given twice" --sa-name=sa1 --sa-name=sa1
	for number in {1..49}; do
		names+=("--sa-name=sa$number")
	done
	sp 2 '--sa-name stands 49 times; a policy has 48 SAs at most' \
		"${names[@]}"
	sp 2 '--sp-name is given twice' --sp-name=a --sp-name=b
	sp 2 'there is no option --sp-surce; did you mean --sp-source?' \
		--sp-surce=any
}

test_others()
{
	expect 2 'ipsec sa remove: either --sa-name or --remove-all is needed' \
		sa remove
	expect 2 'ipsec sa remove: either --sa-name or --remove-all is needed, and only one of them' \
		sa remove --sa-name sa1 --remove-all
	expect 2 'ipsec sp remove: either --sp-name or --remove-all is needed' \
		sp remove
	expect 2 'ipsec sp remove: either --sp-name or --remove-all is needed, and only one of them' \
		sp remove --sp-name=sp1 --sa-name=sp1
	expect 2 'ipsec sp remove: --sp-name: a name has' sp remove --sp-name=
	expect 2 'ipsec sp set: missing: --sp-name' sp set
	expect 2 'ipsec sp set: either --sa-name or --no-sa is needed' sp set \
		--sp-name=sp1
	expect 2 'ipsec sp set: either --sa-name or --no-sa is needed, and only one of them' \
		sp set --sp-name=sp1 --sa-name=sa1 --no-sa
	expect 2 'ipsec sp set: --sp-name: a name has' sp set --sp-name= \
		--sa-name=sa1
	expect 2 "ipsec sp set: --sa-name: 'sa1' is given twice" sp set \
		--sp-name=sp1 --sa-name=sa1 --sa-name=sa1
	expect 2 'ipsec sa list: there is no option --jso; did you mean --json?' \
		sa list --jso
	expect 2 'ipsec sa list: --sa-name: a name has' sa list --sa-name=
	expect 2 'ipsec sp list: --json is given twice' sp list --json --json
	expect 2 'ipsec counters: --sa needs a value: NAME' counters --sa
	expect 2 'ipsec counters: --sa needs a value, and not the option' \
		counters --sa --all
	expect 2 'ipsec counters: --interval makes sense with --watch only' \
		counters --interval 2
	expect 2 'ipsec counters: --count makes sense with --watch only' \
		counters --count=2
	expect 2 "ipsec counters: --interval: '0' is not a number from 1 to 86400" \
		counters --watch --interval=0
	expect 2 "ipsec counters: --count: 'many' is not a number from 1 to" \
		counters --watch --count=many
	expect 2 "ipsec monitor: --count: '0' is not a number from 1 to" \
		monitor --count=0
	expect 2 'ipsec status: --json takes no value' status --json=1
	succeed '"loaded"' status --json
	if ! "$ipsec" --help >/dev/full 2>/dev/null; then
		result ok 'output that cannot be written'
	else
		result failed 'output that cannot be written'
	fi
}

test_explain()
{
	local ends=(--source 192.0.2.1 --destination 192.0.2.2)

	expect 2 'ipsec explain: missing: --source, --destination' explain
	expect 2 "--source: 'west' is not an IPv4 or IPv6 address" \
		explain --source west --destination 192.0.2.2
	expect 2 '--source is IPv6 and --destination IPv4' \
		explain --source ::1 --destination 192.0.2.2
	expect 2 "--direction: 'both' is not in or out" \
		explain "${ends[@]}" --direction both
	expect 2 "--protocol: 'igmp' is not a protocol" \
		explain "${ends[@]}" --protocol igmp
	expect 2 'only tcp, udp, sctp, dccp and udplite have ports' \
		explain "${ends[@]}" --protocol icmp --destination-port 53
	expect 2 "--destination-port: '0' is not a number from 1 to 65535" \
		explain "${ends[@]}" --protocol udp --destination-port 0
	expect 2 "--length: '65536' is not a number from 1 to 65535" \
		explain "${ends[@]}" --length 65536
	expect 2 '--sa-name is for --direction in' \
		explain "${ends[@]}" --sa-name sa1
	expect 2 '--interface: an SA delivers where it is bound to' \
		explain "${ends[@]}" --direction in --sa-name sa1 \
		--interface ipsec0
	expect 2 "--interface: 'a/b' cannot be the name" \
		explain "${ends[@]}" --interface a/b
	expect 2 '--may-fragment takes no value' \
		explain "${ends[@]}" --may-fragment=yes
}

# batch STATUS SENTENCE [LINE]...: a file of these lines, which only its owner
# can read, or others too if the variable mode says so.
batch()
{
	local wanted=$1 sentence=$2 file
	shift 2

	file=$(mktemp) || exit 1
	printf '%s\n' "$@" >"$file"
	chmod "${mode:-0600}" "$file"
	expect "$wanted" "$sentence" batch "$file"
	rm -f "$file"
}

test_batch()
{
	local good='sa remove --sa-name sa1'
	local sa='sa add --sa-name sa1 --sa-source 192.0.2.1 --sa-mode tunnel
		--sa-destination 192.0.2.2 --sa-spi 0x1000
		--encryption-algorithm aes128-gcm16' mode=
	local key=0x000102030405060708090a0b0c0d0e0f10111213
	sa=$(tr -s '\n\t' ' ' <<<"$sa")

	batch 2 "line 1: 'status' cannot be part of it: a batch has the commands sa add" \
		status
	batch 2 "line 3: 'sa list' cannot be part of it" \
		"$good" '# sa list' 'sa list --json'
	batch 2 "line 1: 'sp' cannot be part of it" 'sp SECRET1 add'
	batch 2 "line 1: quotes and backslashes have no meaning" 'sp "add"'
	batch 2 "line 2: quotes and backslashes" "$good" "$sa \\ "
	batch 2 "line 1: leave out the word 'ipsec'" "ipsec $good"
	batch 2 'line 1: the line does not begin with a command' "$key"
	batch 2 'line 1: sa add: missing: --sa-name, --sa-source' 'sa add'
	batch 2 "line 4: sa remove: there is no option --sa-nam; did you mean --sa-name?" \
		'' "$good # this" '' 'sa remove --sa-nam x'
	batch 2 "line 3: sp remove: --sp-name: a name has" "$good \\" \
		' ' 'sp remove --sp-name='
	batch 2 'sa remove: --remove-all cannot be part of a batch' \
		'sa remove --remove-all'
	batch 2 'sp remove: --remove-all cannot be part of a batch' \
		'sp remove --remove-all'
	batch 2 'sp set: --json cannot be part of a batch' \
		'sp set --json --sp-name sp1 --sa-name sa1'
	batch 2 'sa remove: --help cannot be part of a batch' 'sa remove --help'
	batch 2 'sa add: --encryption-key: the key has 4 bytes' \
		"$sa --encryption-key 0x01020304"
	batch 2 'line 1: a word has a character that is not printable' \
		"$good"$'\r'
	batch 2 'line 2: the line is longer than any command (8191' '#' \
		"$(printf '%8192s' x)"
	batch 2 'line 1: the line has more words than any command (128)' \
		"$(printf 'x %.0s' {1..129})"
	mode=0640
	batch 1 'is open to other users (mode 0640): a file with a key needs mode 0600' \
		'# keys' "$sa --encryption-key=$key"
	# where a key is may be known
	batch 1 'sa add: --encryption-key: /nonexistent: No such file' \
		"$sa --encryption-key @/nonexistent"
	expect 1 'ipsec batch: /nonexistent: No such file' batch /nonexistent
	expect 1 'ipsec batch: /, line 1: cannot be read: Is a directory' batch /
	expect 2 "standard input, line 1: 'list' cannot be part" batch <<<list
	succeed '' batch - </dev/null
}

test_words
test_sa
test_sa_keys
test_sa_limits
test_sp
test_others
test_explain
test_batch
test_daemon
echo "1..$count"
[ $failures -eq 0 ]
