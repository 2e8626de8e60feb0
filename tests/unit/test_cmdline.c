// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line: how it is cut, what of it is read, what is named as nearly
 * right, and what a module gets of it. Knows nothing of files.
 */
#include "table.h"

struct row {
	const char *name, *line, *result;
};

/* What the kernel's next_arg() and parse_args() make of it: [NAME] or [NAME=VALUE]. */
static const struct row cut_rows[] = {
	{ "empty", "", "" },
	{ "blanks", " \t\n", "" },
	{ "words", "quiet ro  root=/dev/sda1", "[quiet][ro][root=/dev/sda1]" },
	{ "a line feed at the end", "quiet\n", "[quiet]" },
	{ "every blank of the kernel",
	  "a\tb\vc\fd\re\xa0"
	  "f",
	  "[a][b][c][d][e][f]" },
	{ "empty value", "a=", "[a=]" },
	{ "more than one equals sign", "a=b=c", "[a=b=c]" },
	{ "an equals sign in front is none", "=a b", "[=a][b]" },
	{ "behind a quote too", "\"=a b\" c", "[=a b][c]" },
	{ "the second one then counts", "=a=b", "[=a=b]" },
	{ "a quoted value", "a=\"b c\" d", "[a=b c][d]" },
	{ "a quoted parameter", "\"a=b c\" d", "[a=b c][d]" },
	{ "a quoted word", "\"a b\" c", "[a b][c]" },
	{ "quotes in the middle stay", "a=b\"c d\"e f", "[a=b\"c d\"e][f]" },
	{ "a quote at the end alone stays", "a=b\"c\" d", "[a=b\"c\"][d]" },
	{ "a quoted name keeps its quote", "a\"b\"=c", "[a\"b\"=c]" },
	{ "a value loses one quote at its end", "a=\"b\"\" c", "[a=b\"\" c?]" },
	{ "quoted twice loses one", "\"a=\"b\"\" c", "[a=b\"][c]" },
	{ "an empty quoted value", "a=\"\" b", "[a=][b]" },
	{ "an empty quoted word", "\"\" b", "[][b]" },
	{ "single quotes mean nothing", "a='b c'", "[a='b][c']" },
	{ "a lone quote takes the rest", "a=\"b c", "[a=b c?]" },
	{ "a lone quote in the middle", "a=b\" c", "[a=b\" c?]" },
	{ "a lone quote in front", "\"a=b c", "[a=b c?]" },
	{ "a quote alone", "\"", "[?]" },
	{ "a value that is a quote", "a=\"", "[a=?]" },
	{ "the end", "a -- b=c", "[a]" },
	{ "the end at once", "-- b=c", "" },
	{ "the end in quotes", "a \"--\" b", "[a]" },
	{ "no end with a value", "--=a b", "[--=a][b]" },
	{ "no end with more", "a --b c", "[a][--b][c]" },
	{ "three dashes", "a --- b", "[a][---][b]" },
	{ "the end in a quote", "a=\"b -- c\" d", "[a=b -- c][d]" },
};

static void out_param(struct out *out, const struct param *param)
{
	out_char(out, '[');
	out_span(out, param->name);
	if (param->has_value)
		out_char(out, '=');
	out_span(out, param->value);
	out_text(out, param->is_unterminated ? "?]" : "]");
}

static void test_cutting(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cut_rows); i++) {
		struct span line = box_text(cut_rows[i].line), rest = line;
		char buf[128];
		struct out out = OUT(buf);
		struct param param;

		while (cmdline_next(&rest, &param)) {
			assert_true(param.whole.ptr >= line.ptr && param.whole.len);
			assert_true(param.whole.ptr + param.whole.len <=
				    line.ptr + line.len);
			out_param(&out, &param);
		}
		failed += row_differs(cut_rows[i].name, line, out_done(&out),
				      cut_rows[i].result);
		unbox(line);
	}
	assert_int_equal(failed, 0);
}

/* The whole of a parameter has its quotes, for what is passed on as written. */
static void test_whole(void **state)
{
	struct span rest = SPAN(" \"a=b c\" d=\"e f\"g");
	struct param param;

	(void)state;
	assert_true(cmdline_next(&rest, &param));
	assert_true(span_is(param.whole, "\"a=b c\""));
	assert_true(cmdline_next(&rest, &param));
	assert_true(span_is(param.whole, "d=\"e f\"g"));
	assert_true(span_is(param.value, "e f\"g"));
	assert_false(cmdline_next(&rest, &param));
}

