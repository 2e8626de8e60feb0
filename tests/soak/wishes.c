// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random wishes for a machine: a command line, a config, the facts of an image, and which
 * vfio drivers there are. Notes by the texts alone what must never be touched.
 */
#include <stdio.h>
#include <string.h>

#include "soak.h"

static const struct place *any_place(struct world *world)
{
	return &world->places[dice_cast(&world->dice, (uint32_t)world->count)];
}

/* The controller, or something in the domain that it brings: they stand at the end. */
static const struct place *any_brought(struct world *world)
{
	size_t first = (size_t)world->controller;

	return &world->places[first +
			      dice_cast(&world->dice, (uint32_t)(world->count - first))];
}

/* NULL: its domain is always there. */
static const struct place *controller_of(const struct world *world,
					 const struct place *place)
{
	const struct place *controller =
		world->controller < 0 ? NULL : &world->places[world->controller];

	return controller && place->bdf.domain == controller->brings ? controller : NULL;
}

/* Rather a card than a bridge, and often one that comes and goes. */
static const struct place *any_target(struct world *world)
{
	const struct place *place = any_place(world);

	if (world->controller >= 0 && dice_chance(&world->dice, 40))
		return any_brought(world);
	for (int i = 0; i < 3 && place->is_bridge; i++)
		place = any_place(world);
	return place;
}

static void out_place(struct out *out, const struct world *world,
		      const struct place *place)
{
	const struct place *parent = place->parent < 0 ? NULL :
							 &world->places[place->parent];

	if (!parent || parent->parent >= 0) {
		out_bdf(out, place->bdf);
		return;
	}
	out_bdf(out, parent->bdf);
	out_format(out, "/%02x.%x", place->bdf.dev, place->bdf.fn);
}

static void out_what(struct out *out, struct world *world, const struct place *place)
{
	switch (dice_cast(&world->dice, 4)) {
	case 0:
		out_format(out, "class=%04x", place->class >> 8);
		return;
	case 1:
		out_format(out, "%04x:*", place->vendor);
		return;
	default:
		out_format(out, "%04x:%04x", place->vendor, place->device);
	}
}

static void out_flags(struct out *out, struct world *world)
{
	static const char *const flags[] = { "+slot", "+group", "+force" };
	static const uint32_t chances[] = { 30, 12, 10 };

	for (size_t i = 0; i < 3; i++) {
		if (!dice_chance(&world->dice, chances[i]))
			continue;
		out_text(out, flags[i]);
		world->has_force |= i == 2;
	}
}

static void out_wish(struct out *out, struct world *world)
{
	const struct place *place = any_target(world);

	switch (dice_cast(&world->dice, 8)) {
	case 0:
		out_what(out, world, place);
		break;
	case 1:
		out_format(out, "%04x:%04x@", place->vendor, place->device);
		out_bdf(out, place->bdf);
		break;
	case 2: /* a guard that fails, as a rule */
		out_format(out, "%04x:%04x@", place->vendor, place->device);
		out_bdf(out, any_place(world)->bdf);
		break;
	case 3:
		out_place(out, world, place);
		break;
	case 4:
		out_text(out, dice_chance(&world->dice, 50) ? "boot-vga" :
							      "class=03@not-boot-vga");
		break;
	default:
		out_bdf(out, place->bdf);
	}
	out_flags(out, world);
}

static void swear(struct world *world, struct bdf bdf)
{
	if (world->sworn_count < SWORN_MAX)
		world->sworn[world->sworn_count++] = bdf;
}

static void out_keep(struct out *out, struct world *world, bool counts)
{
	const struct place *place = any_place(world);

	if (dice_chance(&world->dice, 30)) {
		out_what(out, world, place);
		return;
	}
	out_bdf(out, place->bdf);
	if (counts)
		swear(world, place->bdf);
}

static void out_ids(struct out *out, struct world *world)
{
	uint32_t count = 1 + dice_cast(&world->dice, 3);

	for (uint32_t i = 0; i < count; i++) {
		const struct place *place = any_target(world);

		out_format(out, i ? ",%04x:%04x" : "%04x:%04x", place->vendor,
			   place->device);
	}
}

/* Return: does the command line bind anything? ids gets vfio-pci's own. */
static bool make_cmdline(struct world *world, struct out *out, struct out *ids)
{
	struct dice *dice = &world->dice;
	uint32_t binds = dice_cast(dice, 3);
	bool has_ids = dice_chance(dice, 25);

	out_text(out, "root=/dev/sda1 quiet");
	if (world->has_noiommu)
		out_text(out, " vfio.enable_unsafe_noiommu_mode=1");
	for (uint32_t i = 0; i < binds; i++) {
		out_text(out, i ? "," : " early-vfio.bind=");
		out_wish(out, world);
	}
	if (dice_chance(dice, 25)) {
		out_text(out, " early-vfio.keep=");
		out_keep(out, world, true);
	}
	if (has_ids) {
		out_ids(ids, world);
		out_text(out, " vfio-pci.ids=");
		out_span(out, out_done(ids));
	}
	if (dice_chance(dice, 10))
		out_text(out, " vfio-pci.disable_vga=1 \x1b[31m early-vfio.bnid=\x7f");
	return binds || has_ids;
}

static void out_bind_options(struct out *out, struct world *world)
{
	struct dice *dice = &world->dice;

	if (dice_chance(dice, 15))
		out_text(out, " driver=auto");
	else if (dice_chance(dice, 10))
		out_text(out, " driver=mlx5_vfio_pci");
	if (dice_chance(dice, 20))
		out_text(out, " optional");
	if (dice_chance(dice, 5))
		out_text(out, " profile=gaming");
}

