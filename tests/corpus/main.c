// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The properties over machine files named as arguments, with what was counted; or with
 * --statistics what the machines say of ids and guards. Knows nothing of where the files
 * come from.
 */
#include <stdio.h>
#include <string.h>

#include "lab.h"

static const char *const count_names[COUNTS] = {
	[COUNT_MACHINES] = "machines",
	[COUNT_DEVICES] = "devices",
	[COUNT_TREES] = "machines whose bridges are known",
	[COUNT_PAIRS] = "ordered pairs of twins",
	[COUNT_SPECS] = "plans",
	[COUNT_PATHS] = "paths through bridges",
	[COUNT_RENUMBERED] = "machines renumbered",
	[COUNT_MOVED] = "devices moved by that",
	[COUNT_MET_TWIN] = "guards that met a twin there",
	[COUNT_WRONG] = "wrong selections",
};

static struct lab lab;
static struct record record;

static bool read_file(const char *name)
{
	static char text[1 << 20];
	FILE *file = fopen(name, "r");
	const char *slash = strrchr(name, '/');
	size_t len;

	if (!file) {
		printf("%s: cannot be opened\n", name);
		return false;
	}
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	return record_read(&record, slash ? slash + 1 : name, (struct span){ text, len });
}

static void try_machine(void)
{
	lab.counts[COUNT_MACHINES]++;
	lab.counts[COUNT_DEVICES] += record.inv.count;
	lab.counts[COUNT_TREES] += record_has_tree(&record);
	each_device_holds(&lab, &record);
	twins_hold(&lab, &record);
	classes_hold(&lab, &record);
	renumbering_holds(&lab, &record);
}

int main(int argc, char **argv)
{
	bool is_statistics = argc > 1 && !strcmp(argv[1], "--statistics");

	for (int i = 1 + is_statistics; i < argc; i++) {
		if (!read_file(argv[i]))
			return 1;
		if (is_statistics)
			statistics_add(&lab, &record);
		else
			try_machine();
	}
	if (is_statistics) {
		statistics_print();
		return 0;
	}
	for (size_t i = 0; i < COUNTS; i++)
		printf("%s%lu %s", i ? ", " : "", lab.counts[i], count_names[i]);
	printf("\n");
	return lab.counts[COUNT_WRONG] || !lab.counts[COUNT_SPECS];
}
