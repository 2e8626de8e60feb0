#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the binder, its configuration and the vfio modules into an image that dracut builds. What
# goes into the configuration, and which modules are needed, "early-vfio generate" knows.
#
# shellcheck disable=SC2154 # dracut sets what is not set here

# check: succeeds where the binder is installed: any image may be told of devices at boot.
check() {
	require_binaries /usr/lib/early-vfio/binder || return 1
	return 0
}

# depends: prints the modules that this one cannot do without: none.
depends() {
	return 0
}

# is_package_operation: succeeds where dpkg or apt runs us. dpkg tells its maintainer scripts, and
# what is run from a trigger loses only DPKG_MAINTSCRIPT_PACKAGE; apt tells what it runs before and
# after dpkg.
is_package_operation() {
	[ -n "${DPKG_MAINTSCRIPT_PACKAGE-}${DPKG_MAINTSCRIPT_NAME-}${DPKG_RUNNING_VERSION-}${DPKG_HOOK_ACTION-}${DPKG_FRONTEND_LOCKED-}" ]
}

# has_vfio: succeeds where the kernel can take devices: the earlier image of one that cannot is no
# better than the new one, and its failure would keep other kernels from theirs.
has_vfio() {
	modprobe --dry-run --quiet --dirname "${dracutsysrootdir:-/}" --set-version "$kernel" vfio-pci
}

# is_strict: succeeds where a faulty configuration may abort the build. An earlier image then
# stays as it was, and whoever started this sees why. In a package operation an abort would leave
# packages half-configured, and a new kernel without an image. Where the name of the image does not
# tell its kernel, as on Arch, the earlier one may be for a kernel that is gone.
is_strict() {
	[[ ${outfile-} == *"$kernel"* ]] && [ -e "$outfile" ] && ! is_package_operation && has_vfio
}

# generate: writes the configuration and the list of modules into the image. Only "exit" ends
# dracut here: it ignores what install returns. Another tree than this machine's is no machine's yet.
generate() {
	local strict=() other=()

	is_strict && strict=(--strict)
	[ -n "${dracutsysrootdir-}" ] && other=(--sysroot "$dracutsysrootdir" --no-host)
	mkdir -p -- "$initdir/etc"
	/usr/sbin/early-vfio generate --kernel "$kernel" --output "$initdir/etc/early-vfio.image" \
		"${strict[@]}" "${other[@]}" && return
	if [ "${#strict[@]}" -gt 0 ]; then
		dfatal "early-vfio: the image for $kernel was not built; an earlier one stays as it was"
		exit 1
	fi
	dwarn "early-vfio: the image for $kernel has no configuration and isolates nothing by itself, see above"
}

# module_names FILE: prints the names of the modules that the generated image file lists.
module_names() {
	local word path name

	[ -e "$1" ] || return 0
	while read -r word path _; do
		[ "$word" = module ] || continue
		name=${path##*/}
		printf '%s\n' "${name%.ko}"
	done <"$1"
}

# has_room: succeeds where the image's compressor leaves at most 100 KB of what unpacked modules are
# larger. Without options dracut has each do its best.
has_room() {
	case "${compress-}" in
	cat | lzop\ *-[1-6]* | lz4\ *-[12]*) return 1 ;;
	esac
}

# installkernel: puts the vfio modules into the image, not compressed where there is room for
# that, so that no boot has to undo it. dracut calls it after install. In a hostonly image too all are
# needed, whatever the building machine has loaded. What comes after this may ask for the same modules
# (add_drivers, force_drivers): dracut would put in their compressed files again.
installkernel() {
	local module modules

	mapfile -t modules < <(module_names "$initdir/etc/early-vfio.image")
	hostonly='' instmods vfio_pci vfio_iommu_type1 "${modules[@]}"
	[ -e "$initdir/etc/early-vfio.image" ] || return 0
	has_room || return 0
	/usr/sbin/early-vfio unpack "$initdir"
	for module in "${modules[@]}"; do
		omit_drivers+="${omit_drivers:+|}^${module//-/_}\$"
	done
}

# install: puts all else into the image. Under systemd a unit starts the binder, and without it
# dracut's own init does, by a hook.
#
# The hook is one of those for the command line, the first: they come before those for pre-udev,
# and among them is already what loads the drivers of rd.driver.pre.
install() {
	local unit

	inst_simple /usr/lib/early-vfio/binder /sbin/early-vfio
	inst_rules 70-early-vfio.rules
	inst_simple "$moddir/early-vfio-cmdline.sh" /usr/lib/early-vfio/cmdline
	inst_simple "$moddir/early-vfio-heal.sh" /usr/lib/early-vfio/heal
	inst_simple "$moddir/early-vfio-shell.sh" /usr/lib/early-vfio/shell
	inst_multiple mv rm sleep
	generate
	if dracut_module_included systemd; then
		for unit in early-vfio.service early-vfio-shell.service early-vfio-heal.service; do
			inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
			$SYSTEMCTL -q --root "$initdir" add-wants sysinit.target "$unit"
		done
	else
		inst_hook cmdline 00 "$moddir/early-vfio.sh"
		inst_hook pre-trigger 99 "$moddir/early-vfio-clock.sh"
	fi
}
