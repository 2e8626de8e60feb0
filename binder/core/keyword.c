// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keywords, what was probably meant by a wrong one, quotes, and the place of a diagnosis.
 * Must not know which keywords there are.
 */
#include "parse.h"
#include "words.h"

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '_' ? '-' : c;
}

bool word_is_near(struct span word, struct span meant)
{
	size_t shorter = word.len < meant.len ? word.len : meant.len;
	size_t head = 0, tail = 0;
	size_t a, b;

	while (head < shorter && fold(word.ptr[head]) == fold(meant.ptr[head]))
		head++;
	while (tail < shorter - head && fold(word.ptr[word.len - 1 - tail]) ==
						fold(meant.ptr[meant.len - 1 - tail]))
		tail++;
	a = word.len - head - tail;
	b = meant.len - head - tail;
	if (a == 2 && b == 2)
		return fold(word.ptr[head]) == fold(meant.ptr[head + 1]) &&
		       fold(word.ptr[head + 1]) == fold(meant.ptr[head]);
	return a <= 1 && b <= 1;
}

/* The place of the first word in the table that `word` matches, or -1. */
static int place_of(struct span word, const char *table,
		    bool (*matches)(struct span, struct span))
{
	for (int i = 0; *table; i++) {
		struct span entry = span_of(table);

		if (matches(word, entry))
			return i;
		table += entry.len + 1;
	}
	return -1;
}

int keyword_find(struct span word, const char *table)
{
	return place_of(word, table, span_equals_name);
}

const char *keyword_near(struct span word, const char *table)
{
	int place = place_of(word, table, word_is_near);

	return place < 0 ? NULL : nth(table, (unsigned)place);
}

int choice_find(struct span word, const char *choices)
{
	struct span rest = span_of(choices), choice;

	for (int i = 0; span_next_field(&rest, '|', &choice); i++)
		if (span_equals(word, choice))
			return i;
	return -1;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

enum diag_code quotes_strip(struct span *text)
{
	char first = text->len ? text->ptr[0] : '\0';
	char last = text->len ? text->ptr[text->len - 1] : '\0';
	bool is_pair = text->len > 1 && first == last;

	if (!is_quote(first) && !is_quote(last))
		return DIAG_NONE;
	if (is_pair || !is_quote(first))
		text->len--;
	if (is_quote(first))
		*text = span_skip(*text, 1);
	return is_pair ? DIAG_QUOTES_STRIPPED : DIAG_LONE_QUOTE;
}

static enum level level_of(enum diag_code code)
{
	if (code < DIAG_LONE_QUOTE)
		return LEVEL_INFO;
	return code < DIAG_BAD_VALUE ? LEVEL_WARNING : LEVEL_ERROR;
}

struct diag diag_at(enum diag_code code, const char *base, struct span text)
{
	return (struct diag){ .code = (uint16_t)code,
			      .level = (uint16_t)level_of(code),
			      .offset = text.ptr ? (uint32_t)(text.ptr - base) : 0,
			      .text = text };
}

void note_at(const struct place *place, enum diag_code code, struct span text,
	     const char *value)
{
	struct diag diag = diag_at(code, place->base, text);

	diag.value = value;
	ruleset_note(place->set, &place->origin, &diag);
}

bool origin_scan(struct span text, struct origin *origin)
{
	size_t colon = span_find_last(text, ':');
	uint32_t line;

	if (!colon || !dec_scan(span_skip(text, colon + 1), INT32_MAX, &line) || !line)
		return false;
	*origin = (struct origin){ span_head(text, colon), line };
	return true;
}
