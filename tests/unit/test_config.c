// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The config: every directive, option and setting, what is refused of them and where, and
 * what the command line takes away. Knows nothing of files.
 */
#include "table.h"

struct row {
	const char *name;
	const char *cmdline; /* read before, as at boot */
	const char *text, *result;
};

static const struct row rows[] = {
	/* lines */
	{ "empty", "", "", "" },
	{ "blank lines and comments", "", "\n  \n\t\r\n# bind 10de:1c82\n  # more\n#",
	  "" },
	{ "no line feed at the end", "", "bind 10de:1c82",
	  "bind 10de:1c82 from conf:1\n" },
	{ "CR LF", "", "bind 10de:1c82\r\nbind 10de:0fb9\r\n",
	  "bind 10de:1c82 from conf:1\nbind 10de:0fb9 from conf:2\n" },
	{ "a comment behind a blank", "",
	  "bind 10de:1c82 # the card\nkeep class=0106\t#ours",
	  "bind 10de:1c82 from conf:1\nkeep class=0106 from conf:2\n" },
	{ "no comment without a blank", "", "bind 10de:1c82#2",
	  "faulty bind 10de:1c82#2 from conf:1: BAD_HEX 14 1c82#2\n" },
	{ "tabs and blanks", "", "\t bind \t 10de:1c82\toptional ",
	  "bind 10de:1c82 optional from conf:1\n" },
	{ "a byte order mark", "",
	  "\xef\xbb\xbf"
	  "bind 10de:1c82\nbind x",
	  "bind 10de:1c82 from conf:1\n"
	  "faulty bind x from conf:2: ID_FIELDS 5 x\n"
	  "note BYTE_ORDER_MARK 0 \\xef\\xbb\\xbf at conf:1\n" },
	{ "a byte order mark further down", "",
	  "\n\xef\xbb\xbf"
	  "bind 10de:1c82",
	  "error UNKNOWN_DIRECTIVE 0 \\xef\\xbb\\xbfbind at conf:2\n" },
	{ "a control character", "", "bind 10de:1c82\x1b[0m",
	  "faulty bind bind 10de:1c82\\x1b[0m from conf:1: BAD_CHARACTER 14 \\x1b\n" },
	{ "one in a keep", "", "keep 10de:1c82 \x02",
	  "faulty keep keep 10de:1c82 \\x02 from conf:1: BAD_CHARACTER 15 \\x02\n" },
	{ "one in a setting", "", " set timeout\v10\n",
	  "error BAD_CHARACTER 12 \\x0b at conf:1\n" },
	{ "a form feed is no blank", "", "bind\f10de:1c82",
	  "faulty bind bind\\x0c10de:1c82 from conf:1: BAD_CHARACTER 4 \\x0c\n" },
	{ "one in a comment", "", "# \x1b\nbind 10de:1c82 # \x02",
	  "bind 10de:1c82 from conf:2\n" },
	{ "unknown directive", "", "grab 10de:1c82\nbind 10de:0fb9",
	  "bind 10de:0fb9 from conf:2\nerror UNKNOWN_DIRECTIVE 0 grab at conf:1\n" },
	{ "directive in capitals", "", "  BIND 10de:1c82",
	  "error UNKNOWN_DIRECTIVE 2 BIND -> bind at conf:1\n" },
	{ "directive misspelt", "", "keeep class=0106",
	  "error UNKNOWN_DIRECTIVE 0 keeep -> keep at conf:1\n" },
	{ "nothing behind them", "", "bind\nkeep \nset\nids\nfrom # x",
	  "error MISSING_ARGUMENT 0 bind at conf:1\nerror MISSING_ARGUMENT 0 keep at conf:2\n"
	  "error MISSING_ARGUMENT 0 set at conf:3\nerror MISSING_ARGUMENT 0 ids at conf:4\n"
	  "error MISSING_ARGUMENT 0 from at conf:5\n" },

	/* bind and keep */
	{ "the file of the manual", "early-vfio.profile=gaming",
	  "# /etc/early-vfio.conf: one directive a line\n"
	  "bind 10de:2684@0000:01:00.0+slot          # the second of two equal cards\n"
	  "bind 8086:1533 optional                   # no complaint where it is missing\n"
	  "bind 1002:73df profile=gaming             # only when the boot entry says so\n"
	  "keep class=0106                           # never take a SATA controller\n"
	  "set timeout 12                            # seconds one device may take\n",
	  "profile gaming\ntimeout 12 root-wait 10\n"
	  "bind 10de:2684@0000:01:00.0+slot from conf:2\nbind 8086:1533 optional from conf:3\n"
	  "bind 1002:73df from conf:4\nkeep class=0106 from conf:5\n" },
	{ "a refusal is at its byte of the line", "", "\n  bind 04:00.08 optional",
	  "faulty bind 04:00.08 optional from conf:2: BAD_FUNCTION 13 04:00.08\n" },
	{ "an oddity is at its byte of the line", "", "bind 0000:04:00.00",
	  "bind 0000:04:00.0 from conf:1\n"
	  "note TWO_DIGIT_FUNCTION 5 0000:04:00.00 at conf:1\n" },
	{ "driver", "", "bind 15b3:101e driver=mlx5_vfio_pci",
	  "bind 15b3:101e driver=mlx5_vfio_pci from conf:1\n" },
	{ "driver with every kind of character", "", "bind 15b3:101e driver=aAzZ09-_",
	  "bind 15b3:101e driver=aAzZ09-_ from conf:1\n" },
	{ "driver=auto", "", "bind 15b3:101e driver=auto",
	  "bind 15b3:101e auto from conf:1\n" },
	{ "all options in any order", "early-vfio.profile=p",
	  "bind 15b3:101e optional profile=p driver=vfio-pci",
	  "profile p\nbind 15b3:101e optional from conf:1\n" },
	{ "driver with a slash", "", "bind 15b3:101e driver=../evil",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 driver=../evil -> "
	  "a driver's name, or auto\n" },
	{ "driver with a byte over 0x7f", "", "bind 15b3:101e driver=vfio\xe9",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 driver=vfio\\xe9 -> "
	  "a driver's name, or auto\n" },
	{ "driver empty", "", "bind 15b3:101e driver=",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 driver= -> "
	  "a driver's name, or auto\n" },
	{ "driver alone", "", "bind 15b3:101e driver vfio-pci",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 driver -> "
	  "a driver's name, or auto\n" },
	{ "optional with a value", "", "bind 15b3:101e optional=yes",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 optional=yes -> "
	  "optional alone\n" },
	{ "profile empty", "", "bind 15b3:101e profile=",
	  "faulty bind 15b3:101e from conf:1: BAD_VALUE 15 profile= -> "
	  "a name\n" },
	{ "option unknown", "", "bind 15b3:101e if-present",
	  "faulty bind 15b3:101e from conf:1: UNKNOWN_OPTION 15 if-present\n" },
	{ "option misspelt", "", "bind 15b3:101e Optional",
	  "faulty bind 15b3:101e from conf:1: UNKNOWN_OPTION 15 Optional -> optional\n" },
	{ "option twice", "", "bind 15b3:101e driver=a driver=b",
	  "faulty bind 15b3:101e driver=a from conf:1: DUPLICATE_FLAG 24 driver=b\n" },
	{ "an address for the @", "", "bind 10de:2684 0000:01:00.0",
	  "faulty bind 10de:2684 from conf:1: STRAY_ID 15 0000:01:00.0\n" },
	{ "a blank for the comma", "", "bind 10de:2684 10de:22ba",
	  "faulty bind 10de:2684 from conf:1: STRAY_ID 15 10de:22ba\n" },
	{ "keep of a list with blanks", "", "keep 0000:01:00.0 0000:02:00.0",
	  "keep 0000:01:00.0 from conf:1\nwarning STRAY_ID 18 0000:02:00.0 at conf:1\n" },
	{ "keep with a tail keeps", "", "keep 0000:01:00.0 optional",
	  "keep 0000:01:00.0 from conf:1\nerror TRAILING_TEXT 18 optional at conf:1\n" },
	{ "keep, faulty", "", "keep 0000:01:00",
	  "faulty keep 0000:01:00 from conf:1: NO_FUNCTION 15 0000:01:00\n" },

	/* lists */
	{ "a list", "", "bind 10de:1c82,10de:0fb9 optional",
	  "bind 10de:1c82 optional from conf:1\nbind 10de:0fb9 optional from conf:1\n" },
	{ "a list with blanks", "", "bind 10de:1c82, 10de:0fb9 ,10de:2291 driver=auto",
	  "bind 10de:1c82 auto from conf:1\nbind 10de:0fb9 auto from conf:1\n"
	  "bind 10de:2291 auto from conf:1\n" },
	{ "a blank around the comma", "", "keep 10de:1c82 , 10de:0fb9",
	  "keep 10de:1c82 from conf:1\nkeep 10de:0fb9 from conf:1\n" },
	{ "a trailing comma", "", "bind 10de:1c82, optional",
	  "bind 10de:1c82 optional from conf:1\nnote TRAILING_COMMA 5 10de:1c82, at conf:1\n" },
	{ "one fault of two", "", "bind 10de:1c82,10de,0fb9",
	  "bind 10de:1c82 from conf:1\n"
	  "faulty bind 10de,0fb9 from conf:1: COMMA_IN_ID 15 10de,0fb9\n" },
	{ "a comma in an id", "", "bind 10de,1c82",
	  "faulty bind 10de,1c82 from conf:1: COMMA_IN_ID 5 10de,1c82\n" },
	{ "a quoted list", "", "bind \"10de:1c82, 10de:0fb9\"",
	  "bind 10de:1c82 from conf:1\nbind 10de:0fb9 from conf:1\n"
	  "note QUOTES_STRIPPED 5 \"10de:1c82, 10de:0fb9\" at conf:1\n" },
	{ "a quoted element", "", "bind \"10de:1c82\"",
	  "bind 10de:1c82 from conf:1\nnote QUOTES_STRIPPED 5 \"10de:1c82\" at conf:1\n" },
	{ "a lone quote", "", "bind 10de:1c82\"",
	  "bind 10de:1c82 from conf:1\nwarning LONE_QUOTE 5 10de:1c82\" at conf:1\n" },
	{ "the same in a line", "", "bind 10de:1c82,10de:1c82",
	  "bind 10de:1c82 from conf:1\nnote DUPLICATE 15 10de:1c82 at conf:1\n" },
	{ "the same in two lines stays two", "",
	  "bind 10de:1c82\nbind 10de:1c82 optional",
	  "bind 10de:1c82 from conf:1\nbind 10de:1c82 optional from conf:2\n" },

	/* profiles */
	{ "another profile", "early-vfio.profile=work",
	  "bind 10de:1c82 profile=gaming\nbind 10de:0fb9 profile=work\nbind 8086:1533",
	  "profile work\nbind 10de:0fb9 from conf:2\nbind 8086:1533 from conf:3\n" },
	{ "no profile", "", "bind 10de:1c82 profile=gaming\nbind 10de:0fb9",
	  "bind 10de:0fb9 from conf:2\n" },
	{ "a prefix is another one", "early-vfio.profile=game",
	  "bind 10de:1c82 profile=gaming", "profile game\n" },
	{ "a fault is one in every profile", "", "bind 10de:1c82,01:00 profile=gaming",
	  "faulty bind 01:00 from conf:1: NO_FUNCTION 20 01:00\n" },

	/* settings */
	{ "all of them", "",
	  "set timeout 600\nset root-wait 0\nset unbound isolate\nset log debug",
	  "debug\ntimeout 600 root-wait 0\nisolate\n" },
	{ "the later one wins", "",
	  "set unbound isolate\nset unbound restore\nset timeout 5\n"
	  "set timeout 7\nset log debug\nset log info",
	  "timeout 7 root-wait 10\nrestore\n" },
	{ "an underscore", "", "set root_wait 3600", "timeout 10 root-wait 3600\n" },
	{ "timeout 0", "", "set timeout 0",
	  "error BAD_VALUE 12 0 -> 1 to 600 seconds at conf:1\n" },
	{ "timeout 601", "", "set timeout 601",
	  "error BAD_VALUE 12 601 -> 1 to 600 seconds at conf:1\n" },
	{ "timeout with a unit", "", "set timeout 10s",
	  "error BAD_VALUE 12 10s -> 1 to 600 seconds at conf:1\n" },
	{ "timeout with a unit behind a blank", "", "set timeout 10 s",
	  "error TRAILING_TEXT 15 s at conf:1\n" },
	{ "root-wait 3601", "", "set root-wait 3601",
	  "error BAD_VALUE 14 3601 -> 0 to 3600 seconds at conf:1\n" },
	{ "unbound wrong", "", "set unbound give-back",
	  "error BAD_VALUE 12 give-back -> isolate|restore at conf:1\n" },
	{ "log wrong", "", "set log Debugs",
	  "error BAD_VALUE 8 Debugs -> info|debug at conf:1\n" },
	{ "setting unknown", "", "set colour blue",
	  "error UNKNOWN_SETTING 4 colour at conf:1\n" },
	{ "setting misspelt", "", "set timeuot 10",
	  "error UNKNOWN_SETTING 4 timeuot -> timeout at conf:1\n" },
	{ "setting with an equals sign", "", "set timeout=10",
	  "error UNKNOWN_SETTING 4 timeout=10 at conf:1\n" },
	{ "setting without a value", "", "set timeout",
	  "error MISSING_ARGUMENT 4 timeout at conf:1\n" },
	{ "log of the command line wins", "early-vfio.log=debug", "set log info",
	  "debug\n" },
	{ "info of the command line wins", "early-vfio.log=info", "set log debug", "" },

	/* ids of modprobe.d */
	{ "ids", "", "ids 10de:1c82,0x10DE:fb9,",
	  "ids 10de:1c82 from conf:1\nids 10de:0fb9 from conf:1\n" },
	{ "ids, faulty", "", "ids 10de,1c82",
	  "faulty ids 10de,1c82 from conf:1: COMMA_IN_ID 4 10de,1c82\n" },
	{ "ids twice", "", "ids 10de:1c82\nids 10de:0fb9",
	  "ids 10de:1c82 from conf:1\nids 10de:0fb9 from conf:2\n"
	  "warning IDS_TWICE 4 10de:0fb9 at conf:2\n" },
	{ "bind and ids are not ids twice", "", "bind 10de:1c82\nids 10de:0fb9",
	  "bind 10de:1c82 from conf:1\nids 10de:0fb9 from conf:2\n" },
	{ "the rest of a list", "", "ids 10de:1c82, 10de:0fb9",
	  "ids 10de:1c82 from conf:1\nwarning STRAY_ID 15 10de:0fb9 at conf:1\n" },
	{ "a tail", "", "ids 10de:1c82 disable_vga=1",
	  "ids 10de:1c82 from conf:1\nerror TRAILING_TEXT 14 disable_vga=1 at conf:1\n" },
	{ "replaced by the command line", "vfio-pci.ids=8086:1533",
	  "ids 10de:1c82\nids 10de:0fb9\nbind 10de:2291",
	  "ids 8086:1533 from cmdline\nbind 10de:2291 from conf:3\n"
	  "note IDS_REPLACED 4 10de:1c82 at conf:1\n" },
	{ "replaced by none", "vfio-pci.ids=", "ids 10de:1c82",
	  "note IDS_REPLACED 4 10de:1c82 at conf:1\n" },
	{ "not replaced by early-vfio.bind", "early-vfio.bind=8086:1533", "ids 10de:1c82",
	  "bind 8086:1533 from cmdline\nids 10de:1c82 from conf:1\n" },

	/* origins */
	{ "from", "",
	  "from /etc/early-vfio.conf:4\nbind 10de:1c82\nbind x\n"
	  "from /etc/early-vfio.conf.d/gpu.conf:1\nbind 10de:0fb9",
	  "bind 10de:1c82 from /etc/early-vfio.conf:4\n"
	  "faulty bind x from /etc/early-vfio.conf:5: ID_FIELDS 5 x\n"
	  "bind 10de:0fb9 from /etc/early-vfio.conf.d/gpu.conf:1\n" },
	{ "from with a colon and a blank in the name", "",
	  "from /a b:c:7\nbind 10de:1c82", "bind 10de:1c82 from /a b:c:7\n" },
	{ "from a short name", "", "from a:7\nbind 10de:1c82",
	  "bind 10de:1c82 from a:7\n" },
	{ "from without a line", "", "from /a\nbind 10de:1c82",
	  "bind 10de:1c82 from conf:2\nerror BAD_VALUE 5 /a -> FILE:LINE at conf:1\n" },
	{ "from line 0", "", "from /a:0",
	  "error BAD_VALUE 5 /a:0 -> FILE:LINE at conf:1\n" },
	{ "from nowhere", "", "from :3",
	  "error BAD_VALUE 5 :3 -> FILE:LINE at conf:1\n" },
	{ "from a line too far", "", "from /a:2147483648",
	  "error BAD_VALUE 5 /a:2147483648 -> FILE:LINE at conf:1\n" },

	/* switched off */
	{ "config=off", "early-vfio.config=off early-vfio.bind=8086:1533",
	  "bind 10de:1c82\nkeep 8086:1533\nset timeout 5\nids 10de:0fb9\nrubbish",
	  "config off\nbind 8086:1533 from cmdline\n" },
};

