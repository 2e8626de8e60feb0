// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host's config on its way into an image: whatever is in it, the image has only what the
 * binder reads without a fault. Knows nothing of initramfs tools.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "fuzz.h"
#include "report_check.h"

static struct span input;

static ssize_t read_input(struct io *io, const char *path, char *buf, size_t cap)
{
	size_t len = input.len < cap ? input.len : cap;

	(void)io;
	if (strcmp(path, "etc/early-vfio.conf") != 0)
		return -ENOENT;
	if (len)
		memcpy(buf, input.ptr, len);
	return (ssize_t)len;
}

static int exists(struct io *io, const char *path)
{
	(void)io;
	return strcmp(path, "etc/early-vfio.conf") == 0 ? 0 : -ENOENT;
}

static ssize_t no_link(struct io *io, const char *path, char *buf, size_t cap)
{
	(void)io, (void)path, (void)buf, (void)cap;
	return -EINVAL;
}

static int no_list(struct io *io, const char *path,
		   void (*entry)(void *context, struct span name), void *context)
{
	(void)io, (void)path, (void)entry, (void)context;
	return -ENOENT;
}

static void check_written(const struct config *config)
{
	static char config_buf[1 << 20], image_buf[1 << 20];
	struct out out = OUT(config_buf), refused = OUT(image_buf);
	struct ruleset *set = fuzz_rules();

	config_write(config, &out);
	config_write_refused(config, &refused);
	fuzz_assert(!out.overflow && !refused.overflow, "it fits into an image");
	config_read(out_done(&out), SPAN("/etc/early-vfio.conf"), set);
	for (size_t i = 0; i < set->rule_count; i++)
		fuzz_assert(!set->rules[i].is_faulty, "no faulty rule is in the image");
	image_read(out_done(&refused), SPAN("/etc/early-vfio.image"), set);
	fuzz_plan(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct io io = {
		.read = read_input, .exists = exists, .link = no_link, .list = no_list
	};
	struct config config = { 0 };
	struct say say;
	char *said = NULL;
	size_t said_len = 0;
	FILE *stream = open_memstream(&said, &said_len);
	struct span rest, line;

	input = (struct span){ (const char *)data, size };
	say_open(&say, stream);
	config_merge(&config, &io, &say);
	config_check(&config, &say);
	say_to(&say, NULL);
	fclose(stream);
	rest = (struct span){ said, said_len };
	while (span_next_line(&rest, &line))
		fuzz_assert(is_clean_line(line), "what is said can be printed");
	free(said);
	check_written(&config);
	config_free(&config);
	return 0;
}
