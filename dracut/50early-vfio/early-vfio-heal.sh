#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lets the binder look, once a second, as long as the root device is missing: it may be behind what
# was taken. What is given back, and when, the binder decides.

# root_devices: prints the devices that systemd mounts the root from: none where it is on the network.
root_devices() {
	for unit in $(systemctl show --property=Requires --property=BindsTo --value sysroot.mount); do
		case $unit in
		*.device) printf '%s\n' "$unit" ;;
		esac
	done
}

# is_found: succeeds where the root device has appeared, or the root file system is mounted.
is_found() {
	[ -e /dev/root ] || [ -d /sysroot/etc ] || {
		devices=$(root_devices)
		# shellcheck disable=SC2086 # one word a device
		[ -n "$devices" ] && systemctl --quiet is-active $devices
	}
}

# look: lets the binder look, but while udev is busy with what the boot found the root is not
# missing yet. Not for ever: it may be stuck.
look() {
	if [ "$patience" -gt 0 ] && ! udevadm settle --timeout=0; then
		patience=$((patience - 1))
	else
		/sbin/early-vfio heal
	fi
}

patience=30
# The root may appear and become the root between two looks: without systemd nobody ends this
# process then, and it still sees the initramfs, which is empty by now.
while [ -x /sbin/early-vfio ] && [ -d /proc/1 ] && ! is_found; do
	look
	sleep 1 || exit
done
