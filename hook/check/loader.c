// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which boot loader started this machine, and where it has the kernel's command line from.
 * Knows nothing of what parameters mean.
 */
#include <stdlib.h>
#include <string.h>

#include <early-vfio/rules.h>

#include "file.h"
#include "loader.h"

#define EFI_VARIABLES "sys/firmware/efi/efivars/"
/* The vendor of the boot loader interface: https://systemd.io/BOOT_LOADER_INTERFACE/ */
#define LOADER_VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static bool has(struct io *io, const char *path)
{
	return io->exists(io, path + 1) == 0;
}

/* A program, wherever the distribution puts it. */
static bool has_program(struct io *io, const char *name)
{
	static const char *const dirs[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	bool is_found = false;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !is_found; i++) {
		char *path = xformat("%s/%s", dirs[i], name);

		is_found = has(io, path);
		free(path);
	}
	return is_found;
}

/* A text variable of the firmware starts with this: 4 bytes of flags, then UTF-16. */
static bool variable_starts(struct io *io, const char *path, const char *words)
{
	char buf[256];
	ssize_t len = io->read(io, path, buf, sizeof(buf));

	for (size_t i = 0; words[i]; i++)
		if (len < 0 || 4 + 2 * i >= (size_t)len || buf[4 + 2 * i] != words[i])
			return false;
	return true;
}

static bool has_stub(struct io *io)
{
	return variable_starts(io, EFI_VARIABLES "StubInfo" LOADER_VENDOR,
			       "systemd-stub");
}

static bool loader_says(struct io *io, const char *name)
{
	return variable_starts(io, EFI_VARIABLES "LoaderInfo" LOADER_VENDOR, name);
}

/* GRUB names the kernel's file; systemd-boot's entries name the initrd with backslashes. */
static bool cmdline_names(struct span cmdline, const char *name, char path_start)
{
	struct param param;

	while (cmdline_next(&cmdline, &param))
		if (span_is(param.name, name) &&
		    (!path_start ||
		     (param.value.len && param.value.ptr[0] == path_start)))
			return true;
	return false;
}

static bool is_grub(struct io *io, struct span cmdline)
{
	if (loader_says(io, "systemd-boot") || cmdline_names(cmdline, "initrd", '\\'))
		return false;
	if (loader_says(io, "GRUB") || cmdline_names(cmdline, "BOOT_IMAGE", '\0'))
		return true;
	return has(io, "/etc/default/grub") && !has(io, "/etc/kernel/proxmox-boot-uuids");
}

static const char *grub_command(struct io *io)
{
	if (has_program(io, "update-grub"))
		return "update-grub";
	if (has_program(io, "grub2-mkconfig"))
		return "grub2-mkconfig -o /boot/grub2/grub.cfg";
	return "grub-mkconfig -o /boot/grub/grub.cfg";
}

static void set(struct loader *loader, enum loader_kind kind, const char *file,
		const char *command)
{
	loader->kind = kind;
	loader->file = file ? xspan(span_of(file)) : NULL;
	loader->command = command ? xspan(span_of(command)) : NULL;
}

static void set_grub(struct loader *loader, struct io *io)
{
	if (has_program(io, "grubby"))
		set(loader, LOADER_GRUBBY, "/etc/default/grub", NULL);
	else
		set(loader, LOADER_GRUB, "/etc/default/grub", grub_command(io));
}

static char *kernel_install(struct io *io, struct span release)
{
	static const struct {
		const char *before, *behind;
	} places[] = {
		{ "/boot/vmlinuz-", "" },
		{ "/lib/modules/", "/vmlinuz" },
		{ "/usr/lib/modules/", "/vmlinuz" },
	};
	char *path = NULL, *command;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		free(path);
		path = xformat("%s%.*s%s", places[i].before, (int)release.len,
			       release.ptr, places[i].behind);
		if (has(io, path))
			break;
	}
	command = xformat("kernel-install add %.*s %s", (int)release.len, release.ptr,
			  path);
	free(path);
	return command;
}

static void set_unified(struct loader *loader, struct io *io, struct span release)
{
	loader->kind = LOADER_UNIFIED;
	loader->file = xspan(span_of("/etc/kernel/cmdline"));
	if (has_program(io, "mkinitcpio"))
		loader->command = xspan(span_of("mkinitcpio -P"));
	else if (has_program(io, "kernel-install"))
		loader->command = kernel_install(io, release);
	else if (has_program(io, "dracut"))
		loader->command = xformat("dracut --force --uefi --kver %.*s",
					  (int)release.len, release.ptr);
}

/* The entries of the boot loader specification; their one file, or the directory. */
static bool set_entry(struct loader *loader, struct io *io)
{
	static const char *const dirs[] = { "/boot/loader/entries", "/efi/loader/entries",
					    "/boot/efi/loader/entries" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		struct names names;

		if (names_read(io, dirs[i] + 1, &names) == 0 && names.count) {
			loader->kind = LOADER_ENTRY;
			loader->file = names.count == 1 ?
					       xformat("%s/%s", dirs[i], names.items[0]) :
					       xformat("%s/*.conf", dirs[i]);
		}
		names_free(&names);
		if (loader->file)
			return true;
	}
	return false;
}

