// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold of every run: of the machine as it is, of what the verdicts say, and of what
 * is told. Knows nothing of how it came about.
 */
#include <stdio.h>
#include <string.h>

#include "report_check.h"
#include "soak.h"

#define TICK_MS 250

const char *const property_names[PROPERTY_COUNT] = {
	"ends within its deadlines",
	"touches only what the plan chose",
	"loses nothing but the device that hangs",
	"never touches again what hung",
	"knows what goes and comes with a controller",
	"leaves what is kept or protected with its driver",
	"binds every target where nothing goes wrong",
	"leaves what it cannot bind as promised",
	"unbinds nothing for want of a module",
	"tells exactly what is",
	"does the same when run twice",
	"brings the first state back on release",
};

bool expect(struct soak *soak, enum property property, bool holds, const char *what,
	    const struct bdf *where)
{
	char address[BDF_TEXT_MAX] = "";
	struct out out = OUT(address);

	soak->checked[property]++;
	if (holds || soak->wrong[0])
		return holds;
	if (where) {
		out_bdf(&out, *where);
		out_char(&out, '\0');
	}
	soak->broken = property;
	snprintf(soak->wrong, sizeof(soak->wrong), "%s%s%s", address, where ? ": " : "",
		 what);
	return false;
}

static uint32_t choice_at(const struct inventory *inv, struct bdf bdf)
{
	int at = inventory_find(inv, bdf);
	const struct verdict *verdict = at < 0 ? NULL : &inv->devices[at].verdict;

	return verdict ? (uint32_t)verdict->decision << 16 | verdict->rule : RULE_NONE;
}

void snapshot_take(struct snapshot *snapshot, const struct bench *bench)
{
	const struct fake *fake = bench->fake;

	for (unsigned i = 0; i < fake->device_count; i++) {
		snapshot->devices[i].driver = fake->devices[i].driver;
		snapshot->devices[i].is_gone = fake->devices[i].is_gone;
		snapshot->devices[i].choice = choice_at(bench->inv, fake->devices[i].bdf);
		memcpy(snapshot->devices[i].override, fake->devices[i].override,
		       sizeof(snapshot->devices[i].override));
	}
	snapshot->has_framebuffer = fake->framebuffer.is_there &&
				    fake->framebuffer.is_bound;
}

static bool is_vfio(const struct fake *fake, int driver)
{
	return driver >= 0 && driver_is_vfio(span_of(fake->drivers[driver].name));
}

/* A hang costs its device's timeout, a crash a tick, and all of it 30 seconds. */
static void check_deadline(struct soak *soak)
{
	uint32_t timeout_ms = soak->bench.set->settings.timeout_s * 1000 + 2 * TICK_MS;
	uint32_t elapsed_ms = soak->watched.elapsed_ms;

	expect(soak, PROPERTY_ENDS, elapsed_ms <= RUN_DEADLINE_S * 1000 + TICK_MS,
	       "the run took longer than its deadline", NULL);
	expect(soak, PROPERTY_ENDS, elapsed_ms <= soak->watched.children * timeout_ms,
	       "a hang took longer than its timeout", NULL);
}

/* What the plan did not choose: by the verdict, the writes and the driver. */
static void check_bystander(struct soak *soak, const struct device *dev, unsigned at)
{
	const struct fake_device *real = &soak->bench.fake->devices[at];

	if (plan_releases(soak->bench.inv, soak->bench.plan, dev))
		return;
	expect(soak, PROPERTY_CHOSEN, real->write_count == 0,
	       "written to, though the plan did not choose it", &real->bdf);
	expect(soak, PROPERTY_CHOSEN, real->lost_count == 0,
	       "lost its driver, though the plan did not choose it", &real->bdf);
}

/* What came anew has whatever driver the kernel gave it. */
static bool has_driver_of(const struct fake_device *real, int before)
{
	return before < 0 || real->driver == before || real->came_count > 0;
}

