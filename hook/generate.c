// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two texts of an image, config and facts, from all that the host knows. Knows nothing
 * of options and output files.
 */
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "trust.h"

static struct io *io_of(struct generate *generate)
{
	return &generate->session->kernel.io;
}

/* As it is called in the image. */
static char *find_module_dir(struct generate *generate)
{
	static const char *const dirs[] = { "/lib/modules", "/usr/lib/modules" };
	char *dir = NULL;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		free(dir);
		dir = xformat("%s/%s", dirs[i], generate->kernel);
		generate->has_module_dir =
			io_of(generate)->exists(io_of(generate), dir + 1) == 0;
		if (generate->has_module_dir)
			return dir;
	}
	say_fault(
		&generate->say,
		"%s: missing: there are no modules of kernel %s; install it, or name another",
		dir, generate->kernel);
	return dir;
}

static void add_module(struct generate *generate, const char *name, const char *dir)
{
	char *index = xformat("%s/modules.dep.bin", dir);

	if (modules_add(&generate->modules, name) != MODULE_MISSING)
		;
	else if (io_of(generate)->exists(io_of(generate), dir + 1) != 0)
		; /* said already */
	else if (io_of(generate)->exists(io_of(generate), index + 1) != 0)
		say_fault(&generate->say,
			  "%s: missing, so %s cannot be found; run: depmod %s", index,
			  name, generate->kernel);
	else
		say_fault(
			&generate->say,
			"%s: kernel %s has no such module, and it is not built in; install "
			"the package of that kernel's modules that has it",
			name, generate->kernel);
	free(index);
}

static void add_variants(struct generate *generate, const char *dir)
{
	char *path = xformat("%s/modules.alias", dir);
	struct span aliases;

	if (file_read(io_of(generate), path + 1, &aliases) == 0) {
		modules_find_variants(&generate->modules, aliases);
		free((char *)aliases.ptr);
	} else {
		say_note(&generate->say, "%s: unreadable, so driver=auto means vfio-pci",
			 path);
	}
	free(path);
}

/* In load order: vfio-pci comes last, since it binds what has its override. */
static void find_modules(struct generate *generate, const char *dir)
{
	const struct names *drivers = &generate->config.drivers;

	generate->modules.modprobe = &generate->modprobe;
	generate->modules.sysroot_len = strlen(generate->sysroot);
	add_module(generate, "vfio_iommu_type1", dir);
	if (generate->config.has_auto)
		add_variants(generate, dir);
	for (size_t i = 0; i < drivers->count; i++)
		add_module(generate, drivers->items[i], dir);
	add_module(generate, "vfio-pci", dir);
	if (generate->modules.overlong)
		say_fault(
			&generate->say,
			"%s: its options in modprobe.d are longer than the image has room "
			"for, and are left out",
			generate->modules.overlong);
	if (generate->modules.has_overflown)
		say_fault(&generate->say,
			  "more modules or driver aliases than the image has room for");
}

static void write_modules(const struct generate *generate, struct out *out)
{
	const struct modules *modules = &generate->modules;

	for (size_t i = 0; i < modules->count; i++) {
		const struct module *module = &modules->items[i];

		out_text(out, "module ");
		out_text(out, module->path);
		out_text(out, *module->options ? " " : "");
		out_text(out, module->options);
		out_char(out, '\n');
		if (module->is_needed)
			continue;
		out_text(out, "optional ");
		out_text(out, module->path);
		out_char(out, '\n');
	}
	for (size_t i = 0; i < modules->variant_count; i++) {
		out_text(out, "alias ");
		out_text(out, modules->variants[i].pattern);
		out_char(out, ' ');
		out_text(out, modules->variants[i].driver);
		out_char(out, '\n');
	}
}

static void write_image(const struct generate *generate, struct out *out)
{
	out_text(out, "# made by early-vfio generate; changes are lost\n");
	/* A root that does not say which kernel runs is good for a look all the same. */
	if (*generate->kernel) {
		out_text(out, "kernel ");
		out_text(out, generate->kernel);
		out_char(out, '\n');
	}
	write_modules(generate, out);
	protection_write(&generate->protection, out);
	config_write_refused(&generate->config, out);
}

static void write_config(const struct generate *generate, struct out *out)
{
	out_text(out, "# made by early-vfio generate; changes are lost\n");
	config_write(&generate->config, out);
}

/* What `write` writes, however long. */
static struct span text_of(const struct generate *generate,
			   void (*write)(const struct generate *generate,
					 struct out *out))
{
	struct sink sink;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		xrealloc(NULL, SIZE_MAX / 2);
	sink_open(&sink, stream);
	write(generate, &sink.out);
	out_flush(&sink.out);
	fclose(stream);
	return (struct span){ text, len };
}

