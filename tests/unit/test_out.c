// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bounded writer and the words made with it: formats, overflow, flushing, every
 * diagnosis. Knows nothing of how diagnoses come about.
 */
#include "table.h"

#include <errno.h>

static void test_formats(void **state)
{
	char buf[256];
	struct out out = OUT(buf);

	(void)state;
	out_hex(&out, 0, 1);
	out_char(&out, ' ');
	out_hex(&out, 0x1a, 4);
	out_char(&out, ' ');
	out_hex(&out, 0xdeadbeef, 2);
	out_char(&out, ' ');
	out_hex(&out, 0x10000, 4);
	assert_true(span_is(out_done(&out), "0 001a deadbeef 10000"));

	out = OUT(buf);
	out_dec(&out, 0);
	out_char(&out, ' ');
	out_dec(&out, 10);
	out_char(&out, ' ');
	out_dec(&out, 4294967295u);
	assert_true(span_is(out_done(&out), "0 10 4294967295"));

	out = OUT(buf);
	out_escaped(&out, SPAN("a b~\\\n\x7f\xff\0"));
	assert_true(span_is(out_done(&out), "a b~\\x5c\\x0a\\x7f\\xff\\x00"));

	out = OUT(buf);
	out_json(&out, SPAN("a\"b\\c\n\x7f\xe9\0/"));
	assert_true(
		span_is(out_done(&out), "\"a\\\"b\\\\c\\u000a\\u007f\\u00e9\\u0000/\""));
}

static void test_padding(void **state)
{
	char buf[8];
	struct out out = OUT(buf);

	(void)state;
	out_text(&out, "x");
	out_pad(&out, 0, 4);
	out_text(&out, "y");
	out_pad(&out, 0, 4); /* already behind it */
	assert_true(span_is(out_done(&out), "x   y"));
	out_pad(&out, 0, 100);
	assert_true(out.overflow);
}

/* What does not fit is an error, and stays one; nothing is written behind the gap. */
static void test_overflow(void **state)
{
	struct span box3 = box("...", 3);
	struct out out = { .buf = (char *)box3.ptr, .cap = 3 };
	struct out none = { .cap = 0 };

	(void)state;
	out_text(&out, "abc");
	assert_false(out.overflow);
	out_text(&out, "d");
	assert_true(out.overflow);
	assert_true(span_is(out_done(&out), "abc"));
	out.len = 0;
	out_char(&out, 'e');
	assert_int_equal(out.len, 0);
	out_flush(&out);
	out_char(&none, 'x');
	assert_true(none.overflow);
	unbox(box3);
}

struct sink {
	char text[64];
	size_t len;
	unsigned calls;
	int error;
};

static int sink_take(void *context, const char *text, size_t len)
{
	struct sink *sink = context;

	assert_true(len > 0);
	sink->calls++;
	if (sink->error)
		return sink->error;
	assert_true(sink->len + len <= sizeof(sink->text));
	memcpy(sink->text + sink->len, text, len);
	sink->len += len;
	return 0;
}

static void test_flush(void **state)
{
	struct sink sink = { .len = 0 };
	char buf[4];
	struct out out = {
		.buf = buf, .cap = sizeof(buf), .flush = sink_take, .context = &sink
	};
	size_t start;

	(void)state;
	out_text(&out, "abcdefghij");
	assert_int_equal(sink.calls, 2);
	start = out_at(&out);
	out_text(&out, "k");
	out_pad(&out, start, 6);
	out_text(&out, "l");
	assert_int_equal(out_at(&out), 17);
	out_flush(&out);
	out_flush(&out); /* nothing left: not called with nothing */
	assert_false(out.overflow);
	assert_true(span_is((struct span){ sink.text, sink.len }, "abcdefghijk     l"));

	sink.error = -EIO;
	out_text(&out, "12345");
	assert_true(out.overflow);
	sink.error = 0;
	sink.calls = 0;
	out_flush(&out);
	out_char(&out, 'x');
	assert_int_equal(sink.calls, 0);
	assert_int_equal(sink.len, 17);
}

static void test_origin(void **state)
{
	static const struct {
		struct origin origin;
		const char *text;
	} rows[] = {
		{ { { NULL, 0 }, 0 }, "cmdline" },
		{ { SPAN("/etc/early-vfio.conf"), 4 }, "/etc/early-vfio.conf:4" },
		{ { SPAN("/etc/early-vfio.image"), 0 }, "/etc/early-vfio.image" },
		{ { SPAN("a\nb"), 4294967295u }, "a\\x0ab:4294967295" },
	};
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct out out = OUT(buf);

		out_origin(&out, rows[i].origin);
		failed += row_differs("origin", rows[i].origin.file, out_done(&out),
				      rows[i].text);
	}
	assert_int_equal(failed, 0);
}