/*
 * Did it go with a controller that was there all the while, in a run where all could be read?
 * Only groups tell what brings it.
 */
static bool was_taken_along(const struct soak *soak, unsigned i)
{
	const struct fake *fake = soak->bench.fake;
	const struct fake_device *real = &fake->devices[i];

	return soak->is_clean && real->has_modalias && real->group >= 0 &&
	       real->is_away && !soak->before.devices[i].is_gone &&
	       !fake->devices[real->controller].is_gone;
}

/* By the texts alone: no plan has a hand in it. */
static void check_sworn(struct soak *soak, struct bdf bdf)
{
	const struct fake *fake = soak->bench.fake;

	for (unsigned i = 0; i < fake->device_count; i++) {
		const struct fake_device *real = &fake->devices[i];
		int before = soak->before.devices[i].driver;

		/* With ids= that could not be taken back the kernel itself binds what comes. */
		if (!bdf_equals(real->bdf, bdf) || is_vfio(fake, before) ||
		    (real->came_count && !soak->is_clean))
			continue;
		expect(soak, PROPERTY_GUARDED, !was_taken_along(soak, i),
		       "kept or protected, and gone with its controller", &bdf);
		if (real->is_gone)
			continue;
		expect(soak, PROPERTY_GUARDED,
		       real->lost_count == 0 && has_driver_of(real, before) &&
			       !is_vfio(fake, real->driver) && real->override[0] == '\0',
		       "kept or protected, and touched", &bdf);
	}
}

/* As far as the plan goes: is the driver of the device at `at` to be taken away? */
static bool is_chosen(const struct soak *soak, int at)
{
	const struct inventory *inv = soak->bench.inv;
	int index = inventory_find(inv, soak->bench.fake->devices[at].bdf);

	return index >= 0 && (inv->devices[index].verdict.decision == DECISION_BIND ||
			      plan_releases(inv, soak->bench.plan, &inv->devices[index]));
}

/* What its controller took along is told as gone, if anything was to come of it. */
static void check_brought(struct soak *soak, unsigned i)
{
	const struct fake *fake = soak->bench.fake;
	const struct fake_device *real = &fake->devices[i];
	int index = inventory_find(soak->bench.inv, real->bdf);
	const struct verdict *verdict =
		index < 0 ? NULL : &soak->bench.inv->devices[index].verdict;

	/* One that was pulled out took it along as well. */
	if (!real->is_away || soak->before.devices[i].is_gone ||
	    fake->devices[real->controller].is_gone)
		return;
	expect(soak, PROPERTY_BROUGHT, is_chosen(soak, real->controller),
	       "went with its controller, which the plan did not choose", &real->bdf);
	if (verdict && verdict->decision == DECISION_BIND)
		expect(soak, PROPERTY_BROUGHT,
		       verdict->result == RESULT_FAILED && verdict->error &&
			       verdict->step,
		       "went with its controller, and is not told so", &real->bdf);
}

static bool stays_isolated(const struct soak *soak, int before)
{
	enum unbound unbound = soak->bench.set->settings.unbound;

	return unbound == UNBOUND_AS_BEFORE ? before < 0 : unbound == UNBOUND_ISOLATE;
}

/* What was there, or told to be, and is missing to the child that goes on. */
static bool module_was_lost(const struct soak *soak)
{
	for (size_t i = 0; i < soak->schedule.count; i++) {
		const struct planted *planted = &soak->schedule.planted[i];
		bool is_asked = planted->fault.ops & (FAKE_LOAD | FAKE_EXISTS);

		if (planted->fault.action == FAKE_IDLE && planted->fault.ops == FAKE_LOAD)
			return true;
		if (is_asked && soak->watched.children > 1)
			return true;
	}
	return false;
}

