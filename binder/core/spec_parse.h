/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parsers of the parts of a specification share. Knows nothing of their grammar.
 */
#ifndef BINDER_CORE_SPEC_PARSE_H
#define BINDER_CORE_SPEC_PARSE_H

#include "parse.h"

#define WHERE_WORDS "boot-vga\0not-boot-vga\0"
#define FLAG_WORDS "slot\0group\0force\0"
#define CLASS_ALL 0xffffffu

struct parse {
	const char *base;  /* offsets count from here */
	struct span where; /* the address or path that is read */
	struct diag *diag;
	struct spec spec;
};

/* Begin with a token: take its quotes off, refuse what can be no specification. */
bool parse_begin(struct parse *p, struct span *text, struct diag *diag);

/* Each returns false and leaves the diagnosis of why. */
bool parse_id(struct parse *p, struct span text);
bool parse_class(struct parse *p, struct span text);
bool parse_where(struct parse *p, struct span text);

bool refuse(struct parse *p, enum diag_code code, struct span text);
/* As refuse, where the wrong byte stands inside of the text to be shown. */
bool refuse_at(struct parse *p, enum diag_code code, struct span text, const char *place);
/* Leave a note of what is accepted. The first wins: one specification, one remark. */
void remark(struct parse *p, enum diag_code code, struct span text);

size_t span_count(struct span text, char c);

#endif
