# SPDX-License-Identifier: GPL-2.0-or-later
"""What a booted guest's `generate` protects: the commands that ask it, and the lines that are to
come. Knows nothing of single machines."""

# Names of the kernel's that stand on a PCI function, a line each: the last address of its path.
NAMES = """
for link in /sys/class/block/* /sys/class/net/*; do
	[ -e "$link" ] || continue
	path=$(readlink -f "$link") name=${link##*/} address=
	IFS=/
	for part in $path; do
		case $part in
		????:??:??.?) address=$part ;;
		esac
	done
	unset IFS
	[ -e "$link/partition" ] || [ ! "$address" ] || printf '%s %s\\n' "$address" "$name"
done
"""
GENERATE = """
early-vfio generate --strict --kernel "$(uname -r)" --output /run/guest.image || exit
grep -E '^(protect|unprotected) ' /run/guest.image
"""


def names_in(facts):
    """What the command NAMES, by the name "names", has printed: address to name."""
    return dict(line.split() for line in facts.command("names")[1].splitlines())


def protect_line(address, ids, reason, names):
    """A line of the image; in the reason, NAME stands for what is on the function."""
    return f"protect {address} {ids} {reason.replace('NAME', names.get(address, 'disk'))}"
