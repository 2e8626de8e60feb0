/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fuzz targets share: an entry point each, and a machine to plan for. One file a
 * target, linked with libFuzzer to search, and with replay.c to repeat what was found.
 */
#ifndef EARLY_VFIO_TESTS_FUZZ_H
#define EARLY_VFIO_TESTS_FUZZ_H

#include <early-vfio/rules.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Print what does not hold, and abort. */
void fuzz_assert(bool holds, const char *what);
/* Empty, in static storage. */
struct ruleset *fuzz_rules(void);
/* Plan what the rules ask for on a small machine, and check what is told of it. */
void fuzz_plan(struct ruleset *set);
/* Every text that the rules keep lies in one of the two. */
void fuzz_check_texts(const struct ruleset *set, struct span text, struct span other);

#endif
