/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine over which the steps go wrong. Knows nothing of what goes wrong.
 */
#ifndef TESTS_UNIT_CARDS_H
#define TESTS_UNIT_CARDS_H

/* 01:00.0 has no driver, 03:00.0 has a built-in one, and 04:00.0 goes well in every row. */
#define CARDS                                            \
	"device 0000:01:00.0 1234:1111 038000 group=1\n" \
	"device 0000:03:00.0 1b36:0002 070002 group=3\n" \
	"device 0000:04:00.0 8086:1533 020000 group=4\n" \
	"driver serial id=1b36:0002\n"                   \
	"module bochs\n"                                 \
	"driver bochs-drm module=bochs id=1234:1111 drm\n"
#define MODULAR CARDS "vfio modular\n"
#define BUILTIN CARDS "vfio builtin\n"
#define ALL_THREE "bind 0000:01:00.0\nbind 0000:03:00.0\nbind 0000:04:00.0\n"

#endif
