// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a look at something found: good or bad, each with its remedy. Knows nothing of what
 * was looked at.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "finding.h"
#include "width.h"

/* Behind "FAIL  ". */
#define INDENT 6

void finding_add(struct findings *findings, enum finding_level level, const char *name,
		 const char *remedy, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	if (findings->count == findings->cap) {
		findings->cap = findings->cap ? 2 * findings->cap : 16;
		findings->items = xrealloc(findings->items,
					   findings->cap * sizeof(*findings->items));
	}
	finding = &findings->items[findings->count++];
	*finding = (struct finding){ .level = level, .name = name };
	va_start(args, format);
	if (vasprintf(&finding->text, format, args) < 0)
		finding->text = xformat("%s", format);
	va_end(args);
	if (remedy)
		finding->remedy = xspan(span_of(remedy));
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].text);
		free(findings->items[i].remedy);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}

enum finding_level findings_worst(const struct findings *findings)
{
	enum finding_level worst = FINDING_PASS;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level > worst)
			worst = findings->items[i].level;
	return worst;
}

const char *finding_word(enum finding_level level)
{
	static const char *const words[] = { "PASS", "WARN", "FAIL" };

	return words[level];
}

void findings_print(const struct findings *findings, enum finding_level from,
		    unsigned columns, struct out *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		if (finding->level < from)
			continue;
		out_text(out, finding_word(finding->level));
		out_text(out, "  ");
		out_wrapped(out, span_of(finding->text), INDENT, INDENT, columns);
		if (!finding->remedy)
			continue;
		out_text(out, "      ");
		out_wrapped(out, span_of(finding->remedy), INDENT, INDENT, columns);
	}
}

static void out_member(struct out *out, const char *key, const char *text)
{
	out_text(out, key);
	if (text)
		out_json(out, span_of(text));
	else
		out_text(out, "null");
}

void findings_json(const struct findings *findings, struct out *out)
{
	static const char *const levels[] = { "pass", "warn", "fail" };

	out_char(out, '[');
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		out_text(out, i ? ",\n  " : "\n  ");
		out_member(out, "{\"level\": ", levels[finding->level]);
		out_member(out, ", \"check\": ", finding->name);
		out_member(out, ", \"text\": ", finding->text);
		out_member(out, ", \"remedy\": ", finding->remedy);
		out_char(out, '}');
	}
	out_text(out, findings->count ? "\n]" : "]");
}
