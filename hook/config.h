/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The merged config: directives as they were written, each with its file and line. Knows
 * nothing of devices; what a directive means the core knows.
 */
#ifndef HOOK_CONFIG_H
#define HOOK_CONFIG_H

#include <early-vfio/io.h>
#include <early-vfio/rules.h>

#include "file.h"
#include "say.h"

#define REFUSED_LINES_MAX 64

struct directive {
	const char *file; /* as on the host, without a system root */
	uint32_t line;
	uint32_t indent;  /* bytes before text in its line */
	struct span text; /* belongs to the config */
	bool is_left_out;
};

/* What is left out of the image, and why. */
struct refusal {
	const char *file;
	uint32_t line;
	char *what, *why;
};

struct config {
	struct directive *items;
	size_t count, cap;
	/* Of what goes into the image; see config_check. */
	size_t rule_count, size;
	struct names drivers; /* that driver= names, each once */
	bool has_auto;	      /* driver=auto */
	struct refusal refusals[REFUSED_LINES_MAX];
	size_t refusal_count; /* more than there is room for are counted */
	char **files;
	size_t file_count;
	struct names unread; /* files and directories that are there, in vain */
};

/* A copy of a file's name that lives as long as the config. */
const char *config_file(struct config *config, const char *name);
/* Append; the text of *item, from malloc, belongs to the config then. */
void config_add(struct config *config, const struct directive *item);
/* Note what is left out of a directive; taking it out is the caller's. */
void config_refuse(struct config *config, const struct directive *item, struct span what,
		   const char *why);
void config_free(struct config *config);

/*
 * Read etc/early-vfio.conf and etc/early-vfio.conf.d/ (names ending in .conf, in C-locale
 * order). What cannot be read is said and counted; what is not there is not.
 */
void config_merge(struct config *config, struct io *io, struct say *say);
/* The name of a file of etc/early-vfio.conf.d: it stands in the image, as one word in a line. */
bool is_plain_name(struct span name);

/*
 * Let the core read every directive. Faulty ones are said, counted, and left out; of a list
 * only the faulty elements are.
 */
void config_check(struct config *config, struct say *say);

/* Leave one specification out: the directive, or the element of its list. */
void config_leave_out(struct config *config, struct directive *item, struct span what,
		      const char *why);

/* The profile= of a directive; empty: none. */
struct span directive_profile(const struct directive *item);

/* The text for the image: what is not left out, with `from` where the numbering jumps. */
void config_write(const struct config *config, struct out *out);
/* How many bytes of that text a directive takes at most. */
size_t config_size(const struct directive *item);
/* A `refused` line for each that is left out. */
void config_write_refused(const struct config *config, struct out *out);

#endif
