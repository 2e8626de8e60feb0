// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The simulated kernel's life: made from text, asked afterwards what became of it. Knows
 * nothing of what sysfs looks like.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake.h"

static _Noreturn void fail(const char *what, struct span where)
{
	fprintf(stderr, "fake: %s: %.*s\n", what, (int)where.len, where.ptr);
	abort();
}

static void copy(char *to, size_t size, struct span text)
{
	if (text.len >= size)
		fail("too long", text);
	memcpy(to, text.ptr, text.len);
	to[text.len] = '\0';
}

/* The value of a word `key=VALUE`. */
static bool value_of(struct span word, const char *key, struct span *value)
{
	size_t len = strlen(key);

	if (!span_starts(word, key) || word.len <= len || word.ptr[len] != '=')
		return false;
	*value = span_skip(word, len + 1);
	return true;
}

static uint32_t dec_of(struct span text)
{
	uint32_t value;

	if (!dec_scan(text, UINT32_MAX, &value))
		fail("not decimal", text);
	return value;
}

static struct bdf bdf_of(struct span text)
{
	struct bdf bdf;

	if (!bdf_scan(text, &bdf))
		fail("not an address", text);
	return bdf;
}

static void range_of(struct span text, uint64_t *start, uint64_t *end)
{
	char buf[64], *stop;

	copy(buf, sizeof(buf), text);
	*start = strtoull(buf, &stop, 16);
	if (*stop != '-')
		fail("not a range", text);
	*end = strtoull(stop + 1, &stop, 16);
}

static int errno_of(struct span text)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {
		{ "ENOENT", ENOENT }, { "ENOEXEC", ENOEXEC }, { "EINVAL", EINVAL },
		{ "EPERM", EPERM },   { "EIO", EIO },	      { "ENOMEM", ENOMEM },
		{ "ENODEV", ENODEV }, { "EBUSY", EBUSY },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(text, names[i].name))
			return names[i].number;
	fail("unknown errno", text);
}

static uint32_t hex_of(struct span text)
{
	uint32_t value;

	if (!hex_scan(text, 8, &value))
		fail("not hex", text);
	return value;
}

static void read_ident(struct fake_device *dev, struct span ident)
{
	uint16_t *fields[] = { &dev->vendor, &dev->device, &dev->subvendor,
			       &dev->subdevice };
	struct span rest = ident, field;

	for (size_t i = 0; i < 4 && span_next_field(&rest, ':', &field); i++)
		*fields[i] = (uint16_t)hex_of(field);
}

static void device_option(struct fake *fake, struct fake_device *dev, struct span word)
{
	struct span value;

	if (value_of(word, "group", &value))
		dev->group = (int)dec_of(value);
	else if (value_of(word, "boot-vga", &value))
		dev->boot_vga = (int)dec_of(value);
	else if (value_of(word, "header", &value))
		dev->header = (uint8_t)dec_of(value);
	else if (value_of(word, "bar", &value))
		range_of(value, &dev->bar_start, &dev->bar_end);
	else if (value_of(word, "parent", &value))
		dev->parent = fake_find(fake, bdf_of(value));
	else if (value_of(word, "brings", &value))
		dev->brings = hex_of(value);
	else if (value_of(word, "bridge", &value)) {
		dev->header = 1;
		dev->secondary = (uint8_t)hex_of(value);
		dev->has_secondary = true;
	} else if (span_is(word, "no-modalias"))
		dev->has_modalias = false;
	else if (span_is(word, "no-secondary"))
		dev->has_secondary = false;
	else
		fail("unknown word", word);
}

static void add_device(struct fake *fake, struct span rest)
{
	struct fake_device *dev = &fake->devices[fake->device_count];
	struct span address, ident, class, word;

	if (fake->device_count == FAKE_DEVICES || !span_next_word(&rest, &address) ||
	    !span_next_word(&rest, &ident) || !span_next_word(&rest, &class))
		fail("device", rest);
	*dev = (struct fake_device){
		.bdf = bdf_of(address),
		.class = hex_of(class),
		.group = -1,
		.driver = -1,
		.parent = -1,
		.controller = -1,
		.boot_vga = -1,
		.has_modalias = true,
	};
	read_ident(dev, ident);
	while (span_next_word(&rest, &word))
		device_option(fake, dev, word);
	fake->device_count++;
}

