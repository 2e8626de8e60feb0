// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of PCI functions that carry this machine, and its lines in the image. Knows
 * nothing of how they are found.
 */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "protect.h"

void protection_none(struct protection *protection, const char *why)
{
	free(protection->unprotected);
	protection->unprotected = xspan(span_of(why));
	protection->count = 0;
}

static struct carrier *carrier_at(struct protection *protection, const struct device *dev)
{
	struct carrier *carrier;
	size_t at = 0;

	while (at < protection->count &&
	       bdf_compare(protection->items[at].bdf, dev->bdf) < 0)
		at++;
	carrier = &protection->items[at];
	if (at < protection->count && bdf_equals(carrier->bdf, dev->bdf))
		return carrier;
	if (protection->count == PROTECTS_MAX) {
		protection->has_overflown = true;
		return NULL;
	}
	memmove(carrier + 1, carrier, (protection->count++ - at) * sizeof(*carrier));
	*carrier = (struct carrier){ .bdf = dev->bdf,
				     .vendor = dev->vendor,
				     .device = dev->device };
	return carrier;
}

static struct holding *holding_of(struct carrier *carrier, const char *what)
{
	for (size_t i = 0; i < carrier->holding_count; i++)
		if (strcmp(carrier->holdings[i].what, what) == 0)
			return &carrier->holdings[i];
	/* One thing that it carries protects it as well as nine. */
	if (carrier->holding_count == HOLDINGS_MAX)
		return NULL;
	carrier->holdings[carrier->holding_count] = (struct holding){ .what = what };
	return &carrier->holdings[carrier->holding_count++];
}

static bool has_word(const char *list, const char *name)
{
	struct span rest = span_of(list), word;

	while (span_next_word(&rest, &word))
		if (span_is(word, name))
			return true;
	return false;
}

void protection_add(struct protection *protection, const struct device *dev,
		    const char *what, const char *on)
{
	struct carrier *carrier = carrier_at(protection, dev);
	struct holding *holding = carrier ? holding_of(carrier, what) : NULL;
	size_t len;

	if (!holding || has_word(holding->on, on))
		return;
	len = strlen(holding->on);
	if (len + 1 + strlen(on) >= sizeof(holding->on)) {
		holding->is_more = true;
		return;
	}
	if (len)
		holding->on[len++] = ' ';
	strcpy(holding->on + len, on);
}

/* "holds / (nvme0n1p2), holds swap (nvme0n1p3)" */
static void write_holdings(const struct carrier *carrier, struct out *out)
{
	for (size_t i = 0; i < carrier->holding_count; i++) {
		const struct holding *holding = &carrier->holdings[i];

		out_text(out, i ? ", " : "");
		out_text(out, holding->what);
		out_text(out, " (");
		out_escaped(out, span_of(holding->on));
		out_text(out, holding->is_more ? " ...)" : ")");
	}
}

void protection_write(const struct protection *protection, struct out *out)
{
	if (protection->unprotected) {
		out_text(out, "unprotected ");
		out_text(out, protection->unprotected);
		out_char(out, '\n');
		return;
	}
	for (size_t i = 0; i < protection->count; i++) {
		const struct carrier *carrier = &protection->items[i];

		out_text(out, "protect ");
		out_bdf(out, carrier->bdf);
		out_char(out, ' ');
		out_hex(out, carrier->vendor, 4);
		out_char(out, ':');
		out_hex(out, carrier->device, 4);
		out_char(out, ' ');
		write_holdings(carrier, out);
		out_char(out, '\n');
	}
}

void protection_free(struct protection *protection)
{
	free(protection->unprotected);
	*protection = (struct protection){ 0 };
}