static struct ruleset set;

static void test_reading(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span text = box_text(rows[i].text);
		char buf[1024];
		struct out out = OUT(buf);

		ruleset_init(&set);
		cmdline_read(span_of(rows[i].cmdline), &set);
		config_read(text, SPAN("conf"), &set);
		out_ruleset(&out, &set);
		assert_false(out.overflow);
		failed += row_differs(rows[i].name, text, out_done(&out), rows[i].result);
		unbox(text);
	}
	assert_int_equal(failed, 0);
}

/* NUL ends nothing: it is a fault of its line. */
static void test_nul(void **state)
{
	char buf[256];
	struct out out = OUT(buf);

	(void)state;
	ruleset_init(&set);
	config_read(SPAN("bind 10de:1c82\0\nset log\0debug\nbind 10de:0fb9\n\0"),
		    SPAN("conf"), &set);
	out_ruleset(&out, &set);
	assert_int_equal(row_differs("NUL", SPAN(""), out_done(&out),
				     "faulty bind bind 10de:1c82\\x00 from conf:1: "
				     "BAD_CHARACTER 14 \\x00\n"
				     "bind 10de:0fb9 from conf:3\n"
				     "error BAD_CHARACTER 7 \\x00 at conf:2\n"
				     "error BAD_CHARACTER 0 \\x00 at conf:4\n"),
			 0);
}

