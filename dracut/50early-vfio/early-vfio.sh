#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the binder in an image without systemd, before anything loads the host's drivers. It decides
# nothing and cannot fail the boot. dracut's init sources it: it must not exit.

# A child of the binder may hang in the kernel for good: it must hold no console and no log open.
# What there is to say, the binder says in the kernel's log.
sh /usr/lib/early-vfio/cmdline </dev/null >/dev/null 2>&1
/sbin/early-vfio run </dev/null >/dev/null 2>&1
early_vfio_status=$?

# 4: a shell is wanted. 126 and more: it could not be started, or a signal ended it, and nobody else
# says so.
if [ "$early_vfio_status" -eq 4 ]; then
	sh /usr/lib/early-vfio/shell
elif [ "$early_vfio_status" -ge 126 ]; then
	printf '<3>early-vfio: the binder did not run to its end (status %d): look at early-vfio status\n' \
		"$early_vfio_status" >/dev/kmsg
fi
unset early_vfio_status
