// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What modprobe.d says, by libkmod: options of modules, and vfio-pci's own ids= with the
 * file and line that it stands in. Knows nothing of which modules are loaded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "meant.h"
#include "modprobe.h"

/* Strongest first: of two files of one name only the first one's counts. */
static const char *const config_dirs[] = {
	"etc/modprobe.d",     "run/modprobe.d", "usr/local/lib/modprobe.d",
	"usr/lib/modprobe.d", "lib/modprobe.d",
};

#define CONFIG_DIRS (sizeof(config_dirs) / sizeof(config_dirs[0]))

static const char vfio_pci[] = "vfio_pci";

static size_t options_count(struct kmod_ctx *ctx)
{
	struct kmod_config_iter *iter = kmod_config_get_options(ctx);
	size_t count = 0;

	while (iter && kmod_config_iter_next(iter))
		count++;
	kmod_config_iter_free_iter(iter);
	return count;
}

/*
 * libkmod appends the options of this boot's command line to those of modprobe.d. They are
 * not to freeze into an image, so those that a context without modprobe.d has are not used.
 */
static int cmdline_options_count(const char *module_dir, size_t *count)
{
	static const char *const nowhere[] = { NULL };
	struct kmod_ctx *bare = kmod_new(module_dir, nowhere);

	if (!bare)
		return -ENOMEM;
	*count = options_count(bare);
	kmod_unref(bare);
	return 0;
}

int modprobe_open(struct modprobe *modprobe, const char *sysroot, const char *module_dir)
{
	char *paths[CONFIG_DIRS + 1] = { NULL };
	size_t total, of_cmdline;
	int rc;

	*modprobe = (struct modprobe){ 0 };
	for (size_t i = 0; i < CONFIG_DIRS; i++)
		paths[i] = xformat("%s/%s", sysroot, config_dirs[i]);
	modprobe->ctx = kmod_new(module_dir, (const char *const *)paths);
	for (size_t i = 0; i < CONFIG_DIRS; i++)
		free(paths[i]);
	if (!modprobe->ctx)
		return -ENOMEM;
	rc = cmdline_options_count(module_dir, &of_cmdline);
	if (rc)
		return rc;
	total = options_count(modprobe->ctx);
	modprobe->option_count = total > of_cmdline ? total - of_cmdline : 0;
	return 0;
}

void modprobe_close(struct modprobe *modprobe)
{
	kmod_unref(modprobe->ctx);
	*modprobe = (struct modprobe){ 0 };
}

/* One after the other, the option lines of modprobe.d for one module. */
struct option_walk {
	struct kmod_config_iter *iter;
	size_t left;
	const char *module;
};

static struct option_walk option_walk(const struct modprobe *modprobe, const char *module)
{
	return (struct option_walk){ kmod_config_get_options(modprobe->ctx),
				     modprobe->option_count, module };
}

static const char *option_next(struct option_walk *walk)
{
	while (walk->left && kmod_config_iter_next(walk->iter)) {
		walk->left--;
		if (strcmp(kmod_config_iter_get_key(walk->iter), walk->module) == 0)
			return kmod_config_iter_get_value(walk->iter);
	}
	kmod_config_iter_free_iter(walk->iter);
	return NULL;
}

bool modprobe_option_next(struct span *rest, struct param *param)
{
	if (!cmdline_next(rest, param))
		return false;
	if (!span_starts(param->whole, "#"))
		return true;
	*rest = span_skip(*rest, rest->len);
	return false;
}

/* The rest of a list that a blank has cut, in place of a parameter. */
static bool is_stray_id(const struct param *param)
{
	return !param->has_value && (looks_like_list(param->name) ||
				     span_find(param->name, ':') < param->name.len);
}

char *modprobe_options(const struct modprobe *modprobe, const char *module)
{
	bool has_ids = strcmp(module, vfio_pci) == 0;
	struct option_walk walk = option_walk(modprobe, module);
	char *options = xspan(SPAN(""));
	const char *line;

	while ((line = option_next(&walk))) {
		struct span rest = span_of(line);
		struct param param;

		while (modprobe_option_next(&rest, &param)) {
			char *longer;

			if (has_ids &&
			    (span_is(param.name, "ids") || is_stray_id(&param)))
				continue;
			longer = xformat("%s%s%.*s", options, *options ? " " : "",
					 (int)param.whole.len, param.whole.ptr);
			free(options);
			options = longer;
		}
	}
	return options;
}

