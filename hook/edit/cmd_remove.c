// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio remove: takes bind lines of the config out again. Decides nothing about devices.
 */
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "choice.h"
#include "command.h"
#include "conf.h"
#include "match.h"
#include "say.h"
#include "text.h"
#include "write.h"

static const char help[] =
	"usage: early-vfio remove [OPTION]... SPEC...\n"
	"\n"
	"Takes out of /etc/early-vfio.conf what binds SPEC: the specification as it is written\n"
	"there, or an address or id of the one device that a line names. Of a list only that\n"
	"element goes, and all other lines stay as they are. What stands elsewhere is named and\n"
	"left alone.\n"
	"\n"
	"  --dry-run      show it, and write nothing\n"
	"  --sysroot DIR  the system below DIR in place of /\n"
	"  --help         this text\n"
	"\n"
	"Exit: 0 it is out of the file, 1 it was not in it, 2 usage, 3 environment\n";

struct removal {
	const char *sysroot;
	bool is_dry_run;
	struct desk desk;
	struct ruleset *asked;
	struct conf conf;
	struct span text; /* as it is to be; from malloc */
	struct say say;
	struct names cuts; /* what was taken out, in words */
	bool is_refused;
};

static bool removal_read(struct removal *removal, struct arguments *arguments, int argc,
			 char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "dry-run", .flag = &removal->is_dry_run },
		{ .name = "sysroot", .value = &removal->sysroot },
		{ .name = NULL },
	};

	*arguments = (struct arguments){
		.command = "remove",
		.help = help,
		.options = options,
		.operands_max = SIZE_MAX,
		.asks = "which device?",
	};
	return arguments_read(arguments, argc, argv, exit_code);
}

static const struct inventory *inv_of(const struct removal *removal)
{
	return removal->desk.session->inv;
}

/* The best that any rule of a text does. */
static enum match best_match(const struct removal *removal, struct span text,
			     const struct rule *asked)
{
	enum match best = MATCH_NONE;
	struct span rest = text, line;

	while (span_next_line(&rest, &line)) {
		struct found found = { 0 };

		while (best < MATCH_EXACT &&
		       match_next(inv_of(removal), line, asked, best + 1, &found))
			best = found.match;
	}
	return best;
}

/* Where the first rule that shares the id stands. */
struct place {
	struct bdf bdf;
	bool is_known;
};

static bool is_elsewhere(const struct inventory *inv, const struct spec *spec,
			 struct place *first)
{
	struct bdf at;

	if (first->is_known)
		return !spec_place(inv, spec, &at) || !bdf_same_slot(first->bdf, at);
	first->bdf = spec->start;
	spec_place(inv, spec, &first->bdf);
	first->is_known = true;
	return false;
}

/* Are the rules that share the id guarded in several slots? */
static bool is_ambiguous(const struct removal *removal, const struct rule *asked)
{
	struct span rest = removal->text, line;
	struct place first = { .is_known = false };

	while (span_next_line(&rest, &line)) {
		struct found found = { .line = line };

		while (match_next_in_line(inv_of(removal), asked, MATCH_ID, &found))
			if (is_elsewhere(inv_of(removal), &found.rule.spec, &first))
				return true;
	}
	return false;
}

static void say_about(struct removal *removal, const struct rule *asked,
		      const char *words, struct origin origin, struct span text)
{
	struct out *out = say_begin(&removal->say);

	out_escaped(out, asked->text);
	out_text(out, words);
	out_origin(out, origin);
	out_text(out, ": ");
	out_escaped(out, text);
	say_end(&removal->say);
}

static void say_several(struct removal *removal, const struct rule *asked)
{
	struct span rest = removal->text, line;
	struct origin origin = { SPAN(CONF_NAME), 1 };

	removal->is_refused = true;
	for (; span_next_line(&rest, &line); origin.line++) {
		struct found found = { .line = line };

		while (match_next_in_line(inv_of(removal), asked, MATCH_ID, &found))
			say_about(removal, asked, ": which one? ", origin,
				  found.rule.text);
	}
}

/* Why there is nothing to take out: where it stands instead, or what takes the device. */
static void say_missing(struct removal *removal, const struct rule *asked)
{
	const struct ruleset *rules = removal->desk.rules;
	const struct device *dev = spec_device(inv_of(removal), &asked->spec);
	bool is_found = false;

	removal->is_refused = true;
	for (size_t r = 0; r < rules->rule_count; r++) {
		const struct rule *rule = &rules->rules[r];

		if (span_is(rule->origin.file, CONF_NAME) ||
		    !rule_match(inv_of(removal), asked, rule))
			continue;
		say_about(removal, asked, ": take it out by hand, in ", rule->origin,
			  rule->text);
		is_found = true;
	}
	if (is_found)
		return;
	if (dev && dev->verdict.rule != RULE_NONE &&
	    dev->verdict.decision == DECISION_BIND) {
		const struct rule *rule = &rules->rules[dev->verdict.rule];

		say_about(removal, asked, ": taken by what names more than it, ",
			  rule->origin, rule->text);
		return;
	}
	say_note(&removal->say, "%.*s: nothing in " CONF_NAME " binds it",
		 (int)asked->text.len, asked->text.ptr);
}