static void check_unbound(struct soak *soak, const struct verdict *verdict,
			  const struct fake_device *real, int before)
{
	bool isolate = stays_isolated(soak, before);
	const char *wanted = driver_name(soak->bench.inv, verdict->driver_wanted);

	switch (verdict->result) {
	case RESULT_ISOLATED:
		expect(soak, PROPERTY_PROMISED,
		       isolate && real->driver < 0 && strcmp(real->override, wanted) == 0,
		       "isolated, but it should not be, or is not", &real->bdf);
		break;
	case RESULT_RESTORED:
		expect(soak, PROPERTY_PROMISED,
		       (!isolate || real->lost_count == 0) &&
			       (real->driver == before ||
				bench_may_come(&soak->bench, real, verdict)),
		       "restored, but it should not be, or is not", &real->bdf);
		break;
	default:
		expect(soak, PROPERTY_PROMISED,
		       (!soak->is_clean || real->came_count) && verdict->error &&
			       verdict->step,
		       "failed for no reason", &real->bdf);
	}
	if (verdict->step == STEP_LOAD && !module_was_lost(soak))
		expect(soak, PROPERTY_MODULES,
		       real->lost_count == 0 && has_driver_of(real, before),
		       "a module failed, and its driver was taken", &real->bdf);
}

static void check_target(struct soak *soak, const struct device *dev, unsigned at)
{
	const struct verdict *verdict = &dev->verdict;
	const struct fake_device *real = &soak->bench.fake->devices[at];
	const char *wanted = driver_name(soak->bench.inv, verdict->driver_wanted);

	/* Without a group vfio-pci may be tried, where a group may come with a driver. */
	if (soak->is_clean && !real->came_count && soak->world.is_vfio_whole &&
	    strcmp(wanted, "vfio-pci") == 0 &&
	    (real->group >= 0 || soak->world.has_noiommu))
		expect(soak, PROPERTY_BOUND, verdict->result == RESULT_BOUND,
		       "nothing went wrong, and it is not bound", &real->bdf);
	if (verdict->is_hung || real->is_stuck)
		expect(soak, PROPERTY_TOLD, verdict->result == RESULT_FAILED,
		       "hung, and not told as failed", &real->bdf);
	else if (verdict->result != RESULT_BOUND)
		check_unbound(soak, verdict, real, soak->before.devices[at].driver);
}

/* What the JSON says of a device is what the machine has. */
static void check_entry(struct soak *soak, const struct device *dev, struct span json)
{
	const struct fake *fake = soak->bench.fake;
	int at = fake_find(fake, dev->bdf);
	const char *driver = at < 0 || fake->devices[at].driver < 0 ?
				     "" :
				     fake->drivers[fake->devices[at].driver].name;
	struct span value;

	if (!expect(soak, PROPERTY_TOLD,
		    json_of_device(json, dev->bdf, "driver_after", &value),
		    "not in the report", &dev->bdf) ||
	    dev->verdict.is_hung)
		return;
	/* Unread is unknown: null. One may be pulled out behind the last look at it. */
	if (dev->verdict.is_after_known && at >= 0 &&
	    !bench_may_come(&soak->bench, &fake->devices[at], &dev->verdict))
		expect(soak, PROPERTY_TOLD, span_is(value, driver),
		       "the report has another driver", &dev->bdf);
	json_of_device(json, dev->bdf, "result", &value);
	expect(soak, PROPERTY_TOLD,
	       span_is(value, "bound") == (dev->verdict.result == RESULT_BOUND) &&
		       (dev->verdict.decision != DECISION_BIND || value.len > 0),
	       "the report has another result", &dev->bdf);
}

