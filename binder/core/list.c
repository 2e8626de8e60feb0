// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comma-separated lists of specifications: a rule for each element, faulty ones too.
 * Must not know whether a command line or a file holds the list.
 */
#include "parse.h"

struct list {
	struct place place;
	size_t first;		       /* of its rules in the set */
	bool has_duplicate, has_empty; /* said once a list */
	struct rule rule; /* what all have in common, and the element's own */
};

bool looks_like_list(struct span text)
{
	bool is_list = text.len; /* commas alone hold one together */
	struct span element;
	struct spec spec;
	struct diag diag;

	while (span_next_field(&text, ',', &element))
		if (element.len)
			return spec_parse(element, &spec, &diag);
	return is_list;
}

/* Quotes around a whole list; those around one element are left to its parser. */
static struct span unquote(const struct list *l, struct span list)
{
	struct span inner = list;

	if (quotes_strip(&inner) != DIAG_QUOTES_STRIPPED ||
	    span_find(inner, ',') == inner.len ||
	    span_find(inner, list.ptr[0]) < inner.len)
		return list;
	note_at(&l->place, DIAG_QUOTES_STRIPPED, list, NULL);
	return inner;
}

/* The same specification again in this list. */
static bool is_duplicate(const struct list *l)
{
	const struct ruleset *set = l->place.set;

	for (size_t i = l->first; i < set->rule_count; i++)
		if (!set->rules[i].is_faulty &&
		    spec_equals(&set->rules[i].spec, &l->rule.spec))
			return true;
	return false;
}

static void add_element(struct list *l, struct span element)
{
	struct rule *rule = &l->rule;
	struct diag *diag = &rule->diag;

	rule->text = element;
	rule->is_faulty = !(rule->is_ids ? spec_parse_kernel_id :
					   spec_parse)(element, &rule->spec, diag);
	diag->offset += (uint32_t)(element.ptr - l->place.base);
	if (diag->code && !rule->is_faulty)
		ruleset_note(l->place.set, &rule->origin, diag);
	if (rule->is_faulty || !(rule->is_void || is_duplicate(l))) {
		ruleset_add(l->place.set, rule);
	} else if (!rule->is_void && !l->has_duplicate) {
		l->has_duplicate = true;
		note_at(&l->place, DIAG_DUPLICATE, element, NULL);
	}
}

/* 10de,1c82 is one wrong id and not two: take both halves. */
static struct span whole_element(struct span element, struct span *rest)
{
	size_t half = span_find(*rest, ',');

	if (is_half_id(element) && is_half_id(span_head(*rest, half))) {
		element.len += 1 + half;
		*rest = span_skip(*rest, half + 1);
	}
	return element;
}

void list_read(struct span list, const char *base, const struct rule *model,
	       struct ruleset *set)
{
	struct list l = { .place = { set, base, model->origin },
			  .rule = *model,
			  .first = set->rule_count };
	struct span rest = unquote(&l, list), element;

	l.has_empty = span_ends(rest, ",");
	while (span_next_field(&rest, ',', &element)) {
		element = span_trim(whole_element(element, &rest));
		if (element.len)
			add_element(&l, element);
		else
			l.has_empty = true;
	}
	if (l.has_empty && !model->is_ids)
		note_at(&l.place, DIAG_TRAILING_COMMA, list, NULL);
}
