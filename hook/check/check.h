/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `early-vfio check` works from, and its checks: each looks at one subject and adds
 * what it finds. Knows nothing of how findings are shown.
 */
#ifndef HOOK_CHECK_CHECK_H
#define HOOK_CHECK_CHECK_H

#include "finding.h"
#include "generate.h"
#include "kernels.h"
#include "loader.h"

struct check {
	struct session session;	  /* planned, where there is a bus */
	struct generate generate; /* the texts as the next image gets them */
	struct io *io;		  /* of the session */
	const char *sysroot;	  /* "" or an absolute path */
	bool has_bus;
	bool has_rules; /* anything is asked for, faulty or not */
	struct kernels kernels;
	struct loader loader;
	struct span log; /* the kernel's, of this boot; empty: it cannot be read */
	struct findings findings;
};

void check_iommu(struct check *check);
void check_remapping(struct check *check);
void check_modules(struct check *check);
void check_rules(struct check *check);
void check_profiles(struct check *check);
void check_devices(struct check *check);
void check_groups(struct check *check);
void check_protection(struct check *check);
void check_command_line(struct check *check);
void check_ids(struct check *check);
void check_modprobe(struct check *check);
void check_module_lists(struct check *check);
void check_overrides(struct check *check);
void check_scripts(struct check *check);
void check_permissions(struct check *check);
void check_last_boot(struct check *check);
/* Behind all others: the session's rules and plan are lost by it. */
void check_images(struct check *check);

/* What vfio-pci needs below it is there: a group for any device at all. */
bool has_iommu(const struct check *check);
/* The device of a verdict is to be taken. */
bool is_target(const struct device *dev);

/* What only root can see is not missing because we are not. */
#define AS_ROOT "look as root: sudo early-vfio check"
bool is_root(void);

/* Does the host have this file? @path: absolute */
bool is_there(const struct check *check, const char *path);
bool is_there_in(const struct check *check, const char *dir, const char *name);

/* A text of the core's writers, from malloc. */
struct text {
	struct out out;
	char buf[REPORT_LINE_MAX];
};
struct out *text_open(struct text *text);
/* What was written, NUL-terminated in buf; what did not fit is cut. */
char *text_close(struct text *text);

/* One line of a file of the host, its comment and blanks around it taken away. */
struct line {
	const char *file; /* absolute */
	unsigned number;  /* of its first line, where a backslash joins several */
	struct span text; /* never empty */
};

typedef void see_line(struct check *check, const struct line *line);

/* Show the lines of a file; nothing where it cannot be read. @path: absolute */
void lines_of_file(struct check *check, const char *path, see_line *see);
/* The same for the files of a directory whose names end in `suffix`. */
void lines_of_directory(struct check *check, const char *dir, const char *suffix,
			see_line *see);

/* Read the kernel's log of this boot into check->log. */
void log_read(struct check *check);
bool log_has(const struct check *check, const char *words);

#endif
