// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generated facts of an image: every kind of line, what is not understood, and the
 * bounds. Knows nothing of how they are generated.
 */
#include "table.h"

struct row {
	const char *name, *cmdline, *text, *result;
};

static const struct row rows[] = {
	{ "empty", "", "", "" },
	{ "comments and blank lines", "", "# generated\n\n  # too\n", "" },
	{ "kernel", "", "kernel 6.12.0-1-amd64\n", "kernel 6.12.0-1-amd64\n" },
	{ "modules in their order", "",
	  "module /lib/modules/6.1/kernel/virt/lib/irqbypass.ko\n"
	  "module /lib/modules/6.1/vfio-pci.ko disable_vga=1  nointxmask=\"a b\" \r\n",
	  "module /lib/modules/6.1/kernel/virt/lib/irqbypass.ko []\n"
	  "module /lib/modules/6.1/vfio-pci.ko [disable_vga=1  nointxmask=\"a b\"]\n" },
	{ "protect", "",
	  "protect 0000:02:00.0 2646:5024 holds / (nvme0n1p2) # not a comment\n"
	  "protect 10000:e1:00.0 8086:0a54\n",
	  "protect 0000:02:00.0 2646:5024 [holds / (nvme0n1p2) # not a comment]\n"
	  "protect 10000:e1:00.0 8086:0a54 []\n" },
	{ "unprotected", "", "unprotected / is not to be found in a chroot\n",
	  "unprotected [/ is not to be found in a chroot]\n" },
	{ "unprotected for no reason is unprotected", "", "unprotected\n",
	  "unprotected [unprotected]\n" },
	{ "alias", "", "alias vfio_pci:v000015B3d0000101E* mlx5_vfio_pci\n",
	  "alias vfio_pci:v000015B3d0000101E* mlx5_vfio_pci\n" },
	{ "refused", "", "refused /etc/early-vfio.conf:4 04:00.08 a function is 0 to 7\n",
	  "refused bind 04:00.08 driver=a function is 0 to 7 from /etc/early-vfio.conf:4\n" },
	{ "refused for no reason", "", "refused /a:b:2 x\n",
	  "refused bind x from /a:b:2\n" },
	{ "refused is of no interest without the config", "early-vfio.config=off",
	  "refused /a:1 x y\nmodule /m.ko\nprotect 0000:02:00.0 2646:5024 x\n",
	  "config off\nmodule /m.ko []\nprotect 0000:02:00.0 2646:5024 [x]\n" },

	{ "optional is the module before", "",
	  "module /a.ko\noptional /a.ko\nmodule /b.ko x=1\nmodule /c.ko x=2\noptional /c.ko\n",
	  "module /a.ko [] optional\nmodule /b.ko [x=1]\nmodule /c.ko [x=2] optional\n" },
	{ "optional before any module", "", "optional /a.ko\nmodule /a.ko\n",
	  "module /a.ko []\nerror BAD_IMAGE_LINE 0 optional /a.ko at image:1\n" },

	{ "unknown line", "", "kernel 6.1\nfrobnicate /m.ko\nmodule /m.ko\n",
	  "kernel 6.1\nmodule /m.ko []\n"
	  "error BAD_IMAGE_LINE 0 frobnicate /m.ko at image:2\n" },
	{ "kernel without version", "", "kernel \n",
	  "error BAD_IMAGE_LINE 0 kernel at image:1\n" },
	{ "module without path", "", " module\n",
	  "error BAD_IMAGE_LINE 1 module at image:1\n" },
	{ "protect without id", "", "protect 0000:02:00.0\n",
	  "error BAD_IMAGE_LINE 0 protect 0000:02:00.0 at image:1\n" },
	{ "protect without anything", "", "protect\n",
	  "error BAD_IMAGE_LINE 0 protect at image:1\n" },
	{ "protect with a short address", "", "protect 02:00.0 2646:5024\n",
	  "error BAD_IMAGE_LINE 0 protect 02:00.0 2646:5024 at image:1\n" },
	{ "protect with a long id", "", "protect 0000:02:00.0 2646:5024:1:2\n",
	  "error BAD_IMAGE_LINE 0 protect 0000:02:00.0 2646:5024:1:2 at image:1\n" },
	{ "protect with half an id", "", "protect 0000:02:00.0 2646\n",
	  "error BAD_IMAGE_LINE 0 protect 0000:02:00.0 2646 at image:1\n" },
	{ "alias without driver", "", "alias vfio_pci:v*\n",
	  "error BAD_IMAGE_LINE 0 alias vfio_pci:v* at image:1\n" },
	{ "refused without line", "", "refused /etc/early-vfio.conf x y\n",
	  "error BAD_IMAGE_LINE 0 refused /etc/early-vfio.conf x y at image:1\n" },
	{ "refused without specification", "", "refused /a:1\n",
	  "error BAD_IMAGE_LINE 0 refused /a:1 at image:1\n" },
	{ "bytes that are none of it", "",
	  "\x7f"
	  "ELF\x02\x01\n",
	  "error BAD_IMAGE_LINE 0 \\x7fELF\\x02\\x01 at image:1\n" },
};

