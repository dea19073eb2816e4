#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests the commands of the key store on a store of their own, as a report in
# TAP: initnss, checknss, newhostkey, showhostkey, import.
#
# Usage: keystore.sh PROGRAM ROOT-OF-THE-SOURCES

set -u
shopt -s extglob

ipsec=$1
unit_dir=$2/tools/testing/unit
count=0
failures=0
work=$(mktemp -d) || exit 1
store=$work/ipsec.d
trap 'rm -rf "$work"' EXIT
# import forbids to be traced for its key; the leak detector would
export ASAN_OPTIONS=detect_leaks=0

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$work/out" "$work/err"
		failures=$((failures + 1))
	fi
}

# run STATUS COMMAND [WORD]...: on the store, output in files
run()
{
	local wanted=$1 command=$2
	shift 2

	"$ipsec" "$command" --nssdir "$store" "$@" \
		>"$work/out" 2>"$work/err" </dev/null
	[ $? -eq "$wanted" ]
}

# out PATTERN, err PATTERN: all of what was printed, a pattern of the shell
out()
{
	# shellcheck disable=SC2053
	[[ $(<"$work/out") == $1 ]]
}

err()
{
	# shellcheck disable=SC2053
	[[ $(<"$work/err") == $1 ]]
}

# take FILE PASSWORD [WORD]...: imports a file
take()
{
	local file=$1 password=$2
	shift 2

	printf '%s\n' "$password" |
		"$ipsec" import --nssdir "$store" "$work/$file" "$@" \
		>"$work/out" 2>"$work/err"
}

