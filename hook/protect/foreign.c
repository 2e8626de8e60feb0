// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is the root that we see that of the running machine, or of a chroot, a container, an image
 * being built? There sysfs and procfs tell of another machine. Knows nothing of devices.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "walk.h"

/* Only root may look: where it may not, other signs decide. */
static bool is_chroot(const struct trace *trace)
{
	struct stat first, ours;
	struct name path;

	if (stat(name_of(&path, "%s/proc/1/root/.", trace->sysroot), &first) ||
	    stat(name_of(&path, "%s/.", trace->sysroot), &ours))
		return false;
	return first.st_dev != ours.st_dev || first.st_ino != ours.st_ino;
}

/* Process 1 was told so by whoever started it. */
static bool has_container_variable(struct io *io)
{
	struct span text, rest, variable;
	bool is_found = false;

	if (file_read(io, "proc/1/environ", &text))
		return false;
	rest = text;
	while (!is_found && span_next_field(&rest, '\0', &variable))
		is_found = span_starts(variable, "container=");
	free((char *)text.ptr);
	return is_found;
}

/* Files outlive their container where an image of it became a machine's root. */
static bool sees_kernel_threads(struct io *io)
{
	char comm[32];

	return file_word(io, "proc/2/comm", comm, sizeof(comm)) == 0 &&
	       strcmp(comm, "kthreadd") == 0;
}

/*
 * Image builders that number their processes anew become process 1 of what they build.
 *
 * Source: PROC_PID_INIT_INO in the kernel's proc_ns.h, the first namespace's number.
 */
static bool has_own_processes(struct io *io)
{
	char target[64];
	ssize_t len = io->link(io, "proc/self/ns/pid", target, sizeof(target));

	return len > 0 &&
	       !span_is((struct span){ target, (size_t)len }, "pid:[4026531836]");
}

static bool is_container(struct io *io)
{
	return has_own_processes(io) || io->exists(io, "run/systemd/container") == 0 ||
	       io->exists(io, "run/.containerenv") == 0 || has_container_variable(io) ||
	       (io->exists(io, ".dockerenv") == 0 && !sees_kernel_threads(io));
}

/* A whole file system, or the subvolume or deployment that was mounted as such. */
static bool is_whole(struct libmnt_fs *root)
{
	const char *dir = mnt_fs_get_root(root);
	char *subvolume = NULL;
	size_t len = 0;

	if (!dir || strcmp(dir, "/") == 0 || span_starts(span_of(dir), "/ostree/"))
		return true;
	return mnt_fs_get_option(root, "subvol", &subvolume, &len) == 0 &&
	       span_is((struct span){ subvolume, len }, dir);
}

const char *foreign_root(struct trace *trace)
{
	struct libmnt_fs *root =
		mnt_table_find_target(trace->mounts, "/", MNT_ITER_BACKWARD);

	if (is_container(trace->io))
		return "this is a container";
	if (!root || is_chroot(trace))
		return "this is a chroot";
	if (!mnt_fs_is_netfs(root) && !is_whole(root))
		return "/ is a directory of another file system, as image builders have it";
	return NULL;
}
