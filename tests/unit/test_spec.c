// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The grammar of device specifications, a row a rule, a refusal or an oddity, and the ids
 * of vfio-pci's own parameter. Knows nothing of lists, lines and sources.
 */
#include "table.h"

/* What comes out: the canonical form, or "-" where refused, and the diagnosis if any. */
struct row {
	const char *name, *text, *result;
};

static const struct row spec_rows[] = {
	/* WHAT: vendor and device */
	{ "an id", "10de:1c82", "10de:1c82" },
	{ "upper case in silence", "10DE:1C82", "10de:1c82" },
	{ "short fields", "10de:fb9", "10de:0fb9" },
	{ "one digit each side of four", "1af4:1", "1af4:0001" },
	{ "three digits and two", "10d:82", "010d:0082" },
	{ "0x with a note", "0x10de:0x1c82", "10de:1c82 HEX_PREFIX 0 0x10de" },
	{ "0X on one side", "10de:0X1C82", "10de:1c82 HEX_PREFIX 5 0X1C82" },
	{ "any device", "10de:*", "10de:*" },
	{ "any vendor", "*:1c82", "*:1c82" },
	{ "any as ffffffff", "10de:ffffffff", "10de:*" },
	{ "any as FFFFFFFF", "10de:FFFFFFFF", "10de:*" },
	{ "any as 0xffffffff", "10de:0xffffffff", "10de:*" },
	{ "ffff is a device", "10de:ffff", "10de:ffff" },
	{ "seven f are no any", "10de:fffffff", "- HEX_TOO_LONG 5 fffffff" },
	{ "nine f are no any", "10de:fffffffff", "- HEX_TOO_LONG 5 fffffffff" },
	{ "five digits", "10de:01c82", "- HEX_TOO_LONG 5 01c82" },
	{ "not hex, at its byte", "10de:1cg2", "- BAD_HEX 7 1cg2" },
	{ "not hex, vendor", "nvidia:1c82", "- BAD_HEX 0 nvidia" },
	{ "0x alone", "10de:0x", "- BAD_HEX 5 0x" },
	{ "two stars", "10de:**", "- BAD_HEX 5 **" },
	{ "a sign", "10de:-1", "- BAD_HEX 5 -1" },
	{ "empty device", "10de:", "- BAD_HEX 5 " },
	{ "empty vendor", ":1c82", "- BAD_HEX 0 " },
	{ "everything", "*:*", "- ANY_ANY 0 *:*" },
	{ "everything as ffffffff", "ffffffff:ffffffff",
	  "- ANY_ANY 0 ffffffff:ffffffff" },
	{ "everything with sub-ids", "*:*:1028:0001", "- ANY_ANY 0 *:*:1028:0001" },
	{ "everything at an address", "*:*@0000:01:00.0", "- ANY_ANY 0 *:*" },

	/* sub-ids, class, mask */
	{ "sub-ids", "10de:1c82:7377:0", "10de:1c82:7377:0000" },
	{ "any subvendor", "10de:1c82:*:0001", "10de:1c82:*:0001" },
	{ "any sub-ids are none", "10de:1c82:*:*", "10de:1c82" },
	{ "class, mask missing", "*:*:*:*:030000", "*:*:*:*:030000" },
	{ "class of five digits", "8086:*:*:*:30000:ff0000", "8086:*:*:*:030000:ff0000" },
	{ "the long form of the kernel", "8086:ffffffff:ffffffff:ffffffff:30000:ff0000",
	  "8086:*:*:*:030000:ff0000" },
	{ "mask ffffffff is all of 24 bits", "*:*:*:*:030000:ffffffff",
	  "*:*:*:*:030000" },
	{ "bits outside of the mask do not count", "*:*:*:*:030080:ff0000",
	  "*:*:*:*:030000:ff0000" },
	{ "class any", "10de:*:*:*:*", "10de:*" },
	{ "class any of anything", "*:*:*:*:*", "- ANY_ANY 0 *:*:*:*:*" },
	{ "mask 0", "10de:1c82:*:*:030000:0", "10de:1c82" },
	{ "mask 0 of anything", "*:*:*:*:030000:0", "- ANY_ANY 0 *:*:*:*:030000:0" },
	{ "mask with a star", "10de:*:*:*:030000:*", "- BAD_HEX 18 *" },
	{ "class of all ones", "*:*:*:*:ffffff", "*:*:*:*:ffffff" },
	{ "class of seven digits", "10de:*:*:*:0300000", "- HEX_TOO_LONG 11 0300000" },
	{ "0x in a class", "10de:*:*:*:0x030000",
	  "10de:*:*:*:030000 HEX_PREFIX 11 0x030000" },
	{ "one field", "10de", "- ID_FIELDS 0 10de" },
	{ "three fields", "10de:1c82:7377", "- ID_FIELDS 0 10de:1c82:7377" },
	{ "seven fields", "1:2:3:4:5:6:7", "- ID_FIELDS 0 1:2:3:4:5:6:7" },
	{ "a colon at the end", "10de:1c82:", "- ID_FIELDS 0 10de:1c82:" },
	{ "a comma in an id", "10de,1c82", "- COMMA_IN_ID 0 10de,1c82" },
	{ "a comma elsewhere", "10de:1c82,10de:0fb9",
	  "- ID_FIELDS 0 10de:1c82,10de:0fb9" },

	/* class= */
	{ "base class", "class=03", "class=03" },
	{ "class", "class=0300", "class=0300" },
	{ "class with interface", "class=0c0330", "class=0c0330" },
	{ "class in upper case", "class=0C0330", "class=0c0330" },
	{ "class with 0x", "class=0x0106", "class=0106 HEX_PREFIX 6 0x0106" },
	{ "class 00", "class=00", "class=00" },
	{ "class of one digit", "class=3", "- CLASS_DIGITS 6 3" },
	{ "class of three digits", "class=030", "- CLASS_DIGITS 6 030" },
	{ "class of eight digits", "class=00030000", "- CLASS_DIGITS 6 00030000" },
	{ "class of nine digits", "class=000030000", "- HEX_TOO_LONG 6 000030000" },
	{ "class empty", "class=", "- BAD_HEX 6 " },
	{ "class any", "class=*", "- BAD_HEX 6 *" },
	{ "class in words", "class=vga", "- BAD_HEX 6 vga" },
	{ "class with a mask", "class=0300:ffff00", "- BAD_HEX 10 0300:ffff00" },
	{ "Class=", "Class=03", "- ID_FIELDS 0 Class=03 -> class=" },
	{ "classs=", "classs=03", "- ID_FIELDS 0 classs=03 -> class=" },
	{ "class alone", "class", "- ID_FIELDS 0 class -> class=" },
	{ "driver=", "driver=03", "- ID_FIELDS 0 driver=03" },
	{ "class at an address", "class=0300@0000:01:00.0", "class=0300@0000:01:00.0" },

	/* WHERE: addresses */
	{ "an address", "0000:01:00.0", "0000:01:00.0" },
	{ "domain missing", "01:00.0", "0000:01:00.0" },
	{ "address in upper case", "0000:C1:1F.7", "0000:c1:1f.7" },
	{ "five digits of domain", "10000:e1:00.0", "10000:e1:00.0" },
	{ "eight digits of domain", "fffffffe:e1:00.0", "fffffffe:e1:00.0" },
	{ "domain of an ARM server", "0004:41:00.0", "0004:41:00.0" },
	{ "domain of a cloud", "3f7a:00:00.0", "3f7a:00:00.0" },
	{ "domain of three digits", "000:01:00.0", "- BAD_DOMAIN 0 000:01:00.0" },
	{ "domain of nine digits", "000000000:01:00.0",
	  "- BAD_DOMAIN 0 000000000:01:00.0" },
	{ "domain not hex", "00x0:01:00.0", "- BAD_DOMAIN 2 00x0:01:00.0" },
	{ "domain empty", ":01:00.0", "- BAD_DOMAIN 0 :01:00.0" },
	{ "one digit of bus", "1:00.0", "0000:01:00.0 ONE_DIGIT_BUS 0 1:00.0" },
	{ "one digit of device", "01:0.0", "0000:01:00.0 ONE_DIGIT_BUS 0 01:0.0" },
	{ "three digits of bus", "0000:001:00.0", "- BAD_BUS 5 0000:001:00.0" },
	{ "bus not hex", "0000:g1:00.0", "- BAD_BUS 5 0000:g1:00.0" },
	{ "bus empty", "0000::00.0", "- BAD_BUS 5 0000::00.0" },
	{ "an id with a function", "10de:1c82.0", "- BAD_BUS 0 10de:1c82.0" },
	{ "device 20", "01:20.0", "- BAD_DEVICE 3 01:20.0" },
	{ "device empty", "01:.0", "- BAD_DEVICE 3 01:.0" },
	{ "device of three digits", "01:001.0", "- BAD_DEVICE 3 01:001.0" },
	{ "device not hex", "01:0x.0", "- BAD_DEVICE 4 01:0x.0" },
	{ "two digits of function", "0000:04:00.00",
	  "0000:04:00.0 TWO_DIGIT_FUNCTION 0 0000:04:00.00" },
	{ "function 08", "0000:04:00.08", "- BAD_FUNCTION 11 0000:04:00.08" },
	{ "function 9", "0000:04:00.9", "- BAD_FUNCTION 11 0000:04:00.9" },
	{ "function of three digits", "04:00.000", "- BAD_FUNCTION 6 04:00.000" },
	{ "function empty", "04:00.", "- BAD_FUNCTION 6 04:00." },
	{ "function not hex", "04:00.0x", "- BAD_FUNCTION 7 04:00.0x" },
	{ "all functions", "04:00.*", "- BAD_FUNCTION 6 04:00.*" },
	{ "function missing", "01:00", "- NO_FUNCTION 5 01:00" },
	{ "function missing, short", "1:0", "- NO_FUNCTION 3 1:0" },
	{ "function missing, with domain", "0000:01:00", "- NO_FUNCTION 10 0000:01:00" },
	{ "function missing, long domain", "10000:e1:00",
	  "- NO_FUNCTION 11 10000:e1:00" },
	{ "a colon for the dot", "0000:01:00:0", "- COLON_FUNCTION 12 0000:01:00:0" },
	{ "a colon for the dot, without domain", "01:00:0",
	  "- COLON_FUNCTION 7 01:00:0" },
	{ "a colon for the dot, long domain", "10000:e1:00:0+slot",
	  "- COLON_FUNCTION 13 10000:e1:00:0" },
	{ "a colon for the dot, and a short domain", "000:01:00:0",
	  "0000:0001:0000:0000" },
	{ "four fields that are no address", "10de:2684:1043:1", "10de:2684:1043:0001" },
	{ "too many colons", "0:0000:01:00.0", "- BAD_DOMAIN 0 0:0000:01:00.0" },
	{ "only device and function", "00.0", "- BAD_WHERE 0 00.0" },
	{ "a path of sysfs", "/sys/bus/pci/devices/0000:01:00.0",
	  "- BAD_WHERE 0 /sys/bus/pci/devices/0000:01:00.0" },

	/* WHERE: paths */
	{ "a path", "0000:00:02.0/00.0", "0000:00:02.0/00.0" },
	{ "a path without domain", "00:08.1/00.3", "0000:00:08.1/00.3" },
	{ "eight hops", "00:02.0/00.0/01.1/02.2/03.3/04.4/05.5/06.6/1f.7",
	  "0000:00:02.0/00.0/01.1/02.2/03.3/04.4/05.5/06.6/1f.7" },
	{ "nine hops", "00:02.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0",
	  "- TOO_MANY_HOPS 40 00:02.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0/0.0" },
	{ "a hop of one digit", "00:02.0/0.0",
	  "0000:00:02.0/00.0 ONE_DIGIT_BUS 0 00:02.0/0.0" },
	{ "a hop with two of function", "00:02.0/00.01",
	  "0000:00:02.0/00.1 TWO_DIGIT_FUNCTION 0 00:02.0/00.01" },
	{ "a hop with device 20", "00:02.0/20.0", "- BAD_DEVICE 8 00:02.0/20.0" },
	{ "a hop with function 8", "00:02.0/00.8", "- BAD_FUNCTION 11 00:02.0/00.8" },
	{ "a hop without function", "00:02.0/00", "- NO_FUNCTION 10 00:02.0/00" },
	{ "a hop with a bus", "00:02.0/01:00.0", "- BAD_DEVICE 10 00:02.0/01:00.0" },
	{ "an empty hop", "00:02.0//00.0", "- NO_FUNCTION 8 00:02.0/" },
	{ "a slash at the end", "00:02.0/", "- BAD_WHERE 0 00:02.0/" },
	{ "a path from a slash", "/00.0", "- BAD_WHERE 0 /00.0" },
	{ "a start without function", "0000:00:02/00.0", "- NO_FUNCTION 10 0000:00:02" },
	{ "a start with a colon for the dot", "00:02:0/00.0",
	  "- COLON_FUNCTION 7 00:02:0" },
	{ "a hop with a colon for the dot", "00:02.0/00:0",
	  "- COLON_FUNCTION 12 00:02.0/00:0" },
	{ "a path of an importer", "00_08.1-00_00.3", "- BAD_WHERE 0 00_08.1-00_00.3" },

	/* WHERE: the boot display */
	{ "boot-vga", "boot-vga", "boot-vga" },
	{ "not-boot-vga", "not-boot-vga", "not-boot-vga" },
	{ "as sysfs spells it", "boot_vga", "boot-vga" },
	{ "case", "Boot-VGA", "- BAD_WHERE 0 Boot-VGA -> boot-vga" },
	{ "a letter short", "bootvga", "- BAD_WHERE 0 bootvga -> boot-vga" },
	{ "swapped", "not-boot-vag", "- BAD_WHERE 0 not-boot-vag -> not-boot-vga" },
	{ "something else", "primary", "- ID_FIELDS 0 primary" },

	/* guards */
	{ "a guarded address", "10de:2684@0000:01:00.0", "10de:2684@0000:01:00.0" },
	{ "a guarded path", "10de:2684@00:02.0/00.0", "10de:2684@0000:00:02.0/00.0" },
	{ "a guard on boot-vga", "1002:73df@boot-vga", "1002:73df@boot-vga" },
	{ "any device elsewhere", "10de:*@not-boot-vga", "10de:*@not-boot-vga" },
	{ "short fields before @ are an id", "10:20@01:00.0", "0010:0020@0000:01:00.0" },
	{ "a guard without function", "10de:2684@01:00", "- NO_FUNCTION 15 01:00" },
	{ "a guard with a colon for the dot", "10de:2684@0000:01:00:0",
	  "- COLON_FUNCTION 22 0000:01:00:0" },
	{ "nothing behind @", "10de:2684@", "- BAD_WHERE 10 " },
	{ "nothing before @", "@0000:01:00.0", "- EMPTY 0 " },
	{ "an id behind @", "10de:2684@10de:2684", "- BAD_BUS 10 10de:2684" },
	{ "two places", "10de:2684@01:00.0@02:00.0", "- BAD_WHERE 10 01:00.0@02:00.0" },
	{ "an address before @", "01:00.0@10de:2684", "- BAD_HEX 5 00.0" },
	{ "near behind @", "10de:2684@Boot-vga", "- BAD_WHERE 10 Boot-vga -> boot-vga" },
	{ "a word behind @", "10de:2684@slot", "- BAD_WHERE 10 slot" },

	/* flags */
	{ "slot", "10de:2684+slot", "10de:2684+slot" },
	{ "group", "0000:01:00.0+group", "0000:01:00.0+group" },
	{ "force", "class=0300+force", "class=0300+force" },
	{ "all of them, in their own order", "10de:2684@01:00.0+force+group+slot",
	  "10de:2684@0000:01:00.0+slot+group+force" },
	{ "flag in capitals", "10de:2684+Slot", "- UNKNOWN_FLAG 10 Slot -> slot" },
	{ "flag misspelt", "10de:2684+slots", "- UNKNOWN_FLAG 10 slots -> slot" },
	{ "flag unknown", "10de:2684+all", "- UNKNOWN_FLAG 10 all" },
	{ "flag empty", "10de:2684+", "- UNKNOWN_FLAG 10 " },
	{ "flag empty between", "10de:2684++slot", "- UNKNOWN_FLAG 10 " },
	{ "flag twice", "10de:2684+slot+slot", "- DUPLICATE_FLAG 15 slot" },
	{ "place behind a flag", "10de:2684+slot@01:00.0",
	  "- UNKNOWN_FLAG 10 slot@01:00.0" },
	{ "a flag alone", "+slot", "- EMPTY 0 " },

	/* quotes and other bytes */
	{ "double quotes", "\"10de:1c82\"", "10de:1c82 QUOTES_STRIPPED 0 \"10de:1c82\"" },
	{ "single quotes", "'10de:1c82'", "10de:1c82 QUOTES_STRIPPED 0 '10de:1c82'" },
	{ "a lone quote in front", "\"10de:1c82", "10de:1c82 LONE_QUOTE 0 \"10de:1c82" },
	{ "a lone quote behind", "10de:1c82'", "10de:1c82 LONE_QUOTE 0 10de:1c82'" },
	{ "quotes that differ", "\"10de:1c82'", "- BAD_HEX 10 1c82'" },
	{ "quotes inside", "10de:\"1c82\"", "- BAD_HEX 5 \"1c82" },
	{ "quotes and a refusal", "'10de:1cg2'", "- BAD_HEX 8 1cg2" },
	{ "quotes alone", "\"\"", "- EMPTY 1 " },
	{ "one quote alone", "'", "- EMPTY 1 " },
	{ "nothing", "", "- EMPTY 0 " },
	{ "a blank inside", "10de: 1c82", "- BAD_CHARACTER 5  " },
	{ "CR", "10de:1c82\r", "- BAD_CHARACTER 9 \\x0d" },
	{ "a control character", "10de\x01:1c82", "- BAD_CHARACTER 4 \\x01" },
	{ "DEL", "10de:1c82\x7f", "- BAD_CHARACTER 9 \\x7f" },
	{ "a no-break space of UTF-8", "10de:1c82\xc2\xa0", "- BAD_CHARACTER 9 \\xc2" },
	{ "a typographic quote",
	  "\xe2\x80\x9c"
	  "10de:1c82",
	  "- BAD_CHARACTER 0 \\xe2" },
};