/* In a line for vfio-pci itself. */
static bool is_meant(const struct param *param, bool is_behind_ids)
{
	if (span_is(param->name, "ids"))
		return !param->has_value;
	if (is_behind_ids && is_stray_id(param))
		return false;
	return looks_like_list(param->has_value ? param->value : param->whole) ||
	       has_device_like(param->whole);
}

/* A line for another module, or for none at all. */
static bool is_for_us(struct span line)
{
	struct span word;

	if (has_vfio(line) || memmem(line.ptr, line.len, "stub", 4))
		return true;
	while (span_next_word(&line, &word))
		if (word_is_near(word, SPAN("vfio-pci")))
			return true;
	return false;
}

bool modprobe_misses_ids(struct span line, struct span *what)
{
	struct span rest = line, first, module;
	bool is_ours, is_behind_ids = false;
	struct param param;

	if (!span_next_word(&rest, &first) || span_starts(first, "#") ||
	    span_is(first, "alias"))
		return false;
	is_ours = span_is(first, "options") && span_next_word(&rest, &module) &&
		  span_is_name(module, "vfio-pci");
	if (!is_ours && !is_for_us(line))
		return false;
	if (!is_ours)
		rest = line;
	while (modprobe_option_next(&rest, &param)) {
		*what = param.whole;
		if (is_ours ? is_meant(&param, is_behind_ids) :
			      has_device_like(param.whole))
			return true;
		is_behind_ids |= span_is(param.name, "ids") && param.value.len;
	}
	return false;
}

/* Where the option lines of vfio-pci stand, in the order in which libkmod has them. */
struct place {
	const char *file;
	uint32_t line;
	uint32_t indent; /* bytes before `ids=` */
};

struct places {
	struct place *items;
	size_t count, cap;
};

static void place_add(struct places *places, const char *file, uint32_t line)
{
	if (places->count == places->cap) {
		places->cap = places->cap ? 2 * places->cap : 8;
		places->items =
			xrealloc(places->items, places->cap * sizeof(*places->items));
	}
	places->items[places->count++] = (struct place){ file, line, 0 };
}

/* "options vfio-pci SOMETHING", without regard to what. */
static bool is_vfio_options(struct span line)
{
	struct span word;

	return !span_starts(line, "#") && span_next_word(&line, &word) &&
	       span_is(word, "options") && span_next_word(&line, &word) &&
	       span_is_name(word, "vfio-pci") && line.len > 1;
}

/* The very line, where several make one. */
static void place_ids(struct place *place, struct span line, uint32_t number)
{
	for (size_t i = 0; i < line.len; i++)
		if (span_starts(span_skip(line, i), "ids=")) {
			place->line = number;
			place->indent = (uint32_t)i;
			return;
		}
}

/* modprobe hands it to the module, and of two lists of ids the last counts there. */
static void say_comment(struct say *say, struct span line, const char *file,
			uint32_t number)
{
	struct span comment;

	while (span_next_word(&line, &comment))
		if (comment.ptr[0] == '#' && memmem(line.ptr, line.len, "ids=", 4)) {
			say_note(say,
				 "%s:%u: ids= behind # is left out here, but not by "
				 "modprobe; a comment needs a line of its own",
				 file, number);
			return;
		}
}

static void say_misses(struct say *say, struct span line, const char *file,
		       uint32_t number)
{
	struct span what;

	if (modprobe_misses_ids(line, &what))
		say_note(say, "%s:%u: %.*s: ignored; " IDS_AS_THEY_COUNT, file, number,
			 (int)what.len, what.ptr);
}

/* The whole line, of all that a backslash joins; is it one of vfio-pci's options? */
static bool see_whole(struct say *say, struct span text, const char *file,
		      uint32_t number)
{
	unsigned last = number;
	char *whole = file_next_joined(&text, &last);
	bool is_ours = is_vfio_options(span_of(whole));

	say_misses(say, span_of(whole), file, number);
	free(whole);
	return is_ours;
}

/* A line that ends in a backslash goes on in the next one. */
static void places_in_text(struct places *places, struct span text, const char *file,
			   struct say *say)
{
	bool goes_on = false, is_ours = false;
	struct span rest = text, line;

	for (uint32_t number = 1; span_next_line(&rest, &line); number++, text = rest) {
		if (!goes_on) {
			is_ours = see_whole(say, text, file, number);
			if (is_ours)
				place_add(places, file, number);
		}
		if (is_ours) {
			say_comment(say, line, file, number);
			place_ids(&places->items[places->count - 1], line, number);
		}
		goes_on = span_ends(line, "\\");
	}
}

static bool is_config_name(const char *name)
{
	struct span text = span_of(name);

	return name[0] != '.' && (span_ends(text, ".conf") || span_ends(text, ".alias"));
}

