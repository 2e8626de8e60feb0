// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of modprobe.d that early-vfio makes needless, or that work against it: softdeps,
 * blacklists of the targets' own drivers, commands. Knows nothing of other places.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "leftover";

static bool is_vfio_module(struct span word)
{
	return span_starts_name(word, "vfio");
}

static void say_line(struct check *check, const struct line *line, const char *remedy,
		     const char *why)
{
	struct text text;

	out_escaped(text_open(&text), span_head(line->text, 80));
	if (line->text.len > 80)
		out_text(&text.out, "...");
	finding_add(&check->findings, FINDING_WARN, name, remedy, "%s:%u: \"%s\": %s",
		    line->file, line->number, text_close(&text), why);
}

/* Does one of the modules that a device's id leads to have this name? */
static bool alias_leads_to(const struct check *check, const struct device *dev,
			   struct span module)
{
	struct kmod_list *found = NULL, *at;
	bool is_found = false;
	char *alias;

	alias = xformat("pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X", dev->vendor,
			dev->device, dev->subvendor, dev->subdevice, dev->class >> 16,
			dev->class >> 8 & 0xff, dev->class & 0xff);
	if (kmod_module_new_from_lookup(check->generate.modprobe.ctx, alias, &found) == 0)
		kmod_list_foreach(at, found)
		{
			struct kmod_module *mod = kmod_module_get_module(at);

			is_found |= span_is_name(module, kmod_module_get_name(mod));
			kmod_module_unref(mod);
		}
	kmod_module_unref_list(found);
	free(alias);
	return is_found;
}

/* The first target whose host driver this is; NULL: none. */
static const struct device *driven_by(const struct check *check, struct span module)
{
	const struct inventory *inv = check->session.inv;

	if (!check->has_bus || is_vfio_module(module))
		return NULL;
	for_each_device(dev, inv)
		if (is_target(dev) &&
		    (span_is_name(module, driver_name(inv, dev->driver)) ||
		     (check->generate.modprobe.ctx && alias_leads_to(check, dev, module))))
			return dev;
	return NULL;
}

static void see_softdep(struct check *check, const struct line *line, struct span rest)
{
	struct span first, word;
	bool is_post = false;

	if (!span_next_word(&rest, &first))
		return;
	if (is_vfio_module(first)) {
		while (span_next_word(&rest, &word))
			is_post |= span_is(word, "post:");
		if (is_post)
			say_line(check, line,
				 "load it in another way, or take the line out",
				 "the image does not load what is to come after vfio");
		return;
	}
	while (span_next_word(&rest, &word))
		if (is_vfio_module(word)) {
			say_line(
				check, line, "take the line out",
				"needless: targets are bound before that driver is loaded, "
				"and with ids= it takes every device of the id");
			return;
		}
}

/* A blacklist keeps a driver from all devices, those of the host among them. */
static void see_blacklist(struct check *check, const struct line *line,
			  struct span module)
{
	const struct device *dev = driven_by(check, module);
	struct text text;

	if (!dev)
		return;
	out_text(text_open(&text), "needless: ");
	out_bdf(&text.out, dev->bdf);
	out_text(&text.out,
		 " is bound before that driver is loaded, and other devices go "
		 "without it");
	say_line(check, line, "take the line out", text_close(&text));
}

static void see_install(struct check *check, const struct line *line, struct span module)
{
	if (is_vfio_module(module))
		say_line(check, line,
			 "take the line out; write bind lines in "
			 "/etc/early-vfio.conf",
			 "the image loads the module without this command");
	else
		see_blacklist(check, line, module);
}

static void see_modprobe(struct check *check, const struct line *line)
{
	struct span rest = line->text, word, module, what;

	if (!span_next_word(&rest, &word))
		return;
	if (modprobe_misses_ids(line->text, &what))
		say_line(check, line, IDS_AS_THEY_COUNT, "its devices are not taken");
	if (span_is(word, "softdep"))
		see_softdep(check, line, rest);
	else if (span_is(word, "blacklist") && span_next_word(&rest, &module))
		see_blacklist(check, line, module);
	else if (span_is(word, "install") && span_next_word(&rest, &module))
		see_install(check, line, module);
}

/* The kernel itself refuses these, whoever asks. */
static void say_vfio_blocked(struct check *check, const struct param *param,
			     bool is_for_all)
{
	char *remedy = loader_remove(&check->loader, param->whole);

	finding_add(&check->findings, is_for_all ? FINDING_FAIL : FINDING_WARN, name,
		    remedy,
		    "%.*s on the kernel's command line keeps vfio from being loaded",
		    (int)param->whole.len, param->whole.ptr);
	free(remedy);
}

/* "NAME=a,b" of the command line. */
static void see_cmdline_list(struct check *check, const struct param *param)
{
	struct span list = param->value, module;

	while (span_next_field(&list, ',', &module)) {
		const struct device *dev = driven_by(check, module);
		char *remedy;

		if (is_vfio_module(module))
			say_vfio_blocked(check, param,
					 span_is_name(param->name, "module_blacklist"));
		if (!dev)
			continue;
		remedy = loader_remove(&check->loader, param->whole);
		finding_add(
			&check->findings, FINDING_WARN, name, remedy,
			"%.*s on the kernel's command line is needless, and takes %.*s "
			"from other devices",
			(int)param->whole.len, param->whole.ptr, (int)module.len,
			module.ptr);
		free(remedy);
	}
}

/* Packages' own files, below /usr/lib, are no leftovers. */
void check_modprobe(struct check *check)
{
	struct span rest = check->session.cmdline;
	struct param param;

	lines_of_directory(check, "/etc/modprobe.d", ".conf", see_modprobe);
	lines_of_directory(check, "/run/modprobe.d", ".conf", see_modprobe);
	lines_of_directory(check, "/usr/local/lib/modprobe.d", ".conf", see_modprobe);
	while (cmdline_next(&rest, &param))
		if (span_is_name(param.name, "modprobe.blacklist") ||
		    span_is_name(param.name, "module_blacklist"))
			see_cmdline_list(check, &param);
}
