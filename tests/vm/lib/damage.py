# SPDX-License-Identifier: GPL-2.0-or-later
"""Damage to our files in an image of any make, by a shell script that writes to "$conf" and
"$image". Knows nothing of what is written."""

import subprocess

# Where Guest.extra_image runs the script for an extra initrd.
PROGRAM = "usr/lib/guest/damage"


def damage(script):
    """Files of the host's tree by which images come out damaged."""
    paths = "conf={0}/early-vfio.conf image={0}/early-vfio.image\n"
    hook = f"""#!/bin/sh
[ "${{1-}}" != prereqs ] || exit 0
{paths.format('$DESTDIR/etc')}{script}"""
    module = f"""#!/bin/bash
check() {{
	return 0
}}
install() {{
	{paths.format('$initdir/etc')}{script}}}
"""
    program = f"""#!/bin/sh
mkdir -p "$1"
conf=$1/early-vfio.conf image=$1/$2.image
{script}"""
    return {"etc/initramfs-tools/hooks/zz-damage*": hook,
            "usr/lib/dracut/modules.d/99zz-damage/module-setup.sh*": module,
            f"{PROGRAM}*": program}


def damaged_extra(guest, upper):
    """What the script makes of an extra initrd's files, as an archive; empty where there is no
    script."""
    if not (upper / PROGRAM).exists():
        return b""
    guest.must_run(upper, guest.lowers(), f"/{PROGRAM}", "/boot/damaged/early-vfio/etc",
                   guest.kernel)
    top = upper / "boot/damaged"
    names = "".join(f"{path.relative_to(top)}\n" for path in top.rglob("*"))
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=top, check=True,
                          input=names.encode(), stdout=subprocess.PIPE).stdout
