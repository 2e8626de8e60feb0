// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line: cutting it up as the kernel does, what of it is ours, and what
 * was probably meant to be. Must not know files or devices.
 */
#include "parse.h"
#include "words.h"

/* The names, as they are written, and their places. */
#define PARAMETERS                                                          \
	"early-vfio.bind\0early-vfio.keep\0vfio-pci.ids\0early-vfio.mode\0" \
	"early-vfio.config\0early-vfio.profile\0early-vfio.log\0early-vfio.on-failure\0"

/* What they take, in the same order. */
#define VALUES            \
	"devices\0"       \
	"devices\0"       \
	"ids\0"           \
	"bind|plan|off\0" \
	"off\0"           \
	"a name\0"        \
	"info|debug\0"    \
	"continue|shell\0"

enum parameter { BIND, KEEP, IDS, MODE, CONFIG, PROFILE, LOG, ON_FAILURE };

struct cmdline {
	struct place place;
	bool is_behind_list; /* the parameter before was a list, or the rest of one */
};

/* The kernel's isspace(): a no-break space of Latin-1 is one too. */
static bool is_space(char c)
{
	return is_blank(c) || c == '\xa0';
}

static struct span skip_spaces(struct span text)
{
	while (text.len && is_space(text.ptr[0]))
		text = span_skip(text, 1);
	return text;
}

static struct span upto_space(struct span text)
{
	size_t end = 0;

	while (end < text.len && !is_space(text.ptr[end]))
		end++;
	return span_head(text, end);
}

/*
 * Source: next_arg() in lib/cmdline.c. A quote toggles wherever it stands; a parameter or
 * a value that begins with one loses it, and loses the quote at its end.
 */
bool cmdline_next(struct span *rest, struct param *param)
{
	struct span left = skip_spaces(*rest);
	size_t start = left.len && left.ptr[0] == '"';
	bool in_quote = start;
	size_t equals = 0, end, stop, value;

	for (end = start; end < left.len && (in_quote || !is_space(left.ptr[end]));
	     end++) {
		if (left.ptr[end] == '=' && !equals && end > start)
			equals = end;
		if (left.ptr[end] == '"')
			in_quote = !in_quote;
	}
	value = equals + 1;
	if (equals && value < end && left.ptr[value] == '"')
		value++;
	stop = end;
	if ((start || value > equals + 1) && left.ptr[stop - 1] == '"')
		stop--;
	*rest = span_skip(left, end);
	*param = (struct param){ .whole = span_head(left, end),
				 .has_value = equals,
				 .is_unterminated = in_quote };
	param->name = span_skip(span_head(left, equals ? equals : stop), start);
	if (equals)
		param->value = span_skip(span_head(left, stop), value);
	return end && (equals || !span_is(param->name, "--"));
}

static size_t last_quote(struct span text)
{
	size_t at = text.len;

	while (at && text.ptr[--at] != '"')
		;
	return at;
}

/*
 * A quote that is never closed takes in the rest of the line. Cut the parameter where its
 * owner meant it to end: at the quote, or at the first blank where the quote opens it.
 */
static void mend(struct param *param)
{
	size_t quote = last_quote(param->whole);
	struct span text = span_head(param->whole, quote);

	if (!param->is_unterminated)
		return;
	if (quote && quote == param->name.len + 1) {
		param->value = upto_space(param->value);
		return;
	}
	if (!quote)
		text = upto_space(span_skip(param->whole, 1));
	cmdline_next(&text, param);
	param->is_unterminated = true;
}

bool cmdline_has_kill_switch(struct span line)
{
	for (;;) {
		struct span word = upto_space(line = skip_spaces(line));

		if (!word.len)
			return false;
		line = span_skip(line, word.len);
		while (quotes_strip(&word))
			;
		/* What is meant is clear. */
		if (choice_find(word, "early-vfio=off") >= 0)
			return true;
		if (!span_starts_name(word, "early-vfio.mode"))
			continue;
		word = span_skip(word, sizeof("early-vfio.mode=") - 1);
		quotes_strip(&word);
		if (choice_find(word, "bind|plan") < 0)
			return true;
	}
}

/* So starts what people write for vfio-pci.ids. */
static bool is_like_ids(struct span name)
{
	return span_starts_name(name, "vfio") || span_starts_name(name, "pci") ||
	       span_starts_name(name, "ids");
}

/* What has lost the list before it: an id, an address, a flag, or what a file may say. */
static bool is_stray(struct span text)
{
	char first = text.len ? *text.ptr : '\0';

	return first == '@' || first == '+' || span_is(text, "optional") ||
	       looks_like_list(text);
}

