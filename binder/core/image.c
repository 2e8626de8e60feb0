// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generated facts of an image: modules, what is protected, what was left out.
 * Must not know how they are found; generate does that.
 */
#include "parse.h"

#define KEYWORDS "kernel\0module\0protect\0unprotected\0refused\0alias\0optional\0"

enum keyword { KERNEL, MODULE, PROTECT, UNPROTECTED, REFUSED, ALIAS, OPTIONAL };

#define WORDS 4

/* A line: its words, and what begins with each of them; empty where there are fewer. */
struct line {
	struct span word[WORDS], tail[WORDS];
};

static void line_cut(struct span rest, struct line *line)
{
	for (int i = 0; i < WORDS; i++) {
		line->tail[i] = rest = span_trim(rest);
		line->word[i] = span_head(rest, 0);
		span_next_word(&rest, &line->word[i]);
	}
}

static bool read_module(struct ruleset *set, const struct line *line)
{
	if (set->module_count == MODULES_MAX)
		return false;
	set->modules[set->module_count++] =
		(struct module_line){ line->word[1], line->tail[2], false };
	return true;
}

static bool read_protect(struct ruleset *set, const struct line *line)
{
	struct protect *protect = &set->protects[set->protect_count];
	struct span id = line->word[2], vendor;

	if (set->protect_count == PROTECTS_MAX ||
	    !bdf_scan(line->word[1], &protect->bdf) ||
	    !span_next_field(&id, ':', &vendor) ||
	    !hex_scan(vendor, 4, &protect->vendor) || !hex_scan(id, 4, &protect->device))
		return false;
	protect->reason = line->tail[3];
	set->protect_count++;
	return true;
}

/* A rule that was left out: reported, and never used. */
static bool read_refused(struct ruleset *set, const struct line *line)
{
	struct rule rule = { .source = SOURCE_CONFIG,
			     .is_refused = true,
			     .text = line->word[2],
			     .driver = line->tail[3] };

	if (!origin_scan(line->word[1], &rule.origin) || !rule.text.len)
		return false;
	if (!set->settings.ignore_config) /* nobody asked for it this time */
		ruleset_add(set, &rule);
	return true;
}

static bool read_alias(struct ruleset *set, const struct line *line)
{
	if (set->alias_count == ALIASES_MAX || !line->word[2].len)
		return false;
	set->aliases[set->alias_count++] =
		(struct driver_alias){ line->word[1], line->word[2] };
	return true;
}

static bool read_line(struct ruleset *set, const struct line *line)
{
	bool has_more = line->word[1].len;

	switch (keyword_find(line->word[0], KEYWORDS)) {
	case KERNEL:
		set->kernel = line->tail[1];
		return has_more;
	case MODULE:
		return has_more && read_module(set, line);
	case PROTECT:
		return read_protect(set, line);
	case UNPROTECTED: /* the word itself where no reason is given: not empty */
		set->unprotected = line->tail[has_more];
		return true;
	case REFUSED:
		return read_refused(set, line);
	case ALIAS:
		return read_alias(set, line);
	case OPTIONAL: /* the module that was named last */
		if (set->module_count)
			set->modules[set->module_count - 1].is_optional = true;
		return set->module_count;
	}
	return false;
}

void image_read(struct span text, struct span file, struct ruleset *set)
{
	struct place place = { set, NULL, { file, 1 } };
	struct span whole;
	struct line line;

	for (; span_next_line(&text, &whole); place.origin.line++) {
		place.base = whole.ptr;
		line_cut(whole, &line);
		whole = line.tail[0];
		if (whole.len && whole.ptr[0] != '#' && !read_line(set, &line))
			note_at(&place, DIAG_BAD_IMAGE_LINE, whole, NULL);
	}
}

struct span module_name(struct span path)
{
	struct span name = span_basename(path);

	return span_head(name, span_find(name, '.'));
}