static void driver_option(struct fake *fake, struct fake_driver *driver, struct span word)
{
	struct fake_id_list *list = &driver->ids;
	struct span value;

	if (value_of(word, "module", &value)) {
		driver->module = fake_find_module(fake, value);
		if (driver->module < 0)
			fail("unknown module", value);
	} else if (value_of(word, "id", &value)) {
		if (!fake_read_ids(list, value))
			fail("ids", value);
	} else if (value_of(word, "class", &value)) {
		list->ids[list->count++] = (struct id_match){
			.vendor = PCI_ANY,
			.device = PCI_ANY,
			.subvendor = PCI_ANY,
			.subdevice = PCI_ANY,
			.class = hex_of(value),
			.class_mask = 0xffffff,
		};
	} else if (value_of(word, "error", &value)) {
		driver->error = errno_of(value);
	} else if (span_is(word, "drm")) {
		driver->is_drm = true;
	} else {
		fail("unknown word", word);
	}
}

static int add_driver(struct fake *fake, struct span rest)
{
	struct fake_driver *driver = &fake->drivers[fake->driver_count];
	struct span word;

	if (fake->driver_count == FAKE_DRIVERS || !span_next_word(&rest, &word))
		fail("driver", rest);
	*driver = (struct fake_driver){ .module = -1 };
	copy(driver->name, sizeof(driver->name), word);
	while (span_next_word(&rest, &word))
		driver_option(fake, driver, word);
	return (int)fake->driver_count++;
}

static void add_module(struct fake *fake, struct span rest)
{
	struct fake_module *module = &fake->modules[fake->module_count];
	struct span word, value;

	if (fake->module_count == FAKE_MODULES || !span_next_word(&rest, &word))
		fail("module", rest);
	*module = (struct fake_module){ 0 };
	copy(module->name, sizeof(module->name), word);
	while (span_next_word(&rest, &word)) {
		if (value_of(word, "needs", &value))
			copy(module->needs, sizeof(module->needs), value);
		else if (value_of(word, "error", &value))
			module->error = errno_of(value);
		else
			fail("unknown word", word);
	}
	fake->module_count++;
}

static void add_vfio(struct fake *fake, struct span rest)
{
	struct span kind, word, value;
	int driver;

	if (!span_next_word(&rest, &kind))
		fail("vfio", rest);
	if (span_is(kind, "modular")) {
		add_module(fake, SPAN("irqbypass"));
		add_module(fake, SPAN("vfio"));
		add_module(fake, SPAN("vfio_iommu_type1 needs=vfio"));
		add_module(fake, SPAN("vfio-pci-core needs=vfio,irqbypass"));
		add_module(fake, SPAN("vfio-pci needs=vfio-pci-core"));
		driver = add_driver(fake, SPAN("vfio-pci module=vfio-pci"));
	} else {
		driver = add_driver(fake, SPAN("vfio-pci"));
	}
	while (span_next_word(&rest, &word))
		if (value_of(word, "error", &value))
			fake->drivers[driver].error = errno_of(value);
		else if (value_of(word, "refused", &value))
			fake->modules[fake->module_count - 1].error = errno_of(value);
		else if (!value_of(word, "ids", &value) ||
			 !fake_read_ids(&fake->drivers[driver].dynids, value))
			fail("vfio", word);
}

static void add_framebuffer(struct fake *fake, struct span rest)
{
	struct fake_framebuffer *fb = &fake->framebuffer;
	struct span name, driver, range;

	if (!span_next_word(&rest, &name) || !span_next_word(&rest, &driver) ||
	    !span_next_word(&rest, &range))
		fail("framebuffer", rest);
	copy(fb->name, sizeof(fb->name), name);
	copy(fb->driver, sizeof(fb->driver), driver);
	range_of(range, &fb->start, &fb->end);
	fake->boot_base = fb->start;
	fb->is_there = fb->is_bound = true;
}

static void add_file(struct fake *fake, struct span rest)
{
	struct span path;

	if (fake->file_count == FAKE_FILES || !span_next_word(&rest, &path))
		fail("file", rest);
	copy(fake->files[fake->file_count].path, sizeof(fake->files[0].path), path);
	copy(fake->files[fake->file_count].text, sizeof(fake->files[0].text),
	     span_trim(rest));
	fake->file_count++;
}

