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

void verify_inside(const struct inside *inside, const struct expectation *expected,
		   struct findings *findings)
{
	enum layout layout = layout_of(inside);
	char *remedy = remedy_of(layout, expected->kernel);

	if (*inside->segments.fault) {
		finding_add(
			findings, FINDING_FAIL, "image", remedy,
			"truncated or damaged: archive %zu, which starts at byte %llu, "
			"cannot be read to its end: %s",
			inside->segments.count + 1,
			(unsigned long long)inside->segments.offset,
			inside->segments.fault);
	} else if (!has_ours(inside)) {
		finding_add(findings, FINDING_FAIL, "image", remedy,
			    "nothing of early-vfio is in it");
	} else {
		finding_add(findings, FINDING_PASS, "image", NULL,
			    "it can be read to its end");
		judge_content(inside, expected, remedy, findings);
		judge_order(inside, layout, findings);
	}
	free(remedy);
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

/* What generate would put into an image for the kernel now. */
static void expect_texts(struct expectation *expected, struct generate *generate,
			 struct session *session, const char *root)
{
	generate->session = session;
	generate->sysroot = root;
	generate->kernel = expected->kernel;
	generate->is_quiet = true;
	if (generate_texts(generate) != EXIT_AS_WANTED)
		return;
	expected->config_text = generate->config_text;
	expected->image_text = generate->image_text;
	expected->has_texts = true;
	expected->has_modules = generate->has_module_dir;
	/* Without root libblkid sees no disk. */
	expected->has_protection = geteuid() == 0 || *root;
}

static void verify_read(struct session *session, const char *root,
			const struct inside *inside, const char *kernel,
			struct findings *findings)
{
	struct generate *generate = xrealloc(NULL, sizeof(*generate));
	struct expectation expected = { .kernel = kernel };

	*generate = (struct generate){ 0 };
	file_read(&session->kernel.io, BINDER, &expected.binder);
	if (kernel)
		expect_texts(&expected, generate, session, root);
	verify_inside(inside, &expected, findings);
	generate_free(generate);
	free((char *)expected.binder.ptr);
	free(generate);
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

int verify_file(struct session *session, const char *path, const char *kernel,
		struct findings *findings)
{
	char *root = host_root(session->options.sysroot), *named = NULL;
	struct inside inside;
	struct span image;
	int rc;

	if (!root)
		return EXIT_ENVIRONMENT;
	rc = map_file(path, &image);
	if (rc) {
		finding_add(findings, FINDING_FAIL, "image", NULL, "%s: %s", path,
			    rc == -EINVAL ? "no regular file" : strerror(-rc));
		free(root);
		return EXIT_ENVIRONMENT;
	}
	inside_read(&inside, image);
	if (!kernel)
		kernel = named = kernel_of_name(path);
	if (!kernel)
		kernel = named = kernel_inside(&inside);
	verify_read(session, root, &inside, kernel, findings);
	inside_free(&inside);
	if (image.len)
		munmap((char *)image.ptr, image.len);
	free(named);
	free(root);
	return EXIT_AS_WANTED;
}
