// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list as JSON, version 1; see early-vfio-report(5). Every device has every key, and
 * unknown values are null. Decides nothing.
 */
#include "list.h"
#include "suggest.h"

static void key(struct out *out, const char *name)
{
	out_text(out, ", \"");
	out_text(out, name);
	out_text(out, "\": ");
}

static void value(struct out *out, struct span text)
{
	if (text.len)
		out_json(out, text);
	else
		out_text(out, "null");
}

static void member(struct out *out, const char *name, struct span text)
{
	key(out, name);
	value(out, text);
}

static void member_bool(struct out *out, const char *name, bool is_known, bool is_true)
{
	key(out, name);
	out_text(out, !is_known ? "null" : is_true ? "true" : "false");
}

static void out_pair(struct out *out, const char *name, uint16_t first, uint16_t second)
{
	key(out, name);
	out_char(out, '"');
	out_hex(out, first, 4);
	out_char(out, ':');
	out_hex(out, second, 4);
	out_char(out, '"');
}

static void out_address(struct out *out, struct bdf bdf)
{
	out_char(out, '"');
	out_bdf(out, bdf);
	out_char(out, '"');
}

static void out_identity(struct out *out, const struct listing *listing,
			 const struct device *dev)
{
	char name[NAME_TEXT_MAX];

	out_text(out, "{\"address\": ");
	out_address(out, dev->bdf);
	out_pair(out, "id", dev->vendor, dev->device);
	out_pair(out, "subsystem", dev->subvendor, dev->subdevice);
	key(out, "class");
	out_char(out, '"');
	out_hex(out, dev->class, 6);
	out_char(out, '"');
	class_name(listing->names, dev, name);
	member(out, "class_name", span_of(name));
	device_name(listing->names, dev, name);
	member(out, "name", span_of(name));
}

static void out_place(struct out *out, const struct listing *listing,
		      const struct device *dev)
{
	const struct inventory *inv = listing->session->inv;

	key(out, "group");
	if (dev->group == GROUP_NONE)
		out_text(out, "null");
	else
		out_dec(out, (uint32_t)dev->group);
	member(out, "driver", span_of(driver_name(inv, dev->driver)));
	member_bool(out, "boot_vga", dev->has_boot_vga, dev->is_boot_vga);
	member_bool(out, "bridge", true, device_is_bridge(dev));
	key(out, "secondary_bus");
	if (dev->secondary)
		out_dec(out, dev->secondary);
	else
		out_text(out, "null");
}

/* One function of each other slot with the same id. */
static void out_twins(struct out *out, const struct inventory *inv,
		      const struct device *dev)
{
	struct bdf last = dev->bdf;
	bool has_any = false;

	key(out, "twins");
	out_char(out, '[');
	for_each_device(other, inv) {
		if (!other->is_present || other->vendor != dev->vendor ||
		    other->device != dev->device || bdf_same_slot(other->bdf, dev->bdf) ||
		    bdf_same_slot(other->bdf, last))
			continue;
		out_text(out, has_any ? ", " : "");
		out_address(out, other->bdf);
		has_any = true;
		last = other->bdf;
	}
	out_char(out, ']');
}

static void out_choice(struct out *out, const struct inventory *inv,
		       const struct device *dev)
{
	struct spec spec = suggest_spec(inv, dev);
	char text[128];
	struct out line = OUT(text);

	if (!device_is_bridge(dev))
		out_spec(&line, &spec);
	member(out, "spec", out_done(&line));
}

static void out_verdict(struct out *out, const struct listing *listing,
			const struct device *dev)
{
	static const char *const decisions[] = {
		[DECISION_NONE] = "none",     [DECISION_BIND] = "bind",
		[DECISION_KEEP] = "keep",     [DECISION_PROTECT] = "protect",
		[DECISION_REFUSE] = "refuse", [DECISION_SKIP] = "skip",
		[DECISION_DEFER] = "defer",
	};
	const struct ruleset *set = listing->session->set;
	char rule_text[512], reason_text[REPORT_LINE_MAX];
	struct out rule = OUT(rule_text), reason = OUT(reason_text);

	member(out, "protected", protect_reason(set, dev));
	member(out, "decision", span_of(decisions[dev->verdict.decision]));
	if (dev->verdict.rule != RULE_NONE) {
		out_origin(&rule, set->rules[dev->verdict.rule].origin);
		out_reason(&reason, &listing->report, dev);
	}
	member(out, "rule", out_done(&rule));
	member(out, "reason", out_done(&reason));
	out_char(out, '}');
}

static void out_devices(struct out *out, const struct listing *listing)
{
	const struct inventory *inv = listing->session->inv;
	bool has_any = false;

	for_each_device(dev, inv) {
		if (!dev->is_present)
			continue;
		out_text(out, has_any ? ",\n  " : "\n  ");
		has_any = true;
		out_identity(out, listing, dev);
		out_place(out, listing, dev);
		out_twins(out, inv, dev);
		out_choice(out, inv, dev);
		out_verdict(out, listing, dev);
	}
}

struct print {
	struct out *out;
	bool has_any;
};

static void print_note(void *context, enum level level, struct span text)
{
	struct print *print = context;

	out_text(print->out, print->has_any ? ",\n  " : "\n  ");
	print->has_any = true;
	out_text(print->out, "{\"level\": ");
	out_text(print->out, level == LEVEL_ERROR   ? "\"error\"" :
			     level == LEVEL_WARNING ? "\"warning\"" :
						      "\"info\"");
	member(print->out, "text", text);
	out_char(print->out, '}');
}

void list_json(const struct listing *listing, struct out *out)
{
	const struct session *session = listing->session;
	struct print print = { .out = out };

	out_text(out, "{\"version\": 1");
	member(out, "kernel", session->release);
	member_bool(out, "iommu_groups", true, session->inv->machine.has_groups);
	member(out, "unprotected", session->set->unprotected);
	out_text(out, ",\n \"devices\": [");
	out_devices(out, listing);
	out_text(out, "],\n \"notes\": [");
	notes_each(listing, print_note, &print);
	out_text(out, "]}\n");
}