static struct ruleset set;

static void out_bracketed(struct out *out, struct span text)
{
	out_text(out, " [");
	out_span(out, text);
	out_text(out, "]\n");
}

static void out_modules(struct out *out)
{
	for (size_t i = 0; i < set.module_count; i++) {
		out_text(out, "module ");
		out_span(out, set.modules[i].path);
		out_bracketed(out, set.modules[i].options);
		if (set.modules[i].is_optional) {
			out->len--;
			out_text(out, " optional\n");
		}
	}
}

static void out_protects(struct out *out)
{
	for (size_t i = 0; i < set.protect_count; i++) {
		out_text(out, "protect ");
		out_bdf(out, set.protects[i].bdf);
		out_char(out, ' ');
		out_hex(out, set.protects[i].vendor, 4);
		out_char(out, ':');
		out_hex(out, set.protects[i].device, 4);
		out_bracketed(out, set.protects[i].reason);
	}
	if (set.unprotected.len) {
		out_text(out, "unprotected");
		out_bracketed(out, set.unprotected);
	}
}

static void out_aliases(struct out *out)
{
	for (size_t i = 0; i < set.alias_count; i++) {
		out_text(out, "alias ");
		out_span(out, set.aliases[i].pattern);
		out_char(out, ' ');
		out_span(out, set.aliases[i].driver);
		out_char(out, '\n');
	}
}

static void out_image(struct out *out)
{
	out_settings(out, &set);
	if (set.kernel.len) {
		out_text(out, "kernel ");
		out_span(out, set.kernel);
		out_char(out, '\n');
	}
	out_modules(out);
	out_protects(out);
	out_aliases(out);
	set.settings = SETTINGS_DEFAULT; /* printed already */
	out_ruleset(out, &set);
}

static void test_reading(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span text = box_text(rows[i].text);
		char buf[512];
		struct out out = OUT(buf);

		ruleset_init(&set);
		cmdline_read(span_of(rows[i].cmdline), &set);
		image_read(text, SPAN("image"), &set);
		out_image(&out);
		assert_false(out.overflow);
		failed += row_differs(rows[i].name, text, out_done(&out), rows[i].result);
		unbox(text);
	}
	assert_int_equal(failed, 0);
}

/* One line more than there is room for is named; the ones before it stay. */
static void check_bound(const char *line, unsigned max, const size_t *count)
{
	static char text[PROTECTS_MAX * 64];
	struct out out = OUT(text);

	for (unsigned i = 0; i <= max; i++)
		out_text(&out, line);
	assert_false(out.overflow);
	ruleset_init(&set);
	image_read(out_done(&out), SPAN("image"), &set);
	assert_int_equal(*count, max);
	assert_int_equal(set.note_count, 1);
	assert_int_equal(set.notes[0].diag.code, DIAG_BAD_IMAGE_LINE);
	assert_int_equal(set.notes[0].diag.level, LEVEL_ERROR);
	assert_int_equal(set.notes[0].origin.line, max + 1);
}

static void test_bounds(void **state)
{
	(void)state;
	check_bound("module /m.ko\n", MODULES_MAX, &set.module_count);
	check_bound("protect 0000:02:00.0 2646:5024 x\n", PROTECTS_MAX,
		    &set.protect_count);
	check_bound("alias a b\n", ALIASES_MAX, &set.alias_count);
}

static void test_module_name(void **state)
{
	static const char *const names[][2] = {
		{ "/lib/modules/6.12/kernel/drivers/vfio/pci/vfio-pci.ko", "vfio-pci" },
		{ "/lib/modules/6.12/kernel/drivers/vfio/vfio_iommu_type1.ko.xz",
		  "vfio_iommu_type1" },
		{ "irqbypass.ko", "irqbypass" },
		{ "vfio", "vfio" },
		{ "/lib/", "" },
		{ "", "" },
	};
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		failed += row_differs("module", span_of(names[i][0]),
				      module_name(span_of(names[i][0])), names[i][1]);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_module_name),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
