// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who made an image, what runs the binder in it, and whether that is before udev. Knows
 * nothing of config and modules.
 */
#include <string.h>

#include "verify/verify.h"

#define ORDER "scripts/init-top/ORDER"
#define SCRIPT "scripts/init-top/early-vfio"
#define NAME "order"

static bool has(const struct inside *inside, const char *path)
{
	return inside_find(inside, path) != NULL;
}

enum layout layout_of(const struct inside *inside)
{
	if (has(inside, "early-vfio/binder") && !has(inside, "sbin/early-vfio") &&
	    !has(inside, "usr/sbin/early-vfio"))
		return LAYOUT_EXTRA;
	if (has(inside, "scripts/init-top") || has(inside, "conf/initramfs.conf"))
		return LAYOUT_INITRAMFS_TOOLS;
	if (has(inside, "usr/lib/dracut") || has(inside, "lib/dracut"))
		return LAYOUT_DRACUT;
	if (has(inside, "init_functions") || has(inside, "hooks") ||
	    has(inside, "usr/lib/initcpio"))
		return LAYOUT_MKINITCPIO;
	return LAYOUT_UNKNOWN;
}

/* The script that a line of ORDER runs; empty: none. */
static struct span script_of(struct span line)
{
	struct span word;

	if (!span_next_word(&line, &word) || !span_starts(word, "/scripts/"))
		return SPAN("");
	return span_basename(word);
}

/* Is `name` run, and before `other`? */
static bool stands_before(struct span order, const char *name, const char *other,
			  bool *is_there)
{
	struct span line;

	*is_there = false;
	while (span_next_line(&order, &line)) {
		struct span script = script_of(line);

		if (span_is(script, name)) {
			*is_there = true;
			return true;
		}
		if (span_is(script, other))
			break;
	}
	while (span_next_line(&order, &line))
		*is_there |= span_is(script_of(line), name);
	return false;
}

static void judge_initramfs_tools(const struct inside *inside, struct findings *findings)
{
	const struct inside_file *order = inside_find(inside, ORDER);
	const struct inside_file *script = inside_find(inside, SCRIPT);
	bool is_there, is_before;

	if (!script) {
		finding_add(findings, FINDING_FAIL, NAME,
			    "reinstall the package early-vfio, and build the image anew",
			    "nothing runs the binder: /" SCRIPT " is missing");
		return;
	}
	if (!(script->mode & 0100)) {
		finding_add(findings, FINDING_FAIL, NAME,
			    "chmod 755 "
			    "/usr/share/initramfs-tools/scripts/init-top/early-vfio, and "
			    "build the image anew",
			    "/" SCRIPT " is not executable: the binder does not run");
		return;
	}
	is_before = stands_before(order ? order->content : SPAN(""), "early-vfio", "udev",
				  &is_there);
	if (is_before)
		finding_add(findings, FINDING_PASS, NAME, NULL,
			    "the binder runs before udev");
	else if (is_there)
		finding_add(
			findings, FINDING_FAIL, NAME,
			"PREREQ in the early-vfio script must be empty; see "
			"/etc/initramfs-tools/scripts/init-top for one that replaces it",
			"the binder runs after udev, when the host's drivers have their "
			"devices: see /" ORDER);
	else
		finding_add(findings, FINDING_FAIL, NAME, "build the image anew",
			    "nothing runs the binder: it is not in /" ORDER);
}

/* A unit has `word` in one of its lines of ordering. */
static bool unit_names(struct span text, const char *key, const char *word)
{
	struct span line, name;

	while (span_next_line(&text, &line)) {
		if (!span_starts(line, key))
			continue;
		line = span_skip(line, strlen(key));
		while (span_next_word(&line, &name))
			if (span_is(name, word))
				return true;
	}
	return false;
}

