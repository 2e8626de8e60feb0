/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the readers share: noting what was found, and where. Only for them.
 */
#ifndef HOOK_IMPORT_ITEMS_H
#define HOOK_IMPORT_ITEMS_H

#include "import.h"

/* Take the next line off *rest; what is noted from now on stands in it. */
bool import_next_line(struct import *import, struct span *rest, struct span *line);

void import_device(struct import *import, struct span text, const char *what,
		   const struct spec *spec);
void import_unread(struct import *import, struct span text, const char *what,
		   const char *why);
void import_remark(struct import *import, struct span text, const char *what,
		   const char *why);
/* The same with the core's word on it. */
void import_diag(struct import *import, enum import_kind kind, struct span text,
		 const char *what, const struct diag *diag);

/* A list as vfio-pci's ids= has it. */
void import_ids(struct import *import, struct span list, const char *what);
/* All of a rule set's rules for ids, and what the core says of the line. */
void import_rules(struct import *import, const struct ruleset *set, const char *what);
/* One specification as the core reads it. */
void import_spec(struct import *import, struct span text, const char *what);

/* [DDDD:]BB:DD.F, or what was surely meant to be one: hex digits, one or two colons, a dot. */
bool looks_like_address(struct span text);
/* VVVV:DDDD, four digits each. */
bool looks_like_id(struct span text);
/* Does it occur? */
bool span_has(struct span text, const char *part);

/* What a whole line of a command line names. */
void import_parameters(struct import *import, struct span line);
/* Where nothing was found in such a line: say so if it has ids. */
void import_no_ids(struct import *import, struct span line);

#endif