modes()
{
	(cd "$store" && stat -c '%a %F' private private/* | sort -u | tr '\n' ,)
}

run 1 newhostkey && err "*there is no key store in $store: 'ipsec initnss' makes one"
result $? 'newhostkey without a store'
run 1 showhostkey --list && err '*there is no key store*'
result $? 'showhostkey without a store'
run 0 initnss && out 'Initializing NSS database' && err ''
result $? 'initnss'
run 1 initnss && err '*NSS database already initialised - aborted*'
result $? 'initnss again'
run 0 showhostkey --list && out '' && err ''
result $? 'an empty store'

run 0 newhostkey --bits 2048 --seeddev /dev/random && out '' &&
	err $'Generated RSA key pair with CKAID +([0-9a-f]) was stored in the NSS database\nThe public key can be displayed using: ipsec showhostkey --left --ckaid +([0-9a-f])'
result $? 'newhostkey'
ckaid=$(sed -n 's/.*--ckaid //p' "$work/err")
[ "$(modes)" = '600 regular file,700 directory,' ]
result $? 'only root can read it'
run 0 showhostkey --list && out "< 1> RSA keyid: AwEAA???? ckaid: $ckaid"
result $? 'showhostkey --list'
run 0 showhostkey --left --ckaid "$ckaid" &&
	out $'\t# rsakey AwEAA????\n\tleftrsasigkey=0sAwEAA*'
result $? 'showhostkey --left'
run 0 showhostkey --right --ckaid "${ckaid:0:8}" &&
	out $'\t# rsakey AwEAA????\n\trightrsasigkey=0sAwEAA*'
result $? 'showhostkey --right, part of the CKAID'
id=$(sed -n 's/.*rsakey //p' "$work/out")
run 0 showhostkey --left --rsaid "$id" && out "*# rsakey $id*"
result $? 'showhostkey --rsaid'
run 1 showhostkey --left --ckaid 0123xyz &&
	err "*there is no key with CKAID '0123xyz'*"
result $? 'a CKAID that is not there'

run 0 newhostkey --keytype ecdsa --quiet &&
	err 'Generated ECDSA key pair with CKAID +([0-9a-f]) was stored in the NSS database'
result $? 'newhostkey --keytype ecdsa --quiet'
ckaid=$(sed -n 's/.*CKAID \([0-9a-f]*\) .*/\1/p' "$work/err")
run 0 showhostkey --left --ckaid "$ckaid" &&
	out $'\t# ecdsakey B????????\n\tleftecdsakey=0sB*'
result $? 'its leftecdsakey'
run 0 newhostkey --keytype eddsa --curve ed448 && err 'Generated EDDSA*'
result $? 'newhostkey --keytype eddsa --curve ed448'
ckaid=$(sed -n 's/.*--ckaid //p' "$work/err")
run 0 showhostkey --left --ckaid "$ckaid" && out $'\tleftpubkey=MEMwBQYDK2Vx*'
result $? 'its leftpubkey'
run 2 newhostkey --curve secp256r1 && err '*--curve belongs to --keytype ecdsa*'
result $? 'a curve for RSA'
run 2 newhostkey --keytype ecdsa --bits 2048 && err '*--bits belongs to --keytype rsa*'
result $? 'bits for ECDSA'
run 2 newhostkey --keytype eddsa --curve secp256r1 && err "*'secp256r1' is none of --keytype eddsa*"
result $? 'the other kind of curve'
run 2 newhostkey --keytype ecdsa --curve secp256k1 && err "*'secp256k1' is no curve*"
result $? 'a curve we do not have'
run 2 newhostkey --keytype dsa && err "*--keytype 'dsa': choose rsa*"
result $? 'a kind we do not have'
run 2 newhostkey --bits 1024 && err '*--bits: *number from 2048 to 8192*'
result $? 'too few bits'
run 2 showhostkey && err '*one of --list, --left and --right*'
result $? 'showhostkey of what'
run 2 showhostkey --list --left && err '*one of --list, --left and --right*'
result $? 'showhostkey of too much'
run 2 showhostkey --left && err '*which key?*'
result $? 'showhostkey of which key'
run 2 import && err '*which file?*'
result $? 'import of what'
run 1 import nowhere.p12 && err '*nowhere.p12: No such file*'
result $? 'import of a file that is not there asks for no password'
run 2 showhostkey --left --ckaid '' && err '*begins more than one key*'
result $? 'a CKAID that is not told'

mkdir "$work/files" && "$unit_dir/certificates.py" "$work/files" 2>"$work/err"
result $? 'certificates are made'
for file in bundle bundle_unnamed west; do
	# the first byte is for fuzzers
	tail -c +2 "$work/files/$file" >"$work/$file.p12"
done
take bundle.p12 wrong; [ $? -eq 1 ] && err '*bundle.p12: the password of the file is wrong'
result $? 'import with a wrong password'
[ -z "$(find "$store/certs" "$store/cacerts" -type f)" ]
result $? 'nothing was taken'
take bundle.p12 secret && out $'PKCS12 IMPORT SUCCESSFUL\ncertificate \'west\' of \'C=CA, O=Example, CN=west\', 2 authorities'
result $? 'import'
[ "$(cd "$store" && echo certs/* cacerts/*)" = \
	'certs/west.pem cacerts/Middle.pem cacerts/Root.pem' ]
result $? 'its files'
[ "$(modes)" = '600 regular file,700 directory,' ]
result $? 'only root can read its key'
take bundle.p12 secret
result $? 'the same once more'
cp "$store/cacerts/Root.pem" "$store/certs/west.pem"
take bundle.p12 secret; [ $? -eq 1 ] && err "*another certificate with the nickname 'west'*"
result $? 'another certificate of that name'
cmp -s "$store/cacerts/Root.pem" "$store/certs/west.pem"
result $? 'that one is not replaced'
take bundle.p12 secret --name ../../we/st &&
	[ -f "$store/certs/%2E.%2F..%2Fwe%2Fst.pem" ]
result $? 'a name that looks like a path'
take bundle_unnamed.p12 secret; [ $? -eq 1 ] && err '*choose one with --name'
result $? 'a certificate without a name'
take west.p12 secret; [ $? -eq 1 ] && err '*this is no PKCS#12 file'
result $? 'what is no PKCS#12 file'
take nothing.p12 secret; [ $? -eq 1 ] && err '*nothing.p12: No such file*'
result $? 'a file that is not there'
take bundle.p12 "$(printf '%0300d' 0)"; [ $? -eq 2 ] && err '*more than 254 characters*'
result $? 'a password without end'
run 1 import "$work/bundle.p12" && err '*expected on standard input*'
result $? 'no password at all'

run 0 checknss && out ''
result $? 'checknss'
chmod 644 "$store/private/$ckaid.pem"
run 1 checknss && err "*private/$ckaid.pem is open to other users (mode 0644)*"
result $? 'checknss: a key that others can read'
chmod 600 "$store/private/$ckaid.pem"
chmod 750 "$store/private"
run 1 checknss && err '*private is open to other users (mode 0750)*'
result $? 'checknss: a directory that others can read'
chmod 700 "$store/private"
echo nonsense >"$store/private/$ckaid.pem"
run 1 checknss && err "*private/$ckaid.pem: the private key is malformed*"
result $? 'checknss: a key that is none'
store=$work/other
run 0 checknss && out 'Initializing NSS database' && [ -d "$store/private" ]
result $? 'checknss makes a store'
echo "1..$count"
[ $failures -eq 0 ]