static void judge_unit(const struct inside *inside, struct findings *findings)
{
	static const char *const later[] = { "systemd-udevd.service",
					     "systemd-modules-load.service" };
	const struct inside_file *unit =
		inside_find(inside, "usr/lib/systemd/system/early-vfio.service");
	size_t next = 0;

	if (!unit || !inside_next(inside, ".wants/", "/early-vfio.service", &next)) {
		finding_add(
			findings, FINDING_FAIL, NAME,
			"see that the generator's configuration does not leave early-vfio "
			"out, and build the image anew",
			"nothing runs the binder: early-vfio.service is %s",
			unit ? "wanted by nobody" : "missing");
		return;
	}
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (!unit_names(unit->content, "Before=", later[i])) {
			finding_add(
				findings, FINDING_FAIL, NAME,
				"reinstall the package early-vfio, and build the image "
				"anew",
				"early-vfio.service does not run before %s", later[i]);
			return;
		}
	finding_add(findings, FINDING_PASS, NAME, NULL, "the binder runs before udev");
}

/* The hook of ours among those of a stage; *is_first: nothing runs before it there. */
static const struct inside_file *find_hook(const struct inside *inside, const char *stage,
					   const struct inside_file **first)
{
	size_t next = 0;
	const struct inside_file *hook = inside_next(inside, stage, ".sh", &next);

	*first = hook;
	while (hook && !strstr(hook->path, "early-vfio"))
		hook = inside_next(inside, stage, ".sh", &next);
	return hook;
}

/* Hooks run in order of their names; those for the command line can load drivers already. */
static void judge_hook(const struct inside *inside, struct findings *findings)
{
	const struct inside_file *first, *hook;

	hook = find_hook(inside, "/hooks/cmdline/", &first);
	if (!hook)
		hook = find_hook(inside, "/hooks/pre-udev/", &first);
	if (!hook)
		finding_add(
			findings, FINDING_FAIL, NAME,
			"see that the dracut module early-vfio is there and not omitted, "
			"and build the image anew",
			"nothing runs the binder: no hook before udev does");
	else if (hook != first)
		finding_add(findings, FINDING_WARN, NAME,
			    "see that it loads no driver of the devices that you isolate",
			    "another hook runs before the binder: /%s", first->path);
	else
		finding_add(findings, FINDING_PASS, NAME, NULL,
			    "the binder runs before udev");
}

/* HOOKS of the busybox variant, in the image's own config, run in their order. */
static void judge_mkinitcpio(const struct inside *inside, struct findings *findings)
{
	const struct inside_file *config = inside_find(inside, "config");
	struct span rest = config ? config->content : SPAN(""), line, word;

	while (span_next_line(&rest, &line)) {
		bool is_ours = false;

		if (!span_starts(line, "EARLYHOOKS="))
			continue;
		line = span_skip(line, strlen("EARLYHOOKS="));
		for (size_t i = 0; i < line.len; i++)
			is_ours |= span_starts(span_skip(line, i), "early-vfio");
		while (is_ours && span_next_word(&line, &word)) {
			while (word.len && strchr("\"'", *word.ptr))
				word = span_skip(word, 1);
			if (span_starts(word, "udev"))
				break;
			if (!span_starts(word, "early-vfio"))
				continue;
			finding_add(findings, FINDING_PASS, NAME, NULL,
				    "the binder runs before udev");
			return;
		}
	}
	finding_add(
		findings, FINDING_FAIL, NAME,
		"put early-vfio before udev in HOOKS= of /etc/mkinitcpio.conf, and build "
		"the image anew",
		"the binder does not run before udev");
}

void judge_order(const struct inside *inside, enum layout layout,
		 struct findings *findings)
{
	switch (layout) {
	case LAYOUT_INITRAMFS_TOOLS:
		judge_initramfs_tools(inside, findings);
		return;
	case LAYOUT_DRACUT:
		if (has(inside, "usr/lib/systemd/systemd") ||
		    has(inside, "lib/systemd/systemd"))
			judge_unit(inside, findings);
		else
			judge_hook(inside, findings);
		return;
	case LAYOUT_MKINITCPIO:
		if (has(inside, "hooks"))
			judge_mkinitcpio(inside, findings);
		else
			judge_unit(inside, findings);
		return;
	case LAYOUT_EXTRA:
		finding_add(findings, FINDING_PASS, NAME, NULL,
			    "an extra initrd: the boot entry that loads it must say "
			    "rdinit=/early-vfio/binder");
		return;
	case LAYOUT_UNKNOWN:
		finding_add(
			findings, FINDING_WARN, NAME,
			"boot with early-vfio.mode=plan, and look at the kernel's log",
			"the image is of no known make: whether the binder runs before "
			"udev cannot be told");
		return;
	}
}