static const struct row kernel_rows[] = {
	{ "an id", "10de:1c82", "10de:1c82" },
	{ "0x and capitals in silence", "0x10DE:0X1C82", "10de:1c82" },
	{ "short", "10DE:fb9", "10de:0fb9" },
	{ "zeroes in front", "000010de:00001c82", "10de:1c82" },
	{ "sub-ids", "10de:1c82:7377:0000", "10de:1c82:7377:0000" },
	{ "three fields", "10de:1c82:7377", "10de:1c82:7377:*" },
	{ "class and mask", "8086:ffffffff:ffffffff:ffffffff:30000:ff0000",
	  "8086:*:*:*:030000:ff0000" },
	{ "a class without mask is every class", "8086:1533:ffffffff:ffffffff:30000",
	  "8086:1533" },
	{ "mask ffffffff", "ffffffff:ffffffff:ffffffff:ffffffff:30000:ffffffff",
	  "*:*:*:*:030000" },
	{ "any as 0xffffffff", "10de:0xffffffff", "10de:*" },
	{ "overflow wraps to any", "10de:1ffffffff", "10de:*" },
	{ "blanks in front of fields", " 10de: 1c82", "10de:1c82" },
	{ "a blank behind", "10de:1c82 ", "10de:1c82" },
	{ "a blank before the colon", "10de :1c82", "- BAD_HEX 4 10de " },
	{ "text behind", "10de:1c82-gpu", "10de:1c82 IDS_TRAILING 9 -gpu" },
	{ "text behind that is hex", "10de:1c82foo", "- HEX_TOO_LONG 0 10de:1c82foo" },
	{ "a flag behind", "10de:1c82+slot", "10de:1c82 IDS_TRAILING 9 +slot" },
	{ "a colon behind", "10de:1c82:", "10de:1c82 IDS_TRAILING 9 :" },
	{ "a seventh field", "10de:1c82:1:2:3:4:5",
	  "10de:1c82:0001:0002:000000:000004 IDS_TRAILING 17 :5" },
	{ "0x without digits is 0", "10de:0x", "10de:0000" },
	{ "a dot for the colon", "10de.1c82", "- ID_FIELDS 0 10de.1c82" },
	{ "a dash for the colon", "10de-1c82", "- ID_FIELDS 0 10de-1c82" },
	{ "a letter for a digit", "10de:lc82", "- BAD_HEX 5 lc82" },
	{ "brackets", "[10de:1c82]", "- BAD_HEX 0 [10de" },
	{ "a star", "10de:*", "- BAD_HEX 0 10de:*" },
	{ "a name", "nvidia:1c82", "- BAD_HEX 0 nvidia" },
	{ "one field", "10de", "- ID_FIELDS 0 10de" },
	{ "an address", "0000:01:00.0", "- ADDRESS_IN_IDS 0 0000:01:00.0" },
	{ "an address without domain", "01:00.0", "- ADDRESS_IN_IDS 0 01:00.0" },
	{ "five digits match nothing", "10de:11c82", "- HEX_TOO_LONG 0 10de:11c82" },
	{ "five digits of sub-id match nothing", "10de:1c82:1:10000",
	  "- HEX_TOO_LONG 0 10de:1c82:1:10000" },
	{ "a class of seven digits matches nothing", "10de:1c82:1:2:1000000:ffffffff",
	  "- HEX_TOO_LONG 0 10de:1c82:1:2:1000000:ffffffff" },
	{ "everything", "ffffffff:ffffffff", "- ANY_ANY 0 ffffffff:ffffffff" },
	{ "everything by a class without mask",
	  "ffffffff:ffffffff:ffffffff:ffffffff:30000",
	  "- ANY_ANY 0 ffffffff:ffffffff:ffffffff:ffffffff:30000" },
	{ "a comma", "10de,1c82", "- COMMA_IN_ID 0 10de,1c82" },
	{ "quotes", "'10de:1c82'", "10de:1c82 QUOTES_STRIPPED 0 '10de:1c82'" },
	{ "a lone quote", "10de:228e\"", "10de:228e LONE_QUOTE 0 10de:228e\"" },
	{ "nothing", "", "- EMPTY 0 " },
	{ "a byte behind", "10de:1c82\xa0", "10de:1c82 IDS_TRAILING 9 \\xa0" },
};

