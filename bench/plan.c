// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How planning grows with devices and rules: processor time of plan_build over made-up
 * machines, against a bare loop that reads the same files. Knows nothing of real machines.
 *
 * usage: plan               a table
 *        plan --make DIR    only the machines, as files
 *        plan --count DIR   plans for those in DIR once, without a clock: for one that counts the
 *                           instructions of plan_build and bare_loop, and writes them down after
 *                           each plan_once and bare_loop. It is told by a line what each was
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

#define CONFIG_MAX (64 << 10)
/* What is counted bears its own name in the program. */
#define COUNTED __attribute__((noinline))

static const size_t device_counts[] = { 256, 1024, 4096 };
static const size_t rule_counts[] = { 16, 64, 256 };
static const char *const kind_names[] = {
	"address",	 "id@address", "path",	   "id",    "id+slot",
	"address+group", "path+slot",  "id+group", "class", "mix",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The quickest of several counts: what else the machine does only adds. */
static int repeats = 9;

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
static COUNTED struct cost plan_once(struct io *io, struct span config,
				     struct memory *memory)
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
	for (int i = 0; i < repeats; i++) {
		struct cost cost = plan_once(io, (struct span){ config, len }, memory);

		if (cost.plan_us < best.plan_us)
			best = cost;
	}
	return best;
}

/* What the kernel alone takes: every modalias opened, read and closed, nothing kept. */
static COUNTED double bare_loop(int root, size_t devices)
{
	double best = 1e12;

	for (int i = 0; i < repeats; i++) {
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

static void print_cost(const char *kind, size_t rules, size_t devices,
		       const struct cost *cost, double bare_us)
{
	printf("%16s %7zu %6zu %8zu %7u %9.0f %13.1f %10.3f\n", kind, devices, rules,
	       cost->targets, cost->rounds, cost->plan_us,
	       cost->plan_us * 1e3 / (double)devices, cost->plan_us / bare_us);
}

static void kernel_open(struct kernel_io *kernel, const char *top, size_t devices)
{
	char dir[4200];

	snprintf(dir, sizeof(dir), "%s/%zu", top, devices);
	if (kernel_io_open(kernel, dir))
		errx(1, "%s cannot be opened", dir);
}

static void make_tree(const char *top, size_t devices)
{
	char dir[4200];

	snprintf(dir, sizeof(dir), "%s/%zu", top, devices);
	tree_make(dir, devices);
}

/* A mix of rules over one machine; over the largest also all of them of one kind. */
static void measure(const char *top, size_t devices, bool is_largest)
{
	const size_t most = rule_counts[COUNT(rule_counts) - 1];
	struct kernel_io kernel;
	struct cost cost;
	double bare;

	kernel_open(&kernel, top, devices);
	bare = bare_loop(kernel.root, devices);
	for (size_t r = 0; r < COUNT(rule_counts); r++) {
		cost = plan_cost(&kernel.io, KIND_MIX, rule_counts[r], devices);
		print_cost(kind_names[KIND_MIX], rule_counts[r], devices, &cost, bare);
	}
	for (int kind = 0; is_largest && kind < KIND_MIX; kind++) {
		cost = plan_cost(&kernel.io, (enum rule_kind)kind, most, devices);
		print_cost(kind_names[kind], most, devices, &cost, bare);
	}
}

static void table(void)
{
	const char *where = getenv("TMPDIR");
	char top[4096];

	snprintf(top, sizeof(top), "%s/early-vfio-bench-XXXXXX", where ? where : "/tmp");
	if (!mkdtemp(top))
		err(1, "%s", top);
	printf("            kind devices  rules  targets  rounds   plan us  ns per device"
	       "  x bare loop\n");
	for (size_t d = 0; d < COUNT(device_counts); d++) {
		make_tree(top, device_counts[d]);
		measure(top, device_counts[d], d + 1 == COUNT(device_counts));
	}
	tree_remove(top);
}

static void count_kind(const char *top, int kind, size_t rules, size_t devices)
{
	struct kernel_io kernel;

	kernel_open(&kernel, top, devices);
	plan_cost(&kernel.io, (enum rule_kind)kind, rules, devices);
	printf("%s %zu %zu\n", kind_names[kind], rules, devices);
	close(kernel.root);
}

/* Each kind of rules, and half of the rules, and half of the devices. */
static void count(const char *top)
{
	const size_t devices = device_counts[COUNT(device_counts) - 1];
	const size_t rules = rule_counts[COUNT(rule_counts) - 1];
	struct kernel_io kernel;

	repeats = 1;
	kernel_open(&kernel, top, devices);
	bare_loop(kernel.root, devices);
	printf("bare 0 %zu\n", devices);
	for (int kind = 0; kind <= KIND_MIX; kind++) {
		count_kind(top, kind, rules, devices);
		count_kind(top, kind, rules / 2, devices);
		count_kind(top, kind, rules, devices / 2);
	}
}

int main(int argc, char **argv)
{
	const size_t devices = device_counts[COUNT(device_counts) - 1];

	setlinebuf(stdout);
	if (argc == 1) {
		table();
	} else if (argc == 3 && !strcmp(argv[1], "--count")) {
		count(argv[2]);
	} else if (argc == 3 && !strcmp(argv[1], "--make")) {
		make_tree(argv[2], devices);
		make_tree(argv[2], devices / 2);
	} else {
		return 2;
	}
	return 0;
}
