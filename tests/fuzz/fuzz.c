// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small machine for whatever rules a fuzzer comes upon, and what must hold of them.
 * Knows nothing of where the rules come from.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "fuzz.h"
#include "report_check.h"

/* Twins, one the boot display; a USB controller, a disk, a bridge, and no group for one. */
static const char machine[] =
	"device 0000:00:01.0 8086:1901 060400 group=1 bridge=01\n"
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

void fuzz_plan(struct ruleset *set)
{
	struct bench *bench = bench_ready();
	struct report report = {
		.set = set, .inv = bench->inv, .plan = bench->plan, .all = true
	};
	const char *wrong;

	inventory_init(bench->inv, bench->inv->devices);
	fake_forget_calls(bench->fake);
	for (unsigned round = 0; !plan_build(set, bench->inv, true, bench->plan);) {
		fuzz_assert(++round < 64, "planning ends");
		inventory_fill(bench->inv, &bench->fake->io, SPAN(""));
	}
	fuzz_assert(bench->fake->violation[0] == '\0', bench->fake->violation);
	fuzz_assert(fake_called(bench->fake, FAKE_WRITE, "", NULL) == 0,
		    "planning writes nothing");
	for (unsigned kind = REPORT_PLAN; kind <= REPORT_STATUS; kind++) {
		report.kind = (enum report_kind)kind;
		wrong = report_check(&report);
		fuzz_assert(!wrong, wrong);
	}
}

static bool is_in(struct span part, struct span whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

void fuzz_check_texts(const struct ruleset *set, struct span text, struct span other)
{
	for (size_t i = 0; i < set->rule_count; i++) {
		const struct rule *rule = &set->rules[i];

		fuzz_assert(is_in(rule->text, text) || is_in(rule->text, other),
			    "a rule's text is of what was read");
		fuzz_assert(rule->is_faulty || rule->is_refused ||
				    rule->diag.level > LEVEL_ERROR ||
				    rule->diag.code == DIAG_NONE,
			    "a rule with an error is no rule");
	}
	for (size_t i = 0; i < set->module_count; i++)
		fuzz_assert(is_in(set->modules[i].path, text) ||
				    is_in(set->modules[i].path, other),
			    "a module's path is of what was read");
}
