// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host program reads of a system: mount table, routes, udev's records, the report of
 * this boot, boot loaders, modprobe.d, lists of modules, scripts and a table of the firmware.
 * NUL bytes stand between the files, which lie below a directory of this process; the last one
 * has the rest. Knows nothing of what should be found in them.
 */
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "check/check.h"
#include "fuzz.h"
#include "modules.h"
#include "protect/protect.h"
#include "protect/sysfs.h"

#define DISK "sys/devices/pci0000:00/0000:03:00.0"
#define NIC "sys/devices/pci0000:00/0000:04:00.0"

/* The order is that of the input. */
static const char *const files[] = {
	"proc/self/mountinfo",
	"proc/swaps",
	"proc/cmdline",
	"proc/net/route",
	"proc/net/ipv6_route",
	"run/udev/data/b259:1",
	"etc/kernel/proxmox-boot-uuids",
	"run/early-vfio/report.json",
	"etc/default/grub",
	"etc/kernel/cmdline",
	"boot/loader/entries/x.conf",
	"etc/modprobe.d/vfio.conf",
	"lib/modules/6.12.1/modules.alias",
	"etc/modules",
	"etc/dracut.conf.d/vfio.conf",
	"etc/initramfs-tools/scripts/init-top/vfio",
	"sys/firmware/acpi/tables/DMAR",
};

#define FILES (sizeof(files) / sizeof(files[0]))

/* A disk with a partition, and a network card: what the files may name. */
static const struct {
	const char *path, *text, *link;
} machine[] = {
	{ DISK "/modalias", "pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02\n",
	  NULL },
	{ DISK "/nvme/nvme0/nvme0n1/dev", "259:0\n", NULL },
	{ DISK "/nvme/nvme0/nvme0n1/nvme0n1p1/dev", "259:1\n", NULL },
	{ DISK "/nvme/nvme0/nvme0n1/nvme0n1p1/partition", "1\n", NULL },
	{ NIC "/modalias", "pci:v00008086d00001533sv00008086sd00000001bc02sc00i00\n",
	  NULL },
	{ NIC "/net/eth0/address", "52:54:00:00:00:01\n", NULL },
	{ "sys/bus/pci/devices/0000:03:00.0", NULL,
	  "../../../devices/pci0000:00/0000:03:00.0" },
	{ "sys/bus/pci/devices/0000:04:00.0", NULL,
	  "../../../devices/pci0000:00/0000:04:00.0" },
	{ "sys/class/block/nvme0n1", NULL, "../../../" DISK "/nvme/nvme0/nvme0n1" },
	{ "sys/class/block/nvme0n1p1", NULL,
	  "../../../" DISK "/nvme/nvme0/nvme0n1/nvme0n1p1" },
	{ "sys/dev/block/259:0", NULL, "../../../" DISK "/nvme/nvme0/nvme0n1" },
	{ "sys/dev/block/259:1", NULL, "../../../" DISK "/nvme/nvme0/nvme0n1/nvme0n1p1" },
	{ "sys/class/net/eth0", NULL, "../../../" NIC "/net/eth0" },
};

