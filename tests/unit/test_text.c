// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Spans, scanners and addresses: every edge of each. Knows nothing of who uses them.
 */
#include "table.h"

#include <early-vfio/bdf.h>

static const struct span nothing = { NULL, 0 };

static void test_equality(void **state)
{
	(void)state;
	assert_true(span_equals(nothing, SPAN("")));
	assert_true(span_is(nothing, ""));
	assert_true(span_is(SPAN("ab"), "ab"));
	assert_false(span_is(SPAN("ab"), "abc"));
	assert_false(span_is(SPAN("abc"), "ab"));
	assert_false(span_is(SPAN("a\0b"), "a"));
	assert_false(span_is(SPAN("a-b"), "a_b"));
	assert_true(span_is_name(SPAN("a-b_c"), "a_b-c"));
	assert_false(span_is_name(SPAN("a-b"), "a.b"));
	assert_false(span_is_name(SPAN("a-"), "a"));
	assert_true(span_starts(SPAN("class=03"), "class="));
	assert_true(span_starts(SPAN("a"), ""));
	assert_false(span_starts(SPAN("clas"), "class="));
	assert_true(span_ends(SPAN("x.ko"), ".ko"));
	assert_false(span_ends(SPAN("ko"), ".ko"));
	assert_true(span_ends(nothing, ""));
	assert_true(span_starts_name(SPAN("early_vfio.x"), "early-vfio."));
	assert_false(span_starts_name(SPAN("early"), "early-vfio."));
}

static void test_slices(void **state)
{
	(void)state;
	assert_true(span_is(span_skip(SPAN("abc"), 1), "bc"));
	assert_int_equal(span_skip(SPAN("abc"), 4).len, 0);
	assert_null(span_skip(nothing, 3).ptr);
	assert_true(span_is(span_head(SPAN("abc"), 2), "ab"));
	assert_true(span_is(span_head(SPAN("abc"), 9), "abc"));
	assert_true(span_is(span_trim(SPAN(" \t\r\n\v\fa b\r\n ")), "a b"));
	assert_int_equal(span_trim(SPAN(" \t ")).len, 0);
	assert_int_equal(span_trim(nothing).len, 0);
	assert_int_equal(span_find(SPAN("a,b"), ','), 1);
	assert_int_equal(span_find(SPAN("ab"), ','), 2);
	assert_int_equal(span_find(nothing, ','), 0);
	assert_true(span_is(span_basename(SPAN("/lib/a.ko")), "a.ko"));
	assert_true(span_is(span_basename(SPAN("a.ko")), "a.ko"));
	assert_true(span_is(span_basename(SPAN("/lib/")), ""));
	assert_int_equal(span_basename(nothing).len, 0);
}

static void test_characters(void **state)
{
	(void)state;
	for (int c = -128; c < 128; c++) {
		const char *digits = "0123456789abcdef", *upper = "0123456789ABCDEF";
		const char *at = c ? strchr(digits, c) : NULL;
		const char *at_upper = c ? strchr(upper, c) : NULL;
		int value = at	     ? (int)(at - digits) :
			    at_upper ? (int)(at_upper - upper) :
				       -1;

		assert_int_equal(hex_digit((char)c), value);
		assert_int_equal(is_blank((char)c), c && strchr(" \t\n\v\f\r", c));
	}
}

/* Pieces joined by "|": what the three cutters make of a text. */
struct cut_row {
	const char *text, *lines, *words, *fields;
};

static const struct cut_row cut_rows[] = {
	{ "", "", "", "" },
	{ "a", "a|", "a|", "a|" },
	{ "a\nb", "a|b|", "a|b|", "a\nb|" },
	{ "a\n", "a|", "a|", "a\n|" },
	{ "\n\na", "||a|", "a|", "\n\na|" },
	{ " a \t b ", " a \t b |", "a|b|", " a \t b |" },
	{ "a\r\nb", "a\r|b|", "a|b|", "a\r\nb|" },
	{ "a,b", "a,b|", "a,b|", "a|b|" },
	{ ",a,,b,", ",a,,b,|", ",a,,b,|", "|a||b|" },
	{ ",", ",|", ",|", "|" },
	{ "  ", "  |", "", "  |" },
};

static bool next_comma(struct span *rest, struct span *piece)
{
	return span_next_field(rest, ',', piece);
}

static struct span cut(char *buf, size_t cap, struct span text,
		       bool (*next)(struct span *, struct span *))
{
	struct out out = { .buf = buf, .cap = cap };
	struct span piece;

	while (next(&text, &piece)) {
		out_span(&out, piece);
		out_char(&out, '|');
	}
	return out_done(&out);
}

static void test_cutting(void **state)
{
	unsigned failed = 0;
	char buf[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cut_rows); i++) {
		const struct cut_row *row = &cut_rows[i];
		struct span text = box_text(row->text);

		failed += row_differs("lines", text,
				      cut(buf, sizeof(buf), text, span_next_line),
				      row->lines);
		failed += row_differs("words", text,
				      cut(buf, sizeof(buf), text, span_next_word),
				      row->words);
		failed += row_differs("fields", text,
				      cut(buf, sizeof(buf), text, next_comma),
				      row->fields);
		unbox(text);
	}
	assert_int_equal(failed, 0);
}

