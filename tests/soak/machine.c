// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random machines: domains, one that comes with a driver, ports, switches, functions, twins,
 * groups, VFs, drivers and a framebuffer. Knows nothing of what is asked for on them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "soak.h"

struct function {
	uint32_t vendor, device, class;
};

/* What stands in a slot, function by function; few ids, so that there are twins. */
static const struct card {
	const char *name;
	bool has_late; /* functions from the second on may come later */
	struct function functions[4];
} cards[] = {
	{ "graphics",
	  false,
	  { { 0x10de, 0x2684, 0x030000 },
	    { 0x10de, 0x22ba, 0x040300 },
	    { 0x10de, 0x1ad8, 0x0c0330 },
	    { 0x10de, 0x1ad9, 0x0c8000 } } },
	{ "graphics",
	  false,
	  { { 0x1002, 0x73df, 0x030000 }, { 0x1002, 0xab28, 0x040300 } } },
	{ "compute", false, { { 0x10de, 0x1eb8, 0x030200 } } },
	{ "display", false, { { 0x1002, 0x150e, 0x038000 } } },
	{ "network",
	  false,
	  { { 0x8086, 0x1533, 0x020000 }, { 0x8086, 0x1533, 0x020000 } } },
	{ "network",
	  true,
	  { { 0x8086, 0x1528, 0x020000 },
	    { 0x8086, 0x1515, 0x020000 },
	    { 0x8086, 0x1515, 0x020000 } } },
	{ "disk", false, { { 0x144d, 0xa808, 0x010802 } } },
	{ "disk", false, { { 0x1022, 0x7901, 0x010601 } } },
	{ "usb", false, { { 0x1b73, 0x1100, 0x0c0330 } } },
	{ "serial",
	  false,
	  { { 0x1b36, 0x0002, 0x070002 }, { 0x1b36, 0x0002, 0x070002 } } },
	{ "chipset",
	  false,
	  { { 0x8086, 0xa305, 0x060100 },
	    { 0x8086, 0xa348, 0x040300 },
	    { 0x8086, 0xa323, 0x0c0500 } } },
	{ "other", false, { { 0x1234, 0xabcd, 0xff0000 } } },
};

#define CARDS (sizeof(cards) / sizeof(cards[0]))

/* What drives them. Built in, a module, or not there at all. */
static const char *const drivers[] = {
	"nouveau id=10de:2684 id=10de:1eb8 drm",
	"amdgpu id=1002:73df id=1002:150e drm",
	"snd_hda_intel class=040300",
	"xhci_hcd class=0c0330",
	"nvme class=010802",
	"ahci class=010601",
	"igb id=8086:1533",
	"vmd id=8086:9a0b",
	"ixgbe id=8086:1528 id=8086:1515",
	"serial id=1b36:0002",
	"pcieport class=060400",
};

#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

void out_format(struct out *out, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out_text(out, text);
}

/* Where the next function goes, and how its domain isolates. */
struct site {
	struct world *world;
	uint32_t domain;
	uint8_t root_bus, next_bus;
	bool has_displays;
	int parent;	 /* a bridge, or -1 */
	int group;	 /* the one that all behind a port share; -1: by slot */
	int *next_group; /* NULL: no IOMMU */
};

static int group_new(const struct site *site)
{
	return site->next_group ? ++*site->next_group : -1;
}

static struct place *place_add(const struct site *site, uint8_t bus, uint8_t dev,
			       uint8_t fn, struct function what)
{
	struct world *world = site->world;
	struct place *place = &world->places[world->count];

	if (world->count == PLACES_MAX)
		return NULL;
	world->count++;
	*place = (struct place){
		.bdf = { .domain = site->domain, .bus = bus, .dev = dev, .fn = fn },
		.vendor = what.vendor,
		.device = what.device,
		.class = what.class,
		.parent = site->parent,
		.group = site->group
	};
	return place;
}

static const struct card *any_card(const struct site *site)
{
	const struct card *card;

	do
		card = &cards[dice_cast(&site->world->dice, CARDS)];
	while (!site->has_displays && card->functions[0].class >> 16 == 0x03);
	return card;
}

