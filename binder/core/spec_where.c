// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a device is: an address, a path of device.function pairs, or the boot display.
 * Must not know what stands there.
 */
#include "spec_parse.h"

/* One number of an address: min to max digits, at most `limit`. */
static bool parse_part(struct parse *p, struct span field, size_t min, size_t max,
		       uint32_t limit, enum diag_code code, uint32_t *value)
{
	size_t length = hex_length(field);

	if (field.len >= min && hex_scan(field, (unsigned)max, value) && *value <= limit)
		return true;
	return refuse_at(p, code, p->where,
			 field.ptr + (length < field.len ? length : 0));
}

/* DEV "." FN */
static bool parse_dev_fn(struct parse *p, struct span text, struct hop *hop)
{
	struct span dev = span_head(text, span_find(text, '.'));
	struct span fn = span_skip(text, dev.len + 1);
	struct span upto_here =
		span_head(p->where, (size_t)(text.ptr + text.len - p->where.ptr));
	uint32_t dev_value, fn_value;

	if (dev.len == text.len)
		return refuse_at(p, DIAG_NO_FUNCTION, upto_here, text.ptr + text.len);
	if (!parse_part(p, dev, 1, 2, 31, DIAG_BAD_DEVICE, &dev_value) ||
	    !parse_part(p, fn, 1, 2, 7, DIAG_BAD_FUNCTION, &fn_value))
		return false;
	if (dev.len == 1)
		remark(p, DIAG_ONE_DIGIT_BUS, p->where);
	if (fn.len == 2)
		remark(p, DIAG_TWO_DIGIT_FUNCTION, p->where);
	*hop = (struct hop){ (uint8_t)dev_value, (uint8_t)fn_value };
	return true;
}

/* [ DOMAIN ":" ] BUS ":" DEV "." FN */
static bool parse_address(struct parse *p, struct span text)
{
	size_t colons = span_count(text, ':');
	struct span rest = text, field;
	uint32_t domain = 0, bus;
	struct hop hop;

	if (colons < 1 || colons > 2)
		return refuse(p, DIAG_BAD_WHERE, p->where);
	span_next_field(&rest, ':', &field);
	if (colons == 2) {
		if (!parse_part(p, field, 4, 8, UINT32_MAX, DIAG_BAD_DOMAIN, &domain))
			return false;
		span_next_field(&rest, ':', &field);
	}
	if (!parse_part(p, field, 1, 2, 255, DIAG_BAD_BUS, &bus))
		return false;
	if (field.len == 1)
		remark(p, DIAG_ONE_DIGIT_BUS, p->where);
	if (!parse_dev_fn(p, rest, &hop))
		return false;
	p->spec.start = (struct bdf){
		.domain = domain, .bus = (uint8_t)bus, .dev = hop.dev, .fn = hop.fn
	};
	p->spec.where = WHERE_ADDRESS;
	return true;
}

static bool parse_hops(struct parse *p, struct span rest)
{
	struct span text;

	while (span_next_field(&rest, '/', &text)) {
		if (p->spec.hop_count == SPEC_HOPS_MAX)
			return refuse_at(p, DIAG_TOO_MANY_HOPS, p->where, text.ptr);
		if (!parse_dev_fn(p, text, &p->spec.hops[p->spec.hop_count]))
			return false;
		p->spec.hop_count++;
		p->spec.where = WHERE_PATH;
	}
	return true;
}

bool parse_where(struct parse *p, struct span text)
{
	int word = keyword_find(text, WHERE_WORDS);
	struct span start = span_head(text, span_find(text, '/'));

	p->where = text;
	if (word >= 0) {
		p->spec.where = (uint8_t)(WHERE_BOOT_VGA + word);
		return true;
	}
	if (!span_count(start, ':') || span_count(text, '@') || span_ends(text, "/")) {
		refuse(p, DIAG_BAD_WHERE, text);
		p->diag->value = keyword_near(text, WHERE_WORDS);
		return false;
	}
	return parse_address(p, start) && parse_hops(p, span_skip(text, start.len + 1));
}