static void check_report(struct soak *soak)
{
	static char buf[1 << 18];
	struct out out = OUT(buf);
	struct report report = { .set = soak->bench.set,
				 .inv = soak->bench.inv,
				 .plan = soak->bench.plan,
				 .kernel = SPAN("6.12.0"),
				 .kind = REPORT_RUN };
	const char *wrong = report_check(&report);
	struct plan_summary sum = report_summarize(&report);

	expect(soak, PROPERTY_TOLD, !wrong, wrong ? wrong : "", NULL);
	report_json(&report, &out);
	for_each_device(dev, soak->bench.inv)
		if (dev->verdict.rule != RULE_NONE)
			check_entry(soak, dev, out_done(&out));
	expect(soak, PROPERTY_TOLD, sum.bound == sum.wanted || report_exit_code(&report),
	       "not all are bound, and the exit code is 0", NULL);
}

void check_run(struct soak *soak)
{
	const struct fake *fake = soak->bench.fake;
	const char *wrong = bench_check(&soak->bench);

	expect(soak, PROPERTY_HUNG, fake->violation[0] == '\0', fake->violation, NULL);
	check_deadline(soak);
	for_each_device(dev, soak->bench.inv) {
		int at = fake_find(fake, dev->bdf);

		if (at < 0)
			continue;
		if (dev->verdict.decision == DECISION_BIND)
			check_target(soak, dev, (unsigned)at);
		else
			check_bystander(soak, dev, (unsigned)at);
	}
	for (size_t i = 0; i < soak->world.sworn_count; i++)
		check_sworn(soak, soak->world.sworn[i]);
	for (unsigned i = 0; i < fake->device_count; i++)
		check_brought(soak, i);
	expect(soak, PROPERTY_TOLD, !wrong, wrong ? wrong : "", NULL);
	check_report(soak);
}

/* What came or went with a controller may have changed what is wanted. */
static bool is_wanted_as(const struct soak *soak, const struct snapshot *once, unsigned i)
{
	const struct fake_device *devices = soak->bench.fake->devices;
	int controller = devices[i].controller;

	if (soak->world.controller < 0)
		return true;
	if (controller >= 0 && choice_at(soak->bench.inv, devices[controller].bdf) !=
				       once->devices[controller].choice)
		return false;
	return choice_at(soak->bench.inv, devices[i].bdf) == once->devices[i].choice;
}

/* Nothing went wrong the first time: the second leaves all as it was. */
void check_again(struct soak *soak, const struct snapshot *once)
{
	const struct fake *fake = soak->bench.fake;

	/* But for x86, nothing tells any more that firmware used a display that is no VGA. */
	if (fake->has_native && fake->lacks_boot_params)
		return;
	for (unsigned i = 0; i < fake->device_count; i++) {
		const struct fake_device *real = &fake->devices[i];

		if (!is_wanted_as(soak, once, i))
			continue;
		expect(soak, PROPERTY_AGAIN,
		       real->driver == once->devices[i].driver &&
			       strcmp(real->override, once->devices[i].override) == 0,
		       "the second run changed it", &real->bdf);
	}
}

/* The card that the framebuffer lies in is still there. */
static bool has_screen(const struct fake *fake)
{
	const struct fake_framebuffer *fb = &fake->framebuffer;

	for (unsigned i = 0; i < fake->device_count; i++)
		if (!fake->devices[i].is_gone &&
		    fake->devices[i].bar_start <= fb->start &&
		    fake->devices[i].bar_end >= fb->end)
			return fb->is_there;
	return false;
}

/*
 * A probe that is made once, by a write to the platform bus or as a controller's domain comes
 * back, was to go wrong: nothing tells afterwards that it is due.
 */
static bool probe_was_lost(const struct soak *soak, enum fake_op op, const char *where)
{
	for (size_t i = 0; i < soak->schedule.count; i++) {
		const struct planted *planted = &soak->schedule.planted[i];

		if ((planted->fault.ops & op) && strstr(planted->path, where))
			return true;
	}
	return false;
}