typedef bool parser(struct span, struct spec *, struct diag *);

static struct span describe(char *buf, size_t cap, struct span text, parser *parse)
{
	struct out out = { .buf = buf, .cap = cap };
	struct spec spec;
	struct diag diag = { .code = DIAG_COUNT };

	if (parse(text, &spec, &diag)) {
		out_spec(&out, &spec);
		assert_true(diag.code < DIAG_STRAY_ID);
	} else {
		out_char(&out, '-');
		assert_true(diag.code >= DIAG_STRAY_ID && diag.level == LEVEL_ERROR);
	}
	if (diag.code) {
		out_char(&out, ' ');
		out_diag_fields(&out, &diag);
	}
	assert_false(out.overflow);
	return out_done(&out);
}

static unsigned check(const struct row *rows, size_t count, parser *parse)
{
	unsigned failed = 0;
	char buf[256];

	for (size_t i = 0; i < count; i++) {
		struct span text = box_text(rows[i].text);

		failed += row_differs(rows[i].name, text,
				      describe(buf, sizeof(buf), text, parse),
				      rows[i].result);
		unbox(text);
	}
	return failed;
}

static void test_grammar(void **state)
{
	(void)state;
	assert_int_equal(check(spec_rows, COUNT(spec_rows), spec_parse), 0);
}

