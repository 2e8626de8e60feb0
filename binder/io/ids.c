// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking back what vfio-pci was told by its own ids= before us: a device that is given back
 * would be its again with the next probe. Knows nothing of targets.
 */
#include <errno.h>

#include "applier.h"

#define REMOVE_ID "sys/bus/pci/drivers/vfio-pci/remove_id"
/* ids= may name an id several times, and each write removes one. */
#define REPEATS_MAX 32

/*
 * Until the kernel knows it no more. -ENOENT where there is no vfio-pci yet.
 * Source: remove_id_store() in drivers/pci/pci-driver.c: ENODEV where nothing matches; a
 * class mask of 0 matches every class, ffffffff every subsystem.
 */
static int id_remove(struct run *run, const struct id_match *id)
{
	const uint32_t fields[] = { id->vendor,	   id->device, id->subvendor,
				    id->subdevice, id->class,  id->class_mask };
	struct io *io = run->apply->io;
	char buf[64];
	struct out out = OUT(buf);
	int error = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		out_hex(&out, fields[i], 4);
		out_char(&out, ' ');
	}
	for (int i = 0; i < REPEATS_MAX && !error; i++)
		error = io->write(io, REMOVE_ID, out_done(&out));
	return error;
}

static bool has_ids(const struct rule *rule)
{
	return rule->is_ids && !rule->is_faulty && rule->spec.has_id;
}

void ids_remove(struct run *run)
{
	const struct ruleset *set = run->apply->set;

	for (size_t i = 0; i < set->rule_count && !run->progress->leaves_ids; i++) {
		if (!has_ids(&set->rules[i]))
			continue;
		step_begin(run, STEP_REMOVE_ID, NULL);
		if (id_remove(run, &set->rules[i].spec.id) == -ENOENT)
			return;
	}
}

void ids_remove_of(struct run *run, struct device *dev)
{
	struct id_match id = {
		.vendor = dev->vendor,
		.device = dev->device,
		.subvendor = PCI_ANY,
		.subdevice = PCI_ANY,
	};

	if (!run->progress->leaves_ids)
		id_remove(run, &id);
}
