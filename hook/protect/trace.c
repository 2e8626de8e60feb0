// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What carries this machine: its file systems, swap, and the way to the network, one
 * question after the other. Knows nothing of rules, nor of how devices are stacked.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "walk.h"

static const char esp_type[] = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
static const char loader_partition[] =
	"sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/*
 * Answer one question; what is lost is said, but for what is said otherwise where all is.
 * Return: whether anything was found.
 */
static bool trace_end(struct walk *walk, bool is_said_if_all)
{
	bool is_found;

	walk_run(walk);
	is_found = walk->hardware > 0;
	if (walk->lost && (is_found || is_said_if_all))
		say_note(
			walk->trace->say,
			"%swhat %s cannot be traced to its hardware, and is not protected",
			is_found ? "part of " : "", walk->what);
	walk_free(walk);
	return is_found;
}

/* The topmost file system at a place; one that is yet to be mounted there is none. */
static struct libmnt_fs *mounted_at(struct trace *trace, const char *target)
{
	struct libmnt_fs *fs =
		mnt_table_find_target(trace->mounts, target, MNT_ITER_BACKWARD);

	return fs && !mnt_fs_match_fstype(fs, "autofs") ? fs : NULL;
}

static bool trace_root(struct trace *trace)
{
	struct walk walk = { .trace = trace, .what = "holds /" };

	walk_add_mount(&walk, mounted_at(trace, "/"));
	return trace_end(&walk, false);
}

static void trace_mount(struct trace *trace, const char *target, const char *what)
{
	struct walk walk = { .trace = trace, .what = what };
	struct libmnt_fs *fs = mounted_at(trace, target);

	if (!fs)
		return;
	walk_add_mount(&walk, fs);
	trace_end(&walk, true);
}

static bool is_esp(struct trace *trace, struct libmnt_fs *fs)
{
	const char *target = mnt_fs_get_target(fs);
	dev_t devno = mnt_fs_get_devno(fs);
	struct name path, type;
	bool is_so;
	char *node;

	if (mnt_fs_match_fstype(fs, "autofs"))
		return false;
	if (strcmp(target, "/efi") == 0 || strcmp(target, "/boot/efi") == 0)
		return true;
	if (!mnt_fs_match_fstype(fs, "vfat,msdos"))
		return false;
	node = sysfs_resolve(trace->io, name_of(&path, "sys/dev/block/%u:%u",
						major(devno), minor(devno)));
	is_so = node &&
		udev_property(trace->io, base_of(node), "ID_PART_ENTRY_TYPE", &type) ==
			UDEV_FOUND &&
		strcmp(type.text, esp_type) == 0;
	free(node);
	return is_so;
}

static void add_mounted_esp(struct walk *walk)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	while (iter && mnt_table_next_fs(walk->trace->mounts, iter, &fs) == 0)
		if (is_esp(walk->trace, fs))
			walk_add_mount(walk, fs);
	mnt_free_iter(iter);
}

/* Those that are mounted on demand only. */
static void add_fstab_esp(struct walk *walk)
{
	static const char *const targets[] = { "/efi", "/boot/efi" };
	struct libmnt_table *fstab = mnt_new_table();
	struct name path;

	if (!fstab)
		return;
	if (mnt_table_parse_file(fstab, name_of(&path, "%s/etc/fstab",
						walk->trace->sysroot)) == 0)
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			struct libmnt_fs *fs = mnt_table_find_target(fstab, targets[i],
								     MNT_ITER_BACKWARD);

			if (fs)
				walk_add(walk,
					 block_by_spec(walk->trace->io,
						       span_of(mnt_fs_get_source(fs))));
		}
	mnt_unref_table(fstab);
}

/* Four bytes of attributes, then the id in UTF-16, in capitals. */
static void add_loader_esp(struct walk *walk)
{
	static const char tag[] = "PARTUUID=";
	struct io *io = walk->trace->io;
	char value[128], spec[sizeof(tag) + sizeof(value)];
	ssize_t len = io->read(io, loader_partition, value, sizeof(value));
	size_t at = sizeof(tag) - 1;

	if (len <= 4)
		return;
	memcpy(spec, tag, at);
	for (ssize_t i = 4; i < len && value[i]; i += 2)
		spec[at++] = (char)(value[i] >= 'A' && value[i] <= 'Z' ? value[i] | 0x20 :
									 value[i]);
	walk_add(walk, block_by_spec(io, (struct span){ spec, at }));
}

