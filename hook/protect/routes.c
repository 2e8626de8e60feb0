// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network interfaces down to the hardware, and which of them leads to an address. Knows
 * nothing of what comes over the network.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "walk.h"

#define INTERFACES_MAX 64
#define ROUTE_UP 0x1
#define ROUTE_REJECT 0x200

/* What a route is weighed by: the longest prefix, then the smallest metric. */
struct choice {
	char interface[32];
	int prefix_bits;
	uint32_t metric;
	bool is_found;
};

static void choose(struct choice *choice, struct span interface, int prefix_bits,
		   uint32_t metric)
{
	if (interface.len >= sizeof(choice->interface) || span_is(interface, "lo"))
		return;
	if (choice->is_found &&
	    (prefix_bits < choice->prefix_bits ||
	     (prefix_bits == choice->prefix_bits && metric >= choice->metric)))
		return;
	memcpy(choice->interface, interface.ptr, interface.len);
	choice->interface[interface.len] = '\0';
	choice->prefix_bits = prefix_bits;
	choice->metric = metric;
	choice->is_found = true;
}

static size_t split(struct span line, struct span *words, size_t max)
{
	size_t count = 0;

	while (count < max && span_next_word(&line, &words[count]))
		count++;
	return count;
}

/* Interface Destination Gateway Flags RefCnt Use Metric Mask …, in the machine's byte order. */
static void weigh_ipv4(struct choice *choice, struct span line, uint32_t address)
{
	struct span words[8];
	uint32_t destination, flags, metric, mask;

	if (split(line, words, 8) < 8 || !hex_scan(words[1], 8, &destination) ||
	    !hex_scan(words[3], 8, &flags) || !dec_scan(words[6], UINT32_MAX, &metric) ||
	    !hex_scan(words[7], 8, &mask))
		return;
	if (!(flags & ROUTE_UP) || flags & ROUTE_REJECT ||
	    (address & mask) != destination)
		return;
	if (!address && mask)
		return;
	choose(choice, words[0], __builtin_popcount(mask), metric);
}

/* Destination PrefixLength Source PrefixLength NextHop Metric RefCnt Use Flags Interface */
static void weigh_ipv6(struct choice *choice, struct span line)
{
	struct span words[10];
	uint32_t bits, metric, flags;

	if (split(line, words, 10) < 10 || !hex_scan(words[1], 2, &bits) || bits ||
	    !hex_scan(words[5], 8, &metric) || !hex_scan(words[8], 8, &flags) ||
	    !(flags & ROUTE_UP) || flags & ROUTE_REJECT)
		return;
	choose(choice, words[9], 0, metric);
}

static struct choice choose_ipv4(struct io *io, uint32_t address)
{
	struct choice choice = { .is_found = false };
	struct span text, rest, line;

	if (file_read(io, "proc/net/route", &text))
		return choice;
	rest = text;
	while (span_next_line(&rest, &line))
		weigh_ipv4(&choice, line, address);
	free((char *)text.ptr);
	return choice;
}

static struct choice choose_ipv6(struct io *io)
{
	struct choice choice = { .is_found = false };
	struct span text, rest, line;

	if (file_read(io, "proc/net/ipv6_route", &text))
		return choice;
	rest = text;
	while (span_next_line(&rest, &line))
		weigh_ipv6(&choice, line);
	free((char *)text.ptr);
	return choice;
}

bool walk_route(struct walk *walk, const char *address)
{
	struct choice ipv4, ipv6 = { .is_found = false };
	struct in_addr wanted;

	if (!address || inet_pton(AF_INET, address, &wanted) != 1)
		wanted.s_addr = 0;
	ipv4 = choose_ipv4(walk->trace->io, wanted.s_addr);
	if (ipv4.is_found)
		walk_interface(walk, ipv4.interface);
	if (!wanted.s_addr)
		ipv6 = choose_ipv6(walk->trace->io);
	if (ipv6.is_found)
		walk_interface(walk, ipv6.interface);
	return ipv4.is_found || ipv6.is_found;
}

/* What a bond, a bridge or a VLAN stands on. */
static size_t add_lower(struct walk *walk, const char *path, struct names *interfaces)
{
	static const char prefix[] = "lower_";
	struct names entries;
	size_t added = 0;

	names_read(walk->trace->io, path, &entries);
	for (size_t i = 0; i < entries.count; i++) {
		struct span name = span_of(entries.items[i]);

		if (!span_starts(name, prefix) || interfaces->count == INTERFACES_MAX)
			continue;
		names_add(interfaces, span_skip(name, strlen(prefix)));
		added++;
	}
	names_free(&entries);
	return added;
}

static void descend(struct walk *walk, const char *name, struct names *interfaces)
{
	struct device functions[FUNCTIONS_MAX];
	size_t count = FUNCTIONS_MAX;
	struct name link;
	char *path =
		sysfs_resolve(walk->trace->io, name_of(&link, "sys/class/net/%s", name));

	if (path && sysfs_functions(walk->trace->io, path, functions, &count)) {
		for (size_t i = 0; i < count; i++)
			protection_add(walk->trace->protection, &functions[i], walk->what,
				       name);
		walk->hardware++;
	} else if (path && !strstr(path, "/devices/virtual/")) {
		walk->hardware++;
	} else if (path) {
		add_lower(walk, path, interfaces);
	}
	free(path);
}

void walk_interface(struct walk *walk, const char *name)
{
	struct names interfaces = { 0 };
	size_t before = walk->hardware;

	/* Bounded, so a ring of interfaces would end too. */
	names_add(&interfaces, span_of(name));
	for (size_t i = 0; i < interfaces.count; i++)
		descend(walk, interfaces.items[i], &interfaces);
	/* Ports of a bridge that belong to guests lead nowhere, and that is no loss. */
	if (walk->hardware == before)
		walk->lost++;
	names_free(&interfaces);
}