/* Its controller has its own driver again: with it comes what had one of the host's. */
static void check_back(struct soak *soak, const struct snapshot *first, unsigned i)
{
	const struct fake *fake = soak->bench.fake;
	const struct fake_device *real = &fake->devices[i];
	int before = first->devices[i].driver, controller = real->controller;
	char address[BDF_TEXT_MAX] = "";
	struct out out = OUT(address);

	if (controller < 0 || before < 0 || is_vfio(fake, before) ||
	    (real->is_gone && !real->is_away) || fake->devices[controller].is_gone)
		return;
	out_bdf(&out, real->bdf);
	if (probe_was_lost(soak, FAKE_PROBE, address))
		return;
	expect(soak, PROPERTY_BROUGHT, real->driver == before,
	       "its controller was released, and it is not back", &real->bdf);
}

/* A driver that it had comes back; what had none has no vfio driver, and is free. */
void check_released(struct soak *soak, const struct snapshot *first)
{
	const struct fake *fake = soak->bench.fake;

	expect(soak, PROPERTY_HUNG, fake->violation[0] == '\0', fake->violation, NULL);
	for_each_device(dev, soak->bench.inv) {
		int at = fake_find(fake, dev->bdf), before;
		const struct fake_device *real;

		if (at < 0 || dev->verdict.decision != DECISION_KEEP)
			continue;
		real = &fake->devices[at];
		before = first->devices[at].driver;
		expect(soak, PROPERTY_RELEASED,
		       real->override[0] == '\0' && !is_vfio(fake, real->driver),
		       "released, and not free", &real->bdf);
		if (before >= 0 && !is_vfio(fake, before))
			expect(soak, PROPERTY_RELEASED, real->driver == before,
			       "released, and its driver is not back", &real->bdf);
	}
	for (unsigned i = 0; i < fake->device_count; i++)
		check_back(soak, first, i);
	if (first->has_framebuffer && has_screen(fake) &&
	    !probe_was_lost(soak, FAKE_WRITE, "bus/platform/drivers_probe"))
		expect(soak, PROPERTY_RELEASED, fake->framebuffer.is_bound,
		       "released, and the framebuffer is not back", NULL);
}

void bound_note(struct bound *bound, const struct inventory *inv)
{
	bound->count = 0;
	for_each_device(dev, inv)
		if (dev->verdict.result == RESULT_BOUND)
			bound->list[bound->count++] = dev->bdf;
}

/* The one device that the one thing which goes wrong hangs on, in a write of its own. */
static bool hung_device(const struct schedule *schedule, struct bdf *bdf)
{
	static const char devices[] = "sys/bus/pci/devices/";
	const struct fake_fault *fault = &schedule->planted[0].fault;
	struct span path = span_of(schedule->planted[0].path);

	if (schedule->count != 1 || fault->ops != FAKE_WRITE ||
	    (fault->action != FAKE_HANG && fault->action != FAKE_CRASH) ||
	    !span_starts(path, devices))
		return false;
	path = span_skip(path, sizeof(devices) - 1);
	return bdf_scan(span_head(path, span_find(path, '/')), bdf);
}

/* Its driver waits for all that it brought. */
static bool brings(const struct soak *soak, struct bdf bdf, struct bdf brought)
{
	int at = fake_find(soak->bench.fake, bdf);

	return at >= 0 && soak->bench.fake->devices[at].brings == brought.domain &&
	       brought.domain;
}

void check_alone(struct soak *soak, const struct bound *clean)
{
	struct bdf hung;

	if (!hung_device(&soak->schedule, &hung))
		return;
	for (size_t i = 0; i < clean->count; i++) {
		int at = inventory_find(soak->bench.inv, clean->list[i]);

		if (bdf_equals(clean->list[i], hung) ||
		    brings(soak, clean->list[i], hung))
			continue;
		expect(soak, PROPERTY_ALONE,
		       at >= 0 && soak->bench.inv->devices[at].verdict.result ==
					  RESULT_BOUND,
		       "not bound, though another one hangs", &clean->list[i]);
	}
}