/* Return: the driver that the line made, or -1. */
static int read_line(struct fake *fake, struct span line)
{
	struct span rest = line, what;

	if (!span_next_word(&rest, &what))
		return -1;
	if (span_is(what, "driver"))
		return add_driver(fake, rest);
	if (span_is(what, "device"))
		add_device(fake, rest);
	else if (span_is(what, "module"))
		add_module(fake, rest);
	else if (span_is(what, "vfio"))
		add_vfio(fake, rest);
	else if (span_is(what, "framebuffer"))
		add_framebuffer(fake, rest);
	else if (span_is(what, "file"))
		add_file(fake, rest);
	else if (span_is(what, "cpu"))
		copy(fake->cpu, sizeof(fake->cpu), span_trim(rest));
	else if (span_is(what, "table"))
		copy(fake->table, sizeof(fake->table), span_trim(rest));
	else if (span_is(what, "udev"))
		fake->has_udev = true;
	else if (span_is(what, "noiommu"))
		fake->allows_noiommu = true;
	else if (span_is(what, "hide-iomem"))
		fake->hides_iomem = true;
	else if (span_is(what, "no-boot-params"))
		fake->lacks_boot_params = true;
	else
		fail("unknown line", line);
	return -1;
}

/* A domain that something brings is not there before. */
static void hide_domain(struct fake *fake, int controller)
{
	uint32_t domain = fake->devices[controller].brings;

	for (unsigned i = 0; domain && i < fake->device_count; i++) {
		struct fake_device *dev = &fake->devices[i];

		if (dev->bdf.domain != domain)
			continue;
		dev->controller = controller;
		dev->is_away = dev->is_gone = true;
	}
}

static void start(struct fake *fake, const char *text)
{
	struct span rest = span_of(text), line;

	fake->io = (struct io){
		.read = fake_read,
		.lines = fake_lines,
		.link = fake_link,
		.list = fake_list,
		.write = fake_write,
		.exists = fake_exists,
		.load = fake_load,
	};
	fake->bringing = -1;
	while (span_next_line(&rest, &line))
		read_line(fake, line);
	for (unsigned i = 0; i < fake->device_count; i++)
		hide_domain(fake, (int)i);
	for (unsigned i = 0; i < fake->driver_count; i++)
		if (fake->drivers[i].module < 0)
			fake_register(fake, (int)i);
	/* What the machine did before us is not held against anyone. */
	for (unsigned i = 0; i < fake->device_count; i++)
		fake->devices[i].host_count = fake->devices[i].came_count = 0;
	fake_forget_calls(fake);
}

struct fake *fake_new(const char *text)
{
	struct fake *fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (fake == MAP_FAILED)
		abort();
	start(fake, text);
	return fake;
}

void fake_free(struct fake *fake)
{
	munmap(fake, sizeof(*fake));
}

void fake_reset(struct fake *fake, const char *text)
{
	memset(fake, 0, offsetof(struct fake, trace));
	fake->violation[0] = '\0';
	fake->has_jump = false;
	fake->on_call = NULL;
	start(fake, text);
}

void fake_add(struct fake *fake, const char *line)
{
	int driver = read_line(fake, span_of(line));

	if (driver >= 0 && fake->drivers[driver].module < 0)
		fake_register(fake, driver);
}

struct fake_device *fake_at(struct fake *fake, const char *address)
{
	int at = fake_find(fake, bdf_of(span_of(address)));

	return at < 0 ? NULL : &fake->devices[at];
}

const char *fake_driver_at(struct fake *fake, const char *address)
{
	const struct fake_device *dev = fake_at(fake, address);

	return !dev || dev->driver < 0 ? "" : fake->drivers[dev->driver].name;
}

const char *fake_override_at(struct fake *fake, const char *address)
{
	const struct fake_device *dev = fake_at(fake, address);

	return dev ? dev->override : "";
}

static bool is_call(const struct fake_call *call, enum fake_op op, const char *path,
		    const char *text)
{
	return call->op == op && strstr(call->path, path) &&
	       (!text || strcmp(call->text, text) == 0);
}

unsigned fake_called(const struct fake *fake, enum fake_op op, const char *path,
		     const char *text)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fake->trace_count; i++)
		count += is_call(&fake->trace[i], op, path, text);
	return count;
}

int fake_when(const struct fake *fake, enum fake_op op, const char *path)
{
	for (unsigned i = 0; i < fake->trace_count; i++)
		if (is_call(&fake->trace[i], op, path, NULL))
			return (int)i;
	return -1;
}

void fake_forget_calls(struct fake *fake)
{
	fake->trace_count = fake->call_count = fake->syscalls = 0;
}
