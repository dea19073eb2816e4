#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests 'make install-user' and 'make uninstall-user': which files arrive where
# and with which mode, for the variables of both spellings, and that nothing is
# left behind.  A report in TAP.
#
# Usage: install.sh ROOT-OF-THE-SOURCES

set -u

root=$1
count=0
failures=0
stage=$(mktemp -d) || exit 1
trap 'rm -rf "$stage"' EXIT

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failures=$((failures + 1))
	fi
}

run_make()
{
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" "$@" \
		>"$stage/log" 2>&1 || { sed 's/^/# /' "$stage/log"; return 1; }
}

# installed MODE FILE
installed()
{
	[ "$(stat -c %a "$stage/root$2" 2>/dev/null)" = "$1" ]
	result $? "$2, mode $1"
}

remove()
{
	run_make "$@" DESTDIR="$stage/root" uninstall-user
	result $? "make uninstall-user $*"
	[ -z "$(find "$stage/root" ! -type d 2>/dev/null)" ]
	result $? 'nothing is left behind'
	rm -rf "$stage/root"
}

run_make DESTDIR="$stage/root" install-user
result $? 'make install-user'
installed 755 /usr/local/sbin/ipsec
installed 755 /usr/local/libexec/ipsec/iked
installed 755 /usr/local/libexec/ipsec/_updown
installed 755 /usr/local/libexec/ipsec/_stackmanager
installed 644 /usr/local/lib/systemd/system/ipsec.service
! grep -q '@' "$stage/root/usr/local/lib/systemd/system/ipsec.service" &&
	grep -q '^ExecStart=/usr/local/libexec/ipsec/iked ' \
		"$stage/root/usr/local/lib/systemd/system/ipsec.service"
result $? 'the service starts the program that was installed'
if command -v systemd-analyze >/dev/null; then
	# the programs that it names are not there
	! systemd-analyze verify --man=no \
		"$stage/root/usr/local/lib/systemd/system/ipsec.service" 2>&1 |
		grep -v 'is not executable\|Failed to create' |
		grep ipsec.service
	result $? 'and systemd understands it'
fi
installed 644 /usr/local/share/man/man8/ipsec.8
installed 644 /usr/local/share/man/man5/ipsec.conf.5
installed 644 /usr/local/share/man/man8/ipsec_sa.8
installed 644 /usr/local/share/bash-completion/completions/ipsec
installed 644 /usr/local/include/linux/espvif.h
[ "$(readlink "$stage/root/usr/local/libexec/ipsec/whack")" = \
	/usr/local/sbin/ipsec ]
result $? 'whack is ipsec by another name'
cmp -s "$root/build/ipsec" "$stage/root/usr/local/sbin/ipsec"
result $? 'the program is the one that was built'
[ "$("$stage/root/usr/local/sbin/ipsec" --version)" = \
	'Linux espvif 0.1 (Libreswan 4.10 compatible)' ]
result $? 'the installed program runs'
remove

variables=(PREFIX=/usr SBINDIR=/usr/bin MANDIR=/usr/man
	BASHCOMPDIR=/etc/bash_completion.d INCLUDEDIR=/usr/headers)
for spelling in upper lower; do
	run_make "${variables[@]}" DESTDIR="$stage/root" install-user
	result $? "make install-user ${variables[*]}"
	installed 755 /usr/bin/ipsec
	installed 644 /usr/man/man8/ipsec_sp.8
	installed 644 /etc/bash_completion.d/ipsec
	installed 644 /usr/headers/linux/espvif.h
	remove "${variables[@]}"
	for i in "${!variables[@]}"; do
		name=${variables[i]%%=*}
		variables[i]=${name,,}=${variables[i]#*=}
	done
done
: "$spelling"

run_make prefix=/opt/espvif DESTDIR="$stage/root" install-user
result $? 'make install-user prefix=/opt/espvif'
installed 755 /opt/espvif/sbin/ipsec
installed 644 /opt/espvif/share/man/man8/ipsec.8
remove prefix=/opt/espvif
echo "1..$count"
[ $failures -eq 0 ]
