// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the readers of other set-ups share: noting what was found, and where. Knows nothing of
 * formats.
 */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "items.h"

/* One list at a time; too large for the stack. */
static struct ruleset scratch;

void import_free(struct import *import)
{
	free(import->items);
	*import = (struct import){ 0 };
}

bool import_next_line(struct import *import, struct span *rest, struct span *line)
{
	if (!span_next_line(rest, line))
		return false;
	import->line_start = line->ptr;
	import->line++;
	return true;
}

static void item_add(struct import *import, struct import_item item)
{
	if (import->count == IMPORT_ITEMS_MAX) {
		import->dropped++;
		return;
	}
	if (import->count == import->cap) {
		import->cap = import->cap ? 2 * import->cap : 16;
		import->items =
			xrealloc(import->items, import->cap * sizeof(*import->items));
	}
	item.line = import->line ? import->line : 1;
	item.column = 1;
	if (import->line_start && item.text.ptr)
		item.column = (uint32_t)(item.text.ptr - import->line_start) + 1;
	import->items[import->count++] = item;
}

void import_device(struct import *import, struct span text, const char *what,
		   const struct spec *spec)
{
	item_add(import, (struct import_item){ .kind = IMPORT_DEVICE,
					       .text = text,
					       .what = what,
					       .spec = *spec });
}

void import_unread(struct import *import, struct span text, const char *what,
		   const char *why)
{
	item_add(import,
		 (struct import_item){
			 .kind = IMPORT_UNREAD, .text = text, .what = what, .why = why });
}

void import_remark(struct import *import, struct span text, const char *what,
		   const char *why)
{
	item_add(import,
		 (struct import_item){
			 .kind = IMPORT_REMARK, .text = text, .what = what, .why = why });
}

void import_diag(struct import *import, enum import_kind kind, struct span text,
		 const char *what, const struct diag *diag)
{
	item_add(import,
		 (struct import_item){
			 .kind = kind, .text = text, .what = what, .diag = *diag });
}

/* Accepted, with an oddity: that is worth a word only where more or less counts than it seems. */
static enum import_kind kind_of(const struct diag *diag)
{
	return diag->code >= DIAG_STRAY_ID ? IMPORT_UNREAD : IMPORT_REMARK;
}

static bool is_worth_a_word(const struct diag *diag)
{
	return diag->code >= DIAG_LONE_QUOTE && diag->code != DIAG_UNKNOWN_PARAMETER;
}

void import_rules(struct import *import, const struct ruleset *set, const char *what)
{
	for (size_t r = 0; r < set->rule_count; r++) {
		const struct rule *rule = &set->rules[r];

		if (!rule->is_ids)
			continue;
		if (rule->is_faulty)
			import_diag(import, IMPORT_UNREAD, rule->text, what, &rule->diag);
		else
			import_device(import, rule->text, what, &rule->spec);
	}
	for (size_t n = 0; n < set->note_count; n++) {
		const struct diag *diag = &set->notes[n].diag;

		if (is_worth_a_word(diag))
			import_diag(import, kind_of(diag), diag->text, what, diag);
	}
}

void import_ids(struct import *import, struct span list, const char *what)
{
	const struct rule model = { .is_ids = true };

	ruleset_init(&scratch);
	list_read(list, import->line_start, &model, &scratch);
	import_rules(import, &scratch, what);
}

void import_spec(struct import *import, struct span text, const char *what)
{
	struct spec spec;
	struct diag diag;

	if (spec_parse(text, &spec, &diag))
		import_device(import, text, what, &spec);
	else
		import_diag(import, IMPORT_UNREAD, text, what, &diag);
}

bool looks_like_address(struct span text)
{
	size_t colons = 0, dots = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == ':' && !dots)
			colons++;
		else if (c == '.' && colons)
			dots++;
		else if (hex_digit(c) < 0)
			return false;
	}
	return text.len >= sizeof("0:0.0") - 1 &&
	       text.len <= sizeof("00000000:00:00.00") && colons >= 1 && colons <= 2 &&
	       dots == 1 && hex_digit(text.ptr[0]) >= 0 &&
	       hex_digit(text.ptr[text.len - 1]) >= 0;
}

bool looks_like_id(struct span text)
{
	uint32_t value;

	return text.len == 9 && text.ptr[4] == ':' &&
	       hex_scan(span_head(text, 4), 4, &value) &&
	       hex_scan(span_skip(text, 5), 4, &value);
}

bool span_has(struct span text, const char *part)
{
	return text.len && memmem(text.ptr, text.len, part, strlen(part));
}