static const struct row read_rows[] = {
	{ "nothing of ours", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet splash", "" },

	/* bind, keep */
	{ "bind", "early-vfio.bind=10de:1c82", "bind 10de:1c82 from cmdline\n" },
	{ "underscores", "early_vfio.bind=10de:1c82", "bind 10de:1c82 from cmdline\n" },
	{ "a list", "early-vfio.bind=10de:1c82,01:00.0+slot,class=0106",
	  "bind 10de:1c82 from cmdline\nbind 0000:01:00.0+slot from cmdline\n"
	  "bind class=0106 from cmdline\n" },
	{ "repeated", "early-vfio.bind=10de:1c82 early-vfio.bind=10de:0fb9",
	  "bind 10de:1c82 from cmdline\nbind 10de:0fb9 from cmdline\n" },
	{ "keep", "early-vfio.keep=class=0106,boot-vga",
	  "keep class=0106 from cmdline\nkeep boot-vga from cmdline\n" },
	{ "keep and bind of one device are two",
	  "early-vfio.keep=1:0.0 early-vfio.bind=01:00.0",
	  "keep 0000:01:00.0 from cmdline\nbind 0000:01:00.0 from cmdline\n"
	  "note ONE_DIGIT_BUS 16 1:0.0\n" },
	{ "behind the end it is init's", "quiet -- early-vfio.bind=10de:1c82", "" },
	{ "an empty list", "early-vfio.bind= quiet", "" },
	{ "no value", "early-vfio.bind quiet",
	  "error BAD_VALUE 0 early-vfio.bind -> devices\n" },
	{ "a faulty element costs itself only",
	  "ro early-vfio.bind=10de:1c82,04:00.9,10de:0fb9",
	  "bind 10de:1c82 from cmdline\n"
	  "faulty bind 04:00.9 from cmdline: BAD_FUNCTION 35 04:00.9\n"
	  "bind 10de:0fb9 from cmdline\n" },
	{ "a function is missing", "early-vfio.bind=01:00",
	  "faulty bind 01:00 from cmdline: NO_FUNCTION 21 01:00\n" },
	{ "a faulty keep", "early-vfio.keep=boot-vgaa",
	  "faulty keep boot-vgaa from cmdline: BAD_WHERE 16 boot-vgaa -> boot-vga\n" },
	{ "an empty element", "early-vfio.bind=10de:1c82,,10de:0fb9",
	  "bind 10de:1c82 from cmdline\nbind 10de:0fb9 from cmdline\n"
	  "note TRAILING_COMMA 16 10de:1c82,,10de:0fb9\n" },
	{ "a trailing comma", "early-vfio.bind=10de:1c82,",
	  "bind 10de:1c82 from cmdline\nnote TRAILING_COMMA 16 10de:1c82,\n" },
	{ "only a comma", "early-vfio.bind=,", "note TRAILING_COMMA 16 ,\n" },
	{ "the same again", "early-vfio.bind=10de:1c82,10DE:1C82,0x10de:1c82,10de:0fb9",
	  "bind 10de:1c82 from cmdline\nbind 10de:0fb9 from cmdline\n"
	  "note DUPLICATE 26 10DE:1C82\nnote HEX_PREFIX 36 0x10de\n" },
	{ "the same in another parameter",
	  "early-vfio.bind=10de:1c82 early-vfio.bind=10de:1c82",
	  "bind 10de:1c82 from cmdline\nbind 10de:1c82 from cmdline\n" },
	{ "the same fault twice is two", "early-vfio.bind=x,x",
	  "faulty bind x from cmdline: ID_FIELDS 16 x\n"
	  "faulty bind x from cmdline: ID_FIELDS 18 x\n" },
	{ "an oddity has its place in the line", "early-vfio.bind=10de:1c82,04:00.00",
	  "bind 10de:1c82 from cmdline\nbind 0000:04:00.0 from cmdline\n"
	  "note TWO_DIGIT_FUNCTION 26 04:00.00\n" },

	/* vfio-pci.ids */
	{ "ids", "vfio-pci.ids=10de:1c82,10de:0fb9",
	  "ids 10de:1c82 from cmdline\nids 10de:0fb9 from cmdline\n" },
	{ "ids with an underscore", "vfio_pci.ids=10de:1c82",
	  "ids 10de:1c82 from cmdline\n" },
	{ "ids as the kernel takes hex", "vfio-pci.ids=0x10DE:0x1C82,10DE:fb9,1AF4:1050",
	  "ids 10de:1c82 from cmdline\nids 10de:0fb9 from cmdline\n"
	  "ids 1af4:1050 from cmdline\n" },
	{ "the long form",
	  "vfio-pci.ids=10de:1c82:7377:0000,"
	  "8086:ffffffff:ffffffff:ffffffff:30000:ff0000",
	  "ids 10de:1c82:7377:0000 from cmdline\n"
	  "ids 8086:*:*:*:030000:ff0000 from cmdline\n" },
	{ "a trailing comma in silence", "vfio-pci.ids=10de:25a2,,10de:2291,",
	  "ids 10de:25a2 from cmdline\nids 10de:2291 from cmdline\n" },
	{ "the same four times", "vfio-pci.ids=10de:1eb8,10de:1eb8,10de:1eb8,10de:1eb8",
	  "ids 10de:1eb8 from cmdline\nnote DUPLICATE 23 10de:1eb8\n" },
	{ "both spellings", "vfio-pci.ids=10de:13c2,10de:0fbb vfio_pci.ids=10de:1c82",
	  "ids 10de:13c2 from cmdline\nids 10de:0fbb from cmdline\n"
	  "ids 10de:1c82 from cmdline\n"
	  "warning IDS_TWICE 33 vfio_pci.ids=10de:1c82\n" },
	{ "a comma in an id", "vfio-pci.ids=10de,1c82",
	  "faulty ids 10de,1c82 from cmdline: COMMA_IN_ID 13 10de,1c82\n" },
	{ "two of them, and a good one", "vfio-pci.ids=10de,1c82,10de,0fb9,8086:1533",
	  "faulty ids 10de,1c82 from cmdline: COMMA_IN_ID 13 10de,1c82\n"
	  "faulty ids 10de,0fb9 from cmdline: COMMA_IN_ID 23 10de,0fb9\n"
	  "ids 8086:1533 from cmdline\n" },
	{ "four digits before an id are no pair", "vfio-pci.ids=10de,10de:1c82",
	  "faulty ids 10de from cmdline: ID_FIELDS 13 10de\n"
	  "ids 10de:1c82 from cmdline\n" },
	{ "four digits before more are no pair", "vfio-pci.ids=10de,1c82a",
	  "faulty ids 10de from cmdline: ID_FIELDS 13 10de\n"
	  "faulty ids 1c82a from cmdline: ID_FIELDS 18 1c82a\n" },
	{ "a comma in an id with three digits", "vfio-pci.ids=10DE,FB9",
	  "faulty ids 10DE,FB9 from cmdline: COMMA_IN_ID 13 10DE,FB9\n" },
	{ "a comma in an id with prefixes", "vfio-pci.ids=0x10de,0x1c82,0x10de:0xfb9",
	  "faulty ids 0x10de,0x1c82 from cmdline: COMMA_IN_ID 13 0x10de,0x1c82\n"
	  "ids 10de:0fb9 from cmdline\n" },
	{ "an address in ids", "vfio-pci.ids=0000:01:00.0",
	  "faulty ids 0000:01:00.0 from cmdline: ADDRESS_IN_IDS 13 0000:01:00.0\n" },
	{ "everything", "vfio-pci.ids=ffffffff:ffffffff",
	  "faulty ids ffffffff:ffffffff from cmdline: ANY_ANY 13 ffffffff:ffffffff\n" },
	{ "ids without a value", "vfio-pci.ids",
	  "error BAD_VALUE 0 vfio-pci.ids -> ids\n" },
	{ "ids and bind of one id", "vfio-pci.ids=10de:1c82 early-vfio.bind=10de:1c82",
	  "ids 10de:1c82 from cmdline\nbind 10de:1c82 from cmdline\n" },

	/* quotes */
	{ "a quoted parameter, as the kernel takes it",
	  "root=ZFS=rpool/ROOT/pve-1 boot=zfs \"vfio-pci.ids=10de:2504,10de:228e\"",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n" },
	{ "a quoted value, as the kernel takes it",
	  "vfio-pci.ids=\"10de:2504,10de:228e\"",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n" },
	{ "blanks inside of quotes", "vfio-pci.ids=\"10de:2504, 10de:228e\"",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n" },
	{ "one lone quote at the end of the line", "vfio-pci.ids=10de:2504,10de:228e\"\n",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n"
	  "warning LONE_QUOTE 0 vfio-pci.ids=10de:2504,10de:228e\"\n" },
	{ "one behind bind", "early-vfio.bind=01:00.0\"",
	  "bind 0000:01:00.0 from cmdline\n"
	  "warning LONE_QUOTE 0 early-vfio.bind=01:00.0\"\n" },
	{ "one that takes the rest", "ro vfio-pci.ids=10de:2504,10de:228e\" quiet",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n"
	  "warning UNTERMINATED_QUOTE 35 \" quiet\n" },
	{ "one in front of the value", "vfio-pci.ids=\"10de:2504,10de:228e quiet",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n"
	  "warning UNTERMINATED_QUOTE 13 \"10de:2504,10de:228e quiet\n" },
	{ "one in front of the parameter", "\"early-vfio.bind=01:00.0 quiet",
	  "bind 0000:01:00.0 from cmdline\n"
	  "warning UNTERMINATED_QUOTE 0 \"early-vfio.bind=01:00.0 quiet\n" },
	{ "one elsewhere hides ours", "init=\"/bin/sh early-vfio.bind=01:00.0",
	  "warning UNTERMINATED_QUOTE 5 \"/bin/sh early-vfio.bind=01:00.0\n" },
	{ "one elsewhere that hides nothing", "early-vfio.bind=01:00.0 init=\"/bin/sh",
	  "bind 0000:01:00.0 from cmdline\n" },
	{ "behind an equals sign in the value", "early-vfio.bind=class=\"03 ro",
	  "faulty bind class= from cmdline: BAD_HEX 22 \n"
	  "warning UNTERMINATED_QUOTE 22 \"03 ro\n" },
	{ "single quotes around a list", "early-vfio.bind='10de:1c82,10de:0fb9'",
	  "bind 10de:1c82 from cmdline\nbind 10de:0fb9 from cmdline\n"
	  "note QUOTES_STRIPPED 16 '10de:1c82,10de:0fb9'\n" },
	{ "single quotes around elements", "early-vfio.bind='10de:1c82','10de:0fb9'",
	  "bind 10de:1c82 from cmdline\nbind 10de:0fb9 from cmdline\n"
	  "note QUOTES_STRIPPED 16 '10de:1c82'\nnote QUOTES_STRIPPED 28 '10de:0fb9'\n" },
	{ "single quotes around one", "vfio-pci.ids='10de:1c82'",
	  "ids 10de:1c82 from cmdline\nnote QUOTES_STRIPPED 13 '10de:1c82'\n" },
	{ "a quoted comma pair", "vfio-pci.ids='10de,1c82'",
	  "faulty ids 10de,1c82 from cmdline: COMMA_IN_ID 14 10de,1c82\n"
	  "note QUOTES_STRIPPED 13 '10de,1c82'\n" },
	{ "double quotes around elements", "vfio-pci.ids=\"10de:1c82\",\"10de:0fb9\"",
	  "ids 10de:1c82 from cmdline\nids 10de:0fb9 from cmdline\n"
	  "warning LONE_QUOTE 14 10de:1c82\"\nwarning LONE_QUOTE 25 \"10de:0fb9\n" },

	/* settings */
	{ "mode=off", "early-vfio.mode=off", "mode off killed\n" },
	{ "mode=plan", "early-vfio.mode=plan", "mode plan\n" },
	{ "mode=bind", "early-vfio.mode=bind", "" },
	{ "the later mode wins", "early-vfio.mode=plan early-vfio.mode=bind", "" },
	{ "the later mode wins too", "early-vfio.mode=bind early-vfio.mode=plan",
	  "mode plan\n" },
	{ "off wins always", "early-vfio.mode=off early-vfio.mode=bind",
	  "mode off killed\n" },
	{ "off as a quoted value", "early-vfio.mode=\"off\" early-vfio.mode=plan",
	  "mode off killed\n" },
	{ "off before a lone quote", "early-vfio.mode=off\"x y",
	  "mode off killed\nwarning UNTERMINATED_QUOTE 19 \"x y\n" },
	{ "an unknown mode", "early-vfio.mode=on",
	  "mode off killed\nerror BAD_VALUE 16 on -> bind|plan|off\n" },
	{ "an unknown mode takes nothing, whatever comes before",
	  "early-vfio.mode=plan early-vfio.mode=OF",
	  "mode off killed\nerror BAD_VALUE 37 OF -> bind|plan|off\n" },
	{ "off in capitals", "early-vfio.mode=OFF early-vfio.mode=bind",
	  "mode off killed\n" },
	{ "a mode in capitals", "early-vfio.mode=Plan", "mode plan\n" },
	{ "a mode without value", "early-vfio.mode",
	  "mode off killed\nerror BAD_VALUE 0 early-vfio.mode -> bind|plan|off\n" },
	{ "off does not hide the rules", "early-vfio.mode=off vfio-pci.ids=10de:1c82",
	  "mode off killed\nids 10de:1c82 from cmdline\n" },
	{ "config=off", "early-vfio.config=off", "config off\n" },
	{ "config=on", "early-vfio.config=on", "error BAD_VALUE 18 on -> off\n" },
	{ "a profile", "early-vfio.profile=gaming", "profile gaming\n" },
	{ "no profile", "early-vfio.profile=gaming early-vfio.profile=", "" },
	{ "log=debug", "early-vfio.log=debug", "debug\n" },
	{ "log=info", "early-vfio.log=debug early-vfio.log=info", "" },
	{ "log=loud", "early-vfio.log=loud", "error BAD_VALUE 15 loud -> info|debug\n" },
	{ "on-failure=shell", "early-vfio.on-failure=shell", "shell\n" },
	{ "on_failure=continue", "early_vfio.on_failure=continue", "" },
	{ "on-failure=panic", "early-vfio.on-failure=panic",
	  "error BAD_VALUE 22 panic -> continue|shell\n" },

	/* nearly right */
	{ "vfio-pc.ids", "vfio-pc.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio-pc.ids -> vfio-pci.ids\n" },
	{ "vfiopci.ids", "ro vfiopci.ids=10de:1c82",
	  "warning NEAR_PARAMETER 3 vfiopci.ids -> vfio-pci.ids\n" },
	{ "vfio-pci.id", "vfio-pci.id=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio-pci.id -> vfio-pci.ids\n" },
	{ "vfio-pci-ids", "vfio-pci-ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio-pci-ids -> vfio-pci.ids\n" },
	{ "vfoi-pci.ids", "vfoi_pci.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfoi_pci.ids -> vfio-pci.ids\n" },
	{ "VFIO-PCI.IDS", "VFIO-PCI.IDS=10de:1c82",
	  "warning NEAR_PARAMETER 0 VFIO-PCI.IDS -> vfio-pci.ids\n" },
	{ "vfio.ids", "vfio.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio.ids -> vfio-pci.ids\n" },
	{ "a colon for the equals sign", "vfio-pci.ids:10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio-pci.ids:10de:1c82 -> vfio-pci.ids\n" },
	{ "another name for ids", "vfio_pci.devices=10de:1c82 vfio-pci.disable_vga=1",
	  "warning NEAR_PARAMETER 0 vfio_pci.devices -> vfio-pci.ids\n" },
	{ "a long dash", "vfio\xe2\x80\x93pci.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio\\xe2\\x80\\x93pci.ids -> vfio-pci.ids\n" },
	{ "ids of another module", "vfio_iommu_type1.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 vfio_iommu_type1.ids -> vfio-pci.ids\n" },
	{ "pci-stub.id", "pci-stub.id=10de:1c82",
	  "warning NEAR_PARAMETER 0 pci-stub.id -> vfio-pci.ids\n" },
	{ "parameters that are none of ours",
	  "pci=resource_alignment=20@0000:01:00.0 pci=nomsi resume=259:3 "
	  "vfio_iommu_type1.allow_unsafe_interrupts=1 pcie_aspm=off",
	  "" },
	{ "pci-stub.ids", "pci-stub.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 pci-stub.ids -> vfio-pci.ids\n" },
	{ "pci_stub.ids", "pci_stub.ids=10de:1c82",
	  "warning NEAR_PARAMETER 0 pci_stub.ids -> vfio-pci.ids\n" },
	{ "a line of modprobe.d", "options vfio-pci ids=10de:1c82",
	  "warning NEAR_PARAMETER 17 ids -> vfio-pci.ids\n" },
	{ "somebody else's ids", "ids=all", "" },
	{ "early-vfio.binds", "early-vfio.binds=10de:1c82",
	  "warning NEAR_PARAMETER 0 early-vfio.binds -> early-vfio.bind\n" },
	{ "earlyvfio.bind", "earlyvfio.bind=10de:1c82",
	  "warning NEAR_PARAMETER 0 earlyvfio.bind -> early-vfio.bind\n" },
	{ "early-vfio.ibnd", "early-vfio.ibnd=10de:1c82",
	  "warning NEAR_PARAMETER 0 early-vfio.ibnd -> early-vfio.bind\n" },
	{ "an en dash", "early\xe2\x80\x93vfio.mode=off",
	  "warning NEAR_PARAMETER 0 early\\xe2\\x80\\x93vfio.mode -> early-vfio.mode\n" },
	{ "a hyphen that does not break",
	  "early-vfio.on\xe2\x80\x91"
	  "failure=shell",
	  "warning NEAR_PARAMETER 0 early-vfio.on\\xe2\\x80\\x91failure ->"
	  " early-vfio.on-failure\n" },
	{ "early-vfio.onfailure", "early-vfio.onfailure=shell",
	  "warning NEAR_PARAMETER 0 early-vfio.onfailure -> early-vfio.on-failure\n" },
	{ "unknown", "early-vfio.device=10de:1c82",
	  "warning UNKNOWN_PARAMETER 0 early-vfio.device\n" },
	{ "unknown without a dot", "early_vfio=on",
	  "warning UNKNOWN_PARAMETER 0 early_vfio\n" },
	{ "off without a dot", "early_vfio=off",
	  "mode off killed\nwarning UNKNOWN_PARAMETER 0 early_vfio\n" },

	/* the rest of a list */
	{ "a blank after the comma", "quiet vfio-pci.ids=10de:1c82, 10de:0fb9 splash",
	  "ids 10de:1c82 from cmdline\nwarning STRAY_ID 30 10de:0fb9\n" },
	{ "a blank for the comma", "vfio-pci.ids=10de:1c82 10de:0fb9",
	  "ids 10de:1c82 from cmdline\nwarning STRAY_ID 23 10de:0fb9\n" },
	{ "a blank before the comma", "vfio-pci.ids=10de:1c82 ,10de:0fb9,10de:2291",
	  "ids 10de:1c82 from cmdline\nwarning STRAY_ID 23 ,10de:0fb9,10de:2291\n" },
	{ "blanks around the comma", "vfio-pci.ids=10de:1c82 , 10de:0fb9 , quiet",
	  "ids 10de:1c82 from cmdline\nwarning STRAY_ID 23 ,\n"
	  "warning STRAY_ID 25 10de:0fb9\nwarning STRAY_ID 35 ,\n" },
	{ "a comma behind no list", "quiet , 10de:0fb9", "" },
	{ "a blank before all of it", "vfio-pci.ids= 10de:1c82 quiet",
	  "warning STRAY_ID 14 10de:1c82\n" },
	{ "two strays", "early-vfio.bind=10de:1c82, 01:00.0, class=0403 quiet",
	  "bind 10de:1c82 from cmdline\nnote TRAILING_COMMA 16 10de:1c82,\n"
	  "warning STRAY_ID 27 01:00.0,\nwarning STRAY_ID 36 class=0403\n" },
	{ "a blank before the address",
	  "early-vfio.bind=10de:1c82 @0000:02:00.0+slot quiet",
	  "bind 10de:1c82 from cmdline\nwarning STRAY_ID 26 @0000:02:00.0+slot\n" },
	{ "an address behind something else", "quiet @0000:02:00.0", "" },
	{ "a blank before a flag", "early-vfio.bind=10de:1c82 +slot quiet",
	  "bind 10de:1c82 from cmdline\nwarning STRAY_ID 26 +slot\n" },
	{ "a blank before a flag that is none, and one more",
	  "early-vfio.bind=01:00.0 +slo +force",
	  "bind 0000:01:00.0 from cmdline\nwarning STRAY_ID 24 +slo\n"
	  "warning STRAY_ID 29 +force\n" },
	{ "what only a file may say", "early-vfio.bind=10de:1c82 optional",
	  "bind 10de:1c82 from cmdline\nwarning STRAY_ID 26 optional\n" },
	{ "neither behind something else",
	  "early-vfio.bind=10de:1c82 quiet +slot optional",
	  "bind 10de:1c82 from cmdline\n" },
	{ "not behind something else", "vfio-pci.ids=10de:1c82, quiet 10de:0fb9",
	  "ids 10de:1c82 from cmdline\n" },
	{ "not behind a setting", "early-vfio.mode=plan 10de:0fb9", "mode plan\n" },

	/* ordinary parameters are nobody's mistake */
	{ "iommu and friends",
	  "intel_iommu=on iommu=pt amd_iommu=on pcie_acs_override=downstream,multifunction "
	  "video=efifb:off video=vesafb:off,efifb:off kvm.ignore_msrs=1 earlycon earlyprintk=vga "
	  "vfio_iommu_type1.allow_unsafe_interrupts=1 vfio_pci.disable_vga=1 "
	  "vfio-pci.disable_idle_d3=1 vfio.enable_unsafe_noiommu_mode=1 "
	  "modprobe.blacklist=nouveau module_blacklist=nouveau rd.driver.pre=vfio-pci "
	  "hugepagesz=1G isolcpus=2-7 console=ttyS0,115200n8 pci=noaer,realloc 3 single vfio-pci "
	  "xen-pciback.hide=(01:00.0)(01:00.1) ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0:off "
	  "dyndbg=\"file drivers/vfio/* +p\" acpi_osi=\"Windows 2015\" nvme.poll_queues=2",
	  "" },
	{ "words behind a list", "vfio-pci.ids=10de:1c82 3 quiet ro",
	  "ids 10de:1c82 from cmdline\n" },
	{ "a crowded group",
	  "iommu=pt amd_iommu=on vfio_pci.ids=10de:2504,10de:228e "
	  "vfio_pci.disable_vga=1",
	  "ids 10de:2504 from cmdline\nids 10de:228e from cmdline\n" },
};

static struct ruleset set;

static void test_reading(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(read_rows); i++) {
		struct span line = box_text(read_rows[i].line);
		char buf[1024];
		struct out out = OUT(buf);

		ruleset_init(&set);
		cmdline_read(line, &set);
		out_ruleset(&out, &set);
		assert_false(out.overflow);
		failed += row_differs(read_rows[i].name, line, out_done(&out),
				      read_rows[i].result);
		unbox(line);
	}
	assert_int_equal(failed, 0);
}

/* Ids on the command line replace those of modprobe.d even where there are none. */
static void test_has_ids(void **state)
{
	static const struct {
		const char *line;
		bool has_ids;
	} rows[] = {
		{ "vfio-pci.ids=10de:1c82", true },
		{ "vfio_pci.ids=", true },
		{ "vfio-pci.ids=rubbish", true },
		{ "vfio-pci.ids", false },
		{ "early-vfio.bind=10de:1c82", false },
		{ "-- vfio-pci.ids=10de:1c82", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		ruleset_init(&set);
		cmdline_read(span_of(rows[i].line), &set);
		if (set.has_cmdline_ids != rows[i].has_ids)
			fail_msg("%s", rows[i].line);
	}
}

static const struct {
	const char *line;
	bool is_killed;
} kill_rows[] = {
	{ "early-vfio.mode=off", true },
	{ "early_vfio.mode=off\n", true },
	{ "quiet\tearly-vfio.mode=off\tro", true },
	{ "quiet -- early-vfio.mode=off", true },
	{ "init=\"/bin/sh early-vfio.mode=off", true },
	{ "init=\"/bin/sh early-vfio.mode=off\" ro", true },
	{ "vfio-pci.ids=10de:1c82\" early-vfio.mode=off", true },
	{ "\"early-vfio.mode=off\"", true },
	{ "'early-vfio.mode=off'", true },
	{ "early-vfio.mode=off\"", true },
	{ "\"early-vfio.mode=off", true },
	{ "\"'early-vfio.mode=off'\"", true },
	{ "early-vfio.mode=\"off\"", true },
	{ "early-vfio.mode='off'", true },
	{ "a=\"b early-vfio.mode=\"off\"", true },
	{ "\xa0"
	  "early-vfio.mode=off\xa0"
	  "x",
	  true },
	{ "early-vfio.mode=plan early-vfio.mode=off", true },
	{ "early-vfio.mode=OFF", true },
	{ "init=\"/bin/sh early-vfio.mode=Off", true },
	{ "", false },
	{ "early-vfio.mode=offf", true },
	{ "early-vfio.mode=of", true },
	{ "early-vfio.mode=bind", false },
	{ "early-vfio.mode= off", true },
	{ "early-vfio.mode=", true },
	{ "early-vfio.mode off", true },
	{ "early-vfio.mode = off", true },
	{ "early-vfio.mode:off", true },
	{ "early-vfio.mode=off\xc2\xa0quiet", true },
	{ "early-vfio.mode=plan", false },
	{ "early-vfio.mode=\"plan\"", false },
	{ "early-vfio=off", true },
	{ "early-vfio=OFF", true },
	{ "quiet \"early_vfio=off\" ro", true },
	{ "early-vfio=on", false },
	{ "xearly-vfio.mode=off", false },
	{ "a=early-vfio.mode=off", false },
	{ "early-vfio.mode=off,bind", true },
	{ "early.vfio.mode=off", false },
	{ "early-vfio.config=off", false },
};

static void test_kill_switch(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kill_rows); i++) {
		struct span line = box_text(kill_rows[i].line);

		ruleset_init(&set);
		cmdline_read(line, &set);
		if (cmdline_has_kill_switch(line) != kill_rows[i].is_killed ||
		    (set.settings.mode == MODE_OFF) != kill_rows[i].is_killed)
			fail_msg("kill switch: %s", kill_rows[i].line);
		unbox(line);
	}
}

static const struct {
	const char *module, *line, *options;
} option_rows[] = {
	{ "vfio-pci", "vfio_pci.ids=10de:2504 vfio_pci.disable_vga=1", "disable_vga=1" },
	{ "vfio_pci", "vfio-pci.disable_vga=1 quiet vfio_pci.nointxmask",
	  "disable_vga=1 nointxmask" },
	{ "vfio_pci", "vfio_pci.disable_vga=1 vfio_pci.disable_vga=0",
	  "disable_vga=1 disable_vga=0" },
	{ "vfio_pci", "vfio.enable_unsafe_noiommu_mode=1 vfio_pci_core.x=1 disable_vga=1",
	  "" },
	{ "vfio", "vfio.enable_unsafe_noiommu_mode=1 vfio_pci.disable_vga=1",
	  "enable_unsafe_noiommu_mode=1" },
	{ "vfio_iommu_type1", "vfio-iommu-type1.allow_unsafe_interrupts=1",
	  "allow_unsafe_interrupts=1" },
	{ "other", "other.ids=1:2", "ids=1:2" },
	{ "m", "m.a=\"b c\" m.d=e", "a=\"b c\" d=e" },
	{ "m", "\"m.a=b c\"", "\"a=b c\"" },
	{ "m", "m.a=b.c m.=1 m m.", "a=b.c" },
	{ "m", "m.a=1 -- m.b=2", "a=1" },
	{ "m", "m.a=1\" ro m.b=2", "a=1" },
	{ "m", "m.a=\"1 ro", "a=1" },
	{ "m", "\"m.a=1 ro", "a=1" },
	{ "m", "m.a\" ro", "a" },
	{ "m", "m.a=1\n", "a=1" },
	{ "vfio-pci", "\"vfio-pci.ids=10de:2504\" vfio-pci.ids=\"1:2\"", "" },
	{ "m", "", "" },
};

static void test_module_options(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(option_rows); i++) {
		struct span line = box_text(option_rows[i].line);
		char buf[128];
		struct out out = OUT(buf);

		cmdline_module_options(line, span_of(option_rows[i].module), &out);
		failed += row_differs(option_rows[i].module, line, out_done(&out),
				      option_rows[i].options);
		unbox(line);
	}
	assert_int_equal(failed, 0);
}

/* Behind options that are there already, one blank; what does not fit is an error. */
static void test_module_options_appended(void **state)
{
	char buf[16], small[4];
	struct out out = OUT(buf), full = OUT(small);

	(void)state;
	out_text(&out, "x=1");
	cmdline_module_options(SPAN("m.a=2 m.b"), SPAN("m"), &out);
	assert_true(span_is(out_done(&out), "x=1 a=2 b"));
	cmdline_module_options(SPAN("m.abc=2"), SPAN("m"), &full);
	assert_true(full.overflow);
}

/* More rules than there is room for: said once, and nothing is overwritten. */
static void test_too_many(void **state)
{
	static char line[RULES_MAX * 12 + 200];
	struct out out = OUT(line);

	(void)state;
	out_text(&out, "early-vfio.bind=");
	for (uint32_t i = 0; i < RULES_MAX + 2; i++) {
		out_text(&out, "10de:");
		out_hex(&out, i, 4);
		out_char(&out, ',');
	}
	ruleset_init(&set);
	cmdline_read(out_done(&out), &set);
	assert_int_equal(set.rule_count, RULES_MAX);
	assert_int_equal(set.rules[RULES_MAX - 1].spec.id.device, RULES_MAX - 1);
	assert_int_equal(set.note_count, 2);
	assert_int_equal(set.notes[0].diag.code, DIAG_TOO_MANY_RULES);
	assert_int_equal(set.notes[0].diag.level, LEVEL_ERROR);
	assert_true(span_is(set.notes[0].diag.text, "10de:0400"));
	assert_int_equal(set.notes[1].diag.code, DIAG_TRAILING_COMMA);
}

static void test_too_many_notes(void **state)
{
	static char line[RULE_NOTES_MAX * 16 + 200];
	struct out out = OUT(line);

	(void)state;
	for (unsigned i = 0; i < RULE_NOTES_MAX + 3; i++)
		out_text(&out, "early-vfio.x=1 ");
	ruleset_init(&set);
	cmdline_read(out_done(&out), &set);
	assert_int_equal(set.note_count, RULE_NOTES_MAX);
	assert_int_equal(set.notes_dropped, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cutting),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_has_ids),
		cmocka_unit_test(test_kill_switch),
		cmocka_unit_test(test_module_options),
		cmocka_unit_test(test_module_options_appended),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_too_many_notes),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
