// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One image file against what this system would put into it now. Knows nothing of options,
 * nor of how findings are printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "generate.h"
#include "host.h"
#include "verify/verify.h"

#define BINDER "usr/lib/early-vfio/binder"

char *kernel_of_name(const char *path)
{
	static const char *const starts[] = { "initrd.img-", "initramfs-", "initrd-" };
	struct span name = span_basename(span_of(path));

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (!span_starts(name, starts[i]))
			continue;
		name = span_skip(name, strlen(starts[i]));
		if (span_ends(name, ".img"))
			name.len -= strlen(".img");
		/* initramfs-linux.img has no version */
		if (name.len && name.ptr[0] >= '0' && name.ptr[0] <= '9')
			return xspan(name);
	}
	return NULL;
}

/* How an image of that make is built anew; to be freed. */
static char *remedy_of(enum layout layout, const char *kernel)
{
	switch (layout) {
	case LAYOUT_INITRAMFS_TOOLS:
		return xformat("update-initramfs -u -k %s", kernel ? kernel : "all");
	case LAYOUT_DRACUT:
		return kernel ? xformat("dracut --force --kver %s", kernel) :
				xformat("dracut --force --regenerate-all");
	case LAYOUT_MKINITCPIO:
		return xformat("mkinitcpio -P");
	case LAYOUT_EXTRA:
		return xformat("make it anew: early-vfio generate --cpio FILE --kernel "
			       "VERSION...");
	default:
		return kernel ?
			       xformat("build the image anew: update-initramfs -u -k %s, "
				       "or dracut --force --kver %s",
				       kernel, kernel) :
			       xformat("build the image anew");
	}
}

static bool has_ours(const struct inside *inside)
{
	for (size_t i = 0; i < inside->count; i++)
		if (strstr(inside->files[i].path, "early-vfio"))
			return true;
	return false;
}

/* The whole file; to be unmapped. 0 or negative errno. */
static int map_file(const char *path, struct span *image)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *map = MAP_FAILED;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*image = (struct span){ "", 0 };
		if (st.st_size)
			map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
				   0);
		else
			map = NULL;
	} else {
		errno = EINVAL;
	}
	if (map != MAP_FAILED && map)
		*image = (struct span){ map, (size_t)st.st_size };
	close(fd);
	return map == MAP_FAILED ? -errno : 0;
}

/* One look at one image. */
struct look {
	struct session *session;
	const char *root;
	const struct inside *inside;
	enum layout layout;
	struct span binder; /* the host's */
	bool is_bare;	    /* a PE file without an initrd */
	struct findings *findings;
};

/* What generate would put into an image for the kernel now. */
static void expect_texts(const struct look *look, struct expectation *expected,
			 struct generate *generate)
{
	generate->session = look->session;
	generate->sysroot = look->root;
	generate->kernel = expected->kernel;
	generate->is_quiet = true;
	if (generate_texts(generate) != EXIT_AS_WANTED)
		return;
	expected->config_text = generate->config_text;
	expected->image_text = generate->image_text;
	expected->has_texts = true;
	expected->has_modules = generate->has_module_dir;
	expected->unread = &generate->config.unread;
	expected->is_root = geteuid() == 0;
	/* Without root libblkid sees no disk. */
	expected->has_protection = expected->is_root || *look->root;
}

static void look_at_kernel(const struct look *look, const char *config, const char *facts,
			   const char *kernel)
{
	struct generate *generate = xrealloc(NULL, sizeof(*generate));
	struct expectation expected = {
		.kernel = kernel,
		.top = look->layout == LAYOUT_EXTRA ? "early-vfio/" : "",
	};
	char *remedy = remedy_of(look->layout, kernel);

	*generate = (struct generate){ 0 };
	if (kernel)
		expect_texts(look, &expected, generate);
	judge_content(look->inside, config, facts, &expected, remedy, look->findings);
	generate_free(generate);
	free(generate);
	free(remedy);
}

/* All kernels that an extra initrd is for. */
static void look_at_extra(const struct look *look)
{
	static const char top[] = "early-vfio/etc/", suffix[] = ".image";
	const struct inside_file *facts;
	size_t next = 0, count = 0;

	for (; (facts = inside_next(look->inside, top, suffix, &next)); count++) {
		struct span name = span_basename(span_of(facts->path));
		char *kernel = xspan(span_head(name, name.len - strlen(suffix)));

		look_at_kernel(look, "early-vfio/etc/early-vfio.conf", facts->path,
			       kernel);
		free(kernel);
	}
	if (!count)
		finding_add(look->findings, FINDING_FAIL, "kernel", NULL,
			    "it is for no kernel at all");
}

