// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device specifications: which of its forms a text has, its flags, and what is refused at
 * sight. Must not know where the text comes from or what devices there are.
 */
#include "spec_parse.h"

bool refuse(struct parse *p, enum diag_code code, struct span text)
{
	*p->diag = diag_at(code, p->base, text);
	return false;
}

bool refuse_at(struct parse *p, enum diag_code code, struct span text, const char *place)
{
	refuse(p, code, text);
	p->diag->offset = (uint32_t)(place - p->base);
	return false;
}

void remark(struct parse *p, enum diag_code code, struct span text)
{
	if (p->diag->code == DIAG_NONE)
		refuse(p, code, text);
}

size_t span_count(struct span text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

static bool parse_what(struct parse *p, struct span text)
{
	struct span name = span_head(text, span_find(text, '='));

	if (span_starts(text, "class="))
		return parse_class(p, text);
	if (!text.len)
		return refuse(p, DIAG_EMPTY, text);
	if (parse_id(p, text))
		return true;
	if (word_is_near(name, SPAN("class")))
		p->diag->value = "class=";
	return false;
}

static bool is_short_hex(struct span field)
{
	uint32_t value;

	return hex_scan(field, 2, &value);
}

/* 01:00 or 0000:01:00: an address whose function is missing, and no id. */
static bool lacks_function(struct span text)
{
	struct span rest = text, first, second;

	span_next_field(&rest, ':', &first);
	if (!span_next_field(&rest, ':', &second))
		return false;
	if (!rest.len)
		return is_short_hex(first) && is_short_hex(second);
	return first.len >= 4 && is_short_hex(second) && is_short_hex(rest);
}

/* 01:00:0 or 0000:01:00:0, which by its fields could be an id. */
static bool lacks_dot(struct span text)
{
	size_t last = span_find_last(text, ':');

	return lacks_function(span_head(text, last)) &&
	       is_short_hex(span_skip(text, last + 1));
}

static bool looks_like_where(struct span text)
{
	return span_find(text, '.') < text.len || span_find(text, '/') < text.len ||
	       keyword_near(text, WHERE_WORDS) || lacks_function(text) || lacks_dot(text);
}

static bool parse_place(struct parse *p, struct span text)
{
	size_t at = span_find(text, '@');

	if (at < text.len)
		return parse_what(p, span_head(text, at)) &&
		       parse_where(p, span_skip(text, at + 1));
	return looks_like_where(text) ? parse_where(p, text) : parse_what(p, text);
}

static bool parse_flags(struct parse *p, struct span rest)
{
	while (rest.len) {
		struct span flag = span_skip(rest, 1);
		int word;

		flag = span_head(flag, span_find(flag, '+'));
		rest = span_skip(rest, flag.len + 1);
		word = keyword_find(flag, FLAG_WORDS);
		if (word < 0) {
			refuse(p, DIAG_UNKNOWN_FLAG, flag);
			p->diag->value = keyword_near(flag, FLAG_WORDS);
			return false;
		}
		if (p->spec.flags & 1 << word)
			return refuse(p, DIAG_DUPLICATE_FLAG, flag);
		p->spec.flags |= (uint8_t)(1 << word);
	}
	return true;
}

bool is_half_id(struct span text)
{
	uint32_t value;

	return hex_scan(without_0x(text), 4, &value);
}

bool parse_begin(struct parse *p, struct span *text, struct diag *diag)
{
	struct span whole = *text;
	enum diag_code quotes = quotes_strip(text);

	*p = (struct parse){ .base = whole.ptr, .diag = diag };
	p->spec.id = (struct id_match){ PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 };
	*diag = (struct diag){ .code = DIAG_NONE };
	if (quotes)
		remark(p, quotes, whole);
	return text->len || refuse(p, DIAG_EMPTY, *text);
}

/* Bytes that no specification has are named as such, not as a part that is wrong. */
static bool check_bytes(struct parse *p, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c <= ' ' || c > '~')
			return refuse(p, DIAG_BAD_CHARACTER,
				      span_head(span_skip(text, i), 1));
	}
	return true;
}

bool spec_parse(struct span text, struct spec *spec, struct diag *diag)
{
	struct parse p;
	size_t plus;

	if (!parse_begin(&p, &text, diag) || !check_bytes(&p, text))
		return false;
	plus = span_find(text, '+');
	if (!parse_place(&p, span_head(text, plus)) ||
	    !parse_flags(&p, span_skip(text, plus)))
		return false;
	*spec = p.spec;
	return true;
}
