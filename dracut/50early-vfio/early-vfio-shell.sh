#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Gives dracut's own shell, as rd.break does, where not all came out as wanted and
# early-vfio.on-failure=shell asks for one. The boot goes on when it ends, and without it where
# rd.shell=0 forbids shells.
rm -f /run/early-vfio/shell

# shellcheck source=/dev/null
. /lib/dracut-lib.sh

if getargbool 1 rd.shell; then
	warn 'early-vfio: not all is as wanted; look at early-vfio status, exit goes on'
	# Not emergency_shell, which ends the boot behind the shell where rd.emergency= is given.
	# shellcheck disable=SC2034 # whose hooks run before the shell
	hook=emergency
	_emergency_shell early-vfio
else
	printf '<3>early-vfio: not all is as wanted, and rd.shell=0 forbids the shell: the boot goes on\n' \
		>/dev/kmsg
fi
exit 0