static void test_errno(void **state)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{ EPERM, "EPERM" },
		{ ENOENT, "ENOENT" },
		{ EIO, "EIO" },
		{ ENXIO, "ENXIO" },
		{ E2BIG, "E2BIG" },
		{ ENOEXEC, "ENOEXEC" },
		{ EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },
		{ EACCES, "EACCES" },
		{ EBUSY, "EBUSY" },
		{ EEXIST, "EEXIST" },
		{ ENODEV, "ENODEV" },
		{ EINVAL, "EINVAL" },
		{ ENOSPC, "ENOSPC" },
		{ EROFS, "EROFS" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
		{ ETIMEDOUT, "ETIMEDOUT" },
		{ EKEYREJECTED, "EKEYREJECTED" },
		{ 4095, "4095" },
		{ 0, "0" },
	};
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[16];
		struct out out = OUT(buf);

		out_errno(&out, rows[i].error);
		failed += row_differs("errno", span_of(rows[i].text), out_done(&out),
				      rows[i].text);
	}
	assert_int_equal(failed, 0);
}

struct words_row {
	enum diag_code code;
	const char *text, *value, *words;
};

static const struct words_row words_rows[] = {
	{ DIAG_COMMA_IN_ID, "10de,1c82", NULL,
	  "10de,1c82: a comma between vendor and device; write 10de:1c82" },
	{ DIAG_COLON_FUNCTION, "0000:01:00:0", NULL,
	  "0000:01:00:0: a colon before the function; write 0000:01:00.0" },
	{ DIAG_NO_FUNCTION, "01:00", NULL,
	  "01:00: the function is missing; write 01:00.0" },
	{ DIAG_BAD_FUNCTION, "04:00.08", NULL, "04:00.08: a function is 0 to 7" },
	{ DIAG_ADDRESS_IN_IDS, "01:00.0", NULL,
	  "01:00.0: no VENDOR:DEVICE; write early-vfio.bind=01:00.0" },
	{ DIAG_NEAR_PARAMETER, "vfio-pc.ids", "vfio-pci.ids",
	  "vfio-pc.ids: ignored; write vfio-pci.ids" },
	{ DIAG_BAD_VALUE, "loud", "info|debug",
	  "loud: not valid here; write info|debug" },
	{ DIAG_UNKNOWN_DIRECTIVE, "Bind", "bind",
	  "Bind: no such directive; there are bind, keep, set; did you mean bind?" },
	{ DIAG_UNKNOWN_DIRECTIVE, "grab", NULL,
	  "grab: no such directive; there are bind, keep, set" },
	{ DIAG_BAD_CHARACTER, "\x01", NULL, "\\x01: has no meaning here; remove it" },
	{ DIAG_EMPTY, "", NULL, "name a VENDOR:DEVICE or an address" },
	{ DIAG_BYTE_ORDER_MARK, "\xef\xbb\xbf", NULL,
	  "\\xef\\xbb\\xbf: a byte order mark" },
};

static void test_words(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(words_rows); i++) {
		const struct words_row *row = &words_rows[i];
		struct diag diag = { .code = (uint16_t)row->code,
				     .text = span_of(row->text),
				     .value = row->value };
		char buf[256];
		struct out out = OUT(buf);

		out_diag(&out, &diag);
		failed += row_differs(diag_name(row->code), diag.text, out_done(&out),
				      row->words);
	}
	assert_int_equal(failed, 0);
}

/* Texts are cut at a hundred bytes and say so; a code that nobody knows has no words. */
static void test_words_bounds(void **state)
{
	char text[101], buf[256];
	struct diag diag = { .code = DIAG_COUNT, .text = { text, 100 } };
	struct out out = OUT(buf);

	(void)state;
	memset(text, 'x', sizeof(text));
	out_diag(&out, &diag);
	assert_int_equal(out.len, 102);
	out.len = 0;
	diag.text.len = 101;
	out_diag(&out, &diag);
	assert_int_equal(out.len, 105);
	assert_true(span_ends(out_done(&out), "x...: "));
}

/* Each code has words of its own, in one line that fits the log whatever the text is. */
static void test_all_words(void **state)
{
	static char texts[DIAG_COUNT][256];
	char noise[2000];

	(void)state;
	memset(noise, 1, sizeof(noise));
	for (unsigned code = DIAG_NONE + 1; code < DIAG_COUNT; code++) {
		struct diag diag = { .code = (uint16_t)code };
		struct out out = { .buf = texts[code], .cap = sizeof(texts[code]) - 1 };
		char line[900];
		struct out bounded = OUT(line);

		out_diag(&out, &diag);
		if (out.len < 10 || out.overflow || strchr(texts[code], '\n'))
			fail_msg("%s: '%s'", diag_name(code), texts[code]);
		for (unsigned other = DIAG_NONE + 1; other < code; other++)
			assert_string_not_equal(texts[code], texts[other]);
		diag.text = (struct span){ noise, sizeof(noise) };
		out_diag(&bounded, &diag);
		assert_false(bounded.overflow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),	  cmocka_unit_test(test_padding),
		cmocka_unit_test(test_overflow),  cmocka_unit_test(test_flush),
		cmocka_unit_test(test_origin),	  cmocka_unit_test(test_errno),
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_words_bounds),
		cmocka_unit_test(test_all_words),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