/* The text of a rule is as it was written, and the level of a fault an error's. */
static void test_as_written(void **state)
{
	(void)state;
	ruleset_init(&set);
	config_read(SPAN("bind 0x10DE:1c82 optional\nbind 01:00"), SPAN("conf"), &set);
	assert_int_equal(set.rule_count, 2);
	assert_true(span_is(set.rules[0].text, "0x10DE:1c82"));
	assert_int_equal(set.rules[0].source, SOURCE_CONFIG);
	assert_true(span_is(set.rules[1].text, "01:00"));
	assert_true(set.rules[1].is_faulty);
	assert_int_equal(set.rules[1].diag.level, LEVEL_ERROR);
}

/* Whatever fault it is, the rule's level is an error's. */
static void test_fault_levels(void **state)
{
	(void)state;
	ruleset_init(&set);
	config_read(SPAN("bind 10de:1c82 driver=\nbind 10de:1c82 x\nbind x\nkeep \1"),
		    SPAN("conf"), &set);
	assert_int_equal(set.rule_count, 4);
	for (size_t i = 0; i < set.rule_count; i++)
		assert_int_equal(set.rules[i].diag.level, LEVEL_ERROR);
}

/* What a set held before it was initialised does not come back. */
static void test_stale(void **state)
{
	(void)state;
	ruleset_init(&set);
	config_read(SPAN("bind x\nbind x\nbind x"), SPAN("conf"), &set);
	assert_int_equal(set.rule_count, 3);
	ruleset_init(&set);
	config_read(SPAN("bind 10de:1c82 profile=gaming"), SPAN("conf"), &set);
	assert_int_equal(set.rule_count, 0);
}

/* One file after the other, as the host reads them. */
static void test_two_files(void **state)
{
	char buf[256];
	struct out out = OUT(buf);

	(void)state;
	ruleset_init(&set);
	config_read(SPAN("bind 10de:1c82\nset timeout 5\n"), SPAN("a"), &set);
	config_read(SPAN("set timeout 6\nbind 10de:1c82\n"), SPAN("b"), &set);
	out_ruleset(&out, &set);
	assert_int_equal(row_differs("two files", SPAN(""), out_done(&out),
				     "timeout 6 root-wait 10\nbind 10de:1c82 from a:1\n"
				     "bind 10de:1c82 from b:2\n"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),	   cmocka_unit_test(test_nul),
		cmocka_unit_test(test_as_written), cmocka_unit_test(test_fault_levels),
		cmocka_unit_test(test_stale),	   cmocka_unit_test(test_two_files),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
