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

/* How many characters two words start with that differ by case at most. */
static size_t same_head(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	size_t head = 0;

	while (head < shorter && fold(a.ptr[head]) == fold(b.ptr[head]))
		head++;
	return head;
}

bool word_is_near(struct span word, struct span meant)
{
	size_t head = same_head(word, meant);
	struct span a = span_skip(word, head), b = span_skip(meant, head);

	while (a.len && b.len && fold(a.ptr[a.len - 1]) == fold(b.ptr[b.len - 1]))
		a.len--, b.len--;
	if (a.len == 2 && b.len == 2)
		return fold(a.ptr[0]) == fold(b.ptr[1]) &&
		       fold(a.ptr[1]) == fold(b.ptr[0]);
	/* A dash of word processors is three bytes. */
	return (a.len <= 1 || (a.len == 3 && a.ptr[0] == '\xe2')) && b.len <= 1;
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
		if (word.len == choice.len && same_head(word, choice) == word.len)
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
