# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the laboratory's programs share: where things are, which kernels there
# are, and how to complain.  Sourced, never run.
# shellcheck disable=SC2034  # not every program uses every variable

vm_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
repository=$(cd -- "$vm_dir/../../.." && pwd -P)
program=${0##*/}

# Everything downloaded or unpacked lives here, outside the tree.
cache=${ESPVIF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/espvif}

kernel_lines=(6.1 6.12)
default_kernel=6.12

# Says on stderr what went wrong and ends with the status in $1.
die()
{
	local status=$1

	shift
	echo "$program: $*" >&2
	exit "$status"
}

say()
{
	echo "$program: $*" >&2
}

# Ends with status 2 unless $1 is a kernel line of the lab.
require_kernel_line()
{
	local line

	for line in "${kernel_lines[@]}"; do
		[ "$line" = "$1" ] && return
	done
	die 2 "no kernel '$1' in the lab, only: ${kernel_lines[*]}"
}

# Prints the cache directory of kernel line $1.
kernel_dir()
{
	echo "$cache/kernel-$1"
}

# Prints the release (uname -r) of the cached kernel line $1.
kernel_release()
{
	cat -- "$(kernel_dir "$1")/release"
}

# Holds the lock file $1 on descriptor 9 for the rest of the (sub)shell.
hold_lock()
{
	mkdir -p -- "${1%/*}" || die 125 "cannot create ${1%/*}"
	exec 9>"$1" || die 125 "cannot write $1"
	if ! flock -n 9; then
		say "waiting for another run of the lab to finish with ${1##*/}"
		flock 9
	fi
}
