#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the image has command line files of its own, which dracut takes for the kernel's, writes
# them and what the kernel was told into one file, in dracut's order. The binder reads that
# instead; what any of it means is its affair.
#
# What is in /run/early-vfio survives into the booted system.
all=/run/early-vfio/cmdline

# print_lines FILE...: prints the files that are there, and ends each line, the last too. Fails where
# not all could be written.
print_lines() {
	for file in "$@"; do
		[ -f "$file" ] || continue
		while read -r line || [ -n "$line" ]; do
			printf '%s\n' "$line" || return
		done <"$file"
	done
}

own=$(print_lines /etc/cmdline.d/*.conf /etc/cmdline)
[ -n "$own" ] || exit 0
mkdir -p /run/early-vfio
# What root alone could read of the image stays so.
umask 077
# Complete or not at all: what is missing in it the binder never sees, early-vfio.mode=off neither.
{
	printf '%s\n' "$own" && print_lines /proc/cmdline
} >"$all.new" && mv "$all.new" "$all"
