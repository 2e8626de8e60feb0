// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small machine for whatever rules a fuzzer comes upon, and what must hold of them.
 * Knows nothing of where the rules come from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "fuzz.h"
#include "report_check.h"

/*
 * Twins, one the boot display; a USB controller, disks, a bridge, no group for one, and a
 * controller that brings a domain.
 */
static const char machine[] =
	"device 0000:00:01.0 8086:1901 060400 group=1 bridge=01\n"
	"device 0000:00:0e.0 8086:467f 010400 group=6\n"
	"device 0000:00:14.0 8086:a36d 0c0330 group=2\n"
	"device 0000:01:00.0 10de:2684 030000 group=3 boot-vga=1 "
	"bar=e0000000-e1ffffff parent=0000:00:01.0\n"
	"device 0000:01:00.1 10de:22ba 040300 group=3 parent=0000:00:01.0\n"
	"device 0000:02:00.0 10de:2684 030000 group=4 boot-vga=0\n"
	"device 0000:02:00.1 10de:22ba 040300 group=4\n"
	"device 0000:03:00.0 144d:a808 010802 group=5\n"
	"device 0000:04:00.0 8086:1533 020000\n"
	"device 10000:e1:00.0 8086:0a54 010802 group=6\n"
	"driver nvme class=010802\n"
	"driver xhci_hcd class=0c0330\n"
	"framebuffer efi-framebuffer.0 efifb e0000000-e02fffff\n"
	"vfio modular\n";

void fuzz_assert(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

struct ruleset *fuzz_rules(void)
{
	static struct ruleset set;

	ruleset_init(&set);
	return &set;
}

static struct bench *bench_ready(void)
{
	static struct bench bench;

	if (!bench.fake)
		bench_start(&bench, &(struct bench_texts){ .machine = machine });
	return &bench;
}

struct bench *fuzz_bench(void)
{
	struct bench *bench = bench_ready();

	fake_reset(bench->fake, machine);
	return bench;
}

static void plan_on(struct bench *bench, struct ruleset *set)
{
	inventory_init(bench->inv, bench->inv->devices);
	for (unsigned round = 0; !plan_build(set, bench->inv, true, bench->plan);) {
		fuzz_assert(++round < 64, "planning ends");
		inventory_fill(bench->inv, &bench->fake->io, SPAN(""));
	}
}

const struct inventory *fuzz_bench_inventory(void)
{
	static struct ruleset set;
	struct bench *bench = bench_ready();

	if (set.rule_count)
		return bench->inv;
	ruleset_init(&set);
	config_read(SPAN("bind class=03\nbind 0000:00:01.0/00.0+group\n"), SPAN("config"),
		    &set);
	plan_on(bench, &set);
	return bench->inv;
}

void fuzz_plan(struct ruleset *set)
{
	struct bench *bench = bench_ready();
	struct report report = {
		.set = set, .inv = bench->inv, .plan = bench->plan, .all = true
	};
	const char *wrong;

	fake_forget_calls(bench->fake);
	plan_on(bench, set);
	fuzz_assert(bench->fake->violation[0] == '\0', bench->fake->violation);
	fuzz_assert(fake_called(bench->fake, FAKE_WRITE, "", NULL) == 0,
		    "planning writes nothing");
	for (unsigned kind = REPORT_PLAN; kind <= REPORT_STATUS; kind++) {
		report.kind = (enum report_kind)kind;
		wrong = report_check(&report);
		fuzz_assert(!wrong, wrong);
	}
}

bool fuzz_is_in(struct span part, struct span whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

void fuzz_check_texts(const struct ruleset *set, struct span text, struct span other)
{
	for (size_t i = 0; i < set->rule_count; i++) {
		const struct rule *rule = &set->rules[i];

		fuzz_assert(fuzz_is_in(rule->text, text) || fuzz_is_in(rule->text, other),
			    "a rule's text is of what was read");
		fuzz_assert(rule->is_faulty || rule->is_refused ||
				    rule->diag.level > LEVEL_ERROR ||
				    rule->diag.code == DIAG_NONE,
			    "a rule with an error is no rule");
	}
	for (size_t i = 0; i < set->module_count; i++)
		fuzz_assert(fuzz_is_in(set->modules[i].path, text) ||
				    fuzz_is_in(set->modules[i].path, other),
			    "a module's path is of what was read");
}

struct span fuzz_text(struct span *rest)
{
	struct span text = { rest->ptr, 0 };

	span_next_field(rest, '\0', &text);
	return text;
}

char *fuzz_string(struct span *rest)
{
	struct span text = fuzz_text(rest);
	char *string = calloc(1, text.len + 1);

	if (!string)
		abort();
	if (text.len)
		memcpy(string, text.ptr, text.len);
	return string;
}

bool fuzz_is_clean(struct span text)
{
	struct span line;

	while (span_next_line(&text, &line))
		if (!is_clean_line(line))
			return false;
	return true;
}

void fuzz_directory(char *buf, size_t size)
{
	const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	snprintf(buf, size, "%s/early-vfio-fuzz.XXXXXX", parent);
	if (!mkdtemp(buf))
		abort();
}
