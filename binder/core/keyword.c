// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keywords, what was probably meant by a wrong one, quotes, and the place of a diagnosis.
 * Must not know which keywords there are.
 */
#include "parse.h"

int keyword_find(struct span word, const char *table)
{
	for (int i = 0; *table; i++) {
		struct span entry = span_of(table);

		if (span_equals_name(word, entry))
			return i;
		table += entry.len + 1;
	}
	return -1;
}

const char *keyword_at(const char *table, int place)
{
	while (place--)
		table += span_of(table).len + 1;
	return table;
}

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

const char *keyword_near(struct span word, const char *table)
{
	while (*table) {
		struct span entry = span_of(table);

		if (word_is_near(word, entry))
			return table;
		table += entry.len + 1;
	}
	return NULL;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

enum diag_code quotes_strip(struct span *text)
{
	bool at_start = text->len && is_quote(text->ptr[0]);
	bool at_end = text->len && is_quote(text->ptr[text->len - 1]);

	if (text->len >= 2 && at_start && text->ptr[0] == text->ptr[text->len - 1]) {
		*text = span_head(span_skip(*text, 1), text->len - 2);
		return DIAG_QUOTES_STRIPPED;
	}
	if (at_start)
		*text = span_skip(*text, 1);
	else if (at_end)
		*text = span_head(*text, text->len - 1);
	return at_start || at_end ? DIAG_LONE_QUOTE : DIAG_NONE;
}

static enum level level_of(enum diag_code code)
{
	switch (code) {
	case DIAG_LONE_QUOTE:
	case DIAG_IDS_TWICE:
	case DIAG_IDS_TRAILING:
	case DIAG_STRAY_ID:
	case DIAG_NEAR_PARAMETER:
	case DIAG_UNKNOWN_PARAMETER:
	case DIAG_UNTERMINATED_QUOTE:
		return LEVEL_WARNING;
	default:
		return code < DIAG_STRAY_ID ? LEVEL_INFO : LEVEL_ERROR;
	}
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
	ruleset_note(place->set, place->origin, diag);
}

bool origin_scan(struct span text, struct origin *origin)
{
	struct span line = text;
	struct origin scanned;

	while (span_find(line, ':') < line.len)
		line = span_skip(line, span_find(line, ':') + 1);
	scanned.file = span_head(text, text.len - line.len);
	if (scanned.file.len < 2 || !dec_scan(line, INT32_MAX, &scanned.line))
		return false;
	scanned.file.len--;
	*origin = scanned;
	return true;
}
