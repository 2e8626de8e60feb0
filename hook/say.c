// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines on stderr, and the core's writer on top of a stdio stream. Knows nothing of what is
 * said.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "say.h"

static int stream_flush(void *context, const char *text, size_t len)
{
	if (!context)
		return 0;
	return fwrite(text, 1, len, context) == len ? 0 : -EIO;
}

void sink_open(struct sink *sink, FILE *stream)
{
	sink->out = (struct out){ .buf = sink->buf,
				  .cap = sizeof(sink->buf),
				  .flush = stream_flush,
				  .context = stream };
}

void say_open(struct say *say, FILE *stream)
{
	sink_open(&say->sink, stream);
	say->faults = 0;
}

void say_to(struct say *say, FILE *stream)
{
	say->sink.out.context = stream;
}

struct out *say_begin(struct say *say)
{
	out_text(&say->sink.out, "early-vfio: ");
	return &say->sink.out;
}

void say_end(struct say *say)
{
	out_char(&say->sink.out, '\n');
	out_flush(&say->sink.out);
}

__attribute__((format(printf, 2, 0))) static void
say_words(struct say *say, const char *format, va_list args)
{
	char *words;

	if (vasprintf(&words, format, args) < 0)
		return;
	/* They may hold what somebody wrote. */
	out_escaped(say_begin(say), span_of(words));
	say_end(say);
	free(words);
}

void say_note(struct say *say, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_words(say, format, args);
	va_end(args);
}

void say_fault(struct say *say, const char *format, ...)
{
	va_list args;

	say->faults++;
	va_start(args, format);
	say_words(say, format, args);
	va_end(args);
}

void say_diag(struct say *say, struct origin origin, size_t indent,
	      const struct diag *diag)
{
	struct out *out = say_begin(say);

	out_origin(out, origin);
	out_char(out, ':');
	out_dec(out, (uint32_t)(indent + diag->offset + 1));
	out_text(out, ": ");
	out_diag(out, diag);
	say_end(say);
}