static void add_card(const struct site *site, uint8_t bus, uint8_t dev)
{
	struct dice *dice = &site->world->dice;
	const struct card *card = any_card(site);
	struct site here = *site;
	bool is_split = dice_chance(dice, 30);

	if (here.group < 0)
		here.group = group_new(site);
	for (uint8_t fn = 0; fn < 4 && card->functions[fn].vendor; fn++) {
		struct place *place;

		if (fn && !card->has_late && dice_chance(dice, 15))
			break;
		if (fn && is_split && site->group < 0)
			here.group = group_new(site);
		place = place_add(&here, bus, dev, fn, card->functions[fn]);
		if (place && fn && card->has_late)
			place->is_absent = dice_chance(dice, 40);
	}
}

/* A bridge, and what stands on the bus behind it. */
static int add_bridge(struct site *site, uint8_t bus, uint8_t dev)
{
	struct function bridge = { 0x8086, 0x1901, 0x060400 };
	struct place *place;

	/* What class it says it has does not make it one. */
	if (dice_chance(&site->world->dice, 5))
		bridge.class = 0x068000;
	place = place_add(site, bus, dev, 0, bridge);
	if (!place)
		return -1;
	place->is_bridge = true;
	if (place->group < 0)
		place->group = group_new(site);
	return (int)(place - site->world->places);
}

static void add_switch(struct site *site, uint8_t bus)
{
	struct dice *dice = &site->world->dice;
	int upstream = add_bridge(site, bus, 0);
	uint8_t inner = ++site->next_bus;

	for (uint8_t port = 0; upstream >= 0 && port < 2; port++) {
		struct site below = *site;
		int downstream;

		below.parent = upstream;
		downstream = add_bridge(&below, inner, port);
		site->next_bus = ++below.next_bus;
		below.parent = downstream;
		if (downstream >= 0 && dice_chance(dice, 80))
			add_card(&below, site->next_bus, 0);
	}
}

static void add_port(struct site *root, uint8_t dev, bool has_acs)
{
	struct site site = *root;
	int port = add_bridge(&site, site.root_bus, dev);
	struct dice *dice = &root->world->dice;
	uint8_t bus = ++site.next_bus;

	if (port < 0)
		return;
	site.parent = port;
	if (!has_acs)
		site.group = root->world->places[port].group;
	if (dice_chance(dice, 15))
		add_switch(&site, bus);
	else
		add_card(&site, bus, 0);
	root->next_bus = site.next_bus;
}

static void add_domain(struct world *world, uint32_t domain, int *next_group)
{
	struct dice *dice = &world->dice;
	bool has_iommu = dice_chance(dice, 90), has_acs = dice_chance(dice, 60);
	struct site site = { .world = world,
			     .domain = domain,
			     .has_displays = true,
			     .parent = -1,
			     .group = -1,
			     .next_group = has_iommu ? next_group : NULL };
	uint32_t ports = 1 + dice_cast(dice, 5), cards_here = dice_cast(dice, 4);

	for (uint32_t i = 0; i < ports; i++)
		add_port(&site, (uint8_t)(1 + i), has_acs);
	for (uint32_t i = 0; i < cards_here; i++)
		add_card(&site, 0, (uint8_t)(0x10 + i));
}

/*
 * A controller that is a device like any other until its own driver has it, which brings a
 * domain of disks. All in it has the controller's group, as it is the controller that asks
 * for memory.
 */
static void add_controller(struct world *world, int *next_group)
{
	static const struct function controller = { 0x8086, 0x9a0b, 0x010400 };
	struct site site = { .world = world,
			     .root_bus = 0xe0,
			     .next_bus = 0xe0,
			     .domain = 0,
			     .parent = -1,
			     .group = -1,
			     .next_group = next_group };
	uint32_t ports = 1 + dice_cast(&world->dice, 2);
	struct place *place;

	site.group = dice_chance(&world->dice, 90) ? group_new(&site) : -1;
	place = place_add(&site, 0, 0x0e, 0, controller);
	if (!place)
		return;
	place->brings = site.domain = 0x10000;
	world->controller = (int)(place - world->places);
	site.next_group = NULL;
	for (uint32_t i = 0; i < ports; i++)
		add_port(&site, (uint8_t)(6 + i), false);
	if (dice_chance(&world->dice, 30))
		add_card(&site, site.root_bus, 0x10);
}

