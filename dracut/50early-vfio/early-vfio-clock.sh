#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts the clock that heals a boot without its root device, beside the boot, in an image without
# systemd. dracut's init sources it: it must not exit.
sh /usr/lib/early-vfio/heal </dev/null >/dev/null 2>&1 &