static void test_kernel_ids(void **state)
{
	(void)state;
	assert_int_equal(check(kernel_rows, COUNT(kernel_rows), spec_parse_kernel_id), 0);
}

/* The canonical form of whatever is accepted parses to the same value, without a note. */
static unsigned check_canonical(const struct row *row, parser *parse)
{
	struct spec spec, again;
	struct diag diag;
	char buf[128];
	struct out out = OUT(buf);

	if (!parse(span_of(row->text), &spec, &diag))
		return 0;
	out_spec(&out, &spec);
	if (!out.overflow && spec_parse(out_done(&out), &again, &diag) && !diag.code &&
	    spec_equals(&spec, &again) && again.id.class_mask == spec.id.class_mask)
		return 0;
	print_error("canonical form of %s: %.*s\n", row->text, (int)out.len, buf);
	return 1;
}

static void test_canonical(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(spec_rows); i++)
		failed += check_canonical(&spec_rows[i], spec_parse);
	for (size_t i = 0; i < COUNT(kernel_rows); i++)
		failed += check_canonical(&kernel_rows[i], spec_parse_kernel_id);
	assert_int_equal(failed, 0);
}

/* A refused text leaves the value alone. */
static void test_written_on_success_only(void **state)
{
	struct spec spec, before;
	struct diag diag;

	(void)state;
	memset(&spec, 0x5a, sizeof(spec));
	before = spec;
	for (size_t i = 0; i < COUNT(spec_rows); i++) {
		if (spec_rows[i].result[0] != '-')
			continue;
		assert_false(spec_parse(span_of(spec_rows[i].text), &spec, &diag));
		assert_memory_equal(&spec, &before, sizeof(spec));
	}
}