/* proxmox-boot-tool keeps a copy of the ESP on each of these. */
static void add_proxmox_esp(struct walk *walk)
{
	struct span text, rest, line, word;
	struct name spec;

	if (file_read(walk->trace->io, "etc/kernel/proxmox-boot-uuids", &text))
		return;
	rest = text;
	while (span_next_line(&rest, &line))
		if (span_next_word(&line, &word) && word.ptr[0] != '#')
			walk_add(walk, block_by_spec(walk->trace->io,
						     span_of(name_of(&spec, "UUID=%.*s",
								     (int)word.len,
								     word.ptr))));
	free((char *)text.ptr);
}

static void trace_esp(struct trace *trace)
{
	struct walk walk = { .trace = trace, .what = "holds the ESP" };

	add_mounted_esp(&walk);
	add_fstab_esp(&walk);
	add_loader_esp(&walk);
	add_proxmox_esp(&walk);
	trace_end(&walk, true);
}

static void trace_swap(struct trace *trace)
{
	struct walk walk = { .trace = trace, .what = "holds swap" };
	struct libmnt_table *swaps = mnt_new_table();
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	struct name path;

	if (swaps && iter &&
	    mnt_table_parse_swaps(swaps,
				  name_of(&path, "%s/proc/swaps", trace->sysroot)) == 0)
		while (mnt_table_next_fs(swaps, iter, &fs) == 0) {
			const char *type = mnt_fs_get_swaptype(fs);
			const char *source = mnt_fs_get_source(fs);

			if (!source)
				continue;
			if (type && strcmp(type, "file") == 0)
				walk_add_file(&walk, source);
			else
				walk_add(&walk, block_by_path(trace->io, source));
		}
	mnt_free_iter(iter);
	mnt_unref_table(swaps);
	trace_end(&walk, true);
}

static void add_cmdline_resume(struct walk *walk)
{
	struct span text, rest;
	struct param param;

	if (file_read(walk->trace->io, "proc/cmdline", &text))
		return;
	rest = text;
	while (cmdline_next(&rest, &param))
		if (span_is(param.name, "resume") && param.value.len)
			walk_add(walk, block_by_spec(walk->trace->io, param.value));
	free((char *)text.ptr);
}

static void trace_resume(struct trace *trace)
{
	struct walk walk = { .trace = trace, .what = "holds resume" };
	struct name path;
	char number[32];

	if (file_word(trace->io, "sys/power/resume", number, sizeof(number)) == 0 &&
	    strcmp(number, "0:0") != 0)
		walk_add(&walk,
			 sysfs_resolve(trace->io,
				       name_of(&path, "sys/dev/block/%s", number)));
	else
		add_cmdline_resume(&walk);
	trace_end(&walk, true);
}

static void trace_route(struct trace *trace)
{
	struct walk walk = { .trace = trace, .what = "carries the default route" };

	walk_route(&walk, NULL);
	trace_end(&walk, true);
}

/* Return: NULL, or why nothing can be said of this machine. */
static const char *trace_all(struct trace *trace)
{
	const char *why = foreign_root(trace);

	if (why)
		return why;
	if (!trace_root(trace))
		return "/ cannot be traced to its hardware";
	trace_mount(trace, "/usr", "holds /usr");
	trace_mount(trace, "/boot", "holds /boot");
	trace_esp(trace);
	trace_swap(trace);
	trace_resume(trace);
	trace_route(trace);
	return NULL;
}

void protection_find(struct protection *protection, struct io *io, const char *sysroot,
		     struct say *say)
{
	struct trace trace = { .io = io,
			       .sysroot = sysroot,
			       .say = say,
			       .protection = protection,
			       .mounts = mnt_new_table() };
	struct name path;
	const char *why;

	if (!trace.mounts ||
	    mnt_table_parse_file(trace.mounts,
				 name_of(&path, "%s/proc/self/mountinfo", sysroot)))
		why = "/proc/self/mountinfo cannot be read";
	else
		why = trace_all(&trace);
	mnt_unref_table(trace.mounts);
	if (why)
		protection_none(protection, why);
}
