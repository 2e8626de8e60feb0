// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How planning grows with devices and rules: processor time of plan_build over made-up
 * machines, against a bare loop that reads the same files. Knows nothing of real machines.
 *
 * usage: plan [--check]
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <early-vfio/apply.h>
#include <early-vfio/scan.h>

#include "tree.h"

#define REPEATS 9
#define CONFIG_MAX (64 << 10)

static const size_t device_counts[] = { 256, 1024, 4096 };
static const size_t rule_counts[] = { 16, 64, 256 };
static const char *const kind_names[] = {
	"address",	 "id@address", "path",	   "id",    "id+slot",
	"address+group", "path+slot",  "id+group", "class", "mix",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What one planning took. */
struct cost {
	double plan_us;
	unsigned rounds;
	size_t targets;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t count_targets(const struct inventory *inv)
{
	size_t count = 0;

	for_each_device(dev, inv)
		count += dev->verdict.decision == DECISION_BIND;
	return count;
}

/* Plan once from nothing; only the time inside plan_build counts. */
static struct cost plan_once(struct io *io, struct span config, struct memory *memory)
{
	static struct ruleset set;
	struct cost cost = { 0 };
	double start;
	bool is_done;

	memset(memory, 0, sizeof(*memory));
	ruleset_init(&set);
	inventory_init(&memory->inv, memory->devices);
	config_read(config, SPAN("config"), &set);
	do {
		start = now_us();
		is_done = plan_build(&set, &memory->inv, false, &memory->plan);
		cost.plan_us += now_us() - start;
		cost.rounds++;
		if (!is_done && inventory_fill(&memory->inv, io, SPAN("")))
			errx(1, "the tree cannot be read");
	} while (!is_done);
	cost.targets = count_targets(&memory->inv);
	return cost;
}

/* The quickest of several: what else the machine does only adds. */
static struct cost plan_cost(struct io *io, enum rule_kind kind, size_t rules,
			     size_t devices)
{
	static char config[CONFIG_MAX];
	static struct memory *memory;
	struct cost best = { .plan_us = 1e12 };
	size_t len = rules_make(kind, rules, devices, config, sizeof(config));

	if (!memory)
		memory = memory_shared_alloc();
	if (!memory)
		errx(1, "no memory");
	for (int i = 0; i < REPEATS; i++) {
		struct cost cost = plan_once(io, (struct span){ config, len }, memory);

		if (cost.plan_us < best.plan_us)
			best = cost;
	}
	return best;
}

/* What the kernel alone takes: every modalias opened, read and closed, nothing kept. */
static double bare_loop(int root, size_t devices)
{
	double best = 1e12;

	for (int i = 0; i < REPEATS; i++) {
		double start = now_us();
		char path[128], text[128];

		for (size_t d = 0; d < devices; d++) {
			int fd;

			snprintf(path, sizeof(path), "%s/modalias", tree_device(d));
			fd = openat(root, path, O_RDONLY);
			if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
				err(1, "%s", path);
			close(fd);
		}
		if (now_us() - start < best)
			best = now_us() - start;
	}
	return best;
}

static unsigned failures;

static void check(bool is_checking, bool holds, const char *what)
{
	if (!is_checking)
		return;
	printf("%s: %s\n", holds ? "ok" : "not ok", what);
	failures += !holds;
}

/* Costs of MIX by devices and rules, indexed as the tables of counts. */
static struct cost costs[COUNT(device_counts)][COUNT(rule_counts)];
static double bare[COUNT(device_counts)];
/* Each rule matches hundreds of devices, and most say what one before them said. */
static struct cost by_class;

static void measure(const char *dir, size_t at, bool is_checking)
{
	struct kernel_io kernel;

	tree_make(dir, device_counts[at]);
	if (kernel_io_open(&kernel, dir))
		errx(1, "%s cannot be opened", dir);
	bare[at] = bare_loop(kernel.root, device_counts[at]);
	for (size_t r = 0; r < COUNT(rule_counts); r++) {
		struct cost *cost = &costs[at][r];

		*cost = plan_cost(&kernel.io, KIND_MIX, rule_counts[r],
				  device_counts[at]);
		printf("%7zu %6zu %8zu %7u %9.0f %13.1f %10.3f\n", device_counts[at],
		       rule_counts[r], cost->targets, cost->rounds, cost->plan_us,
		       cost->plan_us * 1e3 / (double)device_counts[at],
		       cost->plan_us / bare[at]);
	}
	if (at + 1 < COUNT(device_counts))
		return;
	if (is_checking) {
		by_class = plan_cost(&kernel.io, KIND_CLASS, 256, 4096);
		return;
	}
	printf("\nof that, 256 rules of one kind over 4096 devices:\n");
	for (int kind = 0; kind < KIND_MIX; kind++) {
		struct cost cost = plan_cost(&kernel.io, (enum rule_kind)kind, 256, 4096);

		printf("%16s %8zu %7u %9.0f\n", kind_names[kind], cost.targets,
		       cost.rounds, cost.plan_us);
	}
}

/* A step that is quadratic takes 16 times as long for 4 times as much; a linear one 4. */
static void check_growth(void)
{
	const size_t last = COUNT(rule_counts) - 1;

	check(true, costs[2][last].plan_us < 7 * costs[1][last].plan_us,
	      "4096 devices take less than 7 times as long as 1024");
	check(true, costs[2][last].plan_us < 7 * costs[2][last - 1].plan_us,
	      "256 rules take less than 7 times as long as 64");
	check(true, by_class.plan_us < 4 * costs[2][last].plan_us,
	      "rules by class take less than 4 times as long as a mix of rules");
	check(true, costs[2][last].plan_us < bare[2],
	      "256 rules over 4096 devices take less time than reading their modalias");
}

int main(int argc, char **argv)
{
	bool is_checking = argc > 1 && !strcmp(argv[1], "--check");
	const char *where = getenv("TMPDIR");
	char dir[4096];

	setlinebuf(stdout);
	snprintf(dir, sizeof(dir), "%s/early-vfio-bench-XXXXXX", where ? where : "/tmp");
	if (!mkdtemp(dir))
		err(1, "%s", dir);
	printf("devices  rules  targets  rounds   plan us  ns per device  x bare loop\n");
	for (size_t d = 0; d < COUNT(device_counts); d++) {
		char tree[4200];

		snprintf(tree, sizeof(tree), "%s/%zu", dir, device_counts[d]);
		measure(tree, d, is_checking);
	}
	tree_remove(dir);
	if (is_checking)
		check_growth();
	return failures != 0;
}