static void out_device(struct out *out, struct world *world, const struct place *place,
		       int boot)
{
	size_t i = (size_t)(place - world->places);

	out_text(out, "device ");
	out_bdf(out, place->bdf);
	out_format(out, " %04x:%04x %06x", place->vendor, place->device, place->class);
	if (place->group >= 0)
		out_format(out, " group=%d", place->group);
	/* The kernel has the file for this class, and for no other. */
	if (place->class >> 8 == 0x0300)
		out_format(out, " boot-vga=%d", (int)i == boot);
	if (place->class >> 16 == 0x03)
		out_format(out, " bar=%zx-%zx", 0xe0000000 + (i << 24),
			   0xe0ffffff + (i << 24));
	if (place->parent >= 0) {
		out_text(out, " parent=");
		out_bdf(out, world->places[place->parent].bdf);
	}
	if (place->brings)
		out_format(out, " brings=%x", place->brings);
	if (dice_chance(&world->dice, 1))
		out_text(out, " no-modalias");
}

/* The bus that stands behind a bridge: of any device that has it as its parent. */
static void out_secondary(struct out *out, struct world *world, int bridge)
{
	for (size_t i = 0; i < world->count; i++)
		if (world->places[i].parent == bridge) {
			out_format(out, " bridge=%02x", world->places[i].bdf.bus);
			if (dice_chance(&world->dice, 20))
				out_text(out, " no-secondary");
			return;
		}
	out_text(out, " header=1");
}

/* The display that firmware used, or -1. */
static int find_boot(struct world *world)
{
	int boot = -1;

	for (size_t i = 0; i < world->count; i++)
		if (world->places[i].class >> 16 == 0x03 && !world->places[i].is_absent &&
		    (boot < 0 || dice_chance(&world->dice, 40)))
			boot = (int)i;
	return dice_chance(&world->dice, 85) ? boot : -1;
}

static void out_devices(struct out *out, struct world *world)
{
	int boot = find_boot(world);

	for (size_t i = 0; i < world->count; i++) {
		struct place *place = &world->places[i];

		if (place->is_absent)
			continue;
		out_device(out, world, place, boot);
		if (place->is_bridge)
			out_secondary(out, world, (int)i);
		out_char(out, '\n');
	}
	if (boot >= 0 && dice_chance(&world->dice, 70))
		out_format(out, "framebuffer %s %zx-%zx\n",
			   dice_chance(&world->dice, 50) ?
				   "efi-framebuffer.0 efifb" :
				   "simple-framebuffer.0 simpledrm",
			   0xe0000000 + ((size_t)boot << 24),
			   0xe02fffff + ((size_t)boot << 24));
}

static void out_drivers(struct out *out, struct world *world)
{
	for (size_t i = 0; i < DRIVERS; i++) {
		int len = (int)strcspn(drivers[i], " ");

		switch (dice_cast(&world->dice, 5)) {
		case 0:
			continue;
		case 1:
		case 2:
			out_format(out, "module %.*s\ndriver %.*s module=%.*s%s\n", len,
				   drivers[i], len, drivers[i], len, drivers[i],
				   drivers[i] + len);
			continue;
		default:
			out_format(out, "driver %s\n", drivers[i]);
		}
	}
}

static void out_rest(struct out *out, struct world *world)
{
	static const char *const lines[] = { "udev\n",	    "table DMAR\n",
					     "cpu intel\n", "hide-iomem\n",
					     "noiommu\n",   "no-boot-params\n" };
	static const uint32_t chances[] = { 50, 70, 50, 10, 5, 20 };

	for (size_t i = 0; i < 6; i++)
		if (dice_chance(&world->dice, chances[i])) {
			out_text(out, lines[i]);
			world->has_noiommu |= i == 4;
		}
}

void world_build(struct world *world, uint64_t seed)
{
	static const uint32_t domains[] = { 1, 0x3f7a };
	struct out out = OUT(world->machine);
	int next_group = 0;

	*world = (struct world){ .dice = { seed }, .controller = -1 };
	add_domain(world, 0, &next_group);
	if (dice_chance(&world->dice, 25))
		add_domain(world, domains[dice_cast(&world->dice, 2)], &next_group);
	if (dice_chance(&world->dice, 20))
		add_controller(world, &next_group);
	out_devices(&out, world);
	out_drivers(&out, world);
	out_rest(&out, world);
	world->is_late = dice_chance(&world->dice, 25);
	out_char(&out, '\0');
	wishes_make(world);
}
