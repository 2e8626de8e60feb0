// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Binder, config, facts and modules in an image, and whether they are those of now. Knows
 * nothing of what runs the binder.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "unpack.h"
#include "verify/verify.h"

/* Scripts of initramfs-tools call /sbin/early-vfio, which no other path stands for. */
static const struct inside_file *find_binder(const struct inside *inside,
					     enum layout layout)
{
	const struct inside_file *file;

	if (layout == LAYOUT_EXTRA)
		return inside_find(inside, "early-vfio/binder");
	file = inside_find(inside, "sbin/early-vfio");
	if (!file && layout != LAYOUT_INITRAMFS_TOOLS)
		file = inside_find(inside, "usr/sbin/early-vfio");
	return file;
}

void judge_binder(const struct inside *inside, enum layout layout,
		  const struct expectation *expected, const char *remedy,
		  struct findings *findings)
{
	const char *name = layout == LAYOUT_EXTRA ? "/early-vfio/binder" :
						    "/sbin/early-vfio";
	const struct inside_file *binder = find_binder(inside, layout);

	if (!binder || !S_ISREG(binder->mode))
		finding_add(findings, FINDING_FAIL, "binder", remedy,
			    "the binder is missing: there is no %s", name);
	else if (!(binder->mode & 0100))
		finding_add(findings, FINDING_FAIL, "binder", remedy,
			    "the binder is not executable: %s", name);
	else if (expected->binder.len && !span_equals(binder->content, expected->binder))
		finding_add(
			findings, FINDING_FAIL, "binder", remedy,
			"the binder is not the one that is installed: another version, "
			"or damaged");
	else
		finding_add(findings, FINDING_PASS, "binder", NULL,
			    "the binder is there");
}

/* The next line that starts with a word, without it. */
static bool next_fact(struct span *rest, const char *word, struct span *fact)
{
	struct span line, first;

	while (span_next_line(rest, &line)) {
		*fact = line;
		if (span_next_word(fact, &first) && span_is(first, word)) {
			*fact = span_trim(*fact);
			return true;
		}
	}
	return false;
}

static const struct inside_file *find_module(const struct inside *inside, const char *top,
					     struct span path)
{
	const struct inside_file *found = NULL;

	path = span_skip(path, span_starts(path, "/") ? 1 : 0);
	for (size_t i = 0; i < MODULE_SUFFIXES && !found; i++) {
		char *file = xformat("%s%.*s%s", top, (int)path.len, path.ptr,
				     module_suffixes[i]);

		found = inside_find(inside, file);
		free(file);
	}
	return found;
}

static void judge_modules(const struct inside *inside, struct span facts,
			  const struct expectation *expected, const char *remedy,
			  struct findings *findings)
{
	struct span rest = facts, fact, path;
	size_t count = 0, missing = 0;

	while (next_fact(&rest, "module", &fact)) {
		const struct inside_file *module;

		if (!span_next_word(&fact, &path))
			continue;
		count++;
		module = find_module(inside, expected->top, path);
		if (module && (module->size || module->inode))
			continue;
		missing++;
		finding_add(findings, FINDING_FAIL, "modules", remedy,
			    "a module is %s: %.*s", module ? "empty" : "missing",
			    (int)path.len, path.ptr);
	}
	if (!missing)
		finding_add(findings, FINDING_PASS, "modules", NULL,
			    count ? "all %zu modules that are to be loaded are there" :
				    "vfio-pci is built into the kernel",
			    count);
}

static void judge_kernel(const struct inside *inside, struct span facts,
			 const struct expectation *expected, const char *remedy,
			 struct findings *findings)
{
	struct span rest = facts, kernel = SPAN("");
	const struct inside_file *other;
	size_t next = 0;
	char *index;

	next_fact(&rest, "kernel", &kernel);
	if (expected->kernel && !span_is(kernel, expected->kernel)) {
		finding_add(findings, FINDING_FAIL, "kernel", remedy,
			    "the image was made for kernel %.*s, not for %s",
			    (int)kernel.len, kernel.ptr, expected->kernel);
		return;
	}
	index = xformat("%slib/modules/%.*s", expected->top, (int)kernel.len, kernel.ptr);
	other = inside_next(inside, "lib/modules/", "/modules.dep", &next);
	if (!inside_find(inside, index) && other)
		finding_add(findings, FINDING_FAIL, "kernel", remedy,
			    "the image has no modules of kernel %.*s, but /%s",
			    (int)kernel.len, kernel.ptr, other->path);
	else
		finding_add(findings, FINDING_PASS, "kernel", NULL,
			    "it is for kernel %.*s", (int)kernel.len, kernel.ptr);
	free(index);
}

/* Lines of both texts that start with the word are the same, in the same order. */
static bool same_facts(struct span one, struct span other, const char *word)
{
	struct span a, b;
	bool has_a, has_b;

	do {
		has_a = next_fact(&one, word, &a);
		has_b = next_fact(&other, word, &b);
		if (has_a != has_b || (has_a && !span_equals(a, b)))
			return false;
	} while (has_a);
	return true;
}