static void say_fault_of(const struct look *look, const char *remedy)
{
	const struct segments *segments = &look->inside->segments;

	if (look->is_bare) {
		finding_add(look->findings, FINDING_FAIL, "image",
			    "name the initramfs, or a whole unified kernel image",
			    "this is a kernel or a part of one, and has no initrd in it");
		return;
	}
	finding_add(
		look->findings, FINDING_FAIL, "image", remedy,
		segments->is_unfit ?
			"the kernel cannot unpack archive %zu, which starts at byte "
			"%llu: %s" :
			"truncated or damaged: archive %zu, which starts at byte %llu, "
			"cannot be read to its end: %s",
		segments->count + 1, (unsigned long long)segments->offset,
		segments->fault);
}

static void look_at(const struct look *look, const char *kernel)
{
	const struct expectation expected = { .kernel = kernel, .binder = look->binder };
	char *remedy = remedy_of(look->layout, kernel);

	if (*look->inside->segments.fault) {
		say_fault_of(look, remedy);
	} else if (!has_ours(look->inside)) {
		finding_add(look->findings, FINDING_FAIL, "image", remedy,
			    "nothing of early-vfio is in it");
	} else {
		finding_add(look->findings, FINDING_PASS, "image", NULL,
			    "it can be read to its end");
		judge_binder(look->inside, look->layout, &expected, remedy,
			     look->findings);
		if (look->layout == LAYOUT_EXTRA)
			look_at_extra(look);
		else
			look_at_kernel(look, "etc/early-vfio.conf",
				       "etc/early-vfio.image", kernel);
		judge_order(look->inside, look->layout, look->findings);
		judge_late(look->inside, look->layout, remedy, look->findings);
	}
	free(remedy);
}

/* As the image says itself; to be freed. */
static char *kernel_inside(const struct inside *inside)
{
	const struct inside_file *facts = inside_find(inside, "etc/early-vfio.image");
	struct span rest = facts ? facts->content : SPAN(""), line, word;

	while (span_next_line(&rest, &line))
		if (span_next_word(&line, &word) && span_is(word, "kernel") &&
		    span_next_word(&line, &word))
			return xspan(word);
	return NULL;
}

static bool is_installed(const struct look *look, const char *kernel)
{
	static const char *const dirs[] = { "lib/modules", "usr/lib/modules" };
	struct io *io = &look->session->kernel.io;
	bool is_there = false;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !is_there; i++) {
		char *dir = xformat("%s/%s", dirs[i], kernel);

		is_there = io->exists(io, dir) == 0;
		free(dir);
	}
	return is_there;
}

/*
 * What it is for; to be freed. A name that is no kernel's here says nothing: backups have more
 * behind the version, rescue images another word, and some makers' names less of it.
 */
static char *kernel_of(const struct look *look, const char *path)
{
	char *named = kernel_of_name(path), *own;

	if (named && is_installed(look, named))
		return named;
	own = kernel_inside(look->inside);
	if (!own)
		return named;
	free(named);
	return own;
}

static void look_at_image(struct look *look, struct span image, const char *path,
			  const char *kernel)
{
	struct inside inside;
	struct span initrd;
	char *named = NULL;

	initrd = initrd_of(image);
	inside_read(&inside, initrd);
	look->inside = &inside;
	look->is_bare = image.len && !initrd.len;
	look->layout = layout_of(&inside);
	file_read(&look->session->kernel.io, BINDER, &look->binder);
	if (!kernel)
		kernel = named = kernel_of(look, path);
	look_at(look, kernel);
	inside_free(&inside);
	free((char *)look->binder.ptr);
	free(named);
}

int verify_file(struct session *session, const char *path, const char *kernel,
		struct findings *findings)
{
	char *root = host_root(session->options.sysroot);
	struct look look = { .session = session, .root = root, .findings = findings };
	struct span image;
	int rc;

	if (!root)
		return EXIT_ENVIRONMENT;
	rc = map_file(path, &image);
	if (rc) {
		finding_add(findings, FINDING_FAIL, "image", NULL, "%s: %s", path,
			    rc == -EINVAL ? "no regular file" : strerror(-rc));
	} else {
		look_at_image(&look, image, path, kernel);
		if (image.len)
			munmap((char *)image.ptr, image.len);
	}
	free(root);
	return rc ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}
