/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chance that can be repeated: all of it follows from a seed. Knows nothing of what is cast
 * for.
 */
#ifndef EARLY_VFIO_TESTS_DICE_H
#define EARLY_VFIO_TESTS_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* SplitMix64: every seed is a good one, however near to another. */
static inline uint32_t dice_next(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 32 ^ z);
}

/* 0 to sides - 1. */
static inline uint32_t dice_cast(struct dice *dice, uint32_t sides)
{
	return dice_next(dice) % sides;
}

static inline bool dice_chance(struct dice *dice, uint32_t percent)
{
	return dice_cast(dice, 100) < percent;
}

#endif
