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

# Count up when what a kernel's directory in there holds, or how, changes.
kernel_layout=1

kernel_lines=(6.1 6.12)
default_kernel=6.12
# One more, which we build: see build-debug-kernel.
debug_kernel=debug
debug_config=$vm_dir/debug.config
debug_source_line=6.12

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

	for line in "${kernel_lines[@]}" $debug_kernel; do
		[ "$line" = "$1" ] && return
	done
	die 2 "no kernel '$1' in the lab, only: ${kernel_lines[*]} $debug_kernel"
}

# Prints the cache directory of kernel line $1.  The debug kernel has one for
# each configuration and source.
kernel_dir()
{
	local directory=$cache/kernel-$1

	[ "$1" != $debug_kernel ] || directory+=-$(debug_kernel_key)
	echo "$directory"
}

debug_kernel_key()
{
	{
		cat -- "$debug_config"
		basename -- "$(cached_source_package $debug_source_line)"
	} | sha256sum | cut -c 1-12
}

# Prints the newest cached source package of kernel line $1, if any.
cached_source_package()
{
	find "$cache/packages" -name "linux-source-${1}_*.deb" 2>/dev/null |
		sort -V | tail -n 1
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
