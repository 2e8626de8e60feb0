// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports read back as their readers do: the log line by line, the JSON by its grammar.
 * Knows nothing of the code that writes them.
 */
#include <stdio.h>
#include <string.h>

#include "report_check.h"

#define JSON_SIZE (4u << 20)
#define DEPTH_MAX 16

bool is_clean_line(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] < ' ' || line.ptr[i] > '~')
			return false;
	return line.len > 0;
}

static void skip_blanks(struct span *rest)
{
	while (rest->len && is_blank(*rest->ptr))
		*rest = span_skip(*rest, 1);
}

static bool take(struct span *rest, const char *text)
{
	if (!span_starts(*rest, text))
		return false;
	*rest = span_skip(*rest, strlen(text));
	return true;
}

static bool take_escape(struct span *rest)
{
	uint64_t value;

	if (!rest->len)
		return false;
	if (*rest->ptr != 'u') {
		bool is_known = strchr("\"\\/bfnrt", *rest->ptr) != NULL;

		*rest = span_skip(*rest, 1);
		return is_known;
	}
	*rest = span_skip(*rest, 1);
	if (rest->len < 4 || hex_read(span_head(*rest, 4), &value) != 4)
		return false;
	*rest = span_skip(*rest, 4);
	return true;
}

static bool take_string(struct span *rest)
{
	if (!take(rest, "\""))
		return false;
	while (rest->len && *rest->ptr != '"') {
		char c = *rest->ptr;

		if (c < ' ' || c > '~')
			return false;
		*rest = span_skip(*rest, 1);
		if (c == '\\' && !take_escape(rest))
			return false;
	}
	return take(rest, "\"");
}

static bool take_scalar(struct span *rest)
{
	size_t digits = 0;

	if (rest->len && *rest->ptr == '"')
		return take_string(rest);
	if (take(rest, "true") || take(rest, "false") || take(rest, "null"))
		return true;
	while (digits < rest->len && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9')
		digits++;
	*rest = span_skip(*rest, digits);
	return digits > 0;
}

static bool take_key(struct span *rest)
{
	skip_blanks(rest);
	if (!take_string(rest))
		return false;
	skip_blanks(rest);
	return take(rest, ":");
}

/* Behind a value: what closes, and whether another value follows. */
static bool take_close(struct span *rest, char *stack, size_t *depth)
{
	for (;;) {
		skip_blanks(rest);
		if (!*depth)
			return true;
		if (take(rest, ","))
			return stack[*depth - 1] == ']' || take_key(rest);
		if (!rest->len || *rest->ptr != stack[*depth - 1])
			return false;
		*rest = span_skip(*rest, 1);
		--*depth;
	}
}

/* Open whatever opens in front of a scalar. *is_empty: the innermost closes at once. */
static bool take_open(struct span *rest, char *stack, size_t *depth, bool *is_empty)
{
	*is_empty = false;
	for (;;) {
		bool is_object;

		skip_blanks(rest);
		is_object = span_starts(*rest, "{");
		if (!is_object && !span_starts(*rest, "["))
			return true;
		if (*depth == DEPTH_MAX)
			return false;
		stack[(*depth)++] = is_object ? '}' : ']';
		*rest = span_skip(*rest, 1);
		skip_blanks(rest);
		*is_empty = span_starts(*rest, is_object ? "}" : "]");
		if (*is_empty)
			return true;
		if (is_object && !take_key(rest))
			return false;
	}
}

bool is_json(struct span text)
{
	char stack[DEPTH_MAX];
	size_t depth = 0;

	do {
		bool is_empty;

		if (!take_open(&text, stack, &depth, &is_empty) ||
		    (!is_empty && !take_scalar(&text)) ||
		    !take_close(&text, stack, &depth))
			return false;
	} while (depth);
	return text.len == 0;
}

static struct span entry_of(struct span json, struct bdf bdf)
{
	char key[64];
	struct out out = OUT(key);
	const char *found, *end;

	out_text(&out, "{\"address\": \"");
	out_bdf(&out, bdf);
	out_char(&out, '"');
	found = memmem(json.ptr, json.len, out.buf, out.len);
	if (!found)
		return SPAN("");
	json = span_skip(json, (size_t)(found - json.ptr));
	end = memchr(json.ptr, '\n', json.len);
	return end ? span_head(json, (size_t)(end - json.ptr)) : json;
}

bool json_of_device(struct span json, struct bdf bdf, const char *key, struct span *value)
{
	struct span entry = entry_of(json, bdf);
	char name[64];
	int len = snprintf(name, sizeof(name), "\"%s\": ", key);
	const char *found = entry.len ? memmem(entry.ptr, entry.len, name, (size_t)len) :
					NULL;

	if (!found)
		return false;
	entry = span_skip(entry, (size_t)(found - entry.ptr) + (size_t)len);
	*value = SPAN("");
	if (take(&entry, "\""))
		*value = span_head(entry, span_find(entry, '"'));
	return true;
}

struct line_check {
	unsigned count;
	const char *wrong;
};

static void check_line(void *context, enum level level, struct span line)
{
	struct line_check *check = context;

	check->count++;
	if (!is_clean_line(line))
		check->wrong = "a line of the log is empty, or has a control character";
	if (level < LEVEL_ERROR || level > LEVEL_DEBUG)
		check->wrong = "a line of the log has no level";
}

static const char *check_lines(const struct report *report)
{
	struct line_check check = { 0, NULL };

	report_lines(report, 0, check_line, &check);
	return check.count ? check.wrong : "the log says nothing at all";
}

static const char *check_table(const struct report *report, char *buf)
{
	struct out out = { .buf = buf, .cap = JSON_SIZE };
	struct span rest, line;

	report_table(report, &out);
	rest = out_done(&out);
	while (span_next_line(&rest, &line))
		if (line.len && !is_clean_line(line))
			return "a line of the table has a control character";
	return out.overflow ? "the table has no end" : NULL;
}

const char *report_check(const struct report *report)
{
	static char buf[JSON_SIZE];
	struct out out = { .buf = buf, .cap = sizeof(buf) };
	const char *wrong = check_lines(report);

	if (!wrong)
		wrong = check_table(report, buf);
	if (wrong)
		return wrong;
	report_json(report, &out);
	return out.overflow		? "the JSON has no end" :
	       !is_json(out_done(&out)) ? "the JSON is none" :
					  NULL;
}
