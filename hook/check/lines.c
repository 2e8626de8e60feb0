// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What several checks read with: files of the host by the line, the kernel's log, and texts
 * of the core's writers. Knows nothing of what is looked for.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

bool is_root(void)
{
	return geteuid() == 0;
}

bool is_there(const struct check *check, const char *path)
{
	return check->io->exists(check->io, path + 1) == 0;
}

bool is_there_in(const struct check *check, const char *dir, const char *name)
{
	char *path = xformat("%s/%s", dir, name);
	bool is_found = is_there(check, path);

	free(path);
	return is_found;
}

struct out *text_open(struct text *text)
{
	text->out = (struct out){ .buf = text->buf, .cap = sizeof(text->buf) - 1 };
	return &text->out;
}

char *text_close(struct text *text)
{
	text->buf[text->out.len] = '\0';
	return text->buf;
}

/* A comment starts at the line's start or behind a blank. */
static struct span without_comment(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' && (i == 0 || is_blank(line.ptr[i - 1])))
			return span_head(line, i);
	return line;
}

static void lines_of_text(struct check *check, const char *path, struct span text,
			  see_line *see)
{
	unsigned number = 0, first = 1;
	char *whole;

	while ((whole = file_next_joined(&text, &number))) {
		struct line line = { path, first,
				     span_trim(without_comment(span_of(whole))) };

		if (line.text.len)
			see(check, &line);
		free(whole);
		first = number + 1;
	}
}

void lines_of_file(struct check *check, const char *path, see_line *see)
{
	struct span text;

	if (file_read(check->io, path + 1, &text))
		return;
	lines_of_text(check, path, text, see);
	free((char *)text.ptr);
}

void lines_of_directory(struct check *check, const char *dir, const char *suffix,
			see_line *see)
{
	struct names names;

	names_read(check->io, dir + 1, &names);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (span_ends(span_of(path), suffix) &&
		    !file_is_etc_modules(check->io, path + 1))
			lines_of_file(check, path, see);
		free(path);
	}
	names_free(&names);
}

/* One record a call, from the oldest that is left; a reader that is overtaken gets EPIPE. */
static struct span kmsg_read(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct span text = { NULL, 0 };
	size_t cap = 0;

	while (fd >= 0 && text.len < FILE_BYTES_MAX) {
		ssize_t len;

		if (cap - text.len < 2 * IO_LINE_MAX) {
			cap = cap ? 2 * cap : 1u << 16;
			text.ptr = xrealloc((char *)text.ptr, cap);
		}
		len = read(fd, (char *)text.ptr + text.len, cap - text.len);
		if (len <= 0)
			break;
		text.len += (size_t)len;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

void log_read(struct check *check)
{
	struct span text = { NULL, 0 };

	if (!*check->sysroot)
		text = kmsg_read();
	if (!text.len) {
		free((char *)text.ptr);
		text = (struct span){ NULL, 0 };
		if (file_read(check->io, "var/log/dmesg", &text))
			text = (struct span){ NULL, 0 };
	}
	check->log = text;
}

bool log_has(const struct check *check, const char *words)
{
	return check->log.len &&
	       memmem(check->log.ptr, check->log.len, words, strlen(words)) != NULL;
}
