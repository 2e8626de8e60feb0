// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a device is: an address, a path of device.function pairs, or the boot display.
 * Must not know what stands there.
 */
#include "spec_parse.h"

enum { DOMAIN, BUS, DEV, FN, PARTS };

/* A number of an address: how many digits, how large, and what stands behind it. */
static const struct part {
	uint8_t min, max, limit; /* of a domain eight digits are the limit */
	char end;
	uint8_t odd; /* so many digits are accepted with a remark */
	uint8_t remark, refusal;
} parts[PARTS] = {
	{ 4, 8, 0, ':', 0, DIAG_NONE, DIAG_BAD_DOMAIN },
	{ 1, 2, 0xff, ':', 1, DIAG_ONE_DIGIT_BUS, DIAG_BAD_BUS },
	{ 1, 2, 31, '.', 1, DIAG_ONE_DIGIT_BUS, DIAG_BAD_DEVICE },
	{ 1, 2, 7, '\0', 2, DIAG_TWO_DIGIT_FUNCTION, DIAG_BAD_FUNCTION },
};

/* All of text is `first` and the parts behind it. */
static bool parse_parts(struct parse *p, struct span text, size_t first, uint64_t *values)
{
	const char *end = text.ptr + text.len;

	for (const struct part *part = &parts[first]; part < parts + PARTS; part++) {
		struct span field = text;
		size_t digits;

		if (part != &parts[FN])
			field.len = span_find(text, part->end);
		if (part == &parts[DEV] && field.len == text.len)
			return refuse_at(
				p,
				span_count(text, ':') ? DIAG_COLON_FUNCTION :
							DIAG_NO_FUNCTION,
				span_head(p->where, (size_t)(end - p->where.ptr)), end);
		digits = hex_read(field, values);
		if (digits < field.len)
			return refuse_at(p, part->refusal, p->where, field.ptr + digits);
		if (digits < part->min || digits > part->max ||
		    (part->limit && *values > part->limit))
			return refuse_at(p, part->refusal, p->where, field.ptr);
		if (digits == part->odd)
			remark(p, part->remark, p->where);
		text = span_skip(text, field.len + 1);
		values++;
	}
	return true;
}

/* [ DOMAIN ":" ] BUS ":" DEV "." FN */
static bool parse_address(struct parse *p, struct span text, struct bdf *bdf)
{
	uint64_t values[PARTS] = { 0 };
	size_t colons = span_count(text, ':');
	/* Of 01:00:0 the last colon stands for the dot. */
	bool lacks_dot = span_find(text, '.') == text.len && span_find(text, ':') < 4;
	size_t first = colons - lacks_dot > 1 ? DOMAIN : BUS;

	if (!parse_parts(p, text, first, values + first))
		return false;
	*bdf = (struct bdf){ .domain = (uint32_t)values[DOMAIN],
			     .bus = (uint8_t)values[BUS],
			     .dev = (uint8_t)values[DEV],
			     .fn = (uint8_t)values[FN] };
	return true;
}

static bool parse_hops(struct parse *p, struct span rest)
{
	uint64_t values[2];
	struct span text;

	while (span_next_field(&rest, '/', &text)) {
		if (p->spec.hop_count == SPEC_HOPS_MAX)
			return refuse_at(p, DIAG_TOO_MANY_HOPS, p->where, text.ptr);
		if (!parse_parts(p, text, DEV, values))
			return false;
		p->spec.hops[p->spec.hop_count++] =
			(struct hop){ (uint8_t)values[0], (uint8_t)values[1] };
		p->spec.where = WHERE_PATH;
	}
	return true;
}

bool parse_where(struct parse *p, struct span text)
{
	int word = keyword_find(text, WHERE_WORDS);
	struct span start = span_head(text, span_find(text, '/'));
	size_t colons = span_count(start, ':');

	p->where = text;
	p->spec.where = WHERE_ADDRESS;
	if (word >= 0) {
		p->spec.where = (uint8_t)(WHERE_BOOT_VGA + word);
		return true;
	}
	if (colons < 1 || colons > 3 || span_count(text, '@') || span_ends(text, "/")) {
		refuse(p, DIAG_BAD_WHERE, text);
		p->diag->value = keyword_near(text, WHERE_WORDS);
		return false;
	}
	return parse_address(p, start, &p->spec.start) &&
	       parse_hops(p, span_skip(text, start.len + 1));
}

/* The same grammar, without its liberties. */
bool bdf_scan(struct span text, struct bdf *bdf)
{
	struct diag diag = { .code = DIAG_NONE };
	struct parse p = { .base = text.ptr, .where = text, .diag = &diag };
	struct bdf scanned;

	if (span_count(text, ':') != 2 || !parse_address(&p, text, &scanned) || diag.code)
		return false;
	*bdf = scanned;
	return true;
}
