# SPDX-License-Identifier: GPL-2.0-or-later
"""What a booted guest's `generate` protects: the commands that ask it, and the lines that are to
come, which an image can also be given. Knows nothing of single machines."""

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


def given(*lines):
    """Files of the host's tree by which an image of any make has these lines in the place of what
    generate found: a chroot cannot know."""
    text = "\n".join(lines)
    script = f"""file={{0}}/etc/early-vfio.image
sed -i '/^unprotected /d' "$file"
cat >>"$file" <<'end'
{text}
end
"""
    return {
        "etc/initramfs-tools/hooks/guest-protect*": f"""#!/bin/sh
case ${{1-}} in
prereqs)
	echo early-vfio
	exit 0
	;;
esac
{script.format('$DESTDIR')}""",
        "usr/lib/dracut/modules.d/99guest-protect/module-setup.sh*": f"""#!/bin/bash
installkernel() {{
{script.format('$initdir')}}}
"""}