/* "bind 10de:2684", or "10de:2684, of: bind 10de:2684,8086:1533" */
static void note_cut(struct removal *removal, const struct found *found, bool is_whole)
{
	struct span line = span_trim(found->line), part = found->rule.text;
	char *words = is_whole ? xspan(line) :
				 xformat("%.*s, of: %.*s", (int)part.len, part.ptr,
					 (int)line.len, line.ptr);

	names_add(&removal->cuts, span_of(words));
	free(words);
}

/* What is out of the file takes nothing any more. */
static void forget(const struct removal *removal, const struct rule *gone)
{
	struct ruleset *rules = removal->desk.rules;

	for (size_t r = 0; r < rules->rule_count; r++)
		if (span_is(rules->rules[r].origin.file, CONF_NAME) &&
		    spec_equals(&rules->rules[r].spec, &gone->spec))
			rules->rules[r].is_refused = true;
}

static void cut(struct removal *removal, struct found *found)
{
	bool is_whole = found->rules == 1;
	struct range range =
		is_whole ? line_range(removal->text, found->line) :
			   element_range(removal->text, found->line, found->rule.text);
	size_t at = (size_t)(found->line.ptr - removal->text.ptr);
	struct span text = text_cut(removal->text, range);

	note_cut(removal, found, is_whole);
	forget(removal, &found->rule);
	free((char *)removal->text.ptr);
	removal->text = text;
	found->line.ptr = text.ptr + (at < text.len ? at : text.len);
}

static void take_out(struct removal *removal, const struct rule *asked)
{
	enum match match = best_match(removal, removal->text, asked);
	struct found found = { 0 };

	if (!match) {
		/* What was asked for before may have been the same. */
		if (!best_match(removal, removal->conf.text, asked))
			say_missing(removal, asked);
		return;
	}
	if (match == MATCH_ID && is_ambiguous(removal, asked)) {
		say_several(removal, asked);
		return;
	}
	while (match_next(inv_of(removal), removal->text, asked, match, &found))
		cut(removal, &found);
}

/* What still takes a device of which a line was taken out. */
static void say_remaining(struct removal *removal)
{
	const struct ruleset *rules = removal->desk.rules;

	desk_plan(&removal->desk, removal->desk.rules);
	for (size_t r = 0; r < removal->asked->rule_count; r++) {
		const struct rule *asked = &removal->asked->rules[r];
		const struct device *dev = spec_device(inv_of(removal), &asked->spec);

		if (dev && dev->verdict.rule != RULE_NONE &&
		    dev->verdict.decision == DECISION_BIND)
			say_about(removal, asked, ": still taken by ",
				  rules->rules[dev->verdict.rule].origin,
				  rules->rules[dev->verdict.rule].text);
	}
}

static void out_cuts(const struct removal *removal, struct out *out)
{
	out_text(out, removal->is_dry_run ? "to be taken out of " CONF_NAME ":\n" :
					    "taken out of " CONF_NAME ":\n");
	for (size_t i = 0; i < removal->cuts.count; i++) {
		out_text(out, "  ");
		out_escaped(out, span_of(removal->cuts.items[i]));
		out_char(out, '\n');
	}
	if (removal->is_dry_run)
		return;
	out_text(out, "next: ");
	out_rebuild(&removal->desk, out);
	out_char(out, '\n');
}

static int conclude(struct removal *removal)
{
	struct out out;
	int rc = 0;

	if (removal->is_refused) {
		say_note(&removal->say, "nothing was written");
		return EXIT_NOT_AS_WANTED;
	}
	if (!removal->is_dry_run)
		rc = conf_replace(&removal->conf, removal->text);
	if (rc)
		return conf_refuse(rc);
	say_remaining(removal);
	out = fd_out(STDOUT_FILENO);
	out_cuts(removal, &out);
	return stdout_close(&out, EXIT_AS_WANTED);
}

static int remove_all(struct removal *removal)
{
	removal->text =
		(struct span){ xspan(removal->conf.text), removal->conf.text.len };
	for (size_t r = 0; r < removal->asked->rule_count; r++)
		take_out(removal, &removal->asked->rules[r]);
	return conclude(removal);
}

int command_remove(int argc, char **argv)
{
	static struct session session;
	static struct ruleset asked;
	struct removal removal = { .sysroot = "/", .asked = &asked, .conf.dir = -1 };
	struct arguments arguments;
	int rc;

	if (!removal_read(&removal, &arguments, argc, argv, &rc))
		return rc;
	say_open(&removal.say, stderr);
	if (!operands_read(arguments.operands, &asked))
		return EXIT_USAGE;
	rc = desk_open(&removal.desk, &session, removal.sysroot, false);
	if (!rc) {
		int error =
			conf_open(&removal.conf, removal.desk.root, !removal.is_dry_run);

		rc = error ? conf_refuse(error) : remove_all(&removal);
	}
	conf_close(&removal.conf);
	desk_close(&removal.desk);
	names_free(&removal.cuts);
	free((char *)removal.text.ptr);
	return rc;
}