static void set_systemd(struct loader *loader, struct io *io, struct span release)
{
	static const char file[] = "/etc/kernel/cmdline";

	if (has(io, "/etc/kernel/proxmox-boot-uuids")) {
		set(loader, LOADER_PROXMOX, file, "proxmox-boot-tool refresh");
	} else if (has(io, file)) {
		loader->kind = LOADER_CMDLINE;
		loader->file = xspan(span_of(file));
		loader->command = kernel_install(io, release);
	} else if (!set_entry(loader, io) && loader_says(io, "systemd-boot")) {
		loader->kind = LOADER_CMDLINE;
		loader->file = xspan(span_of(file));
		loader->command = kernel_install(io, release);
	}
}

void loader_find(struct loader *loader, struct io *io, struct span cmdline,
		 struct span release)
{
	*loader = (struct loader){ 0 };
	if (has_stub(io))
		set_unified(loader, io, release);
	else if (is_grub(io, cmdline))
		set_grub(loader, io);
	else
		set_systemd(loader, io, release);
}

void loader_free(struct loader *loader)
{
	free(loader->file);
	free(loader->command);
	*loader = (struct loader){ 0 };
}

/* Words in a shell's assignment have quotes and `=` around them. */
static bool line_has(struct span line, const char *parameter)
{
	size_t len = strlen(parameter);

	if (span_starts(span_trim(line), "#"))
		return false;
	for (size_t i = 0; i + len <= line.len; i++) {
		char before = i ? line.ptr[i - 1] : ' ';
		char behind = i + len < line.len ? line.ptr[i + len] : ' ';

		if (memcmp(line.ptr + i, parameter, len) == 0 &&
		    (is_blank(before) || strchr("\"'=", before)) &&
		    (is_blank(behind) || strchr("\"'", behind)))
			return true;
	}
	return false;
}

static bool file_has(struct io *io, const char *path, const char *parameter)
{
	struct span text, rest, line;
	bool is_found = false;

	if (file_read(io, path + 1, &text))
		return false;
	for (rest = text; span_next_line(&rest, &line);)
		is_found |= line_has(line, parameter);
	free((char *)text.ptr);
	return is_found;
}

bool loader_has(const struct loader *loader, struct io *io, const char *parameter)
{
	return loader->file && file_has(io, loader->file, parameter);
}

/* " in /etc/default/grub, run update-grub, and reboot" behind what is to be done there. */
static char *then_run(const struct loader *loader, const char *what, const char *where)
{
	return xformat("%s %s%s%s%s, and reboot", what, where, loader->file,
		       loader->command ? ", run " : "",
		       loader->command ? loader->command : "");
}

static char *at_file(const struct loader *loader, const char *what)
{
	switch (loader->kind) {
	case LOADER_GRUB:
		return then_run(loader, what, "GRUB_CMDLINE_LINUX_DEFAULT in ");
	case LOADER_ENTRY:
		return then_run(loader, what, "the options line of ");
	case LOADER_UNIFIED:
		if (!loader->command)
			return xformat("%s %s, build the unified kernel image anew, and "
				       "reboot",
				       what, loader->file);
		return then_run(loader, what, "");
	default:
		return then_run(loader, what, "");
	}
}

static char *grubby(const char *option, struct span parameter)
{
	return xformat("run grubby --update-kernel=ALL --%s=\"%.*s\", and reboot", option,
		       (int)parameter.len, parameter.ptr);
}

static char *already(const struct loader *loader, const char *parameter)
{
	return xformat("%s has %s, but this boot had not: %s%s%sreboot", loader->file,
		       parameter, loader->command ? "run " : "",
		       loader->command ? loader->command : "",
		       loader->command ? ", and " : "");
}

char *loader_add(const struct loader *loader, struct io *io, const char *parameter)
{
	char *what, *remedy;

	if (loader->kind == LOADER_UNKNOWN)
		return xformat("boot with %s on the kernel's command line", parameter);
	if (loader_has(loader, io, parameter))
		return already(loader, parameter);
	if (loader->kind == LOADER_GRUBBY)
		return grubby("args", span_of(parameter));
	what = xformat("add %s to", parameter);
	remedy = at_file(loader, what);
	free(what);
	return remedy;
}

char *loader_remove(const struct loader *loader, struct span parameter)
{
	char *what, *remedy;

	if (loader->kind == LOADER_UNKNOWN)
		return xformat("boot without %.*s on the kernel's command line",
			       (int)parameter.len, parameter.ptr);
	if (loader->kind == LOADER_GRUBBY)
		return grubby("remove-args", parameter);
	what = xformat("take %.*s out of", (int)parameter.len, parameter.ptr);
	remedy = at_file(loader, what);
	free(what);
	return remedy;
}
