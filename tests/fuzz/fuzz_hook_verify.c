// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What verify says of the files of an image: facts, config, modules.dep and ORDER, with NUL
 * bytes between the texts. Knows nothing of archives; see fuzz_hook_initrd.c.
 */
#include <stdlib.h>
#include <string.h>

#include "cpio.h"
#include "fuzz.h"
#include "verify/verify.h"

#define KERNEL "6.12.1"

static struct span make_image(struct span *rest, struct span *config)
{
	struct span facts = fuzz_text(rest), image;
	struct cpio cpio;

	*config = fuzz_text(rest);
	cpio_open(&cpio);
	cpio_add(&cpio, "etc/early-vfio.conf", 0644, *config);
	cpio_add(&cpio, "etc/early-vfio.image", 0644, facts);
	cpio_add(&cpio, "lib/modules/" KERNEL "/modules.dep", 0644, fuzz_text(rest));
	cpio_add(&cpio, "lib/modules/" KERNEL "/vfio.ko.xz", 0644, SPAN("x"));
	cpio_add(&cpio, "sbin/early-vfio", 0755, SPAN("binder"));
	cpio_add(&cpio, "scripts/init-top/early-vfio", 0755, SPAN(""));
	cpio_add(&cpio, "scripts/init-top/ORDER", 0644, *rest);
	fuzz_assert(cpio_close(&cpio, &image) == 0, "an image can be made");
	return image;
}

static void check_findings(const struct findings *findings)
{
	char *buf = malloc(1 << 20);
	struct out out = { .buf = buf, .cap = 1 << 20 };

	for (size_t i = 0; i < findings->count; i++)
		fuzz_assert(findings->items[i].text[0] != '\0', "a finding says what");
	findings_print(findings, FINDING_PASS, 80, &out);
	if (!out.overflow)
		fuzz_assert(fuzz_is_clean(out_done(&out)), "findings can be printed");
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size }, config, image;
	struct expectation expected = { .kernel = KERNEL,
					.top = "",
					.binder = SPAN("binder"),
					.unread = &(struct names){ 0 },
					.has_texts = true,
					.has_modules = true,
					.has_protection = true };
	struct inside inside = { 0 };
	struct findings findings = { 0 };
	const struct inside_file *facts;

	image = make_image(&rest, &config);
	expected.config_text = config;
	expected.image_text =
		SPAN("kernel " KERNEL "\n"
		     "module /lib/modules/" KERNEL "/vfio.ko\n"
		     "protect 0000:01:00.0 144d:a808 holds / (nvme0n1p2)\n");
	fuzz_assert(inside_read(&inside, image), "a sound image can be read");
	facts = inside_find(&inside, "etc/early-vfio.image");
	fuzz_assert(facts, "its facts are found");
	fuzz_assert(layout_of(&inside) == LAYOUT_INITRAMFS_TOOLS, "its layout is known");
	judge_order(&inside, LAYOUT_INITRAMFS_TOOLS, &findings);
	judge_binder(&inside, LAYOUT_INITRAMFS_TOOLS, &expected, "build", &findings);
	judge_content(&inside, "etc/early-vfio.conf", "etc/early-vfio.image", &expected,
		      "build", &findings);
	check_findings(&findings);
	findings_free(&findings);
	inside_free(&inside);
	free((char *)image.ptr);
	return 0;
}
