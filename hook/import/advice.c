// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of the other set-ups may go once ours does its work. Takes nothing away itself.
 */
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "check/loader.h"

static bool is_of_loader(const struct source *source)
{
	return source->format == FORMAT_CMDLINE || source->format == FORMAT_GRUB ||
	       source->format == FORMAT_ENTRY;
}

/* Each setting of a line once, and not what is only worth a word. */
static bool is_shown(const struct import *found, size_t index)
{
	const struct import_item *item = &found->items[index];

	if (item->diag.code || item->kind == IMPORT_UNREAD)
		return false;
	for (size_t i = 0; i < index; i++)
		if (found->items[i].line == item->line &&
		    found->items[i].kind == item->kind &&
		    strcmp(found->items[i].what, item->what) == 0)
			return false;
	return true;
}

/* Does a file say what this boot's command line says? */
static bool stands_in_file(const struct sources *sources, const struct import_item *item)
{
	for (size_t s = 0; s < sources->count; s++) {
		const struct source *source = &sources->items[s];

		for (size_t i = 0;
		     is_of_loader(source) && !source->is_boot && i < source->found.count;
		     i++)
			if (strcmp(source->found.items[i].what, item->what) == 0)
				return true;
	}
	return false;
}

static void out_item(struct out *out, const struct source *source,
		     const struct import_item *item, const struct loader *loader)
{
	struct span name = span_basename(span_of(source->path));

	out_text(out, "  ");
	if (source->is_boot) {
		char *remedy = loader_remove(loader, span_of(item->what));

		out_text(out, remedy);
		free(remedy);
	} else if (source->format == FORMAT_DRIVERCTL) {
		out_escaped(out, span_of(source->path));
		out_text(out, ": driverctl unset-override ");
		out_escaped(out, span_starts(name, "pci-") ? span_skip(name, 4) : name);
	} else if (source->format == FORMAT_SCRIPT) {
		out_escaped(out, span_of(source->path));
		out_text(out, ": the script, and what calls it");
	} else {
		out_origin(out, (struct origin){ span_of(source->path), item->line });
		out_text(out, ": ");
		out_text(out, item->what);
		out_text(out, item->why ? ": " : "");
		out_text(out, item->why ? item->why : "");
		if (source->format == FORMAT_GRUB && loader->command) {
			out_text(out, ", then run ");
			out_text(out, loader->command);
		}
	}
	out_char(out, '\n');
}

static bool is_ids(const struct source *source, const struct import_item *item)
{
	return is_of_loader(source) && strcmp(item->what, "vfio-pci.ids") == 0;
}

static void out_source(const struct sources *sources, const struct source *source,
		       const struct loader *loader, bool *has_ids, struct out *out)
{
	for (size_t i = 0; i < source->found.count; i++) {
		const struct import_item *item = &source->found.items[i];

		if (!is_shown(&source->found, i))
			continue;
		*has_ids |= is_ids(source, item);
		if (source->is_boot && stands_in_file(sources, item))
			continue;
		/* The whole of a script goes, not each of its lines. */
		if (source->format == FORMAT_SCRIPT && i > 0)
			continue;
		out_item(out, source, item, loader);
	}
}

static bool has_any(const struct sources *sources)
{
	for (size_t s = 0; s < sources->count; s++)
		for (size_t i = 0; i < sources->items[s].found.count; i++)
			if (is_shown(&sources->items[s].found, i))
				return true;
	return false;
}

void advice_print(const struct sources *sources, const struct desk *desk, struct out *out)
{
	struct session *session = desk->session;
	struct loader loader;
	bool has_ids = false;

	if (!has_any(sources))
		return;
	out_text(out, "\nnext: ");
	out_rebuild(desk, out);
	out_text(out,
		 "\nonce early-vfio status shows all as wanted after a boot, these may "
		 "go:\n");
	loader_find(&loader, &session->kernel.io, session->cmdline, session->release);
	for (size_t s = 0; s < sources->count; s++)
		out_source(sources, &sources->items[s], &loader, &has_ids, out);
	loader_free(&loader);
	if (has_ids)
		out_text(out,
			 "until vfio-pci.ids is gone from the command line, it takes "
			 "every device of its ids, guarded or not\n");
}