/* Pairs that differ in one part each, and some that only look different. */
static const struct {
	const char *a, *b;
	bool is_equal;
} pairs[] = {
	{ "10de:1c82", "0x10DE:1C82", true },
	{ "01:00.0", "0000:01:00.0", true },
	{ "10de:1c82:*:*", "10de:1c82", true },
	{ "01:00.0+slot+force", "01:00.0+force+slot", true },
	{ "10de:1c82", "10de:1c83", false },
	{ "10de:1c82", "10df:1c82", false },
	{ "10de:1c82", "10de:*", false },
	{ "10de:1c82:1:2", "10de:1c82:1:3", false },
	{ "10de:1c82:1:2", "10de:1c82:2:2", false },
	{ "class=0300", "class=03", false },
	{ "class=0300", "class=0301", false },
	{ "01:00.0", "01:00.1", false },
	{ "01:00.0", "boot-vga", false },
	{ "boot-vga", "not-boot-vga", false },
	{ "01:00.0", "01:00.0+slot", false },
	{ "01:00.0", "01:00.0/00.0", false },
	{ "01:00.0/00.0", "01:00.0/00.1", false },
	{ "01:00.0/00.0", "01:00.0/01.0", false },
	{ "10de:1c82@01:00.0", "01:00.0", false },
	{ "10de:1c82@01:00.0", "10de:1c82", false },
};