/* ADDRESS ID of a protect line: what it holds is called differently from boot to boot. */
static struct span protect_key(struct span fact)
{
	struct span rest = fact, word;

	span_next_word(&rest, &word);
	span_next_word(&rest, &word);
	return span_head(fact, fact.len - rest.len);
}

static bool is_protected(struct span facts, struct span key)
{
	struct span fact;

	while (next_fact(&facts, "protect", &fact))
		if (span_equals(protect_key(fact), key))
			return true;
	return false;
}

/* Say what is to be protected now, and the image does not know of. */
static size_t judge_protection(struct span facts, struct span now, const char *remedy,
			       struct findings *findings)
{
	struct span rest = now, fact;
	size_t missing = 0;

	while (next_fact(&rest, "protect", &fact)) {
		if (is_protected(facts, protect_key(fact)))
			continue;
		missing++;
		finding_add(findings, FINDING_FAIL, "protection", remedy,
			    "the image does not protect %.*s", (int)fact.len, fact.ptr);
	}
	return missing;
}

/* Return: true where the image protects nothing, which was said then. */
static bool judge_unprotected(struct span facts, const struct expectation *expected,
			      const char *remedy, struct findings *findings)
{
	struct span rest = expected->image_text, fact, now;
	bool is_same = expected->has_texts && next_fact(&rest, "unprotected", &now);

	rest = facts;
	if (!next_fact(&rest, "unprotected", &fact))
		return false;
	finding_add(findings, is_same ? FINDING_PASS : FINDING_FAIL, "protection",
		    is_same ? NULL : remedy, "the image protects nothing: %.*s",
		    (int)fact.len, fact.ptr);
	return true;
}

static void judge_refused(struct span facts, struct findings *findings)
{
	struct span fact;

	while (next_fact(&facts, "refused", &fact))
		finding_add(findings, FINDING_WARN, "rules",
			    "mend the rule, and build the image anew",
			    "a rule was left out of the image: %.*s", (int)fact.len,
			    fact.ptr);
}

/* Return: true where a part of the config cannot be read now, which was said then. */
static bool judge_unread(const struct expectation *expected, struct findings *findings)
{
	const struct names *unread = expected->unread;

	for (size_t i = 0; i < unread->count; i++)
		finding_add(
			findings, expected->is_root ? FINDING_FAIL : FINDING_WARN,
			"config",
			expected->is_root ? "look why, before any image is built anew" :
					    "run it as root",
			"%s cannot be read: whether the image is current cannot be told",
			unread->items[i]);
	return unread->count > 0;
}

static void judge_texts(struct span config, struct span facts,
			const struct expectation *expected, const char *remedy,
			struct findings *findings)
{
	static const char *const words[] = { "kernel", "module", "optional", "alias",
					     "refused" };

	if (!span_equals(config, expected->config_text))
		finding_add(findings, FINDING_FAIL, "config", remedy,
			    "the config has changed since the image was built");
	for (size_t i = 0; expected->has_modules && i < sizeof(words) / sizeof(words[0]);
	     i++)
		if (!same_facts(facts, expected->image_text, words[i])) {
			finding_add(
				findings, FINDING_FAIL, "config", remedy,
				"the image is stale: other %s lines would be made now",
				words[i]);
			break;
		}
}

static void judge_current(struct span config, struct span facts,
			  const struct expectation *expected, const char *remedy,
			  struct findings *findings)
{
	size_t before = findings->count;

	if (!expected->has_texts)
		return;
	if (!judge_unread(expected, findings))
		judge_texts(config, facts, expected, remedy, findings);
	if (!judge_unprotected(facts, expected, remedy, findings) &&
	    expected->has_protection)
		judge_protection(facts, expected->image_text, remedy, findings);
	if (!expected->has_modules)
		finding_add(
			findings, FINDING_WARN, "config", NULL,
			"kernel %s is not installed here: the image's modules were not "
			"compared",
			expected->kernel);
	else if (findings->count == before)
		finding_add(findings, FINDING_PASS, "config", NULL,
			    "config and facts are those of now");
}

void judge_content(const struct inside *inside, const char *config_path,
		   const char *facts_path, const struct expectation *expected,
		   const char *remedy, struct findings *findings)
{
	const struct inside_file *facts = inside_find(inside, facts_path);
	const struct inside_file *config = inside_find(inside, config_path);

	if (!facts || !config) {
		finding_add(
			findings, FINDING_FAIL, "config", remedy,
			"the image has no /%s: the binder knows only the kernel command "
			"line",
			facts ? config_path : facts_path);
		if (!facts)
			return;
	}
	judge_kernel(inside, facts->content, expected, remedy, findings);
	judge_modules(inside, facts->content, expected, remedy, findings);
	judge_refused(facts->content, findings);
	if (config)
		judge_current(config->content, facts->content, expected, remedy,
			      findings);
}
