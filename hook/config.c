// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The merged config as a list, and its text for the image. Knows nothing of devices, nor of
 * what a directive means.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

const char *config_file(struct config *config, const char *name)
{
	for (size_t i = 0; i < config->file_count; i++)
		if (strcmp(config->files[i], name) == 0)
			return config->files[i];
	config->files = xrealloc(config->files,
				 (config->file_count + 1) * sizeof(*config->files));
	config->files[config->file_count] = xspan(span_of(name));
	return config->files[config->file_count++];
}

/* Columns behind more blanks than that are not worth their room in the image. */
#define INDENT_MAX 256

void config_add(struct config *config, const struct directive *item)
{
	if (config->count == config->cap) {
		config->cap = config->cap ? 2 * config->cap : 64;
		config->items =
			xrealloc(config->items, config->cap * sizeof(*config->items));
	}
	config->items[config->count++] = *item;
}

void config_refuse(struct config *config, const struct directive *item, struct span what,
		   const char *why)
{
	if (config->refusal_count < REFUSED_LINES_MAX)
		config->refusals[config->refusal_count] =
			(struct refusal){ item->file, item->line, xspan(what),
					  xspan(span_of(why)) };
	config->refusal_count++;
}

static size_t refusals_kept(const struct config *config)
{
	return config->refusal_count < REFUSED_LINES_MAX ? config->refusal_count :
							   REFUSED_LINES_MAX;
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		free((char *)config->items[i].text.ptr);
	for (size_t i = 0; i < refusals_kept(config); i++) {
		free(config->refusals[i].what);
		free(config->refusals[i].why);
	}
	for (size_t i = 0; i < config->file_count; i++)
		free(config->files[i]);
	names_free(&config->drivers);
	names_free(&config->unread);
	free(config->items);
	free(config->files);
	*config = (struct config){ 0 };
}

/* A comment starts at the line's start or behind a blank. */
static struct span without_comment(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' && (i == 0 || is_blank(line.ptr[i - 1])))
			return span_head(line, i);
	return line;
}

static void merge_line(struct config *config, const char *file, uint32_t number,
		       struct span line)
{
	struct span text = span_trim(without_comment(line));

	if (text.len)
		config_add(config,
			   &(struct directive){ .file = file,
						.line = number,
						.indent = (uint32_t)(text.ptr - line.ptr),
						.text = { xspan(text), text.len } });
}

static void merge_text(struct config *config, const char *file, struct span text,
		       struct say *say)
{
	struct span line;

	/* Only at the start of a file is it what it is. */
	if (span_starts(text, "\xef\xbb\xbf")) {
		say_diag(say, (struct origin){ span_of(file), 1 }, 0,
			 &(struct diag){ .code = DIAG_BYTE_ORDER_MARK });
		text = span_skip(text, 3);
	}
	for (uint32_t number = 1; span_next_line(&text, &line); number++)
		merge_line(config, file, number, line);
}

static void note_unread(struct config *config, const char *name, int error,
			struct say *say)
{
	names_add(&config->unread, span_of(name));
	say_fault(say,
		  "%s: %s: it is NOT in the image, nor is what it keeps from being taken",
		  name, strerror(-error));
}

static void merge_file(struct config *config, struct io *io, const char *name,
		       struct say *say)
{
	struct span text;
	int rc = file_read(io, name + 1, &text);

	if (rc) {
		note_unread(config, name, rc, say);
		return;
	}
	merge_text(config, config_file(config, name), text, say);
	free((char *)text.ptr);
}

bool is_plain_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
			return false;
	return true;
}

static void merge_directory(struct config *config, struct io *io, const char *dir,
			    struct say *say)
{
	struct names names;
	int rc = names_read(io, dir + 1, &names);

	if (rc && !file_is_missing(io, dir + 1))
		note_unread(config, dir, rc, say);
	for (size_t i = 0; i < names.count; i++) {
		char *name = xformat("%s/%s", dir, names.items[i]);

		if (!span_ends(span_of(name), ".conf") || names.items[i][0] == '.')
			;
		else if (!is_plain_name(span_of(names.items[i])))
			note_unread(config, name, -EINVAL, say);
		else
			merge_file(config, io, name, say);
		free(name);
	}
	names_free(&names);
}

void config_merge(struct config *config, struct io *io, struct say *say)
{
	static const char main_file[] = "/etc/early-vfio.conf";

	if (!file_is_missing(io, main_file + 1))
		merge_file(config, io, main_file, say);
	merge_directory(config, io, "/etc/early-vfio.conf.d", say);
}

/* Where it stood in its line, so that whoever reads the text names the same column. */
static uint32_t blanks_before(const struct directive *item)
{
	return item->indent < INDENT_MAX ? item->indent : 0;
}

size_t config_size(const struct directive *item)
{
	return blanks_before(item) + item->text.len + strlen(item->file) +
	       sizeof("from :4294967295\n\n");
}

static void write_directive(const struct directive *item, struct out *out)
{
	for (uint32_t i = 0; i < blanks_before(item); i++)
		out_char(out, ' ');
	out_span(out, item->text);
	out_char(out, '\n');
}

void config_write(const struct config *config, struct out *out)
{
	const char *file = NULL;
	uint32_t line = 0;

	for (size_t i = 0; i < config->count; i++) {
		const struct directive *item = &config->items[i];

		if (item->is_left_out)
			continue;
		if (item->file != file || item->line != line) {
			out_text(out, "from ");
			out_text(out, item->file);
			out_char(out, ':');
			out_dec(out, item->line);
			out_char(out, '\n');
		}
		write_directive(item, out);
		file = item->file;
		line = item->line + 1;
	}
}

/* Of a longer word its beginning is enough: a file of another kind may be one word. */
#define WORD_SHOWN_MAX 100

/* The specification: behind the directive, where all of it is left out. */
static struct span refused_word(const struct refusal *refusal)
{
	struct span what = span_of(refusal->what), word = SPAN("?"), second;

	span_next_word(&what, &word);
	if (span_next_word(&what, &second))
		word = second;
	return span_head(word, WORD_SHOWN_MAX);
}

void config_write_refused(const struct config *config, struct out *out)
{
	size_t kept = refusals_kept(config);

	for (size_t i = 0; i < kept; i++) {
		const struct refusal *refusal = &config->refusals[i];

		out_text(out, "refused ");
		out_origin(out, (struct origin){ span_of(refusal->file), refusal->line });
		out_char(out, ' ');
		out_escaped(out, refused_word(refusal));
		out_char(out, ' ');
		out_text(out, refusal->why);
		out_char(out, '\n');
	}
	if (kept < config->refusal_count)
		out_text(out, "# more was left out than there is room for here\n");
}