static void test_equality(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct spec a, b;
		struct diag diag;

		assert_true(spec_parse(span_of(pairs[i].a), &a, &diag));
		assert_true(spec_parse(span_of(pairs[i].b), &b, &diag));
		if (spec_equals(&a, &b) != pairs[i].is_equal ||
		    spec_equals(&b, &a) != pairs[i].is_equal)
			fail_msg("%s, %s", pairs[i].a, pairs[i].b);
		assert_true(spec_equals(&a, &a));
	}
}

/* The fields behind the text, for those rows where the text cannot show them. */
static void test_fields(void **state)
{
	struct spec spec;
	struct diag diag;

	(void)state;
	assert_true(spec_parse(SPAN("class=0c03"), &spec, &diag));
	assert_true(spec.has_id);
	assert_int_equal(spec.id.vendor, PCI_ANY);
	assert_int_equal(spec.id.subdevice, PCI_ANY);
	assert_int_equal(spec.id.class, 0x0c0300);
	assert_int_equal(spec.id.class_mask, 0xffff00);
	assert_int_equal(spec.where, WHERE_ANY);

	assert_true(spec_parse(SPAN("10000:e1:1f.7/01.2+group"), &spec, &diag));
	assert_false(spec.has_id);
	assert_int_equal(spec.id.vendor, PCI_ANY);
	assert_int_equal(spec.id.class_mask, 0);
	assert_int_equal(spec.where, WHERE_PATH);
	assert_int_equal(spec.start.domain, 0x10000);
	assert_int_equal(spec.start.bus, 0xe1);
	assert_int_equal(spec.start.dev, 0x1f);
	assert_int_equal(spec.start.fn, 7);
	assert_int_equal(spec.hop_count, 1);
	assert_int_equal(spec.hops[0].dev, 1);
	assert_int_equal(spec.hops[0].fn, 2);
	assert_int_equal(spec.flags, SPEC_GROUP);

	assert_true(
		spec_parse(SPAN("10de:*:1:2:030000:ff0000@not-boot-vga"), &spec, &diag));
	assert_int_equal(spec.id.device, PCI_ANY);
	assert_int_equal(spec.id.subvendor, 1);
	assert_int_equal(spec.id.subdevice, 2);
	assert_int_equal(spec.where, WHERE_NOT_BOOT_VGA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_kernel_ids),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_written_on_success_only),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
