// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * May others than root write to the config, and so choose what the machine starts without?
 * Knows nothing of what is in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "trust.h"

static const char name[] = "permissions";

static void say_owner(struct check *check, const char *path, uid_t owner)
{
	char *remedy = xformat("run chown root:root /%s", path);

	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "/%s belongs to user %u, who may change which devices are taken",
		    path, (unsigned)owner);
	free(remedy);
}

static void say_mode(struct check *check, const char *path, mode_t mode)
{
	char *remedy = xformat("run chmod go-w /%s", path);

	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "/%s may be written by %s, who may change which devices are taken",
		    path, mode & S_IWOTH ? "everybody" : "its group");
	free(remedy);
}

static void see_distrust(void *context, const struct distrust *found)
{
	if (found->has_owner)
		say_owner(context, found->path, found->owner);
	if (found->has_writers)
		say_mode(context, found->path, found->mode);
}

/* What is there and cannot be read does not get into an image. */
static void say_unreadable(struct check *check, const char *path, int error)
{
	bool is_for_root = error == -EACCES;

	if (!file_is_missing(check->io, path))
		finding_add(&check->findings, is_for_root ? FINDING_WARN : FINDING_FAIL,
			    name, is_for_root ? AS_ROOT : "correct or remove it",
			    "/%s cannot be read: %s", path, strerror(-error));
}

static void check_readable(struct check *check, const char *path)
{
	struct span text;
	int error = file_read(check->io, path, &text);

	if (error)
		say_unreadable(check, path, error);
	else
		free((char *)text.ptr);
}

static void check_directory(struct check *check, const char *dir)
{
	struct names names;
	int rc = names_read(check->io, dir, &names);

	if (rc)
		say_unreadable(check, dir, rc);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (!span_ends(span_of(path), ".conf") || names.items[i][0] == '.')
			;
		else if (!is_plain_name(span_of(names.items[i])))
			finding_add(&check->findings, FINDING_FAIL, name,
				    "name it without blanks and control characters",
				    "/%s is not read: its name is no single word", path);
		else
			check_readable(check, path);
		free(path);
	}
	names_free(&names);
}

void check_permissions(struct check *check)
{
	struct trust trust = { .io = check->io,
			       .root = check->session.kernel.root,
			       .is_sysroot = *check->sysroot != '\0' };
	size_t count = check->findings.count;

	trust_look(&trust, see_distrust, check);
	count = check->findings.count - count;
	check_readable(check, "etc/early-vfio.conf");
	check_directory(check, "etc/early-vfio.conf.d");
	if (!count && check->has_rules)
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "only root may write to the config");
}