static void out_directive(struct out *out, struct world *world, bool counts)
{
	switch (dice_cast(&world->dice, 16)) {
	case 0:
	case 1:
		out_text(out, "keep ");
		out_keep(out, world, counts);
		break;
	case 2:
		out_text(out, dice_chance(&world->dice, 50) ? "set unbound isolate" :
							      "set unbound restore");
		break;
	case 3:
		out_format(out, "set timeout %u", 1 + dice_cast(&world->dice, 12));
		break;
	case 4:
		out_text(out, "bind 10de,2684 \x1b]0;\x07 \xff");
		break;
	case 5:
		out_text(out, "ids ");
		out_ids(out, world);
		break;
	default:
		out_text(out, "bind ");
		out_wish(out, world);
		out_bind_options(out, world);
	}
	out_char(out, '\n');
}

static void make_config(struct world *world, struct out *out, bool counts)
{
	uint32_t lines = dice_cast(&world->dice, 7);

	for (uint32_t i = 0; i < lines; i++)
		out_directive(out, world, counts);
}

static void out_protect_line(struct out *out, struct bdf bdf, const struct place *place)
{
	out_text(out, "protect ");
	out_bdf(out, bdf);
	out_format(out, " %04x:%04x holds / (sda1)\n", place->vendor, place->device);
}

/*
 * What stands at the address is protected, and what brings it; or something that has moved
 * away.
 */
static void out_protect(struct world *world, struct out *out)
{
	const struct place *place = any_target(world);
	const struct place *controller = controller_of(world, place);
	bool has_moved = dice_chance(&world->dice, 25);

	out_protect_line(out, has_moved ? any_place(world)->bdf : place->bdf, place);
	if (has_moved)
		return;
	swear(world, place->bdf);
	if (!controller)
		return;
	out_protect_line(out, controller->bdf, controller);
	swear(world, controller->bdf);
}

/* Return: is all there that vfio-pci needs? */
static bool out_modules(struct world *world, struct out *out)
{
	static const char *const modules[] = { "irqbypass", "vfio", "vfio_iommu_type1",
					       "vfio-pci-core", "vfio-pci" };
	uint32_t left_out = dice_chance(&world->dice, 6) ? dice_cast(&world->dice, 5) : 5;

	/* For a softdep, and not there: that is to cost nothing. */
	if (world->count % 5 == 0)
		out_text(out, "module /lib/modules/fake/reset.ko\n"
			      "optional /lib/modules/fake/reset.ko\n");
	for (uint32_t i = 0; i < 5; i++)
		if (i != left_out)
			out_format(out, "module /lib/modules/fake/%s.ko%s\n", modules[i],
				   i == 4 && dice_chance(&world->dice, 20) ?
					   " disable_idle_d3=1" :
					   "");
	return left_out == 5;
}

/* Which vfio drivers there are; `machine` goes on where the devices end. */
static void make_vfio(struct world *world, struct out *machine, struct out *image,
		      struct span ids)
{
	struct dice *dice = &world->dice;
	uint32_t kind = dice_cast(dice, 20);
	bool is_modular = kind >= 6;
	const char *refusal = "";

	if (dice_chance(dice, 4))
		refusal = dice_chance(dice, 50) || !is_modular ? " error=EINVAL" :
								 " refused=EPERM";

	if (kind == 0) {
		world->is_vfio_whole = false; /* this kernel has none */
	} else if (is_modular) {
		out_format(machine, "vfio modular%s\n", refusal);
		world->is_vfio_whole = out_modules(world, image) && !*refusal;
	} else {
		out_format(machine, "vfio builtin%s", refusal);
		if (ids.len)
			out_text(machine, " ids=");
		out_span(machine, ids);
		out_char(machine, '\n');
		world->is_vfio_whole = !*refusal;
	}
	if (kind == 0 || !dice_chance(dice, 30))
		return;
	out_format(machine,
		   "module mlx5-vfio-pci%s\ndriver mlx5_vfio_pci module=mlx5-vfio-pci\n",
		   is_modular ? " needs=vfio-pci-core" : "");
	out_text(image,
		 "module /lib/modules/fake/mlx5-vfio-pci.ko\n"
		 "alias vfio_pci:v00008086d00001528sv*sd*bc*sc*i* mlx5_vfio_pci\n");
}

void wishes_make(struct world *world)
{
	size_t used = strlen(world->machine);
	struct out machine = { .buf = world->machine + used,
			       .cap = sizeof(world->machine) - used };
	struct out cmdline = OUT(world->cmdline), config = OUT(world->config);
	struct out image = OUT(world->image);
	char ids_buf[128];
	struct out ids = OUT(ids_buf);
	bool binds = make_cmdline(world, &cmdline, &ids);
	uint32_t protects = dice_cast(&world->dice, 3);
	size_t kept;

	make_config(world, &config, !binds);
	kept = world->sworn_count;
	make_vfio(world, &machine, &image, out_done(&ids));
	for (uint32_t i = 0; i < protects; i++)
		out_protect(world, &image);
	/* +force beats what protects. */
	if (world->has_force)
		world->sworn_count = kept;
	out_char(&machine, '\0');
	out_char(&cmdline, '\0');
	out_char(&config, '\0');
	out_char(&image, '\0');
}