/* Not ours: but perhaps it was meant to be. */
static void read_foreign(struct cmdline *c, const struct param *param)
{
	struct span name = span_head(param->name, span_find(param->name, ':'));
	const char *meant = keyword_near(name, PARAMETERS);

	/* An id that has lost its address stands for every such device. */
	if (c->is_behind_list && is_stray(param->whole)) {
		note_at(&c->place, DIAG_STRAY_ID, param->whole, NULL);
		return;
	}
	c->is_behind_list = false;
	if (!meant && is_like_ids(name) && looks_like_list(param->value))
		meant = "vfio-pci.ids";
	if (meant)
		note_at(&c->place, DIAG_NEAR_PARAMETER, param->name, meant);
	else if (span_starts_name(param->name, "early-vfio"))
		note_at(&c->place, DIAG_UNKNOWN_PARAMETER, param->name, NULL);
}

static void read_list(struct cmdline *c, enum parameter which, const struct param *param)
{
	struct rule model = { .source = SOURCE_CMDLINE,
			      .is_keep = which == KEEP,
			      .is_ids = which == IDS };

	c->is_behind_list = true;
	if (which == IDS) {
		if (c->place.set->has_cmdline_ids)
			note_at(&c->place, DIAG_IDS_TWICE, param->whole, NULL);
		c->place.set->has_cmdline_ids = true;
	}
	list_read(param->value, c->place.base, &model, c->place.set);
}

/* Return: false where the parameter has no such value. */
static bool read_setting(struct ruleset *set, enum parameter which, struct span value)
{
	struct settings *settings = &set->settings;
	int word = choice_find(value, nth(VALUES, which));

	if (which == PROFILE)
		settings->profile = value;
	else if (word < 0)
		return false;
	if (which == MODE && settings->mode != MODE_OFF)
		settings->mode = (enum mode)word;
	if (which == CONFIG)
		settings->ignore_config = true;
	if (which == LOG) {
		settings->is_debug = word;
		settings->has_cmdline_log = true;
	}
	if (which == ON_FAILURE)
		settings->shell_on_failure = word;
	return true;
}

static void read_param(struct cmdline *c, const struct param *param)
{
	int which = keyword_find(param->name, PARAMETERS);

	if (which < 0) {
		read_foreign(c, param);
		return;
	}
	c->is_behind_list = false;
	if (param->has_value && which <= IDS)
		read_list(c, (enum parameter)which, param);
	else if (!param->has_value ||
		 !read_setting(c->place.set, (enum parameter)which, param->value))
		note_at(&c->place, DIAG_BAD_VALUE,
			param->has_value ? param->value : param->whole,
			nth(VALUES, which));
}

static void read_unterminated(struct cmdline *c, const struct param *param)
{
	struct span rest = span_skip(param->whole, last_quote(param->whole));
	bool has_swallowed = upto_space(rest).len < rest.len;

	if (has_swallowed)
		note_at(&c->place, DIAG_UNTERMINATED_QUOTE, rest, NULL);
	else if (keyword_find(param->name, PARAMETERS) >= 0)
		note_at(&c->place, DIAG_LONE_QUOTE, param->whole, NULL);
}

void cmdline_read(struct span line, struct ruleset *set)
{
	struct cmdline c = { .place = { set, line.ptr, { .line = 0 } } };
	struct span rest = span_trim(line);
	struct param param;

	if (cmdline_has_kill_switch(line))
		set->settings.mode = MODE_OFF;
	while (cmdline_next(&rest, &param)) {
		if (param.is_unterminated)
			read_unterminated(&c, &param);
		mend(&param);
		read_param(&c, &param);
	}
}

/* The name behind MODULE and a dot; empty where it is another module's or nobody's. */
static struct span option_name(const struct param *param, struct span module)
{
	size_t dot = span_find(param->name, '.');

	if (!span_equals_name(span_head(param->name, dot), module))
		return (struct span){ NULL, 0 };
	return span_skip(param->name, dot + 1);
}

static void out_option(struct out *out, const struct param *param, struct span name)
{
	size_t start = (size_t)(name.ptr - param->whole.ptr);

	if (param->is_unterminated) { /* its quotes do not match: none at all then */
		out_span(out, name);
		out_text(out, param->has_value ? "=" : "");
		out_span(out, param->value);
		return;
	}
	if (param->whole.ptr[0] == '"')
		out_char(out, '"');
	out_span(out, span_skip(param->whole, start));
}

void cmdline_module_options(struct span line, struct span module, struct out *out)
{
	struct span rest = span_trim(line);
	bool has_ids = span_is_name(module, "vfio-pci");
	struct param param;

	while (cmdline_next(&rest, &param)) {
		struct span name;

		mend(&param);
		name = option_name(&param, module);
		if (!name.len || (has_ids && span_is(name, "ids")))
			continue;
		if (out->len && out->buf[out->len - 1] != ' ')
			out_char(out, ' ');
		out_option(out, &param, name);
	}
}