static char root[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void remove_root(void)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *path_below(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

/* The same, with the directories that it lies in. */
static const char *path_made(const char *name)
{
	char *path = path_below(name);

	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	return path;
}

/* Without a text it is not there. */
static void write_file(const char *name, struct span text)
{
	FILE *file;

	if (!text.len) {
		unlink(path_below(name));
		return;
	}
	file = fopen(path_below(name), "we");
	if (!file)
		abort();
	fwrite(text.ptr, 1, text.len, file);
	fclose(file);
}

static void make_root(struct kernel_io *kernel)
{
	fuzz_directory(root, sizeof(root));
	atexit(remove_root);
	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		if (machine[i].text) {
			path_made(machine[i].path);
			write_file(machine[i].path, span_of(machine[i].text));
		} else if (symlink(machine[i].link, path_made(machine[i].path))) {
			abort();
		}
	for (size_t i = 0; i < FILES; i++)
		path_made(files[i]);
	fuzz_assert(kernel_io_open(kernel, root) == 0, "the root can be opened");
}

static void check_protection_text(struct io *io, struct say *say)
{
	static struct protection protection;
	static char buf[1 << 20];
	struct out out = OUT(buf);
	struct ruleset *set = fuzz_rules();

	protection_find(&protection, io, root, say);
	protection_write(&protection, &out);
	fuzz_assert(!out.overflow, "what is protected fits into an image");
	fuzz_assert(fuzz_is_clean(out_done(&out)), "what is protected can be printed");
	image_read(out_done(&out), SPAN("image"), set);
	for (size_t i = 0; i < set->rule_count; i++)
		fuzz_assert(!set->rules[i].is_faulty, "what is protected can be read");
	protection_free(&protection);
}

static void check_ids_of(struct modprobe *modprobe, struct io *io, struct say *say)
{
	struct config config = { 0 };
	char *options = modprobe_options(modprobe, "vfio_pci");

	modprobe_ids(modprobe, io, &config, say);
	config_check(&config, say);
	config_free(&config);
	free(options);
}

static void find_variants(const struct modprobe *modprobe, struct io *io)
{
	static struct modules modules;
	struct span aliases;

	modules = (struct modules){ .modprobe = modprobe, .sysroot_len = strlen(root) };
	if (file_read(io, "lib/modules/6.12.1/modules.alias", &aliases) == 0) {
		modules_find_variants(&modules, aliases);
		free((char *)aliases.ptr);
	}
	modules_free(&modules);
}

static void check_findings(const struct findings *findings)
{
	static char buf[1 << 20];
	struct out out = OUT(buf);

	findings_print(findings, FINDING_PASS, 80, &out);
	if (!out.overflow)
		fuzz_assert(fuzz_is_clean(out_done(&out)), "findings can be printed");
}

static void run_checks(struct check *check)
{
	static void (*const checks[])(struct check * check) = {
		check_command_line, check_last_boot, check_modprobe,	 check_overrides,
		check_scripts,	    check_remapping, check_module_lists,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](check);
	check_findings(&check->findings);
	findings_free(&check->findings);
}

static void check_loader_of(struct check *check)
{
	char *remedy;

	loader_find(&check->loader, check->io, check->session.cmdline, SPAN("6.12.1"));
	loader_has(&check->loader, check->io, "early-vfio.mode=off");
	remedy = loader_add(&check->loader, check->io, "intel_iommu=on");
	free(remedy);
	remedy = loader_remove(&check->loader, SPAN("vfio-pci.ids=10de:2684"));
	free(remedy);
}

static void read_host(struct check *check, struct span cmdline, struct say *say)
{
	struct io *io = check->io;
	struct name modules;

	check->sysroot = root;
	check->has_bus = true;
	check->session.inv = (struct inventory *)fuzz_bench_inventory();
	check->session.set = fuzz_rules();
	check->session.cmdline = cmdline;
	cmdline_read(cmdline, check->session.set);
	check_loader_of(check);
	if (modprobe_open(&check->generate.modprobe, root,
			  name_of(&modules, "%s/lib/modules/6.12.1", root)) == 0) {
		check_ids_of(&check->generate.modprobe, io, say);
		find_variants(&check->generate.modprobe, io);
	}
	run_checks(check);
	modprobe_close(&check->generate.modprobe);
	loader_free(&check->loader);
	check_protection_text(io, say);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kernel_io kernel;
	static struct check check;
	struct span rest = { (const char *)data, size }, cmdline = SPAN("");
	char *said = NULL;
	size_t said_len = 0;
	FILE *stream = open_memstream(&said, &said_len);
	struct say say;

	if (!kernel.io.read)
		make_root(&kernel);
	for (size_t i = 0; i < FILES; i++) {
		struct span text = i == FILES - 1 ? rest : fuzz_text(&rest);

		write_file(files[i], text);
		if (strcmp(files[i], "proc/cmdline") == 0)
			cmdline = text;
	}
	say_open(&say, stream);
	memset(&check, 0, sizeof(check));
	check.session.kernel = kernel;
	check.io = &kernel.io;
	read_host(&check, cmdline, &say);
	say_to(&say, NULL);
	fclose(stream);
	fuzz_assert(fuzz_is_clean((struct span){ said, said_len }),
		    "what is said can be printed");
	free(said);
	return 0;
}