struct number_row {
	const char *text;
	uint32_t limit; /* digits or the greatest value */
	bool is_valid;
	uint32_t value;
};

static const struct number_row hex_rows[] = {
	{ "0", 1, true, 0 },
	{ "ffffffff", 8, true, 0xffffffff },
	{ "DeadBeef", 8, true, 0xdeadbeef },
	{ "00001", 5, true, 1 },
	{ "", 4, false, 0 },
	{ "10000", 4, false, 0 },
	{ "100000000", 9, false, 0 }, /* never more than eight */
	{ "0x1", 4, false, 0 },
	{ " 1", 4, false, 0 },
	{ "1g", 4, false, 0 },
	{ "-1", 4, false, 0 },
};

static const struct number_row dec_rows[] = {
	{ "0", 0, true, 0 },
	{ "600", 600, true, 600 },
	{ "0010", 600, true, 10 },
	{ "4294967295", UINT32_MAX, true, UINT32_MAX },
	{ "4294967296", UINT32_MAX, false, 0 },
	{ "18446744073709551617", UINT32_MAX, false,
	  0 }, /* 2^64 + 1 does not wrap to 1 */
	{ "601", 600, false, 0 },
	{ "", 600, false, 0 },
	{ "+1", 600, false, 0 },
	{ "1 ", 600, false, 0 },
	{ "a", 600, false, 0 },
};

static unsigned check_numbers(const struct number_row *rows, size_t count,
			      bool (*scan)(struct span, uint32_t, uint32_t *))
{
	unsigned failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct span text = box_text(rows[i].text);
		uint32_t value = 0xbad;
		bool is_valid = scan(text, rows[i].limit, &value);

		if (is_valid != rows[i].is_valid ||
		    value != (rows[i].is_valid ? rows[i].value : 0xbad)) {
			print_error("number: %s: %d, %u\n", rows[i].text, is_valid,
				    value);
			failed++;
		}
		unbox(text);
	}
	return failed;
}

static bool scan_hex(struct span text, uint32_t limit, uint32_t *value)
{
	return hex_scan(text, limit, value);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(check_numbers(hex_rows, COUNT(hex_rows), scan_hex), 0);
	assert_int_equal(check_numbers(dec_rows, COUNT(dec_rows), dec_scan), 0);
}

/* Addresses: the text and what it reads back as; NULL: none. */
static const char *const address_rows[][2] = {
	{ "0000:01:00.0", "0000:01:00.0" },
	{ "10000:e1:1f.7", "10000:e1:1f.7" },
	{ "ffffffff:ff:1f.7", "ffffffff:ff:1f.7" },
	{ "00000001:00:00.0", "0001:00:00.0" },
	{ "3F7A:00:00.0", "3f7a:00:00.0" },
	{ "000:01:00.0", NULL },
	{ "100000000:01:00.0", NULL },
	{ "01:00.0", NULL },
	{ "0000:1:00.0", NULL },
	{ "0000:001:00.0", NULL },
	{ "0000:01:0.0", NULL },
	{ "0000:01:20.0", NULL },
	{ "0000:01:00.8", NULL },
	{ "0000:01:00.00", NULL },
	{ "0000:01:00.", NULL },
	{ "0000:01:00", NULL },
	{ "0000:01:00.0 ", NULL },
	{ "0000:01:00.0/00.0", NULL },
	{ "", NULL },
};

static void test_addresses(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(address_rows); i++) {
		struct span text = box_text(address_rows[i][0]);
		char buf[BDF_TEXT_MAX - 1]; /* no terminator is written */
		struct out out = OUT(buf);
		struct bdf bdf;

		if (bdf_scan(text, &bdf))
			out_bdf(&out, bdf);
		assert_false(out.overflow);
		failed += row_differs("address", text, out_done(&out),
				      address_rows[i][1] ? address_rows[i][1] : "");
		unbox(text);
	}
	assert_int_equal(failed, 0);
}

/* In ascending order; the last two stand in one slot. */
static const struct bdf ordered[] = {
	{ .fn = 1 },
	{ .dev = 1 },
	{ .bus = 1 },
	{ .domain = 1 },
	{ .domain = 0x10000 },
	{ .domain = 0xffffffff, .bus = 255, .dev = 31, .fn = 6 },
	{ .domain = 0xffffffff, .bus = 255, .dev = 31, .fn = 7 },
};

static void test_address_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ordered); i++) {
		for (size_t j = 0; j < COUNT(ordered); j++) {
			int sign = (i > j) - (i < j);
			int got = bdf_compare(ordered[i], ordered[j]);

			assert_int_equal((got > 0) - (got < 0), sign);
			assert_int_equal(bdf_equals(ordered[i], ordered[j]), i == j);
			assert_int_equal(bdf_same_slot(ordered[i], ordered[j]),
					 i == j || (i >= 5 && j >= 5));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equality),      cmocka_unit_test(test_slices),
		cmocka_unit_test(test_characters),    cmocka_unit_test(test_cutting),
		cmocka_unit_test(test_numbers),	      cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_address_order),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
