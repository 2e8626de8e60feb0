/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that log, table and JSON share. Nothing outside core/ includes it.
 */
#ifndef EARLY_VFIO_WORDS_H
#define EARLY_VFIO_WORDS_H

#include <early-vfio/report.h>

const char *decision_word(unsigned decision);
const char *result_word(unsigned result); /* "" for none */
const char *step_word(unsigned step);
const char *rule_state_word(unsigned state);
/* What became, or would become, of a device: "bound", "would be bound", "kept", … */
const char *device_word(const struct report *report, size_t device);

void out_id(struct out *out, const struct device *dev);
void out_rule(struct out *out, const struct report *report, uint16_t rule);

#endif