void generate_write(struct generate *generate)
{
	free((char *)generate->config_text.ptr);
	free((char *)generate->image_text.ptr);
	generate->config_text = text_of(generate, write_config);
	generate->image_text = text_of(generate, write_image);
}

static void find_protection(struct generate *generate)
{
	struct protection *protection = &generate->protection;

	if (generate->is_hostless)
		protection_none(protection,
				"it was made for another machine, by --no-host");
	else
		protection_find(protection, io_of(generate), generate->sysroot,
				&generate->say);
	if (!protection->unprotected)
		generate_protect_kept(generate);
	else
		say_note(
			&generate->say,
			"nothing is protected in this image: %s; build it anew where it is "
			"to run",
			protection->unprotected);
	if (protection->has_overflown)
		say_fault(
			&generate->say,
			"more functions are to be protected than the image has room for");
}

static void say_distrust(void *context, const struct distrust *found)
{
	struct say *say = context;

	if (found->has_owner)
		say_note(say,
			 "/%s belongs to user %u, who may change which devices are "
			 "taken: run chown root:root /%s",
			 found->path, (unsigned)found->owner, found->path);
	if (found->has_writers)
		say_note(say,
			 "/%s may be written by %s, who may change which devices are "
			 "taken: run chmod go-w /%s",
			 found->path, found->mode & S_IWOTH ? "everybody" : "its group",
			 found->path);
}

/* The image gets what is there all the same: it is for the administrator to mend. */
static void look_at_trust(struct generate *generate)
{
	struct trust trust = { .io = io_of(generate),
			       .root = generate->session->kernel.root,
			       .is_sysroot = *generate->sysroot != '\0' };

	trust_look(&trust, say_distrust, &generate->say);
}

int generate_texts(struct generate *generate)
{
	FILE *stream = generate->is_for_host || generate->is_quiet ? NULL : stderr;
	FILE *again = generate->is_again ? NULL : stream;
	char *dir, *whole_dir;
	int rc;

	say_open(&generate->say, stream);
	dir = find_module_dir(generate);
	say_to(&generate->say, again);
	look_at_trust(generate);
	config_merge(&generate->config, io_of(generate), &generate->say);
	whole_dir = xformat("%s%s", generate->sysroot, dir);
	rc = modprobe_open(&generate->modprobe, generate->sysroot, whole_dir);
	free(whole_dir);
	if (rc) {
		say_to(&generate->say, stream);
		say_fault(&generate->say, "%s: libkmod: %s", dir, strerror(-rc));
		free(dir);
		return EXIT_ENVIRONMENT;
	}
	modprobe_ids(&generate->modprobe, io_of(generate), &generate->config,
		     &generate->say);
	if (!generate->is_for_host)
		config_check(&generate->config, &generate->say);
	say_to(&generate->say, stream);
	find_modules(generate, dir);
	say_to(&generate->say, again);
	find_protection(generate);
	free(dir);
	generate_write(generate);
	if (generate->protection.count && !generate->is_for_host)
		generate_refuse_protected(generate);
	generate_write(generate);
	say_to(&generate->say, stream);
	return EXIT_AS_WANTED;
}

void generate_free(struct generate *generate)
{
	free((char *)generate->config_text.ptr);
	free((char *)generate->image_text.ptr);
	modules_free(&generate->modules);
	protection_free(&generate->protection);
	modprobe_close(&generate->modprobe);
	config_free(&generate->config);
}

/* As the binder says it of the config in its image. */
static void note_unread(const struct config *config, struct ruleset *set)
{
	for (size_t i = 0; i < config->unread.count; i++)
		ruleset_note(
			set, &(struct origin){ .file = span_of(config->unread.items[i]) },
			&(struct diag){ .code = DIAG_UNREADABLE, .level = LEVEL_ERROR });
}

void host_read_texts(struct session *session)
{
	static struct generate generate;
	static char kernel[256];
	const char *root = session->options.sysroot;

	if (generate.session)
		return;
	snprintf(kernel, sizeof(kernel), "%.*s", (int)session->release.len,
		 session->release.ptr);
	generate.session = session;
	generate.kernel = kernel;
	generate.is_for_host = true;
	generate.sysroot = strcmp(root, "/") == 0 ? "" : realpath(root, NULL);
	if (!generate.sysroot || generate_texts(&generate))
		return;
	note_unread(&generate.config, session->set);
	session->config = generate.config_text;
	session->image = generate.image_text;
}
