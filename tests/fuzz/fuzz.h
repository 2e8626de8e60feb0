/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What fuzz targets share: an entry point each, and a machine to plan for. One file a
 * target, linked with libFuzzer to search, and with replay.c to repeat what was found.
 */
#ifndef EARLY_VFIO_TESTS_FUZZ_H
#define EARLY_VFIO_TESTS_FUZZ_H

#include <early-vfio/rules.h>

struct bench;
struct inventory;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Print what does not hold, and abort. */
void fuzz_assert(bool holds, const char *what);
/* Empty, in static storage. */
struct ruleset *fuzz_rules(void);
/* Plan what the rules ask for on a small machine, and check what is told of it. */
void fuzz_plan(struct ruleset *set);
/* That machine, as new, with drivers loaded by nobody yet. */
struct bench *fuzz_bench(void);
/* Its devices. */
const struct inventory *fuzz_bench_inventory(void);
/* Every text that the rules keep lies in one of the two. */
void fuzz_check_texts(const struct ruleset *set, struct span text, struct span other);
bool fuzz_is_in(struct span part, struct span whole);
/* The next of several texts with NUL bytes between them; empty at the end. */
struct span fuzz_text(struct span *rest);
/* The same with a NUL behind it, from malloc. */
char *fuzz_string(struct span *rest);
/* Printable ASCII, or line feeds: what a terminal is given. */
bool fuzz_is_clean(struct span text);
/* Make a directory of this process, and put its path into buf: in memory where there is such. */
void fuzz_directory(char *buf, size_t size);

#endif