static void places_in_file(struct places *places, struct io *io, struct config *config,
			   const char *dir, const char *name, struct say *say)
{
	char *path = xformat("/%s/%s", dir, name);
	struct span text;

	if (is_config_name(name) && file_read(io, path + 1, &text) == 0) {
		places_in_text(places, text, config_file(config, path), say);
		free((char *)text.ptr);
	}
	free(path);
}

/* The directory whose next name comes first; of one name, the strongest. */
static size_t first_dir(const struct names dirs[CONFIG_DIRS],
			const size_t at[CONFIG_DIRS])
{
	size_t best = CONFIG_DIRS;

	for (size_t d = 0; d < CONFIG_DIRS; d++)
		if (at[d] < dirs[d].count &&
		    (best == CONFIG_DIRS ||
		     strcmp(dirs[d].items[at[d]], dirs[best].items[at[best]]) < 0))
			best = d;
	return best;
}

/* All directories at once, by name, as modprobe merges them. */
static void places_find(struct places *places, struct io *io, struct config *config,
			struct say *say)
{
	struct names dirs[CONFIG_DIRS];
	size_t at[CONFIG_DIRS] = { 0 };
	size_t best;

	for (size_t d = 0; d < CONFIG_DIRS; d++)
		names_read(io, config_dirs[d], &dirs[d]);
	while ((best = first_dir(dirs, at)) < CONFIG_DIRS) {
		const char *name = dirs[best].items[at[best]];

		places_in_file(places, io, config, config_dirs[best], name, say);
		for (size_t d = 0; d < CONFIG_DIRS; d++)
			if (at[d] < dirs[d].count &&
			    strcmp(dirs[d].items[at[d]], name) == 0)
				at[d]++;
	}
	for (size_t d = 0; d < CONFIG_DIRS; d++)
		names_free(&dirs[d]);
}

/* In quotes there may be blanks around a comma: they cut nothing. */
static char *without_blanks(struct span list)
{
	char *text = xformat("ids %.*s", (int)list.len, list.ptr);
	char *end = text + strlen("ids ");
	bool has_last = span_ends(list, ",");
	struct span id;

	while (span_next_field(&list, ',', &id)) {
		id = span_trim(id);
		memcpy(end, id.ptr, id.len);
		end += id.len;
		*end++ = ',';
	}
	end[has_last ? 0 : -1] = '\0';
	return text;
}

/* A value, and what a blank has cut from it: the core says what is wrong with that. */
static void add_ids(struct config *config, const struct place *place, struct span value,
		    struct span rest)
{
	char *text = without_blanks(value);
	struct param param;

	while (modprobe_option_next(&rest, &param) && is_stray_id(&param)) {
		char *longer =
			xformat("%s %.*s", text, (int)param.whole.len, param.whole.ptr);

		free(text);
		text = longer;
	}
	config_add(config, &(struct directive){ .file = place->file,
						.line = place->line,
						.indent = place->indent,
						.text = span_of(text) });
}

static void ids_of_line(struct config *config, const char *options,
			const struct place *place)
{
	struct span rest = span_of(options);
	struct param param;

	while (modprobe_option_next(&rest, &param))
		if (span_is(param.name, "ids") && span_trim(param.value).len)
			add_ids(config, place, param.value, rest);
}

static void say_union(struct say *say, const struct config *config, size_t first)
{
	size_t count = config->count - first;

	if (count > 1)
		say_note(
			say,
			"%s:%u: ids= for vfio-pci is given %zu times, and modprobe would use "
			"this one only; all of them are used",
			config->items[config->count - 1].file,
			config->items[config->count - 1].line, count);
}

static size_t walk_count(const struct modprobe *modprobe)
{
	struct option_walk walk = option_walk(modprobe, vfio_pci);
	size_t count = 0;

	while (option_next(&walk))
		count++;
	return count;
}

void modprobe_ids(const struct modprobe *modprobe, struct io *io, struct config *config,
		  struct say *say)
{
	struct option_walk walk = option_walk(modprobe, vfio_pci);
	struct places places = { 0 };
	size_t first = config->count, i = 0;
	const char *options;
	bool is_sure;

	places_find(&places, io, config, say);
	/* Where libkmod counts otherwise than we do, nobody knows the file. */
	is_sure = places.count == walk_count(modprobe);
	while ((options = option_next(&walk))) {
		struct place unsure = { config_file(config, "/etc/modprobe.d"), 1, 0 };

		ids_of_line(config, options, is_sure ? &places.items[i++] : &unsure);
	}
	say_union(say, config, first);
	free(places.items);
}
