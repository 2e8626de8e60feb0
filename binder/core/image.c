// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generated facts of an image: modules, what is protected, what was left out.
 * Must not know how they are found; generate does that.
 */
#include "parse.h"

#define KEYWORDS "kernel\0module\0protect\0unprotected\0refused\0alias\0"

enum keyword { KERNEL, MODULE, PROTECT, UNPROTECTED, REFUSED, ALIAS };

/* The next word of *rest; empty where there is none. */
static struct span take_word(struct span *rest)
{
	struct span word = { rest->ptr, 0 };

	span_next_word(rest, &word);
	return word;
}

static bool read_module(struct ruleset *set, struct span rest)
{
	struct module_line *module = &set->modules[set->module_count];

	if (set->module_count == MODULES_MAX)
		return false;
	module->path = take_word(&rest);
	module->options = span_trim(rest);
	set->module_count++;
	return true;
}

static bool read_protect(struct ruleset *set, struct span rest)
{
	struct protect *protect = &set->protects[set->protect_count];
	struct span address, id, vendor;

	if (set->protect_count == PROTECTS_MAX)
		return false;
	address = take_word(&rest);
	id = take_word(&rest);
	if (!bdf_scan(address, &protect->bdf) || !span_next_field(&id, ':', &vendor) ||
	    !hex_scan(vendor, 4, &protect->vendor) || !hex_scan(id, 4, &protect->device))
		return false;
	protect->reason = span_trim(rest);
	set->protect_count++;
	return true;
}

/* A rule that was left out: reported, and never used. */
static bool read_refused(struct ruleset *set, struct span rest)
{
	struct rule rule = { .source = SOURCE_CONFIG, .is_refused = true };

	if (!origin_scan(take_word(&rest), &rule.origin))
		return false;
	rule.text = take_word(&rest);
	rule.driver = span_trim(rest);
	if (!rule.text.len)
		return false;
	if (!set->settings.ignore_config) /* nobody asked for it this time */
		ruleset_add(set, &rule);
	return true;
}

static bool read_alias(struct ruleset *set, struct span rest)
{
	struct driver_alias *alias = &set->aliases[set->alias_count];

	if (set->alias_count == ALIASES_MAX)
		return false;
	alias->pattern = take_word(&rest);
	alias->driver = take_word(&rest);
	if (!alias->driver.len)
		return false;
	set->alias_count++;
	return true;
}

static bool read_line(struct ruleset *set, struct span line)
{
	struct span rest = line, word = take_word(&rest);

	rest = span_trim(rest);
	switch (keyword_find(word, KEYWORDS)) {
	case KERNEL:
		set->kernel = rest;
		return rest.len;
	case MODULE:
		return rest.len && read_module(set, rest);
	case PROTECT:
		return read_protect(set, rest);
	case UNPROTECTED: /* the word itself where no reason is given: not empty */
		set->unprotected = rest.len ? rest : word;
		return true;
	case REFUSED:
		return read_refused(set, rest);
	case ALIAS:
		return read_alias(set, rest);
	}
	return false;
}

void image_read(struct span text, struct span file, struct ruleset *set)
{
	struct origin origin = { file, 1 };
	struct span line;

	for (; span_next_line(&text, &line); origin.line++) {
		struct span trimmed = span_trim(line);

		if (trimmed.len && trimmed.ptr[0] != '#' && !read_line(set, trimmed))
			ruleset_note(set, origin,
				     diag_at(DIAG_BAD_IMAGE_LINE, line.ptr, trimmed));
	}
}

struct span module_name(struct span path)
{
	struct span name = span_basename(path);

	return span_head(name, span_find(name, '.'));
}
